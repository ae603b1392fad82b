"""The sentences themselves: found, read in their place, and taken away as a file."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from dashboard import export, parts, queries, reading
from dashboard.bar import Look
from data.quotes import Format, Order

PLACE = 4
TITLE = "sentences.title"
ICON = ":material/format_quote:"


def render(look: Look) -> None:
    words = look.words
    head = queries.head(look.source, look.event["id"], look.filters)
    parts.masthead(look, TITLE)
    parts.summary(look, head)
    total = queries.how_many(look.source, look.event["id"], look.filters)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order = st.segmented_control(
            words("sentences.order"), list(get_args(Order)), default="oldest", key="order", required=True,
            format_func=lambda name: words(f"sentences.{name}"), persist_state="session",
        )  # fmt: skip
        named = st.toggle(
            words("sentences.named"), key="named", help=words("sentences.named_help"), persist_state="session"
        )
        st.space("stretch")
        _downloads(look, total, named, order)
    if look.invented:
        st.caption(words("sentences.export_demo"))
    reading.sentences(look, look.filters, "sentences", order, named)


def _downloads(look: Look, total: int, named: bool, order: Order) -> None:
    """Three buttons; the files hold exactly the sentences counted on them."""
    with st.popover(look.words("sentences.export", total=f"{total:,}"), icon=":material/download:", disabled=not total):
        st.caption(look.words("sentences.export_how", filters=look.filters.stated()))
        for form in get_args(Format):
            st.download_button(
                look.words(f"sentences.{form}"),
                export.writer(look.source.home, look.event["id"], look.filters, form, named, order),
                file_name=export.file_name(look.event["id"], form),
                mime=export.MIME[form],
                key=f"download.{form}",
                on_click="ignore",
                width="stretch",
            )
