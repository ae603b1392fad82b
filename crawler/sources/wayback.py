"""The Wayback Machine's index (its CDX server): the first capture of each address since the event began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crawler.asking import prefixes, words_in_address
from crawler.captures import replayed
from crawler.dates import day_in_url
from crawler.lists import Answer, Ask, Entry, Listing, SlowDown, TornAnswer, json_of, page_of
from data.events import Event
from data.records import Lead

NAME = "wayback"
BY_DEFAULT = False
KEYS: tuple[tuple[str, ...], ...] = ()
INDEX = "https://web.archive.org/cdx/search/cdx"
# A post may be captured long after it was written; a year later it is found elsewhere or not at all.
REACH = timedelta(days=365)
# Captures in one answer, and answers for one pattern: 100,000 captures, 28 hours of fetching.
ROWS, MOST_PAGES = 1000, 100
_NUMBER = re.compile(r"#page=(\d+)$")


def leads(event: Event, now: datetime) -> list[Lead]:
    return [Lead(f"{INDEX}?{_query(event, prefix, now)}", NAME, "event", role=NAME) for prefix in prefixes(event, now)]


def standing(lead: Lead) -> bool:
    """A running event's question ends today, so each day asks anew by itself."""
    return False


def request(lead: Lead) -> Ask:
    return Ask(lead.url.partition("#")[0])


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    if answer.status in (429, 503, 504):
        raise SlowDown(f"the Wayback Machine answered HTTP {answer.status}: the next crawl goes on here")
    body = page_of(answer).strip()
    rows = _rows(body) if body else []
    key = rows.pop()[0] if len(rows) > 1 and len(rows[-1]) == 1 else None
    entries = tuple(_entries([row for row in rows if row], answer.fetched_at))
    return _listing(lead, entries, key)


def _rows(body: bytes) -> list[Any]:
    rows = json_of(body)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise TornAnswer("the index's answer is no table")
    return rows


def _entries(rows: list[list[str]], fetched_at: datetime) -> Iterator[Entry]:
    for row in rows[1:]:
        fields = dict(zip(rows[0], row, strict=False))
        stamp, url = fields.get("timestamp", ""), fields.get("original", "")
        if not re.fullmatch(r"\d{14}", stamp) or not url:
            raise TornAnswer("a row of the index has no time or no address")
        yield Entry(url, day_in_url(url, fetched_at), fetch_from=replayed(stamp, url))


def _listing(lead: Lead, entries: tuple[Entry, ...], key: str | None) -> Listing:
    if key is None:
        return Listing(entries)
    number = _NUMBER.search(lead.url)
    following = int(number[1]) + 1 if number else 2
    if following > MOST_PAGES:
        return Listing(entries, cut=f"only {MOST_PAGES * ROWS:,} captures of this pattern are asked for")
    base = re.sub(r"&resumeKey=[^&]*$", "", lead.url.partition("#")[0])
    url = f"{base}&{urlencode({'resumeKey': key})}#page={following}"
    return Listing(entries, (Lead(url, NAME, NAME, lead.url, NAME),))


def _query(event: Event, prefix: str, now: datetime) -> str:
    """``collapse=urlkey`` keeps the first capture of each address: the nearest to when it was written."""
    first, last = event.starts.astimezone(UTC), min(event.ends + REACH, now).astimezone(UTC)
    whole = prefix.startswith("*.")
    asked = [
        ("url", prefix.removeprefix("*.") if whole else prefix.removesuffix("*")),
        ("matchType", "domain" if whole else "prefix"),
        ("from", f"{first:%Y%m%d}"), ("to", f"{last:%Y%m%d}"),
        ("filter", "statuscode:200"), ("filter", "mimetype:text/html"), ("collapse", "urlkey"),
        ("output", "json"), ("fl", "timestamp,original"), ("limit", str(ROWS)), ("showResumeKey", "true"),
    ]  # fmt: skip
    if whole:
        asked.append(("filter", f"original:{words_in_address(event)}"))
    return urlencode(asked)
