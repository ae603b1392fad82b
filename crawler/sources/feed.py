"""RSS and Atom feeds, named by the event file. They hold the latest items, so they watch a running event."""

from __future__ import annotations

from datetime import datetime

from crawler import feeds
from crawler.lists import Answer, Ask, Listing, page_of
from data.events import Event
from data.records import Lead

NAME = "feed"
BY_DEFAULT = True
KEYS: tuple[tuple[str, ...], ...] = ()


def leads(event: Event, now: datetime) -> list[Lead]:
    return [Lead(url, "generic", "event", role=NAME) for url in event.sources.feeds]


def standing(lead: Lead) -> bool:
    return True


def request(lead: Lead) -> Ask:
    return Ask(lead.url)


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    found = feeds.entries(answer.url, page_of(answer), answer.content_type, answer.fetched_at)
    return Listing(tuple(found), may_be_empty=False)
