"""The archive read again: today's readers over yesterday's bytes, without the network.

A fixed reader mends history. What today's reader refuses stays as it was read before, and is a problem.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from crawler import saved_text
from crawler.decode import decode
from crawler.importers import document_of
from crawler.outcomes import NotAnArticle, Unreadable
from crawler.reading import Found, Page, count, judged, lead, noindex, problem, read, reader_sha256, save
from data.archive import Archive, Capture, Damaged
from data.events import Event
from data.records import Lead, Problem, Snapshot
from data.store import Store


def replay(event: Event, store: Store, run_id: int) -> Counter[str]:
    """Read every snapshot of the event again, each in one transaction, and return what was counted:

    ``read``, of which ``changed``, ``unchanged``, ``newly_readable``, ``refused`` (no document, as before or
    newly) and ``superseded`` (the document is read from other bytes); ``problems``.
    """
    return _Replay(event, store, run_id).all()


class _Replay:
    def __init__(self, event: Event, store: Store, run_id: int) -> None:
        self.event, self.store, self.run_id = event, store, run_id
        self.archive = Archive(store.home / "warc")
        self.counts: Counter[str] = Counter()

    def all(self) -> Counter[str]:
        for snapshot in self._there(self.store.snapshots_of(self.event.id)):
            try:
                capture = self.archive.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256)
            except (Damaged, ValueError) as error:
                self._problem(Problem("replay", "damaged_warc", str(error), snapshot.url))
                continue
            self.counts["read"] += 1
            with self.store.transaction():
                self._again(snapshot, capture)
        return self.counts

    def _there(self, snapshots: list[Snapshot]) -> Iterator[Snapshot]:
        """Those whose file is there; one problem for each file that is not."""
        by_file: defaultdict[str, list[Snapshot]] = defaultdict(list)
        for snapshot in snapshots:
            by_file[snapshot.warc_file].append(snapshot)
        gone = {name for name in by_file if not (self.archive.folder / name).is_file()}
        for name in sorted(gone):
            lost = f"{len(by_file[name])} snapshots stood in it: restore it from a backup, or import its pages again"
            self._problem(Problem("replay", "missing_warc", lost, str(self.archive.folder / name)))
        yield from (snapshot for snapshot in snapshots if snapshot.warc_file not in gone)

    def _again(self, snapshot: Snapshot, capture: Capture) -> None:
        asked = lead(snapshot.url, "replay")
        url, platform = (asked.url, asked.platform) if asked else (snapshot.url, None)
        try:
            page = reread(self.event, snapshot, capture)
        except Unreadable as error:
            self._refused(snapshot, problem(error, "read", url, platform))
        except (ValueError, KeyError, TypeError) as error:
            self._refused(snapshot, Problem("read", "bad_line", f"{type(error).__name__}: {error}", url, platform))
        else:
            if capture.kind == "response" and "noindex" in page.robots:
                self._refused(snapshot, noindex(url, platform))
            else:
                self._read(snapshot, page)

    def _read(self, snapshot: Snapshot, page: Page) -> None:
        document = page.document
        held = self.store.value("SELECT snapshot_id FROM documents WHERE id = ?", [document.id])
        if held is not None and held != snapshot.id and not self._is_mended_news(snapshot, held):
            self.counts["superseded"] += 1
            return
        if held == snapshot.id and self.store.says(self.event.id, document, page.verdict):
            self.counts["unchanged"] += 1
            self.store.mark_read(document.id, reader_sha256(document.platform), self.run_id)
            return
        save(self.store, self.event, self.run_id, Found(self._lead(snapshot, page), snapshot, page), Counter())
        self.counts["newly_readable" if held is None else "changed"] += 1
        for old in self._former(snapshot, document.id):
            self.counts["moved"] += 1
            self.store.set_aside(old, "moved")

    def _is_mended_news(self, snapshot: Snapshot, held: str) -> bool:
        """Whether these bytes are newer than those the document was read from, and were refused when they came.

        Otherwise what a document was last read from stays its source, so that a replay undoes no import.
        """
        sql = (
            "SELECT 1 FROM snapshots mine JOIN snapshots held ON held.id = ?"
            " JOIN problems p ON p.run_id = mine.run_id AND p.stage = 'read'"
            " WHERE mine.id = ? AND mine.fetched_at > held.fetched_at AND p.url IN (SELECT mine.url UNION"
            " SELECT a.url FROM addresses a JOIN documents d ON d.id = a.document_id WHERE d.snapshot_id = held.id)"
        )
        return bool(self.store.value(sql, [held, snapshot.id]))

    def _former(self, snapshot: Snapshot, document_id: str) -> list[str]:
        """Documents that an older reader made of the same bytes under another address."""
        sql = "SELECT id FROM documents WHERE snapshot_id = ? AND id <> ?"
        return [row["id"] for row in self.store.rows(sql, [snapshot.id, document_id])]

    def _lead(self, snapshot: Snapshot, page: Page) -> Lead:
        """The address in the frontier that the page answers to."""
        sql = (
            "SELECT url, platform, found_by, found_on, role FROM frontier"
            " WHERE event_id = ? AND url IN (?, ?) ORDER BY url = ? DESC"
        )
        urls = [page.document.url, snapshot.url, page.document.url]
        known = next(self.store.rows(sql, [self.event.id, *urls]), None)
        return Lead(**known) if known else Lead(page.document.url, page.document.platform, "replay")

    def _refused(self, snapshot: Snapshot, why: Problem) -> None:
        """Nothing is lost: a document stays as an older reader read it. What was refused before is no news."""
        self.counts["refused"] += 1
        kept = self.store.value("SELECT url FROM documents WHERE snapshot_id = ?", [snapshot.id])
        if kept:
            detail = f"{why.detail}; the document stays as it was read before"
            self._problem(Problem("replay", why.outcome, detail, kept, why.platform))
        elif not self._is_known(why):
            self._problem(why)

    def _is_known(self, why: Problem) -> bool:
        """Whether a crawl, an import or an earlier replay recorded this refusal of this address."""
        sql = "SELECT 1 FROM problems WHERE event_id = ? AND url = ? AND outcome = ?"
        return bool(self.store.value(sql, [self.event.id, why.url, why.outcome]))

    def _problem(self, trouble: Problem) -> None:
        count(self.counts, trouble)
        self.store.problem(self.run_id, self.event.id, trouble)


def reread(event: Event, snapshot: Snapshot, capture: Capture) -> Page:
    """What today's reader makes of archived bytes, as a crawl or an import would. Dates like '3시간 전' count
    from when the bytes arrived. Raises an `Unreadable`, or ValueError, KeyError or TypeError for a bad line."""
    kind = (snapshot.content_type or "").partition(";")[0].strip()
    if snapshot.status != 200:
        raise NotAnArticle(f"the server answered {snapshot.status}")
    if capture.kind == "resource" and kind == "text/plain":
        return judged(event, saved_text.read(decode(capture.body).text, snapshot.fetched_at))
    if capture.kind == "resource" and kind == "application/json":
        return judged(event, document_of(capture.body.decode(), snapshot.fetched_at))
    return read(event, snapshot.url, capture.body, snapshot.content_type, snapshot.fetched_at)
