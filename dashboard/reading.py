"""Sentences to read: a page of them, each between its neighbours, with who, where, when and the evidence.

Whatever comes from a crawled page is escaped before it is HTML.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import parts, queries
from dashboard.bar import Look
from dashboard.texts import Words
from data.quotes import Filters, Key, Order, Quote, key

PAGE_SIZE = 10


def sentences(look: Look, filters: Filters, place: str, order: Order = "oldest", named: bool = False) -> None:
    """A page of sentences with buttons to go on; ``place`` tells one list from another in the session."""
    total = queries.how_many(look.source, look.event["id"], filters)
    state = st.session_state
    asked = (filters, order, look.event["id"], look.source.stamp)
    if state.get(f"{place}.asked") != asked:
        state[f"{place}.asked"], state[f"{place}.trail"] = asked, []
    trail: list[Key] = state[f"{place}.trail"]
    shown = queries.page(look.source, look.event["id"], filters, order, trail[-1] if trail else None, PAGE_SIZE, named)
    if not shown:
        st.info(look.words("sentences.none"))
        return
    with st.container(width=880, key=f"list-{place}"):
        for quote in shown:
            card(look, quote, filters.word, place)
    _turn(look.words, trail, key(shown[-1], order), len(shown), total, place)


def _turn(words: Words, trail: list[Key], last: Key, shown: int, total: int, place: str) -> None:
    first = len(trail) * PAGE_SIZE + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(words("sentences.back"), key=f"{place}.back", disabled=not trail, icon=":material/chevron_left:"):
            trail.pop()
            st.rerun()
        more = first + shown - 1 < total
        if st.button(words("sentences.on"), key=f"{place}.on", disabled=not more, icon=":material/chevron_right:"):
            trail.append(last)
            st.rerun()
        st.caption(words("sentences.where", first=f"{first:,}", last=f"{first + shown - 1:,}", total=f"{total:,}"))


def card(look: Look, quote: Quote, word: str, place: str) -> None:
    """A sentence between its neighbours, who wrote it, where and when, and what the model makes of it."""
    words = look.words
    names = parts.theme_names(look)
    chips = "".join(
        f"<span class='y-chip'><i style='background:{names[theme][1]}'></i>{escape(names[theme][0])}</span>"
        for theme, _ in quote.themes
        if theme in names
    )
    labels = {row["id"]: words.label(row) for row in look.targets}
    chips += "".join(
        f"<span class='y-chip y-target'>{escape(labels.get(name, name))}{_apart(words, quote, polarity)}</span>"
        for name, polarity in quote.polarity_toward
    )
    flags = [words("sentences.copy")] * quote.is_copy + [words("sentences.advertising")] * quote.advertising
    chips += "".join(f"<span class='y-chip y-flag'>{escape(flag)}</span>" for flag in flags)
    st.html(
        f"<article class='y-quote'><p class='y-context'>{escape(quote.before or '')}</p>"
        f"<p class='y-sentence'>{_marked(quote.sentence, word)}</p>"
        f"<p class='y-context'>{escape(quote.after or '')}</p>"
        f"<div class='y-by'>{_byline(look, quote)}</div>"
        f"<div class='y-row'>{_tone(words, quote)}{chips}</div></article>"
    )
    opened = st.expander(
        words("sentences.paragraph"), key=f"{place}.{quote.sentence_id}", on_change="rerun", type="compact"
    )
    if opened.open:
        before, itself, after = queries.paragraph(look.source, quote.document_id, quote.start, quote.end)
        with opened:
            st.html(
                f"<p class='y-paragraph'>{escape(before)}<mark>{escape(itself)}</mark>{escape(after)}</p>"
                f"<p class='y-proof'>{escape(_proof(words, quote))}</p>"
            )


def _byline(look: Look, quote: Quote) -> str:
    words = look.words
    where = quote.outlet or look.platform(quote.platform)
    by = quote.author if quote.author == where else f"{quote.author} · {where}"
    when = words.published(quote.published_at, quote.date_precision)
    source = (quote.date_source or "").split(":")[0]
    dated = f" <small>({escape(words.known('source', source, quote.date_source or ''))})</small>" if source else ""
    heading = f"<span>{escape(quote.title)}</span>"
    if quote.url.startswith(("https://", "http://")):
        heading = f"<a href='{escape(quote.url)}' target='_blank' rel='noopener noreferrer'>{escape(quote.title)} ↗</a>"
    return f"<b>{escape(by)}</b> {heading} {escape(when)}{dated}"


def _tone(words: Words, quote: Quote) -> str:
    """The label with its probabilities as a bar of three parts; an unscored sentence has none."""
    label = f"<span class='y-tone y-{quote.polarity}'>{words(f'polarity.{quote.polarity}')}</span>"
    if quote.negative is None:
        return label
    chances = {"negative": quote.negative, "neutral": quote.neutral or 0.0, "positive": quote.positive or 0.0}
    bar = "".join(f"<i class='y-{name}' style='width:{100 * value:.1f}%'></i>" for name, value in chances.items())
    told = " · ".join(f"{words(f'polarity.{name}')} {100 * value:.0f}%" for name, value in chances.items())
    return f"{label}<span class='y-bar' title='{told}'>{bar}</span><small class='y-chances'>{told}</small>"


def _apart(words: Words, quote: Quote, polarity: str) -> str:
    """The label toward one target, where it is not the sentence's."""
    if polarity == quote.polarity:
        return ""
    return f" <b class='y-tone y-{polarity}'>{words(f'polarity.{polarity}')}</b>"


def _proof(words: Words, quote: Quote) -> str:
    return words(
        "sentences.proof",
        fetched=words.published(quote.fetched_at, "minute"),
        sha=quote.snapshot_sha256,
        warc=quote.warc_file,
        offset=quote.warc_offset,
        start=quote.start,
        end=quote.end,
        model=quote.model_id,
    )


def _marked(text: str, word: str) -> str:
    """The text with the word that was looked for marked, wherever it stands inside other words."""
    if not word:
        return escape(text)
    at, pieces, low = 0, [], text.lower()
    while (found := low.find(word.lower(), at)) >= 0:
        pieces += [escape(text[at:found]), f"<mark>{escape(text[found : found + len(word)])}</mark>"]
        at = found + len(word)
    return "".join([*pieces, escape(text[at:])])
