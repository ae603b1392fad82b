"""Naver's search for blogs and news, by the Open API (until 2027-06-30) or by NAVER API HUB, which follows it.

Both answer with the same fields. A question reaches ``start`` 1,000 at most and has no date filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawler import sources
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

NAME = "naver_search"
BY_DEFAULT = True
HUB_KEYS = ("NAVER_API_HUB_KEY_ID", "NAVER_API_HUB_KEY")
OPEN_KEYS = ("NAVER_CLIENT_ID", "NAVER_CLIENT_SECRET")
KEYS = (HUB_KEYS, OPEN_KEYS)
HUB = "https://naverapihub.apigw.ntruss.com/search/v1/"
OPEN = "https://openapi.naver.com/v1/search/"
KINDS = ("news", "blog")
DISPLAY, LAST_START = 100, 1000

# Where an item's own address and date stand. originallink is the outlet's page; n.news would be the portal's.
ADDRESSES = ("originallink", "link")
DATES = ("pubDate", "postdate")
# Error codes of the Open API and of the gateway in front of NAVER API HUB.
QUOTA = frozenset(("010", "400"))
PACE = frozenset(("012", "410", "420"))
KEY = frozenset(("024", "028", "200", "210"))
QUERY = frozenset(("SE01", "SE02", "SE03", "SE04", "SE06"))


def leads(event: Event, now: datetime) -> list[Lead]:
    hub = sources.door(_here()) == HUB_KEYS
    sort = "date" if newest_first(event, now) else "sim"
    return [_lead(_address(kind, query, sort, 1, hub), None) for query in queries(event) for kind in KINDS]


def standing(lead: Lead) -> bool:
    return True


def request(lead: Lead) -> Ask:
    if lead.url.startswith(HUB):
        keys = {"X-NCP-APIGW-API-KEY-ID": "{NAVER_API_HUB_KEY_ID}", "X-NCP-APIGW-API-KEY": "{NAVER_API_HUB_KEY}"}
    else:
        keys = {"X-Naver-Client-Id": "{NAVER_CLIENT_ID}", "X-Naver-Client-Secret": "{NAVER_CLIENT_SECRET}"}
    return Ask(lead.url, {"Accept-Encoding": "identity"}, keys)


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    """Items in the service's order; the next page unless this is the last, or all is older than the event."""
    found = service_answer(answer, _refusal)
    items = found.get("items")
    if not isinstance(items, list):
        raise TornAnswer("the answer has no items")
    entries = tuple(_entries(items, answer.fetched_at))
    return Listing(entries, tuple(_next(event, lead, entries, len(items), found.get("total"))))


def _code(found: Any) -> str:
    """The error code, in the Open API's form or in the gateway's."""
    inner = found.get("error", found) if isinstance(found, dict) else {}
    return str(inner.get("errorCode", "")) if isinstance(inner, dict) else ""


def _refusal(status: int, told: Any) -> Exception:
    code = _code(told)
    if code in QUOTA and status == 429:
        return QuotaUsed("the key's calls for today are used up (25,000 a day): the next crawl goes on here")
    if status == 429 or code in PACE:
        return SlowDown("Naver asks for a slower pace: the next crawl goes on here")
    if status in (401, 403) or code in KEY:
        return BadKey(f"Naver refuses the key (HTTP {status}): check it, and that the search API is switched on for it")
    if code in QUERY:
        return BadQuery(f"Naver does not take this question ({code})")
    return NoSuchList(status)


def _entries(items: list[Any], fetched_at: datetime) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, dict) and (url := next((item[name] for name in ADDRESSES if item.get(name)), None)):
            stated = next((item[name] for name in DATES if item.get(name)), None)
            yield Entry(str(url), parse_date(stated, "search", fetched_at))


def _next(event: Event, lead: Lead, entries: tuple[Entry, ...], count: int, total: Any) -> Iterator[Lead]:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(lead.url).query).items()}
    start = int(asked["start"]) + DISPLAY
    dates = [entry.dated.at for entry in entries if entry.dated]
    too_old = asked["sort"] == "date" and dates and dates[-1] < event.starts
    if count == DISPLAY and start <= min(LAST_START, int(total or 0)) and not too_old:
        yield _lead(re.sub(r"(?<=[?&]start=)\d+", str(start), lead.url), lead.url)


def _address(kind: str, query: str, sort: str, start: int, hub: bool) -> str:
    asked = {"query": query, "display": DISPLAY, "start": start, "sort": sort}
    return f"{HUB}{kind}?{urlencode(asked | {'format': 'json'})}" if hub else f"{OPEN}{kind}.json?{urlencode(asked)}"


def _lead(url: str, found_on: str | None) -> Lead:
    return Lead(url, NAME, NAME if found_on else "event", found_on, NAME)


def _here() -> sources.Source:
    return sources.sources()[NAME]
