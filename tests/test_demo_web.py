"""The demo web: its page files, its markup as the readers read it, and its lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler import feeds, platforms
from crawler.decode import decode
from crawler.extract import robots_meta
from crawler.outcomes import NotAnArticle
from crawler.reading import charset_of
from data.demo import markup
from data.demo import page as page_files
from data.demo.page import BadPage, Page
from data.demo.web import NOT_FOUND, Answer, Web
from data.records import KST, Document

NOW = datetime(2026, 1, 1, tzinfo=KST)
WEB = Web.load()
WHOLE = [page for page in WEB.pages if not page.broken]
# What a newsroom puts below an article is not the article: readers drop it from the end.
CLOSING = re.compile(r"<저작권자 .*|제보는 카카오톡 .*|(?:[가-힣]{3} 기자 )?[\w.]+@[\w.]+")


def page_at(url: str) -> Page:
    return next(page for page in WEB.pages if page.url == url)


def html_of(answer: Answer) -> str:
    return decode(answer.body, charset_of(answer.content_type)).text


@cache
def read(page: Page) -> Document:
    """The document that the readers make of what the web answers for a page."""
    address = platforms.recognise(page.url)
    assert address is not None
    url = platforms.fetch_url(address)
    return platforms.extract(url, html_of(WEB.answer(url)), NOW)


def own_lines(page: Page) -> list[str]:
    """The page file's paragraphs, without what closes a news article."""
    lines = [" ".join(line.split()) for line in page.words]
    links = {block.text for block in page.blocks if block.kind == "link"}
    while page.outlet and (CLOSING.fullmatch(lines[-1]) or lines[-1] in links):
        lines.pop()
    return lines


def unjoined(text: str) -> str:
    """Without the zero-width joiners of emoji, which not every reader keeps."""
    return text.replace("\u200d", "")


def named(page: Page) -> str:
    return page.url.removeprefix("https://")[:60]


every_page = pytest.mark.parametrize("page", WHOLE, ids=named)


# ── the page files ───────────────────────────────────────────────────────────
def test_the_web_is_large_enough_to_show_something() -> None:
    assert len(WEB.pages) >= 150
    assert {page.skin for page in WEB.pages} == {
        *("bookclub", "hello", "material", "square"),
        *("seone", "se3", "se2"),
        *("ndsoft", "jsonld", "ogmeta", "plain"),
        *("daum", "naver"),
    }


def test_a_page_file_is_read_line_by_line() -> None:
    page = page_files.parse(
        '+++\nurl = "https://demo-x.tistory.com/1"\nskin = "hello"\ntitle = "제목"\npublished = "2022-10-16T09:05"\n+++\n'
        "첫 줄\n둘째 줄\n\n## 소제목\n셋째 줄\n> 인용\n@card https://a.example/1 | 남의 제목 | 남의 | 요약\n@ad\n"
    )
    assert [(block.kind, block.text) for block in page.blocks] == [
        ("text", "첫 줄\n둘째 줄"), ("heading", "소제목"), ("text", "셋째 줄"), ("quote", "인용"), ("card", "남의 제목"), ("ad", ""),
    ]  # fmt: skip
    assert page.words == ("첫 줄", "둘째 줄", "소제목", "셋째 줄", "인용")
    assert page.targets == ("https://a.example/1",)
    assert page.published.isoformat() == "2022-10-16T09:05:00+09:00"


@pytest.mark.parametrize("body", ["@cord 없는 표시", "@card https://a.example/1"])
def test_an_unknown_or_unfinished_mark_is_an_error(tmp_path: Path, body: str) -> None:
    head = '+++\nurl = "https://a.example/1"\nskin = "plain"\ntitle = "제목"\npublished = "2022-10-16T09:05"\n+++\n'
    (tmp_path / "a.txt").write_text(head + body, encoding="utf-8")
    with pytest.raises(BadPage, match=r"a\.txt"):
        page_files.load(tmp_path)


def test_values_are_escaped_and_lines_stand_only_where_they_are_meant() -> None:
    assert markup.put("<b>$title</b>", {"title": '<i>&"'}) == "<b>&lt;i&gt;&amp;&quot;</b>"
    assert markup.script_json({"a": "</script>"}) == '{"a": "<\\/script>"}'


# ── markup and readers ───────────────────────────────────────────────────────
@every_page
def test_a_page_is_read_back_as_it_was_written(page: Page) -> None:
    document = read(page)
    assert unjoined(document.text).split("\n") == [unjoined(line) for line in own_lines(page)]
    assert document.title == page.title
    assert document.url == page.url
    assert document.published is not None and document.published.at == page.published
    assert document.published.precision == "minute"
    assert document.links == page.targets
    assert document.kind == ("news" if page.outlet else "blog")


@every_page
def test_the_author_is_the_one_who_signed(page: Page) -> None:
    signed = page.author.removesuffix(" 기자")
    in_text = re.search(r"([가-힣]{3}) 기자 =", page.words[0])
    assert read(page).author == (signed or (in_text[1] if in_text else page.outlet))


@pytest.mark.parametrize("page", [page for page in WHOLE if page.outlet], ids=named)
def test_news_names_its_outlet_and_its_changes(page: Page) -> None:
    document = read(page)
    assert document.outlet == page.outlet
    changed = document.modified.at if document.modified else None
    assert changed == page.modified or (page.modified is None and changed == page.published)
    assert document.source_url == (page.source_url if page.skin == "naver" else None)


@pytest.mark.parametrize("page", [page for page in WHOLE if page.skin == "seone"][:5], ids=named)
def test_naver_answers_on_its_frame_as_on_its_mobile_page(page: Page) -> None:
    url = f"https://blog.naver.com/PostView.naver?blogId={page.site}&logNo={page.path.rsplit('/', 1)[1]}"
    framed = platforms.extract(url, html_of(WEB.answer(url)), NOW)
    assert (framed.text, framed.title, framed.author) == (read(page).text, read(page).title, read(page).author)
    assert framed.published == read(page).published
    with pytest.raises(NotAnArticle, match="shell"):
        platforms.extract(page.url, html_of(WEB.answer(page.url)), NOW)


@pytest.mark.parametrize("page", WEB.pages, ids=named)
def test_every_page_says_that_it_is_invented(page: Page) -> None:
    html = html_of(WEB.answer(page.url))
    assert '<meta name="yeoron-demo"' in html
    assert "지어낸 페이지입니다" in html
    assert page.broken or "지어낸" not in read(page).text


def test_noise_is_on_the_pages_and_not_in_the_texts() -> None:
    shown = "".join(html_of(WEB.answer(page.url)) for page in WHOLE if page.host != "blog.naver.com")
    texts = "\n".join(read(page).text for page in WHOLE)
    for noise in (
        "반응형",
        "728x90",
        "이 기사를 공유합니다",
        "기사원문",
        "번역beta",
        "글자크기 설정",
        "카테고리의 다른 글",
    ):
        assert noise in shown and noise not in texts, noise
    for comment in WEB.sites.comments:
        assert comment["text"] in shown and comment["text"] not in texts
    for page in WHOLE:
        others = {
            text for block in page.blocks if block.kind in ("card", "image") for text in (block.text, block.summary)
        }
        assert not others & set(read(page).text.split("\n"))


def test_the_twelve_hour_trap_is_set() -> None:
    page = page_at("https://demo-bunsik.tistory.com/38")
    html = html_of(WEB.answer(page.url))
    assert f"{page.published:%H%M}" == "2250"
    assert '<meta property="og:regDate" content="20221017105000">' in html
    assert '<meta property="article:published_time" content="2022-10-17T22:50:00+09:00">' in html


def test_naver_writes_its_hours_unpadded() -> None:
    early = next(page for page in WEB.pages if page.host == "blog.naver.com" and page.published.hour < 10)
    html = html_of(WEB.answer(f"https://m.blog.naver.com{early.path}"))
    assert f"2022. {early.published.month}. {early.published.day}. {early.published:%-H:%M}<" in html


def test_two_pages_are_in_cp949_and_say_so_only_inside() -> None:
    old = [page for page in WEB.pages if page.charset == "cp949"]
    assert len(old) == 2
    for page in old:
        answer = WEB.answer(page.url)
        assert answer.content_type == "text/html"
        assert b"charset=euc-kr" in answer.body
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        assert page.title in answer.body.decode("cp949")


def test_the_broken_page_ends_before_its_body() -> None:
    (broken,) = (page for page in WEB.pages if page.broken)
    html = html_of(WEB.answer(broken.url))
    assert "article-view-content-div" in html and "</html>" not in html
    with pytest.raises(NotAnArticle):
        platforms.extract(broken.url, html, NOW)


def test_owners_who_ask_robots_not_to_index() -> None:
    asking = [page for page in WEB.pages if page.noindex]
    assert len(asking) == 2
    for page in WEB.pages:
        if not page.broken:
            html = html_of(WEB.answer(platforms.fetch_url(platforms.recognise(page.url))))  # type: ignore[arg-type]
            assert ("noindex" in robots_meta(html)) == page.noindex


# ── lists ────────────────────────────────────────────────────────────────────
def entries(url: str) -> list[feeds.Entry]:
    answer = WEB.answer(url)
    assert answer.status == 200, url
    return feeds.entries(url, answer.body, answer.content_type, NOW)


def reached(url: str) -> Iterator[feeds.Entry]:
    for entry in entries(url):
        yield from reached(entry.url) if entry.is_list else [entry]


def identity(url: str) -> str:
    address = platforms.recognise(url)
    assert address is not None
    return address.url


def test_what_is_watched_leads_to_every_page_that_may_be_read() -> None:
    found: set[str] = set()
    for url, role in WEB.watch():
        found |= {identity(url)} if role == "page" else {identity(entry.url) for entry in reached(url)}
    closed = {page.url for page in WEB.pages if page.host == "demo-geumji.tistory.com"}
    assert {page.url for page in WEB.pages} - found < closed
    assert {role for _, role in WEB.watch()} == {"feed", "sitemap", "page"}
    assert len({url for url, _ in WEB.watch()}) == len(WEB.watch())


def test_one_watched_address_is_gone() -> None:
    gone = [url for url, _ in WEB.watch() if WEB.answer(url) is NOT_FOUND]
    assert gone == ["https://v.daum.net/v/20221015235900999"]


def test_feeds_are_newest_first_and_partial() -> None:
    url = "https://rss.blog.naver.com/demo_sukja.xml"
    listed = entries(url)
    assert all(entry.url.endswith("?fromRss=true&trackingCode=rss") for entry in listed)
    dates = [entry.dated.at for entry in listed if entry.dated]
    assert len(dates) == len(listed) == 3
    assert dates == sorted(dates, reverse=True)
    latest = page_at(identity(listed[0].url))
    assert latest.words[-1] not in WEB.answer(url).body.decode()


def test_a_blogs_sitemap_mixes_lists_and_second_addresses_in() -> None:
    urls = [entry.url for entry in entries("https://demo-bunsik.tistory.com/sitemap.xml")]
    assert f"https://demo-bunsik.tistory.com/tag/{quote('떡볶이')}" in urls
    assert "https://demo-bunsik.tistory.com/m/38" in urls
    assert "https://demo-bunsik.tistory.com/38?category=627201" in urls
    assert all(WEB.answer(url).status == 200 for url in urls)


def test_an_outlets_sitemap_may_be_an_index() -> None:
    index = entries("https://www.narudaily.example/sitemap.xml")
    assert [entry.url for entry in index if entry.is_list] == [
        "https://www.narudaily.example/sitemap-2022-10.xml",
        "https://www.narudaily.example/sitemap-2022-11.xml",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://demo-bunsik.tistory.com/",
        f"https://demo-bunsik.tistory.com/category/{quote('가게 일기')}",
        f"https://demo-bunsik.tistory.com/tag/{quote('떡볶이')}",
        "https://blog.naver.com/demo_sukja",
        "https://m.blog.naver.com/demo_sukja",
        "https://www.onsaemi.example/",
        "https://www.saebyeok.example/news/articleList.html?sc_section_code=S1N1&view_type=sm",
        "https://n.news.naver.com/",
        "https://v.daum.net/",
    ],
)
def test_lists_are_not_articles(url: str) -> None:
    answer = WEB.answer(url)
    assert answer.status == 200
    with pytest.raises(NotAnArticle):
        platforms.extract(url, html_of(answer), NOW)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://demo-bunsik.tistory.com/m/38", "https://demo-bunsik.tistory.com/38"),
        ("https://demo-gaemi300.tistory.com/150?category=627201", "https://demo-gaemi300.tistory.com/150"),
        (
            "https://n.news.naver.com/mnews/article/992/0000108460?sid=105",
            "https://n.news.naver.com/article/992/0000108460",
        ),
    ],
)
def test_second_addresses_are_the_same_document(url: str, same: str) -> None:
    assert platforms.extract(url, html_of(WEB.answer(url)), NOW) == read(page_at(same))
