"""Pieces that several pages share. Whatever comes from a crawled page is escaped before it is HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, queries
from dashboard.bar import Look, title
from dashboard.queries import Row
from data.quotes import Filters


def style() -> None:
    st.html(Path(__file__).with_name("style.css"))


def masthead(look: Look, heading: str) -> None:
    """The event, the page's name, what this is not, and in a demo store that all of it is invented."""
    words = look.words
    banner = f"<div class='y-demo'><b>{words('app.demo')}</b> {words('app.demo_more')}</div>" if look.invented else ""
    st.html(
        f"{banner}<div class='y-head'><div><div class='y-event'>{escape(title(look.event, words))}</div>"
        f"<h1>{escape(words(heading))}</h1></div>"
        f"<div class='y-not'><b>{words('app.not_a_poll')}</b> {words('app.not_a_poll_more')}</div></div>"
    )


def figures(items: Iterable[tuple[str, str, str]]) -> None:
    """A row of numbers: name, number, and what it is out of."""
    cells = "".join(
        f"<div><span>{escape(name)}</span><b>{escape(number)}</b><small>{escape(note)}</small></div>"
        for name, number, note in items
    )
    st.html(f"<div class='y-figures'>{cells}</div>")


def table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """A quiet table; numbers stand right."""
    held = [list(line) for line in lines]
    body = "".join(
        "<tr>"
        + "".join(f"<td class='{'n' if _numeric(value) else ''}'>{_cell(value)}</td>" for value in line)
        + "</tr>"
        for line in held
    )
    right = [bool(held) and _numeric(value) for value in (held[0] if held else columns)]
    heads = "".join(f"<th class='{'n' * n}'>{escape(name)}</th>" for name, n in zip(columns, right, strict=True))
    st.html(f"<table class='y-table'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>")


def _numeric(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value[:1].isdigit() and value[-1:] == "%")


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value if value is not None else "–"))


def measure(look: Look) -> str:
    """What the charts count: complaints, or the polarities that were chosen instead."""
    chosen = look.filters.polarity
    if chosen in ((), ("negative",)):
        return look.words("measure.complaints")
    return look.words("measure.others", names="·".join(look.words(f"polarity.{name}") for name in chosen))


def small(look: Look, scored: int) -> None:
    """Say that there is too little to read a chart by."""
    if scored < charts.LEAST:
        st.caption(f":material/warning: {look.words('note.small', n=scored, least=charts.LEAST)}")


def marks(look: Look) -> list[Row]:
    """The event's timeline as charts want it."""
    words = look.words
    return [
        {
            "at": row["at"],
            "text": words.label(row),
            "response": row["response"],
            "tip": f"{words.published(row['at'], 'minute')} {words.label(row)}",
        }
        for row in queries.timeline(look.source, look.event["id"])
    ]


def theme_names(look: Look) -> dict[str, tuple[str, str]]:
    """Theme ids with name and colour."""
    return {row["id"]: (look.words.label(row), charts.theme_colour(row["position"])) for row in look.themes}


def named(look: Look, found: pd.DataFrame) -> pd.DataFrame:
    """The frame with the names, colours and shares that charts show; themes the event no longer has are left out."""
    names, words = theme_names(look), look.words
    found = found[found["theme_id"].isin(list(names))]
    return found.assign(
        name=[names[theme][0] for theme in found["theme_id"]],
        colour=[names[theme][1] for theme in found["theme_id"]],
        share=[words.share(*pair) for pair in zip(found["counted"], found["scored"], strict=True)],
    )


def complaints(filters: Filters) -> tuple[str, ...]:
    """The polarities whose sentences stand behind a chart."""
    return filters.polarity or ("negative",)


def selected(state: Any, name: str) -> dict[str, str] | None:
    """The fields of the mark that was clicked in a chart, or None."""
    chosen = state.selection.get(name) or []
    return dict(chosen[0]) if chosen else None


def summary(look: Look, head: Row) -> None:
    """One line: what is on the screen and how much of it there is."""
    words = look.words
    told = words(
        "app.summary",
        documents=f"{head['documents']:,}",
        voices=f"{head['voices']:,}",
        sentences=f"{head['sentences']:,}",
        undecided=f"{head['undecided']:,}",
        unscored=f"{head['unscored']:,}",
    )
    st.html(f"<div class='y-summary'>{escape(told)}</div>")


def theme_heading(name: str, colour: str, note: str) -> None:
    square = f"<i style='background:{colour}'></i>"
    st.html(f"<div class='y-theme'>{square}<b>{escape(name)}</b><span>{escape(note)}</span></div>")


def legend(layers: Sequence[tuple[str, str]]) -> None:
    """Names with their colours, in the order of the pile."""
    chips = "".join(
        f"<span class='y-chip'><i style='background:{colour}'></i>{escape(name)}</span>" for name, colour in layers
    )
    st.html(f"<div class='y-row'>{chips}</div>")
