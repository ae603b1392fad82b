"""A page put into the markup of its platform: the values that skins ask for, and the text in the skin's dialect."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit
from zlib import crc32

from data.demo.markup import Markup, Value, fill, put, script_json
from data.demo.page import Block, Page

BODY = Markup("<!--body-->")  # stands for the text until it is put in; a broken page ends here
SUMMARY = 110  # letters of a text that og:description and feeds give away
SIDE_LINKS = 5  # of a site's other pages, under each page


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family of skins writes the pieces of a text; see ``dialects.toml``."""

    pieces: Mapping[str, str]
    line: str
    between: str


def html(page: Page, title: str, others: Sequence[Page], comments: Sequence[Mapping[str, str]] = ()) -> str:
    """The whole page. ``title`` is the site's own; ``others`` are its other pages, which stand beside the text."""
    return _with_body(page, fill(page.skin, values(page, title, others, comments)))


def inside(page: Page, skin: str, title: str, others: Sequence[Page]) -> str:
    """The page in another skin than its own: Naver's shell, its PC page."""
    return _with_body(page, fill(skin, values(page, title, others)))


def _with_body(page: Page, markup: str) -> str:
    return markup.partition(BODY)[0] if page.broken else markup.replace(BODY, body(page))


def body(page: Page) -> Markup:
    """The text in the dialect of the page's skin."""
    dialect = _dialects()[page.skin]
    return Markup("\n".join(_piece(block, dialect, number) for number, block in enumerate(page.blocks)))


def _piece(block: Block, dialect: Dialect, number: int) -> Markup:
    lines = (put(dialect.line, {"line": line}) for line in block.text.split("\n"))
    return put(
        dialect.pieces.get(block.kind, ""),
        {
            "lines": Markup(dialect.between.join(lines)),
            "text": block.text,
            "url": block.url,
            "host": urlsplit(block.url).netloc,
            "summary": block.summary,
            "picture": picture("그림 없음", 640, 320),
            "number": f"demo{number:02}",
        },
    )


@cache
def _dialects() -> dict[str, Dialect]:
    raw = tomllib.loads(Path(__file__).with_name("dialects.toml").read_text(encoding="utf-8"))
    return {
        skin: Dialect(one, one.get("line", "$line"), one.get("between", "\n"))
        for one in raw["dialect"]
        for skin in one["skins"]
    }


def values(
    page: Page, site_title: str, others: Sequence[Page], comments: Sequence[Mapping[str, str]] = ()
) -> dict[str, Value]:
    """Everything that a skin may ask for."""
    modified = page.modified or page.published
    return {
        **stamps("published", page.published),
        **stamps("modified", modified),
        "changed": page.modified.isoformat() if page.modified else "",
        "title": page.title,
        "author": page.author,
        "outlet": page.outlet,
        "subtitle": page.subtitle,
        "category": page.category or "카테고리 없음",
        "noindex": "noindex,nofollow" if page.noindex else "",
        "robots": "noindex,nofollow" if page.noindex else "index,follow",
        "charset": "euc-kr" if page.charset == "cp949" else page.charset,
        "summary": summary(page),
        "spaced_summary": summary(page).replace(" ", "&nbsp; ", 2),  # Naver escapes its own spaces twice
        "url": page.url,
        "home": f"https://{page.host}",
        "host": page.host,
        "path": page.path,
        "source_url": page.source_url,
        "site": page.site,
        "site_title": site_title,
        "blog_number": str(number_of(page.site)),
        "number": page.path.rsplit("/", 1)[-1] if page.path[-1:].isdecimal() else str(number_of(page.url) % 900),
        "short_code": f"{number_of(page.url):X}{number_of(page.title):X}"[:10].ljust(10, "g"),
        "json_ld": script_json(_json_ld(page, modified)),
        "blog_config": script_json(_blog_config(page, site_title)),
        "logo": picture(page.outlet, 110, 26),
        "body": BODY,
        "tags": [{"tag": tag, "href": f"/tag/{quote(tag)}"} for tag in page.tags],
        "others": entries(others[:SIDE_LINKS]),
        "comments": comments,
        "comment_count": str(len(comments)),
    }


def entries(pages: Iterable[Page]) -> list[dict[str, str]]:
    """What a list tells of each page."""
    return [
        {**stamps("published", page.published), "url": page.url, "title": page.title, "summary": summary(page)}
        for page in pages
    ]


def stamps(name: str, at: datetime) -> dict[str, str]:
    """A moment in every form that the platforms write it in."""
    day = f"{at.year}. {at.month}. {at.day}."
    forms = {
        "iso": at.isoformat(timespec="seconds"),
        "digits": f"{at:%Y%m%d%H%M%S}",
        "twelve": f"{at:%Y%m%d%I%M%S}",  # Tistory's og:regDate: which half of the day is not told
        "dashed": f"{at:%Y-%m-%d %H:%M:%S}",
        "dotted": f"{at:%Y.%m.%d %H:%M}",
        "day": f"{at:%Y.%m.%d}",
        "padded": f"{at:%Y. %m. %d. %H:%M}",
        "spaced": f"{day} {at:%H:%M}",
        "unpadded": f"{day} {at.hour}:{at:%M}",
        "half": f"{at:%Y.%m.%d}. {'오전' if at.hour < 12 else '오후'} {at.hour % 12 or 12}:{at:%M}",
    }
    return {f"{name}_{form}": text for form, text in forms.items()}


def summary(page: Page) -> str:
    """The beginning of the text on one line."""
    text = " ".join(page.words)
    return text if len(text) <= SUMMARY else text[:SUMMARY].rstrip() + "…"


def picture(label: str, width: int, height: int) -> str:
    """A grey box that says what is missing; no page of the demo web has an image of its own."""
    size = f"width='{width}' height='{height}'"
    text = f"<text x='50%' y='56%' fill='#667' font-size='{13 + height // 60}' text-anchor='middle'>{label}</text>"
    box = "<rect width='100%' height='100%' fill='#dde1e6'/>"
    return "data:image/svg+xml," + quote(f"<svg xmlns='http://www.w3.org/2000/svg' {size}>{box}{text}</svg>")


def number_of(text: str) -> int:
    """A number that stays the same from run to run, as ids of blogs and entries do."""
    return crc32(text.encode()) % 9_000_000 + 1_000_000


def _json_ld(page: Page, modified: datetime) -> dict[str, object]:
    return {
        "@context": "http://schema.org",
        "@type": "NewsArticle" if page.outlet else "BlogPosting",
        "mainEntityOfPage": {"@id": page.url, "name": None},
        "url": page.url,
        "headline": page.title,
        "description": summary(page),
        "author": {"@type": "Person", "name": page.author or page.outlet, "logo": None},
        "datePublished": page.published.isoformat(timespec="seconds"),
        "dateModified": modified.isoformat(timespec="seconds"),
        "publisher": {"@type": "Organization", "name": page.outlet or "TISTORY"},
    }


def _blog_config(page: Page, site_title: str) -> dict[str, object]:
    name = page.host.split(".")[0]
    blog = {"id": number_of(page.site), "name": name, "title": site_title, "nickName": page.author, "status": "open"}
    return {
        "TOP_SSL_URL": "https://www.tistory.com",
        "ROLE": "guest",
        "BLOG": blog,
        "DEFAULT_URL": f"https://{page.host}",
    }
