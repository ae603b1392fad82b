"""Chosun Ilbo (조선일보) and its business site: Arc Publishing since 2020, an older system before.

Arc's pages carry the article as JSON in a script; the HTML around it is filled by the browser and may
be empty. Evidence: the script, its fields and the HTML classes were read in other people's readers,
the older layout too; the older address stands on a page in a list of saved ones.
"""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.contracts import Expectation
from crawler.extract import Line, Page, fragment_lines
from crawler.outlet import Form, Found, Layout, Outlet
from data.records import Kind

NAME = "chosun"
KIND: Kind = "news"
PRIORITY = 30
MARKS: tuple[str, ...] = ()
# No page saved. Every address names its day. Who signs and which of the two papers it is, the page alone says.
EXPECTS = Expectation(dated=0.98, hangul=0.6)

SCRIPT = "Fusion.globalContent"
_CONTENT = re.compile(r"Fusion\.globalContent\s*=\s*(?=\{)")
_WORDS = frozenset(
    ("text", "header", "quote", "list")
)  # what holds words; not image, video, raw_html, interstitial_link


def fusion(page: Page) -> Found | None:
    """The story in the page's script data; None where there is none, or one without text."""
    start = _CONTENT.search(page.html)
    story = _json(page.html[start.end() :]) if start else {}
    elements = story.get("content_elements")
    if not isinstance(elements, list):
        return None
    text = [line for element in elements if isinstance(element, dict) for line in _lines(element)]
    if not text:
        return None
    return Found(
        text, title=_text(story.get("headlines"), "basic"), author=_authors(story.get("credits")),
        published=_date(story, "display_date", "first_publish_date", "publish_date", "created_date"),
        modified=_date(story, "last_updated_date"),
    )  # fmt: skip


def _json(text: str) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _lines(element: dict[str, Any]) -> list[Line]:
    """The words of an element; a quotation and a list hold elements of their own, one level deep."""
    if element.get("type") not in _WORDS:
        return []
    inner = [*(element.get("content_elements") or ()), *(element.get("items") or ())]
    parts = [element, *(part for part in inner if isinstance(part, dict) and part.get("type") in _WORDS)]
    return [line for part in parts for line in fragment_lines(str(part.get("content") or ""))]


def _text(value: object, name: str) -> str | None:
    return str(value.get(name) or "") or None if isinstance(value, dict) else None


def _authors(credits: object) -> str | None:
    by = credits.get("by") if isinstance(credits, dict) else None
    names = [name for person in by or () if (name := _text(person, "name"))] if isinstance(by, list) else []
    return ", ".join(dict.fromkeys(names)) or None


def _date(story: dict[str, Any], *names: str) -> tuple[str, str] | None:
    """Arc writes times in UTC, as in 2022-10-16T23:40:00.000Z."""
    return next(((f"script:{name}", str(story[name])) for name in names if story.get(name)), None)


OUTLET = Outlet(
    platform=NAME,
    kind=KIND,
    names=(),  # two names behind one system: the page says which
    hosts=re.compile(r"(?:(?:www|m|biz|news)\.)?chosun\.com"),
    forms=(
        # m.chosun.com and the bare host lead to www.; the business site stands apart.
        Form(
            re.compile(r"(?:www\.|m\.)?(chosun\.com/(?:[\w-]+/)+\d{4}/\d{2}/\d{2}/(\w{20,32}))(?:\?.*)?"),
            r"www.\1",
            r"\2",
        ),
        Form(re.compile(r"(biz\.chosun\.com/(?:[\w-]+/)+\d{4}/\d{2}/\d{2}/(\w{20,32}))(?:\?.*)?"), r"\1", r"\2"),
        Form(
            re.compile(r"((?:news|biz)\.chosun\.com/site/data/html_dir/[\d/]+/(\d{13})\.html)(?:\?.*)?"), r"\1", r"\2"
        ),
        # The mobile twin of the older system (known).
        Form(
            re.compile(r"m\.chosun\.com/svc/article\.html\?(?:.*&)?contid=((\d{4})(\d{2})(\d{2})\d{5})(?:&.*)?"),
            r"news.chosun.com/site/data/html_dir/\2/\3/\4/\1.html",
            r"\1",
        ),
    ),
    layouts=(
        Layout(bodies=(SCRIPT,), titles=("h1.article-header__headline",), script=fusion),
        Layout(
            bodies=("section.article-body", ".article-body", "[itemprop=articleBody]"),
            titles=("h1.article-header__headline", "h1"),
            reporters=(".article-byline__author",),
            dates=(".inputDate", ".upDate", ".article-dateline"),
            furniture=".article-body__content-image, .dfpAd, .article-header, .article-byline, .article-dateline",
        ),
        Layout(
            bodies=("#news_body_id",),
            titles=("#news_title_text_id",),
            reporters=(".news_title_author a", ".news_title_author"),
            dates=(".news_date", "#date_text"),
            furniture="#date_text, .news_date, #keyword, #rel_art_list_id, .copy_2011, .news_imgbox",
        ),
    ),
)
recognise, fetch_url, extract = OUTLET.recognise, OUTLET.fetch_url, OUTLET.extract
