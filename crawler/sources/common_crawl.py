"""Common Crawl: which of its monthly crawls met the event's addresses, and where in their files the pages lie.

Three kinds of list hang on each other: the list of crawls, the number of pages that an index has for an
address pattern, and each such page, one JSON object a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crawler.asking import prefixes, words_in_address
from crawler.captures import ranged
from crawler.dates import day_in_url
from crawler.lists import Answer, Ask, Entry, Listing, SlowDown, TornAnswer, json_of, page_of
from data.events import Event
from data.records import KST, Lead

NAME = "common_crawl"
BY_DEFAULT = False
KEYS: tuple[tuple[str, ...], ...] = ()
CRAWLS = "https://index.commoncrawl.org/collinfo.json"
# A crawl takes about two weeks and comes every one or two months; blog posts are met for months after.
REACH, MOST_CRAWLS = timedelta(days=120), 4
# A page of the index holds up to 15,000 captures (5 blocks of 3,000); a pattern over a whole domain such
# as tistory.com has hundreds of pages in each crawl.
MOST_PAGES = 300
_WEEK = re.compile(r"CC-MAIN-(\d{4})-(\d{2})")


def leads(event: Event, now: datetime) -> list[Lead]:
    return [Lead(CRAWLS, NAME, "event", role=NAME)] if event.sources.archived else []


def standing(lead: Lead) -> bool:
    """New crawls come; what one of them holds stays."""
    return lead.url == CRAWLS


def request(lead: Lead) -> Ask:
    return Ask(lead.url)


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    if answer.status == 404 and b"No Captures found" in answer.body:
        return Listing()
    if answer.status in (403, 503):
        raise SlowDown(f"Common Crawl's index answered HTTP {answer.status}: the next crawl goes on here")
    body = page_of(answer)
    if lead.url == CRAWLS:
        return Listing(more=tuple(_questions(event, json_of(body), answer.fetched_at)))
    if "showNumPages=true" in lead.url:
        return _pages(lead, json_of(body))
    return Listing(tuple(_entries(body, answer.fetched_at)))


def _questions(event: Event, crawls: Any, now: datetime) -> Iterator[Lead]:
    first, last = event.starts.astimezone(KST).date(), (event.ends + REACH).astimezone(KST).date()
    spans = sorted((span, item["cdx-api"]) for item in crawls if "cdx-api" in item and (span := _span(item)))
    fitting = [api for (begins, ends), api in spans if begins <= last and ends >= first]
    for api in fitting[:MOST_CRAWLS]:
        for prefix in prefixes(event, now):
            yield _lead(f"{api}?{_query(event, prefix)}&showNumPages=true", CRAWLS)


def _span(item: dict[str, Any]) -> tuple[date, date] | None:
    """From and to as stated; from its id else, whose week (ISO) lies about the end of the crawl."""
    if "from" in item and "to" in item:
        return date.fromisoformat(item["from"][:10]), date.fromisoformat(item["to"][:10])
    week = _WEEK.fullmatch(item.get("id", ""))
    if week is None:
        return None
    monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
    return monday - timedelta(days=14), monday + timedelta(days=14)


def _query(event: Event, prefix: str) -> str:
    asked = [("url", prefix), ("output", "json"), ("filter", "=status:200"), ("filter", "mime:html")]
    if prefix.startswith("*."):
        asked.append(("filter", f"~url:{words_in_address(event)}"))
    return urlencode(asked)


def _pages(lead: Lead, told: Any) -> Listing:
    count = int(told.get("pages", 0)) if isinstance(told, dict) else 0
    base = lead.url.removesuffix("&showNumPages=true")
    more = tuple(_lead(f"{base}&page={number}", lead.url) for number in range(min(count, MOST_PAGES)))
    cut = f"only {MOST_PAGES} of the index's {count} pages are asked for" if count > MOST_PAGES else None
    return Listing(more=more, cut=cut)


def _entries(body: bytes, fetched_at: datetime) -> Iterator[Entry]:
    for line in body.splitlines():
        if line.strip():
            row = json_of(line)
            if not isinstance(row, dict) or not {"url", "filename", "offset", "length"} <= row.keys():
                raise TornAnswer("a line of the index names no place in a file")
            place = ranged(row["filename"], int(row["offset"]), int(row["length"]))
            yield Entry(row["url"], day_in_url(row["url"], fetched_at), fetch_from=place)


def _lead(url: str, found_on: str) -> Lead:
    return Lead(url, NAME, NAME, found_on, NAME)
