"""How fast a crawl is beside a bare download of the same pages, how much memory it takes, and what kill -9 leaves.

python bench/crawl.py                             rate with archive, reading and store, over a bare Scrapy spider's
python bench/crawl.py --pages 20000 --memory      resident memory of crawl + reader at each 2,000 pages
python bench/crawl.py --kill 20 --pages 2000      kill it at 20 random moments and compare its end with one left alone

The bare spider is Scrapy as it comes, with our crawl's manners towards the server; not with its event loop (uvloop) and
single task for a response, which any spider could take over and which make it half as fast again.

The pages are the demo's invented ones, in the platforms' markup, each with a number of its own; served on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from data.archive import Archive, Damaged  # noqa: E402
from data.demo import render  # noqa: E402
from data.demo.page import WORDS, Page, load  # noqa: E402
from data.store import Store  # noqa: E402

EVENT = "kakao-outage-2022"
HOSTS = 12  # of each platform but Naver, whose blogs share one
EACH = 2000  # pages between two looks at the memory
MARK = 987_654_321  # stands in a rendered page where its number will
FIRST = 222_900_000_000  # as Naver numbers posts
# One page in so many is: not there; no article; closed to robots; moved.
MISSING, EMPTY, CLOSED, MOVED = 25, 40, 45, 60
AWAY = 999_999  # how far a moved page has moved: to one that nobody is told of, of the same platform


# ── the site ─────────────────────────────────────────────────────────────────
class Site:
    """``urls`` are what a crawl is given; :meth:`answer` is what stands at any address of it."""

    def __init__(self, pages: int) -> None:
        held = load()
        kinds = [
            [_template(page) for page in held if page.host.endswith(of)][:20]
            for of in ("tistory.com", "blog.naver.com")
        ]
        self._templates = [*kinds, [_template(page) for page in held if page.outlet and page.charset == "utf-8"][:20]]
        self.urls = [self._url(number) for number in range(pages)]

    @staticmethod
    def _url(number: int) -> str:
        host = f"bench-{number // 3 % HOSTS}"
        return (
            f"https://{host}.tistory.com/{FIRST + number}",
            f"https://blog.naver.com/{host}/{FIRST + number}",
            f"https://{host}.example/news/{FIRST + number}",
        )[number % 3]

    def answer(self, host: str, path: str) -> tuple[int, str, bytes]:
        """Status, a header line or nothing, body."""
        if path == "/robots.txt":
            return 200, "", b"User-agent: *\nDisallow: /closed/\n"
        tail = path.rsplit("/", 1)[-1]
        number = int(tail) - FIRST if tail.isdigit() else -1
        if number < 0 or not number % MISSING:
            return 404, "", b"none"
        if not number % EMPTY:
            return 200, "", "<html><head><title>목록</title></head><body><a href='/1'>1</a></body></html>".encode()
        if not number % CLOSED:
            return 302, "Location: /closed/1\r\n", b""
        if not number % MOVED:
            return 301, f"Location: https://{host}/{path.strip('/').replace(tail, str(FIRST + number + AWAY))}\r\n", b""
        templates = self._templates[number % 3]
        return 200, "", templates[number // 3 % len(templates)].replace(b"%d" % MARK, tail.encode())


def _template(page: Page) -> bytes:
    spot = next(number for number, block in enumerate(page.blocks) if block.kind in WORDS)
    block = replace(page.blocks[spot], text=f"{MARK}번째로 쓰는 글이다. {page.blocks[spot].text}")
    blocks = (*page.blocks[:spot], block, *page.blocks[spot + 1 :])
    page = replace(page, url=page.url.rpartition("/")[0] + f"/{MARK}", blocks=blocks, charset="utf-8", noindex=False)
    return render.html(page, "벤치", ()).encode()


@contextmanager
def serving(site: Site, asked: Counter[str] | None = None) -> Iterator[str]:
    """``host:port`` of a server in a thread of its own; ``asked`` is given a count for each URL."""
    counts: Counter[str] = Counter() if asked is None else asked

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split()[1]
                host = next(line[6:] for line in lines if line.lower().startswith("host: "))
                counts[f"https://{host}{path}"] += 1
                status, more, body = site.answer(host, path)
                kind = "Content-Type: text/html; charset=utf-8\r\n"
                writer.write(f"HTTP/1.1 {status} .\r\n{kind}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()  # the other side is gone, perhaps killed

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(talk, "127.0.0.1", 0, backlog=512))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


# ── what runs in a process of its own ────────────────────────────────────────
def serve(pages: str) -> None:
    """Serve until stdin ends; the first line of output is host:port."""
    with serving(Site(int(pages))) as address:
        print(address, flush=True)
        sys.stdin.read()


def ours(home: str, address: str, memory: str = "") -> None:
    """Crawl what is due in ``home``; print the seconds it took."""
    from crawler.crawl import crawl
    from crawler.spider import EventSpider

    event = events.load(EVENT)
    if memory:
        EventSpider.on_page = _telling_memory(EventSpider.on_page)
    with Store.open(Path(home), "demo") as store:
        run = store.begin_run("crawl", event.id, {}, {})
        began = time.perf_counter()
        counts = crawl(event, store, run, demo_server=address)
        print(f"{time.perf_counter() - began:.3f}", flush=True)
        store.end_run(run, counts, "ok")


def bare(pages: str, address: str) -> None:
    """Download the same pages with Scrapy alone, as many at a time; print the seconds it took."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.reading import fetch_url
    from crawler.settings import settings

    urls = [fetch_url(url) for url in Site(int(pages)).urls]

    class Bare(Spider):
        name = "bare"

        async def start(self) -> Any:
            for url in urls:
                yield Request(url, dont_filter=True)

        def parse(self, response: Any) -> None:
            """Nothing: the page is here."""

    # The same manners towards the server, and none of our parts but the handler that finds it.
    same = ("CONCURRENT_REQUESTS", "DOWNLOAD_", "DEMO_", "LOG_", "TELNET", "REMOTE_", "COOKIES_")
    held = {name: value for name, value in settings(address).items() if name.startswith(same)}
    began = time.perf_counter()
    process = AsyncCrawlerProcess({name: value for name, value in held.items() if name != "DOWNLOADER_MIDDLEWARES"})
    process.crawl(Bare)
    process.start()
    print(f"{time.perf_counter() - began:.3f}", flush=True)


def _telling_memory(whole: Callable[..., Any]) -> Callable[..., Any]:
    done = Counter[str]()

    async def on_page(self: Any, response: Any, lead: Any) -> None:
        done["pages"] += 1
        if not done["pages"] % EACH:
            family = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
            print(f"{done['pages']}\t" + " + ".join(f"{_resident(pid):.0f} MB" for pid in family), flush=True)
        await whole(self, response, lead)

    return on_page


def _resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def started(act: str, *words: object, **how: Any) -> subprocess.Popen[str]:
    code = f"import sys; from bench.crawl import {act}; {act}(*sys.argv[1:])"
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **how)


# ── homes ────────────────────────────────────────────────────────────────────
def fill(home: Path, site: Site) -> None:
    """A store in which every page of the site is due."""
    from crawler.reading import lead

    event = events.load(EVENT)
    with Store.open(home, "demo") as store, store.transaction():
        store.save_event(event)
        store.add_leads(event.id, filter(None, (lead(url, "urls") for url in site.urls)))


def state(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a home holds, without moments and numbers that differ from run to run; raises Damaged."""
    queries = {
        "documents": "SELECT url, platform, text_sha256, published_at, title, author FROM documents",
        "judged": "SELECT document_id, belongs, reason, advertising FROM event_documents",
        "frontier": "SELECT url, state, attempts, last_outcome, document_id FROM frontier",
        "snapshots": "SELECT url, payload_sha256, status FROM snapshots",
        "problems": "SELECT url, stage, outcome FROM problems",
        "addresses": "SELECT url, document_id FROM addresses",
    }
    with Store.read(home) as store:
        for row in store.rows("SELECT warc_file, warc_offset, payload_sha256 FROM snapshots"):
            capture = Archive(home / "warc").read(row["warc_file"], row["warc_offset"], row["payload_sha256"])
            if hashlib.sha256(capture.body).hexdigest() != row["payload_sha256"]:
                raise Damaged(f"{row['warc_file']} at {row['warc_offset']}")
        return {name: sorted(tuple(row.values()) for row in store.rows(sql)) for name, sql in queries.items()}


def undisturbed(home: Path, site: Site) -> dict[str, list[tuple[Any, ...]]]:
    fill(home, site)
    with serving(site) as address:
        _finish(home, address)
    return state(home)


def killed(home: Path, site: Site, kills: int, seed: int) -> dict[str, list[tuple[Any, ...]]]:
    """Crawl, killed with SIGKILL at random moments, spread over the whole of it, and run to the end after."""
    fill(home, site)
    chance, asked = random.Random(seed), Counter[str]()
    moments = sorted(chance.randrange(1, len(site.urls)) for _ in range(kills))
    with serving(site, asked) as address:
        for moment in moments:
            process = started("ours", home, address)
            while process.poll() is None and len(asked) < moment:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.03)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"it ended by itself ({process.returncode}) before request {moment}")
        _finish(home, address)
    return state(home)


def _finish(home: Path, address: str) -> None:
    process = started("ours", home, address)
    process.communicate()
    if process.returncode:
        raise RuntimeError(f"the crawl ended with {process.returncode}")


# ── what is printed ──────────────────────────────────────────────────────────
def rate(pages: int, rounds: int) -> float:
    """Pages a second of both, turn by turn, and the ratio of the sums; over the target, 0.6, is good."""
    site, seconds = Site(pages), Counter[str]()
    with started("serve", pages, stdin=subprocess.PIPE) as server, tempfile.TemporaryDirectory() as folder:
        assert server.stdout is not None and server.stdin is not None
        address = server.stdout.readline().strip()
        for number in range(rounds):
            home = Path(folder) / str(number)
            fill(home, site)
            for act, words in (("bare", (pages, address)), ("ours", (home, address))):
                took = float(started(act, *words).communicate()[0].split()[-1])
                seconds[act] += took
                print(f"{act}\t{pages / took:.0f} pages/s", flush=True)
        server.stdin.close()
    print(f"ratio\t{seconds['bare'] / seconds['ours']:.2f}")
    return seconds["bare"] / seconds["ours"]


def memory(pages: int) -> None:
    site = Site(pages)
    with serving(site) as address, tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), site)
        process = started("ours", folder, address, "memory")
        for line in process.stdout or ():
            print(line.rstrip())
        process.wait()


def kill(pages: int, kills: int, seed: int) -> bool:
    site = Site(pages)
    with tempfile.TemporaryDirectory() as folder:
        whole = undisturbed(Path(folder) / "whole", site)
        broken = killed(Path(folder) / "broken", site, kills, seed)
    for name, rows in whole.items():
        print(f"{name}\t{len(rows)}\t{'equal' if rows == broken[name] else f'UNEQUAL: {len(broken[name])}'}")
    return whole == broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--kill", type=int, default=0, metavar="TIMES")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.kill:
        return int(not kill(args.pages, args.kill, args.seed))
    if args.memory:
        return memory(args.pages) or 0
    return int(rate(args.pages, args.rounds) < 0.6)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())
