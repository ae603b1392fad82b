"""Yonhap (연합뉴스): the wire whose articles most outlets carry, at yna.co.kr/view/AKR…

Evidence: addresses and the newer layout from other people's readers; a section page was saved, no article.
The news agency's ids begin with a desk (AKR text, PYH photo, MYH video) and the day.
"""

from __future__ import annotations

import re

from crawler.contracts import Expectation
from crawler.outlet import Form, Layout, Outlet
from data.records import Kind

NAME = "yonhap"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. Two of its articles on Naver and Daum have 283 and 915 letters, one is without a reporter's name; a
# flash is a line or two (known). Every address names its day; where nobody signs the reader names the agency.
EXPECTS = Expectation(letters=(50, 5_000), dated=0.98, signed=0.98, hangul=0.6)

OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("연합뉴스", "Yonhap News Agency"),
    hosts=re.compile(r"(?:(?:www|m)\.)?(?:yna|yonhapnews)\.co\.kr"),
    forms=(
        Form(re.compile(r"[^/]+/(?:amp/)?view/([A-Z]{3}\d+)(?:\?.*)?"), r"www.yna.co.kr/view/\1", r"\1"),
        # Until about 2017 (known): /bulletin/2017/04/20/0200000000AKR20170420094500060.HTML
        Form(re.compile(r"[^/]+/(?:\w+/)*\d{10}([A-Z]{3}\d+)\.HTML(?:\?.*)?"), r"www.yna.co.kr/view/\1", r"\1"),
        Form(re.compile(r"[^/]+/kr/contents/?\?(?:.*&)?cid=([A-Z]{3}\d+)(?:&.*)?"), r"www.yna.co.kr/view/\1", r"\1"),
    ),
    layouts=(
        # Read in a reader of 2026. The text is the paragraphs right below; the blocks between them are
        # the summary made by a machine, photographs, the reporter's card and what is read next.
        Layout(
            bodies=(".story-news.article", ".story-news"),
            titles=("h1.tit01", "h1.tit"),
            reporters=(".tit-name",),
            dates=(".update-time",),
            published=(("[data-published-time]", "data-published-time"),),
            furniture=".story-news > div, .story-news > section, .story-news > ul, .keyword-zone, .txt-sub",
        ),
        # Read in a reader of about 2018; the date is followed by its label, as in '2017/04/20 15:53 송고'.
        Layout(
            bodies=("#articleWrap .article", ".article-txt"),
            titles=("#articleWrap h1", "#articleWrap h2"),
            dates=(".adrs .pblsh", ".pblsh"),
            furniture=".stit, .banner-0-wrap, .article_ban, .adrs, .article-ad-box",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
