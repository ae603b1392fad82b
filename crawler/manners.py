"""How fast a site may be asked, and when it is to be left alone: it asked for time, or it fails and fails again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fractions import Fraction

from protego import Protego
from scrapy.core.downloader import Downloader
from scrapy.exceptions import IgnoreRequest

from data.records import KST, Problem
from data.store import Store

# What no site may ask for with Retry-After or Crawl-delay: a day later the crawl is another one.
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
        self._paces: dict[str, float] = {}
        self._rests: dict[str, datetime] = {}
        for row in store.rows("SELECT site, waits_until, openings FROM sites"):
            self._until[row["site"]] = datetime.fromisoformat(row["waits_until"])
            self._openings[row["site"]] = row["openings"]
            self._failures[row["site"]] = failures - 1 if row["openings"] else 0  # one more and it opens again

    def waits(self, site: str) -> bool:
        return site in self._until and datetime.now(KST) < self._until[site]

    def waits_long(self, site: str) -> bool:
        """Longer than a run waits for it: its addresses are left to the next run."""
        now = datetime.now(KST)
        if site in self._rests and now < self._rests[site]:
            return True
        return site in self._until and now + self._patience < self._until[site]

    def pace(self, site: str) -> float:
        """Seconds between two requests that its robots.txt asks for, as far as a run waits for them; 0 without."""
        return min(self._paces.get(site, 0.0), self._patience.total_seconds())

    def asks_for_pace(self, site: str, seconds: float) -> None:
        """robots.txt of a host of the site asks for it; of several hosts the slowest counts. Called at each visit.

        Where it is more than a run waits for, this visit is the only one until that time is over.
        """
        pace = self._paces[site] = max(seconds, self._paces.get(site, 0.0))
        if pace > self._patience.total_seconds():
            self._rest(site, pace)

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

    def _rest(self, site: str, pace: float) -> None:
        """The visit goes on, so the site does not wait in this run; it is only handed out no more."""
        until = datetime.now(KST) + timedelta(seconds=pace)
        if site not in self._rests:
            detail = f"robots.txt of {site} asks for {pace:g} s between requests: one page a run; the rest stays queued"
            self._note(Problem("fetch", "crawl_delay", detail, f"https://{site}/"))
        self._rests[site] = until
        self._store.leave_alone(site, until, "crawl_delay", self._openings.get(site, 0))

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


def pace_asked(rules: Protego, agent: str) -> float:
    """Seconds between two requests that a robots.txt asks of ``agent``: its Crawl-delay or Request-rate, whichever
    is longer, at most LONGEST_WAIT; 0 where it states neither. A rate for some hours of the day is kept at any hour."""
    delay, rate = rules.crawl_delay(agent) or 0.0, rules.request_rate(agent)
    longest = LONGEST_WAIT.total_seconds()
    apart = Fraction(rate.seconds, rate.requests) if rate else Fraction(0)
    return min(max(delay, longest if apart > longest else float(apart)), longest)


def keep_pace(downloader: Downloader, site: str, pace: float) -> None:
    """Have the site's slot wait as long between two requests, never less: AutoThrottle may make it more, and the
    half that Scrapy adds or takes by chance is left out. Without a pace nothing is changed.

    To be called for each request: AutoThrottle goes back after a quick answer, and idle slots are thrown away.
    """
    if not pace:
        return
    delay = max(pace, downloader.settings.getfloat("DOWNLOAD_DELAY"))
    downloader.per_slot_settings[site] = {"delay": delay, "jitter": 0}
    if slot := downloader.slots.get(site):
        slot.delay, slot.jitter = max(slot.delay, delay), 0
