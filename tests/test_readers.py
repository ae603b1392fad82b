"""Readers: what each platform's markup means, told on pages invented here and, where there are any, on saved ones."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from crawler import saved_text
from crawler.dates import parse_date
from crawler.decode import decode
from crawler.extract import fragment_lines, page_address, page_addresses, robots_meta
from crawler.outcomes import LayoutChanged, NotAnArticle, Unreadable
from crawler.platforms import extract, platform_of
from crawler.press import headline, person
from data.records import KST, Document, content_id, kst_text
from tests.conftest import SavedPage

FETCHED = datetime(2022, 11, 1, 10, 0, tzinfo=KST)
LATER = datetime(2026, 9, 1, 10, 0, tzinfo=KST)

TISTORY_POST = """<!doctype html><html><head><meta property="og:type" content="article">
<meta property="og:title" content="메신저가 멈춘 주말"><meta property="og:site_name" content="들판 기록">
<meta name="by" content="들판"><meta property="article:published_time" content="2022-10-17T15:06:03+09:00">
<meta property="article:modified_time" content="2022-10-18T09:00:00+09:00">
<meta property="og:regDate" content="20221017030603"></head><body>
<div id="article-view"><ins class="adsbygoogle"></ins><div class="revenue_unit_wrap"><p>반응형</p></div>
<div class="tt_article_useless_p_margin contents_style">
<p data-ke-size="size16">728x90</p><p>주말 내내&nbsp;연락이\u200b <b>끊</b>겼다.</p><p>첫 줄<br>둘째 줄</p><p> </p>
<figure data-ke-type="opengraph"><a href="https://v.daum.net/v/20221016082313594"><p>남의 제목</p><p>남의 요약</p></a></figure>
<figure class="imageblock"><img src="a.jpg"><figcaption>사진 설명</figcaption></figure>
<div data-ke-type="moreLess"><a class="btn-toggle-moreless">더보기</a><div class="moreless_content"><p>접힌 속내</p></div></div>
<script>var x = "<p>글 아님</p>";</script><p><a href="/entry/다음-글">이어지는 글</a></p><p>반응형</p></div>
<div class="container_postbtn"><button>공감</button></div><div class="another_category"><h4>다른 글</h4></div></div></body></html>"""

NAVER_MOBILE = """<html><head><meta property="og:type" content="article"><meta property="og:title" content="어제의 먹통"/>
<meta property="naverblog:nickname" content="물결"/></head><body>{}</body></html>"""
NAVER_EDITORS = {
    "SE ONE": """<div class="se-component se-documentTitle"><div class="se-title-text"><p>어제의 먹통</p></div>
        <p class="blog_date">2022. 10. 16. 9:53</p></div><div class="se-main-container">
        <div class="se-component se-oglink"><a href="https://paper.example/1" class="se-oglink-info">남의 제목</a></div>
        <div class="se-component se-text"><p>\u200b</p><p>첫 문단이다.</p><p>둘째 문단이다.</p></div>
        <div class="se-component se-image"><p class="se-image-caption">사진 설명</p></div></div>""",
    "SE3": """<div class="se_title"><h3 class="se_textarea">어제의 먹통</h3></div><p class="blog_date">2022. 10. 16. 9:53</p>
        <div class="se_component_wrap sect_dsc __se_component_area"><div class="se_oglink"><a href="https://paper.example/1">남의
        제목</a></div><p class="se_textarea">첫 문단이다.</p><p class="se_textarea">둘째 문단이다.</p></div>""",
    "SE2": """<h3 class="tit_h3">어제의 먹통</h3><p class="se_date">2022. 10. 16. 9:53</p><div id="viewTypeSelector">
        <p>첫 문단이다.</p><p><br></p><p>둘째 문단이다.</p><div class="og"><a href="https://paper.example/1">남의 제목</a></div></div>""",
}  # fmt: skip

NAVER_ARTICLE = """<html><head><meta property="og:type" content="article"><meta property="og:article:author" content="가나일보 | 네이버">
</head><body><h2 class="media_end_head_headline">복구는 더디다</h2><div class="media_end_head_info_datestamp">
<span class="_ARTICLE_DATE_TIME" data-date-time="2022-10-16 16:04:03">2022.10.16. 오후 4:04</span>
<span class="_ARTICLE_MODIFY_DATE_TIME" data-modify-date-time="2022-10-16 18:00:00">2022.10.16. 오후 6:00</span></div>
<a class="media_end_head_origin_link" href="https://paper.example/news/1">기사원문</a>
<em class="media_end_head_journalist_name">홍길동 기자</em><em class="media_end_head_journalist_name">성춘향 기자</em>
<{0} id="dic_area"><strong class="media_end_summary">굵은 요약</strong>[가나일보 홍길동 기자] 복구가 늦어지고 있다.<br><br>
<span class="end_photo_org"><em class="img_desc">사진 설명</em></span>이용자들은 답답해했다.<br><br>홍길동 (hong@paper.example)<br>
<a href="https://paper.example/ad">다른 소식 보기</a></{0}></body></html>"""

DAUM_ARTICLE = """<html><head><meta property="og:type" content="article"><meta property="og:regDate" content="20221016082300">
<meta property="og:article:author" content="가나일보"></head><body><h3 class="tit_view">주주들 뜬눈으로..</h3>
<span class="info_view"><span class="txt_info">홍길동</span><span class="txt_info">입력 <span class="num_date">2022. 10. 16. 08:23</span>
</span><span class="txt_info">수정 <span class="num_date">2022. 10. 16. 09:00</span></span></span>
<div id="harmonyContainer"><section dmcf-sid="a"><figure><figcaption>사진 설명</figcaption></figure><p>주주들은 밤을 새웠다.</p>
<p>회사는 사과했다.</p></section><p>저작권자(c) 가나일보. 무단전재-재배포금지</p></div></body></html>"""

OUTLET_LD = """<html><head><title>서버실의 불 | 가나일보</title><meta property="og:title" content="서버실의 불 | 가나일보">
<meta property="og:site_name" content="가나일보"><script type="application/ld+json">{broken</script>
<script type="application/ld+json">{{"@graph":[{{"@type":"WebSite"}},{{"@type":["NewsArticle"],"headline":"서버실의 불",
"datePublished":"2022-10-15T06:19:00Z","dateModified":"","author":[{{"name":"가나일보"}},{{"name":"순천, 광양 성춘향 기자 s@p.example"}}],
"articleBody":"잘린 본문"}}]}}</script></head><body><h1>서버실의 불</h1>{}</body></html>"""
PROSE = "<p>데이터센터 지하에서 불이 나 이용자들이 하루 종일 불편을 겪었다고 말했다.</p>" * 8


def text_of(url: str, html: str) -> list[str]:
    return extract(url, html, FETCHED).text.split("\n")


# ── Tistory ──────────────────────────────────────────────────────────────────


def test_tistory_post_keeps_the_authors_words_and_links_only() -> None:
    read = extract("https://field.tistory.com/m/7?category=1", TISTORY_POST, FETCHED)
    assert read.text.split("\n") == ["주말 내내 연락이 끊겼다.", "첫 줄", "둘째 줄", "접힌 속내", "이어지는 글"]
    assert read.links == ("https://v.daum.net/v/20221016082313594", "https://field.tistory.com/entry/다음-글")
    assert (read.platform, read.kind, read.url) == ("tistory", "blog", "https://field.tistory.com/7")
    assert (read.title, read.author, read.outlet) == ("메신저가 멈춘 주말", "들판", "들판 기록")


def test_tistory_date_is_never_the_twelve_hour_og_regdate() -> None:
    read = extract("https://field.tistory.com/7", TISTORY_POST, FETCHED)
    assert read.published is not None
    assert kst_text(read.published.at) == "2022-10-17T15:06:03+09:00"
    without = TISTORY_POST.replace("article:published_time", "x")
    assert extract("https://field.tistory.com/7", without, FETCHED).published is None


def test_tistory_on_a_domain_of_its_own_is_known_by_its_markup() -> None:
    read = extract("https://field.example/m/entry/멈춘-주말", TISTORY_POST, FETCHED)
    assert (read.platform, read.url) == ("tistory", "https://field.example/entry/%EB%A9%88%EC%B6%98-%EC%A3%BC%EB%A7%90")


@pytest.mark.parametrize(
    "container", ['class="entry-content"', 'id="article-view"', 'class="post__body" data-post-body']
)
def test_tistory_skins_without_the_usual_div(container: str) -> None:
    html = TISTORY_POST.replace('class="tt_article_useless_p_margin contents_style"', container).replace(
        'id="article-view"><ins', "><ins"
    )
    assert text_of("https://field.tistory.com/7", html)[0] == "주말 내내 연락이 끊겼다."


@pytest.mark.parametrize(
    "html",
    [
        TISTORY_POST.replace("tt_article_useless_p_margin", "x").replace('content="article"', 'content="website"').replace("article:published_time", "x"),
        "<s_t3><s_article_rep><div>[##_article_rep_desc_##]</div></s_article_rep></s_t3>",
        '<meta property="og:type" content="article"><div class="entry-content">보호되어 있는 글입니다.</div>',
        '<meta property="og:type" content="article"><div class="tt_article_useless_p_margin"><img src="a.jpg"></div>',
    ],
    ids=["list", "template", "protected", "picture"],
)  # fmt: skip
def test_tistory_pages_that_are_no_articles(html: str) -> None:
    with pytest.raises(NotAnArticle):
        extract("https://field.tistory.com/7", html)


def test_tistorys_page_for_telephones() -> None:
    html = """<meta property="og:title" content="메신저가 멈춘 주말"><meta name="by" content="들판"><link rel="canonical"
    href="https://field.tistory.com/7"><h2 class="tit_blogview">메신저가 멈춘 주말</h2><time class="txt_date">2022. 10. 17. 15:06</time>
    <div class="blogview_content useless_p_margin editor_ke"><p>주말 내내 연락이 끊겼다.</p><div class="container_postbtn">공감</div>
    <div class="use_btns">공유하기 버튼</div><div class="list_tag"><a>먹통</a></div><p>둘째 줄</p></div><div class="relation_article">다른 글</div>"""
    read = extract("https://field.tistory.com/m/7", html, FETCHED)
    assert (read.text, read.author, read.url) == (
        "주말 내내 연락이 끊겼다.\n둘째 줄",
        "들판",
        "https://field.tistory.com/7",
    )
    assert read.published is not None
    assert (kst_text(read.published.at), read.published.source) == ("2022-10-17T15:06+09:00", "visible")


@pytest.mark.parametrize(
    ("asked", "told", "url"),
    [
        ("https://field.tistory.com/7", "https://field.tistory.com/entry/weekend-7", "https://field.tistory.com/entry/weekend-7"),
        ("https://field.tistory.com/entry/weekend", "https://field.tistory.com/7", "https://field.tistory.com/7"),
        ("https://field.example/m/7", "https://www.field.example/7", "https://www.field.example/7"),
        ("https://field.tistory.com/7", "https://field.tistory.com/17", "https://field.tistory.com/7"),
        ("https://field.tistory.com/7", "https://field.tistory.com/", "https://field.tistory.com/7"),
        ("https://field.tistory.com/7", "https://other.tistory.com/7", "https://field.tistory.com/7"),
        ("https://field.tistory.com/7", "https://field.example/7", "https://field.tistory.com/7"),
    ],
    ids=["to the title", "to the number", "own domain", "another post", "the list", "another blog", "another site"],
)  # fmt: skip
def test_a_tistory_post_says_which_of_its_addresses_is_its_own(asked: str, told: str, url: str) -> None:
    html = TISTORY_POST.replace("<head>", f'<head><link rel="canonical" href="{told}">')
    assert extract(asked, html, FETCHED).url == url


def test_a_tistory_post_in_an_unknown_layout_says_what_was_tried() -> None:
    html = '<meta property="og:type" content="article"><meta property="og:title" content="제목"><main><p>글</p></main>'
    with pytest.raises(LayoutChanged) as changed:
        extract("https://field.tistory.com/7", html)
    assert "div.tt_article_useless_p_margin" in changed.value.tried


# ── Naver Blog ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("editor", NAVER_EDITORS)
def test_naver_blog_editors(editor: str) -> None:
    read = extract("https://m.blog.naver.com/Wave/223", NAVER_MOBILE.format(NAVER_EDITORS[editor]), FETCHED)
    assert read.text == "첫 문단이다.\n둘째 문단이다."
    assert read.links == ("https://paper.example/1",)
    assert (read.title, read.author, read.url) == ("어제의 먹통", "물결", "https://blog.naver.com/wave/223")
    assert read.published is not None
    assert kst_text(read.published.at) == "2022-10-16T09:53+09:00"


def test_naver_blog_minutes_ago_are_told_from_the_fetch() -> None:
    html = NAVER_MOBILE.format(NAVER_EDITORS["SE ONE"].replace("2022. 10. 16. 9:53", "5분 전"))
    published = extract("https://blog.naver.com/wave/223", html, FETCHED).published
    assert published is not None
    assert (kst_text(published.at), published.source) == ("2022-11-01T09:55+09:00", "relative")


def test_naver_blog_pc_postview_and_not_the_side_bars_date() -> None:
    html = """<span class="date pcol2">2020. 1. 1. 10:00</span><div class="se-title-text">제목</div><span class="nick"><a>물결</a></span>
    <span class="se_publishDate pcol2">2022. 10. 16. 11:48</span><div class="se-main-container"><p>글</p></div>"""
    read = extract("https://blog.naver.com/PostView.naver?blogId=wave&logNo=223", html, FETCHED)
    assert read.published is not None
    assert (read.author, kst_text(read.published.at)) == ("물결", "2022-10-16T11:48+09:00")


def test_naver_blog_shell_names_its_frame() -> None:
    shell = '<html><body><iframe id="mainFrame" src="/PostView.naver?blogId=wave&logNo=223"></iframe></body></html>'
    with pytest.raises(NotAnArticle, match=r"PostView\.naver\?blogId=wave&logNo=223"):
        extract("https://blog.naver.com/wave/223", shell)


def test_a_naver_blog_post_of_an_unknown_editor() -> None:
    with pytest.raises(LayoutChanged) as changed:
        extract("https://m.blog.naver.com/wave/223", NAVER_MOBILE.format('<div class="se5-body">글</div>'), FETCHED)
    assert changed.value.tried[0] == ".se-main-container"


# ── Brunch ───────────────────────────────────────────────────────────────────

BRUNCH = """<meta property="og:type" content="article"><meta property="og:title" content="로그인하지 못한 하루"><meta property="og:article:author" content="안개">
<div class="cover_text"><span class="date">Oct 18. 2022</span></div><div class="wrap_body"><div class="wrap_item item_type_text"><p>첫 문단이다.</p></div>
<div class="wrap_item item_type_img"><span class="img_caption">사진 설명</span></div><div class="wrap_item item_type_text"><p>둘째 문단이다.</p></div></div>"""


def test_brunch_essay() -> None:
    read = extract("https://brunch.co.kr/@mist/7", BRUNCH, FETCHED)
    assert (read.title, read.author, read.text) == ("로그인하지 못한 하루", "안개", "첫 문단이다.\n둘째 문단이다.")
    assert read.published is not None
    assert (kst_text(read.published.at), read.published.precision) == ("2022-10-18T00:00+09:00", "day")
    with pytest.raises(LayoutChanged):
        extract("https://brunch.co.kr/@mist/7", BRUNCH.replace("wrap_body", "zx9"), FETCHED)
    with pytest.raises(NotAnArticle):
        extract("https://brunch.co.kr/@mist", BRUNCH, FETCHED)


# ── Naver News, Daum News ────────────────────────────────────────────────────


@pytest.mark.parametrize("tag", ["div", "article"])
def test_naver_news_article(tag: str) -> None:
    read = extract("https://n.news.naver.com/mnews/article/999/0000000001?sid=105", NAVER_ARTICLE.format(tag), FETCHED)
    assert read.text == "[가나일보 홍길동 기자] 복구가 늦어지고 있다.\n이용자들은 답답해했다."
    assert (read.title, read.author, read.outlet) == ("복구는 더디다", "홍길동, 성춘향", "가나일보")
    assert read.source_url == "https://paper.example/news/1"
    assert read.published is not None
    assert read.modified is not None
    assert (kst_text(read.published.at), kst_text(read.modified.at)) == (
        "2022-10-16T16:04:03+09:00",
        "2022-10-16T18:00+09:00",
    )


def test_naver_news_old_and_sports_layouts() -> None:
    old = """<meta property="og:type" content="article"><div class="press_logo"><img alt="가나일보"></div><h3 id="articleTitle">옛 기사</h3>
    <span class="t11">2017.04.20. 오후 3:53</span><div id="articleBodyContents"><script>flash()</script>옛 본문이다.</div>"""
    sports = """<meta property="og:type" content="article"><div class="news_headline"><h4 class="title">경기 소식</h4><div class="info"><span>기사입력
    2017.05.12. 오후 02:09</span></div></div><div id="newsEndContents"><div>경기가 밀렸다.</div><p class="byline">홍길동 기자(h@p.example)</p>
    <div class="copyright">Copyright ⓒ 가나스포츠. 무단 전재 및 재배포 금지.</div></div>"""
    moved = """<meta property="og:type" content="article"><div class="NewsEndMain_article_head_title__ztaL4"><h2>옮긴 경기</h2></div>
    <div class="NewsEndMain_article_head_date_info__jGlzH"><em>입력 2024.05.12. 오후 02:09</em></div><div id="comp_news_article"><div class="_article_content">
    <span class="end_photo_org">사진 설명</span>경기장이 바뀌었다.<br><br>홍길동 기자 hong@paper.example</div></div>"""
    for url, html, title, text in (
        ("https://m.sports.naver.com/kbaseball/article/999/0000000001", moved, "옮긴 경기", "경기장이 바뀌었다."),
        ("https://news.naver.com/main/read.naver?oid=999&aid=0000000001", old, "옛 기사", "옛 본문이다."),
        ("https://sports.news.naver.com/news?oid=999&aid=0000000001", sports, "경기 소식", "경기가 밀렸다."),
    ):
        read = extract(url, html, LATER)
        assert (read.title, read.text) == (title, text)
        assert read.published is not None
        assert read.published.precision == "minute"


def test_daum_news_takes_its_id_from_the_request() -> None:
    short = '<head><meta property="og:url" content="https://news.v.daum.net/v/jvTmrluST6">'
    read = extract("https://news.v.daum.net/v/20221016082313594", DAUM_ARTICLE.replace("<head>", short), FETCHED)
    assert (read.url, read.native_id) == ("https://v.daum.net/v/20221016082313594", "20221016082313594")
    assert read.text == "주주들은 밤을 새웠다.\n회사는 사과했다."
    assert (read.author, read.outlet) == ("홍길동", "가나일보")
    assert read.published is not None
    assert read.modified is not None
    assert (kst_text(read.published.at), kst_text(read.modified.at)) == (
        "2022-10-16T08:23+09:00",
        "2022-10-16T09:00+09:00",
    )


@pytest.mark.parametrize(
    "url", ["https://n.news.naver.com/article/999/0000000001", "https://v.daum.net/v/20221016082313594"]
)
def test_a_news_article_in_an_unknown_layout(url: str) -> None:
    with pytest.raises(LayoutChanged):
        extract(url, '<meta property="og:type" content="article"><h1>제목</h1><div class="new">본문</div>')


# ── any other page ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        f'<div id="article-view-content-div">{PROSE}</div>',
        f'<div id="articleBody"></div><div id="_article">{PROSE}</div>',
        f'<div class="menu">{"<p><a href=/x>아주 긴 메뉴의 이름이 여기에 길게 적혀 있다고 하자</a></p>" * 30}</div><div class="zx9"><div>{PROSE}</div></div>',
    ],
    ids=["known", "empty container first", "densest"],
)  # fmt: skip
def test_an_outlet_with_json_ld(body: str) -> None:
    read = extract(
        "https://www.paper.example/n/7",
        OUTLET_LD.replace("{{", "{").replace("}}", "}").replace("{}", body),
        FETCHED,
    )
    assert read.text.count("데이터센터 지하에서 불이 나") == 8
    assert "잘린 본문" not in read.text
    assert "메뉴" not in read.text
    assert (read.title, read.author, read.outlet, read.kind) == ("서버실의 불", "성춘향", "가나일보", "news")
    assert read.published is not None
    assert (kst_text(read.published.at), read.published.source) == ("2022-10-15T15:19+09:00", "json-ld")
    assert read.modified is None


def test_an_outlet_with_nothing_but_visible_text() -> None:
    html = f"""<html><head><title>불편한 하루 - paper.example</title></head><body><p>2022.10.31 월요일</p><dl><dt>불편한 하루</dt>
    <dd>홍길동 기자 | 승인 2022.10.17 14:04 | 최종 수정 2022.10.18 09:00</dd></dl><div class="zx9">{PROSE}
    <p>홍길동 기자 hong@paper.example</p><p>&lt;저작권자 ⓒ 가나일보, 무단전재 및 재배포 금지&gt;</p><p>많이 본 기사</p></div></body></html>"""
    read = extract("https://paper.example/n/7", html, FETCHED)
    assert (read.title, read.author, read.outlet) == ("불편한 하루", "홍길동", "paper.example")
    assert read.published is not None
    assert read.modified is not None
    assert (kst_text(read.published.at), read.published.source) == ("2022-10-17T14:04+09:00", "visible")
    assert kst_text(read.modified.at) == "2022-10-18T09:00+09:00"
    assert read.text.endswith("말했다.")


def test_a_future_date_is_passed_over_for_a_possible_one() -> None:
    html = f'<meta property="og:type" content="article"><title>제목이 여기</title><meta property="article:published_time" content="2099-01-01"><meta name="date" content="2022-10-16">{PROSE}'
    published = extract("https://paper.example/n/7", html, FETCHED).published
    assert published is not None
    assert (kst_text(published.at), published.source, published.precision) == (
        "2022-10-16T00:00+09:00",
        "meta:date",
        "day",
    )


@pytest.mark.parametrize(
    ("url", "html"),
    [
        ("https://paper.example/", OUTLET_LD),
        ("https://paper.example/n/7", ""),
        ("https://paper.example/n/7", "<title>먹통 : 네이버 뉴스검색</title>" + PROSE),
        ("https://paper.example/n/7", "<title>가나일보</title>" + PROSE),
        ("https://paper.example/n/7", '<meta property="og:type" content="article"><title>제목</title><p>짧다</p>'),
        ("urn:sha256:0123", OUTLET_LD),
    ],
    ids=["home", "empty", "search", "undated", "no prose", "no address"],
)
def test_other_pages_that_are_no_articles(url: str, html: str) -> None:
    with pytest.raises(NotAnArticle):
        extract(url, html, FETCHED)


# ── names and helpers ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("순천, 광양 구현모 기자 ninek@paper.example", "구현모"), ("박준석 기자 외 1명", "박준석 외 1명"), ("이근홍", "이근홍"),
        ("유현태 기자(yht@paper.example)", "유현태"), ("홍길동 선임기자, 성춘향 특파원", "홍길동, 성춘향"), ("Max Lee", "Max Lee"),
        ("가나일보 webmaster@paper.example", "가나일보"), ("hong@paper.example", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_the_person_in_an_author_field(field: str | None, name: str | None) -> None:
    assert person(field) == name


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("서버실의 불 | 가나일보", "", "서버실의 불"),
        ("서버실의 불-정치ㅣ가나일보", "", "서버실의 불"),
        ("서버실에서 난 불은 왜 :: 네이버 뉴스", "서버실에서 난 불은 왜", "서버실에서 난 불은 왜"),
        ("다라 :: 서버실에서 난 불은 왜", "서버실에서 난 불은 왜", "서버실에서 난 불은 왜"),
        ("다라일보 - 불", "다라일보", "다라일보 - 불"),
        ("[속보] 불 - 물 - 바람", "", "[속보] 불 - 물 - 바람"),
        ('"비상" vs "자율"...날선 공방', "", '"비상" vs "자율"...날선 공방'),
    ],
)
def test_a_headline_loses_the_outlet_and_nothing_else(title: str, heading: str, expected: str) -> None:
    assert headline(title, [heading], ["가나일보"]) == expected


def test_what_a_page_says_of_itself() -> None:
    html = '<meta name="Robots" content="NoIndex, nofollow"><link rel="canonical" href="https://paper.example/7">'
    assert robots_meta(html) == {"noindex", "nofollow"}
    assert page_address(html) == "https://paper.example/7"
    assert page_addresses(html + '<meta property="og:url" content="https://paper.example/8">') == [
        "https://paper.example/7",
        "https://paper.example/8",
    ]
    assert page_addresses('<link rel="canonical" href="/7">') == []
    assert (robots_meta(""), page_address("<p>")) == (set(), None)


def test_a_fragment_keeps_paragraphs_and_not_captions() -> None:
    found = fragment_lines("<p>가<b>나</b>다<br>라</p><figure><p>설명</p></figure>마")
    assert [line.text for line in found] == ["가나다", "라", "마"]


def test_saved_text_in_the_frame_of_a_tistory_page() -> None:
    text = """상세 컨텐츠\n\n본문 제목\n\n멈춘 주말?\n\n들판--->일상\n\nby 들판 2022. 10. 17. 02:10\n\n본문\n\n728x90\n반응형\n
    첫 줄이다.\n\nhttps://v.daum.net/v/20221017000610318\n\n남의 제목\n\n남의 요약\n\nv.daum.net\n\n둘째 줄이다.\n
    반응형\n\n관련글 더보기\n\n다른 글"""
    read = saved_text.read(text)
    assert (read.title, read.author, read.text) == ("멈춘 주말?", "들판", "첫 줄이다.\n둘째 줄이다.")
    assert read.links == ("https://v.daum.net/v/20221017000610318",)
    assert read.url == f"urn:sha256:{read.native_id}"
    assert read.published is not None
    assert kst_text(read.published.at) == "2022-10-17T02:10+09:00"


def test_saved_text_without_a_frame() -> None:
    read = saved_text.read("제목\n\n첫 줄\n둘째 줄\n")
    assert (read.title, read.text, read.author, read.published) == ("제목", "첫 줄\n둘째 줄", None, None)
    with pytest.raises(NotAnArticle):
        saved_text.read(" \n ")


# ── hostile pages ────────────────────────────────────────────────────────────

HOSTILE = {
    "deep": "<div>" * 100_000 + "글",
    "unclosed formatting": "".join(f"<font color=c{n}><p>글" for n in range(5_000)),
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + ">글</div>",
    "nuls": "\x00" * 1_000 + "<p>글\x00자</p>",
    "junk": "".join(chr(n % 0xD7FF + 1) for n in range(0, 400_000, 7)),
    "angles": "<" * 500_000,
    "labels": "입력 2022 " * 50_000,
    "deep json": '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
}
ADDRESSES = [
    "https://field.tistory.com/1", "https://blog.naver.com/wave/1", "https://n.news.naver.com/article/999/0000000001",
    "https://v.daum.net/v/20221016082313594", "https://brunch.co.kr/@somebody/1", "https://paper.example/n/7",
    "https://www.yna.co.kr/view/AKR20221015054300017", "https://www.chosun.com/a/2022/10/15/ABCDEFGHIJKLMNOPQRSTUVWXYZ/",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_soon_in_a_document_or_a_named_outcome(name: str) -> None:
    head = '<html><head><meta property="og:type" content="article"><meta property="og:title" content="제목이다"></head><body>'
    for url in ADDRESSES:
        started = time.process_time()
        with suppress(Unreadable):
            assert "\x00" not in extract(url, head + HOSTILE[name], FETCHED).text
        assert time.process_time() - started < 2, url


# ── saved pages of other people, read where they lie ─────────────────────────

ARTICLE_FOLDERS = ("tistory", "naver_blog", "naver_news", "daum_news", "news_generic")
# Rows whose body_start was read off with what is not the article's text in front: a link card, a
# caption, the newsroom's bold summary. There the text must begin inside that start, or, where it
# is furniture altogether, without it.
FURNITURE_WITHIN = ("maruachi", "n2h4_sports", "post384", "post637", "goose3_donga", "sh_entermedia")
FURNITURE_ONLY = ("se2-code-image", "se4-formula", "se4-quote", "20180516162315753", "HankookIlbo_2026_07_12")
# Broken before it was saved; an English article; a community post; a post's text as test data of a skin.
NOT_LISTS = ("mojibake", "kbsworld", "ppomppu", "aroundus")
NO_START = ("HankookIlbo_2026_01_29",)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def articles(pages: Callable[..., Iterator[SavedPage]]) -> Iterator[tuple[SavedPage, Document]]:
    for page in pages(*ARTICLE_FOLDERS):
        if page.date:
            yield page, extract(page.url or "https://unknown.example/n/1", decode(page.body).text)


def test_saved_articles_have_their_title_date_and_author(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    read = list(articles(shared_pages))
    assert len(read) == 23
    for page, document in read:
        assert page.title.startswith(document.title), page.file
        assert len(document.title) >= len(page.title) - len("-정치ㅣ한국일보"), page.file
        stated = parse_date(page.date, "index")
        assert stated is not None
        assert document.published is not None, page.file
        assert document.published.at.replace(second=0) == stated.at.replace(second=0), page.file
        assert document.published.precision == "minute"
        if page.author:
            assert document.author == person(page.author.split(";")[0]), page.file


def test_saved_articles_begin_as_a_reader_saw(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    for page, document in articles(shared_pages):
        text, start = squeezed(document.text), squeezed(page.body_start)
        if any(name in page.file for name in NO_START):
            assert len(text) > 1_000
        elif any(name in page.file for name in FURNITURE_ONLY):
            assert not text.startswith(start[:15]), page.file
        elif any(name in page.file for name in FURNITURE_WITHIN):
            assert squeezed(document.text.split("\n")[0])[:15] in start or start[:15] in text[:200], page.file
        else:
            assert text.startswith(start) or start.startswith(text), page.file
        assert not re.search(r"[\u200b\ufeff\xa0\x00]|\n\n|  ", document.text), page.file
        assert not re.search(r"무단\s?전재|재배포|^반응형$|^728x90$", document.text, re.MULTILINE), page.file


def test_saved_lists_templates_and_searches_are_no_articles(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    seen = 0
    for page in shared_pages("tistory", "tistory_skins", "misc"):
        article = page.platform == "tistory" and page.date
        if article or any(name in page.file for name in NOT_LISTS):
            continue
        for url in {
            page.url if page.url.startswith("http") else "",
            "https://name.tistory.com/1",
            "https://paper.example/n/1",
        } - {""}:
            with pytest.raises(NotAnArticle):
                extract(url, decode(page.body).text)
        seen += 1
    assert seen == 32


def test_the_seed_of_the_project(shared: Path) -> None:
    (seed,) = (shared / "seeds").glob("000_*.txt")
    read = saved_text.read(seed.read_text(encoding="utf-8"))
    assert (content_id(read.title), content_id(read.author or "")) == ("158078fabf05ea7e", "e419d704285f19a5")
    assert read.published is not None
    assert (kst_text(read.published.at), read.published.source) == ("2022-10-17T02:10+09:00", "visible")
    assert [url.rsplit("/", 1)[1] for url in read.links] == ["20221017000610318", "20221016214840037"]
    lines = read.text.split("\n")
    assert len(lines) == 27
    assert not {"728x90", "반응형", "v.daum.net", "관련글 더보기"} & set(lines)
    assert not any(word in read.text for word in ("정치시사", "몸집 불리기", "천불"))


def test_platform_is_told_by_address_then_by_markup() -> None:
    assert platform_of("https://field.example/7", TISTORY_POST).NAME == "tistory"
    assert platform_of("https://paper.example/n/7", PROSE).NAME == "generic"
