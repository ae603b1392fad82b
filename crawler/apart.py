"""Reading and storing in a process of its own: a crawl goes on downloading, and outlives a page that ends it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from crawler import reading
from crawler.reading import Fetched
from data.events import Event
from data.store import Store, StoreKind

# fork starts in 10 ms and spawn in a second, but only Linux forks safely once libraries are loaded.
START = "fork" if sys.platform == "linux" else "spawn"


class ReaderDied(Exception):
    """A parser crashed or took all memory with it. The cure is ours; the page stays in the archive."""


class ReadingProcess:
    """One process that takes pages in the order they come. Start it before the reactor and its threads."""

    def __init__(self, event: Event, store: Store, run_id: int) -> None:
        self._begin = partial(_begin, event, store.home, store.kind, run_id)
        self._one_at_a_time = asyncio.Lock()
        self._pool = self._started()

    def __enter__(self) -> ReadingProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    async def take(self, fetched: Fetched) -> Counter[str]:
        """As `crawler.reading.take`; raises ReaderDied besides, for the page that ended the process.

        Pages that waited behind it are taken again, each in a process of its own, so that none is held for the culprit.
        """
        pool = self._pool
        try:
            return await _asked(pool, fetched)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = self._started()
            async with self._one_at_a_time:
                return await self._take_alone(fetched)

    async def _take_alone(self, fetched: Fetched) -> Counter[str]:
        with self._started() as pool:
            try:
                return await _asked(pool, fetched)
            except BrokenProcessPool as error:
                raise ReaderDied("reading it ended the process; please report it with this address") from error

    def _started(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(START), initializer=self._begin)
        pool.submit(os.getpid)  # the process starts with its first task
        return pool


async def _asked(pool: ProcessPoolExecutor, fetched: Fetched) -> Counter[str]:
    return await asyncio.get_running_loop().run_in_executor(pool, _take, fetched)


# ── in the other process ─────────────────────────────────────────────────────
_work: tuple[Store, Event, int]


def _begin(event: Event, home: Path, kind: StoreKind, run_id: int) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the crawl, which lets its pages be read
    threading.Thread(target=_end_with_the_crawl, daemon=True).start()
    _work = Store.open(home, kind), event, run_id


def _end_with_the_crawl() -> None:
    """A crawl that is killed cannot end its processes."""
    if crawl := multiprocessing.parent_process():
        crawl.join()
    os._exit(1)


def _take(fetched: Fetched) -> Counter[str]:
    return reading.take(*_work, fetched)
