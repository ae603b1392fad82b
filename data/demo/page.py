"""The page files: a TOML head between ``+++`` lines, then the text. README.md beside this file tells the format."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from data.records import KST

FOLDER = Path(__file__).parent / "pages"
FENCE = "+++\n"

Kind = Literal["text", "heading", "quote", "card", "link", "image", "ad", "more"]
WORDS: tuple[Kind, ...] = ("text", "heading", "quote", "link", "more")  # the author's own; the rest is other people's
_MARKED: dict[str, Kind] = {"## ": "heading", "> ": "quote"}
_NAMED: dict[str, Kind] = {"@card": "card", "@link": "link", "@image": "image", "@ad": "ad", "@more": "more"}


class BadPage(ValueError):
    """A page file does not follow the format; the message names the file."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text. ``url`` stands on cards and links, ``summary`` on cards only."""

    kind: Kind
    text: str = ""
    url: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One invented page, before it is put into any markup."""

    url: str
    skin: str
    title: str
    published: datetime
    blocks: tuple[Block, ...]
    author: str = ""
    modified: datetime | None = None
    outlet: str = ""
    source_url: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    subtitle: str = ""
    noindex: bool = False
    charset: str = "utf-8"
    broken: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def site(self) -> str:
        """Whose page it is: a Naver blog's id, or the host."""
        return self.path.split("/")[1] if self.host == "blog.naver.com" else self.host

    @property
    def words(self) -> tuple[str, ...]:
        """The author's own lines, in order: no cards, captions or advertising."""
        return tuple(line for block in self.blocks if block.kind in WORDS for line in block.text.split("\n"))

    @property
    def targets(self) -> tuple[str, ...]:
        """The addresses that the body points to, in order."""
        return tuple(block.url for block in self.blocks if block.url)


def load(folder: Path = FOLDER) -> tuple[Page, ...]:
    """Every page below ``folder``, by file name. Raises `BadPage`, also when two files claim one address."""
    found: dict[str, Page] = {}
    for path in sorted(folder.rglob("*.txt")):
        try:
            page = parse(path.read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise BadPage(f"{path}: {error}") from error
        if page.url in found:
            raise BadPage(f"{path}: {page.url} is taken by another file")
        found[page.url] = page
    return tuple(found.values())


def parse(text: str) -> Page:
    """One page file's text. Raises ValueError, KeyError or TypeError where the format is broken."""
    before, head, body = text.split(FENCE, 2)
    if before.strip():
        raise ValueError("a page file begins with +++")
    values: dict[str, Any] = tomllib.loads(head)
    values["published"] = _moment(values["published"])
    values["modified"] = _moment(values["modified"]) if "modified" in values else None
    values["tags"] = tuple(values.get("tags", ()))
    return Page(**values, blocks=tuple(_blocks(body)))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def _blocks(body: str) -> Iterator[Block]:
    """Lines of plain text, and lines of one quotation, gather until something else comes."""
    kind: Kind = "text"
    gathered: list[str] = []
    for line in [*body.splitlines(), ""]:
        block = _block(line.strip())
        if gathered and (block is None or block.kind != kind):
            yield Block(kind, "\n".join(gathered))
            gathered = []
        if block and block.kind in ("text", "quote"):
            kind = block.kind
            gathered.append(block.text)
        elif block:
            yield block


def _block(line: str) -> Block | None:
    for mark, kind in _MARKED.items():
        if line.startswith(mark):
            return Block(kind, line.removeprefix(mark).strip())
    name, _, rest = line.partition(" ")
    if name in _NAMED:
        return _named(_NAMED[name], rest.strip())
    if name.startswith("@") and name[1:].isascii():
        raise ValueError(f"unknown mark {name}")
    return Block("text", line) if line else None


def _named(kind: Kind, rest: str) -> Block:
    if kind in ("card", "link"):
        url, text, *summary = (part.strip() for part in rest.split(" | ", 2))
        return Block(kind, text, url, *summary)
    return Block(kind, rest)
