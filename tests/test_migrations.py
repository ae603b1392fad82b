"""Migrations: a store made by the first published schema becomes what a new one is, with its rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from data.store import NAME, Store

FIRST = Path(__file__).with_name("schema-first.sql")


def shape(store: Store) -> dict[str, object]:
    """Columns of each table with type, null and default; names of indexes and triggers."""
    names = [row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = {name: [tuple(c.values()) for c in store.rows(f"PRAGMA table_info({name})")] for name in names}
    others = store.rows(
        "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger', 'view') AND name NOT LIKE '%migrations%'"
    )
    return {**tables, "others": sorted(row["name"] for row in others)}


def test_an_old_store_becomes_a_new_one_and_keeps_its_rows(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    with sqlite3.connect(old / NAME) as db:
        db.executescript(FIRST.read_text(encoding="utf-8"))
        db.execute(
            "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
        )
        db.execute("INSERT INTO _sqlite_migrations VALUES (1, 'yeoron', 'm001_first', '2026-11-22')")
        db.execute("INSERT INTO events VALUES ('e', 't', 't', 's', '2022-10-15', '2022-10-31', 'x', NULL)")
        page = ("e", "https://blog.naver.com/a/1", "page", "naver_blog", "feed", "queued", 0, "2022-10-15")
        db.execute(
            "INSERT INTO frontier (event_id, url, role, platform, found_by, state, attempts, updated_at) VALUES (?,?,?,?,?,?,?,?)",
            page,
        )
    with Store.open(old) as migrated, Store.open(tmp_path / "new") as new:
        assert shape(migrated) == shape(new)
        assert migrated.value("SELECT site FROM frontier") == "naver.com"
    with Store.open(old) as again:
        assert again.value("SELECT count(*) FROM frontier") == 1
