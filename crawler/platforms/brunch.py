"""Brunch: essays at brunch.co.kr/@USER/N. Read from other people's readers; no saved page confirms it."""

from __future__ import annotations

import re
from datetime import datetime

from crawler.contracts import Expectation
from crawler.dates import first_date
from crawler.extract import clean, joined, lines, links, parse
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.urls import Address, host_of, list_address, split
from data.records import Document, Kind

NAME = "brunch"
KIND: Kind = "blog"
PRIORITY = 20
MARKS: tuple[str, ...] = ()
# No page saved: what is expected of any blog, whose owner's name is part of the address.
EXPECTS = Expectation(signed=0.8)

BODY = ".wrap_body"
CARDS = ".item_type_opengraph, .item_type_link"
FURNITURE = ".item_type_img, .item_type_gridGallery, .img_caption, .item_type_video, .wrap_comment"
TITLES = (".cover_title", "h1")
AUTHORS = (".cover_text .text_author .link_author", ".text_author", ".author_name")
DATES = (".cover_text .date", ".date")

_POST = re.compile(r"/@([^/]+)/(\d+)/?")


def recognise(url: str) -> Address | None:
    parts = split(url)
    if parts is None or host_of(parts) not in ("brunch.co.kr", "www.brunch.co.kr", "m.brunch.co.kr"):
        return None
    post = _POST.fullmatch(parts.path)
    if post:
        return Address(NAME, f"https://brunch.co.kr/@{post[1]}/{post[2]}", f"{post[1]}/{post[2]}", given=url)
    return list_address(NAME, url)


def fetch_url(address: Address) -> str:
    return address.url


def extract(url: str, html: str, fetched_at: datetime | None = None) -> Document:
    address = recognise(url)
    if address is None or address.is_list:
        raise NotAnArticle(f"a list: {url[:200]}")
    page = parse(url, html)
    node = page.tree.css_first(BODY)
    text = joined(lines(node, f"{CARDS}, {FURNITURE}")) if node else ""
    title = page.meta("og:title") or page.first(TITLES)
    if node is None or not text or not title:
        raise LayoutChanged(NAME, (BODY, *TITLES))
    published_time = page.meta("article:published_time")
    return Document(
        platform=NAME, kind=KIND, url=address.url, native_id=address.native_id, title=clean(title), text=text,
        author=page.meta("og:article:author", "article:author") or page.first(AUTHORS),
        published=first_date(
            [("meta:article:published_time", published_time), *(("visible", page.first((place,))) for place in DATES)],
            fetched_at,
        ),
        links=links(node, page.url),
    )  # fmt: skip
