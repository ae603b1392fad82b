"""The state of the collection: what was seen, what was not and why, and which model read it."""

from __future__ import annotations

import json

import streamlit as st

from dashboard import parts, queries
from dashboard.bar import Look
from dashboard.queries import Row
from data.status import expected

PLACE = 5
TITLE = "collection.title"
ICON = ":material/inventory_2:"


def render(look: Look) -> None:
    words, source, event_id = look.words, look.source, look.event["id"]
    parts.masthead(look, TITLE)
    st.caption(words("collection.whole"))
    addresses = queries.addresses(source, event_id)
    collected = queries.collection(source, event_id)
    parts.figures(
        [
            (words("collection.documents"), words.number(sum(row["documents"] for row in collected)),
             words("collection.counted", counted=f"{sum(row['counted'] for row in collected):,}")),
            (words("collection.queued"), words.number(addresses.get("queued", 0)), words("collection.queued_note")),
            (words("collection.refused"), words.number(addresses.get("refused", 0)), words("collection.refused_note")),
            (words("collection.failed"), words.number(addresses.get("failed", 0)), words("collection.failed_note")),
        ]
    )  # fmt: skip
    if missing := queries.unannotated(source, event_id):
        st.warning(words("collection.unannotated", documents=missing, event=event_id))
    grey = queries.grey(source, event_id)
    _grey(look, grey)
    _platforms(look, collected, {row["platform"] for row in grey})
    left, right = st.columns([2, 3], gap="large")
    with left:
        _aside(look)
        _model(look)
    with right:
        _refusals(look)
    _runs(look)


def _grey(look: Look, found: list[Row]) -> None:
    """Sources whose silence means nothing, before any number of them."""
    words = look.words
    if not found:
        return
    st.subheader(words("collection.grey"))
    names = dict.fromkeys(look.platform(row["platform"]) for row in found)
    st.error(words("collection.grey_note", platforms=", ".join(names)))
    parts.table(
        [words(f"collection.{name}") for name in ("platform", "measure", "found", "expected", "pages", "run")],
        [
            (
                look.platform(row["platform"]), words.known("contract", row["measure"], row["measure"]),
                f"{row['found']:.0f}" if row["measure"] == "letters" else f"{row['found']:.2f}", expected(row),
                row["pages"], f"#{row['run_id']}",
            )
            for row in found
        ],
    )  # fmt: skip


def _platforms(look: Look, collected: list[Row], grey: set[str]) -> None:
    """A row a platform; a grey one is marked, and is there though it gave nothing."""
    words = look.words
    nothing = dict.fromkeys(("documents", "counted", "dated", "signed"), 0)
    for platform in sorted(grey - {row["platform"] for row in collected}):
        collected = [*collected, {"platform": platform, **nothing}]
    st.subheader(words("collection.platforms"))
    columns = ("platform", "documents", "counted_short", "dated", "signed", "first", "last", "fetched")
    parts.table(
        [words(f"collection.{name}") for name in columns],
        [
            (
                _marked(look, row["platform"], grey), row["documents"], row["counted"],
                words.share(row["dated"], row["documents"]), words.share(row["signed"], row["documents"]),
                *(words.published(row.get(name), "day_only") for name in ("first_published", "last_published")),
                words.published(row.get("last_fetched"), "minute"),
            )
            for row in collected
        ],
    )  # fmt: skip


def _marked(look: Look, platform: str, grey: set[str]) -> str:
    name = look.platform(platform)
    return look.words("collection.grey_mark", platform=name) if platform in grey else name


def _aside(look: Look) -> None:
    words = look.words
    st.subheader(words("collection.aside"))
    found = queries.set_aside(look.source, look.event["id"])
    if not found:
        st.caption(words("collection.aside_none"))
        return
    parts.table(
        [words("collection.reason"), words("collection.documents")],
        [(words.known("reason", row["reason"] or "", row["reason"] or "–"), row["documents"]) for row in found],
    )


def _refusals(look: Look) -> None:
    """Addresses that gave no document, by outcome, with what the outcome means."""
    words = look.words
    st.subheader(words("collection.refusals"))
    found = queries.refusals(look.source, look.event["id"])
    if not found:
        st.caption(words("collection.refusals_none"))
        return
    parts.table(
        [words(f"collection.{name}") for name in ("outcome", "platform", "addresses", "meaning")],
        [
            (row["outcome"], look.platform(row["platform"]) or "–", row["addresses"], _meaning(look, row))
            for row in found
        ],
    )


def _meaning(look: Look, row: Row) -> str:
    outcome = row["outcome"]
    if outcome.startswith("http_"):
        fallback = look.words("outcome.http", status=outcome.removeprefix("http_"))
        return look.words.known("outcome", outcome, fallback)
    return look.words.known("outcome", outcome, look.words.known("reason", outcome, row["example"]))


def _model(look: Look) -> None:
    words = look.words
    st.subheader(words("collection.model"))
    model = queries.shown_model(look.source, look.event["id"])
    if model:
        parts.table(
            [words("collection.model_id"), words("collection.model_sha")], [(model["id"], model["sha256"][:16] + "…")]
        )
    st.caption(words("collection.definition", sha=look.event["definition_sha256"][:16]))


def _runs(look: Look) -> None:
    words = look.words
    st.subheader(words("collection.runs"))
    columns = ("run", "verb", "started", "finished", "outcome", "counts")
    parts.table(
        [words(f"collection.{name}") for name in columns],
        [
            (
                f"#{row['id']}", row["verb"], words.published(row["started_at"], "minute"),
                words.published(row["finished_at"], "minute") if row["finished_at"] else "–",
                words.known("run", row["outcome"] or "open", row["outcome"] or ""), _counts(row),
            )
            for row in queries.last_runs(look.source)
        ],
    )  # fmt: skip


def _counts(row: Row) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in json.loads(row["counts"]).items())
