"""One crawl of an event: Scrapy's process around the spider."""

from __future__ import annotations

import logging
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from scrapy.crawler import AsyncCrawlerProcess

from crawler import citations
from crawler.apart import ReadingProcess
from crawler.settings import settings
from crawler.sources import Source, keyless, sources
from crawler.spider import EventSpider
from data.archive import Archive
from data.events import Event
from data.finders import ask_again, ask_elsewhere, lists_of
from data.records import KST, Problem
from data.store import Store

# What these log with a stack trace is a row in `problems`.
RECORDED_ELSEWHERE = (
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.core.scraper",
    "scrapy.core.downloader.handlers.http11",
)
# The demo web answers for its own pages only: there is no search service and no archive of it.
OF_DEMO = ("feed", "sitemap")
# Each of their lists stands by itself, so all that the frontier holds are asked again: a sitemap index names some, and
# a caller queues some that no event file has. A search begins with its first pages, which tell whether the next is due.
EACH_BY_ITSELF = ("feed", "sitemap")


def crawl(
    event: Event,
    store: Store,
    run_id: int,
    chosen: tuple[str, ...] = (),
    limit: int | None = None,
    demo_server: str | None = None,
    asked: tuple[str, ...] = (),
) -> Counter[str]:
    """Visit everything that is due and return what was counted.

    ``asked`` names the kinds of list to ask; without it those that are asked by default, and what an earlier
    crawl left queued of the others. Runs Scrapy's reactor, so it can be called once in a process. Raises what
    kept it from writing, such as a full disk; what is not stored then stays queued.
    """
    shut, told = _discover(event, store, run_id, asked or (OF_DEMO if demo_server else ()))
    process = AsyncCrawlerProcess(settings(demo_server))
    for name in RECORDED_ELSEWHERE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warc = Archive(store.home / "warc", store.snapshots_with, sync_each=False)
    with warc as archive, ReadingProcess(event, store, run_id) as reader, _signal_handlers_kept():
        crawler = process.create_crawler(EventSpider)
        work = {"event": event, "store": store, "archive": archive, "reader": reader, "run_id": run_id}
        process.crawl(crawler, **work, chosen=chosen, limit=limit, shut=shut)
        process.start()
    if crawler.spider is None:
        raise RuntimeError("Scrapy did not start; its message stands above")
    if crawler.spider.fatal is not None:
        raise crawler.spider.fatal
    counts: Counter[str] = crawler.spider.counts
    counts.update(told)
    return counts


@contextmanager
def _signal_handlers_kept() -> Iterator[None]:
    """Scrapy takes Ctrl-C for itself and keeps it after its end; whoever called had handlers of their own."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _discover(event: Event, store: Store, run_id: int, asked: tuple[str, ...]) -> tuple[frozenset[str], Counter[str]]:
    """Queue the lists and cited articles to begin with; return the sources that are shut, and what to tell."""
    told: Counter[str] = Counter()
    shut = {name for name in sources() if asked and name not in asked}
    for source in sources().values():
        if keyless(source):
            shut.add(source.NAME)
            told["no_key"] += _tell_keyless(event, store, run_id, source, asked)
        elif source.NAME in asked or (source.BY_DEFAULT and not asked):
            _begin(event, store, source)
    told["asked_elsewhere"] = ask_elsewhere(store, event.id)
    if not asked or citations.NAME in asked:
        told["leads_cited"] = store.add_leads(event.id, citations.leads(store, event))
    return frozenset(shut), told


def _begin(event: Event, store: Store, source: Source) -> None:
    """Queue the lists to begin with; those that may say something new are asked again in each crawl."""
    leads = source.leads(event, datetime.now(KST))
    store.add_leads(event.id, leads)
    if source.NAME in EACH_BY_ITSELF:
        leads = lists_of(store, event.id, source.NAME)
    ask_again(store, event.id, [lead for lead in leads if source.standing(lead)])


def _tell_keyless(event: Event, store: Store, run_id: int, source: Source, asked: tuple[str, ...]) -> bool:
    """A crawl without keys is a whole crawl of what it asked; what it could not ask is a row all the same."""
    if asked and source.NAME not in asked:
        return False
    doors = " or ".join(" and ".join(names) for names in source.KEYS)
    detail = f"{source.NAME} was not asked: set {doors} to search there (docs/live-walk.md tells where keys are had)"
    store.problem(run_id, event.id, Problem("discover", "no_key", detail, None, source.NAME))
    return True
