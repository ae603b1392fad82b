"""When a site is to be left alone: it asked for time, or it fails and fails again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.exceptions import IgnoreRequest

from data.records import KST, Problem
from data.store import Store

# What no site may ask for with Retry-After: a day later the crawl is another one.
LONGEST_WAIT = timedelta(days=1)
# 429 without Retry-After: the first step of RETRY_AFTER in data/store.py is as long.
WAIT_UNASKED = timedelta(minutes=10)
# The first opening of a circuit; each further one without an answer between them doubles it.
FIRST_OPENING = timedelta(minutes=30)


class SiteWaits(IgnoreRequest):
    """The site is left alone for now; the address stays queued."""


class Sites:
    """Which sites wait, and until when. What is decided here is kept in the store, for the next run too."""

    def __init__(self, store: Store, failures: int, patience: float, note: Callable[[Problem], None]) -> None:
        self._store, self._note = store, note
        self._most, self._patience = failures, timedelta(seconds=patience)
        self._failures: Counter[str] = Counter()
        self._until: dict[str, datetime] = {}
        self._openings: dict[str, int] = {}
        for row in store.rows("SELECT site, waits_until, openings FROM sites"):
            self._until[row["site"]] = datetime.fromisoformat(row["waits_until"])
            self._openings[row["site"]] = row["openings"]
            self._failures[row["site"]] = failures - 1 if row["openings"] else 0  # one more and it opens again

    def waits(self, site: str) -> bool:
        return site in self._until and datetime.now(KST) < self._until[site]

    def waits_long(self, site: str) -> bool:
        """Longer than a run waits for it: its addresses are left to the next run."""
        return site in self._until and datetime.now(KST) + self._patience < self._until[site]

    def answered(self, site: str) -> None:
        self._failures.pop(site, None)
        if site in self._until:
            del self._until[site]
            self._openings.pop(site, None)
            self._store.answered(site)

    def failed(self, site: str, why: str) -> None:
        """Count a request without an answer; the circuit opens at the last of too many in a row."""
        self._failures[site] += 1
        if self._failures[site] >= self._most and not self.waits(site):
            openings = self._openings[site] = self._openings.get(site, 0) + 1
            wait = min(FIRST_OPENING * 2 ** (openings - 1), LONGEST_WAIT)
            self._leave(site, wait, "circuit_open", f"{self._failures[site]} failures in a row, the last: {why}")

    def asked_for_time(self, site: str, retry_after: str | None, status: int) -> None:
        """A 429, or a 503 that says when to come back."""
        wait = wait_asked(retry_after, datetime.now(UTC))
        if wait is not None or status == 429:
            stated = f"answered {status}, Retry-After: {retry_after or 'not stated'}"
            self._leave(site, WAIT_UNASKED if wait is None else wait, "retry_after", stated)

    def _leave(self, site: str, wait: timedelta, reason: str, why: str) -> None:
        until = datetime.now(KST) + wait
        if site in self._until and until <= self._until[site]:
            return
        self._until[site] = until
        self._store.leave_alone(site, until, reason, self._openings.get(site, 0))
        detail = f"{site} is left alone until {until:%Y-%m-%d %H:%M:%S} ({why}); its addresses stay queued"
        self._note(Problem("fetch", reason, detail, f"https://{site}/"))


def wait_asked(retry_after: str | None, at: datetime) -> timedelta | None:
    """Retry-After as seconds or as an HTTP date (RFC 9110 10.2.3), from zero to LONGEST_WAIT; None when unreadable."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - at, timedelta(0)), LONGEST_WAIT)
