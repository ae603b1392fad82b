"""Lists and pages with links without end: cut, said, and read in seconds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawler import reading, spider
from crawler.reading import MOST_LINKS, Found
from crawler.sources import day_list, sources
from crawler.spider import EventSpider
from data import events
from data.archive import LARGEST_PAYLOAD
from data.records import KST, Lead, Snapshot
from data.store import Store
from tests.small_web import post

EVENT = events.load("kakao-outage-2022")
FETCHED = datetime(2022, 11, 1, 10, 0, tzinfo=KST)
NAMED, LINKS = 120_000, 200_000
TAKEN = 2_000  # of a feed or sitemap; the 50,000 that are taken in earnest cost the test seconds and show no more
TEXT = "토요일 오후부터 카톡이 먹통이었다.|화재 때문이라는 데이터센터 이야기를 저녁에야 들었다.|복구는 언제 되려나."
# Seconds of the processor in which each of them is read; on a busy machine it was less than half of it.
SOON = 20.0

DAY = "https://paper.example/list?date=20221016&page=1"
TEMPLATE = "https://paper.example/list?date={yyyymmdd}&page={page}"


def feed(url: str) -> str:
    return f"<item><link>{url}</link><pubDate>Sun, 16 Oct 2022 09:05:00 +0900</pubDate></item>"


LISTS: dict[str, tuple[str, str, Callable[[str], str], Lead]] = {
    "feed": ("<rss><channel>", "</channel></rss>", feed, Lead("https://paper.example/rss", "generic", "event", role="feed")),
    "sitemap": (
        "<urlset>", "</urlset>", lambda url: f"<url><loc>{url}</loc><lastmod>2022-10-17</lastmod></url>",
        Lead("https://paper.example/map.xml", "generic", "event", role="sitemap"),
    ),
    "day_list": (
        "<html><body>", "</body></html>", lambda url: f'<a href="{url}">글</a>\n',
        Lead(DAY, "day_list", "event", TEMPLATE, "day_list"),
    ),
}  # fmt: skip


def body_of(name: str, number: int = NAMED) -> bytes:
    before, after, entry, _ = LISTS[name]
    return (before + "".join(entry(f"https://paper.example/news/{10_000 + n}") for n in range(number)) + after).encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.save_event(EVENT)
        yield opened


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_names_hundreds_of_thousands_is_cut_and_says_so(
    store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spider, "LONGEST_LIST", TAKEN)
    monkeypatch.setattr(day_list, "MOST_LINKS", TAKEN)
    lead, body = LISTS[name][3], body_of(name)
    assert len(body) < LARGEST_PAYLOAD, "more than this is never received"
    store.add_leads(EVENT.id, [lead])
    snapshot = Snapshot(lead.url, FETCHED, 200, "text/html", "0" * 64, len(body), "a.warc.gz", 0)
    response = TextResponse(lead.url, body=body, request=Request(lead.url, meta={"snapshot": snapshot}))
    run_id = store.begin_run("crawl", EVENT.id, {}, {})
    crawl = EventSpider(EVENT, store, SimpleNamespace(), SimpleNamespace(), run_id)  # type: ignore[arg-type]
    began = time.process_time()
    crawl.on_list(response, lead)
    assert time.process_time() - began < SOON
    assert store.value("SELECT count(*) FROM frontier WHERE role = 'page'") == TAKEN == crawl.counts["leads"]
    (problem,) = store.rows("SELECT outcome, url, detail FROM problems")
    assert (problem["outcome"], problem["url"]) == ("list_cut", lead.url)
    assert problem["detail"].startswith(f"only {TAKEN} of {NAMED} ")
    assert store.value("SELECT state FROM frontier WHERE url = ?", [lead.url]) == "done"


def test_a_list_within_the_bounds_is_taken_whole() -> None:
    for name, (_, _, _, lead) in LISTS.items():
        answer = spider.Answer(lead.url, 200, body_of(name, 600), "text/html", FETCHED)
        listing = sources()[name].read(EVENT, lead, answer)
        assert (len(listing.entries), listing.cut) == (600, None)


def test_what_is_no_address_takes_no_other_with_it() -> None:
    for name, (before, after, entry, lead) in LISTS.items():
        html = before + entry("http://[fine.example/10001") + entry("https://paper.example/news/10002") + after
        listing = sources()[name].read(EVENT, lead, spider.Answer(lead.url, 200, html.encode(), "text/html", FETCHED))
        leads = [found.url for entry_of in listing.entries if (found := reading.lead(entry_of.url, name))]
        assert leads == ["https://paper.example/news/10002"]


def test_an_article_with_hundreds_of_thousands_of_links_keeps_a_bounded_number(store: Store) -> None:
    """The whole road: read, judged, stored, with each link shown to every platform; and replayed without a change."""
    hrefs = "".join(f'<a href="https://demo-a.tistory.com/{number}">글</a> ' for number in range(LINKS))
    html, url = post("링크 모음", f"{TEXT}|{hrefs}").encode(), "https://demo-b.tistory.com/1"
    assert len(html) < LARGEST_PAYLOAD
    began = time.process_time()
    page = reading.read(EVENT, url, html, "text/html; charset=utf-8", FETCHED)
    snapshot = Snapshot(url, FETCHED, 200, "text/html", "0" * 64, len(html), "a.warc.gz", 0)
    run_id = store.begin_run("crawl", EVENT.id, {}, {})
    reading.save(store, EVENT, run_id, Found(Lead(url, "tistory", "urls"), snapshot, page), Counter())
    assert time.process_time() - began < SOON
    assert store.value("SELECT count(*) FROM links") == MOST_LINKS
    assert store.value("SELECT cited_url FROM links WHERE position = 7") == "https://demo-a.tistory.com/7"
    assert page.document.text.startswith("토요일 오후부터") and page.verdict.belongs
    assert store.says(EVENT.id, page.document, page.verdict)
