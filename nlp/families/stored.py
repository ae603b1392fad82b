"""The shelf in the store, and the regrouping of what is due: what came, changed, went or counts no more.

Triggers of ``schema.sql`` name what is due. The family of a document that changed is taken apart and placed
again, so no text that is gone holds a family together.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.store import Store
from nlp.families.keys import Keys
from nlp.families.prints import Family, Print, print_of, rows
from nlp.families.shelf import PROPOSED, place

# Documents placed in one transaction: what a kill costs.
CHUNK = 200

_DOCUMENT = "SELECT id, url, source_url, platform, outlet, title, text, published_at, date_precision FROM documents d"
_IN = "(SELECT value FROM json_each(?))"


def update(store: Store) -> int:
    """Bring the families of a store up to date: after it they are those of a regrouping of everything.

    Returns how many documents were due.
    """
    shelf, done = StoredShelf(store), 0
    shelf.forget_other_methods()
    while due := shelf.due():
        done += len(due)
        with store.transaction():
            touched = {place(shelf, one) for one in shelf.belonging(shelf.take_apart(due))}
            for family in touched:
                shelf.save(family)
            shelf.settle(due)
    return done


class StoredShelf:
    """Documents and families have the numbers of ``family_prints``; a family has that of its last placed member."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self) -> list[str]:
        sql = "SELECT document_id FROM family_due ORDER BY document_id LIMIT ?"
        return [row["document_id"] for row in self._store.rows(sql, [CHUNK])]

    def settle(self, ids: Sequence[str]) -> None:
        self._write(f"DELETE FROM family_due WHERE document_id IN {_IN}", _list(ids))

    def take_apart(self, ids: Sequence[str]) -> list[str]:
        """Take documents off the shelf with the rest of their families; returns the ids of all of them."""
        sql = (
            "SELECT number, document_id, keys FROM family_prints WHERE family IN"
            f" (SELECT family FROM family_prints WHERE document_id IN {_IN})"
        )
        held = list(self._store.rows(sql, [_list(ids)]))
        for one in held:
            pairs = [(key, one["number"]) for key in _unpacked(one["keys"])]
            self._store.db.conn.executemany("DELETE FROM family_keys WHERE key = ? AND number = ?", pairs)
        members = _list([one["document_id"] for one in held])
        for table in ("family_prints", "families"):
            self._write(f"DELETE FROM {table} WHERE document_id IN {_IN}", members)
        return sorted({*ids, *(one["document_id"] for one in held)})

    def belonging(self, ids: Sequence[str]) -> Iterable[Print]:
        """Those of the documents that count for some event."""
        counts = "EXISTS (SELECT 1 FROM event_documents ed WHERE ed.document_id = d.id AND ed.belongs = 1)"
        found = list(self._store.rows(f"{_DOCUMENT} WHERE id IN {_IN} AND {counts} ORDER BY id", [_list(ids)]))
        return map(print_of, found)

    def holders(self, key: int) -> Iterable[int]:
        sql = f"SELECT number FROM family_keys WHERE key = ? ORDER BY number LIMIT {PROPOSED}"
        return [row[0] for row in self._store.db.conn.execute(sql, [key])]

    def sketch_and_family(self, number: int) -> tuple[bytes, int]:
        sql = "SELECT sketch, family FROM family_prints WHERE number = ?"
        found: tuple[bytes, int] = self._store.db.conn.execute(sql, [number]).fetchone()
        return found

    def look(self, number: int) -> Print:
        sql = f"{_DOCUMENT} WHERE id = (SELECT document_id FROM family_prints WHERE number = ?)"
        return print_of(next(self._store.rows(sql, [number])))

    def put(self, one: Print, found: Keys, joined: set[int]) -> int:
        held = found.sure + found.bands
        number = int(self._store.value("SELECT coalesce(max(number), 0) + 1 FROM family_prints"))
        row = [number, one.id, number, found.sketch, struct.pack(f"<{len(held)}q", *held)]
        self._write("INSERT INTO family_prints VALUES (?, ?, ?, ?, ?)", *row)
        self._store.db.conn.executemany("INSERT INTO family_keys VALUES (?, ?)", [(key, number) for key in held])
        self._write(f"UPDATE family_prints SET family = ? WHERE family IN {_IN}", number, _list(joined))
        return number

    def save(self, family: int) -> None:
        """Write the rows of a family; one that has since joined another has no members left."""
        members = "(SELECT document_id FROM family_prints WHERE family = ?)"
        found = [print_of(row) for row in self._store.rows(f"{_DOCUMENT} WHERE id IN {members}", [family])]
        before = self._store.rows(f"SELECT * FROM families WHERE document_id IN {members}", [family])
        known = {row["document_id"]: Family(**row) for row in before}
        if found:
            self._store.save_families(rows(found, known))

    def forget_other_methods(self) -> None:
        """Families grouped by other code than this are grouped anew."""
        if self._store.value("SELECT value FROM about WHERE key = 'families_sha256'") == method():
            return
        with self._store.transaction():
            for table in ("family_keys", "family_prints", "families"):
                self._write(f"DELETE FROM {table}")
            self._write("INSERT OR IGNORE INTO family_due SELECT document_id FROM event_documents WHERE belongs = 1")
            self._write("INSERT OR REPLACE INTO about VALUES ('families_sha256', ?)", method())

    def _write(self, sql: str, *parameters: Any) -> None:
        self._store.db.conn.execute(sql, parameters)


@cache
def method() -> str:
    """Hash of this package's code."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _unpacked(keys: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(keys) // 8}q", keys)


def _list(items: Iterable[Any]) -> str:
    return json.dumps(list(items))
