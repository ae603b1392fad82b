"""How fast web archives come in, and whether the same pages give the same documents however they came.

python bench/archives.py           2,000 pages in a WARC: pages/s of an import, of a replay, and of reading alone
python bench/archives.py --equal   the whole demo web crawled, fetched by wget, and in Common Crawl's form;
                                   exit 1 where the documents differ
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from crawler.crawl import crawl  # noqa: E402
from crawler.importers import import_files  # noqa: E402
from crawler.reading import fetch_url, lead  # noqa: E402
from crawler.replay import replay  # noqa: E402
from data import events  # noqa: E402
from data.demo.server import serve  # noqa: E402
from data.demo.web import Answer, Web  # noqa: E402
from data.store import Store  # noqa: E402
from data.warc import records  # noqa: E402
from tests.web_archives import common_crawl, wget  # noqa: E402

EVENT = events.load("kakao-outage-2022")
PAGES = 2_000
WHAT = "id, url, title, author, outlet, published_at, date_source, date_precision, text_sha256, kind, platform"


def timed(act: Callable[[], object]) -> float:
    """Seconds of this process's own work: the wall clock measures its neighbours too."""
    began = time.process_time()
    act()
    return time.process_time() - began


def many(web: Web) -> dict[str, Answer]:
    """The demo's Tistory and outlet pages again and again, each under an address and with bytes of its own."""
    able = [page.url for page in web.pages if page.host.endswith("tistory.com") or page.path.endswith(".html")]
    answers = [web.answer(url) for url in able]
    found = {}
    for number in range(PAGES):
        body = answers[number % len(answers)].body + b"<!-- %d -->" % number
        found[f"https://demo-{number % 40}.tistory.com/{number}"] = Answer(200, "text/html", body)
    return found


def speed(room: Path) -> dict[str, object]:
    path = common_crawl(room / "many.warc.gz", many(Web.load()))
    figures: dict[str, object] = {"pages": PAGES, "megabytes": round(path.stat().st_size / 1e6, 1)}
    with Store.open(room / "home", "demo") as store:
        store.save_event(EVENT)
        run = store.begin_run("import", EVENT.id, {}, {})
        figures["import_pages_per_s"] = round(PAGES / timed(lambda: import_files(EVENT, store, run, [path])))
        figures["documents"] = store.value("SELECT count(*) FROM documents")
        figures["replay_pages_per_s"] = round(PAGES / timed(lambda: replay(EVENT, store, run)))
    figures["records_per_s"] = round(3 * PAGES / timed(lambda: list(records(path))))
    with suppress(ImportError):
        figures["fastwarc_records_per_s"] = round(3 * PAGES / timed(lambda: _by_fastwarc(path)))
    return figures


def _by_fastwarc(path: Path) -> None:
    """What a faster reader of records would take, for comparison; `pip install fastwarc`."""
    from fastwarc import ArchiveIterator

    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            record.reader.read()


def imported(home: Path, path: Path) -> list[tuple[object, ...]]:
    with Store.open(home, "demo") as store:
        store.save_event(EVENT)
        import_files(EVENT, store, store.begin_run("import", EVENT.id, {}, {}), [path])
        return held(store)


def crawled(home: Path, web: Web, urls: Iterable[str]) -> list[tuple[object, ...]]:
    with Store.open(home, "demo") as store:
        store.save_event(EVENT)
        store.add_leads(EVENT.id, [found for url in urls if (found := lead(url, "urls"))])
        with serve(web) as server:
            crawl(EVENT, store, store.begin_run("crawl", EVENT.id, {}, {}), demo_server=server)
        return held(store)


def held(store: Store) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.rows(f"SELECT {WHAT} FROM documents ORDER BY id")]


def equal(room: Path) -> dict[str, object]:
    web = Web.load()
    urls = [
        page.url for page in web.pages if web.answer(f"https://{page.host}/robots.txt").body.find(b"Disallow: /\n") < 0
    ]
    asked = [fetch_url(url) for url in urls]
    by_crawl = crawled(room / "crawl", web, urls)
    by_wget = imported(room / "wget", wget(web, asked, room / "wget-made"))
    by_form = imported(room / "form", common_crawl(room / "cc.warc.gz", {url: web.answer(url) for url in asked}))
    return {
        "asked": len(asked), "documents": len(by_crawl),
        "wget_differs": len(set(by_wget) ^ set(by_crawl)), "common_crawl_differs": len(set(by_form) ^ set(by_crawl)),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--equal", action="store_true", help="compare documents instead of measuring speed")
    with TemporaryDirectory() as room:
        figures = equal(Path(room)) if parser.parse_args().equal else speed(Path(room))
    print(json.dumps(figures, indent=2))
    return 1 if figures.get("wget_differs") or figures.get("common_crawl_differs") else 0


if __name__ == "__main__":
    sys.exit(main())
