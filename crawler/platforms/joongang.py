"""JoongAng Ilbo (중앙일보) at joongang.co.kr/article/N, until 2021 at news.joins.com.

Evidence: addresses in the event's lists, selectors read in other people's readers; no saved page.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "joongang"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved, and the address has no day: what is expected of any newsroom, but the reader names the paper where
# nobody signs.
EXPECTS = Expectation(signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("중앙일보", "중앙일보 더중앙", "JoongAng Ilbo"),
    hosts=re.compile(r"(?:(?:www|m|mnews)\.)?joongang\.co\.kr|(?:m?news|joongang)\.joins\.com"),
    forms=(
        Form(
            re.compile(r"[^/]+/(?:amp/?)?(?:article|amparticle)/(\d+)(?:\?.*)?"),
            r"www.joongang.co.kr/article/\1",
            r"\1",
        ),
    ),
    layouts=(
        # Since 2021: every paragraph is numbered.
        Layout(
            needs="p[data-divno]",
            bodies=("#article_body", ".article_body"),
            titles=("h1.headline",),
            reporters=(".byline a", ".byline"),
            published=(("time[itemprop=datePublished]", "datetime"),),
            modified=(("time[itemprop=dateModified]", "datetime"),),
            dates=(".datetime",),
            furniture=".ab_photo, .ab_subtitle, .ab_related, .ab_player, .ab_poll, .ab_ad, .ad_wrap",
        ),
        # news.joins.com, and what is left without numbers: the text stands between <br>.
        Layout(
            bodies=("#article_body", "[itemprop=articleBody]"),
            titles=(".article_head .headline", "#article_title", "h1.headline"),
            reporters=(".layer_journalist_area .mg a", ".journalist_area strong"),
            dates=(".article_head .byline", ".datetime"),
            furniture=".ab_photo, #relation_news, #__inline_ms_da_ad__, .html_photo_center",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
