"""Naver News: articles of many newsrooms at n.news.naver.com, and the older hosts that lead there."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import SplitResult

from crawler.contracts import Expectation
from crawler.dates import first_date, one_of
from crawler.extract import Page, joined, parse
from crawler.outcomes import NotAnArticle
from crawler.outlet import Layout, first_layout
from crawler.press import no_article, person, without_closing
from crawler.urls import Address, host_of, list_address, query_of, split
from data.records import Dated, Document, Kind

NAME = "naver_news"
KIND: Kind = "news"
PRIORITY = 10
MARKS: tuple[str, ...] = ()
# 4 of 4 saved articles and 10 of 10 of the demo: 283 to 1,812 letters, each with its date and a name.
EXPECTS = Expectation(documents=0.6, letters=(150, 5_000), dated=0.9, signed=0.8, hangul=0.6)

HOSTS = re.compile(r"(?:(?:n|m|www)\.)?(?:news|sports|entertain|sports\.news|m\.sports|m\.entertain)\.naver\.com")

LAYOUTS = (
    # n.news: without an id on the title in 2022, with an <article> for a body since 2023 (saved pages).
    Layout(
        bodies=("#dic_area",),
        titles=("h2.media_end_head_headline", "#title_area"),
        reporters=(".media_end_head_journalist_name", ".byline_s", ".journalistcard_summary_name"),
        dates=(".media_end_head_info_datestamp",),
        published=(("._ARTICLE_DATE_TIME", "data-date-time"),),
        modified=(("._ARTICLE_MODIFY_DATE_TIME", "data-modify-date-time"),),
        furniture=".media_end_summary, .end_photo_org, .nbd_im_w, .nbd_table, .vod_player_wrap, .source",
    ),
    # m.sports and m.entertain since 2023, whose class names end in a hash (read in other people's readers).
    Layout(
        bodies=("#comp_news_article ._article_content", "._article_content"),
        titles=("[class^=NewsEndMain_article_head_title] h2", "[class^=NewsEndMain_article_title]"),
        reporters=("[class^=NewsEndMain_article_journalist] em", ".byline_s"),
        dates=("[class^=NewsEndMain_article_head_date_info]",),
        furniture=".end_photo_org, .vod_player_wrap",
    ),
    # read.naver and read.nhn, until 2022 (saved page).
    Layout(
        bodies=("#articleBodyContents",),
        titles=("#articleTitle",),
        reporters=(".journalistcard_summary_name", "p.byline"),
        dates=(".article_info .sponsor", ".t11"),
        furniture=".end_photo_org, .vod_player_wrap, .link_news, .categorize",
    ),
    # sports.news, until 2023 (saved page).
    Layout(
        bodies=("#newsEndContents",),
        titles=(".news_headline h4.title",),
        reporters=(".byline .b_text", "p.byline"),
        dates=(".news_headline .info",),
        furniture=".source, .reporter_area, .categorize, .link_news, .artical-btm, #_article_section_guide",
    ),
    # entertain, until 2023 (known).
    Layout(bodies=("#articeBody",), titles=(".end_tit",), reporters=(".byline .b_text", "p.byline"),
           dates=(".article_info .author em",), furniture=".artical-btm"),
)  # fmt: skip
PRESS_LOGOS = ("img.media_end_head_top_logo_img", ".press_logo img", "#pressLogo img")
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
    layout, found = first_layout(page, LAYOUTS)
    title = page.first(layout.titles) if layout else None
    if layout is None or not title:
        raise no_article(page, NAME, tuple(place for known in LAYOUTS for place in (*known.titles, *known.bodies)))
    outlet = _outlet(page)
    published, modified = _dates(page, layout, fetched_at)
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=title,
        text=joined(without_closing(found.lines)), author=person(_reporters(page, layout)) or outlet, outlet=outlet,
        published=published, modified=modified, links=found.links,
        source_url=next((href for place in ORIGINALS if (href := page.attribute(place, "href"))), None),
    )  # fmt: skip


def _dates(page: Page, layout: Layout, fetched_at: datetime | None) -> tuple[Dated | None, Dated | None]:
    """The attributes that n.news gives, else what is printed; the sports pages have a date in og:update_time too."""
    first = first_date((("visible", page.attribute(*place)) for place in layout.published), fetched_at)
    last = first_date((("visible", page.attribute(*place)) for place in layout.modified), fetched_at)
    printed = layout.shown_dates(page, fetched_at)
    in_meta = first_date([("meta:og:update_time", page.meta("og:update_time"))], fetched_at)
    return one_of(first, printed[0], in_meta), last or printed[1]


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


def _reporters(page: Page, layout: Layout) -> str:
    """The names of the first place that has any, each once."""
    for place in layout.reporters:
        texts = [node.text() for node in page.tree.css(place)]
        if any(text.strip() for text in texts):
            return " ".join(dict.fromkeys(texts))
    return ""
