"""The time axis and the event's timeline over it, for charts that run through days.

Time is drawn as hours since 1970 of the Korean wall clock, a plain number, so that a browser in
another zone shows the same day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard.texts import Words

INK, MUTED, RULE, PALE = "#22272e", "#6b7280", "#d9d9d3", "#eeeeea"
# Labels of the timeline: the width of a letter and the height of a line at 11 px, as measured in Noto Sans CJK.
LETTER, LINE = 9.5, 15
# Lanes of labels over a chart: four hold the ten marks of the first ten days at 500 px.
LANES = 4


def clock(moment: str) -> float:
    """A KST moment (a day counts from its first minute) as hours of the Korean wall clock since 1970."""
    return (datetime.fromisoformat(moment).replace(tzinfo=None) - datetime(1970, 1, 1)) / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a time axis shows, as clock hours: from the first one's start to the last one's end."""

    start: float
    end: float

    @classmethod
    def of(cls, first_day: str, last_day: str) -> Span:
        return cls(clock(first_day[:10]), clock(last_day[:10]) + 24)

    @property
    def days(self) -> int:
        return round((self.end - self.start) / 24)


def time_axis(span: Span, words: Words, labels: bool = True) -> alt.X:
    """Days named at their noon (``10/15 토``), as many as there is room for; hours when there are few days."""
    names = json.dumps(words.weekdays(), ensure_ascii=False)
    at = "toDate(datum.value * 3600000)"
    day = f"utcFormat({at}, '%-m/%-d') + ' ' + {names}[utcday({at})]"
    every = max(1, round(span.days / 14))
    values = [span.start + 24 * number + 12 for number in range(0, span.days, every)]
    if span.days <= 2:
        values = [span.start + 3 * number for number in range(span.days * 8 + 1)]
        day = f"utchours({at}) == 0 ? {day} : utchours({at}) + '{words('time.clock')}'"
    axis = alt.Axis(values=values, labelExpr=day, title=None, grid=False, ticks=False, labelPadding=8, domainColor=RULE,
                    labelOverlap="parity", labelSeparation=6)  # fmt: skip
    scale = alt.Scale(domain=[span.start, span.end], nice=False, zero=False)
    return alt.X("at:Q", axis=axis if labels else None, scale=scale)


def lanes(marks: Sequence[dict[str, Any]], span: Span, width: int) -> list[dict[str, Any]]:
    """The marks of a timeline inside a span, each with the lane in which its label meets no other.

    A label reaches right of its rule, or left where it would leave the chart. What the company did is
    placed first; a label that finds no room in LANES lanes is left to the tooltip of its rule.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LANES)]
    placed = []
    for mark in sorted(marks, key=lambda mark: (-mark["response"], mark["at"])):
        at = clock(mark["at"])
        if not span.start <= at <= span.end:
            continue
        x = (at - span.start) / (span.end - span.start) * width
        reach = _width(mark["text"]) + 8
        box = (x - reach, x) if x + reach > width else (x, x + reach)
        free = (n for n, lane in enumerate(taken) if all(box[1] <= left or right <= box[0] for left, right in lane))
        lane = next(free, None)
        if lane is not None:
            taken[lane].append(box)
        text = mark["text"] if lane is not None else ""
        placed.append({**mark, "at": at, "text": text, "lane": lane or 0, "leftward": box[0] < x})
    return [mark | {"y": mark["lane"] * LINE + 9 if mark["text"] else top_of(placed)} for mark in placed]


def _width(text: str) -> float:
    """About how many pixels a label takes: Hangul is twice as wide as Latin."""
    return sum(LETTER if ord(letter) > 0x2E80 else LETTER * 0.6 for letter in text)


def top_of(placed: Sequence[dict[str, Any]]) -> int:
    """Where the plot begins under the labels, in pixels."""
    return (max((mark["lane"] for mark in placed), default=-1) + 1) * LINE + (10 if placed else 4)


def rules(placed: Sequence[dict[str, Any]], x: alt.X, height: int) -> list[alt.Chart]:
    """Thin rules with their labels; what the company itself did is set in ink."""
    if not placed:
        return []
    y = alt.Y("y:Q", scale=None, axis=None)
    base = alt.Chart(pd.DataFrame(placed)).encode(x=x, y=y, tooltip=[alt.Tooltip("tip:N", title=" ")])
    layers = [base.mark_rule(color="#b9bbc0", strokeWidth=1).encode(y2=alt.value(height))]
    for halo in (True, False):
        for leftward in (False, True):
            text = base.mark_text(
                align="right" if leftward else "left", dx=-4 if leftward else 4, fontSize=11,
                stroke="#ffffff" if halo else None, strokeWidth=4 if halo else 0,
            )  # fmt: skip
            ink = alt.condition("datum.response == 1", alt.value(INK), alt.value(MUTED))
            layers.append(
                text.transform_filter(f"datum.leftward == {str(leftward).lower()}").encode(text="text:N", color=ink)
            )
    return layers
