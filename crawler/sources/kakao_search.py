"""Kakao's search of Daum for blogs and web pages: 50 pages of 50, no date filter. It finds Tistory on own domains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawler.asking import newest_first, queries
from crawler.dates import parse_date
from crawler.lists import (
    Answer,
    Ask,
    BadKey,
    BadQuery,
    Entry,
    Listing,
    NoSuchList,
    QuotaUsed,
    SlowDown,
    TornAnswer,
    service_answer,
)
from data.events import Event
from data.records import Lead

NAME = "kakao_search"
BY_DEFAULT = True
KEYS = (("KAKAO_REST_API_KEY",),)
BASE = "https://dapi.kakao.com/v2/search/"
KINDS = ("blog", "web")
SIZE, LAST_PAGE = 50, 50
OVER_QUOTA = -10  # with HTTP 400, though the question is good


def leads(event: Event, now: datetime) -> list[Lead]:
    sort = "recency" if newest_first(event, now) else "accuracy"
    asked = [{"query": query, "sort": sort, "page": 1, "size": SIZE} for query in queries(event)]
    return [_lead(f"{BASE}{kind}?{urlencode(one)}", None) for one in asked for kind in KINDS]


def standing(lead: Lead) -> bool:
    return True


def request(lead: Lead) -> Ask:
    return Ask(lead.url, {"Accept-Encoding": "identity"}, {"Authorization": "KakaoAK {KAKAO_REST_API_KEY}"})


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    """Documents in the service's order; the next page unless the service or the period ends here."""
    found = service_answer(answer, _refusal)
    items, meta = found.get("documents"), found.get("meta")
    if not isinstance(items, list) or not isinstance(meta, dict):
        raise TornAnswer("the answer has no documents")
    entries = tuple(_entries(items, answer.fetched_at))
    return Listing(entries, tuple(_next(event, lead, entries, meta)))


def _refusal(status: int, told: Any) -> Exception:
    if isinstance(told, dict) and told.get("code") == OVER_QUOTA:
        return QuotaUsed("the key's calls are used up (30,000 a day and kind): the next crawl goes on here")
    if status == 429:
        return SlowDown("Kakao asks for a slower pace: the next crawl goes on here")
    if status in (401, 403):
        return BadKey(f"Kakao refuses the key (HTTP {status}): check that it is the REST API key of your application")
    return BadQuery("Kakao does not take this question") if status == 400 else NoSuchList(status)


def _entries(items: list[Any], fetched_at: datetime) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, dict) and item.get("url"):
            yield Entry(str(item["url"]), parse_date(item.get("datetime"), "search", fetched_at))


def _next(event: Event, lead: Lead, entries: tuple[Entry, ...], meta: dict[str, Any]) -> Iterator[Lead]:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(lead.url).query).items()}
    page = int(asked["page"])
    dates = [entry.dated.at for entry in entries if entry.dated]
    too_old = asked["sort"] == "recency" and dates and dates[-1] < event.starts
    # Past pageable_count the last page comes again.
    ended = meta.get("is_end", True) or page * SIZE >= int(meta.get("pageable_count") or 0)
    if not ended and not too_old and page < LAST_PAGE:
        yield _lead(re.sub(r"(?<=[?&]page=)\d+", str(page + 1), lead.url), lead.url)


def _lead(url: str, found_on: str | None) -> Lead:
    return Lead(url, NAME, NAME if found_on else "event", found_on, NAME)
