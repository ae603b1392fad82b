"""Events: what is watched, read from one TOML file each in ``data/events/``.

An event file is what a domain expert edits; nothing about an event is Python.
``docs/events.md`` tells how to write one.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from data.records import KST

FOLDER = Path(__file__).parent / "events"
# Where a day may stand in an address of [sources].
DAY_PLACES = frozenset(("yyyymmdd", "yyyymm", "yyyy", "mm", "dd"))


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
class Sources:
    """Where to look for pages. ``day_lists`` and ``archived`` are templates with a place for the day."""

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    search_terms: tuple[str, ...] = ()
    day_lists: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    archived_words: tuple[str, ...] = ()


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
    sources: Sources
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
        sources=_sources(raw.get("sources", {})),
        sha256=sha256,
    )
    _check(event)
    return event


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


def _sources(raw: dict[str, Any]) -> Sources:
    if unknown := raw.keys() - {field.name for field in fields(Sources)}:
        raise ValueError(f"[sources] has no {', '.join(sorted(unknown))}")
    sources = Sources(**{name: tuple(given) for name, given in raw.items()})
    for template in sources.day_lists + sources.archived:
        places = set(re.findall(r"\{(\w*)\}", template))
        if wrong := places - DAY_PLACES - ({"page"} if template in sources.day_lists else set()):
            raise ValueError(f"{template} has a place for {', '.join(sorted(wrong))}, known are {sorted(DAY_PLACES)}")
        if template in sources.day_lists and not places & DAY_PLACES:
            raise ValueError(f"{template} has no place for the day, such as {{yyyymmdd}}")
    if not sources.archived_words and any(pattern.startswith("*.") for pattern in sources.archived):
        raise ValueError("a whole domain in archived needs archived_words: nobody fetches all of it")
    return sources


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=KST)


def _around(raw: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What may not stand around a name."""
    return {key: tuple(raw.get(key, ())) for key in ("unless_next", "unless_before")}


def _target(raw: dict[str, Any]) -> Target:
    plain = [Alias(name, **_around(raw)) for name in raw["aliases"]]
    unsure = [
        Alias(item["alias"], (*item["with"], *(raw["company"] if item.get("company") else ())), **_around(item))
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
