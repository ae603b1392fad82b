"""The filter bar that all pages share, and its state in the address: what is seen can be sent to a colleague.

A filter lives in three places: the widget, the session and the address. The address wins when
it was changed from outside (a link, the back button); otherwise the widgets do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import streamlit as st

from dashboard import queries
from dashboard.queries import Row, Source
from dashboard.texts import DEFAULT, LANGUAGES, Words
from data.quotes import Filters

POLARITIES = ("negative", "neutral", "positive", "undecided", "unscored")
MANY = ("platform", "theme", "target", "polarity")


@dataclass(frozen=True, slots=True)
class Look:
    """What is being looked at: the store, the event, the filters and the language. ``pages`` are for links."""

    source: Source
    event: Row
    invented: bool
    filters: Filters
    words: Words
    themes: list[Row]
    targets: list[Row]
    pages: dict[str, Any] = field(default_factory=dict)

    def platform(self, name: str) -> str:
        return self.words.known("platform", name, name)


def look(source: Source, events: list[Row]) -> Look:
    """Draw the filter bar in the sidebar and tell what it says."""
    address = _changed_address()
    words = Words(_language(address))
    with st.sidebar:
        event = _event(address, events, words)
        offered = {
            "platform": queries.platforms(source, event["id"]),
            "theme": [row["id"] for row in queries.themes(source, event["id"])],
            "target": [row["id"] for row in queries.targets(source, event["id"])],
            "polarity": list(POLARITIES),
        }
        days = queries.period(source, event["id"])
        _take(address, event["id"], offered, days)
        themes, targets = queries.themes(source, event["id"]), queries.targets(source, event["id"])
        seen = Look(source, event, queries.kind(source) == "demo", Filters(), words, themes, targets)
        filters = _widgets(seen, offered, days)
        st.segmented_control(
            words("bar.language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="lang", required=True
        )
    _tell_address(days, len(events) > 1)
    return replace(seen, filters=filters)


# ── the address ──────────────────────────────────────────────────────────────
def _changed_address() -> dict[str, list[str]] | None:
    """The query of the address if somebody else wrote it; None if we did, or if a page change cleared it."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return query if query and query != st.session_state.get("told") else None


def _take(
    address: dict[str, list[str]] | None, event_id: str, offered: dict[str, list[str]], days: tuple[str, str] | None
) -> None:
    """Set the widgets' state: from a changed address or for another event anew, else as it was.

    What is not offered is left out.
    """
    state = st.session_state
    if address is not None or state.get("of") != event_id:
        query = address or {}
        state["of"] = event_id
        for name in MANY:
            state[name] = query.get(name, [])
        state["word"] = query.get("word", [""])[0]
        state["fold"] = query.get("copies") != ["1"]
        state["hide"] = query.get("ads") != ["1"]
        state["period"] = _days(query, days)
    elif days != state["days"] and state["period"] == _days({}, state["days"]):
        state["period"] = _days({}, days)  # the whole of it was shown, and it has grown since
    state["days"] = days
    for name in MANY:
        state[name] = [value for value in state[name] if value in offered[name]]
    # Assigned anew so that a widget whose label changes with the language keeps its value.
    for name in ("word", "fold", "hide", "period"):
        state[name] = state[name]


def _days(query: dict[str, list[str]], days: tuple[str, str] | None) -> tuple[date, ...]:
    """The period asked for, kept inside the days there are."""
    if days is None:
        return ()
    first, last = map(date.fromisoformat, days)
    try:
        since = date.fromisoformat(query.get("since", [days[0]])[0])
        until = date.fromisoformat(query.get("until", [days[1]])[0])
    except ValueError:
        return first, last
    return min(max(since, first), last), max(min(until, last), first)


def _tell_address(days: tuple[str, str] | None, several_events: bool) -> None:
    """Write what differs from the defaults into the address."""
    state = st.session_state
    told: dict[str, list[str]] = {name: list(state[name]) for name in MANY if state[name]}
    since, until = _bounds(days)
    single = {
        "lang": state["lang"] if state["lang"] != DEFAULT else None,
        "event": state["event"] if several_events else None,
        "word": state["word"],
        "since": since,
        "until": until,
        "copies": None if state["fold"] else "1",
        "ads": None if state["hide"] else "1",
    }
    told |= {name: [value] for name, value in single.items() if value}
    if told != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(told)
    state["told"] = told


def _bounds(days: tuple[str, str] | None) -> tuple[str | None, str | None]:
    """The chosen period; None where it is the whole of it, so that undated texts stay in."""
    chosen: Sequence[date] = st.session_state["period"] or ()
    if days is None or not chosen:
        return None, None
    since, until = chosen[0].isoformat(), chosen[-1].isoformat()
    if len(chosen) == 1:  # the second day is being picked
        until = days[1]
    return (None, None) if (since, until) == days else (since, until)


# ── the widgets ──────────────────────────────────────────────────────────────
def _language(address: dict[str, list[str]] | None) -> str:
    asked = (address or {}).get("lang", [DEFAULT if address else st.session_state.get("lang", DEFAULT)])[0]
    st.session_state["lang"] = asked if asked in LANGUAGES else DEFAULT
    return str(st.session_state["lang"])


def _event(address: dict[str, list[str]] | None, events: list[Row], words: Words) -> Row:
    by_id = {event["id"]: event for event in events}
    asked = (address or {}).get("event", [st.session_state.get("event")])[0]
    st.session_state["event"] = asked if asked in by_id else events[0]["id"]
    if len(events) > 1:
        st.selectbox(words("bar.event"), list(by_id), format_func=lambda key: title(by_id[key], words), key="event")
    return by_id[st.session_state["event"]]


def title(event: Row, words: Words) -> str:
    return str(event["title" if words.language == "ko" else "title_en"])


def _widgets(seen: Look, offered: dict[str, list[str]], days: tuple[str, str] | None) -> Filters:
    words, state = seen.words, st.session_state
    st.text_input(words("bar.word"), key="word", placeholder=words("bar.word_hint"), icon=":material/search:")
    if days:
        first, last = map(date.fromisoformat, days)
        st.date_input(words("bar.period"), key="period", min_value=first, max_value=last, format="YYYY/MM/DD")
    names = {
        "platform": seen.platform,
        "theme": {row["id"]: words.label(row) for row in seen.themes}.__getitem__,
        "target": {row["id"]: words.label(row) for row in seen.targets}.__getitem__,
        "polarity": lambda name: words(f"polarity.{name}"),
    }
    for name in MANY:
        st.multiselect(
            words(f"bar.{name}"), offered[name], format_func=names[name], key=name, placeholder=words("bar.all")
        )
    st.toggle(words("bar.fold"), key="fold", help=words("bar.fold_help"))
    st.toggle(words("bar.hide"), key="hide", help=words("bar.hide_help"))
    since, until = _bounds(days)
    return Filters(
        **{name: tuple(state[name]) for name in MANY},
        since=since,
        until=until,
        word=state["word"].strip(),
        copies=not state["fold"],
        advertising=not state["hide"],
    )
