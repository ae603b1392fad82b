"""KBS news at news.kbs.co.kr, by the number ``ncd``: broadcast scripts, with the parts marked in brackets.

Evidence: the address in the event's lists, the body read in many readers, the headline in two; no saved
page. KBS World numbers its pages itself (Seq_Code) and is no part of this.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "kbs"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. A report of two minutes is read in about 700 letters, one of ten in under 4,000 (known: newsreaders
# speak some 350 syllables a minute). The address has no day; where nobody signs the reader names the broadcaster.
EXPECTS = Expectation(letters=(100, 4_000), signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("KBS", "KBS 뉴스", "KBS뉴스", "KBS NEWS", "kbs.co.kr"),
    hosts=re.compile(r"(?:(?:m|mn)?news|mn|d)\.kbs\.co\.kr"),
    forms=(
        Form(
            re.compile(r"[^/]+/news/(?:(?:pc|mobile)/view/)?view(?:_amp)?\.do\?(?:.*&)?ncd=(\d+)(?:&.*)?"),
            r"news.kbs.co.kr/news/view.do?ncd=\1",
            r"\1",
        ),
    ),
    layouts=(
        Layout(
            bodies=("#cont_newstext", ".detail-body"),
            titles=("h4.headline-title", ".headline-title", ".landing-caption .tit-s"),
            reporters=(".reporter-name", ".name span"),
            dates=(".dates", ".date-info", "em.date", ".date"),
            furniture=".detail-visual, .reporter-info, .view-article-footer",
        ),
    ),
    # Marks of who speaks, the reporter's sign-off, and the crew's credits below.
    not_text=re.compile(
        r"\[(?:앵커|리포트|기자|앵커멘트|녹취|인터뷰)\]|(?:촬영기자|영상편집|그래픽|촬영|편집|자료조사|CG)\s*[:/].*|KBS\s?뉴스,?\s*[가-힣]{2,4}입니다\.?|▣?\s*KBS\s?기사\s?원문보기.*"
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
