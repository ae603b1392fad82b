"""Whether a document counts for an event, and whether it advertises. docs/relevance.md has the codebook and figures.

A name alone says little, "장애" alone says little: what counts is a service and its failure in one breath. So
points are given sentence by sentence. ``python bench/relevance.py`` measures them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from data.events import Alias, Event
from data.records import Document, Verdict, language_of

HERE = Path(__file__).parent
# Points. On the dev half of data/gold/relevance.tsv logistic regression gives these features the same order.
NAMED_AND_FAILING = 2.0  # a sentence with a target and a failure; at most two of them
NEXT_TO_FAILING = 2.0  # a target in one sentence, the failure in the next or the one before
NAMED_AND_ABOUT = 2.0  # a word of `about` in a sentence with a target; at most two
NAMED_AND_SIGN = 1.0  # a word of `signs` in a sentence with a target; at most two
ABOUT = 1.0  # each different word of `about` in the text; at most three
SIGN = 0.5  # each different word of `signs` in a short text; at most three
FAILING = 0.5  # each sentence with a failure; at most three
EARLY = 1.5  # a target is named while everybody talks of little else
# Documents of the first days that name a target tell of the matter more often than not.
TALK = timedelta(days=11)
# With 2 points the dev half has .89 precision and .72 recall, with 2.5 .89 and .54.
ENOUGH = 2.0
# Without any name it has to be plain: "판교 데이터센터 화재" and one thing more.
ENOUGH_UNNAMED = 4.5
# From here on a text is long enough to hold half of `signs` by chance.
SHORT_TEXT = 400
# One advertising phrase also stands in honest posts ("카톡 문의 주세요" of a shop owner); the invented
# advertisements of the demo web carry three and more.
ENOUGH_ADVERTISING = 2

_END = re.compile(r"(?<=[.?!…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class _Words:
    """What of an event's words stands anywhere in a text: looked for once there, and only these in its sentences."""

    aliases: tuple[Alias, ...]
    about: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one sentence holds: whether it names a target and tells of a failure, and which words of the event."""

    named: bool
    failing: bool
    about: frozenset[str]
    signs: frozenset[str]


def judge(event: Event, document: Document) -> Verdict:
    """Whether a document counts for the event: Korean, of its period, about the matter.

    A document without a date is kept. Advertising is marked and kept.
    """
    text = f"{document.title}\n{document.text}"
    for phrase in event.boilerplate:
        text = text.replace(phrase, " ")
    reason = _reason_against(event, document, text)
    advertising = sum(phrase in text for phrase in _advertising()) >= ENOUGH_ADVERTISING
    return Verdict(reason is None, reason, advertising)


def _reason_against(event: Event, document: Document, text: str) -> str | None:
    if language_of(document.text) != "ko":
        return "not_korean"
    if document.published and not event.starts <= document.published.at <= event.ends:
        return "out_of_period"
    early = document.published is not None and document.published.at < event.starts + TALK
    return None if _is_about(event, text, early) else "off_topic"


def _is_about(event: Event, text: str, early: bool) -> bool:
    words = _words_in(event, text)
    said = [_said(words, sentence) for sentence in _END.split(text) if not _frames().search(sentence)]
    named = any(one.named for one in said)
    points = _in_one_breath(said) + _in_the_text(said, len(text) < SHORT_TEXT) + (EARLY if named and early else 0)
    return points >= (ENOUGH if named else ENOUGH_UNNAMED)


def _in_one_breath(said: list[_Said]) -> float:
    """Points for what stands in or beside the sentences that name a target."""
    naming = [one for one in said if one.named]
    beside = any(a.named and b.failing or b.named and a.failing for a, b in zip(said, said[1:], strict=False))
    return (
        NAMED_AND_FAILING * min(sum(one.failing for one in naming), 2)
        + NEXT_TO_FAILING * beside
        + NAMED_AND_ABOUT * min(max((len(one.about) for one in naming), default=0), 2)
        + NAMED_AND_SIGN * min(max((len(one.signs) for one in naming), default=0), 2)
    )


def _in_the_text(said: list[_Said], short: bool) -> float:
    """Points for the words of the matter wherever they stand."""
    about = frozenset[str]().union(*(one.about for one in said))
    signs = frozenset[str]().union(*(one.signs for one in said))
    failing = sum(one.failing for one in said)
    return ABOUT * min(len(about), 3) + FAILING * min(failing, 3) + (SIGN * min(len(signs), 3) if short else 0)


def _words_in(event: Event, text: str) -> _Words:
    """Bodies (정부, 국회) are in every day's news: they name nothing here."""
    named = (alias for target in event.targets if target.kind != "body" for alias in target.aliases)
    return _Words(
        tuple(alias for alias in named if alias.name in text),
        tuple(word for word in event.about if word in text),
        tuple(word for word in event.signs if word in text and not _failures().search(word)),
    )


def _said(words: _Words, sentence: str) -> _Said:
    return _Said(
        any(_names(alias, sentence) for alias in words.aliases),
        bool(_failures().search(sentence)),
        frozenset(word for word in words.about if word in sentence),
        frozenset(word for word in words.signs if word in sentence),
    )


def _names(alias: Alias, sentence: str) -> bool:
    if alias.name not in sentence:
        return False
    if alias.needs and not any(word in sentence for word in alias.needs):
        return False
    return any(
        not sentence.startswith(alias.unless_next, found.end())
        and not sentence[: found.start()].endswith(alias.unless_before)
        for found in re.finditer(re.escape(alias.name), sentence)
    )


@cache
def _advertising() -> tuple[str, ...]:
    return tuple(tomllib.loads((HERE / "advertising.toml").read_text(encoding="utf-8"))["phrases"])


@cache
def _failures() -> re.Pattern[str]:
    return _any_of("patterns")


@cache
def _frames() -> re.Pattern[str]:
    return _any_of("frames")


def _any_of(key: str) -> re.Pattern[str]:
    return re.compile("|".join(tomllib.loads((HERE / "failures.toml").read_text(encoding="utf-8"))[key]))
