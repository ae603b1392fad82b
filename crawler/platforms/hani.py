"""Hankyoreh (한겨레) at hani.co.kr/arti/SECTION/…/N.html.

Evidence: addresses in the event's lists, both layouts read in other people's readers; no saved page.
The magazines h21 and cine21 and the English edition number their articles themselves.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "hani"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved, and the address has no day: what is expected of any newsroom, but the reader names the paper where
# nobody signs.
EXPECTS = Expectation(signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("한겨레", "한겨레신문", "한겨레신문사", "hani.co.kr", "인터넷한겨레"),
    hosts=re.compile(r"(?:(?!h21\.|cine21\.|english\.|japan\.)[\w-]+\.)?hani\.co\.kr"),
    forms=(Form(re.compile(r"[^/]+/(arti/(?:[\w-]+/)+(\d+)\.html)(?:\?.*)?"), r"www.hani.co.kr/\1", r"\2"),),
    layouts=(
        # Since 2023: class names end in a hash, 'ArticleDetailView_title__9kRU_'.
        Layout(
            needs="[class^=ArticleDetailView_]",
            bodies=(".article-text",),
            titles=("[class^=ArticleDetailView_title]",),
            reporters=("[class^=ArticleDetailView_reporter]",),
            dates=("[class^=ArticleDetailView_dateList_]", "[class^=ArticleDetailView_dateListItem]"),
            furniture="[class^=ArticleDetailContent_image], [class*=figcaption], [class*=AudioPlayer], "
            "[class^=ArticleDetailContent_ad], [class*=elatedNews], [class*=adWrap]",
        ),
        # Before: subtitle, photographs and text in turn inside .article-text; '등록 …수정 …' without a space.
        Layout(
            bodies=(".article-text .text", ".article-text", "#contents-article .text"),
            titles=("#article_view_headline .title", "h4 .title"),
            dates=("#article_view_headline .date-time", ".date-time"),
            furniture=".subtitle, .relation2-area, .image-area, .desc, .article-alignC, .article-sponsor",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
