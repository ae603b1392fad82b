"""One crawl of an event: Scrapy's process around the spider."""

from __future__ import annotations

import logging
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from scrapy.crawler import AsyncCrawlerProcess

from crawler.settings import settings
from crawler.spider import EventSpider
from data.archive import Archive
from data.events import Event
from data.records import Lead
from data.store import Store

# What these log with a stack trace is a row in `problems`.
RECORDED_ELSEWHERE = (
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.core.scraper",
    "scrapy.core.downloader.handlers.http11",
)


def crawl(
    event: Event,
    store: Store,
    run_id: int,
    chosen: tuple[str, ...] = (),
    limit: int | None = None,
    demo_server: str | None = None,
) -> Counter[str]:
    """Visit everything that is due and return what was counted.

    Runs Scrapy's reactor, so it can be called once in a process. Raises what kept it from writing,
    such as a full disk; what is not stored then stays queued.
    """
    leads = [Lead(url, "generic", "event", role="feed") for url in event.feeds]
    leads += [Lead(url, "generic", "event", role="sitemap") for url in event.sitemaps]
    store.add_leads(event.id, leads)
    store.requeue_lists(event.id)
    process = AsyncCrawlerProcess(settings(demo_server))
    for name in RECORDED_ELSEWHERE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with Archive(store.home / "warc") as archive:
        crawler = process.create_crawler(EventSpider)
        process.crawl(crawler, event=event, store=store, archive=archive, run_id=run_id, chosen=chosen, limit=limit)
        with _signal_handlers_kept():
            process.start()
    if crawler.spider is None:
        raise RuntimeError("Scrapy did not start; its message stands above")
    if crawler.spider.fatal is not None:
        raise crawler.spider.fatal
    counts: Counter[str] = crawler.spider.counts
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
