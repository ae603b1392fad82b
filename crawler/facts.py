"""What a page says of the article on it, without its body: title, author, outlet and dates.

Order of trust: JSON-LD, then meta elements, then what stands on the page near the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from crawler.dates import first_date, labelled_dates, parse_date, refused_dates
from crawler.extract import Line, Page, clean, json_ld, lines
from crawler.press import headline, person, reporter, signature
from crawler.urls import host_of, split
from data.records import Dated, Evidence

ARTICLE_TYPES = frozenset(
    ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle")
)
PUBLISHED_METAS = (
    "article:published_time", "article:published", "datepublished", "og:article:published_time", "pubdate",
    "dable:published_time", "dd:published_time", "og:regdate", "date", "dc.date.issued", "parsely-pub-date",
)  # fmt: skip
MODIFIED_METAS = ("article:modified_time", "datemodified", "og:updated_time", "lastmod")
AUTHOR_METAS = ("dable:author", "og:article:author", "article:author", "author", "byl", "dc.creator")
TITLE_METAS = ("og:title", "twitter:title")
HEADINGS = "h1, h2, h3.title, .headline"
WEAK_HEADINGS = "h3, h4, dt, strong, .title"
NEAR = 300  # letters after the headline in which a byline and a date are looked for


@dataclass(frozen=True)
class Facts:
    """A page, the JSON-LD of its article, its headline, and what the outlet calls itself."""

    page: Page
    ld: dict[str, Any]
    title: str
    own_names: tuple[str, ...]

    @cached_property
    def below_title(self) -> str:
        """All visible text from the headline on; empty where the headline stands nowhere, since
        the first date of a whole page is today's, in the masthead."""
        body = self.page.tree.body
        text = " ".join(line.text for line in lines(body)) if body else ""
        return text.partition(self.title)[2]

    @property
    def is_article(self) -> bool:
        """Whether the page calls itself one; a date or a headline alone is on lists too."""
        named = self.page.meta("og:type") == "article" or self.page.meta("article:published_time")
        return bool(self.ld or named)

    @property
    def is_blog_post(self) -> bool:
        return "BlogPosting" in _types(self.ld)

    @property
    def outlet(self) -> str | None:
        handle = self.page.meta("twitter:creator") or "@"
        named = self.page.meta("og:site_name") or _publisher(self.ld) or (handle if handle[0] != "@" else None)
        return named or _site(self.page)

    def published(self, fetched_at: datetime | None, places: Iterable[tuple[str, str]]) -> Dated | None:
        """The date of publication in metadata, or in an attribute of one of ``places``."""
        return first_date(self._published(places), fetched_at)

    def labelled(self, fetched_at: datetime | None) -> Dated | None:
        """The date of publication as printed below the headline with its label: '입력 2022.10.16 10:15'."""
        return labelled_dates(self.below_title, fetched_at)[0]

    def refused(self, fetched_at: datetime | None) -> tuple[Evidence, ...]:
        """The impossible dates in metadata: why an article has none."""
        return refused_dates(self._published(()), fetched_at)

    def modified(self, fetched_at: datetime | None, places: Iterable[tuple[str, str]] = ()) -> Dated | None:
        return first_date(self._modified(places), fetched_at)

    def shown_dates(self, fetched_at: datetime | None) -> tuple[Dated | None, Dated | None]:
        """Published and modified as printed: a labelled date below the headline, else the first one close to it."""
        first, last = labelled_dates(self.below_title, fetched_at)
        return first or parse_date(self.below_title[:NEAR], "visible", fetched_at), last

    def author(self, text: list[Line], places: Iterable[str]) -> str | None:
        """The first field that names a person, else who signed; None where only the outlet is named."""
        fields = [value for name in AUTHOR_METAS for value in self.page.metas.get(name, ())] + _ld_authors(self.ld)
        fields += [self.page.first((place,)) or "" for place in places]
        names = [name for field in fields if not field.startswith("http") and (name := person(field))]
        own = {name.casefold() for name in self.own_names}
        of_person = next((name for name in names if name.casefold() not in own), None)
        return of_person or reporter(self.below_title[:NEAR]) or signature([line.text for line in text])

    def _published(self, places: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str | None]]:
        yield "json-ld", str(self.ld.get("datePublished") or "")
        for name in PUBLISHED_METAS:
            yield f"meta:{name}", self.page.meta(name)
        for selector, attribute in places:
            yield "visible", self.page.attribute(selector, attribute)

    def _modified(self, places: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str | None]]:
        yield "json-ld", str(self.ld.get("dateModified") or "")
        for name in MODIFIED_METAS:
            yield f"meta:{name}", self.page.meta(name)
        for selector, attribute in places:
            yield "visible", self.page.attribute(selector, attribute)


def facts(page: Page, titles: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> Facts:
    """What the page says; its title is empty where it has none.

    ``titles`` are places of the headline that are known of the outlet, ``names`` what it calls itself.
    """
    articles = [item for item in json_ld(page) if _types(item) & ARTICLE_TYPES]
    ld = next((item for item in articles if item.get("headline")), articles[0] if articles else {})
    declared = page.meta(*TITLE_METAS) or clean(str(ld.get("headline") or "")) or page.first(titles)
    title = declared or page.first(("title", "h1")) or ""
    places = ", ".join((*titles, HEADINGS) if declared else (*titles, HEADINGS, WEAK_HEADINGS))
    headings = [clean(node.text()) for node in page.tree.css(places)]
    known = (*names, *_own_names(page, ld))
    return Facts(page, ld, headline(title, headings, known), known)


def _ld_authors(ld: dict[str, Any]) -> list[str]:
    """One field of all the names, where JSON-LD gives any."""
    authors = ld.get("author") or []
    names = [
        str(author.get("name") or "") if isinstance(author, dict) else str(author)
        for author in (authors if isinstance(authors, list) else [authors])
    ]
    return [", ".join(names)] if any(names) else []


def _publisher(ld: dict[str, Any]) -> str:
    publisher = ld.get("publisher")
    return str(publisher.get("name") or "") if isinstance(publisher, dict) else ""


def _own_names(page: Page, ld: dict[str, Any]) -> list[str]:
    """What the outlet calls itself, in its metadata and in its host."""
    names = (page.meta("og:site_name"), _publisher(ld), page.meta("twitter:creator"), _site(page))
    return [name for name in names if name]


def _site(page: Page) -> str:
    """The host without www. and m.: 'hankookilbo.com'."""
    parts = split(page.url)
    return re.sub(r"^(?:www|m|news)\.", "", host_of(parts)) if parts else ""


def _types(ld: dict[str, Any]) -> set[str]:
    types = ld.get("@type")
    return {str(name) for name in (types if isinstance(types, list) else [types])}
