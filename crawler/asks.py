"""What is requested for a lead, and how: a page at its own address or in an archive, a list as its source says."""

from __future__ import annotations

import os
from string import Formatter
from typing import Any

from crawler.captures import is_capture, range_header
from crawler.lists import Ask
from crawler.reading import fetch_url
from crawler.sources import sources
from data.records import Lead

# Statuses of a list that its source reads, since their bodies say what is wrong; redirects are followed.
READ_BY_SOURCE = range(400, 600)


def of_page(lead: Lead) -> Ask:
    place = lead.fetch_from or fetch_url(lead.url)
    return Ask(place.partition("#")[0], range_header(place))


def of_list(lead: Lead) -> Ask:
    return sources()[lead.role].request(lead)


def meta(lead: Lead, ask: Ask) -> dict[str, Any]:
    """Scrapy's meta: a capture that redirects is not followed, and a key never travels to another address."""
    if lead.role == "page":
        return {"dont_redirect": True} if is_capture(lead.fetch_from) else {}
    found: dict[str, Any] = {"handle_httpstatus_list": READ_BY_SOURCE}
    return found | {"ask": ask, "dont_obey_robotstxt": True, "dont_redirect": True} if ask.keys else found


def has_keys(ask: Ask) -> bool:
    """Whether the environment fills every key of an ask."""
    names = [name for value in ask.keys.values() for _, name, _, _ in Formatter().parse(value) if name]
    return all(os.environ.get(name) for name in names)
