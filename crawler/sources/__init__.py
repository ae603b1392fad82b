"""How pages are found: one module for each kind of list; the folder is the registry.

A module that offers the names of `Source` is a source. Its ``NAME`` is the ``role`` of its lists in the
frontier and the ``found_by`` of the pages they name.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from datetime import datetime
from functools import cache
from typing import Protocol, cast

from crawler.lists import Answer, Ask, Listing
from data.events import Event
from data.records import Lead


class Source(Protocol):
    """What a module of this package offers.

    ``BY_DEFAULT``: asked in every crawl; the others when they are named. ``KEYS``: sets of environment
    variables, any one of which opens the source; empty where no key is asked for.
    """

    NAME: str
    BY_DEFAULT: bool
    KEYS: tuple[tuple[str, ...], ...]

    def leads(self, event: Event, now: datetime) -> list[Lead]:
        """The lists to begin with."""

    def standing(self, lead: Lead) -> bool:
        """Whether the list may say something new at the next crawl; a list of a day long past does not."""

    def request(self, lead: Lead) -> Ask:
        """What to ask for a list."""

    def read(self, event: Event, lead: Lead, answer: Answer) -> Listing:
        """What the list names. Raises a `crawler.lists.ListRefused` outcome."""


@cache
def sources() -> dict[str, Source]:
    """Every source by its name."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    found = [cast(Source, importlib.import_module(f"{__name__}.{name}")) for name in names]
    return {source.NAME: source for source in found}


def keyless(source: Source) -> bool:
    """Whether a source asks for a key and none of its keys is in the environment."""
    return bool(source.KEYS) and not any(all(os.environ.get(name) for name in door) for door in source.KEYS)


def door(source: Source) -> tuple[str, ...]:
    """The first set of keys that the environment holds; empty without one."""
    return next((names for names in source.KEYS if all(os.environ.get(name) for name in names)), ())
