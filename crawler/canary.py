"""Canaries: one known page of each platform, fetched as any page is, to see which readers still hold.

They are read into a store of their own that is thrown away; the caller keeps the answers.
"""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from crawler import platforms
from crawler.crawl import crawl
from crawler.reading import lead
from data.events import Event, Sources
from data.records import KST, content_id
from data.store import Store

FILE = Path(__file__).parent.parent / "data" / "canaries.toml"
# What came of a page that shows its reader to be at fault; what asks us to keep out; all else is no answer.
READ = ("layout_changed", "not_an_article", "mojibake", "broken")
SHUT = ("robots", "noindex")

Outcome = Literal["ok", "layout_changed", "unreachable", "robots"]


class BadCanary(ValueError):
    """The file of canaries is no good; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A page that is known: what its reader must find on it. ``title`` is its `content_id`."""

    platform: str
    url: str
    letters: int
    title: str | None = None
    author: bool = False
    date: str | None = None

    def differs(self, found: dict[str, Any]) -> list[str]:
        """What a document does not have of what is known."""
        day = (found["published_at"] or "")[:10]
        return [
            *([f"read as {found['platform']}"] if found["platform"] != self.platform else []),
            *(["another title"] if self.title and content_id(found["title"]) != self.title else []),
            *(["no author"] if self.author and not found["author"] else []),
            *([f"dated {day or 'never'}, not {self.date}"] if self.date and day != self.date else []),
            *([f"{len(found['text'])} letters, not {self.letters}"] if len(found["text"]) < self.letters else []),
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a canary, and why."""

    canary: Canary
    outcome: Outcome
    detail: str = ""


def load(path: Path = FILE) -> tuple[Canary, ...]:
    """Raises `BadCanary` for an entry that cannot be asked, and for two of one platform."""
    found = tuple(Canary(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["canary"])
    known = {platform.NAME for platform in platforms.platforms()}
    for canary in found:
        if canary.platform not in known or lead(canary.url, "urls") is None:
            raise BadCanary(f"{path.name}: {canary.url} is no article's address, or {canary.platform} no platform")
    if len({canary.platform for canary in found}) < len(found):
        raise BadCanary(f"{path.name}: a platform has two canaries")
    return found


def ask(store: Store, canaries: tuple[Canary, ...], demo_server: str | None = None) -> list[Answer]:
    """Fetch each canary once, politely, and say whether its reader holds.

    ``store`` is only asked which sites want to be left alone. Runs Scrapy's reactor: once in a process.
    """
    event = _event()
    with tempfile.TemporaryDirectory() as home, Store.open(Path(home), "demo" if demo_server else "real") as aside:
        aside.save_event(event)
        for row in store.rows("SELECT site, waits_until, reason, openings FROM sites"):
            aside.leave_alone(row["site"], datetime.fromisoformat(row["waits_until"]), row["reason"], row["openings"])
        aside.add_leads(event.id, [found for canary in canaries if (found := lead(canary.url, "urls"))])
        run_id = aside.begin_run("canary", event.id, {}, {})
        crawl(event, aside, run_id, demo_server=demo_server, asked=("feed",))
        return [_answer(aside, canary) for canary in canaries]


def _answer(store: Store, canary: Canary) -> Answer:
    found = lead(canary.url, "urls")
    page = next(
        store.rows("SELECT last_outcome, document_id FROM frontier WHERE url = ?", [found.url if found else ""])
    )
    if page["document_id"]:
        document = next(store.rows("SELECT * FROM documents WHERE id = ?", [page["document_id"]]))
        differs = canary.differs(document)
        return Answer(canary, "layout_changed" if differs else "ok", "; ".join(differs))
    outcome = page["last_outcome"] or "no_answer"
    why = store.value(
        "SELECT detail FROM problems WHERE outcome = ? AND url = ?", [outcome, found.url if found else ""]
    )
    name: Outcome = "layout_changed" if outcome in READ else "robots" if outcome in SHUT else "unreachable"
    return Answer(canary, name, f"{outcome}: {why}" if why else outcome)


def _event() -> Event:
    """An event of nothing, with no list to read: what belongs to it does not matter."""
    start, end = datetime(1995, 1, 1, tzinfo=KST), datetime(2100, 1, 1, tzinfo=KST)
    return Event(
        id="canary", title="", title_en="", summary="", starts=start, ends=end, queries=(), about=(), signs=(),
        boilerplate=(), targets=(), themes=(), no_theme=(), timeline=(), sources=Sources(), sha256="",
    )  # fmt: skip
