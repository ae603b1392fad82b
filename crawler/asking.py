"""What an event asks the lists for: narrow questions, and addresses by date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import quote

from data.events import Event
from data.records import KST

# A search service shows the first 1,000 (Naver) or 2,500 (Kakao) hits of a question and cannot be asked for
# dates, so reach comes from many narrow questions. 250 questions to two kinds of Naver search are at
# most 250 × 2 × 10 = 5,000 of the 25,000 calls a key has a day, and 25,000 of Kakao's 50,000.
MOST_QUERIES = 250
# While an event runs, and for as long after, the newest hits are asked for; later only the most fitting
# ones reach back to it.
NEWEST_FIRST_FOR = timedelta(days=30)


def queries(event: Event) -> tuple[str, ...]:
    """The event's own questions, then each service's and company's name with each search term, in the file's order.

    The same file always gives the same questions; what is over MOST_QUERIES is left out at the end.
    """
    asked = dict.fromkeys([*event.queries, *_pairs(event)])
    return tuple(asked)[:MOST_QUERIES]


def _pairs(event: Event) -> Iterator[str]:
    for term in event.sources.search_terms:
        for target in event.targets:
            if target.kind != "body":  # a government is named with everything
                yield f"{target.label} {term}"


def newest_first(event: Event, now: datetime) -> bool:
    return now <= event.ends + NEWEST_FIRST_FOR


def days(event: Event, now: datetime) -> list[date]:
    """The days (KST) of the event's period that are over, so that a list of one is complete."""
    first = event.starts.astimezone(KST).date()
    last = min(event.ends.astimezone(KST).date(), now.astimezone(KST).date() - timedelta(days=1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def filled(template: str, day: date) -> str:
    """An address with a day in place of {yyyymmdd}, {yyyymm}, {yyyy}, {mm} and {dd}; {page} stays."""
    parts = {"{yyyymmdd}": "%Y%m%d", "{yyyymm}": "%Y%m", "{yyyy}": "%Y", "{mm}": "%m", "{dd}": "%d"}
    for name, code in parts.items():
        template = template.replace(name, day.strftime(code))
    return template


def prefixes(event: Event, now: datetime) -> tuple[str, ...]:
    """The archived addresses to look for, each once however many days fall on it."""
    span = days(event, now)
    return tuple(dict.fromkeys(filled(template, day) for template in event.sources.archived for day in span))


def words_in_address(event: Event) -> str:
    """A pattern for addresses that hold one of the event's words, as both archives' indexes take it."""
    words = "|".join(quote(word) for word in event.sources.archived_words)
    return f"(?i).*({words}).*"
