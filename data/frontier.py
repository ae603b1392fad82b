"""What is due: the sites that have something to visit, and the addresses of one site in small batches.

An address is handed out once. Where a reader stands is a key (the row's number, or its next
try), so that nothing grows with the queue and an index answers every question.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from data.records import Lead
from data.store import Store, now

# Addresses of one site held in memory: enough for a minute of a site that is asked every 1.5 s.
BATCH = 50
# Sites handed out side by side. A thousand at 1.5 s a request are 660 requests a second, more than
# one machine reads (about 100 a second and core); the next site comes in when one runs dry.
MOST_SITES = 1000

_LEAD = "rowid AS number, url, platform, found_by, found_on, role, fetch_from"
_OF_SITE = "event_id = ? AND site = ?"
# One index lookup for each site name, and one or two to see whether anything of it is due.
SITES = """
WITH RECURSIVE names(site) AS (
  SELECT min(site) FROM frontier WHERE event_id = ?1
  UNION ALL
  SELECT (SELECT min(f.site) FROM frontier f WHERE f.event_id = ?1 AND f.site > names.site)
  FROM names WHERE names.site IS NOT NULL
)
SELECT site FROM names WHERE site IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM sites w WHERE w.site = names.site AND w.waits_until > ?2)
AND (EXISTS (SELECT 1 FROM frontier f WHERE f.event_id = ?1 AND f.site = names.site AND f.state = 'queued')
  OR EXISTS (SELECT 1 FROM frontier f WHERE f.event_id = ?1 AND f.site = names.site AND f.state = 'failed'
             AND f.next_try_at <= ?2))
LIMIT ?3
"""
QUEUED = (
    f"SELECT {_LEAD} FROM frontier WHERE {_OF_SITE} AND state = 'queued' AND (role = 'page') = ?"
    " AND rowid > ?{chosen} ORDER BY rowid LIMIT ?"
)
AGAIN = (
    f"SELECT {_LEAD}, next_try_at FROM frontier WHERE {_OF_SITE} AND state = 'failed'"
    " AND (next_try_at, rowid) > (?, ?) AND next_try_at <= ?{chosen} ORDER BY next_try_at, rowid LIMIT ?"
)


def due_sites(store: Store, event_id: str) -> list[str]:
    """Sites with queued addresses, or failed ones whose next try has come, that are not to be left alone now."""
    return [row["site"] for row in store.rows(SITES, [event_id, now(), MOST_SITES])]


class DueOfSite:
    """What is due on one site, each address once: lists first, then what failed before, then pages.

    ``platforms`` narrows the pages, never the lists.
    """

    def __init__(self, store: Store, event_id: str, site: str, platforms: Sequence[str] = ()) -> None:
        self._store, self._of, self._platforms = store, (event_id, site), tuple(platforms)
        self._chosen = f" AND platform IN ({', '.join('?' * len(platforms))})" if platforms else ""
        self._lists: deque[Lead] = deque()
        self._pages: deque[Lead] = deque()
        self._list_number, self._page_number = 0, 0
        self._failed: tuple[str, int] = ("", 0)

    def take(self, pages: bool = True) -> Lead | None:
        """The next address, or None when nothing is due; asked again later, it looks again."""
        waiting = self._waiting(pages)
        return waiting.popleft() if waiting else None

    def put_back(self, lead: Lead) -> None:
        self._pages.append(lead)

    def has_more(self, pages: bool = True) -> bool:
        return bool(self._waiting(pages))

    def _waiting(self, pages: bool) -> deque[Lead]:
        if not self._lists and not (pages and self._pages):
            self._read_lists()
        if pages and not self._lists and not self._pages:
            self._read_again()
            self._read_pages()
        return self._lists or (self._pages if pages else self._lists)

    def _read_lists(self) -> None:
        for row in self._store.rows(QUEUED.format(chosen=""), [*self._of, 0, self._list_number, BATCH]):
            self._list_number = row.pop("number")
            self._lists.append(Lead(**row))

    def _read_pages(self) -> None:
        sql = QUEUED.format(chosen=self._chosen)
        for row in self._store.rows(sql, [*self._of, 1, self._page_number, *self._platforms, BATCH]):
            self._page_number = row.pop("number")
            self._pages.append(Lead(**row))

    def _read_again(self) -> None:
        sql = AGAIN.format(chosen=self._chosen)
        for row in self._store.rows(sql, [*self._of, *self._failed, now(), *self._platforms, BATCH]):
            self._failed = (row.pop("next_try_at"), row.pop("number"))
            self._pages.append(Lead(**row))
