"""Hankook Ilbo (한국일보) at hankookilbo.com: three generations of pages, each confirmed on a saved one."""

from __future__ import annotations

import json
import re

from crawler.contracts import Expectation
from crawler.extract import Page, fragment_lines
from crawler.outlet import Form, Found, Layout, Outlet
from data.records import Kind

NAME = "hankook"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# 3 of 3 saved articles, one of each generation: 1,672 to 1,829 letters, all signed and dated. Every address names its
# day; where nobody signs the reader names the paper.
EXPECTS = Expectation(documents=0.6, letters=(150, 10_000), dated=0.98, signed=0.98, hangul=0.6)

# In the spring of 2026 the body stood in script data only, as an escaped string of HTML.
IN_SCRIPT = {
    name: re.compile(rf'"{name}":\s*("(?:[^"\\]|\\.)+")') for name in ("contentHtml", "deployDt", "reDeployDt")
}
_MARKUP = re.compile("<[^>]*>")


def in_script(page: Page) -> Found | None:
    """The longest ``contentHtml``: what is read next on the page comes with shorter ones."""
    longest = max(_strings(page, "contentHtml"), key=lambda html: len(_MARKUP.sub("", html)), default="")
    text = fragment_lines(longest)
    return Found(text, published=_date(page, "deployDt"), modified=_date(page, "reDeployDt")) if text else None


def _strings(page: Page, name: str) -> list[str]:
    return [json.loads(match, strict=False) for match in IN_SCRIPT[name].findall(page.html)]


def _date(page: Page, name: str) -> tuple[str, str] | None:
    return next(((f"script:{name}", text) for text in _strings(page, name)), None)


OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=("한국일보", "Hankook Ilbo", "hankookilbo.com"),
    hosts=re.compile(r"(?:(?:www|m)\.)?hankookilbo\.com"),
    forms=(
        Form(
            re.compile(r"[^/]+/news/(?:article/(?:amp/)?|read/)(A\d+)(?:\?.*)?", re.IGNORECASE),
            r"www.hankookilbo.com/news/article/\1",
            r"\1",
        ),
    ),
    layouts=(
        Layout(bodies=(".end-body",), furniture=".end-ad-container, .sub-tit-ll"),
        Layout(bodies=("contentHtml",), script=in_script),
        Layout(bodies=("[itemprop=articleBody]",), reporters=(".writer .name", ".nm"), furniture=".editor-img-box"),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
