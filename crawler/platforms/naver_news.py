"""Naver News: articles of many newsrooms at n.news.naver.com, and the older hosts that lead there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import SplitResult

from crawler.dates import first_date, labelled_dates
from crawler.extract import Page, joined, parse
from crawler.outcomes import NotAnArticle
from crawler.press import first_body, no_article, person
from crawler.urls import Address, host_of, list_address, query_of, split
from data.records import Document, Kind

NAME = "naver_news"
KIND: Kind = "news"
PRIORITY = 10
MARKS: tuple[str, ...] = ()

HOSTS = re.compile(r"(?:(?:n|m|www)\.)?(?:news|sports|entertain|sports\.news|m\.sports|m\.entertain)\.naver\.com")

# n.news (no id on the title in 2022, an <article> for a body since 2023), read.naver, sports.
TITLES = ("h2.media_end_head_headline", "#title_area", "#articleTitle", ".news_headline h4.title", ".end_tit")
BODIES = ("#dic_area", "#articleBodyContents", "#newsEndContents", "#articeBody")
FURNITURE = (
    ".media_end_summary, .img_desc, .end_photo_org, .nbd_im_w, .nbd_table, .vod_player_wrap, .copyright, .source, "
    ".byline, .reporter_area, .categorize, .link_news, figcaption, .artical-btm, #_article_section_guide"
)
PUBLISHED = ("._ARTICLE_DATE_TIME", "data-date-time")
MODIFIED = ("._ARTICLE_MODIFY_DATE_TIME", "data-modify-date-time")
DATE_TEXTS = (".media_end_head_info_datestamp", ".article_info .sponsor", ".t11", ".news_headline .info", ".author em")
PRESS_LOGOS = ("img.media_end_head_top_logo_img", ".press_logo img", "#pressLogo img")
REPORTERS = (
    ".media_end_head_journalist_name", ".byline_s", ".byline .b_text", "p.byline", ".journalistcard_summary_name",
)  # fmt: skip
ORIGINALS = ("a.media_end_head_origin_link", ".article_info .btn_artialoriginal", ".news_headline .press_link")

_ARTICLE = re.compile(r"/(?:[\w-]+/)*article/(?:print/)?(\d{3})/(\d{10})/?")


def recognise(url: str) -> Address | None:
    parts = split(url)
    if parts is None or not HOSTS.fullmatch(host_of(parts)):
        return None
    outlet, article = _outlet_and_article(parts)
    if outlet and article:
        native_id = f"{outlet}/{article}"
        return Address(NAME, f"https://n.news.naver.com/article/{native_id}", native_id, given=url)
    return list_address(NAME, url)


def fetch_url(address: Address) -> str:
    """One host for all: n.news sends sports and entertainment on to theirs."""
    return address.url


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    address = recognise(url)
    if address is None or address.is_list:
        raise NotAnArticle(f"a list: {url[:200]}")
    page = parse(url, html)
    title = page.first(TITLES)
    if not title or (body := first_body(page, BODIES, FURNITURE)) is None:
        raise no_article(page, NAME, (*TITLES, *BODIES))
    text, hrefs = body
    shown = page.first(DATE_TEXTS) or ""
    first, last = labelled_dates(shown, fetched_at)
    outlet = _outlet(page)
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=title, text=joined(text),
        author=person(_reporters(page)) or outlet, outlet=outlet,
        published=first_date([("visible", page.attribute(*PUBLISHED))], fetched_at) or first
        or first_date([("visible", shown), ("meta:og:update_time", page.meta("og:update_time"))], fetched_at),
        modified=first_date([("visible", page.attribute(*MODIFIED))], fetched_at) or last,
        source_url=next((href for place in ORIGINALS if (href := page.attribute(place, "href"))), None),
        links=hrefs,
    )  # fmt: skip


def _outlet_and_article(parts: SplitResult) -> tuple[str, str]:
    in_path = _ARTICLE.fullmatch(parts.path)
    if in_path:
        return in_path[1], in_path[2]
    query = query_of(parts)
    outlet, article = query.get("oid", ""), query.get("aid", "")
    if not (outlet.isdecimal() and article.isdecimal()):
        return "", ""
    return outlet.zfill(3), article.zfill(10)


def _outlet(page: Page) -> str | None:
    """The newsroom, never the portal: og:article:author is '이데일리 | 네이버' or '네이버 스포츠 | 스포티비뉴스'."""
    logo = next((name for place in PRESS_LOGOS if (name := page.attribute(place, "alt"))), None)
    named = (page.meta("og:article:author") or "").split("|")
    outside = next((name.strip() for name in named if "네이버" not in name), None)
    return logo or page.meta("twitter:creator") or outside or None


def _reporters(page: Page) -> str:
    return " ".join(dict.fromkeys(_reporter_texts(page)))


def _reporter_texts(page: Page) -> Iterator[str]:
    for place in REPORTERS:
        found = [node.text() for node in page.tree.css(place)]
        if any(text.strip() for text in found):
            yield from found
            return
