"""Somebody's WARC and ARC files as pages: each record of a page is copied into the archive, then read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.outcomes import Unreadable
from crawler.platforms import canonical_url
from crawler.reading import Found, noindex, platform_name, problem, read
from data.archive import Archive, Capture, TooLarge
from data.events import Event
from data.records import KST, Lead, Problem, Snapshot
from data.warc import SAYING, Broken, Record, capture_of, payload_digest, records


@dataclass(frozen=True, slots=True)
class Refused:
    """What gave no document, or not a whole one, and why; the bytes, where there are any, are kept."""

    problem: Problem
    snapshot: Snapshot | None = None


class Records:
    """The records of one file or package. A ``revisit`` gets its body from any record of it, earlier or later."""

    def __init__(self, event: Event, archive: Archive, counts: Counter[str]) -> None:
        self.event, self.archive, self.counts = event, archive, counts
        self._bodies: dict[tuple[str, ...], Snapshot | None] = {}
        self._waiting: list[tuple[Record, str]] = []

    def read(self, path: Path, source: str) -> Iterator[Found | Refused]:
        """The pages of a file; ``source`` is how the archive names it. Raises Damaged where the file is torn."""
        for record in records(path):
            if isinstance(record, Broken):
                yield Refused(Problem("import", record.outcome, f"{source}: {record.detail}", record.url))
            elif record.kind == "revisit":
                yield from self._revisit(record, source)
            elif record.kind in SAYING:
                yield from self._capture(record, source)
            else:
                self.counts["records_skipped"] += 1

    def rest(self) -> Iterator[Found | Refused]:
        """The revisits whose body came after them, or never."""
        waiting, self._waiting = self._waiting, []
        for record, source in waiting:
            if _known(self._bodies, record):
                yield from self._revisit(record, source)
            else:
                cure = f"{source} has no record with the body: import the file that has, in the same package"
                yield Refused(Problem("import", "revisit_without_original", cure, record.url))

    def _capture(self, record: Record, source: str) -> Iterator[Found | Refused]:
        try:
            capture = capture_of(record)
        except TooLarge as error:
            yield Refused(Problem("import", "too_large", f"{source}: the page is {error}", record.url))
            return
        except ValueError as error:
            yield Refused(Problem("import", "bad_record", f"{source}: {error}", record.url))
            return
        snapshot = self.archive.copy(record, capture, source) if _is_page(record, capture) else None
        for key in _keys(record):
            self._bodies.setdefault(key, snapshot)
        if snapshot is None:
            self.counts["records_skipped"] += 1
        else:
            yield from self._page(snapshot, capture.body, source)
            if reason := record.header("WARC-Truncated"):
                cut = f"{source} holds only the first {len(capture.body):,} bytes ({reason}): its text may break off"
                yield Refused(Problem("import", "truncated", cut, record.url, platform_name(record.url)))

    def _revisit(self, record: Record, source: str) -> Iterator[Found | Refused]:
        """The same body met again: at its own address nothing new, at another a page of its own."""
        if not _known(self._bodies, record):
            self._waiting.append((record, source))
            return
        original = next(self._bodies[key] for key in _references(record) if key in self._bodies)
        if original is None:
            self.counts["records_skipped"] += 1
            return
        self.counts["revisits"] += 1
        if self.archive.wrote(original):
            self.archive.copy_as_is(record, source)
        if canonical_url(record.url) != canonical_url(original.url):
            try:
                moment = datetime.fromisoformat(record.header("WARC-Date") or "").astimezone(KST)
            except ValueError as error:
                yield Refused(Problem("import", "bad_record", f"{source}: {error}", record.url))
                return
            body = self.archive.read(original.warc_file, original.warc_offset, original.payload_sha256).body
            yield from self._page(replace(original, url=record.url, fetched_at=moment), body, source)

    def _page(self, snapshot: Snapshot, body: bytes, source: str) -> Iterator[Found | Refused]:
        self.counts["records"] += 1
        url, platform = snapshot.url, platform_name(snapshot.url)
        try:
            page = read(self.event, url, body, snapshot.content_type, snapshot.fetched_at)
        except Unreadable as error:
            yield Refused(problem(error, "read", url, platform), snapshot)
            return
        if "noindex" in page.robots:
            yield Refused(noindex(url, platform), snapshot)
            return
        document = page.document
        yield Found(Lead(document.url, document.platform, "import", source), snapshot, page)


def _is_page(record: Record, capture: Capture) -> bool:
    """An HTML page that was there. Where nobody says what it is, it must begin like one."""
    told = (capture.content_type or record.header("WARC-Identified-Payload-Type") or "").lower()
    html = "html" in told if told else capture.body.lstrip()[:1] == b"<"
    return html and capture.status == 200 and capture.url.startswith(("http://", "https://"))


def _keys(record: Record) -> set[tuple[str, ...]]:
    """Under what a revisit may name this record: its payload's digest, or its address and moment."""
    stated = record.header("WARC-Payload-Digest") or ""
    return {(stated,), (payload_digest(record.payload),), (record.url, record.header("WARC-Date") or "")}


def _references(record: Record) -> list[tuple[str, ...]]:
    place = (record.header("WARC-Refers-To-Target-URI") or "", record.header("WARC-Refers-To-Date") or "")
    return [place, (record.header("WARC-Payload-Digest") or "none",)]


def _known(bodies: dict[tuple[str, ...], Snapshot | None], record: Record) -> bool:
    return any(key in bodies for key in _references(record))
