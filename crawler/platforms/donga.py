"""Dong-A Ilbo (동아일보) at donga.com/news/…/article/all/DAY/N/1; its other hosts carry the same numbers.

Evidence: addresses in the event's lists; the older layout on a saved page, the newer one read in
several readers of 2023 to 2026.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "donga"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# 1 saved article: 2,346 letters, signed. Every address names its day; where nobody signs the reader names the paper.
EXPECTS = Expectation(letters=(150, 10_000), dated=0.98, signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("동아일보", "동아닷컴", "The DongA Ilbo", "donga.com"),
    hosts=re.compile(r"(?:(?:www|m|news|bizn|mbizn|it|sports)\.)?donga\.com"),
    forms=(
        Form(
            re.compile(r"[^/]+/(?:news|3|List/3|article)/(?:[^?]*/)?(\d{8})/(\d{6,})(?:/\d+)?(?:\?.*)?"),
            r"www.donga.com/news/article/all/\1/\2/1",
            r"\2",
        ),
    ),
    layouts=(
        Layout(
            bodies=("section.news_view", ".news_view"),
            titles=(".head_group h1",),
            reporters=(".author_info a", ".head_group .report"),
            dates=(".date_info", ".news_info"),
            furniture="h2.sub_tit, .sub_tit, .a1, [class*=view_ad], [class*=view_m_ad], .view_series, .img_cont",
        ),
        Layout(
            bodies=(".article_txt", "#article_txt"),
            titles=(".article_title .title", ".title02"),
            reporters=(".repoter", ".report"),
            dates=(".title_foot", ".date01"),
            furniture=".title_foot, .txt_ad, [class^=sub_cont_AD], .t_sns, .article_keyword",
        ),
        # The sports pages (read in one reader).
        Layout(bodies=("#article_body.article_word", ".article_word"), titles=(".article_tit h1", "h1")),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
