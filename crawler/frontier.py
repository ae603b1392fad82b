"""Scrapy's scheduler over the store: what is due, site by site, each site as far as its manners allow."""

from __future__ import annotations

from collections import Counter, deque
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from data.frontier import DueOfSite, due_sites
from data.records import Lead, Problem
from data.sites import host_of, site_of

if TYPE_CHECKING:
    from crawler.spider import EventSpider

# Seconds after which the store is asked again for sites that a list has named meanwhile.
LOOK_AGAIN = 2.0
# Seconds that a request may wait for its site's delay with Scrapy, where it holds one of CONCURRENT_REQUESTS places:
# the engine's heartbeat, which asks for the next request as often when nothing else happens.
MOST_AHEAD = 5.0


class FrontierScheduler(BaseScheduler):
    """Hands out one address after another, of each site in turn.

    A site holds no more requests than it may answer at a time, so a slow one keeps nobody waiting.
    Nothing is kept here but a batch for each site and what Scrapy gives back (redirects, retries).
    """

    spider: EventSpider

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._at_a_time = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._most = {
            True: crawler.settings.getint("PAGES_OF_A_HOST"),
            False: crawler.settings.getint("LISTS_OF_A_HOST"),
        }
        self._given_back: deque[Request] = deque()
        self._sites: dict[str, DueOfSite] = {}
        self._turns: deque[str] = deque()
        self._of_host: Counter[tuple[str, bool]] = Counter()
        self._looked = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        return cls(crawler)

    def open(self, spider: EventSpider) -> None:
        self.spider = spider

    # ── what Scrapy asks of a scheduler ──────────────────────────────────────
    def enqueue_request(self, request: Request) -> bool:
        self._given_back.append(request)
        return True

    def has_pending_requests(self) -> bool:
        """Whether anything is left for this run, be it after a short wait."""
        if self._given_back:
            return True
        self._look()
        return any(self._sites[site].has_more(not self.spider.limit_reached()) for site in self._turns)

    def next_request(self) -> Request | None:
        busy = Counter(_site(request) for request in self._crawler.engine.downloader.active)
        return self._next_given_back(busy) or self._next_due(busy)

    def put_back(self, lead: Lead, site: str) -> None:
        """A lead that was not asked for since its site waits: again in this run when the wait is short."""
        if site in self._sites and not self.spider.sites.waits_long(site):
            self._sites[site].put_back(lead)
            if site not in self._turns:
                self._turns.append(site)

    # ── choosing ─────────────────────────────────────────────────────────────
    def _next_given_back(self, busy: Counter[str]) -> Request | None:
        for _ in range(len(self._given_back)):
            request = self._given_back.popleft()
            if busy[_site(request)] < self._at_a_time:
                return request
            self._given_back.append(request)
        return None

    def _next_due(self, busy: Counter[str]) -> Request | None:
        if not self._turns or monotonic() - self._looked > LOOK_AGAIN:
            self._look()
        for _ in range(len(self._turns)):
            site = self._turns.popleft()
            if self.spider.sites.waits_long(site):
                continue
            if busy[site] >= self._at_a_time or self.spider.sites.waits(site) or self._is_early(site):
                self._turns.append(site)
                continue
            while (lead := self._take(site)) is not None:
                if request := self.spider.request(lead):
                    self._turns.append(site)
                    return request
        return None

    def _is_early(self, site: str) -> bool:
        """Whether the site's delay has long to run: it must not hold a place that another could use."""
        slot = self._crawler.engine.downloader.slots.get(site)
        return bool(slot is not None and slot.lastseen + slot.delay - monotonic() > MOST_AHEAD)

    def _look(self) -> None:
        """Bring in sites that are due and not among those whose turn comes."""
        self._looked = monotonic()
        here = set(self._turns)
        for site in due_sites(self.spider.store, self.spider.event.id):
            if site not in here and not self.spider.sites.waits_long(site):
                if site not in self._sites:
                    self._sites[site] = DueOfSite(self.spider.store, self.spider.event.id, site, self.spider.chosen)
                self._turns.append(site)

    def _take(self, site: str) -> Lead | None:
        """The next lead of a site, passing over those of a host that has had its share of this run."""
        passed: list[str] = []
        while (lead := self._sites[site].take(not self.spider.limit_reached())) is not None:
            share = (host_of(lead.url), lead.role == "page")
            self._of_host[share] += 1
            if self._of_host[share] <= self._most[share[1]]:
                break
            if self._of_host[share] == self._most[share[1]] + 1:
                self._note_share(lead, self._most[share[1]])
            passed.append(lead.url)
        if passed:
            self.spider.store.put_off(self.spider.event.id, passed, "host_limit")
        return lead

    def _note_share(self, lead: Lead, most: int) -> None:
        kind = "pages" if lead.role == "page" else "lists"
        detail = f"{most} {kind} of one host are a run's share; the rest stays queued for the next crawl"
        self.spider.note(Problem("fetch", "host_limit", detail, f"https://{host_of(lead.url)}/", lead.platform))


def _site(request: Request) -> str:
    slot: str | None = request.meta.get("download_slot")
    return slot if slot is not None else site_of(request.url)
