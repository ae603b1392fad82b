"""Every SELECT of the dashboard, over the views of the store; each answer is cached until the store changes.

Answers are small: counts by theme, target, day or hour, and sentences a page at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data.quotes import Filters, Key, Order, Quote, condition, polarity_of
from data.quotes import count as count_quotes
from data.quotes import quotes as stream_quotes
from data.store import NAME, Store

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A store as it stood at one moment: part of every cache key, so a changed store is read anew."""

    home: str
    stamp: tuple[int, ...]


def source(home: Path) -> Source:
    files = (home / NAME, home / f"{NAME}-wal")
    return Source(str(home), tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files))


@st.cache_data(show_spinner=False, max_entries=500)
def _answer(source: Source, sql: str, values: tuple[Any, ...]) -> list[Row]:
    with Store.read(Path(source.home)) as store:
        return list(store.rows(sql, values))


def rows(source: Source, sql: str, values: tuple[Any, ...] = ()) -> list[Row]:
    found: list[Row] = _answer(source, sql, values)
    return found


def frame(source: Source, sql: str, values: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows(source, sql, tuple(values)))


# ── what there is ────────────────────────────────────────────────────────────
def kind(source: Source) -> str:
    return str(rows(source, "SELECT value FROM about WHERE key = 'kind'")[0]["value"])


def events(source: Source) -> list[Row]:
    """The events of the store, the one with the most documents first."""
    sql = "SELECT e.* FROM events e LEFT JOIN event_documents ed ON ed.event_id = e.id AND ed.belongs = 1"
    return rows(source, f"{sql} GROUP BY e.id ORDER BY count(ed.document_id) DESC, e.id")


def themes(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM themes WHERE event_id = ? ORDER BY position", (event_id,))


def targets(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM targets WHERE event_id = ? ORDER BY position", (event_id,))


def platforms(source: Source, event_id: str) -> list[str]:
    sql = "SELECT DISTINCT platform FROM document_facts WHERE event_id = ? ORDER BY platform"
    return [row["platform"] for row in rows(source, sql, (event_id,))]


def period(source: Source, event_id: str) -> tuple[str, str] | None:
    """First and last day that any counted document bears; None when all are undated."""
    sql = "SELECT min(day) AS first, max(day) AS last FROM document_facts WHERE event_id = ?"
    found = rows(source, sql, (event_id,))[0]
    return (found["first"], found["last"]) if found["first"] else None


def timeline(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM timeline WHERE event_id = ? ORDER BY at", (event_id,))


# ── numbers ──────────────────────────────────────────────────────────────────
def counted(event_id: str, filters: Filters) -> tuple[str, list[Any]]:
    """What is counted, as SQL: complaints, or the polarities chosen instead; toward the chosen targets, if any.

    Shares are of all scored sentences, so the polarity never narrows what they are shares of.
    """
    return polarity_of(event_id, replace(filters, polarity=filters.polarity or ("negative",)))


def _tally(source: Source, event_id: str, filters: Filters, facts: str, by: Sequence[str]) -> pd.DataFrame:
    """Sentences, scored ones, counted ones and the voices behind these, by columns of a view that are known.

    A sentence with two themes is found by either, but only the chosen theme is shown of it; so with targets.
    """
    # A row for each target has the polarity toward that target; another row is toward any that were chosen.
    what, chosen = counted(event_id, replace(filters, target=()) if "target_id" in by else filters)
    where, values = condition(event_id, replace(filters, polarity=()))
    for column in by:
        where += f" AND {column} IS NOT NULL"
        if ids := {"theme_id": filters.theme, "target_id": filters.target}.get(column):
            where += f" AND {column} IN ({', '.join('?' * len(ids))})"
            values += ids
    return frame(
        source,
        f"SELECT {', '.join(by)}, count(*) AS sentences, sum(is_scored) AS scored, sum(hit) AS counted,"
        " sum(polarity = 'undecided') AS undecided, count(DISTINCT CASE WHEN hit THEN family_id END) AS voices"
        f" FROM (SELECT *, {what} AS hit FROM {facts} WHERE {where}) GROUP BY {', '.join(by)}",
        [*chosen, *values],
    )


def head(source: Source, event_id: str, filters: Filters) -> Row:
    """The numbers that stand beside every chart: what was looked at, and what was left out of the time axis."""
    what, chosen = counted(event_id, filters)
    where, values = condition(event_id, replace(filters, polarity=()))
    sql = (
        "SELECT count(DISTINCT document_id) AS documents, count(DISTINCT family_id) AS voices,"
        " count(*) AS sentences, coalesce(sum(is_scored), 0) AS scored, coalesce(sum(hit), 0) AS counted,"
        " coalesce(sum(polarity = 'undecided'), 0) AS undecided, coalesce(sum(1 - is_scored), 0) AS unscored,"
        " count(DISTINCT CASE WHEN day IS NULL THEN document_id END) AS without_day,"
        " count(DISTINCT CASE WHEN hour IS NULL THEN document_id END) AS without_hour,"
        " min(day) AS first_day, max(day) AS last_day"
        f" FROM (SELECT *, {what} AS hit FROM sentence_facts WHERE {where})"
    )
    return rows(source, sql, (*chosen, *values))[0]


def by_day(source: Source, event_id: str, filters: Filters) -> pd.DataFrame:
    return _tally(source, event_id, filters, "sentence_facts", ["day"])


def by_theme(source: Source, event_id: str, filters: Filters) -> pd.DataFrame:
    """Themes by what is counted, the loudest first."""
    found = _tally(source, event_id, filters, "theme_facts", ["theme_id"])
    return found if found.empty else found.sort_values(["counted", "theme_id"], ascending=[False, True])


def by_theme_and(step: str, source: Source, event_id: str, filters: Filters) -> pd.DataFrame:
    """Themes over time; ``step`` is day or hour, and what is not dated that exactly is not in it."""
    return _tally(source, event_id, filters, "theme_facts", ["theme_id", step]).rename(columns={step: "moment"})


def by_theme_and_target(source: Source, event_id: str, filters: Filters) -> pd.DataFrame:
    return _tally(source, event_id, filters, "theme_target_facts", ["theme_id", "target_id"])


def climb(days: Sequence[tuple[str, int]]) -> tuple[str, str, int] | None:
    """Since when it grew, when it was highest, and how high: ``days`` in order, with no day left out.

    From the highest day (the first, of several) back for as long as each day had more than the one before.
    """
    if not days or not any(count for _, count in days):
        return None
    peak = max(range(len(days)), key=lambda at: (days[at][1], -at))
    since = peak
    while since > 0 and days[since][1] > days[since - 1][1]:
        since -= 1
    return days[since][0], days[peak][0], days[peak][1]


# ── sentences ────────────────────────────────────────────────────────────────
@st.cache_data(show_spinner=False, max_entries=200)
def page(
    source: Source, event_id: str, filters: Filters, order: Order, after: Key | None, limit: int, named: bool
) -> list[Quote]:
    with Store.read(Path(source.home)) as store:
        return list(stream_quotes(store, event_id, filters, named=named, order=order, after=after, limit=limit))


@st.cache_data(show_spinner=False, max_entries=200)
def how_many(source: Source, event_id: str, filters: Filters) -> int:
    with Store.read(Path(source.home)) as store:
        return count_quotes(store, event_id, filters)


def paragraph(source: Source, document_id: str, start: int, end: int) -> tuple[str, str, str]:
    """The paragraph around a sentence, parted into what is before it, itself, and what is after."""
    text = str(rows(source, "SELECT text FROM documents WHERE id = ?", (document_id,))[0]["text"])
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return text[first:start], text[start:end], text[end : last if last >= 0 else len(text)]


# ── collection ───────────────────────────────────────────────────────────────
def collection(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM collection WHERE event_id = ? ORDER BY documents DESC", (event_id,))


def set_aside(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM set_aside WHERE event_id = ? ORDER BY documents DESC", (event_id,))


def grey(source: Source, event_id: str) -> list[Row]:
    """Sources whose last measured run broke what is expected of them: one row per broken measure."""
    return rows(source, "SELECT * FROM grey_sources WHERE event_id = ? ORDER BY platform, measure", (event_id,))


def refusals(source: Source, event_id: str) -> list[Row]:
    return rows(source, "SELECT * FROM refusals WHERE event_id = ? ORDER BY addresses DESC, outcome", (event_id,))


def addresses(source: Source, event_id: str) -> dict[str, int]:
    """Pages by where they stand: queued, done, refused, failed."""
    found = rows(source, "SELECT * FROM addresses_by_state WHERE event_id = ?", (event_id,))
    return {row["state"]: row["pages"] for row in found}


def unannotated(source: Source, event_id: str) -> int:
    """Counted documents without a sentence that the shown model has scored."""
    sql = (
        "SELECT count(*) AS documents FROM document_facts df WHERE df.event_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM annotations a JOIN events e ON e.id = a.event_id AND e.shown_model = a.model_id"
        " WHERE a.event_id = df.event_id AND a.document_id = df.document_id)"
    )
    return int(rows(source, sql, (event_id,))[0]["documents"])


def last_runs(source: Source, limit: int = 8) -> list[Row]:
    return rows(source, "SELECT * FROM runs ORDER BY id DESC LIMIT ?", (limit,))


def shown_model(source: Source, event_id: str) -> Row | None:
    sql = "SELECT m.* FROM models m JOIN events e ON e.shown_model = m.id WHERE e.id = ?"
    found = rows(source, sql, (event_id,))
    return found[0] if found else None
