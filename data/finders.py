"""What is asked again, asked elsewhere, or asked because a document points to it: the frontier beside its queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data.records import Lead
from data.sites import host_of, site_of
from data.store import Store, now

# What says that a page is not there to be had, rather than not wanted: then another finder's place for it
# is asked. A page that robots.txt, noindex, 401, 403 or 410 keeps from us is not looked for in an archive.
NOT_THERE = (
    "http_404", "http_500", "http_502", "http_503", "http_504", "no_answer", "no_such_host", "timeout", "not_a_capture",
)  # fmt: skip
_OTHER_PLACE = f"""
SELECT fr.url, (
  SELECT f.fetch_from FROM finders f
  WHERE f.event_id = fr.event_id AND f.url = fr.url AND f.fetch_from IS NOT NULL AND f.rowid > coalesce((
    SELECT max(g.rowid) FROM finders g
    WHERE g.event_id = fr.event_id AND g.url = fr.url AND g.fetch_from = fr.fetch_from), 0)
  ORDER BY f.rowid LIMIT 1) AS place
FROM frontier fr
WHERE fr.event_id = ? AND fr.role = 'page' AND fr.state IN ('refused', 'failed')
AND fr.last_outcome IN ({", ".join("?" * len(NOT_THERE))})
"""


def ask_elsewhere(store: Store, event_id: str) -> int:
    """Queue pages that were not there under the next place that somebody found them at; return how many."""
    rows = [row for row in store.rows(_OTHER_PLACE, [event_id, *NOT_THERE]) if row["place"]]
    with store.transaction():
        for row in rows:
            store.db.execute(
                "UPDATE frontier SET state = 'queued', attempts = 0, next_try_at = NULL, fetch_from = ?, site = ?,"
                " updated_at = ? WHERE event_id = ? AND url = ?",
                [row["place"], site_of(row["place"]), now(), event_id, row["url"]],
            )
    return len(rows)


def ask_again(store: Store, event_id: str, lists: Iterable[Lead], since: str = "9") -> int:
    """Queue lists, those too that were read before ``since`` (a moment as text); return how many."""
    held = "event_id = ? AND url = ? AND role <> 'page' AND state IN ('done', 'failed') AND updated_at < ?"
    queued = 0
    with store.transaction():
        for lead in lists:
            store.db.execute(f"DELETE FROM frontier WHERE {held}", [event_id, lead.url, since])
            queued += store.add_leads(event_id, [lead])
    return queued


def lists_of(store: Store, event_id: str, role: str) -> list[Lead]:
    """Every list of a kind in the frontier, whoever named it."""
    sql = "SELECT url, platform, found_by, found_on, role, fetch_from FROM frontier WHERE event_id = ? AND role = ?"
    return [Lead(**row) for row in store.rows(f"{sql} ORDER BY rowid", [event_id, role])]


def save_citations(store: Store, document_id: str, cited: Iterable[tuple[int, str]]) -> None:
    """Write which links of a document lead to articles: (position, the article's canonical address)."""
    rows = [(url, document_id, position) for position, url in cited]
    store.db.conn.executemany("UPDATE links SET cited_url = ? WHERE document_id = ? AND position = ?", rows)


def unvisited_citations(store: Store, event_id: str, most_of_one: int) -> Iterator[tuple[str, str, str]]:
    """(cited address, link as written, citing document's address) of the event's documents, the newest document first.

    Addresses that the frontier knows are left out; ``most_of_one`` links of a document are looked at.
    """
    sql = (
        "SELECT l.cited_url, l.url, d.url AS document FROM event_documents ed JOIN documents d ON d.id = ed.document_id"
        " JOIN links l ON l.document_id = d.id WHERE ed.event_id = ?1 AND ed.belongs = 1 AND ed.advertising = 0"
        " AND l.position < ?2 AND l.cited_url IS NOT NULL AND l.cited_url <> d.url"
        " AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.event_id = ?1 AND f.url = l.cited_url)"
        " ORDER BY d.read_at DESC, d.id, l.position"
    )
    for row in store.rows(sql, [event_id, most_of_one]):
        yield row["cited_url"], row["url"], row["document"]


def known_hosts(store: Store, event_id: str) -> set[str]:
    """Hosts that have given a document that counts for the event."""
    sql = (
        "SELECT d.url FROM event_documents ed JOIN documents d ON d.id = ed.document_id"
        " WHERE ed.event_id = ? AND ed.belongs = 1"
    )
    return {host_of(row["url"]) for row in store.rows(sql, [event_id])}
