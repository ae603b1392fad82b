"""The spider over a small web on loopback: robots, refusals, dates, limits, and going on where it stopped."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from data import events
from data.archive import LARGEST_PAYLOAD, Archive
from data.records import Lead
from data.status import as_text, report
from data.store import Store
from tests.small_web import SmallWeb, feed, post

EVENT = events.load("kakao-outage-2022")
BLOG = "https://demo-a.tistory.com"
TEXT = "토요일 오후부터 카톡이 먹통이었다.|화재 때문이라는 데이터센터 이야기를 저녁에야 들었다.|복구는 언제 되려나."
IN, BEFORE = "Sun, 16 Oct 2022 09:05:00 +0900", "Tue, 04 Oct 2022 20:00:00 +0900"


@pytest.fixture
def web() -> SmallWeb:
    small = SmallWeb()
    small.add(f"{BLOG}/robots.txt", "User-agent: *\nDisallow: /manage\n", **{"Content-Type": "text/plain"})
    small.add(f"{BLOG}/rss", feed((f"{BLOG}/1", IN), (f"{BLOG}/2?category=9", IN), (f"{BLOG}/3", BEFORE)))
    small.add(f"{BLOG}/1", post("첫 글", TEXT))
    small.add(f"{BLOG}/2", post("둘째 글", TEXT.replace("토요일", "일요일")))
    return small


def home_with(tmp_path: Path, *leads: Lead) -> Path:
    with Store.open(tmp_path, "demo") as store:
        store.save_event(EVENT)
        store.add_leads(EVENT.id, leads)
    return tmp_path


def page(url: str) -> Lead:
    return Lead(url, "tistory", "urls")


def list_of(url: str, role: str = "feed") -> Lead:
    return Lead(url, "generic", "event", role=role)


def outcomes(home: Path) -> dict[str, str]:
    with Store.read(home) as store:
        return {row["url"]: row["outcome"] for row in store.rows("SELECT url, outcome FROM problems")}


def states(home: Path) -> dict[str, str]:
    with Store.read(home) as store:
        return {row["url"]: row["state"] for row in store.rows("SELECT url, state FROM frontier WHERE role = 'page'")}


def test_a_feed_leads_to_documents_with_their_evidence(web: SmallWeb, tmp_path: Path) -> None:
    home = home_with(tmp_path, list_of(f"{BLOG}/rss"))
    web.crawl(home)
    with Store.read(home) as store:
        rows = list(
            store.rows("SELECT d.*, s.* FROM documents d JOIN snapshots s ON s.id = d.snapshot_id ORDER BY d.url")
        )
        assert [row["url"] for row in rows] == [f"{BLOG}/1", f"{BLOG}/2"]
        assert rows[0]["published_at"] == "2022-10-16T09:05+09:00"
        assert rows[0]["text"].splitlines()[0] == "토요일 오후부터 카톡이 먹통이었다."
        capture = Archive(home / "warc").read(rows[0]["warc_file"], rows[0]["warc_offset"], rows[0]["payload_sha256"])
        assert capture.body == web.pages[f"{BLOG}/1"][2]
    assert web.asked[f"{BLOG}/3"] == 0, "the feed dates it before the event"
    assert web.agents == {next(iter(web.agents))} and next(iter(web.agents)).startswith("yeoron/")


def test_a_second_crawl_asks_for_the_lists_only(web: SmallWeb, tmp_path: Path) -> None:
    home = home_with(tmp_path, list_of(f"{BLOG}/rss"))
    web.crawl(home)
    web.asked.clear()
    web.crawl(home)
    assert set(web.asked) == {f"{BLOG}/robots.txt", f"{BLOG}/rss"}


def test_a_limit_leaves_the_rest_for_the_next_crawl(web: SmallWeb, tmp_path: Path) -> None:
    home = home_with(tmp_path, list_of(f"{BLOG}/rss"))
    web.crawl(home, limit=1)
    assert sorted(states(home).values()) == ["done", "queued"]
    web.crawl(home)
    assert sorted(states(home).values()) == ["done", "done"]


def test_sitemaps_nest_and_their_lists_are_not_pages(web: SmallWeb, tmp_path: Path) -> None:
    xml = '<?xml version="1.0"?><{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{1}</{0}>'
    web.add(f"{BLOG}/sitemap.xml", xml.format("sitemapindex", f"<sitemap><loc>{BLOG}/part.xml</loc></sitemap>"))
    locs = "".join(f"<url><loc>{BLOG}{path}</loc></url>" for path in ("/1", "/m/1", "/category/a", "/tag/b", "/2"))
    web.add(f"{BLOG}/part.xml", xml.format("urlset", locs))
    home = home_with(tmp_path, list_of(f"{BLOG}/sitemap.xml", "sitemap"))
    web.crawl(home)
    assert states(home) == {f"{BLOG}/1": "done", f"{BLOG}/2": "done"}
    web.asked.clear()
    web.crawl(home)
    assert set(web.asked) == {f"{BLOG}/{name}" for name in ("robots.txt", "sitemap.xml", "part.xml")}, "all lists again"


def test_every_refusal_is_counted(web: SmallWeb, tmp_path: Path) -> None:
    web.add(f"{BLOG}/10", post("색인 거절", TEXT, more='<meta name="robots" content="noindex,nofollow">'))
    web.add(
        f"{BLOG}/11", "<html><head><title>목록</title></head><body><ul><li><a href='/1'>1</a></li></ul></body></html>"
    )
    web.add(f"{BLOG}/12", b"0" * 10 + b"\xff\xfe" * 5000)
    web.add("https://demo-shut.tistory.com/robots.txt", "User-agent: *\nDisallow: /\n")
    web.add("https://demo-down.tistory.com/robots.txt", "later", status=503)
    web.add(f"{BLOG}/14", gzip.compress(b" " * (LARGEST_PAYLOAD + 10)), **{"Content-Encoding": "gzip"})
    web.add(f"{BLOG}/15", "busy", status=503)
    web.add(f"{BLOG}/bad-feed", "no feed at all")
    asked = [page(f"{BLOG}/{n}") for n in (1, 10, 11, 12, 13, 14, 15)]
    asked += [
        page("https://demo-shut.tistory.com/1"),
        page("https://demo-down.tistory.com/1"),
        list_of(f"{BLOG}/bad-feed"),
    ]
    home = home_with(tmp_path, *asked)
    web.crawl(home)
    found = outcomes(home)
    assert found[f"{BLOG}/10"] == "noindex"
    assert found[f"{BLOG}/11"] == "not_an_article"
    assert found[f"{BLOG}/12"] in ("mojibake", "not_an_article")
    assert found[f"{BLOG}/13"] == "http_404"
    assert found[f"{BLOG}/14"] == "too_large"
    assert found[f"{BLOG}/15"] == "http_503"
    assert found["https://demo-shut.tistory.com/1"] == "robots"
    assert found["https://demo-down.tistory.com/1"] == "robots_unreachable"
    assert found[f"{BLOG}/bad-feed"] == "not_a_feed"
    now = states(home)
    assert now.pop(f"{BLOG}/1") == "done"
    assert now.pop(f"{BLOG}/15") == now.pop("https://demo-down.tistory.com/1") == "failed"
    assert set(now.values()) == {"refused"}
    with Store.read(home) as store:
        told = report(store)
    sight = {row["outcome"]: row["pages"] for row in told["events"][0]["sight"] if row["platform"] == "tistory"}
    assert (sight["ok"], sight["robots"], sight["http_404"], sight["too_large"]) == (1, 1, 1, 1)
    assert told["events"][0]["unseen_share"] == pytest.approx(8 / 9)
    assert "찾은 글 9 가운데 못 본 것 88.9%" in as_text(told) and "robots 1 (11.1%)" in as_text(told)
    assert web.asked["https://demo-shut.tistory.com/1"] == web.asked["https://demo-down.tistory.com/1"] == 0


def test_a_redirect_loop_ends(web: SmallWeb, tmp_path: Path) -> None:
    web.add(f"{BLOG}/20", "", status=302, Location=f"{BLOG}/21")
    web.add(f"{BLOG}/21", "", status=302, Location=f"{BLOG}/20")
    home = home_with(tmp_path, page(f"{BLOG}/20"))
    web.crawl(home)
    assert states(home)[f"{BLOG}/20"] == "refused"
    assert sum(web.asked.values()) < 12


def test_a_full_disk_stops_the_crawl_and_the_next_one_goes_on(web: SmallWeb, tmp_path: Path) -> None:
    home = home_with(tmp_path, page(f"{BLOG}/1"), page(f"{BLOG}/2"))
    full = """
import errno
from data.archive import Archive
def no_space(*_):
    raise OSError(errno.ENOSPC, "No space left on device")
Archive._append = no_space
"""
    said = web.crawl(home, before=full, fails=True)
    assert "No space left on device" in said
    assert set(states(home).values()) == {"queued"}
    web.crawl(home)
    assert set(states(home).values()) == {"done"}


def test_a_reader_that_breaks_is_the_pages_problem(web: SmallWeb, tmp_path: Path) -> None:
    home = home_with(tmp_path, page(f"{BLOG}/1"), page(f"{BLOG}/2"))
    broken = """
from crawler import reading
whole = reading.read
def read(event, url, *rest):
    if url.endswith("/1"):
        raise ZeroDivisionError("a fault of ours")
    return whole(event, url, *rest)
reading.read = read
"""
    web.crawl(home, before=broken)
    assert outcomes(home) == {f"{BLOG}/1": "broken"}
    assert states(home) == {f"{BLOG}/1": "failed", f"{BLOG}/2": "done"}


def test_a_page_that_ends_its_reader_takes_no_other_with_it(web: SmallWeb, tmp_path: Path) -> None:
    for number in range(40, 48):
        web.add(f"{BLOG}/{number}", post(f"{number}번째 글", TEXT))
    home = home_with(tmp_path, *(page(f"{BLOG}/{number}") for number in range(40, 48)))
    deadly = """
import os, signal
from crawler import reading
whole = reading.read
def read(event, url, *rest):
    if url.endswith(("/41", "/44")):
        os.kill(os.getpid(), signal.SIGSEGV)
    return whole(event, url, *rest)
reading.read = read
"""
    web.crawl(home, before=deadly)
    assert outcomes(home) == {f"{BLOG}/41": "reader_died", f"{BLOG}/44": "reader_died"}
    assert Counter(states(home).values()) == {"refused": 2, "done": 6}


def test_a_document_about_something_else_is_set_aside(web: SmallWeb, tmp_path: Path) -> None:
    web.add(
        f"{BLOG}/30",
        post("김치찌개", "돼지고기를 볶다가 김치를 넣는다.|물을 붓고 끓인다.|레시피 질문은 카톡으로 주세요."),
    )
    web.add(
        f"{BLOG}/31",
        post("English", "Only English words stand here about the KakaoTalk outage and its servers.|Nothing else."),
    )
    web.add(f"{BLOG}/32", post("지난 장애", TEXT, published="2022-10-05T09:00:00+09:00"))
    home = home_with(tmp_path, *(page(f"{BLOG}/{n}") for n in (1, 30, 31, 32)))
    web.crawl(home)
    with Store.read(home) as store:
        rows = store.rows("SELECT d.url, e.reason FROM event_documents e JOIN documents d ON d.id = e.document_id")
        reasons = {row["url"].rsplit("/", 1)[1]: row["reason"] for row in rows}
    assert reasons == {"1": None, "30": "off_topic", "31": "not_korean", "32": "out_of_period"}
