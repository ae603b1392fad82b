"""From bytes to a judged document: the one road that crawl, import and replay share."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from functools import cache
from pathlib import Path

from crawler import platforms
from crawler.decode import decode
from crawler.extract import robots_meta
from crawler.outcomes import LayoutChanged, Mojibake, NotAnArticle, Unreadable
from data.events import Event
from data.finders import save_citations
from data.records import Document, Lead, Problem, Snapshot, Verdict
from data.relevance import judge
from data.store import Store

# Links of a document that are kept: each is a row and is shown to every platform. The bodies of 23 saved articles point
# to 6 addresses at most, those of the demo web to 2; a page of more is a list in disguise.
MOST_LINKS = 1_000
NAMES: dict[type[Exception], str] = {
    NotAnArticle: "not_an_article",
    LayoutChanged: "layout_changed",
    Mojibake: "mojibake",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A document read from a page, what the event makes of it, and what the page asks of robots."""

    document: Document
    verdict: Verdict
    robots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A page with the address that led to it and the bytes it was read from: ready to be stored."""

    lead: Lead
    snapshot: Snapshot
    page: Page


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came, archived already: the address that led to it, and what is needed to read it."""

    lead: Lead
    snapshot: Snapshot
    url: str
    body: bytes
    content_type: str | None


def take(store: Store, event: Event, run_id: int, fetched: Fetched) -> Counter[str]:
    """Read a fetched page and store what came of it, a document or a refusal; return what is to be counted."""
    counts: Counter[str] = Counter()
    lead, snapshot = fetched.lead, fetched.snapshot
    try:
        page = read(event, fetched.url, fetched.body, fetched.content_type, snapshot.fetched_at)
    except Unreadable as error:
        refuse(store, event, run_id, lead, problem(error, "read", lead.url, lead.platform), "refused", counts, snapshot)
        return counts
    if "noindex" in page.robots:
        refuse(store, event, run_id, lead, noindex(lead.url, lead.platform), "refused", counts, snapshot)
    else:
        save(store, event, run_id, Found(lead, snapshot, page), counts)
    return counts


def refuse(
    store: Store,
    event: Event,
    run_id: int,
    lead: Lead,
    why: Problem,
    state: str,
    counts: Counter[str],
    snapshot: Snapshot | None = None,
) -> None:
    """Store and count that an address gave no document. ``state``: refused or failed."""
    count(counts, why)
    store.save_refusal(event.id, run_id, snapshot, lead, why, state)


def save(store: Store, event: Event, run_id: int, found: Found, counts: Counter[str]) -> None:
    """Store what was found in one transaction and count it: as new, unchanged, or set aside."""
    document, verdict = found.page.document, found.page.verdict
    reader = reader_sha256(document.platform)
    with store.transaction():
        changed = store.save_page(event.id, run_id, found.snapshot, document, verdict, found.lead, reader)
        save_citations(store, document.id, _cited(document))
    counts["documents" if changed else "documents_unchanged"] += 1
    counts["set_aside"] += not verdict.belongs


def _cited(document: Document) -> Iterator[tuple[int, str]]:
    for position, link in enumerate(document.links):
        if (address := platforms.recognise(link)) and not address.is_list:
            yield position, address.url


def read(event: Event, url: str, body: bytes, content_type: str | None, fetched_at: datetime) -> Page:
    """Decode, extract and judge one page. Raises an :class:`Unreadable` outcome."""
    return read_html(event, url, decode(body, charset_of(content_type)).text, fetched_at)


def read_html(event: Event, url: str, html: str, fetched_at: datetime) -> Page:
    """Extract and judge a page that is decoded already. Raises an :class:`Unreadable` outcome."""
    return judged(event, platforms.extract(url, html, fetched_at), frozenset(robots_meta(html)))


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header, if there is one."""
    message = Message()
    message["content-type"] = content_type or ""
    return message.get_content_charset()


def judged(event: Event, document: Document, robots: frozenset[str] = frozenset()) -> Page:
    """What the event makes of a document, of whose links the first MOST_LINKS are kept."""
    kept = replace(document, links=document.links[:MOST_LINKS]) if len(document.links) > MOST_LINKS else document
    return Page(kept, judge(event, kept), robots)


def problem(error: Unreadable, stage: str, url: str, platform: str | None = None) -> Problem:
    """An outcome as the row that makes it visible."""
    name = next((name for kind, name in NAMES.items() if isinstance(error, kind)), "unreadable")
    return Problem(stage, name, str(error), url, platform)


def noindex(url: str, platform: str | None) -> Problem:
    """That a page's own robots mark keeps it out of the store."""
    return Problem("read", "noindex", "the page asks robots not to index it", url, platform)


def count(counts: Counter[str], why: Problem) -> None:
    """A problem counts once among all and once under its outcome."""
    counts["problems"] += 1
    counts[f"problem_{why.outcome}"] += 1


def lead(url: str, found_by: str, found_on: str | None = None) -> Lead | None:
    """The lead to the article behind ``url``, on its canonical address; None for a list and for no web address.

    It is fetched as it was given where the platform asks for that: an outlet may answer on http only.
    """
    address = platforms.recognise(url)
    if address is None or address.is_list:
        return None
    asked = platforms.fetch_url(address)
    place = asked if asked != fetch_url(address.url) else None
    return Lead(address.url, address.platform, found_by, found_on, fetch_from=place)


def fetch_url(url: str) -> str:
    """The address to ask for a document at ``url``: Naver Blog's own page is a shell, its mobile page is whole."""
    address = platforms.recognise(url)
    return platforms.fetch_url(address) if address else url


def platform_name(url: str) -> str:
    address = platforms.recognise(url)
    return address.platform if address else "generic"


@cache
def reader_sha256(platform: str) -> str:
    """Hash of the code that reads a platform: the platform's file and what readers share."""
    here = Path(__file__).parent
    shared = (
        "decode.py", "dates.py", "urls.py", "extract.py", "press.py", "facts.py", "outlet.py", "density.py",
        "saved_text.py", "platforms/__init__.py",
    )  # fmt: skip
    paths = [here / name for name in shared] + [here / "platforms" / f"{platform}.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
