"""Files given by hand: saved pages, plain text, address lists, JSON lines and WARC files.

Each takes the same road as a crawled page: archived first, then read, judged and stored.
A file that cannot be read is a recorded problem and never stops the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import platforms, saved_text
from crawler.dates import parse_date
from crawler.decode import decode
from crawler.extract import page_address
from crawler.outcomes import Unreadable
from crawler.reading import Found, Page, judged, lead, platform_name, problem, read, save
from data.archive import LARGEST_PAYLOAD, Archive, Damaged, captures
from data.events import Event
from data.records import KST, Dated, Document, Lead, Problem, Snapshot
from data.store import Store


class Unusable(ValueError):
    """A file or a line of it is no good; ``outcome`` is its short name, the message names the cure."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class Importer:
    """Imports files into one event of a store, counting what came of each."""

    def __init__(self, event: Event, store: Store, archive: Archive, run_id: int) -> None:
        self.event, self.store, self.archive, self.run_id = event, store, archive, run_id
        self.counts: Counter[str] = Counter()

    def add(self, path: Path) -> None:
        """Import one file; whatever is wrong with it becomes a problem."""
        try:
            for found in self._found(path):
                self._save(found)
        except Unusable as error:
            self._problem(error.outcome, str(error), str(path))
        except Damaged as error:
            self._problem("damaged_warc", f"{error}; what stood before it was imported", str(path))

    def _found(self, path: Path) -> Iterator[Found]:
        if not path.exists():
            raise Unusable("no_file", f"there is no file {path}")
        if path.is_dir():
            raise Unusable("directory", f"{path} is a folder: name the files in it, such as {path}/*.html")
        if path.stat().st_size == 0:
            raise Unusable("empty_file", f"{path} is empty: save it again")
        return self._reader_for(path)(path)

    def _reader_for(self, path: Path) -> Callable[[Path], Iterator[Found]]:
        name = path.name.lower()
        if name.endswith((".warc", ".warc.gz")):
            return self._from_warc
        readers = {
            ".html": self._from_html,
            ".htm": self._from_html,
            ".txt": self._from_text,
            ".urls": self._from_urls,
            ".jsonl": self._from_jsonl,
        }
        if path.suffix.lower() not in readers:
            raise Unusable("unknown_kind", f"{path.name}: known are .html, .txt, .urls, .jsonl, .warc and .warc.gz")
        return readers[path.suffix.lower()]

    # ── kinds of files ───────────────────────────────────────────────────────
    def _from_html(self, path: Path) -> Iterator[Found]:
        body, written = _contents(path)
        try:
            url = page_address(decode(body).text)
            if url is None:
                cure = "give url, title and text as .jsonl"
                raise Unusable("no_address", f"{path.name} names no address of its own: {cure}")
            snapshot = self.archive.write_file(url, "text/html", body, written)
            page = read(self.event, url, body, None, written)
        except Unreadable as error:
            raise Unusable(problem(error, "import", str(path)).outcome, f"{path.name}: {error}") from error
        yield self._at(page, snapshot, path)

    def _from_text(self, path: Path) -> Iterator[Found]:
        body, written = _contents(path)
        try:
            document = saved_text.read(decode(body).text, written)
        except Unreadable as error:
            raise Unusable(problem(error, "import", str(path)).outcome, f"{path.name}: {error}") from error
        snapshot = self.archive.write_file(document.url, "text/plain", body, written)
        yield self._at(judged(self.event, document), snapshot, path)

    def _from_urls(self, path: Path) -> Iterator[Found]:
        leads = []
        for number, line in enumerate(_lines(path), 1):
            address = line.strip()
            if not address or address.startswith("#"):
                continue
            found = lead(address, "urls", str(path))
            if found is None:
                self._problem("bad_line", f"line {number} is no article's address: {address[:80]!r}", str(path))
            else:
                leads.append(found)
        with self.store.transaction():
            self.counts["queued"] += self.store.add_leads(self.event.id, leads)
        yield from ()

    def _from_jsonl(self, path: Path) -> Iterator[Found]:
        written = _written(path)
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                document = _document(json.loads(line), written)
            except (ValueError, KeyError, TypeError) as error:
                cause = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                self._problem("bad_line", f"line {number}: {cause}", str(path))
                continue
            snapshot = self.archive.write_file(document.url, "application/json", line.encode(), written)
            yield self._at(judged(self.event, document), snapshot, path)

    def _from_warc(self, path: Path) -> Iterator[Found]:
        for capture in captures(path):
            if capture.status != 200 or "html" not in (capture.content_type or "text/html"):
                self.counts["records_skipped"] += 1
                continue
            headers = [("Content-Type", capture.content_type)] if capture.content_type else []
            snapshot = self.archive.write(capture.url, 200, headers, capture.body, capture.fetched_at)
            try:
                page = read(self.event, capture.url, capture.body, capture.content_type, capture.fetched_at)
            except Unreadable as error:
                self._refuse(problem(error, "import", capture.url, platform_name(capture.url)), snapshot)
                continue
            yield self._at(page, snapshot, path)

    # ── storing ──────────────────────────────────────────────────────────────
    def _at(self, page: Page, snapshot: Snapshot, path: Path) -> Found:
        document = page.document
        return Found(Lead(document.url, document.platform, "import", str(path)), snapshot, page)

    def _save(self, found: Found) -> None:
        save(self.store, self.event, self.run_id, found, self.counts)
        document, verdict = found.page.document, found.page.verdict
        if not verdict.belongs:
            self._problem(verdict.reason or "set_aside", "kept in the store, not counted for the event", document.url)

    def _refuse(self, trouble: Problem, snapshot: Snapshot) -> None:
        with self.store.transaction():
            self.store.save_snapshot(snapshot, self.run_id)
            self._record(trouble)

    def _problem(self, outcome: str, detail: str, url: str) -> None:
        self._record(Problem("import", outcome, detail, url))

    def _record(self, trouble: Problem) -> None:
        self.counts["problems"] += 1
        self.counts[f"problem_{trouble.outcome}"] += 1
        self.store.problem(self.run_id, self.event.id, trouble)


def import_files(event: Event, store: Store, run_id: int, paths: list[Path]) -> Counter[str]:
    """Import files in the order given and return what was counted."""
    with Archive(store.home / "warc") as archive:
        importer = Importer(event, store, archive, run_id)
        for path in paths:
            importer.add(path)
    return importer.counts


def _contents(path: Path) -> tuple[bytes, datetime]:
    if path.stat().st_size > LARGEST_PAYLOAD:
        limit = LARGEST_PAYLOAD // 1_000_000
        raise Unusable("too_large", f"{path.name} is over {limit} MB: save the page without its images, or split it")
    return path.read_bytes(), _written(path)


def _written(path: Path) -> datetime:
    """When the file was last written: the nearest thing to a fetch time that a saved page has."""
    return datetime.fromtimestamp(path.stat().st_mtime, KST)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        yield from stream


def _document(raw: dict[str, Any], written: datetime) -> Document:
    address = platforms.recognise(str(raw["url"]))
    if address is None:
        raise ValueError(f"url {raw['url']!r} is no web address")
    return Document(
        platform=address.platform,
        kind=raw.get("kind") or platforms.platform_of(address.url, "").KIND,
        url=address.url,
        native_id=address.native_id,
        title=_text(raw["title"]),
        text=_text(raw["text"]),
        author=raw.get("author"),
        outlet=raw.get("outlet"),
        published=_stated(raw.get("published_at"), written),
        links=tuple(raw.get("links", ())),
    )


def _stated(text: str | None, written: datetime) -> Dated | None:
    if not text:
        return None
    dated = parse_date(text, "import", written)
    if dated is None:
        raise ValueError(f"published_at {text!r} is no date: write it like 2022-10-17T02:10+09:00")
    return dated


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("title and text must be filled strings")
    return value.strip()
