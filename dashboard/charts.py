"""Frames to charts: pure functions, no Streamlit and no store.

Frames come with their names already in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.texts import Words
from dashboard.timeline import INK, MUTED, PALE, Span, lanes, rules, time_axis, top_of

FONT = "'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', 'Apple SD Gothic Neo', sans-serif"
COMPLAINT = "#8c3b2e"
REST = "#c3c6cc"
# Paul Tol's "muted" scheme with its two extensions: told apart under the three common colour deficiencies.
# Ordered so that themes that often meet in one chart differ in lightness as well.
THEMES = (
    "#332288", "#6699cc", "#117733", "#cc6677", "#ddaa33", "#882255",
    "#44aa99", "#aa4499", "#999933", "#88ccee", "#661100", "#aa4466",
)  # fmt: skip
HEAT = ("#f6efe9", "#e3bfa9", "#c9826a", "#a34a3a", "#6d2018")
# Days up to which every day's n stands under its point and every mark of the timeline is labelled.
SHORT = 12
# Under this many scored sentences a share is drawn hollow: at 30 its 95 % interval spans some ±18 points.
LEAST = 30


def theme_colour(position: int) -> str:
    """The colour of a theme by its place in the event file: the same on every page."""
    return THEMES[position % len(THEMES)]


def theme_bars(found: pd.DataFrame, words: Words) -> alt.Chart:
    """Themes as horizontal bars, the loudest first. Columns: name, colour, counted, voices, share."""
    base = alt.Chart(found).encode(y=alt.Y("name:N", sort=None, title=None, axis=_names()))
    bars = base.mark_bar(height=14, cornerRadiusEnd=2).encode(
        x=alt.X("counted:Q", axis=None, scale=alt.Scale(domainMax=_above(found["counted"], 1.75))),
        color=alt.Color("colour:N", scale=None),
        tooltip=_tips(words, "name", "counted", "voices", "sentences", "share"),
    )
    text = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(x="counted:Q", text="note:N")
    return _drawn(bars + text, 22 * len(found))


def share_by_day(found: pd.DataFrame, marks: Sequence[dict[str, Any]], span: Span, words: Words) -> alt.Chart:
    """The share of what is counted, day by day, with the timeline.

    Columns: at, ratio, solid (enough to count on), stretch (days the line joins), n, counted, scored, undecided.
    """
    height, x = 238, time_axis(span, words)
    placed = lanes(marks, span, 500)
    top = _above(found["ratio"], 1.15)
    y = alt.Y(
        "ratio:Q",
        scale=alt.Scale(domain=[0, min(1, top)], range=[height, top_of(placed)]),
        axis=alt.Axis(format=".0%", title=None, tickCount=4, gridColor=PALE, domain=False, ticks=False),
    )
    base = alt.Chart(found).encode(x=x, y=y)
    line = base.transform_filter("datum.solid").mark_line(color=COMPLAINT, strokeWidth=2).encode(detail="stretch:N")
    points = base.mark_point(size=46, filled=True, opacity=1, strokeWidth=1.4).encode(
        color=alt.condition("datum.solid", alt.value(COMPLAINT), alt.value("#ffffff")),
        stroke=alt.condition("datum.solid", alt.value(COMPLAINT), alt.value("#c9a39b")),
        tooltip=_tips(words, "when", "share", "counted", "scored", "undecided"),
    )
    said = [
        alt.Chart(found)
        .mark_text(color=MUTED, fontSize=10, baseline="bottom", stroke=halo, strokeWidth=4 if halo else 0)
        .encode(x=x, y=alt.value(height - 4), text="n:N")
        for halo in ("#ffffff", None)
        if span.days <= SHORT
    ]
    plot = alt.layer(line, points)
    return _drawn(alt.layer(*rules(placed, x, height), *said, plot).resolve_scale(y="independent"), height)


def spark(found: pd.DataFrame, colour: str, span: Span, words: Words) -> alt.Chart:
    """One theme's days as a small row of bars. Columns: at, end, counted, when."""
    x = alt.X("at:Q", axis=None, scale=alt.Scale(domain=[span.start, span.end], nice=False, zero=False))
    bars = (
        alt.Chart(found)
        .mark_bar(color=colour, orient="vertical")
        .encode(x=x, x2="end:Q", y=alt.Y("counted:Q", axis=None), tooltip=_tips(words, "when", "counted"))
    )
    return _drawn(bars, 38)


def theme_rows(
    found: pd.DataFrame, names: Sequence[str], marks: Sequence[dict[str, Any]], span: Span, words: Words
) -> alt.LayerChart:
    """Small multiples in one plot: a row a theme, the same scale for all, so that rows can be compared.

    ``names`` run from the top row down. Columns of ``found``: row, at, end, counted, colour, when.
    """
    placed = lanes(marks, span, 800)
    top = top_of(placed) + 8
    height = top + 46 * len(names)
    most = max(1, int(found["counted"].max()))
    data = found.assign(base=found["row"] + 1, tip_y=found["row"] + 1 - 0.82 * found["counted"] / most)
    listed = json.dumps(list(names), ensure_ascii=False)
    axis = alt.Axis(
        values=[row + 0.72 for row in range(len(names))],
        labelExpr=f"{listed}[floor(datum.value)]",
        title=None, ticks=False, domain=False, grid=False, labelFontSize=12, labelColor=INK, labelLimit=190,
    )  # fmt: skip
    y = alt.Y("tip_y:Q", axis=axis, scale=alt.Scale(domain=[0, len(names)], range=[top, height], nice=False))
    bars = _selectable(data, time_axis(span, words), y, words).encode(y2="base:Q")
    if span.days <= 16 and (data["end"] - data["at"]).min() > 12:
        told = alt.Chart(data.assign(at=(data["at"] + data["end"]) / 2)).mark_text(color=MUTED, fontSize=10, dy=-6)
        bars += told.encode(x=time_axis(span, words), y=y, text=alt.Text("counted:Q", format=",d"))
    return _drawn(_over_rules(placed, bars, _floors(len(names), span, top, height), span, words, height), height)


def theme_stack(found: pd.DataFrame, marks: Sequence[dict[str, Any]], span: Span, words: Words) -> alt.LayerChart:
    """All themes on one pile: the loudest at the bottom. Columns: at, end, low, high, counted, colour, name, when."""
    placed = lanes(marks, span, 960)
    height = 420
    axis = alt.Axis(title=None, tickCount=5, gridColor=PALE, domain=False, ticks=False, format=",d", tickMinStep=1)
    scale = alt.Scale(domain=[0, _above(found["high"], 1.03)], range=[height, top_of(placed)], nice=False)
    y = alt.Y("high:Q", axis=axis, scale=scale)
    bars = _selectable(found.assign(tip_y=found["high"]), time_axis(span, words), y, words).encode(y2="low:Q")
    return _drawn(_over_rules(placed, bars, None, span, words, height), height)


def heat(found: pd.DataFrame, columns: Sequence[str], lines: Sequence[str], words: Words) -> alt.LayerChart:
    """Theme by target: a cell's shade and number are what is counted in it. Columns: name, target, counted, …"""
    pick = alt.selection_point(name="cell", fields=["theme_id", "target_id"], on="click", clear="dblclick")
    most = max(1, int(found["counted"].max()))
    base = alt.Chart(found).encode(
        x=alt.X(
            "target:N", sort=list(columns), title=None,
            axis=alt.Axis(orient="top", labelAngle=-35, labelFontSize=12, labelLimit=160, ticks=False, domain=False,
                          labelColor=INK, labelPadding=6),
        ),
        y=alt.Y("name:N", sort=list(lines), title=None, axis=_names()),
    )  # fmt: skip
    cells = base.mark_rect(cornerRadius=3, cursor="pointer").encode(
        color=alt.Color("counted:Q", scale=alt.Scale(domain=[0, most], range=list(HEAT)), legend=None),
        stroke=alt.condition(pick, alt.value(INK), alt.value("#ffffff"), empty=False),
        strokeWidth=alt.condition(pick, alt.value(2.5), alt.value(3), empty=False),
        tooltip=_tips(words, "name", "target", "counted", "voices", "sentences", "share"),
    )
    blank = [{"name": line, "target": column} for line in lines for column in columns]
    floor = alt.Chart(pd.DataFrame(blank)).mark_rect(cornerRadius=3, color="#f7f7f4", stroke="#ffffff", strokeWidth=3)
    floor = floor.encode(x=base.encoding.x, y=base.encoding.y)
    text = base.mark_text(fontSize=12, tooltip=False).encode(
        text=alt.Text("counted:Q", format=",d"),
        color=alt.condition(f"datum.counted > {most * 0.45}", alt.value("#ffffff"), alt.value(INK)),
    )
    return _drawn(floor + cells.add_params(pick) + text, 36 * len(lines))


# ── shared ───────────────────────────────────────────────────────────────────
def _selectable(data: pd.DataFrame, x: alt.X, y: alt.Y, words: Words) -> alt.Chart:
    """Bars of a theme at a moment that can be clicked; the selection names theme_id and moment."""
    pick = alt.selection_point(name="mark", fields=["theme_id", "moment"], on="click", clear="dblclick")
    return (
        alt.Chart(data)
        .mark_bar(cursor="pointer", orient="vertical")
        .encode(
            x=x, x2="end:Q", y=y,
            color=alt.Color("colour:N", scale=None),
            opacity=alt.condition(pick, alt.value(1), alt.value(0.35)),
            tooltip=_tips(words, "name", "when", "counted", "voices", "sentences"),
        )
        .add_params(pick)
    )  # fmt: skip


def _over_rules(
    placed: Sequence[dict[str, Any]], bars: Any, floors: alt.Chart | None, span: Span, words: Words, height: int
) -> alt.LayerChart:
    under = [*rules(placed, time_axis(span, words), height), *([floors] if floors else [])]
    return alt.layer(*under, bars).resolve_scale(y="independent")


def _floors(count: int, span: Span, top: int, height: int) -> alt.Chart:
    """The ground line of every row."""
    ground = pd.DataFrame({"y": [top + (row + 1) * (height - top) / count for row in range(count)]})
    return alt.Chart(ground).mark_rule(color=PALE).encode(y=alt.Y("y:Q", scale=None, axis=None))


def _names() -> alt.Axis:
    return alt.Axis(ticks=False, domain=False, labelFontSize=12, labelColor=INK, labelPadding=8, labelLimit=200)


def _above(values: pd.Series[Any], times: float) -> float:
    return max(float(values.max()), 0.01) * times


def _tips(words: Words, *columns: str) -> list[alt.Tooltip]:
    numbers = {"counted", "voices", "sentences", "scored", "undecided"}
    return [
        alt.Tooltip(f"{name}:{'Q' if name in numbers else 'N'}", title=words(f"tip.{name}"))
        if name not in numbers
        else alt.Tooltip(f"{name}:Q", title=words(f"tip.{name}"), format=",d")
        for name in columns
    ]


def _drawn(chart: Any, height: int) -> Any:
    """The house style: one font, no frame, drawn as SVG so that text stays text."""
    return (
        chart.properties(
            height=height,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            usermeta={"embedOptions": {"renderer": "svg", "actions": False}},
        )
        .configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelColor=MUTED, labelFontSize=11, titleColor=MUTED)
    )
