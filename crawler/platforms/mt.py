"""Money Today (머니투데이) by a number of 19 digits: news.mt.co.kr/mtview.php?no=, since 2025 mt.co.kr/SECTION/DAY/NO.

Evidence: the older addresses in the event's lists, the newer one in a page of 2026; the body read in
several readers. Star News, 머니S and the bell are papers of their own.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "mt"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. The number in the address begins with the day, and where nobody signs the reader names the paper.
EXPECTS = Expectation(dated=0.98, signed=0.98, hangul=0.6)

_URL = r"news.mt.co.kr/mtview.php?no=\1"

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("머니투데이", "MoneyToday", "mt.co.kr"),
    hosts=re.compile(r"(?:(?:www|m|news|stock)\.)?mt\.co\.kr"),
    forms=(
        Form(
            re.compile(r"[^/]+/(?:renew/view(?:_amp)?\.html|(?:view/)?(?:mt|new)view\.php)\?(?:.*&)?no=(\d+)(?:&.*)?"),
            _URL,
            r"\1",
        ),
        Form(re.compile(r"[^/]+/(?:[\w-]+/)+\d{4}/\d{2}/\d{2}/(\d{16,})(?:\?.*)?"), _URL, r"\1"),
    ),
    layouts=(
        Layout(
            bodies=("#textBody", "[itemprop=articleBody]", ".view_text"),
            titles=("h1.subject",),
            reporters=(".infobox1 a", ".name a", ".reporter-name"),
            dates=(".info2 .date", ".infobox1 .date", "li.date"),
            furniture="#now-sence, span.up, span.down, #articleRelnewsFrame, .util_box, .articlePhoto",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
