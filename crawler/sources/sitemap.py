"""Sitemaps and sitemap indexes, named by the event file. Their date is the last change, not the publication."""

from __future__ import annotations

from datetime import datetime

from crawler.sources.feed import read, request, standing
from data.events import Event
from data.records import Lead

__all__ = ["BY_DEFAULT", "KEYS", "NAME", "leads", "read", "request", "standing"]

NAME = "sitemap"
BY_DEFAULT = True
KEYS: tuple[tuple[str, ...], ...] = ()


def leads(event: Event, now: datetime) -> list[Lead]:
    return [Lead(url, "generic", "event", role=NAME) for url in event.sources.sitemaps]
