"""NDsoft: the system behind hundreds of local and trade papers, at HOST/news/articleView.html?idxno=N.

Evidence: addresses of many papers in the event's lists; the body's id read in a dozen readers; the older
generation, whose #articleBody may stand there empty, on a saved page.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawler.contracts import Expectation
from crawler.extract import parse
from crawler.outcomes import NotAnArticle
from crawler.outlet import Layout, Outlet
from crawler.urls import Address, canonical_url, host_of, query_of, split
from data.records import Document, Kind

NAME = "ndsoft"
KIND: Kind = "news"
PRIORITY = 60  # after the outlets that are known by name
MARKS = ('id="article-view-content-div"',)
# 1 saved article: 2,374 letters, signed; 9 of 9 of the demo: 108 to 896, a third without a reporter's name.
# Hundreds of small papers, whose photographs with a caption are articles too, and the address has no day.
EXPECTS = Expectation(letters=(80, 10_000), hangul=0.6)

_ARTICLE = re.compile(r"(.*/news)/article(?:View|ViewAmp|Print)\.html", re.IGNORECASE)
_LIST = re.compile(r".*/news/(?:article|section)List\.html", re.IGNORECASE)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=(),
    hosts=re.compile(".+"),
    forms=(),
    layouts=(
        Layout(
            bodies=("#article-view-content-div", ".article-view-content", "[itemprop=articleBody]"),
            titles=("h1.heading", ".article-head-title", "h3.heading"),
            reporters=(".info-name", ".writer-name", ".infomation .icon-user-o"),
            dates=(".infomation", ".info-text", ".breadcrumbs"),
            furniture=".ad-template, .article-sponsor, .article-copyright, .photo-layout, .link-card, "
            ".article-head-sub, .subheading, .tag-group, .clearfix.relation, form",
        ),
        Layout(
            bodies=("#articleBody", "#_article", ".cont-body", "#CLtag"),
            titles=(".View_Title strong", "#font_title", ".headline-title"),
            dates=(".View_Info", "#font_date", ".info"),
        ),
    ),
)


def recognise(url: str) -> Address | None:
    """An address of the system on whatever host; of other queries only the number counts."""
    parts = split(url)
    article = _ARTICLE.fullmatch(parts.path) if parts else None
    number = query_of(parts).get("idxno", "") if parts else ""
    if parts is None or not (article and number.isdecimal()):
        return None
    host = re.sub(r"^m\.", "www.", host_of(parts))
    native_id = f"{host.removeprefix('www.')}/{number}"
    return Address(NAME, f"https://{host}{article[1]}/articleView.html?idxno={number}", native_id, given=url)


def fetch_url(address: Address) -> str:
    """As given, for not every small paper answers to https, but the page for readers in place of its AMP twin."""
    given = (address.given or address.url).partition("#")[0]
    return re.sub(r"/article(?:ViewAmp|Print)\.html", "/articleView.html", given)


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    address = recognise(url) or by_markup(url)
    if address is None:
        raise NotAnArticle(f"a list: {url[:200]}")
    return OUTLET.read(address, parse(url, html), fetched_at)


def by_markup(url: str) -> Address | None:
    """A page of the system under an address of another form; its lists have a form of their own."""
    canonical, parts = canonical_url(url), split(url)
    if canonical is None or parts is None or _LIST.fullmatch(parts.path) or parts.path in ("", "/"):
        return None
    return Address(NAME, canonical, canonical.removeprefix("https://"), given=url)
