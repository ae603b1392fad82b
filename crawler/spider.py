"""The spider: visits what the frontier holds, reads lists for more, and hands pages to the store.

The frontier lives in the store, so a crawl can be stopped anywhere and goes on at the next run.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.defer import deferred_from_coro
from tqdm import tqdm
from twisted.python.failure import Failure

from crawler import feeds, reading
from crawler.middlewares import PageTooLarge, RobotsForbids, RobotsUnreachable
from crawler.outcomes import Unreadable
from crawler.reading import Found, fetch_url, problem, read
from data.archive import Archive
from data.events import Event
from data.records import KST, Lead, Problem, Snapshot
from data.store import Store

# A feed or sitemap that names more addresses than this is cut there, and the cut is recorded: the
# sitemap protocol allows 50,000 a file.
LONGEST_LIST = 50_000
# Many names, one service: the delay between requests holds for all of them together.
ONE_SITE = ("tistory.com", "naver.com", "daum.net")


class EventSpider(Spider):
    name = "event"

    def __init__(
        self,
        event: Event,
        store: Store,
        archive: Archive,
        run_id: int,
        chosen: tuple[str, ...] = (),
        limit: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event, self.store, self.archive, self.run_id = event, store, archive, run_id
        self.chosen, self.limit = chosen, limit
        self.counts: Counter[str] = Counter()
        self.progress = tqdm(desc=event.id, unit="page", disable=None)
        self._asked: set[str] = set()
        self.fatal: Exception | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> EventSpider:
        spider: EventSpider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_broken_callback, signals.spider_error)
        crawler.signals.connect(spider.on_broken_item, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for request in self._due():
            yield request

    def _due(self) -> Iterator[Request]:
        for lead in self.store.due(self.event.id, self.chosen):
            if lead.url in self._asked or (lead.role == "page" and self._limit_reached()):
                continue
            self._asked.add(lead.url)
            self.counts["requests"] += 1
            self.counts["pages_requested"] += lead.role == "page"
            yield self._request(lead)

    def _limit_reached(self) -> bool:
        return self.limit is not None and self.counts["pages_requested"] >= self.limit

    def _request(self, lead: Lead) -> Request:
        url = fetch_url(lead.url) if lead.role == "page" else lead.url
        return Request(
            url,
            callback=self.on_page if lead.role == "page" else self.on_list,
            errback=self.on_error,
            cb_kwargs={"lead": lead},
            meta={"download_slot": site_of(url)},
            priority=0 if lead.role == "page" else 10,
            dont_filter=True,
        )

    # ── lists ────────────────────────────────────────────────────────────────
    def on_list(self, response: Response, lead: Lead) -> Iterator[Request]:
        try:
            entries = feeds.entries(response.url, response.body, _content_type(response), _fetched_at(response))
        except (feeds.NotAFeed, Unreadable) as error:
            self.refuse(lead, Problem("discover", "not_a_feed", str(error), lead.url, lead.platform), "failed")
            return
        self._keep(lead, entries)
        self.counts["lists"] += 1
        yield from self._due()

    def _keep(self, lead: Lead, entries: list[feeds.Entry]) -> None:
        inside = [entry for entry in entries[:LONGEST_LIST] if self._may_belong(lead, entry)]
        self.counts["listed"] += len(entries)
        self.counts["listed_outside_period"] += len(entries) - len(inside)
        with self.store.transaction():
            if not entries:
                empty = Problem("discover", "empty_list", "the list names nothing: check its address", lead.url)
                self.store.problem(self.run_id, self.event.id, empty)
            if len(entries) > LONGEST_LIST:
                cut = Problem("discover", "list_cut", f"only {LONGEST_LIST} of {len(entries)} were taken", lead.url)
                self.store.problem(self.run_id, self.event.id, cut)
            leads = [found for entry in inside if (found := self._lead(lead, entry))]
            self.counts["listed_lists"] += len(inside) - len(leads)
            self.counts["leads"] += self.store.add_leads(self.event.id, leads)
            self.store.settle(self.event.id, lead.url, "done", "ok")

    def _may_belong(self, lead: Lead, entry: feeds.Entry) -> bool:
        """A feed's date is the post's own; a sitemap's is the last change, so only the past is ruled out."""
        if entry.dated is None or entry.is_list:
            return True
        if entry.dated.at < self.event.starts:
            return False
        return lead.role == "sitemap" or entry.dated.at <= self.event.ends

    def _lead(self, source: Lead, entry: feeds.Entry) -> Lead | None:
        if entry.is_list:
            return Lead(entry.url, source.platform, "sitemap", source.url, "sitemap")
        return reading.lead(entry.url, source.role, source.url)

    # ── pages ────────────────────────────────────────────────────────────────
    def on_page(self, response: Response, lead: Lead) -> Iterator[Found]:
        snapshot: Snapshot = response.request.meta["snapshot"]
        self.progress.update()
        try:
            page = read(self.event, response.url, response.body, _content_type(response), snapshot.fetched_at)
        except Unreadable as error:
            self.refuse(lead, problem(error, "read", lead.url, lead.platform), "refused", snapshot)
            return
        if "noindex" in page.robots:
            asked = Problem("read", "noindex", "the page asks robots not to index it", lead.url, lead.platform)
            self.refuse(lead, asked, "refused", None)
            return
        yield Found(lead, snapshot, page)

    def on_error(self, failure: Failure) -> None:
        lead: Lead = failure.request.cb_kwargs["lead"]
        outcome, state = _outcome(failure)
        stage = "fetch" if lead.role == "page" else "discover"
        detail = str(failure.value).strip() or failure.type.__name__
        self.refuse(lead, Problem(stage, outcome, detail, lead.url, lead.platform), state)

    # ── what should not happen ───────────────────────────────────────────────
    def on_broken_callback(self, failure: Failure, response: Response) -> None:
        request = response.request
        self._broken(failure, request.cb_kwargs["lead"], request.meta.get("snapshot"))

    def on_broken_item(self, item: Found, failure: Failure) -> None:
        self._broken(failure, item.lead, item.snapshot)

    def _broken(self, failure: Failure, lead: Lead, snapshot: Snapshot | None) -> None:
        """A full disk ends the crawl; any other surprise is the page's problem and the crawl goes on."""
        if failure.check(OSError, sqlite3.OperationalError):
            return self.give_up(failure.value)
        detail = f"{failure.type.__name__}: {failure.value}; please report it with this address"
        return self.refuse(lead, Problem("read", "broken", detail, lead.url, lead.platform), "failed", snapshot)

    def give_up(self, error: Exception) -> None:
        """Stop the crawl: what is not stored stays queued for the next one."""
        if self.fatal is None:
            self.fatal = error
            deferred_from_coro(self.crawler.engine.close_spider_async(reason=f"cannot write: {error}"))

    def refuse(self, lead: Lead, problem: Problem, state: str, snapshot: Snapshot | None = None) -> None:
        if self.fatal is not None:
            return  # the fault is ours: the address stays queued
        self.counts["problems"] += 1
        self.counts[f"problem_{problem.outcome}"] += 1
        self.store.save_refusal(self.event.id, self.run_id, snapshot, lead, problem, state)

    def closed(self, reason: str) -> None:
        self.progress.close()
        if reason != "finished" and self.fatal is None:
            self.counts["problems"] += 1
            stopped = Problem("fetch", "stopped", f"the crawl was stopped: {reason}; run it again to go on")
            self.store.problem(self.run_id, self.event.id, stopped)


def _outcome(failure: Failure) -> tuple[str, str]:
    """The named outcome of a failed request, and the state it leaves its address in."""
    if failure.check(RobotsForbids):
        return "robots", "refused"
    if failure.check(RobotsUnreachable):
        return "robots_unreachable", "failed"
    if failure.check(PageTooLarge) or "download_maxsize" in str(failure.value).lower():
        return "too_large", "refused"
    if failure.check(HttpError):
        status = failure.value.response.status
        return f"http_{status}", "failed" if status in (429, 500, 502, 503, 504) else "refused"
    if failure.check(IgnoreRequest):
        return "ignored", "refused"
    return "no_answer", "failed"


def site_of(url: str) -> str:
    """The site whose delay a request falls under: a host, or one service behind many names."""
    host = url.split("/", 3)[2].lower()
    return next((site for site in ONE_SITE if host == site or host.endswith(f".{site}")), host)


def _content_type(response: Response) -> str | None:
    value: bytes | None = response.headers.get(b"Content-Type")
    return value.decode("latin-1") if value else None


def _fetched_at(response: Response) -> datetime:
    snapshot: Snapshot | None = response.request.meta.get("snapshot")
    return snapshot.fetched_at if snapshot else datetime.now(KST)
