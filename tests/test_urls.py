"""Addresses: every form of an article's URL falls on one, and no form of input raises."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from crawler import platforms
from crawler.platforms import fetch_url, recognise
from crawler.urls import one_site

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
    ("ndsoft", "https://www.paper.example/news/articleView.html?idxno=77", [
        "http://www.paper.example/news/articleView.html?idxno=77", "http://m.paper.example/news/articleView.html?idxno=77",
        "https://www.paper.example/news/articleViewAmp.html?idxno=77&utm_medium=feed",
        "https://www.paper.example:443/news/articleView.html?page=3&idxno=77#top", "https://www.paper.example/news/articlePrint.html?idxno=77",
        "https://www-paper-example.cdn.ampproject.org/c/s/www.paper.example/news/articleViewAmp.html?idxno=77",
    ]),
    ("donga", "https://www.donga.com/news/article/all/20221017/115990167/1", [
        "https://donga.com/news/It/article/all/20221017/115990167/1", "http://news.donga.com/3/all/20221017/115990167/1",
        "https://bizn.donga.com/List/3/0112/20221017/115990167/2", "https://www.donga.com/news/amp/all/20221017/115990167/1",
        "https://www.google.com/amp/s/www.donga.com/news/amp/all/20221017/115990167/1",
        "https://www-donga-com.cdn.ampproject.org/v/s/www.donga.com/news/amp/all/20221017/115990167/1?amp_js_v=0.1&usqp=mq331",
    ]),
    ("hankyung", "https://www.hankyung.com/article/202210160801Y", [
        "https://www.hankyung.com/it/article/202210160801Y", "https://hankyung.com/amp/202210160801Y",
        "http://news.hankyung.com/article/202210160801Y",
    ]),
    ("hankyung", "https://magazine.hankyung.com/business/article/202210198119b", ["https://magazine.hankyung.com/business/article/202210198119b?x=1"]),
    ("yonhap", "https://www.yna.co.kr/view/AKR20221016001400061", [
        "https://www.yna.co.kr/view/AKR20221016001400061?section=industry/all", "https://m.yna.co.kr/view/AKR20221016001400061",
        "https://www.yna.co.kr/amp/view/AKR20221016001400061", "https://m.yna.co.kr/kr/contents/?cid=AKR20221016001400061&site=01",
        "http://www.yonhapnews.co.kr/bulletin/2022/10/16/0200000000AKR20221016001400061.HTML?input=1195m",
    ]),
    ("chosun", "https://www.chosun.com/economy/tech_it/2022/10/17/H2LJY4W25FERRNHMXXBISF6JWI", [
        "https://chosun.com/economy/tech_it/2022/10/17/H2LJY4W25FERRNHMXXBISF6JWI/?outputType=amp",
        "http://www.chosun.com/economy/tech_it/2022/10/17/H2LJY4W25FERRNHMXXBISF6JWI/?utm_source=naver",
    ]),
    ("chosun", "https://news.chosun.com/site/data/html_dir/2020/08/27/2020082704301.html", [
        "http://news.chosun.com/site/data/html_dir/2020/08/27/2020082704301.html?Dep0=twitter",
        "http://m.chosun.com/svc/article.html?sname=news&contid=2020082704301",
    ]),
    ("joongang", "https://www.joongang.co.kr/article/25109405", [
        "https://joongang.co.kr/amparticle/25109405", "https://news.joins.com/article/25109405?cloc=joongang", "https://mnews.joins.com/article/25109405#home",
    ]),
    ("hani", "https://www.hani.co.kr/arti/opinion/editorial/1063055.html", [
        "http://2014vote.hani.co.kr/arti/opinion/editorial/1063055.html", "https://m.hani.co.kr/arti/opinion/editorial/1063055.html?_fr=gg",
    ]),
    ("hankook", "https://www.hankookilbo.com/news/article/A2023082213080000086", [
        "https://www.hankookilbo.com/News/Read/A2023082213080000086?did=NA", "https://m.hankookilbo.com/News/Read/A2023082213080000086",
        "https://www.hankookilbo.com/news/article/amp/A2023082213080000086",
    ]),
    ("mk", "https://www.mk.co.kr/news/it/10490001", ["http://mk.co.kr/news/it/10490001", "https://m.mk.co.kr/news/it/10490001?y=1"]),
    ("mk", "https://www.mk.co.kr/news/it/view/2022/10/912345", ["https://www.mk.co.kr/news/it/view/2022/10/912345/"]),
    ("mk", "https://news.mk.co.kr/newsRead.php?no=912345&year=2019", ["http://news.mk.co.kr/newsRead.php?year=2019&no=912345&sID=501"]),
    ("kbs", "https://news.kbs.co.kr/news/view.do?ncd=5580015", [
        "http://news.kbs.co.kr/news/view.do?ncd=5580015&ref=A", "https://news.kbs.co.kr/news/pc/view/view.do?ncd=5580015",
        "https://news.kbs.co.kr/news/mobile/view/view.do?ncd=5580015", "https://mn.kbs.co.kr/news/view.do?ncd=5580015",
    ]),
    ("zdnet", "https://zdnet.co.kr/view/?no=20221015182759", [
        "https://zdnet.co.kr/view/?no=20221015182759&re=R_20211206083428", "https://www.zdnet.co.kr/view?no=20221015182759",
        "http://www.zdnet.co.kr/news/news_view.asp?artice_id=20221015182759", "https://m.zdnet.co.kr/news_view.asp?article_id=20221015182759&lo=z",
    ]),
    ("mt", "https://news.mt.co.kr/mtview.php?no=2022101517203168084", [
        "https://m.mt.co.kr/renew/view.html?no=2022101517203168084", "https://m.mt.co.kr/renew/view_amp.html?no=2022101517203168084",
        "https://news.mt.co.kr/newview.php?no=2022101517203168084&type=1", "https://www.mt.co.kr/tech/2022/10/15/2022101517203168084",
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
        ("http://www.paper.example/news/articleViewAmp.html?idxno=7#x", "http://www.paper.example/news/articleView.html?idxno=7"),
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
     ("https://a.example/amp/1", "https://a.example/1"), (f"{TISTORY}/1", "https://other.tistory.com/1"),
     ("https://a.example/news/articleView.html?idxno=1", "https://b.example/news/articleView.html?idxno=1"),
     ("https://www.mk.co.kr/news/it/10490001", "https://www.mk.co.kr/news/it/10490002"),
     ("https://news.mk.co.kr/newsRead.php?no=912345&year=2019", "https://news.mk.co.kr/newsRead.php?no=912345&year=2020"),
     ("https://www.hankyung.com/article/202210160801Y", "https://www.hankyung.com/article/202210160801"),
     ("https://h21.hani.co.kr/arti/society/general/52345.html", "https://www.hani.co.kr/arti/society/general/52345.html")],
)  # fmt: skip
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert recognise(one) != recognise(other)


def test_a_short_code_of_daum_is_an_alias() -> None:
    short, long = recognise("https://v.daum.net/v/jvTmrluST6"), recognise(DAUM)
    assert short is not None and long is not None
    assert (short.is_alias, long.is_alias, short.is_list) == (True, False, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://paper.example/1", "https://www.paper.example/1", True), ("https://ko.m.paper.example/1", "https://ko.paper.example/1", True),
        ("https://busan.paper.example/1", "https://www.paper.example/1", True), ("https://a.paper.example/1", "https://b.paper.example/1", False),
        ("https://paper.example/1", "https://newspaper.example/1", False), ("https://www.example/1", "https://m.example/1", False),
    ],
)  # fmt: skip
def test_what_one_site_is(one: str, other: str, same: bool) -> None:
    assert one_site(one, other) == same


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
