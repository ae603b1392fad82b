"""The store: one SQLite file a home, the interface between the workers.

Only this module and data/migrations.py know sqlite-utils. Writers go through the methods below, each one
transaction; readers use :meth:`Store.rows` with the views of ``views.sql``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from data.events import Event
from data.migrations import migrations
from data.records import (
    KST,
    Document,
    Lead,
    Mention,
    Problem,
    Score,
    Sentence,
    Snapshot,
    TargetScore,
    Verdict,
    content_id,
    kst_text,
    language_of,
)
from data.sites import site_of

NAME = "yeoron.db"
HERE = Path(__file__).parent
StoreKind = Literal["real", "demo"]
# A checkpoint copies the log into the file and waits for the disk: every 32 MB of log, not every 4.
PRAGMAS = """PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;
             PRAGMA wal_autocheckpoint = 8000;"""
# A failed address is tried again after these waits; after the last it stays failed. The first is
# longer than one outlet's reload, the last long enough for a night's maintenance.
RETRY_AFTER = (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=12))


class StoreError(Exception):
    """The store cannot be used as asked; the message names the cure."""


def now() -> str:
    return kst_text(datetime.now(KST))


class Store:
    """An open store. Use :meth:`open` to write and :meth:`read` to look."""

    def __init__(self, db: Database, home: Path) -> None:
        self.db = db
        self.home = home

    # ── opening ──────────────────────────────────────────────────────────────
    @classmethod
    def open(cls, home: Path, kind: StoreKind = "real") -> Store:
        """Open or create the store of a home. A store of the other kind is refused:
        invented pages never mix with real ones."""
        try:
            home.mkdir(parents=True, exist_ok=True)
            db = Database(sqlite3.connect(home / NAME, timeout=30, isolation_level=None))
            db.conn.executescript(PRAGMAS)
            migrations.apply(db)
            _refresh_views(db)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreError(f"cannot open a store in {home} ({error}): name another folder with --home") from error
        store = cls(db, home)
        db.execute("INSERT OR IGNORE INTO about VALUES ('kind', ?)", [kind])
        db.execute("INSERT OR IGNORE INTO about VALUES ('salt', lower(hex(randomblob(16))))")
        if store.kind != kind:
            raise StoreError(
                f"{home} holds a {store.kind} store and this would add {kind} pages: name another folder with --home"
            )
        return store

    @classmethod
    def read(cls, home: Path) -> Store:
        """Open an existing store for reading only; one made by another version gets this version's views first."""
        path = home / NAME
        if not path.is_file():
            raise StoreError(f"no store in {home}: run `yeoron demo`, `yeoron import` or `yeoron crawl` first")
        store = cls._read_only(path)
        if _views_digest(store.db) != _views_script()[1]:
            kind = store.kind
            store.close()
            cls.open(home, kind).close()
            store = cls._read_only(path)
        return store

    @classmethod
    def _read_only(cls, path: Path) -> Store:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30, check_same_thread=False)
        return cls(Database(connection), path.parent)

    def close(self) -> None:
        self.db.conn.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def kind(self) -> StoreKind:
        return "demo" if self.value("SELECT value FROM about WHERE key = 'kind'") == "demo" else "real"

    # ── reading ──────────────────────────────────────────────────────────────
    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
        """Rows of a SELECT as dicts, streamed."""
        cursor = self.db.conn.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.db.conn.execute(sql, parameters).fetchone()
        return row[0] if row else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested use joins the outer transaction.

        It is a writer's from its first statement: one that reads before it writes while another process writes would
        be refused by SQLite instead of made to wait.
        """
        connection = self.db.conn
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise

    # ── events and runs ──────────────────────────────────────────────────────
    def save_event(self, event: Event) -> None:
        """Write an event with its targets, themes and timeline, replacing what it said before."""
        with self.transaction():
            self._upsert(
                "events",
                "id",
                {
                    "id": event.id,
                    "title": event.title,
                    "title_en": event.title_en,
                    "summary": event.summary,
                    "starts": kst_text(event.starts),
                    "ends": kst_text(event.ends),
                    "definition_sha256": event.sha256,
                },
            )
            for table in ("targets", "themes", "timeline"):
                self.db.execute(f"DELETE FROM {table} WHERE event_id = ?", [event.id])
            for position, target in enumerate(event.targets):
                row = (event.id, target.id, position, target.label, target.label_en, target.kind)
                self.db.execute("INSERT INTO targets VALUES (?, ?, ?, ?, ?, ?)", row)
            for position, theme in enumerate(event.themes):
                row = (event.id, theme.id, position, theme.label, theme.label_en, theme.description)
                self.db.execute("INSERT INTO themes VALUES (?, ?, ?, ?, ?, ?)", row)
            for mark in event.timeline:
                entry = (event.id, kst_text(mark.at), mark.label, mark.label_en, mark.source, int(mark.response))
                self.db.execute("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?)", entry)

    def begin_run(self, verb: str, event_id: str | None, arguments: dict[str, Any], versions: dict[str, str]) -> int:
        cursor = self.db.conn.execute(
            "INSERT INTO runs (verb, event_id, arguments, versions, started_at, counts) VALUES (?, ?, ?, ?, ?, '{}')",
            (verb, event_id, _json(arguments), _json(versions), now()),
        )
        return int(cursor.lastrowid or 0)

    def end_run(self, run_id: int, counts: dict[str, int], outcome: str) -> None:
        self.db.execute(
            "UPDATE runs SET finished_at = ?, counts = ?, outcome = ? WHERE id = ?",
            [now(), _json(counts), outcome, run_id],
        )

    def save_contract(
        self,
        run_id: int,
        event_id: str,
        platform: str,
        measure: str,
        pages: int,
        found: float,
        least: float | None,
        most: float | None,
        held: bool,
    ) -> None:
        """Write what was found in a run's pages of a platform beside what was expected."""
        row = [run_id, event_id, platform, measure, pages, found, least, most, held]
        self.db.execute("INSERT OR REPLACE INTO contracts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def problem(self, run_id: int, event_id: str | None, problem: Problem) -> None:
        self.db.execute(
            "INSERT INTO problems (run_id, event_id, at, stage, outcome, url, platform, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [run_id, event_id, now(), problem.stage, problem.outcome, problem.url, problem.platform, problem.detail],
        )

    # ── pages ────────────────────────────────────────────────────────────────
    def save_page(
        self,
        event_id: str,
        run_id: int,
        snapshot: Snapshot,
        document: Document,
        verdict: Verdict,
        lead: Lead,
        reader: str,
    ) -> bool:
        """Store a document with its snapshot, its links and its place in the frontier: one transaction.

        ``lead`` is the address that was asked for. Returns whether the document is new or its text changed.
        """
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        with self.transaction():
            before = self.value("SELECT text_sha256 FROM documents WHERE id = ?", [document.id])
            self.save_snapshot(snapshot, run_id)
            self._upsert("documents", "id", _document_row(document, snapshot, digest, reader) | {"run_id": run_id})
            if before != digest:
                self.db.execute("DELETE FROM sentences WHERE document_id = ?", [document.id])
            self.db.execute("DELETE FROM links WHERE document_id = ?", [document.id])
            for position, url in enumerate(document.links):
                row = [document.id, position, url]
                self.db.execute("INSERT INTO links (document_id, position, url) VALUES (?, ?, ?)", row)
            self.db.execute(
                "INSERT INTO event_documents VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " belongs = excluded.belongs, reason = excluded.reason, advertising = excluded.advertising",
                [event_id, document.id, lead.found_by, verdict.belongs, verdict.reason, verdict.advertising],
            )
            for url in {lead.url, snapshot.url, document.url}:
                self.db.execute("INSERT OR REPLACE INTO addresses VALUES (?, ?)", [url, document.id])
                self.add_leads(event_id, [Lead(url, document.platform, lead.found_by, lead.found_on)])
                self.settle(event_id, url, "done", "ok", document.id)
        return bool(before != digest)

    def save_refusal(
        self, event_id: str, run_id: int, snapshot: Snapshot | None, lead: Lead, problem: Problem, state: str
    ) -> None:
        """Store that an address gave no document, and why: one transaction. ``state``: refused or failed."""
        with self.transaction():
            if snapshot is not None:
                self.save_snapshot(snapshot, run_id)
            self.problem(run_id, event_id, problem)
            self.settle(event_id, lead.url, state, problem.outcome)

    def save_snapshot(self, snapshot: Snapshot, run_id: int) -> None:
        """The same bytes again keep their first moment; where they stand now is where they were last written."""
        self.db.execute(
            "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " warc_file = excluded.warc_file, warc_offset = excluded.warc_offset",
            [
                snapshot.id,
                snapshot.url,
                kst_text(snapshot.fetched_at),
                snapshot.status,
                snapshot.content_type,
                snapshot.payload_sha256,
                snapshot.payload_bytes,
                snapshot.warc_file,
                snapshot.warc_offset,
                run_id,
            ],
        )

    def snapshots_with(self, payload_sha256: str) -> list[Snapshot]:
        """Where these bytes stand in the archive, the oldest record first."""
        return self._snapshots("payload_sha256 = ?", [payload_sha256])

    def snapshots_of(self, event_id: str) -> list[Snapshot]:
        """Everything that was fetched or given for an event, documents and refusals, the oldest first."""
        return self._snapshots(
            "run_id IN (SELECT id FROM runs WHERE event_id = ?1)"
            " OR url IN (SELECT url FROM frontier WHERE event_id = ?1)"
            " OR id IN (SELECT d.snapshot_id FROM event_documents ed JOIN documents d ON d.id = ed.document_id"
            " WHERE ed.event_id = ?1)",
            [event_id],
        )

    def _snapshots(self, condition: str, parameters: Sequence[Any]) -> list[Snapshot]:
        names = "url, fetched_at, status, content_type, payload_sha256, payload_bytes, warc_file, warc_offset"
        found = self.rows(f"SELECT {names} FROM snapshots WHERE {condition} ORDER BY fetched_at, rowid", parameters)
        return [Snapshot(**row | {"fetched_at": datetime.fromisoformat(row["fetched_at"])}) for row in found]

    def says(self, event_id: str, document: Document, verdict: Verdict) -> bool:
        """Whether the store holds exactly this of a document and its place in an event."""
        row = _document_row(document, None, hashlib.sha256(document.text.encode()).hexdigest(), "")
        for name in ("snapshot_id", "reader_sha256", "read_at"):
            del row[name]
        held = next(self.rows(f"SELECT {', '.join(row)} FROM documents WHERE id = ?", [document.id]), None)
        place = self.db.execute(
            "SELECT belongs, reason, advertising FROM event_documents WHERE event_id = ? AND document_id = ?",
            [event_id, document.id],
        ).fetchone()
        links = self.rows("SELECT url FROM links WHERE document_id = ? ORDER BY position", [document.id])
        judged = (verdict.belongs, verdict.reason, verdict.advertising)
        return held == row and place == judged and [link["url"] for link in links] == list(document.links)

    def mark_read(self, document_id: str, reader: str, run_id: int) -> None:
        """A run read the same bytes and found the same, perhaps with another version of the reader."""
        self.db.execute(
            "UPDATE documents SET run_id = ?, read_at = CASE WHEN reader_sha256 = ? THEN read_at ELSE ? END,"
            " reader_sha256 = ? WHERE id = ?",
            [run_id, reader, now(), reader, document_id],
        )

    def set_aside(self, document_id: str, reason: str) -> None:
        """Keep a document, but count it for no event."""
        self.db.execute(
            "UPDATE event_documents SET belongs = 0, reason = ? WHERE document_id = ?", [reason, document_id]
        )

    # ── frontier ─────────────────────────────────────────────────────────────
    def add_leads(self, event_id: str, leads: Iterable[Lead]) -> int:
        """Queue addresses that are not known yet for this event; return how many were new.

        Whoever names a page, first or later, is written down in ``finders``.
        """
        added = 0
        for lead in leads:
            found, site = (lead.found_by, lead.found_on, lead.fetch_from), site_of(lead.fetch_from or lead.url)
            cursor = self.db.conn.execute(
                "INSERT OR IGNORE INTO frontier (event_id, url, role, platform, found_by, found_on, fetch_from, state,"
                " attempts, updated_at, site) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?)",
                (event_id, lead.url, lead.role, lead.platform, *found, now(), site),
            )
            added += cursor.rowcount
            if lead.role == "page":
                row = (event_id, lead.url, *found, now())
                self.db.conn.execute("INSERT OR IGNORE INTO finders VALUES (?, ?, ?, ?, ?, ?)", row)
        return added

    def settle(self, event_id: str, url: str, state: str, outcome: str, document_id: str | None = None) -> None:
        """Write what came of a visit. A failed address gets its next try, until RETRY_AFTER is used up."""
        tries = self.value("SELECT attempts FROM frontier WHERE event_id = ? AND url = ?", [event_id, url]) or 0
        again = None
        if state == "failed" and tries < len(RETRY_AFTER):
            again = kst_text(datetime.now(KST) + RETRY_AFTER[tries])
        self.db.execute(
            "UPDATE frontier SET state = ?, attempts = attempts + 1, next_try_at = ?, last_outcome = ?,"
            " document_id = coalesce(?, document_id), updated_at = ? WHERE event_id = ? AND url = ?",
            [state, again, outcome, document_id, now(), event_id, url],
        )

    def put_off(self, event_id: str, urls: Iterable[str], outcome: str) -> None:
        """Write why queued addresses are passed over in this run; they stay queued for the next."""
        with self.transaction():
            rows = [(outcome, now(), event_id, url) for url in urls]
            self.db.conn.executemany(
                "UPDATE frontier SET last_outcome = ?, updated_at = ? WHERE event_id = ? AND url = ?", rows
            )

    def leave_alone(self, site: str, until: datetime, reason: str, openings: int) -> None:
        """A site is asked nothing until then, by this run or another."""
        row = {"site": site, "waits_until": kst_text(until), "reason": reason, "openings": openings}
        self._upsert("sites", "site", row | {"updated_at": now()})

    def answered(self, site: str) -> None:
        """A site that was left alone answers again: forget how often it failed."""
        self.db.execute("DELETE FROM sites WHERE site = ?", [site])

    # ── annotation ───────────────────────────────────────────────────────────
    def save_model(self, model_id: str, scorer: str, sha256: str) -> None:
        self.db.execute("INSERT OR IGNORE INTO models VALUES (?, ?, ?, ?)", [model_id, scorer, sha256, now()])

    def show_model(self, event_id: str, model_id: str, instead: bool = True) -> None:
        """Let the views show this model, ``instead`` of the one they show or only where they show none."""
        condition = "id = ?" if instead else "id = ? AND shown_model IS NULL"
        self.db.execute(f"UPDATE events SET shown_model = ? WHERE {condition}", [model_id, event_id])

    def unannotated(self, event: Event, model_id: str, rules: str = "") -> list[dict[str, Any]]:
        """Documents of the event whose text this model has not annotated under this event file by these ``rules``
        (a hash, as in :meth:`save_annotation`); members of a family one after the other."""
        return list(
            self.rows(
                "SELECT d.id, d.text, d.text_sha256 FROM event_documents ed JOIN documents d ON d.id = ed.document_id"
                " LEFT JOIN families f ON f.document_id = d.id"
                " WHERE ed.event_id = ? AND ed.belongs = 1 AND NOT EXISTS (SELECT 1 FROM annotations a"
                " WHERE a.event_id = ed.event_id AND a.document_id = d.id AND a.model_id = ?"
                " AND a.definition_sha256 = ? AND a.text_sha256 = d.text_sha256 AND a.rules_sha256 = ?)"
                " ORDER BY coalesce(f.family_id, d.id), d.id",
                [event.id, model_id, event.sha256, rules],
            )
        )

    def save_annotation(
        self,
        event: Event,
        run_id: int,
        model_id: str,
        document: dict[str, Any],
        sentences: Sequence[Sentence],
        scores: Sequence[Score],
        themes: Sequence[Sequence[tuple[str, float]]],
        mentions: Sequence[Sequence[Mention]],
        toward: Sequence[Sequence[TargetScore]] | None = None,
        rules: str = "",
    ) -> None:
        """Store everything one model says about one document: one transaction.

        ``scores``, ``themes``, ``mentions`` and ``toward``, if given, have one entry per sentence. ``rules`` is a hash
        of the code that split the text and named what is in it; empty when nobody tells.
        """
        with self.transaction():
            self._forget_annotation(event.id, model_id, document["id"])
            toward = [()] * len(sentences) if toward is None else toward
            ids = self._save_sentences(document["id"], document["text_sha256"], sentences)
            for sid, score, found, named, apart in zip(ids, scores, themes, mentions, toward, strict=True):
                self.db.execute(
                    "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?)",
                    [sid, model_id, score.negative, score.neutral, score.positive, score.polarity],
                )
                for theme_id, probability in found:
                    self.db.execute(
                        "INSERT INTO sentence_themes VALUES (?, ?, ?, ?, ?)",
                        [event.id, sid, model_id, theme_id, probability],
                    )
                for mention in named:
                    self.db.execute(
                        "INSERT OR REPLACE INTO mentions VALUES (?, ?, ?, ?, ?)",
                        [event.id, sid, mention.target, mention.start, mention.end],
                    )
                for one in apart:
                    said = one.score
                    self.db.execute(
                        "INSERT INTO target_scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        [event.id, sid, model_id, one.target, one.start, one.end,
                         said.negative, said.neutral, said.positive, said.polarity],
                    )  # fmt: skip
            self.db.execute(
                "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?, ?, ?)",
                [event.id, document["id"], model_id, event.sha256, document["text_sha256"], run_id, rules],
            )

    def _save_sentences(self, document_id: str, text_sha256: str, sentences: Sequence[Sentence]) -> list[str]:
        """Make these the sentences of a document; returns their ids.

        All models and events share them. One that is no more goes with whatever was said of it, and then nobody has
        read the whole document: it is due again for all.
        """
        ids = [content_id(document_id, text_sha256, str(one.start), str(one.end)) for one in sentences]
        held = {row["id"] for row in self.rows("SELECT id FROM sentences WHERE document_id = ?", [document_id])}
        if held != set(ids):  # events are named for the sake of the key, which begins with them
            everyone = "event_id IN (SELECT id FROM events) AND document_id = ?"
            self.db.execute(f"DELETE FROM annotations WHERE {everyone}", [document_id])
        self.db.conn.executemany("DELETE FROM sentences WHERE id = ?", [(sid,) for sid in held.difference(ids)])
        self.db.conn.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " position = excluded.position WHERE position <> excluded.position",
            [
                (sid, document_id, position, one.start, one.end, one.text)
                for position, (sid, one) in enumerate(zip(ids, sentences, strict=True))
            ],
        )
        return ids

    def _forget_annotation(self, event_id: str, model_id: str, document_id: str) -> None:
        mine = "sentence_id IN (SELECT id FROM sentences WHERE document_id = ?)"
        for table in ("sentence_themes", "target_scores"):
            self.db.execute(
                f"DELETE FROM {table} WHERE event_id = ? AND model_id = ? AND {mine}",
                [event_id, model_id, document_id],
            )
        self.db.execute(f"DELETE FROM mentions WHERE event_id = ? AND {mine}", [event_id, document_id])

    def save_confusion(self, event_id: str, model_id: str, cells: dict[tuple[str, str, str], int]) -> None:
        """Replace what was measured of a model on an event: (kind, truth, said) to the number of sentences."""
        with self.transaction():
            self.db.execute("DELETE FROM confusion WHERE event_id = ? AND model_id = ?", [event_id, model_id])
            rows = [(model_id, event_id, kind, truth, said, n, now()) for (kind, truth, said), n in cells.items()]
            self.db.conn.executemany("INSERT INTO confusion VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def save_families(self, rows: Iterable[tuple[str, str, str, float, str | None]]) -> None:
        """Put documents into families: (document_id, family_id, kind, similarity, how) a row."""
        with self.transaction():
            self.db.conn.executemany("INSERT OR REPLACE INTO families VALUES (?, ?, ?, ?, ?)", rows)

    def _upsert(self, table: str, key: str, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
        self.db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})"
            f" ON CONFLICT ({key}) DO UPDATE SET {changes}",
            list(row.values()),
        )


def _document_row(document: Document, snapshot: Snapshot | None, digest: str, reader: str) -> dict[str, Any]:
    published = document.published
    return {
        "id": document.id,
        "platform": document.platform,
        "kind": document.kind,
        "url": document.url,
        "native_id": document.native_id,
        "title": document.title,
        "author": document.author,
        "outlet": document.outlet,
        "published_at": kst_text(published.at) if published else None,
        "date_source": published.source if published else None,
        "date_precision": published.precision if published else None,
        "modified_at": kst_text(document.modified.at) if document.modified else None,
        "source_url": document.source_url,
        "text": document.text,
        "text_sha256": digest,
        "language": language_of(document.text),
        "snapshot_id": snapshot.id if snapshot else None,
        "reader_sha256": reader,
        "read_at": now(),
        "date_evidence": _json(document.date_evidence),
    }


def _views_script() -> tuple[str, str]:
    """The views as this version defines them, and the digest of that."""
    script = (HERE / "views.sql").read_text(encoding="utf-8")
    return script, hashlib.sha256(script.encode()).hexdigest()


def _views_digest(db: Database) -> str | None:
    row = db.execute("SELECT value FROM about WHERE key = 'views_sha256'").fetchone()
    return row[0] if row else None


def _refresh_views(db: Database) -> None:
    """Recreate the views when this version defines them otherwise than the store does."""
    script, digest = _views_script()
    if _views_digest(db) == digest:
        return
    with db.atomic():
        for name in db.view_names():
            db.execute(f"DROP VIEW [{name}]")
        for statement in filter(None, (part.strip() for part in script.split(";\n"))):
            db.execute(statement)
        db.execute("INSERT OR REPLACE INTO about VALUES ('views_sha256', ?)", [digest])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
