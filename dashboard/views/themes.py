"""Themes over time: by day or hour, in rows or piled up, with the event's timeline; a mark opens its sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, parts, queries, reading
from dashboard.bar import Look
from dashboard.queries import Row
from dashboard.timeline import Span, clock

PLACE = 2
TITLE = "themes.title"
ICON = ":material/show_chart:"
# Layers of a pile that an eye can still tell apart; the others are one grey layer.
PILED = 6
# Hours by which a day's bar is narrower than the day at either end, so that days stand apart.
GAP = {"day": 1.5, "hour": 0.05}


def render(look: Look) -> None:
    words = look.words
    head = queries.head(look.source, look.event["id"], look.filters)
    parts.masthead(look, TITLE)
    parts.summary(look, head)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        step = st.segmented_control(
            words("themes.step"), ["day", "hour"], default="day", key="step", required=True,
            format_func=lambda name: words(f"themes.{name}"), persist_state="session",
        )  # fmt: skip
        shape = st.segmented_control(
            words("themes.shape"), ["rows", "pile"], default="rows", key="shape", required=True,
            format_func=lambda name: words(f"themes.{name}"), persist_state="session",
        )  # fmt: skip
    found = queries.by_theme_and(step, look.source, look.event["id"], look.filters)
    found = found[found["counted"] > 0] if not found.empty else found
    if found.empty:
        st.info(words("note.no_themes"))
        return
    parts.small(look, head["scored"])
    chosen = _chart(look, found, step, shape, Span.of(head["first_day"], head["last_day"]))
    _captions(look, head, step)
    if chosen:
        _sentences(look, chosen, step)


def _chart(look: Look, found: pd.DataFrame, step: str, shape: str, span: Span) -> dict[str, Any] | None:
    words = look.words
    hours = 24 if step == "day" else 1
    found = parts.named(look, found)
    found = found.assign(
        at=[clock(moment) + GAP[step] for moment in found["moment"]],
        end=[clock(moment) + hours - GAP[step] for moment in found["moment"]],
        when=[words.moment(step, moment) for moment in found["moment"]],
    )
    sums = found.groupby("theme_id")["counted"].sum().sort_values(ascending=False, kind="stable")
    totals = [(str(theme), int(total)) for theme, total in sums.items()]
    marks = parts.marks(look)
    if shape == "rows":
        place = {theme: number for number, (theme, _) in enumerate(totals)}
        names = [f"{parts.theme_names(look)[theme][0]}  {total:,}" for theme, total in totals]
        found = found.assign(row=[place[theme] for theme in found["theme_id"]])
        chart = charts.theme_rows(found, names, marks, span, words)
    else:
        piled = _pile(look, found, [theme for theme, _ in totals])
        parts.legend([(row.name_, row.colour) for row in _layers(piled)])
        chart = charts.theme_stack(piled, marks, span, words)
    state = st.altair_chart(chart, theme=None, on_select="rerun", key=f"themes.{step}.{shape}", alt=words("themes.alt"))
    chosen = parts.selected(state, "mark")
    return chosen if chosen and chosen["moment"] in set(found["moment"]) else None


def _pile(look: Look, found: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The loudest themes and one grey layer of the rest, each bar with where it begins and ends."""
    rest = look.words("themes.rest")
    place = {theme: number for number, theme in enumerate(order[:PILED])}
    loud = found[found["theme_id"].isin(place)].assign(layer=lambda f: f["theme_id"].map(place))
    quiet = found[~found["theme_id"].isin(place)]
    if not quiet.empty:
        sums = quiet.groupby(["moment", "at", "end", "when"], as_index=False)[["counted", "voices", "sentences"]].sum()
        loud = pd.concat(
            [loud, sums.assign(theme_id="", name=rest, colour=charts.REST, layer=PILED)], ignore_index=True
        )
    loud = loud.sort_values(["moment", "layer"])
    high = loud.groupby("moment")["counted"].cumsum()
    return loud.assign(high=high, low=high - loud["counted"])


def _layers(piled: pd.DataFrame) -> list[Any]:
    layers = piled.drop_duplicates("layer").sort_values("layer").rename(columns={"name": "name_"})
    return list(layers.itertuples())


def _captions(look: Look, head: Row, step: str) -> None:
    words = look.words
    missing = head["without_hour" if step == "hour" else "without_day"]
    told = [words("themes.how", measure=parts.measure(look)), words("note.several_themes")]
    told += [words(f"note.without_{step}", documents=missing)] if missing else []
    told += [words("note.rules")] if Span.of(head["first_day"], head["last_day"]).days > charts.SHORT else []
    st.caption(" ".join(told))


def _sentences(look: Look, chosen: dict[str, Any], step: str) -> None:
    """The sentences behind a mark: of its theme and moment, under the filters on screen."""
    words, moment = look.words, str(chosen["moment"])
    theme = str(chosen["theme_id"])
    filters = replace(
        look.filters, theme=(theme,) if theme else _rest(look), polarity=parts.complaints(look.filters),
        since=moment, until=moment,
    )  # fmt: skip
    name = parts.theme_names(look)[theme][0] if theme else words("themes.rest")
    total = queries.how_many(look.source, look.event["id"], filters)
    st.subheader(words("themes.behind", theme=name, when=words.moment(step, moment), total=f"{total:,}"))
    reading.sentences(look, filters, "themes")


def _rest(look: Look) -> tuple[str, ...]:
    """The themes in the grey layer."""
    totals = queries.by_theme(look.source, look.event["id"], look.filters)
    return tuple(totals["theme_id"][PILED:])
