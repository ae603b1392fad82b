"""What several readers share: a page parsed once, its metadata, and its text as clean lines.

The tree is only ever walked, never changed, and walked with a stack of its own, so that a page
nested past Python's recursion limit is read like any other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outcomes import NotAnArticle

# Lexbor's time grows with the square of the depth and of the attributes on one element: 100,000
# nested elements take 30 s, 4,900 unclosed <font> take 39 s, 510 take 0.3 s. 512 is where Blink
# stops nesting; 59 saved pages reach 67, and 728 words of attributes.
MAX_DEPTH = 512
MAX_ATTRIBUTES = 2_000

_ENDS_BY_ITSELF = frozenset(
    ("area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
     "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr")
)  # fmt: skip
_EITHER_CASE = _ENDS_BY_ITSELF | {name.upper() for name in _ENDS_BY_ITSELF}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^>]{{{MAX_ATTRIBUTES},}}")

# Elements that hold no words of the author.
SILENT = frozenset(
    ("audio", "button", "canvas", "head", "iframe", "input", "ins", "link", "meta", "nav", "noscript", "object",
     "option", "script", "select", "style", "svg", "template", "textarea", "title", "video")
)  # fmt: skip
BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
     "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr", "ul")
)  # fmt: skip
_CELLS = frozenset(("td", "th"))

_MARKER = re.compile(r"\$\$[A-Z]+\$\$")  # where a newsroom's own script sets an advertisement
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\x00]")


class Line(NamedTuple):
    """One line of visible text; ``linked`` says that all of it stands inside links."""

    text: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page and the values of its ``<meta>`` elements, in page order, by lower-case name."""

    url: str
    html: str
    tree: LexborHTMLParser
    metas: dict[str, list[str]]

    def meta(self, *names: str) -> str | None:
        """The first value that is not empty, in the order of ``names``."""
        return next((value for name in names for value in self.metas.get(name, ()) if value), None)

    def first(self, selectors: Iterable[str]) -> str | None:
        """The clean text of the first element, in the order of ``selectors``, that has any."""
        for selector in selectors:
            for node in self.tree.css(selector):
                text = clean(node.text())
                if text:
                    return text
        return None

    def attribute(self, selector: str, name: str) -> str | None:
        """A clean attribute of the first element that matches and has it."""
        found = (clean(node.attributes.get(name) or "") for node in self.tree.css(selector))
        return next((value for value in found if value), None)


def parse(url: str, html: str) -> Page:
    """Raises `NotAnArticle` for what is empty or nested too deep to be a page."""
    return Page(url, html, *_parsed(html))


@lru_cache(maxsize=1)
def _parsed(html: str) -> tuple[LexborHTMLParser, dict[str, list[str]]]:
    """The last page stays parsed: its address, its robots directives and its text are asked for one by one."""
    if not html or html.isspace():
        raise NotAnArticle("the page is empty")
    if _is_monstrous(html):
        raise NotAnArticle(f"nested more than {MAX_DEPTH} deep, or an element of {MAX_ATTRIBUTES} attributes")
    tree = LexborHTMLParser(html.replace("\x00", ""))
    return tree, _metas(tree)


def robots_meta(html: str) -> set[str]:
    """The directives of ``<meta name="robots">`` in lower case, such as {'noindex', 'nofollow'}."""
    try:
        values = parse("", html).metas.get("robots", [])
    except NotAnArticle:
        return set()
    return {word.strip().lower() for value in values for word in value.split(",") if word.strip()}


def page_addresses(html: str) -> list[str]:
    """The addresses that a page gives for itself: its canonical link, then og:url; only absolute ones."""
    try:
        page = parse("", html)
    except NotAnArticle:
        return []
    own = (page.attribute("link[rel=canonical]", "href"), page.meta("og:url"))
    return [url for url in dict.fromkeys(own) if url and url.startswith(("http://", "https://"))]


def page_address(html: str) -> str | None:
    """The first address that a saved page gives for itself."""
    return next(iter(page_addresses(html)), None)


def json_ld(page: Page) -> list[dict[str, Any]]:
    """Every object of the page's JSON-LD, lists and ``@graph`` laid out flat; what is broken is left out."""
    found: list[dict[str, Any]] = []
    for script in page.tree.css('script[type="application/ld+json"]'):
        waiting = [_json(script.text())]
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value
            elif isinstance(value, dict):
                found.append(value)
                waiting[:0] = [value["@graph"]] if "@graph" in value else []
    return found


def clean(text: str) -> str:
    """One line: NFC, without zero-width letters and NULs, white space collapsed to one space."""
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


class _Lines:
    """Lines as they come together: pieces of text until something ends the line."""

    __slots__ = ("found", "linked", "pieces")

    def __init__(self) -> None:
        self.found: list[Line] = []
        self.pieces: list[str] = []
        self.linked = True

    def add(self, text: str, in_link: bool) -> None:
        blank = text.isspace()
        if self.pieces or not blank:  # no line begins with white space, and half of all texts are nothing else
            self.pieces.append(text)
            self.linked = self.linked and (in_link or blank)

    def add_kept(self, text: str, in_link: bool) -> None:
        """Text whose own line breaks count."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.end()
            self.add(line, in_link)

    def end(self) -> None:
        if self.pieces:
            text = clean("".join(self.pieces))
            self.found += [Line(text, self.linked)] if text else []
            self.pieces, self.linked = [], True


def lines(root: LexborNode, without: str = "") -> list[Line]:
    """The visible text below ``root``: a line for each block and ``<br>``, none of them empty.

    ``without`` is a selector list: what it matches is left out with all that is inside it. One loop over the
    nodes: a generator of pieces took 1.6 times as long, and this is a third of reading a page.
    """
    skipped = _ids(root, without)
    gathered = _Lines()
    opened: list[tuple[LexborNode, str]] = []
    in_link = in_pre = 0
    node = root.first_child
    while node is not None or opened:
        if node is None:
            node, tag = opened.pop()
            in_link -= tag == "a"
            in_pre -= tag == "pre"
            if tag in BLOCKS:
                gathered.end()
            node = node.next
            continue
        tag = node.tag or ""
        if tag == "-text":
            add = gathered.add_kept if in_pre else gathered.add
            add(node.text_content or "", in_link > 0)
        elif tag[0] != "-" and tag not in SILENT and not (skipped and node.mem_id in skipped):
            if tag in BLOCKS:
                gathered.end()
            elif tag in _CELLS:
                gathered.add(" ", True)
            in_link += tag == "a"
            in_pre += tag == "pre"
            opened.append((node, tag))
            node = node.first_child
            continue
        node = node.next
    gathered.end()
    return gathered.found


def fragment_lines(html: str) -> list[Line]:
    """The text of an HTML fragment out of a script or a feed, which may be unclosed or cut anywhere."""
    soup = BeautifulSoup(_MARKER.sub("", html), "lxml")
    for node in soup.select("script, style, figure, .caption, .editor-img-box"):
        node.decompose()
    for node in soup.find_all(BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    texts = (clean(line) for line in soup.get_text().splitlines())
    return [Line(text, linked=False) for text in texts if text]


def joined(text_lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in text_lines)


def links(root: LexborNode, base: str, without: str = "") -> tuple[str, ...]:
    """The http(s) addresses that ``root`` points to, absolute, in order, each once."""
    skipped = _ids(root, f"{without} a" if without else "")
    hrefs = [node.attributes.get("href") or "" for node in root.css("a[href]") if node.mem_id not in skipped]
    found = (absolute(base, href.strip()) for href in hrefs if not href.startswith("#"))
    return tuple(dict.fromkeys(url for url in found if url.startswith(("http://", "https://"))))


def _ids(root: LexborNode, selectors: str) -> set[int]:
    return {node.mem_id for node in root.css(selectors)} if selectors else set()


def absolute(base: str, href: str) -> str:
    """Empty where the two make no address."""
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        value = clean(attributes.get("content") or "")
        if name and value:
            found.setdefault(name.strip().lower(), []).append(value)
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _is_monstrous(html: str) -> bool:
    """Whether parsing would take seconds. Where closing tags are missing the depth is an upper bound."""
    depth = 0
    for closing, name in _TAG.findall(html):
        if name in _EITHER_CASE:
            continue
        if not closing:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif depth:
            depth -= 1
    return any(len(tag.split()) > MAX_ATTRIBUTES for tag in _LONG_TAG.findall(html))
