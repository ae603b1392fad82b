"""How a store came to its tables: a new one by schema.sql, one made under an older schema.sql step by step.

Each step changes nothing on a store that has it already.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from data.sites import site_of

SCHEMA = Path(__file__).with_name("schema.sql")

migrations = Migrations("yeoron")


@migrations()
def m001_first(db: Database) -> None:
    """The whole of schema.sql."""
    db.executescript(_schema())


@migrations()
def m002_sites(db: Database) -> None:
    """Each address knows its site, so that what is due can be handed out site by site."""
    _add_column(db, "frontier", "site", "TEXT NOT NULL DEFAULT ''")
    rows = db.execute("SELECT rowid, url FROM frontier WHERE site = ''").fetchall()
    db.conn.executemany("UPDATE frontier SET site = ? WHERE rowid = ?", [(site_of(url), row) for row, url in rows])
    _add_tables(db, "sites")
    _add_indexes(db, "frontier_due", "frontier_again")


@migrations()
def m003_payloads(db: Database) -> None:
    """Bytes are found by their hash: the archive does not write them twice."""
    _add_indexes(db, "snapshots_payload")


@migrations()
def m004_finders(db: Database) -> None:
    """Where to fetch an address from, everybody who named it, and which article a link leads to."""
    _add_column(db, "frontier", "fetch_from", "TEXT")
    _add_column(db, "links", "cited_url", "TEXT")
    _add_tables(db, "finders")


@migrations()
def m005_confusion(db: Database) -> None:
    """What a model says of labelled sentences, by what is true."""
    _add_tables(db, "confusion")


@migrations()
def m006_families(db: Database) -> None:
    """Families are kept up to date document by document; what was grouped before is grouped anew."""
    _add_column(db, "families", "how", "TEXT")
    _add_tables(db, "family_prints", "family_keys", "family_due")
    _add_indexes(db, "family_prints_family")
    for trigger in re.findall(r"CREATE TRIGGER family_due.*?\nEND;\n", _schema(), re.DOTALL):
        db.execute(trigger.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS", 1))


@migrations()
def m007_contracts(db: Database) -> None:
    """What else a page says of its date, which run read a document last, and what was expected of a run's pages."""
    _add_column(db, "documents", "date_evidence", "TEXT NOT NULL DEFAULT '[]'")
    _add_column(db, "documents", "run_id", "INTEGER REFERENCES runs(id)")
    _add_tables(db, "contracts")
    _add_indexes(db, "documents_run")


@migrations()
def m008_target_scores(db: Database) -> None:
    """Polarity toward each of several targets in one sentence; what was annotated before has none."""
    _add_tables(db, "target_scores")


@migrations()
def m009_rules(db: Database) -> None:
    """By which rules a document was annotated; by none that is known before, so it is due again. What hangs on a
    sentence is found by it."""
    _add_column(db, "annotations", "rules_sha256", "TEXT NOT NULL DEFAULT ''")
    _add_indexes(db, "sentence_themes_sentence", "mentions_sentence", "target_scores_sentence")


def _schema() -> str:
    return SCHEMA.read_text(encoding="utf-8")


def _add_column(db: Database, table: str, column: str, declaration: str) -> None:
    """Append a column where it is missing."""
    if column not in {held.name for held in db.table(table).columns}:
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")


def _add_tables(db: Database, *names: str) -> None:
    """Create tables as schema.sql has them, where they are missing."""
    for name in names:
        statement = re.search(rf"CREATE TABLE {name} \(.*?\n\) STRICT[^;]*;", _schema(), re.DOTALL)
        assert statement is not None, name
        db.execute(statement.group().replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))


def _add_indexes(db: Database, *names: str) -> None:
    for name in names:
        statement = re.search(rf"CREATE INDEX {name} .*?;", _schema())
        assert statement is not None, name
        db.execute(statement.group().replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
