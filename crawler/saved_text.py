"""A page that somebody saved as plain text, without an address: what a Tistory reader copies out.

The frame of a saved Tistory page, line by line: '상세 컨텐츠', '본문 제목', the title, the category,
'by AUTHOR DATE', '본문', the text, '관련글 더보기'. Other text is read as a title and a body.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawler.dates import parse_date
from crawler.extract import clean
from crawler.outcomes import NotAnArticle
from crawler.platforms import tistory
from data.records import Dated, Document, content_id

TITLE_MARK, BODY_MARK, END_MARKS = "본문 제목", "본문", ("관련글 더보기", "관련글")
_SIGNED = re.compile(r"by\s+(?P<author>.+?)\s+(?P<date>\d{4}\.\s*\d{1,2}\.\s*\d{1,2}\..*)")
_ADDRESS = re.compile(r"https?://\S+")
# A link card, saved, is the address, its title, mostly a summary, and the host: at most so many lines.
_CARD = 4


def read(text: str, fetched_at: datetime | None = None) -> Document:
    """The document in a saved text, under a ``urn:sha256`` of its content in place of a URL."""
    rows = [row for row in map(clean, text.splitlines()) if row]
    if not rows:
        raise NotAnArticle("the text is empty")
    framed = TITLE_MARK in rows and BODY_MARK in rows
    title, author, published, body = _framed(rows, fetched_at) if framed else (rows[0], None, None, rows[1:])
    links, words = _parted(body)
    native_id = content_id(text)
    return Document(
        platform=tistory.NAME, kind=tistory.KIND, url=f"urn:sha256:{native_id}", native_id=native_id,
        title=title, text="\n".join(words), author=author, published=published, links=tuple(dict.fromkeys(links)),
    )  # fmt: skip


def _framed(rows: list[str], fetched_at: datetime | None) -> tuple[str, str | None, Dated | None, list[str]]:
    """Title, author, date and body rows; the category between title and signature is left out."""
    title_at = rows.index(TITLE_MARK) + 1
    body_at = rows.index(BODY_MARK, title_at)
    head = rows[title_at:body_at]
    signed = next((match for row in head if (match := _SIGNED.fullmatch(row))), None)
    end = next((at for at, row in enumerate(rows) if at > body_at and row in END_MARKS), len(rows))
    return (
        head[0] if head else "",
        signed["author"] if signed else None,
        parse_date(signed["date"], "visible", fetched_at) if signed else None,
        rows[body_at + 1 : end],
    )


def _parted(rows: list[str]) -> tuple[list[str], list[str]]:
    """The addresses that stand alone in a row, and the author's own rows."""
    kept = [row for row in _without_cards(rows) if not tistory.WHOLE_LINES.fullmatch(row)]
    return [row for row in kept if _ADDRESS.fullmatch(row)], [row for row in kept if not _ADDRESS.fullmatch(row)]


def _without_cards(rows: list[str]) -> list[str]:
    """The rows without what follows an address up to its host, where that comes soon."""
    kept: list[str] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        kept.append(row)
        at += 1
        if _ADDRESS.fullmatch(row):
            host = row.split("/")[2].lower().removeprefix("www.")
            card = [later.lower().removeprefix("www.") for later in rows[at : at + _CARD]]
            at += card.index(host) + 1 if host in card else 0
    return kept
