"""Addresses: every form of an article's URL falls on one, and no form of input raises."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from crawler import platforms
from crawler.platforms import fetch_url, recognise

TISTORY = "https://name.tistory.com"
NAVER_BLOG = "https://blog.naver.com/some_id/223511986798"
NAVER_NEWS = "https://n.news.naver.com/article/018/0005316196"
DAUM = "https://v.daum.net/v/20221016082313594"
KOREAN = "%EC%B9%B4%EC%B9%B4%EC%98%A4-%EB%A8%B9%ED%86%B5"  # 카카오-먹통, composed
KOREAN_NFD = (
    "%E1%84%8F%E1%85%A1%E1%84%8F%E1%85%A1%E1%84%8B%E1%85%A9-%E1%84%86%E1%85%A5%E1%86%A8%E1%84%90%E1%85%A9%E1%86%BC"
)

ONE_ARTICLE = [
    ("tistory", f"{TISTORY}/123", [
        "https://name.tistory.com/123", "http://name.tistory.com/123", "https://NAME.Tistory.com/123/",
        "https://name.tistory.com/m/123", "https://name.tistory.com/123?category=627201", "https://name.tistory.com:443/123#c",
        "https://name.tistory.com/m/123?category=1&page=2&fbclid=x",
    ]),
    ("tistory", f"{TISTORY}/entry/{KOREAN}", [
        f"https://name.tistory.com/entry/{KOREAN}", "https://name.tistory.com/entry/카카오-먹통",
        f"https://name.tistory.com/m/entry/{KOREAN}?category=9", f"https://name.tistory.com/entry/{KOREAN_NFD}",
        f"https://name.tistory.com/entry/{KOREAN.lower()}",
    ]),
    ("naver_blog", NAVER_BLOG, [
        "https://blog.naver.com/some_id/223511986798", "http://blog.naver.com/Some_ID/223511986798",
        "https://m.blog.naver.com/some_id/223511986798", "https://blog.naver.com/some_id/223511986798?fromRss=true&trackingCode=rss",
        "https://blog.naver.com/PostView.naver?blogId=some_id&logNo=223511986798&redirect=Dlog",
        "https://blog.naver.com/PostView.nhn?blogId=some_id&logNo=223511986798",
        "https://m.blog.naver.com/PostView.naver?blogId=SOME_ID&logNo=223511986798",
        "https://blog.naver.com/some_id?Redirect=Log&logNo=223511986798", "http://some_id.blog.me/223511986798",
    ]),
    ("naver_news", NAVER_NEWS, [
        "https://n.news.naver.com/article/018/0005316196", "https://n.news.naver.com/mnews/article/018/0005316196?sid=100",
        "https://n.news.naver.com/article/018/0005316196?cds=news_media_pc&type=editn",
        "https://news.naver.com/main/read.naver?mode=LSD&mid=sec&sid1=001&oid=018&aid=0005316196",
        "http://news.naver.com/main/read.nhn?oid=018&aid=0005316196", "https://sports.news.naver.com/news?oid=018&aid=0005316196",
        "https://sports.news.naver.com/wfootball/news/read.naver?oid=018&aid=5316196",
        "https://n.news.naver.com/article/print/018/0005316196",
    ]),
    ("daum_news", DAUM, [
        "https://v.daum.net/v/20221016082313594", "http://v.daum.net/v/20221016082313594?f=o",
        "https://news.v.daum.net/v/20221016082313594", "http://v.media.daum.net/v/20221016082313594",
    ]),
    ("brunch", "https://brunch.co.kr/@somebody/179", ["https://brunch.co.kr/@somebody/179?utm_source=x"]),
    ("generic", "https://www.paper.example/news/articleView.html?idxno=77", [
        "http://www.paper.example/news/articleView.html?idxno=77", "http://m.paper.example/news/articleView.html?idxno=77",
        "https://www.paper.example/news/articleViewAmp.html?idxno=77&utm_medium=feed",
        "https://www.paper.example:443/news/articleView.html?page=3&idxno=77#top",
    ]),
    ("generic", "https://www.donga.com/news/article/all/20221017/115990167/1", [
        "https://donga.com/news/It/article/all/20221017/115990167/1",
        "https://bizn.donga.com/List/3/0112/20221017/115990167/2", "https://www.donga.com/news/amp/all/20221017/115990167/1",
    ]),
    ("generic", "https://www.hankyung.com/article/202210160801Y", [
        "https://www.hankyung.com/it/article/202210160801Y", "https://hankyung.com/amp/202210160801Y",
    ]),
]  # fmt: skip

LISTS = [
    f"{TISTORY}/", f"{TISTORY}/category/IT?page=2", f"{TISTORY}/tag/%EC%B9%B4%ED%86%A1", f"{TISTORY}/archive/202210",
    f"{TISTORY}/m", f"{TISTORY}/rss", "https://blog.naver.com/some_id", "https://rss.blog.naver.com/some_id.xml",
    "https://blog.naver.com/PostList.naver?blogId=some_id&categoryNo=3", "https://section.blog.naver.com/Search/Post.naver",
    "https://news.naver.com/main/list.naver?mode=LS2D&sid1=100&date=20221015", "https://news.daum.net/digital",
    "https://search.daum.net/search?w=news&q=x", "https://paper.example/", "https://paper.example/tag/x",
]  # fmt: skip

NOT_WEB = ["", "카카오", "mailto:a@b.example", "javascript:void(0)", "ftp://a.example/x", "http://", "http://[::1", "//a/b",
           "http://a.example:port/", "urn:sha256:0123456789abcdef"]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "canonical", "form"), [(name, url, form) for name, url, forms in ONE_ARTICLE for form in forms]
)
def test_every_form_falls_on_one_address(platform: str, canonical: str, form: str) -> None:
    address = recognise(form)
    assert address is not None
    assert (address.platform, address.url, address.is_list) == (platform, canonical, False)
    assert address.given == form
    assert recognise(address.url) == address


@pytest.mark.parametrize("url", LISTS)
def test_lists_are_known_as_lists(url: str) -> None:
    address = recognise(url)
    assert address is not None
    assert address.is_list


@pytest.mark.parametrize("url", NOT_WEB)
def test_what_is_no_web_address_has_none(url: str) -> None:
    assert recognise(url) is None


@pytest.mark.parametrize(
    ("url", "requested"),
    [
        ("https://name.tistory.com/m/123", f"{TISTORY}/123"),
        (NAVER_BLOG, "https://m.blog.naver.com/some_id/223511986798"),
        ("https://news.naver.com/main/read.nhn?oid=018&aid=0005316196", NAVER_NEWS),
        ("http://v.media.daum.net/v/20221016082313594", DAUM),
        ("http://www.paper.example/news/articleViewAmp.html?idxno=7#x", "http://www.paper.example/news/articleViewAmp.html?idxno=7"),
    ],
)  # fmt: skip
def test_what_is_requested_is_a_page_that_can_be_read(url: str, requested: str) -> None:
    address = recognise(url)
    assert address is not None
    assert fetch_url(address) == requested


def test_the_folder_is_the_registry_and_generic_comes_last() -> None:
    names = [platform.NAME for platform in platforms.platforms()]
    files = {path.stem for path in Path(platforms.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(names) == files
    assert names[-1] == "generic"


@pytest.mark.parametrize(
    ("one", "other"),
    [("https://a.example/n?id=1", "https://a.example/n?id=2"), ("https://a.example/n/1", "https://b.example/n/1"),
     ("https://a.example/amp/1", "https://a.example/1"), (f"{TISTORY}/1", "https://other.tistory.com/1")],
)  # fmt: skip
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert recognise(one) != recognise(other)


def test_percent_encoded_euc_kr_survives() -> None:
    address = recognise("https://old.example/news?title=%C4%AB%C5%E5")
    assert address is not None
    assert address.url.endswith("title=%C4%AB%C5%E5")


def test_every_url_of_the_event_has_a_platform_and_its_marked_twins_fold(shared: Path) -> None:
    rows = []
    for name in ("kakao_event_urls.tsv", "outage_urls.tsv"):
        with (shared / "events" / "kakao-outage-2022" / name).open(encoding="utf-8", newline="") as table:
            rows += list(csv.DictReader(table, delimiter="\t"))
    assert len(rows) == 197
    folded: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        address = recognise(row["url"])
        assert address is not None, row["url"]
        assert address.url.startswith("https://")
        folded[address.url].add(row["url"])
    previous = ""
    apart = []
    for row in rows:
        if (row.get("kind") or "").endswith("-dup"):
            apart += [row["url"]] if recognise(row["url"]) != recognise(previous) else []
        previous = row["url"]
    assert apart == []
    assert sum(len(urls) > 1 for urls in folded.values()) == 6
