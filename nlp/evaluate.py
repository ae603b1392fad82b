"""Compare a scorer with labelled sentences, and score lines of text for the command line.

Texts are read in composed letters (NFC), as crawl and import store them.

Conventions: a text is one unit; when it splits into several sentences their probabilities are averaged
by length and their themes and targets united. The answer is the most probable label, also where the
product would say undecided, so that figures compare with other models'; undecided texts are counted
beside it. An unscored text is a wrong answer. :func:`confusion` alone counts what the product says.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from data.events import Event
from nlp.annotate import CHUNK, Analyser, ReadSentence, chunks
from nlp.compare import compare
from nlp.scorers import POLARITIES, Scorer

CODES = ("neg", "neu", "pos")
COLUMNS = ("polarity", "themes", "targets", "text")
_LONG = dict(zip(CODES, POLARITIES, strict=True))
KINDS = ("blog", "news")
UNKNOWN = "unknown"


class BadRows(ValueError):
    """A file of labelled sentences cannot be used; the message names the line and the cure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. ``polarity`` is neg, neu or pos, ``kind`` blog, news or unknown."""

    polarity: str
    themes: frozenset[str]
    targets: frozenset[str]
    text: str
    kind: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about a text; ``polarity`` is None when nothing in it could be scored."""

    polarity: str | None
    undecided: bool
    themes: frozenset[str]
    targets: frozenset[str]


def read_rows(path: Path, event: Event) -> list[Row]:
    """Rows of a tab-separated UTF-8 file with the columns polarity, themes, targets, text and, if
    wanted, kind (blog or news).

    Themes and targets are ids of the event, parted by commas; ``-`` is none. Only CR and LF end a row: other line
    separators (U+2028, U+0085 …) are part of the text. Raises :class:`BadRows`.
    """
    try:
        content = unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadRows(f"{path} is not UTF-8 (byte {error.start}): save it again as UTF-8") from error
    except OSError as error:
        raise BadRows(f"{path} cannot be read: {error.strerror}; check the path") from error
    table = csv.DictReader(StringIO(content, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    if missing := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        cure = f"the first line must name {', '.join(COLUMNS)}, parted by tabs"
        raise BadRows(f"{path}, line 1: column {', '.join(missing)} is missing; {cure}")
    try:
        rows = [_row(event, raw, f"{path}, line {table.line_num}") for raw in table]
    except csv.Error as error:
        raise BadRows(f"{path}, after line {table.line_num}: {error}; is it a table parted by tabs?") from error
    if not rows:
        raise BadRows(f"{path} has no rows under its heading: add at least one labelled sentence")
    return rows


def evaluate(event: Event, scorer: Scorer, rows: Sequence[Row]) -> dict[str, Any]:
    """Figures as plain JSON values. Shares and F1 lie between 0 and 1; what cannot be measured is null."""
    return figures(event, scorer, rows, answers(event, scorer, rows))


def side_by_side(
    event: Event, scorers: Sequence[Scorer], rows: Sequence[Row], said: Sequence[Sequence[Answer]]
) -> dict[str, Any]:
    """The figures of several scorers from their answers, and a comparison of each two on polarity."""
    truth = [row.polarity for row in rows]
    polarities = {one.model_id: [a.polarity for a in given] for one, given in zip(scorers, said, strict=True)}
    return {
        "n": len(rows),
        "scorers": [figures(event, one, rows, given) for one, given in zip(scorers, said, strict=True)],
        "comparison": compare(truth, polarities),
    }


def answers(event: Event, scorer: Scorer, rows: Sequence[Row]) -> list[Answer]:
    """What a scorer says about each text."""
    analyser = Analyser(event, scorer)
    return [
        _answer(read, scorer.undecided_below)
        for chunk in chunks((row.text for row in rows), CHUNK)
        for read in analyser.read(chunk)
    ]


def figures(event: Event, scorer: Scorer, rows: Sequence[Row], said: Sequence[Answer]) -> dict[str, Any]:
    """The figures of :func:`evaluate` from a scorer's answers."""
    return {
        "n": len(rows),
        "scorer": scorer.model_id,
        "polarity": _polarity(rows, said),
        "themes": _themes(event, rows, said),
        "targets": _ratios(*_counts([row.targets for row in rows], [answer.targets for answer in said])),
    }


def confusion(rows: Sequence[Row], said: Sequence[Answer]) -> dict[tuple[str, str, str], int]:
    """How many texts of each (kind, true polarity, label) there are, with *undecided* as the product would say it.

    Every kind that occurs has all twelve cells. Unscored texts are in none: the product leaves them out as well.
    """
    found = Counter(
        (row.kind, _LONG[row.polarity], "undecided" if answer.undecided else _LONG[answer.polarity])
        for row, answer in zip(rows, said, strict=True)
        if answer.polarity is not None
    )
    kinds = sorted({kind for kind, _, _ in found})
    return {
        (kind, truth, label): found[kind, truth, label]
        for kind in kinds
        for truth in POLARITIES
        for label in (*POLARITIES, "undecided")
    }


def score(event: Event, scorer: Scorer, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One plain dict a line, in order; a line without text has no sentences.

    ``text`` is the line in NFC, and offsets are code points of it.
    """
    analyser = Analyser(event, scorer)
    for chunk in chunks((unicodedata.normalize("NFC", line.rstrip("\r\n")) for line in lines), CHUNK):
        for text, read in zip(chunk, analyser.read(chunk), strict=True):
            yield {"text": text, "sentences": [_as_dict(one) for one in read]}


def _as_dict(one: ReadSentence) -> dict[str, Any]:
    values = (one.score.negative, one.score.neutral, one.score.positive)
    scored = one.score.negative is not None
    return {
        "start": one.sentence.start,
        "end": one.sentence.end,
        "text": one.sentence.text,
        "polarity": one.score.polarity,
        "probabilities": dict(zip(POLARITIES, values, strict=True)) if scored else None,
        "themes": [{"id": theme, "probability": probability} for theme, probability in one.themes],
        "targets": list(dict.fromkeys(mention.target for mention in one.mentions)),
        "tone": one.tone,
    }


def _row(event: Event, raw: dict[str, str], place: str) -> Row:
    if None in raw:
        raise BadRows(f"{place}: more cells than the heading names; put a space in the place of tabs in the text")
    text = (raw["text"] or "").strip()
    if not text:
        raise BadRows(f"{place}: the text is empty; write a sentence or delete the line")
    if raw["polarity"] not in CODES:
        raise BadRows(f"{place}: unknown polarity {raw['polarity']!r}; known are {', '.join(CODES)}")
    themes = _ids(raw["themes"], "theme", [theme.id for theme in event.themes], place)
    targets = _ids(raw["targets"], "target", [target.id for target in event.targets], place)
    kind = (raw.get("kind") or "").strip().strip("-") or UNKNOWN
    if kind not in (*KINDS, UNKNOWN):
        raise BadRows(f"{place}: unknown kind {kind!r}; known are {', '.join(KINDS)}, - is unknown")
    return Row(raw["polarity"], themes, targets, text, kind)


def _ids(cell: str | None, what: str, known: Sequence[str], place: str) -> frozenset[str]:
    named = frozenset(name.strip() for name in (cell or "").split(",")) - {"", "-"}
    if unknown := named - set(known):
        raise BadRows(f"{place}: unknown {what} {', '.join(sorted(unknown))}; known are {', '.join(known)}, - is none")
    return named


def _answer(read: Sequence[ReadSentence], undecided_below: float) -> Answer:
    scored = [one for one in read if one.score.negative is not None]
    themes = frozenset(theme for one in read for theme, _ in one.themes)
    targets = frozenset(mention.target for one in read for mention in one.mentions)
    if not scored:
        return Answer(None, False, themes, targets)
    rows = [(one.score.negative, one.score.neutral, one.score.positive) for one in scored]
    mean = np.average(np.array(rows, dtype=float), axis=0, weights=[len(one.sentence.text) for one in scored])
    return Answer(CODES[int(mean.argmax())], bool(mean.max() < undecided_below), themes, targets)


def _polarity(rows: Sequence[Row], answers: Sequence[Answer]) -> dict[str, Any]:
    per_class = {}
    for code in CODES:
        true = sum(row.polarity == code == answer.polarity for row, answer in zip(rows, answers, strict=True))
        said = sum(answer.polarity == code for answer in answers)
        held = sum(row.polarity == code for row in rows)
        per_class[code] = _ratios(true, said - true, held - true) | {"n": held}
    present = [figures["f1"] for figures in per_class.values() if figures["n"]]
    undecided = sum(answer.undecided for answer in answers)
    right = sum(row.polarity == answer.polarity for row, answer in zip(rows, answers, strict=True))
    return {
        "accuracy": _share(right, len(rows)),
        "macro_f1": _share(sum(figure or 0.0 for figure in present), len(present)),
        "per_class": per_class,
        "undecided": undecided,
        "undecided_share": _share(undecided, len(rows)),
        "unscored": sum(answer.polarity is None for answer in answers),
    }


def _themes(event: Event, rows: Sequence[Row], answers: Sequence[Answer]) -> dict[str, Any]:
    """Macro-F1 is over the themes that occur in the rows or in the answers."""
    held, said = [row.themes for row in rows], [answer.themes for answer in answers]
    per_theme = {}
    for theme in event.themes:
        only = frozenset([theme.id])
        counts = _counts([one & only for one in held], [one & only for one in said])
        per_theme[theme.id] = _ratios(*counts) | {"n": sum(theme.id in one for one in held)}
    present = [figures["f1"] for figures in per_theme.values() if figures["f1"] is not None]
    micro = _ratios(*_counts(held, said))
    return {
        "micro_f1": micro["f1"],
        "macro_f1": _share(sum(present), len(present)),
        "precision": micro["precision"],
        "recall": micro["recall"],
        "per_theme": per_theme,
    }


def _counts(held: Sequence[frozenset[str]], said: Sequence[frozenset[str]]) -> tuple[int, int, int]:
    """True positives, false positives and false negatives over all rows."""
    pairs = list(zip(held, said, strict=True))
    return sum(len(a & b) for a, b in pairs), sum(len(b - a) for a, b in pairs), sum(len(a - b) for a, b in pairs)


def _ratios(true: int, false: int, missed: int) -> dict[str, float | int | None]:
    return {
        "precision": _share(true, true + false),
        "recall": _share(true, true + missed),
        "f1": _share(2 * true, 2 * true + false + missed),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
