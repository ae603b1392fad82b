"""Daum News: articles of many newsrooms at v.daum.net, whose 17-digit ids begin with the time of receipt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from crawler.contracts import Expectation
from crawler.dates import first_date, labelled_dates, one_of
from crawler.extract import Page, joined, parse
from crawler.outcomes import NotAnArticle
from crawler.press import first_body, no_article, person
from crawler.urls import Address, host_of, list_address, query_of, split
from data.records import Dated, Document, Kind

NAME = "daum_news"
KIND: Kind = "news"
PRIORITY = 10
MARKS: tuple[str, ...] = ()
# 2 of 2 saved articles and 12 of 12 of the demo: 320 to 1,071 letters, each with its date and a name.
EXPECTS = Expectation(documents=0.6, letters=(150, 5_000), dated=0.9, signed=0.8, hangul=0.6)

HOSTS = re.compile(r"(?:[\w-]+\.)*v\.daum\.net|(?:m\.)?(?:v\.)?(?:media|news)\.daum\.net|v\.media\.daum\.net")

TITLES = ("h3.tit_view", ".head_view .tit_view")
BODIES = ("#harmonyContainer section", "#harmonyContainer", ".article_view section", ".article_view")
FURNITURE = (
    "figure, figcaption, .txt_caption, .summary_view, .foot_view, .util_view, .layer_util, .link_figure, "
    "[data-cloud-area=article] .translation, .box_etc, .kakao_ad_area"
)
INFO = ".info_view"
REPORTER = ".info_view .txt_info"
PRESS_LOGOS = (".info_cp .link_cp img", "#kakaoServiceLogo + a img", ".link_cp img")

_ID = re.compile(r"/(?:v|m/v)/(\d{14,20}|\w{8,12})/?")
_OLD_ID = re.compile(r"\d{14,20}")
_DATE_WORDS = ("입력", "수정", "등록")


def recognise(url: str) -> Address | None:
    parts = split(url)
    if parts is None or not HOSTS.fullmatch(host_of(parts)):
        return None
    in_path = _ID.fullmatch(parts.path)
    old = query_of(parts).get("newsid") or query_of(parts).get("newsId") or ""
    native_id = in_path[1] if in_path else old if _OLD_ID.fullmatch(old) else ""
    if native_id:
        short = not _OLD_ID.fullmatch(native_id)
        return Address(NAME, f"https://v.daum.net/v/{native_id}", native_id, given=url, is_alias=short)
    return list_address(NAME, url)


def fetch_url(address: Address) -> str:
    return address.url


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    """The id comes from the request: the page's og:url is a short code, a second name of the same page."""
    address = recognise(url)
    if address is None or address.is_list:
        raise NotAnArticle(f"a list: {url[:200]}")
    page = parse(url, html)
    title = page.first(TITLES) or page.meta("og:title")
    if not title or (body := first_body(page, BODIES, FURNITURE)) is None:
        raise no_article(page, NAME, (*TITLES, *BODIES))
    text, hrefs = body
    published, modified = _dates(page, address.native_id, fetched_at)
    outlet = next((name for place in PRESS_LOGOS if (name := page.attribute(place, "alt"))), None)
    outlet = outlet or page.meta("og:article:author")
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=title, text=joined(text),
        author=person(_reporter(page)) or outlet, outlet=outlet, published=published, modified=modified, links=hrefs,
    )  # fmt: skip


def _dates(page: Page, native_id: str, fetched_at: datetime | None) -> tuple[Dated | None, Dated | None]:
    """og:regDate is on the 24-hour clock here; the id is the check and the last resort."""
    shown, modified = labelled_dates(page.first((INFO,)) or "", fetched_at)
    in_meta = first_date([("meta:og:regdate", page.meta("og:regdate"))], fetched_at)
    in_id = first_date([("url", native_id)], fetched_at)
    return one_of(shown, in_meta, in_id), modified


def _reporter(page: Page) -> str | None:
    return next(_without_dates(page), None)


def _without_dates(page: Page) -> Iterator[str]:
    """The first field under the title is the reporter's name, or already a date."""
    for node in page.tree.css(REPORTER):
        text = node.text().strip()
        if text and not text.startswith(_DATE_WORDS):
            yield text
