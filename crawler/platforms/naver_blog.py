"""Naver Blog: three editors' markup (SE ONE, SE3, SE2), on the mobile page and on PostView.

The page at blog.naver.com/ID/LOGNO is a shell around an iframe; what is requested is its mobile twin.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import SplitResult

from crawler.contracts import Expectation
from crawler.dates import first_date, refused_dates
from crawler.extract import Line, Page, clean, joined, lines, links, parse
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.urls import Address, host_of, query_of, split
from data.records import Document, Kind

NAME = "naver_blog"
KIND: Kind = "blog"
PRIORITY = 10
MARKS = ('property="naverblog:nickname"',)
# 9 of 9 saved posts and 54 of 54 demo posts are dated and signed; medians of 762 and 458 letters, but a third of the
# saved posts are pictures with under 100, and one in three of Hangul letters is code's in programmers' posts.
EXPECTS = Expectation(documents=0.5, letters=(50, 10_000), dated=0.9, signed=0.9, hangul=0.3)

HOSTS = frozenset(("blog.naver.com", "m.blog.naver.com", "rss.blog.naver.com", "section.blog.naver.com"))
CLOSED_HOST = ".blog.me"  # ID.blog.me/LOGNO, until 2021 (not confirmed on a saved page)

# SE ONE, SE3, PC legacy, SE2 mobile: #viewTypeSelector wraps the others, so it comes last.
BODIES = (".se-main-container", ".sect_dsc.__se_component_area", "div.sect_dsc", "#postViewArea", "#viewTypeSelector")
TITLES = (".se-title-text", ".se_title .se_textarea", "h3.tit_h3", ".htitle .pcol1", ".pcol1")
# Not span.date: in the side bar of the PC page that is another post's.
DATES = ("p.blog_date", "p.se_date", "span.se_publishDate", "p._postAddDate")
AUTHORS = (".nick a", ".blog_author a", ".se_author a", ".writer .nick")
CARDS = ".se-oglink, .se_oglink, .se-oembed, .og"
FURNITURE = (
    ".se-map, .se-placesMap, .se-sticker, .se-video, .se-caption, .se_caption, .se-image, .se-imageGroup, "
    ".se-imageStrip, .se-file, .se-material, .se-code .se-code-toolbar, .se-section-documentTitle, "
    ".se_component.se_documentTitle, .se_map, .se_sticker, .post_footer_contents, .se-mrblog, "
    # What Color Scripter sets around code: the numbers of the lines, and its name.
    ".colorscripter-code-table td:first-child:nth-last-child(3), [href*='colorscripter.com']"
)
FRAME = "iframe#mainFrame"

_POST = re.compile(r"/([\w-]+)/(\d+)/?")
_BLOG = re.compile(r"/([\w-]+)/?")


def recognise(url: str) -> Address | None:
    parts = split(url)
    host = host_of(parts) if parts else ""
    if parts is None or not (host in HOSTS or host.endswith(CLOSED_HOST)):
        return None
    blog, post = _blog_and_post(parts, host)
    if blog and post:
        return Address(NAME, f"https://blog.naver.com/{blog}/{post}", f"{blog}/{post}", given=url)
    path = f"/{blog}" if blog else parts.path or "/"
    return Address(NAME, f"https://{host.removeprefix('m.')}{path}", blog or path, is_list=True, given=url)


def fetch_url(address: Address) -> str:
    return address.given or address.url if address.is_list else f"https://m.blog.naver.com/{address.native_id}"


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    page = parse(url, html)
    address = recognise(url) or recognise(page.meta("og:url") or "")
    if address is None or address.is_list:
        raise NotAnArticle(f"a list or a page without a post's address: {url[:200]}")
    text, hrefs = _body(page)
    title = page.first(TITLES) or page.meta("og:title")
    if not title:
        raise LayoutChanged(NAME, (*TITLES, "og:title"))
    shown = [("visible", page.first((place,))) for place in DATES]
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=clean(title),
        text=joined(text), author=page.meta("naverblog:nickname") or page.first(AUTHORS),
        published=first_date(shown, fetched_at), refused_dates=refused_dates(shown, fetched_at), links=hrefs,
    )  # fmt: skip


def _blog_and_post(parts: SplitResult, host: str) -> tuple[str, str]:
    """The blog's id, in lower case, and the post's number; empty where the URL has none."""
    query = query_of(parts)
    blog, post = query.get("blogId", ""), query.get("logNo", "")
    in_path = _POST.fullmatch(parts.path)
    if host.endswith(CLOSED_HOST):
        blog, post = host.removesuffix(CLOSED_HOST), post or parts.path.strip("/")
    elif in_path and host != "section.blog.naver.com":
        blog, post = in_path[1], in_path[2]
    elif not blog and _BLOG.fullmatch(parts.path):
        blog = parts.path.strip("/")
    return blog.lower(), post if post.isdecimal() else ""


def _body(page: Page) -> tuple[list[Line], tuple[str, ...]]:
    """The post's lines and the addresses it points to, from the first place that is there."""
    for place in BODIES:
        node = page.tree.css_first(place)
        if node is None:
            continue
        found = lines(node, f"{CARDS}, {FURNITURE}")
        if not found:
            raise NotAnArticle("a post of pictures, without a word")
        return found, links(node, page.url)
    frame = page.attribute(FRAME, "src")
    if frame:
        raise NotAnArticle(f"a shell around an iframe: {frame}")
    if page.meta("og:type") != "article" and not page.first(TITLES):
        raise NotAnArticle("neither a title nor a body of a post")
    raise LayoutChanged(NAME, BODIES)
