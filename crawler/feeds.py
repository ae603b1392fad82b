"""Feeds and sitemaps: bytes in, addresses out. Entities are never resolved, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from crawler.dates import parse_date
from crawler.decode import decode
from crawler.extract import absolute
from crawler.lists import Entry, NotAFeed
from crawler.reading import charset_of

# What an XML text declares of its own encoding no longer holds once it is decoded.
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Where feeds and sitemaps put a date; a change (lastmod, updated) stands in when there is no other.
DATES = ("pubDate", "published", "date", "lastmod", "updated")


def entries(url: str, body: bytes, content_type: str | None, fetched_at: datetime) -> list[Entry]:
    """Addresses in an RSS or Atom feed, a sitemap or a sitemap index, in the list's order.

    Raises NotAFeed, and Mojibake when the letters were lost.
    """
    root = _root(decode(body, charset_of(content_type)).text)
    found = list(_entries(root, url, fetched_at))
    return list({entry.url: entry for entry in found}.values())


def _root(text: str) -> etree._Element:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(DECLARATION.sub("", text).strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeed(f"no XML ({error})") from error
    if root is None or _name(root) not in ("rss", "RDF", "feed", "urlset", "sitemapindex"):
        raise NotAFeed(f"the root is <{_name(root) if root is not None else 'nothing'}>, not a feed or sitemap")
    return root


def _entries(root: etree._Element, base: str, fetched_at: datetime) -> Iterator[Entry]:
    for node in root.iter("{*}item", "{*}entry", "{*}url", "{*}sitemap"):
        fields = {_name(child): child for child in node if isinstance(child.tag, str)}
        address = _address(fields)
        if address:
            stated = next((fields[key].text for key in DATES if key in fields), None)
            url = absolute(base, address) or address  # what is no address leads nowhere, and the others are taken
            yield Entry(url, parse_date(stated, "feed", fetched_at), _name(node) == "sitemap")


def _address(fields: dict[str, etree._Element]) -> str | None:
    for key in ("loc", "link"):
        node = fields.get(key)
        if node is not None:
            return ((node.text or "").strip() or node.get("href") or "").strip() or None
    return None


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
