"""Where text comes from: one module for each platform; the folder is the registry.

A module that offers the names of `Platform` is a platform. Modules are asked in the order of
their ``PRIORITY``, the least first; `generic` answers for every web address and comes last.
"""

from __future__ import annotations

import importlib
import pkgutil
from datetime import datetime
from functools import cache
from typing import Protocol, cast

from crawler.outcomes import NotAnArticle
from crawler.urls import Address, canonical_url
from data.records import Document, Kind

__all__ = ["Address", "Platform", "canonical_url", "extract", "fetch_url", "platform_of", "platforms", "recognise"]


class Platform(Protocol):
    """What a module of this package offers.

    ``MARKS`` are strings of which any one in a page's HTML shows the platform behind a host that
    is not its own; a platform that is met on its own hosts only has none.
    """

    NAME: str
    KIND: Kind
    PRIORITY: int
    MARKS: tuple[str, ...]

    def recognise(self, url: str) -> Address | None:
        """The address of the article or list behind ``url``, or None where it is another's."""

    def fetch_url(self, address: Address) -> str:
        """What to request so as to receive a page that `extract` reads."""

    def extract(self, url: str, html: str, fetched_at: datetime | None = None) -> Document:
        """The document on the page, or one of `crawler.outcomes`."""


@cache
def platforms() -> tuple[Platform, ...]:
    """Every platform, the most particular first."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    found = [cast(Platform, importlib.import_module(f"{__name__}.{name}")) for name in names]
    return tuple(sorted(found, key=lambda platform: (platform.PRIORITY, platform.NAME)))


def recognise(url: str) -> Address | None:
    """The address behind ``url`` on whatever platform; None where it is no web address."""
    for platform in platforms():
        address = platform.recognise(url)
        if address:
            return address
    return None


def platform_of(url: str, html: str) -> Platform:
    """The platform that reads this page: by its URL, else by its markup, else `generic`."""
    *particular, generic = platforms()
    for platform in particular:
        if platform.recognise(url):
            return platform
    return next((p for p in particular if any(mark in html for mark in p.MARKS)), generic)


def fetch_url(address: Address) -> str:
    """What to request for ``address``."""
    by_name = {platform.NAME: platform for platform in platforms()}
    return by_name[address.platform].fetch_url(address)


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    """Read one page. ``fetched_at`` bounds its dates and gives '3분 전' a meaning."""
    if canonical_url(url) is None:
        raise NotAnArticle(f"no web address: {url[:200]}")
    return platform_of(url, html).extract(url, html, fetched_at)
