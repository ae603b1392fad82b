"""Where text comes from: one module for each platform; the folder is the registry.

A module that offers the names of `Platform` is a platform. Modules are asked in the order of
their ``PRIORITY``, the least first; `generic` answers for every web address and comes last.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Protocol, cast

from crawler.extract import page_addresses, parse
from crawler.facts import facts
from crawler.outcomes import NotAnArticle
from crawler.urls import Address, canonical_url, one_site
from data.records import Document, Kind

__all__ = ["Address", "Platform", "canonical_url", "extract", "fetch_url", "platform_of", "platforms", "recognise"]


_LAST = "generic"
_NUMBERS = re.compile(r"\d{4,}")
_DAY = re.compile(r"(?:19|20)\d{2}(?:\d{2}){0,2}")  # a year, a month or a day is many articles' number


class Platform(Protocol):
    """What a module of this package offers.

    ``MARKS`` are strings of which any one in a page's HTML shows the platform behind a host that
    is not its own; a platform that is met on its own hosts only has none. One that has some may offer
    ``by_markup(url)`` too: the address on a host that only the markup shows to be the platform's.
    ``EXPECTS``, where it is there, says what its pages are expected to give (see `crawler.contracts`).
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
    platform = platform_of(url, html)
    document = platform.extract(url, html, fetched_at)
    if document.published is None and not document.refused_dates:
        document = replace(document, refused_dates=facts(parse(url, html)).refused(fetched_at))
    own = _own_address(platform, document, html)
    return replace(document, url=own.url, native_id=own.native_id) if own else document


def _own_address(platform: Platform, document: Document, html: str) -> Address | None:
    """What the page calls its own address (canonical link, og:url), where that is the same article on the same
    site: the bare host and www., a post's number and its title, a newspaper's sections fall on one so.
    Never an alias, such as Daum's short code, from which the article's id cannot be told."""
    by_markup = getattr(platform, "by_markup", platform.recognise)
    for url in page_addresses(html):
        own: Address | None = platform.recognise(url) or by_markup(url)
        if own and not (own.is_list or own.is_alias) and one_site(own.url, document.url) and _same(document, own):
            return own
    return None


def _same(document: Document, own: Address) -> bool:
    """Whether two addresses name one article: a template's fixed canonical link must not make many pages one.

    Ids end alike, or a Tistory post is told by its number and by its title. On a site of no known platform a
    running number has to be in both, or the same title with nothing but a query cut off.
    """
    ours, theirs = (native_id.rpartition("/")[2] for native_id in (document.native_id, own.native_id))
    if ours == theirs:
        return True
    if document.platform != own.platform or document.platform != _LAST:
        return "/entry/" in document.native_id + own.native_id and ours.isdecimal() != theirs.isdecimal()
    numbers = [number for number in _NUMBERS.findall(document.native_id) if not _DAY.fullmatch(number)]
    if numbers:
        return max(numbers, key=len) in _NUMBERS.findall(own.native_id)
    return bool(re.search("[-%]", theirs)) and ours.partition("?")[0] == theirs
