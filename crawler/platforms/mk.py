"""Maeil Business (매일경제) at mk.co.kr/news/SECTION/N; until 2022 at news.mk.co.kr by year and number.

Evidence: the newer layout read in several readers, one of which keeps a page of 2025 as its test; the
older one read in one reader.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "mk"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved, and newer addresses have no day: what is expected of any newsroom, but the reader names the paper
# where nobody signs.
EXPECTS = Expectation(signed=0.98, hangul=0.6)

_OLD = r"www.mk.co.kr/news/\g<section>/view/\g<year>/\g<month>/\g<no>"

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("매일경제", "매경닷컴", "MK", "mk.co.kr"),
    hosts=re.compile(r"(?:(?:www|m|news|mk)\.)?mk\.co\.kr"),
    forms=(
        # The section is part of the address; which of several is the article's own, its page tells.
        Form(
            re.compile(r"(?:www\.|m\.)?mk\.co\.kr/(?:amp/)?news/([\w-]+)/(\d+)(?:\?.*)?"),
            r"www.mk.co.kr/news/\1/\2",
            r"\2",
        ),
        # Numbered anew each year (known).
        Form(
            re.compile(
                r"(?:www\.|m\.)?mk\.co\.kr/news/(?P<section>[\w-]+)/view/(?P<year>\d{4})/(?P<month>\d{2})/(?P<no>\d+)(?:\?.*)?"
            ),
            _OLD,
            r"\g<year>-\g<no>",
        ),
        Form(
            re.compile(r"news\.mk\.co\.kr/newsRead\.php\?(?:.*&)?no=(?P<no>\d+)&(?:.*&)?year=(?P<year>\d{4})(?:&.*)?"),
            r"news.mk.co.kr/newsRead.php?no=\g<no>&year=\g<year>",
            r"\g<year>-\g<no>",
        ),
    ),
    layouts=(
        Layout(
            bodies=("[itemprop=articleBody]", ".news_cnt_detail_wrap"),
            titles=("h2.news_ttl", "h1.news_ttl"),
            reporters=("li.author", "dl.author"),
            dates=(".registration",),
            furniture=".midtitle_text, .summary_line, .ad_wrap, .thumb_area, .thum_figure_txt, .image",
        ),
        Layout(
            bodies=("#article_body .art_txt", "#article_body"),
            titles=(".top_title",),
            reporters=(".news_title_author .author",),
            dates=(".news_title_author .lasttime", ".news_title_author"),
            furniture="#google_dfp_MC_250x250, .img_center",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
