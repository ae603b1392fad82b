"""Files given by hand: saved pages, plain text, address lists, JSON lines, WARC, ARC and WACZ files, and folders.

Each takes the same road as a crawled page: archived first, then read, judged and stored.
A file that cannot be read is a recorded problem and never stops the others.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import platforms, saved_text, wacz
from crawler.dates import parse_date
from crawler.decode import decode
from crawler.extract import clean, page_address
from crawler.outcomes import Unreadable
from crawler.reading import Found, Page, count, judged, lead, platform_name, problem, read_html, save
from crawler.warcs import Records, Refused
from data.archive import LARGEST_PAYLOAD, Archive, Damaged
from data.events import Event
from data.records import KST, Dated, Document, Lead, Problem, Snapshot
from data.store import Store

WARCS = (".warc", ".warc.gz", ".arc", ".arc.gz")
# Pages stored in one transaction, behind one wait for the disk: a wait takes about 1 ms on a server's
# disk and 10 ms on a laptop's, a page 5 to 20 ms to read. So many are read again after a power cut.
BATCH = 100

Item = Found | Refused


class Unusable(ValueError):
    """A file or a line of it is no good; ``outcome`` is its short name, the message names the cure."""

    def __init__(self, outcome: str, detail: str, platform: str | None = None) -> None:
        super().__init__(detail)
        self.outcome, self.platform = outcome, platform


class Importer:
    """Imports files into one event of a store, counting what came of each."""

    def __init__(self, event: Event, store: Store, archive: Archive, run_id: int) -> None:
        self.event, self.store, self.archive, self.run_id = event, store, archive, run_id
        self.counts: Counter[str] = Counter()

    def add(self, path: Path) -> None:
        """Import one file, or all of a folder; whatever is wrong becomes a problem."""
        try:
            if path.is_dir():
                self._add_folder(path)
                return
            for batch in _batches(self._found(path)):
                self._save(batch)
        except Unusable as error:
            self._problem(error.outcome, str(error), str(path), error.platform)
        except wacz.BadPackage as error:
            self._problem("bad_wacz", f"{error}; what stood before it was imported", str(path))
        except Damaged as error:
            self._problem("damaged_warc", f"{error}; what stood before it was imported", str(path))

    def _add_folder(self, folder: Path) -> None:
        """Every file of a known kind below a folder, in the order of their names."""
        files = sorted(Path(place) / name for place, _, names in os.walk(folder) for name in names)
        known = [file for file in files if self._reader_for(file)]
        self.counts["files_skipped"] += len(files) - len(known)
        if not known:
            raise Unusable("empty_folder", f"{folder} holds no file of a known kind ({self._kinds()})")
        for file in known:
            self.add(file)

    def _found(self, path: Path) -> Iterator[Item]:
        if not path.exists():
            raise Unusable("no_file", f"there is no file {path}")
        if path.stat().st_size == 0:
            raise Unusable("empty_file", f"{path} is empty: save it again")
        reader = self._reader_for(path)
        if reader is None:
            raise Unusable("unknown_kind", f"{path.name}: known are {self._kinds()}")
        return reader(path)

    def _readers(self) -> Mapping[str, Callable[[Path], Iterator[Item]]]:
        return dict.fromkeys(WARCS, self._from_warc) | {
            ".wacz": self._from_wacz,
            ".html": self._from_html,
            ".htm": self._from_html,
            ".txt": self._from_text,
            ".urls": self._from_urls,
            ".jsonl": self._from_jsonl,
        }

    def _reader_for(self, path: Path) -> Callable[[Path], Iterator[Item]] | None:
        name = path.name.lower()
        return next((reader for ending, reader in self._readers().items() if name.endswith(ending)), None)

    def _kinds(self) -> str:
        return ", ".join(self._readers())

    # ── kinds of files ───────────────────────────────────────────────────────
    def _from_html(self, path: Path) -> Iterator[Item]:
        body, written = _contents(path)
        platform = None
        try:
            html = decode(body).text
            url = page_address(html)
            if url is None:
                cure = "give url, title and text as .jsonl"
                raise Unusable("no_address", f"{path.name} names no address of its own: {cure}")
            platform = platform_name(url)
            snapshot = self.archive.write_file(url, "text/html", body, written)
            page = read_html(self.event, url, html, written)
        except Unreadable as error:
            raise Unusable(problem(error, "import", str(path)).outcome, f"{path.name}: {error}", platform) from error
        yield self._at(page, snapshot, path)

    def _from_text(self, path: Path) -> Iterator[Item]:
        body, written = _contents(path)
        try:
            document = saved_text.read(decode(body).text, written)
        except Unreadable as error:
            raise Unusable(problem(error, "import", str(path)).outcome, f"{path.name}: {error}") from error
        snapshot = self.archive.write_file(document.url, "text/plain", body, written)
        yield self._at(judged(self.event, document), snapshot, path)

    def _from_urls(self, path: Path) -> Iterator[Item]:
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

    def _from_jsonl(self, path: Path) -> Iterator[Item]:
        written = _written(path)
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                document = document_of(line, written)
            except (ValueError, KeyError, TypeError) as error:
                cause = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                self._problem("bad_line", f"line {number}: {cause}", str(path))
                continue
            snapshot = self.archive.write_file(document.url, "application/json", line.encode(), written)
            yield self._at(judged(self.event, document), snapshot, path)

    def _from_warc(self, path: Path) -> Iterator[Item]:
        found = Records(self.event, self.archive, self.counts)
        yield from found.read(path, path.name)
        yield from found.rest()

    def _from_wacz(self, path: Path) -> Iterator[Item]:
        found = Records(self.event, self.archive, self.counts)
        for member in wacz.members(path, self.store.home):
            if member.path is None:
                yield Refused(Problem("import", "bad_wacz", f"{path.name}: {member.name}: {member.trouble}", str(path)))
            else:
                yield from found.read(member.path, f"{path.name}/{member.name}")
        yield from found.rest()

    # ── storing ──────────────────────────────────────────────────────────────
    def _at(self, page: Page, snapshot: Snapshot, path: Path) -> Found:
        document = page.document
        return Found(Lead(document.url, document.platform, "import", str(path)), snapshot, page)

    def _save(self, batch: list[Item]) -> None:
        """One transaction, once the bytes behind it are on the disk."""
        self.archive.sync()
        with self.store.transaction():
            for item in batch:
                if isinstance(item, Refused):
                    self._refuse(item.problem, item.snapshot)
                else:
                    self._keep(item)

    def _keep(self, found: Found) -> None:
        save(self.store, self.event, self.run_id, found, self.counts)
        document, verdict = found.page.document, found.page.verdict
        if not verdict.belongs:
            self._problem(verdict.reason or "set_aside", "kept in the store, not counted for the event", document.url)

    def _refuse(self, trouble: Problem, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.store.save_snapshot(snapshot, self.run_id)
        self._record(trouble)

    def _problem(self, outcome: str, detail: str, url: str, platform: str | None = None) -> None:
        self._record(Problem("import", outcome, detail, url, platform))

    def _record(self, trouble: Problem) -> None:
        count(self.counts, trouble)
        self.store.problem(self.run_id, self.event.id, trouble)


def import_files(event: Event, store: Store, run_id: int, paths: list[Path]) -> Counter[str]:
    """Import files in the order given and return what was counted."""
    with Archive(store.home / "warc", store.snapshots_with, sync_each=False) as archive:
        importer = Importer(event, store, archive, run_id)
        for path in paths:
            importer.add(path)
    return importer.counts


def _batches(found: Iterator[Item]) -> Iterator[list[Item]]:
    """Lists of up to BATCH items; what came before an error comes before the error."""
    batch: list[Item] = []
    try:
        for item in found:
            batch.append(item)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except (Unusable, Damaged, wacz.BadPackage):
        yield batch
        raise
    yield batch


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


def document_of(line: str, written: datetime) -> Document:
    """The document in a line of JSON. Raises ValueError, KeyError or TypeError where it is none."""
    raw: dict[str, Any] = json.loads(line)
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
    """Lines stay lines; letters become what every reader makes of them (:func:`crawler.extract.clean`)."""
    lines = "\n".join(map(clean, value.splitlines())).strip() if isinstance(value, str) else ""
    if not lines:
        raise ValueError("title and text must be filled strings")
    return lines
