"""Tistory: blogs at NAME.tistory.com and, with the same markup, on domains of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import SplitResult

from crawler.contracts import Expectation
from crawler.dates import first_date
from crawler.extract import Line, Page, clean, joined, json_ld, lines, links, parse
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.urls import Address, clean_path, host_of, query_of, split
from data.records import Document, Kind

NAME = "tistory"
KIND: Kind = "blog"
PRIORITY = 10
MARKS = (
    'class="tt_article_useless_p_margin', "window.T.config", 'content="@TISTORY"', "t1.daumcdn.net/tistory_admin/",
    "tistory1.daumcdn.net/tistory_admin/",
)  # fmt: skip
# 2 of 2 saved posts and 62 of 62 demo posts are dated and signed: article:published_time and `by` are on every post.
# The saved ones are a programmer's, 0.32 and 0.44 of their first letters Hangul.
EXPECTS = Expectation(documents=0.6, letters=(80, 10_000), dated=0.9, signed=0.9, hangul=0.3)

# Newest first. The page for computers: every real post seen has its body there, whatever the skin (4 posts,
# 19 skins). The page for telephones (read in five readers). Neither is on a list.
POSTS = ("div.tt_article_useless_p_margin", "div.blogview_content")
# Around the body in skins that were read, where a skin leaves the usual element out.
SKINS = (
    ".entry-content", "#article-view", ".article_view", ".article-view",
    "article#article", ".area_view", ".article-body", ".article-content", ".post-content",
    ".post__body[data-post-body]", ".article",
)  # fmt: skip
CARDS = "figure[data-ke-type=opengraph]"
FILES = "figure[data-ke-type=file], .fileblock"
FURNITURE = (
    f"{FILES}, "
    "ins, .adsbygoogle, .revenue_unit_wrap, [data-tistory-react-app], .btn_more, .btn-toggle-moreless, figcaption, "
    ".tt-youtube-plugin, .container_postbtn, .another_category, .area_related, .tt-comment-cont, .area_tag, "
    "#tistorySnsLayer, .article_rep_desc_ad, .use_btns, .relation_article, .list_tag"
)
TITLES = (".tit_blogview", ".title-article", ".tit_post", ".hd-inner h1", ".article-header h1", "h1", "h2")
DATES = (".info_text .date", ".txt_date", ".date", ".info", "time")
# Lines that the service or an advertising script sets into the text.
WHOLE_LINES = re.compile(
    r"반응형|728x90|320x100|300x250|본문 바로가기|티스토리툴바|관련글 더보기|관련글|더보기|접기|좋아요\s*\d*"
    r"|공유하기|URL 복사|게시글 관리|저작자표시.*|구독하기|\(adsbygoogle.*"
)
PROTECTED = ("보호되어 있는 글입니다", "보호된 글입니다", 'id="entry_password"')
TEMPLATE = "[##_"

_POST = re.compile(r"(?:/m)?/(?P<id>\d+|(?:entry|notice|pages)/[^/]+)")


def recognise(url: str) -> Address | None:
    parts = split(url)
    if parts is None or not (parts.hostname or "").rstrip(".").endswith(".tistory.com"):
        return None
    return None if parts.hostname == "www.tistory.com" else _address(parts, url)


def by_markup(url: str) -> Address | None:
    """The address on a domain of the blog's own, which nothing but the page's markup shows to be Tistory's."""
    parts = split(url)
    hosted = parts is not None and (parts.hostname or "").rstrip(".").endswith("tistory.com")
    return None if parts is None or hosted else _address(parts, url)


def fetch_url(address: Address) -> str:
    """The PC page, also for ``/m/`` addresses: the mobile page carries the same text with less metadata."""
    return address.url


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    parts = split(url)
    if parts is None:
        raise NotAnArticle(f"no web address: {url[:200]}")
    address = _address(parts, url)
    if address.is_list:
        raise NotAnArticle(f"a list: {address.url}")
    page = parse(url, html)
    text, hrefs = _body(page)
    title = page.meta("og:title", "twitter:title") or page.first(TITLES)
    if not title:
        raise LayoutChanged(NAME, ("og:title", *TITLES))
    posting = next((item for item in json_ld(page) if item.get("@type") == "BlogPosting"), {})
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=clean(title),
        text=joined(text), author=page.meta("by", "og.article.author", "og:article:author"),
        outlet=page.meta("og:site_name", "article:media_name"),
        published=first_date(_published(page, posting), fetched_at),
        modified=first_date(
            [("meta:article:modified_time", page.meta("article:modified_time")),
             ("json-ld", posting.get("dateModified"))], fetched_at),
        links=hrefs,
    )  # fmt: skip


def _address(parts: SplitResult, url: str) -> Address:
    host, path = host_of(parts), clean_path(parts.path).rstrip("/")
    blog = host.removesuffix(".tistory.com")
    post = _POST.fullmatch(path)
    if post:
        return Address(NAME, f"https://{host}/{post['id']}", f"{blog}/{post['id']}", given=url)
    path = re.sub(r"^/m(?=/|$)", "", path)
    number = query_of(parts).get("page", "")
    query = f"?page={number}" if number.isdecimal() else ""
    return Address(NAME, f"https://{host}{path or '/'}{query}", f"{blog}{path}{query}", is_list=True, given=url)


def _body(page: Page) -> tuple[list[Line], tuple[str, ...]]:
    """The post's lines and the addresses it points to; link cards give an address and no line."""
    empty = False
    for selector in _places(page):
        for node in page.tree.css(selector):
            empty = empty or selector in POSTS
            found = [line for line in lines(node, f"{CARDS}, {FURNITURE}") if not WHOLE_LINES.fullmatch(line.text)]
            if found:
                return found, links(node, page.url, FILES)
    raise NotAnArticle("a post of pictures, without a word") if empty else LayoutChanged(NAME, POSTS + SKINS)


def _places(page: Page) -> Iterator[str]:
    """Where to look for the body, ending in `NotAnArticle` where the page says it has none."""
    yield from POSTS
    if TEMPLATE in page.html:
        raise NotAnArticle("a skin template")
    if not (page.meta("article:published_time") or page.meta("og:type") == "article"):
        raise NotAnArticle("a list or home page: og:type is not article")
    if any(mark in page.html for mark in PROTECTED):
        raise NotAnArticle("a protected post")
    yield from SKINS


def _published(page: Page, posting: dict[str, object]) -> Iterator[tuple[str, str | None]]:
    """Never og:regDate: it is a 12-hour clock without 오전 or 오후 (15:06 is written 0306)."""
    yield "meta:article:published_time", page.meta("article:published_time")
    yield "json-ld", str(posting.get("datePublished") or "")
    yield "visible", page.first(DATES)
