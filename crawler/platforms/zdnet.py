"""ZDNet Korea (지디넷코리아) at zdnet.co.kr/view/?no=, where the number is the time of publication.

Evidence: addresses in the event's lists; headline and body read in several readers, one of which checked
them in August 2026; no saved page.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "zdnet"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. The address is the time of publication, and where nobody signs the reader names the newsroom.
EXPECTS = Expectation(dated=0.98, signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("지디넷코리아", "ZDNet Korea", "ZDNET Korea", "zdnet.co.kr"),
    hosts=re.compile(r"(?:(?:www|m)\.)?zdnet\.co\.kr"),
    forms=(
        Form(re.compile(r"[^/]+/view/?\?(?:.*&)?no=(\d{14})(?:&.*)?"), r"zdnet.co.kr/view/?no=\1", r"\1"),
        # The older system (known), with its misspelt parameter.
        Form(
            re.compile(r"[^/]+/(?:news/)?news_view\.asp\?(?:.*&)?arti(?:cle|ce)_id=(\d{14})(?:&.*)?"),
            r"zdnet.co.kr/view/?no=\1",
            r"\1",
        ),
    ),
    layouts=(
        # Related articles stand inside the body, in .news_box or below a heading.
        Layout(
            bodies=("#articleBody #content", "#articleBody", ".view_cont", "[itemprop=articleBody]"),
            titles=(".news_head h1",),
            reporters=(".reporter_list .name", ".news_head .byline"),
            dates=(".news_head .meta",),
            furniture=".news_box, .view_ad, .connect, .reporter_list",
        ),
    ),
    dated_id=True,
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
