"""At a glance: how much was said, how much of it complains, about what, and since when."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard import charts, parts, queries
from dashboard.bar import Look
from dashboard.queries import Row
from dashboard.timeline import Span, clock

PLACE = 1
TITLE = "glance.title"
ICON = ":material/visibility:"
LOUDEST = 3


def render(look: Look) -> None:
    words = look.words
    head = queries.head(look.source, look.event["id"], look.filters)
    parts.masthead(look, TITLE)
    _figures(look, head)
    if not head["sentences"]:
        st.info(words("sentences.none"))
        return
    parts.small(look, head["scored"])
    by_theme = queries.by_theme(look.source, look.event["id"], look.filters)
    left, right = st.columns([5, 7], gap="large")
    with left:
        _themes(look, by_theme)
    with right:
        _share(look, head)
    if head["first_day"] and not by_theme.empty:
        _loudest(look, by_theme, Span.of(head["first_day"], head["last_day"]))


def _figures(look: Look, head: Row) -> None:
    words, measure = look.words, parts.measure(look)
    copies = words("glance.copies_out" if not look.filters.copies else "glance.copies_in")
    parts.figures(
        [
            (words("glance.documents"), words.number(head["documents"]), copies),
            (words("glance.voices"), words.number(head["voices"]), words("glance.voices_note")),
            (
                words("glance.share", measure=measure),
                words.share(head["counted"], head["scored"]),
                words("glance.share_note", counted=f"{head['counted']:,}", scored=f"{head['scored']:,}"),
            ),
            (
                words("glance.undecided"),
                words.number(head["undecided"]),
                words("glance.undecided_note", unscored=f"{head['unscored']:,}"),
            ),
        ]
    )


def _themes(look: Look, by_theme: pd.DataFrame) -> None:
    words = look.words
    st.subheader(words("glance.themes", measure=parts.measure(look)))
    if by_theme.empty:
        st.caption(words("note.no_themes"))
        return
    found = parts.named(look, by_theme)
    note = [
        words("glance.bar_note", counted=f"{row.counted:,}", voices=f"{row.voices:,}") for row in found.itertuples()
    ]
    st.altair_chart(charts.theme_bars(found.assign(note=note), words), theme=None, alt=words("glance.themes_alt"))
    st.caption(words("note.several_themes"))


def _share(look: Look, head: Row) -> None:
    words = look.words
    st.subheader(words("glance.days", measure=parts.measure(look)))
    found = queries.by_day(look.source, look.event["id"], look.filters)
    found = found[found["scored"] > 0] if not found.empty else found
    if found.empty:
        st.caption(words("note.no_days"))
        return
    found = found.assign(
        at=[clock(day) + 12 for day in found["day"]],
        ratio=found["counted"] / found["scored"],
        solid=found["scored"] >= charts.LEAST,
        when=[words.day(day) for day in found["day"]],
        n=[f"n {scored:,}" for scored in found["scored"]],
        stretch=_stretches(found),
        share=[words.share(*pair) for pair in zip(found["counted"], found["scored"], strict=True)],
    )
    span = Span.of(head["first_day"], head["last_day"])
    chart = charts.share_by_day(found, parts.marks(look), span, words)
    st.altair_chart(chart, theme=None, alt=words("glance.days_alt"))
    hollow = int((~found["solid"]).sum())
    told = [words("note.hollow", days=hollow, least=charts.LEAST)] if hollow else []
    told += [words("note.without_day", documents=head["without_day"])] if head["without_day"] else []
    told += [words("note.rules")] if span.days > charts.SHORT else []
    st.caption(" ".join(told))


def _stretches(found: pd.DataFrame) -> list[int]:
    """A number per day, the same for days in a row with enough sentences: a line joins no more than those."""
    breaks = pd.to_datetime(found["day"]).diff().dt.days.ne(1) | (found["scored"] < charts.LEAST)
    return list(breaks.cumsum())


def _loudest(look: Look, by_theme: pd.DataFrame, span: Span) -> None:
    """The three loudest themes, each with its days and since when it grew."""
    words = look.words
    found = queries.by_theme_and("day", look.source, look.event["id"], look.filters)
    st.subheader(words("glance.loudest"))
    loudest = parts.named(look, by_theme[by_theme["counted"] > 0].head(LOUDEST))
    for column, (_, theme) in zip(st.columns(LOUDEST, gap="medium"), loudest.iterrows(), strict=False):
        counts = found[found["theme_id"] == theme["theme_id"]].set_index("moment")["counted"]
        days = [(day, int(counts.get(day, 0))) for day in _days(span)]
        with column.container(border=True):
            _card(look, theme, days, span)


def _card(look: Look, theme: pd.Series, days: list[tuple[str, int]], span: Span) -> None:
    words = look.words
    parts.theme_heading(theme["name"], theme["colour"], words("glance.card", counted=f"{theme['counted']:,}"))
    bars = pd.DataFrame(
        [
            {"at": clock(day) + 3, "end": clock(day) + 21, "counted": count, "when": words.day(day)}
            for day, count in days
        ]
    )
    st.altair_chart(charts.spark(bars, theme["colour"], span, words), theme=None, alt=words("glance.spark_alt"))
    st.markdown(_growth(look, days))
    query = _link(look, theme["theme_id"])
    st.page_link(look.pages["sentences"], label=words("glance.read"), icon=":material/notes:", query_params=query)


def _growth(look: Look, days: list[tuple[str, int]]) -> str:
    """Since when it grew, when it was loudest, and where it stands on the last day."""
    words = look.words
    found = queries.climb(days)
    if found is None:
        return words("glance.no_growth")
    since, peak, most = found
    first = words("glance.at_once", peak=words.day(peak), most=f"{most:,}")
    grew = words("glance.grew", since=words.day(since), peak=words.day(peak), most=f"{most:,}")
    last, left = days[-1]
    now = words("glance.left", last=words.day(last), left=f"{left:,}") if last != peak else ""
    return f"{first if since == peak else grew} {now}".strip()


def _link(look: Look, theme_id: str) -> dict[str, list[str]]:
    """The address of the sentences behind a theme, under the filters on screen."""
    query = dict(st.session_state["told"])
    return query | {"theme": [theme_id], "polarity": list(parts.complaints(look.filters))}


def _days(span: Span) -> list[str]:
    first = date(1970, 1, 1) + timedelta(hours=span.start)
    return [(first + timedelta(days=number)).isoformat() for number in range(span.days)]
