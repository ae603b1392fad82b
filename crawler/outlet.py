"""A newsroom as a value: the forms of its addresses, and where each generation of its pages keeps an article.

A platform file declares one `Outlet`; what is here reads pages by it. Evidence beside a selector says
who used it: "read" is other people's code that was read, "saved" a page that lies in the test corpus,
"known" common knowledge that nothing confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crawler.dates import day_in_url, first_date, labelled_dates, one_of, parse_date
from crawler.extract import Line, Page, clean, joined, lines, links, parse
from crawler.facts import Facts, facts
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.press import FURNITURE, person, without_closing
from crawler.urls import Address, canonical_url, host_of, list_address, split
from data.records import Dated, Document, Kind

_BRACKETED_TIME = re.compile(r"\((\d{1,2}:\d{2}(?::\d{2})?)\)")  # KBS: 입력 2022.10.15 (21:05)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of an article's address: host, path and query, cleaned, and what they expand to."""

    pattern: re.Pattern[str]
    url: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article in a page: its lines and links, and what script data says of it, if it stands there."""

    lines: list[Line]
    links: tuple[str, ...] = ()
    title: str | None = None
    author: str | None = None
    published: tuple[str, str] | None = None  # source and text, as in `first_date`
    modified: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One generation of an outlet's article page, known by ``needs`` or by its body being there.

    All are selectors: of the body in the order they are tried, of the headline, of the byline, of text
    such as '입력 … 수정 …', of attributes with a date; and of what is inside the body but no part of it.
    ``script`` reads a body that stands in script data instead.
    """

    bodies: tuple[str, ...]
    titles: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    published: tuple[tuple[str, str], ...] = ()
    modified: tuple[tuple[str, str], ...] = ()
    furniture: str = ""
    needs: str = ""
    script: Callable[[Page], Found | None] | None = None

    def find(self, page: Page) -> Found | None:
        """The article, where the page is of this layout and the body has words."""
        if self.needs and page.tree.css_first(self.needs) is None:
            return None
        if self.script:
            return self.script(page)
        furniture = f"{FURNITURE}, {self.furniture}" if self.furniture else FURNITURE
        for place in self.bodies:
            for node in page.tree.css(place):
                text = lines(node, furniture)
                if without_closing(text):
                    return Found(text, links(node, page.url, furniture))
        return None

    def shown_dates(self, page: Page, fetched_at: datetime | None) -> tuple[Dated | None, Dated | None]:
        """Published and modified as printed: labelled ones, else the first of all as the date of publication."""
        texts = [node.text() for place in self.dates for node in page.tree.css(place)]
        shown = _BRACKETED_TIME.sub(r" \1", clean(" ".join(texts)))
        first, last = labelled_dates(shown, fetched_at)
        return first or parse_date(shown, "visible", fetched_at), last


def first_layout(page: Page, layouts: tuple[Layout, ...]) -> tuple[Layout | None, Found]:
    """The first layout that finds an article on the page, with the article; None with an empty one if none does."""
    return next(((layout, found) for layout in layouts if (found := layout.find(page))), (None, Found([])))


@dataclass(frozen=True, slots=True)
class Outlet:
    """A newsroom with pages of its own. ``layouts`` are newest first; ``names`` are what it calls
    itself, the first for the document (without any, the page's own word is taken); ``not_text``
    matches whole lines to leave out; ``dated_id`` says that an id begins with the time, to the second.
    """

    platform: str
    kind: Kind
    names: tuple[str, ...]
    hosts: re.Pattern[str]
    forms: tuple[Form, ...]
    layouts: tuple[Layout, ...]
    not_text: re.Pattern[str] | None = None
    dated_id: bool = False

    def recognise(self, url: str) -> Address | None:
        """An article by its form; a list where no step of the path holds a digit, since every article's
        address has a number; None for what is left, which any reader may try."""
        parts = split(url)
        if parts is None or not self.hosts.fullmatch(host_of(parts)):
            return None
        plain = (canonical_url(url) or "").removeprefix("https://")
        for form in self.forms:
            match = form.pattern.fullmatch(plain)
            if match:
                native_id = match.expand(form.native_id)
                return Address(self.platform, "https://" + match.expand(form.url), native_id, given=url)
        return None if re.search(r"\d", parts.path) or parts.query else list_address(self.platform, url)

    def fetch_url(self, address: Address) -> str:
        """The canonical page: its AMP, print and mobile twins carry the same text in other markup."""
        return address.url

    def extract(self, url: str, html: str, fetched_at: datetime | None = None) -> Document:
        address = self.recognise(url)
        if address is None or address.is_list:
            raise NotAnArticle(f"a list: {url[:200]}")
        return self.read(address, parse(url, html), fetched_at)

    def read(self, address: Address, page: Page, fetched_at: datetime | None) -> Document:
        """The article of a page that is requested as one. Raises `LayoutChanged` where no layout fits."""
        layout, found = first_layout(page, self.layouts)
        about = facts(page, layout.titles if layout else (), self.names)
        title = found.title or about.title
        if layout is None or not title:
            raise self._missing(page, about)
        text = [line for line in found.lines if not (self.not_text and self.not_text.fullmatch(line.text))]
        published, modified = self._dates(about, layout, found, address, fetched_at)
        outlet = self.names[0] if self.names else about.outlet
        return Document(
            platform=self.platform, kind=self.kind, url=address.url, native_id=address.native_id, title=clean(title),
            text=joined(without_closing(text)), outlet=outlet, published=published, modified=modified,
            author=person(found.author) or about.author(text, layout.reporters) or outlet, links=found.links,
        )  # fmt: skip

    def _missing(self, page: Page, about: Facts) -> NotAnArticle | LayoutChanged:
        newest = self.layouts[0]
        if not about.is_article:
            return NotAnArticle("neither a body nor metadata of an article")
        if not newest.script and page.tree.css_first(newest.bodies[0]) is not None:
            return NotAnArticle("the body is there, without a word: pictures only, or the page was cut off")
        return LayoutChanged(self.platform, tuple(place for layout in self.layouts for place in layout.bodies))

    def _dates(
        self, about: Facts, layout: Layout, found: Found, address: Address, fetched_at: datetime | None
    ) -> tuple[Dated | None, Dated | None]:
        """JSON-LD and meta, script data, the layout's places, the address; without any of them but the address
        what is printed near the headline."""
        printed = layout.shown_dates(about.page, fetched_at)
        in_script = first_date(_one(found.published), fetched_at)
        first = one_of(about.published(fetched_at, layout.published), in_script, printed[0])
        changed = first_date(_one(found.modified), fetched_at)
        last = one_of(about.modified(fetched_at, layout.modified), changed, printed[1])
        if first is None:
            first, last_printed = about.shown_dates(fetched_at)
            last = last or last_printed
        in_id = parse_date(address.native_id, "url", fetched_at) if self.dated_id else None
        return one_of(first, in_id or day_in_url(address.url, fetched_at)), last


def _one(stated: tuple[str, str] | None) -> list[tuple[str, str | None]]:
    return [stated] if stated else []
