"""Korea Economic Daily (한국경제) at hankyung.com/article/ID; an id that ends in a letter Y or i is a wire copy
or came by another desk, so the letter is part of it.

Evidence: addresses in the event's lists, the body read in many readers, the older layout in one.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "hankyung"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. Every address names its day, and where nobody signs the reader names the paper.
EXPECTS = Expectation(dated=0.98, signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("한국경제", "한경닷컴", "hankyung.com", "한국경제신문"),
    hosts=re.compile(r"(?:(?:www|m|news|magazine)\.)?hankyung\.com"),
    forms=(
        Form(
            re.compile(r"(?:(?:www|m|news)\.)?hankyung\.com/(?:\w+/)*(?:article|amp)/(\d+\w?)(?:\?.*)?"),
            r"www.hankyung.com/article/\1",
            r"\1",
        ),
        # The weekly's articles answer on their own host only.
        Form(re.compile(r"(magazine\.hankyung\.com/\w+/article/(\d+\w?))(?:\?.*)?"), r"\1", r"\2"),
    ),
    layouts=(
        Layout(
            bodies=("#articletxt", ".article-body", "[itemprop=articleBody]"),
            titles=("h1.headline", "h1.title"),
            reporters=(".article-byline .author", ".author .name", ".reporter-name", ".author"),
            dates=(".article-timestamp", ".datetime", ".date-info"),
            furniture=".article-figure, .figure-caption, .ad-area-wrap, .title-box, .news-btm",
        ),
        Layout(
            bodies=("#newsView",),
            titles=("h1.title",),
            dates=(".date-published", ".date-modify"),
            furniture=".article_stit, .article_aside_group, .ico_imgMore, .box_related_list",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
