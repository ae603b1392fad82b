"""Theme by target: which complaint meets which service; a cell opens its sentences."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import charts, parts, queries, reading
from dashboard.bar import Look

PLACE = 3
TITLE = "matrix.title"
ICON = ":material/grid_on:"


def render(look: Look) -> None:
    words = look.words
    head = queries.head(look.source, look.event["id"], look.filters)
    parts.masthead(look, TITLE)
    parts.summary(look, head)
    found = queries.by_theme_and_target(look.source, look.event["id"], look.filters)
    found = found[found["counted"] > 0] if not found.empty else found
    if found.empty:
        st.info(words("matrix.none"))
        return
    parts.small(look, head["scored"])
    labels = {row["id"]: words.label(row) for row in look.targets}
    found = parts.named(look, found[found["target_id"].isin(list(labels))])
    found = found.assign(target=[labels[name] for name in found["target_id"]])
    chart = charts.heat(found, _by_size(found, "target"), _by_size(found, "name"), words)
    state = st.altair_chart(chart, theme=None, on_select="rerun", key="matrix", alt=words("matrix.alt"))
    st.caption(" ".join([words("matrix.how", measure=parts.measure(look)), words("note.several_themes")]))
    chosen = parts.selected(state, "cell")
    if chosen and ((found["theme_id"] == chosen["theme_id"]) & (found["target_id"] == chosen["target_id"])).any():
        _sentences(look, chosen["theme_id"], chosen["target_id"])


def _by_size(found: pd.DataFrame, column: str) -> list[str]:
    return list(found.groupby(column)["counted"].sum().sort_values(ascending=False, kind="stable").index)


def _sentences(look: Look, theme: str, target: str) -> None:
    filters = replace(look.filters, theme=(theme,), target=(target,), polarity=parts.complaints(look.filters))
    labels = {row["id"]: look.words.label(row) for row in look.targets}
    total = queries.how_many(look.source, look.event["id"], filters)
    name = parts.theme_names(look)[theme][0]
    st.subheader(look.words("matrix.behind", theme=name, target=labels[target], total=f"{total:,}"))
    reading.sentences(look, filters, "matrix")
