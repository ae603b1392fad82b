"""The spider: visits what the frontier holds, reads lists for more, and hands pages to the store.

The frontier lives in the store, so a crawl can be stopped anywhere and goes on at the next run.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.defer import deferred_from_coro
from tqdm import tqdm
from twisted.python.failure import Failure

from crawler import asks, reading
from crawler.apart import ReaderDied, ReadingProcess
from crawler.captures import ArchiveBusy, NotACapture
from crawler.guard import Refused
from crawler.lists import Answer, Entry, Listing, ListRefused, SourceShut
from crawler.manners import Sites, SiteWaits
from crawler.middlewares import TROUBLE, PageTooLarge, RobotsForbids, RobotsUnreachable
from crawler.outcomes import Unreadable
from crawler.reading import Fetched
from crawler.sources import sources
from data.archive import Archive
from data.events import Event
from data.finders import ask_again
from data.records import KST, Lead, Problem, Snapshot
from data.sites import site_of
from data.store import Store, now

# A feed or sitemap that names more addresses than this is cut there, and the cut is recorded: the
# sitemap protocol allows 50,000 a file.
LONGEST_LIST = 50_000
# What failed, the name it goes by, and the state it leaves its address in; the first that fits.
OUTCOMES: tuple[tuple[type[Exception], str, str], ...] = (
    (RobotsForbids, "robots", "refused"),
    (RobotsUnreachable, "robots_unreachable", "failed"),
    (PageTooLarge, "too_large", "refused"),
    (NotACapture, "not_a_capture", "refused"),
    (ArchiveBusy, "slow_down", "failed"),
    (DownloadCancelledError, "too_large", "refused"),
    (DownloadTimeoutError, "timeout", "failed"),
    (ResponseDataLossError, "cut_off", "failed"),
    (CannotResolveHostError, "no_such_host", "failed"),
    (IgnoreRequest, "ignored", "refused"),
)


class EventSpider(Spider):
    name = "event"

    def __init__(
        self,
        event: Event,
        store: Store,
        archive: Archive,
        reader: ReadingProcess,
        run_id: int,
        chosen: tuple[str, ...] = (),
        limit: int | None = None,
        shut: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event, self.store, self.archive, self.run_id = event, store, archive, run_id
        self.reader, self.chosen, self.limit = reader, chosen, limit
        self.shut, self.began = set(shut), now()
        self.counts: Counter[str] = Counter()
        self.progress = tqdm(desc=event.id, unit="page", disable=None)
        self.fatal: Exception | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> EventSpider:
        spider: EventSpider = super().from_crawler(crawler, *args, **kwargs)
        held = crawler.settings
        most, patience = held.getint("FAILURES_OPEN_CIRCUIT"), held.getfloat("PATIENCE")
        spider.sites = Sites(spider.store, most, patience, spider.note)
        crawler.signals.connect(spider.on_broken_callback, signals.spider_error)
        return spider

    # ── requests, made as crawler/frontier.py hands out their leads ───────────
    def limit_reached(self) -> bool:
        return self.limit is not None and self.counts["pages_requested"] >= self.limit

    def request(self, lead: Lead) -> Request | None:
        """The request for a lead; None where its source is shut, or, with the problem recorded, it is no address."""
        if lead.role in self.shut:
            return None
        ask = asks.of_page(lead) if lead.role == "page" else asks.of_list(lead)
        if not asks.has_keys(ask):
            return None
        try:
            request = Request(
                ask.url,
                headers=dict(ask.headers),
                callback=self.on_page if lead.role == "page" else self.on_list,
                errback=self.on_error,
                cb_kwargs={"lead": lead},
                meta={"download_slot": site_of(ask.url), **asks.meta(lead, ask)},
                dont_filter=True,
            )
        except ValueError as error:
            stage = "fetch" if lead.role == "page" else "discover"
            self.refuse(lead, Problem(stage, "bad_address", str(error), lead.url, lead.platform), "refused")
            return None
        self.counts["requests"] += 1
        self.counts["pages_requested"] += lead.role == "page"
        return request

    # ── lists ────────────────────────────────────────────────────────────────
    def on_list(self, response: Response, lead: Lead) -> None:
        kind, at = _content_type(response), _fetched_at(response)
        answer = Answer(response.url, response.status, response.body, kind, at)
        try:
            listing = sources()[lead.role].read(self.event, lead, answer)
        except (ListRefused, Unreadable) as error:
            self._refuse_list(lead, error)
            return
        self._keep(lead, listing)
        self.counts["lists"] += 1

    def _refuse_list(self, lead: Lead, error: ListRefused | Unreadable) -> None:
        """A source that is shut keeps its queue, and says so once in a run."""
        if isinstance(error, SourceShut):
            if lead.role in self.shut:
                return
            self.shut.add(lead.role)
        outcome, state = "not_a_feed", "failed"
        if isinstance(error, ListRefused):
            outcome, state = error.outcome, error.state
        self.refuse(lead, Problem("discover", outcome, str(error), lead.url, lead.platform), state)

    def _keep(self, lead: Lead, listing: Listing) -> None:
        entries = listing.entries[:LONGEST_LIST]
        inside = [entry for entry in entries if self._may_belong(lead, entry)]
        self.counts["listed"] += len(listing.entries)
        self.counts["listed_outside_period"] += len(entries) - len(inside)
        with self.store.transaction():
            if problem := _about_list(lead, listing):
                self.store.problem(self.run_id, self.event.id, problem)
            leads = [found for entry in inside if (found := self._lead(lead, entry))]
            self.counts["listed_lists"] += len(inside) - len(leads)
            self.counts["leads"] += self.store.add_leads(self.event.id, leads)
            self._go_on(lead, listing.more)
            self.store.settle(self.event.id, lead.url, "done", "ok")

    def _go_on(self, lead: Lead, more: tuple[Lead, ...]) -> None:
        self.store.add_leads(self.event.id, more)
        standing = [further for further in more if sources()[lead.role].standing(further)]
        ask_again(self.store, self.event.id, standing, self.began)

    def _may_belong(self, lead: Lead, entry: Entry) -> bool:
        """A feed's date is the post's own; a sitemap's is the last change, so only the past is ruled out."""
        if entry.dated is None or entry.is_list:
            return True
        if entry.dated.at < self.event.starts:
            return False
        return lead.role == "sitemap" or entry.dated.at <= self.event.ends

    def _lead(self, source: Lead, entry: Entry) -> Lead | None:
        if entry.is_list:
            return Lead(entry.url, source.platform, "sitemap", source.url, "sitemap")
        found = reading.lead(entry.url, source.role, source.url)
        return replace(found, fetch_from=entry.fetch_from) if found and entry.fetch_from else found

    # ── pages ────────────────────────────────────────────────────────────────
    async def on_page(self, response: Response, lead: Lead) -> None:
        snapshot: Snapshot = response.request.meta["snapshot"]
        self.progress.update()
        try:
            fetched = Fetched(lead, snapshot, response.url, response.body, _content_type(response))
            self.counts.update(await self.reader.take(fetched))
        except ReaderDied as died:
            self.refuse(lead, Problem("read", "reader_died", str(died), lead.url, lead.platform), "refused", snapshot)

    def on_error(self, failure: Failure) -> None:
        lead: Lead = failure.request.cb_kwargs["lead"]
        if failure.check(SiteWaits):
            self.counts["requests"] -= 1
            self.counts["pages_requested"] -= lead.role == "page"
            self.crawler.engine.scheduler.put_back(lead, site_of(failure.request.url))
            return
        outcome, state = _outcome(failure)
        stage = "fetch" if lead.role == "page" else "discover"
        detail = str(failure.value).strip() or failure.type.__name__
        self.refuse(lead, Problem(stage, outcome, detail, lead.url, lead.platform), state)

    # ── what should not happen ───────────────────────────────────────────────
    def on_broken_callback(self, failure: Failure, response: Response) -> None:
        request = response.request
        self._broken(failure, request.cb_kwargs["lead"], request.meta.get("snapshot"))

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
        reading.refuse(self.store, self.event, self.run_id, lead, problem, state, self.counts, snapshot)

    def note(self, problem: Problem) -> None:
        """Record a problem that is not one address's own."""
        reading.count(self.counts, problem)
        self.store.problem(self.run_id, self.event.id, problem)

    def closed(self, reason: str) -> None:
        self.progress.close()
        if reason != "finished" and self.fatal is None:
            self.counts["problems"] += 1
            stopped = Problem("fetch", "stopped", f"the crawl was stopped: {reason}; run it again to go on")
            self.store.problem(self.run_id, self.event.id, stopped)


def _about_list(lead: Lead, listing: Listing) -> Problem | None:
    named, cut = len(listing.entries), listing.cut
    if not named and not listing.may_be_empty:
        return Problem("discover", "empty_list", "the list names nothing: check its address", lead.url, lead.platform)
    if named > LONGEST_LIST:
        cut = f"only {LONGEST_LIST} of {named} were taken"
    return Problem("discover", "list_cut", cut, lead.url, lead.platform) if cut else None


def _outcome(failure: Failure) -> tuple[str, str]:
    """The named outcome of a failed request, and the state it leaves its address in."""
    if failure.check(Refused):
        return failure.value.outcome, "refused"
    if failure.check(HttpError):
        status = failure.value.response.status
        return f"http_{status}", "failed" if status in (408, 429, *TROUBLE) else "refused"
    if "max redirections" in str(failure.value):  # Scrapy's middleware has no name of its own for it
        return "too_many_redirects", "refused"
    if failure.type is LookupError:  # what Python calls a charset that yields no text, such as hex
        return "bad_charset", "refused"
    return next(((name, state) for kind, name, state in OUTCOMES if failure.check(kind)), ("no_answer", "failed"))


def _content_type(response: Response) -> str | None:
    value: bytes | None = response.headers.get(b"Content-Type")
    return value.decode("latin-1") if value else None


def _fetched_at(response: Response) -> datetime:
    snapshot: Snapshot | None = response.request.meta.get("snapshot")
    return snapshot.fetched_at if snapshot else datetime.now(KST)
