"""Events: what is watched, read from one TOML file each in ``data/events/``.

An event file is what a domain expert edits; nothing about an event is Python.
``docs/events.md`` tells how to write one.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from data.records import KST, Document, Verdict, language_of

FOLDER = Path(__file__).parent / "events"
# A text earns two points for each different word of the matter, one for each sign (up to four) and one for
# each further target (up to two). On the demo web's 167 pages these limits set aside the recipe, the trip and
# the melon post, and a dozen honest ones that hardly name the matter; asking for two words of it lost 25.
ENOUGH_POINTS, ENOUGH_UNNAMED = 3, 8
MOST_SIGNS, MOST_NAMES = 4, 2
# Under this many letters a text has room for one word of the matter only: photo news, one-line posts.
SHORT_TEXT = 200
# One advertising phrase also stands in honest posts ("카톡 문의 주세요" of a shop owner); the invented
# advertisements of the demo web carry three and more.
ENOUGH_ADVERTISING = 2


class BadEvent(ValueError):
    """An event is unknown, or its file cannot be read; the message names the cure."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of a target that counts only in company: one of ``needs`` in the same sentence,
    not followed by one of ``unless_next`` nor preceded by one of ``unless_before``."""

    name: str
    needs: tuple[str, ...] = ()
    unless_next: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    label: str
    label_en: str
    kind: str
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    id: str
    label: str
    label_en: str
    description: str
    terms: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment of the timeline. ``response``: an act of the company whose effect can be looked for."""

    at: datetime
    label: str
    label_en: str
    source: str
    response: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    title: str
    title_en: str
    summary: str
    starts: datetime
    ends: datetime
    queries: tuple[str, ...]
    about: tuple[str, ...]
    signs: tuple[str, ...]
    boilerplate: tuple[str, ...]
    targets: tuple[Target, ...]
    themes: tuple[Theme, ...]
    no_theme: tuple[str, ...]
    timeline: tuple[Mark, ...]
    feeds: tuple[str, ...]
    sitemaps: tuple[str, ...]
    sha256: str


def known(folder: Path = FOLDER) -> list[str]:
    """Ids of the events that ship with the project, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = FOLDER) -> Event:
    """Read an event by id, or from a path that ends in ``.toml``. Raises :class:`BadEvent`."""
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadEvent(
            f"unknown event {name!r}: known are {', '.join(known(folder))}; or give the path of a .toml file"
        ) from error
    try:
        return _event(tomllib.loads(raw.decode("utf-8")), hashlib.sha256(raw).hexdigest())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        cause = f"key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise BadEvent(f"event file {path}: {cause}; data/events/ holds a working example") from error


def _event(raw: dict[str, Any], sha256: str) -> Event:
    event = Event(
        id=raw["id"],
        title=raw["title"],
        title_en=raw.get("title_en", raw["title"]),
        summary=raw["summary"],
        starts=_moment(raw["starts"]),
        ends=_moment(raw["ends"]),
        queries=tuple(raw["queries"]),
        about=tuple(raw["about"]),
        signs=tuple(raw.get("signs", ())),
        boilerplate=tuple(raw.get("boilerplate", ())),
        targets=tuple(_target(item) for item in raw["targets"]),
        themes=tuple(_theme(item) for item in raw["themes"]),
        no_theme=tuple(raw["no_theme"]["examples"]),
        timeline=tuple(sorted((_mark(item) for item in raw.get("timeline", ())), key=lambda mark: mark.at)),
        feeds=tuple(raw.get("sources", {}).get("feeds", ())),
        sitemaps=tuple(raw.get("sources", {}).get("sitemaps", ())),
        sha256=sha256,
    )
    _check(event)
    return event


def judge(event: Event, document: Document) -> Verdict:
    """Whether a document counts for the event: Korean, of its period, naming a target, about the matter.

    A document without a date is kept. Boilerplate of the event file ("제보는 카카오톡 …") makes no hit.
    """
    text = f"{document.title}\n{document.text}"
    for phrase in event.boilerplate:
        text = text.replace(phrase, " ")
    advertising = sum(phrase in text for phrase in _advertising()) >= ENOUGH_ADVERTISING
    reason = _reason_against(event, document, text)
    return Verdict(reason is None, reason, advertising)


def _reason_against(event: Event, document: Document, text: str) -> str | None:
    if language_of(document.text) != "ko":
        return "not_korean"
    if document.published and not event.starts <= document.published.at <= event.ends:
        return "out_of_period"
    return None if _is_about(event, text) else "off_topic"


def _is_about(event: Event, text: str) -> bool:
    """Whether the words of a text earn enough points; see ENOUGH_POINTS."""
    named = sum(any(_names(alias, text) for alias in target.aliases) for target in event.targets)
    about = sum(word in text for word in event.about)
    signs = sum(word in text for word in event.signs)
    points = 2 * about + min(signs, MOST_SIGNS) + min(max(named - 1, 0), MOST_NAMES)
    if not named:
        return points >= ENOUGH_UNNAMED
    return about + signs > 0 if len(text) < SHORT_TEXT else about + signs > 0 and points >= ENOUGH_POINTS


def _names(alias: Alias, text: str) -> bool:
    return alias.name in text and (not alias.needs or any(word in text for word in alias.needs))


@cache
def _advertising() -> tuple[str, ...]:
    raw = tomllib.loads((Path(__file__).parent / "advertising.toml").read_text(encoding="utf-8"))
    return tuple(raw["phrases"])


def _check(event: Event) -> None:
    if event.starts >= event.ends:
        raise ValueError("starts must lie before ends")
    for kind, ids in (("target", [t.id for t in event.targets]), ("theme", [t.id for t in event.themes])):
        if not ids:
            raise ValueError(f"at least one {kind} is needed")
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"{kind} {', '.join(sorted(twice))} is given twice")
    for theme in event.themes:
        if len(theme.examples) < 3:
            raise ValueError(f"theme {theme.id} has {len(theme.examples)} examples; give at least 3, better 12")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=KST)


def _target(raw: dict[str, Any]) -> Target:
    around = {"unless_next": tuple(raw.get("unless_next", ())), "unless_before": tuple(raw.get("unless_before", ()))}
    plain = [Alias(name, **around) for name in raw["aliases"]]
    unsure = [
        Alias(
            item["alias"],
            needs=tuple(item["with"]),
            unless_next=tuple(item.get("unless_next", ())),
            unless_before=tuple(item.get("unless_before", ())),
        )
        for item in raw.get("ambiguous", ())
    ]
    return Target(raw["id"], raw["label"], raw.get("label_en", raw["label"]), raw["kind"], tuple(plain + unsure))


def _theme(raw: dict[str, Any]) -> Theme:
    return Theme(
        raw["id"],
        raw["label"],
        raw.get("label_en", raw["label"]),
        raw["description"],
        tuple(raw["terms"]),
        tuple(raw["examples"]),
    )


def _mark(raw: dict[str, Any]) -> Mark:
    return Mark(
        _moment(raw["at"]),
        raw["label"],
        raw.get("label_en", raw["label"]),
        raw["source"],
        bool(raw.get("response", False)),
    )
