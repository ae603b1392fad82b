"""Any other page: newsrooms on their own sites, and blogs of no known platform.

Order of trust: JSON-LD, then meta elements, then what stands on the page near the headline. The
body is never JSON-LD's articleBody alone, which newsrooms cut short and strip of paragraphs.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawler.contracts import Expectation
from crawler.dates import day_in_url, one_of
from crawler.density import densest
from crawler.extract import Line, Page, joined, lines, links, parse
from crawler.facts import TITLE_METAS, facts
from crawler.outcomes import NotAnArticle
from crawler.press import FURNITURE, without_closing
from crawler.urls import Address, canonical_url, host_of, split
from data.records import Document, Kind

NAME = "generic"
KIND: Kind = "news"
PRIORITY = 100
MARKS: tuple[str, ...] = ()
# Anything may stand behind an address of no known platform: 2 of 2 saved articles and 26 of 26 of the demo are read
# whole, and 11 saved lists, rightly, not at all.
EXPECTS = Expectation(documents=0.3, dated=0.6, hangul=0.3)

# Bodies by outlet or by the system behind many outlets; one that is there but empty is passed over
# (Entermedia has both #articleBody, empty, and #_article).
BODIES = (
    "[itemprop=articleBody]", "#article-view-content-div", "#article-view-content", ".story-news.article",
    "#article_body", "section.article-body", "#news_body_id .par", ".article-text", "#cont_newstext",
    "#articleBody #content", "#articleBody", "#textBody", "#articletxt", ".article_txt", "#_article", ".end-body",
    ".m_cont", "#newsContent", "#news_body_area", "#CmAdContent", ".article_content", ".article-content",
    ".article_body", ".article-body", ".news_body", ".view_con", ".entry-content", ".post-content", ".post-body",
)  # fmt: skip
PUBLISHED_PLACES = (
    ("[data-published-time]", "data-published-time"), ("time[itemprop=datePublished]", "datetime"),
    (".datetime time", "datetime"), ("article time", "datetime"), ("time", "datetime"),
)  # fmt: skip
AUTHOR_PLACES = (
    "li.author", ".byline", ".article-byline__author", ".reporter", ".writer", ".author", ".article-writer",
    ".journalist",
)  # fmt: skip
# Not /archives/: there WordPress keeps posts by number.
LIST_PATHS = re.compile(r"/?|/(?:category|categories|tag|tags|search|author|rss|feed|sitemap)(?:[/.].*)?")
LIST_HOSTS = re.compile(r"(?:m\.)?search\..+")
LIST_TITLES = re.compile(r"검색\s*결과|뉴스\s*검색|통합검색|[:–|-]\s*(?:네이버|Daum|다음|구글) 검색")
# Letters of prose. A known container may be as short as a photo's caption story, yet one above the
# second bound is taken before one below. On 7 saved articles the densest block is the body, the
# shortest of 437; on 11 saved lists it reaches 1,889, so a date or metadata is asked for besides.
SHORTEST_KNOWN, SHORTEST_GUESSED = 10, 200


def recognise(url: str) -> Address | None:
    canonical, parts = canonical_url(url), split(url)
    if canonical is None or parts is None:
        return None
    by_path = LIST_PATHS.fullmatch(canonical.removeprefix("https://" + host_of(parts)))
    is_list = bool(by_path or LIST_HOSTS.fullmatch(host_of(parts)))
    return Address(NAME, canonical, canonical.removeprefix("https://"), is_list=is_list, given=url)


def fetch_url(address: Address) -> str:
    """As given: the canonical host or scheme may not answer, and every twin is readable."""
    return (address.given or address.url).partition("#")[0]


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    address = recognise(url)
    if address is None or address.is_list:
        raise NotAnArticle(f"a list or no web address: {url[:200]}")
    page = parse(url, html)
    about = facts(page)
    if not about.title or LIST_TITLES.search(page.meta(*TITLE_METAS) or page.first(("title",)) or ""):
        raise NotAnArticle(f"no headline, or a search result: {about.title}")
    text, hrefs = _body(page)
    stated = one_of(about.published(fetched_at, PUBLISHED_PLACES), about.labelled(fetched_at))
    published = one_of(stated or about.shown_dates(fetched_at)[0], day_in_url(url, fetched_at))
    if not (published or about.is_article):
        raise NotAnArticle("neither a date nor metadata calls it an article")
    return Document(
        platform=NAME, kind="blog" if about.is_blog_post else KIND, url=address.url, native_id=address.native_id,
        title=about.title, text=joined(without_closing(text)), outlet=about.outlet,
        author=about.author(text, AUTHOR_PLACES) or about.outlet, published=published,
        modified=about.modified(fetched_at) or about.shown_dates(fetched_at)[1], links=hrefs,
    )  # fmt: skip


def _body(page: Page) -> tuple[list[Line], tuple[str, ...]]:
    """The first known container with text enough, or with any; else the densest block."""
    known = ((node, lines(node, FURNITURE)) for place in BODIES for node in page.tree.css(place))
    short: tuple[list[Line], tuple[str, ...]] | None = None
    for node, found in known:
        if _prose(found) >= SHORTEST_GUESSED:
            return found, links(node, page.url, FURNITURE)
        if _prose(found) >= SHORTEST_KNOWN and short is None:
            short = found, links(node, page.url, FURNITURE)
    if short:
        return short
    block = densest(page.tree.body) if page.tree.body else None
    found = lines(block, FURNITURE) if block else []
    if block is None or _prose(found) < SHORTEST_GUESSED:
        raise NotAnArticle("no known body, and no block of prose")
    return found, links(block, page.url, FURNITURE)


def _prose(text_lines: list[Line]) -> int:
    return sum(len(line.text) for line in text_lines if not line.linked)
