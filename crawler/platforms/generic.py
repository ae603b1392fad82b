"""Any other page: newsrooms on their own sites, and blogs of no known platform.

Order of trust: JSON-LD, then meta elements, then what stands on the page near the headline. The
body is never JSON-LD's articleBody alone, which newsrooms cut short and strip of paragraphs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from crawler.dates import day_in_url, first_date, labelled_dates, parse_date
from crawler.density import densest
from crawler.extract import Line, Page, clean, fragment_lines, joined, json_ld, lines, links, parse
from crawler.outcomes import NotAnArticle
from crawler.press import headline, person, reporter, signature, without_closing
from crawler.urls import Address, canonical_url, host_of, split
from data.records import Dated, Document, Kind

NAME = "generic"
KIND: Kind = "news"
PRIORITY = 100
MARKS: tuple[str, ...] = ()

# Bodies by outlet or by the system behind many outlets; one that is there but empty is passed over
# (Entermedia has both #articleBody, empty, and #_article).
BODIES = (
    "[itemprop=articleBody]", "#article-view-content-div", "#article-view-content", ".story-news.article",
    "#article_body", "section.article-body", "#news_body_id .par", ".article-text", "#cont_newstext",
    "#articleBody #content", "#articleBody", "#textBody", "#articletxt", ".article_txt", "#_article", ".end-body",
    ".m_cont", "#newsContent", "#news_body_area", "#CmAdContent", ".article_content", ".article-content",
    ".article_body", ".article-body", ".news_body", ".view_con", ".entry-content", ".post-content", ".post-body",
)  # fmt: skip
FURNITURE = ", ".join((
    "figure", "figcaption", "aside", "nav", "footer", ".caption", ".txt-desc", ".txt-copyright", ".img_desc",
    ".ab_photo", ".editor-img-box", ".articlePhotoC", ".articlePhotoR", ".articlePhotoL", ".photo_caption", ".ad",
    ".ads", ".adsbygoogle", ".end-ad-container", ".sub-tit-ll", ".module-quote", ".subtitle", ".article_summary",
    ".summary", ".writer", ".reporter", ".byline", ".copyright", ".relation", ".more-news", ".tooltip-box",
    ".toast-popup", ".share-list", ".blind", ".related", ".related-articles", ".related_article",
    ".article-related", ".article_relation", ".sns", ".share", ".tags", ".tag", ".article-copy",
    ".view-copyright", ".view-editors", ".ai-summary", ".recommend", ".comment", ".comments",
    "[aria-hidden=true]",
))  # fmt: skip
ARTICLE_TYPES = frozenset(
    ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle")
)
PUBLISHED_METAS = (
    "article:published_time", "article:published", "datepublished", "og:article:published_time", "pubdate",
    "dable:published_time", "og:regdate", "date", "dc.date.issued", "parsely-pub-date",
)  # fmt: skip
MODIFIED_METAS = ("article:modified_time", "datemodified", "og:updated_time", "lastmod")
AUTHOR_METAS = ("dable:author", "og:article:author", "article:author", "author", "byl", "dc.creator")
PUBLISHED_PLACES = (
    ("[data-published-time]", "data-published-time"), ("time[itemprop=datePublished]", "datetime"),
    (".datetime time", "datetime"), ("article time", "datetime"), ("time", "datetime"),
)  # fmt: skip
AUTHOR_PLACES = (
    "li.author", ".byline", ".article-byline__author", ".reporter", ".writer", ".author", ".article-writer",
    ".journalist",
)  # fmt: skip
HEADINGS = "h1, h2, h3.title, .headline"
WEAK_HEADINGS = "h3, h4, dt, strong, .title"
# Not /archives/: there WordPress keeps posts by number.
LIST_PATHS = re.compile(r"/?|/(?:category|categories|tag|tags|search|author|rss|feed|sitemap)(?:[/.].*)?")
LIST_HOSTS = re.compile(r"(?:m\.)?search\..+")
LIST_TITLES = re.compile(r"검색\s*결과|뉴스\s*검색|통합검색|[:–|-]\s*(?:네이버|Daum|다음|구글) 검색")
# Hankook Ilbo since 2026: the body stands in script data only, as an escaped string of HTML.
IN_SCRIPT = {name: re.compile(rf'"{name}":("(?:[^"\\]|\\.)+")') for name in ("contentHtml", "deployDt", "reDeployDt")}

# Letters of prose. A known container may be as short as a photo's caption story, yet one above the
# second bound is taken before one below. On 7 saved articles the densest block is the body, the
# shortest of 437; on 11 saved lists it reaches 1,889, so a date or metadata is asked for besides.
SHORTEST_KNOWN, SHORTEST_GUESSED = 10, 200
NEAR = 300  # letters after the headline in which a byline and a date are looked for


@dataclass(frozen=True)
class _Facts:
    """A page with what several fields are read from."""

    page: Page
    ld: dict[str, Any]
    title: str

    @cached_property
    def below_title(self) -> str:
        """All visible text from the headline on; empty where the headline stands nowhere, since
        the first date of a whole page is today's, in the masthead."""
        body = self.page.tree.body
        text = " ".join(line.text for line in lines(body)) if body else ""
        return text.partition(self.title)[2]


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
    facts = _facts(page)
    text, hrefs = _body(facts)
    published = first_date(_published(facts), fetched_at) or _visible(facts, fetched_at) or day_in_url(url, fetched_at)
    if not (published or facts.ld or page.meta("og:type") == "article"):
        raise NotAnArticle("neither a date nor metadata calls it an article")
    outlet = _outlet(facts)
    return Document(
        platform=NAME, kind=_kind(facts.ld), url=address.url, native_id=address.native_id, title=facts.title,
        text=joined(without_closing(text)), author=_author(facts, text, outlet), outlet=outlet,
        published=published,
        modified=first_date(_modified(facts), fetched_at) or labelled_dates(facts.below_title, fetched_at)[1],
        links=hrefs,
    )  # fmt: skip


def _facts(page: Page) -> _Facts:
    """Raises `NotAnArticle` for a page without a headline and for a search result."""
    articles = [item for item in json_ld(page) if _types(item) & ARTICLE_TYPES]
    ld = next((item for item in articles if item.get("headline")), articles[0] if articles else {})
    declared = page.meta("og:title", "twitter:title") or clean(str(ld.get("headline") or ""))
    title = declared or page.first(("title", "h1"))
    if not title or LIST_TITLES.search(title):
        raise NotAnArticle(f"no headline, or a search result: {title}")
    headings = [clean(node.text()) for node in page.tree.css(HEADINGS if declared else f"{HEADINGS}, {WEAK_HEADINGS}")]
    return _Facts(page, ld, headline(title, headings, _own_names(page, ld)))


def _body(facts: _Facts) -> tuple[list[Line], tuple[str, ...]]:
    """The first known container with text enough, or with any; script data; else the densest block."""
    page = facts.page
    known = ((node, lines(node, FURNITURE)) for place in BODIES for node in page.tree.css(place))
    short: tuple[list[Line], tuple[str, ...]] | None = None
    for node, found in known:
        if _prose(found) >= SHORTEST_GUESSED:
            return found, links(node, page.url, FURNITURE)
        if _prose(found) >= SHORTEST_KNOWN and short is None:
            short = found, links(node, page.url, FURNITURE)
    if short:
        return short
    in_script = [fragment_lines(text) for text in _in_script(page, "contentHtml")]
    if in_script:
        return max(in_script, key=_prose), ()
    block = densest(page.tree.body) if page.tree.body else None
    found = lines(block, FURNITURE) if block else []
    if block is None or _prose(found) < SHORTEST_GUESSED:
        raise NotAnArticle("no known body, and no block of prose")
    return found, links(block, page.url, FURNITURE)


def _prose(text_lines: list[Line]) -> int:
    return sum(len(line.text) for line in text_lines if not line.linked)


def _in_script(page: Page, name: str) -> list[str]:
    return [json.loads(match, strict=False) for match in IN_SCRIPT[name].findall(page.html)]


def _published(facts: _Facts) -> Iterator[tuple[str, str | None]]:
    yield "json-ld", str(facts.ld.get("datePublished") or "")
    for name in PUBLISHED_METAS:
        yield f"meta:{name}", facts.page.meta(name)
    for text in _in_script(facts.page, "deployDt"):
        yield "script:deployDt", text
    for selector, attribute in PUBLISHED_PLACES:
        yield "visible", facts.page.attribute(selector, attribute)


def _modified(facts: _Facts) -> Iterator[tuple[str, str | None]]:
    yield "json-ld", str(facts.ld.get("dateModified") or "")
    for name in MODIFIED_METAS:
        yield f"meta:{name}", facts.page.meta(name)
    for text in _in_script(facts.page, "reDeployDt"):
        yield "script:reDeployDt", text


def _visible(facts: _Facts, fetched_at: datetime | None) -> Dated | None:
    """A labelled date below the headline, else the first date close to it."""
    labelled, _ = labelled_dates(facts.below_title, fetched_at)
    return labelled or parse_date(facts.below_title[:NEAR], "visible", fetched_at)


def _author(facts: _Facts, text: list[Line], outlet: str | None) -> str | None:
    """The first field that names a person; the outlet's own name where none does."""
    fields = [value for name in AUTHOR_METAS for value in facts.page.metas.get(name, ())] + _ld_authors(facts.ld)
    fields += [facts.page.first((place,)) or "" for place in AUTHOR_PLACES]
    names = [name for field in fields if not field.startswith("http") and (name := person(field))]
    own = {name.casefold() for name in (outlet, *_own_names(facts.page, facts.ld)) if name}
    of_person = next((name for name in names if name.casefold() not in own), None)
    return of_person or reporter(facts.below_title[:NEAR]) or signature([line.text for line in text]) or outlet


def _ld_authors(ld: dict[str, Any]) -> list[str]:
    """One field of all the names, where JSON-LD gives any."""
    authors = ld.get("author") or []
    names = [
        str(author.get("name") or "") if isinstance(author, dict) else str(author)
        for author in (authors if isinstance(authors, list) else [authors])
    ]
    return [", ".join(names)] if any(names) else []


def _outlet(facts: _Facts) -> str | None:
    publisher = facts.ld.get("publisher")
    in_ld = publisher.get("name") if isinstance(publisher, dict) else None
    handle = facts.page.meta("twitter:creator") or "@"
    named = facts.page.meta("og:site_name") or in_ld or (handle if handle[0] != "@" else None)
    return named or _site(facts.page)


def _own_names(page: Page, ld: dict[str, Any]) -> list[str]:
    """What the outlet calls itself, in its metadata and in its host."""
    publisher = ld.get("publisher")
    in_ld = str(publisher.get("name") or "") if isinstance(publisher, dict) else ""
    return [name for name in (page.meta("og:site_name"), in_ld, page.meta("twitter:creator"), _site(page)) if name]


def _site(page: Page) -> str:
    """The host without www. and m.: 'hankookilbo.com'."""
    parts = split(page.url)
    return re.sub(r"^(?:www|m|news)\.", "", host_of(parts)) if parts else ""


def _kind(ld: dict[str, Any]) -> Kind:
    return "blog" if "BlogPosting" in _types(ld) else KIND


def _types(ld: dict[str, Any]) -> set[str]:
    types = ld.get("@type")
    return {str(name) for name in (types if isinstance(types, list) else [types])}
