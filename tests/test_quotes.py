"""Quotes: the filters choose what they say, the files hold what was chosen, and every quote can be checked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.quotes import ORDERS, Filters, Quote, cell, count, header, key, plain, quotes, write
from data.store import Store
from tests import sample_store

EVENT = sample_store.EVENT.id
EVERYTHING = Filters(copies=True, advertising=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_store.build(tmp_path_factory.mktemp("quotes"))


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.read(home) as opened:
        yield opened


def chosen(store: Store, **filters: object) -> list[Quote]:
    return list(quotes(store, EVENT, replace(EVERYTHING, **filters)))  # type: ignore[arg-type]


def written(store: Store, form: str, filters: Filters = EVERYTHING) -> str:
    stream = io.StringIO(newline="")
    write(quotes(store, EVENT, filters), form, stream, header(store, EVENT, filters))  # type: ignore[arg-type]
    return stream.getvalue()


# ── filters ──────────────────────────────────────────────────────────────────
def test_no_filter_leaves_every_scored_sentence_of_the_overview(store: Store) -> None:
    assert len(chosen(store)) == store.value("SELECT sentences FROM overview") == count(store, EVENT, EVERYTHING)


def test_copies_and_advertising_are_left_out_unless_asked_for(store: Store) -> None:
    kept = list(quotes(store, EVENT, Filters()))
    assert not any(quote.is_copy or quote.advertising for quote in kept)
    assert {quote.document_id for quote in chosen(store, copies=False)} < {quote.document_id for quote in chosen(store)}
    assert sum(quote.is_copy for quote in chosen(store)) == len(chosen(store)) - len(chosen(store, copies=False))


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"theme": ("compensation",)}, lambda q: "compensation" in dict(q.themes)),
        ({"theme": ("stock", "cause")}, lambda q: {"stock", "cause"} & set(dict(q.themes))),
        ({"target": ("naver",)}, lambda q: "naver" in q.targets),
        ({"polarity": ("undecided", "unscored")}, lambda q: q.polarity in ("undecided", "unscored")),
        ({"platform": ("tistory",)}, lambda q: q.platform == "tistory"),
        ({"since": "2022-10-20"}, lambda q: (q.published_at or "") >= "2022-10-20"),
        ({"until": "2022-10-16"}, lambda q: q.published_at and q.published_at < "2022-10-17"),
        ({"word": "환불"}, lambda q: "환불" in q.sentence),
        ({"word": "sk c&c"}, lambda q: "SK C&C" in q.sentence),
        ({"theme": ("outage",), "target": ("daum",)}, lambda q: "outage" in dict(q.themes) and "daum" in q.targets),
    ],
)
def test_a_filter_keeps_exactly_what_it_names(store: Store, filters: dict[str, object], holds: object) -> None:
    kept = {quote.sentence_id for quote in chosen(store, **filters)}
    assert kept == {quote.sentence_id for quote in chosen(store) if holds(quote)}  # type: ignore[operator]
    assert kept


def test_a_word_is_found_with_a_particle_behind_it_and_wildcards_are_letters(store: Store) -> None:
    assert any("환불은" in quote.sentence for quote in chosen(store, word="환불"))
    assert [quote.sentence for quote in chosen(store, word="%") if "%" not in quote.sentence] == []


def test_an_hour_leaves_out_texts_whose_time_of_day_is_unknown(store: Store) -> None:
    day, hours = (
        chosen(store, since="2022-10-15", until="2022-10-15"),
        chosen(store, since="2022-10-15T00:00", until="2022-10-15T23:00"),
    )
    assert {quote.date_precision for quote in hours} == {"minute"}
    assert len(hours) == sum(quote.date_precision == "minute" for quote in day) < len(day)


def test_the_filters_are_stated_in_one_line() -> None:
    stated = Filters(theme=("compensation", "stock"), word="환불", since="2022-10-15").stated()
    assert stated == "theme=compensation|stock; since=2022-10-15; word=환불; copies=no; advertising=no"


# ── what a quote holds ───────────────────────────────────────────────────────
def test_a_quote_stands_in_its_document_between_its_neighbours(store: Store) -> None:
    for quote in chosen(store, theme=("recovery",)):
        text = str(store.value("SELECT text FROM documents WHERE id = ?", [quote.document_id]))
        assert text[quote.start : quote.end] == quote.sentence
        before = "SELECT text FROM sentences WHERE document_id = ? AND position = ?"
        assert quote.before == store.value(before, [quote.document_id, quote.position - 1])
        assert quote.after == store.value(before, [quote.document_id, quote.position + 1])
        assert len(quote.snapshot_sha256) == 64


def test_bloggers_are_pseudonyms_and_the_press_is_named(store: Store, tmp_path: Path) -> None:
    blogs = {quote.author for quote in chosen(store) if quote.kind == "blog"}
    assert all(author.startswith("블로거 ") for author in blogs)
    assert {quote.author for quote in chosen(store) if quote.kind == "news"} <= {
        "한지은",
        "오세라",
        "나루일보",
        "두물경제",
    }
    named = {quote.author for quote in quotes(store, EVENT, EVERYTHING, named=True) if quote.kind == "blog"}
    assert {"분식집 둘째", "행복한맘"} <= named
    with Store.read(sample_store.build(tmp_path / "other")) as other:
        assert not blogs & {quote.author for quote in quotes(other, EVENT, EVERYTHING) if quote.kind == "blog"}


@pytest.mark.parametrize("order", list(ORDERS))
def test_pages_by_key_hold_every_quote_once_and_in_order(store: Store, order: str) -> None:
    whole = [q.sentence_id for q in quotes(store, EVENT, EVERYTHING, order=order)]  # type: ignore[arg-type]
    paged: list[Quote] = []
    while page := list(
        quotes(store, EVENT, EVERYTHING, order=order, limit=37, after=key(paged[-1], order) if paged else None)  # type: ignore[arg-type]
    ):
        paged += page
    assert [quote.sentence_id for quote in paged] == whole
    assert len(set(whole)) == len(whole)


# ── files ────────────────────────────────────────────────────────────────────
def test_csv_holds_the_quotes_and_says_the_filters_in_every_row(store: Store) -> None:
    filters = Filters(theme=("compensation",), word="환불")
    text = written(store, "csv", filters)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    expected = list(quotes(store, EVENT, filters))
    assert [row["sentence_id"] for row in rows] == [quote.sentence_id for quote in expected]
    assert [plain(row["sentence"]) for row in rows] == [quote.sentence for quote in expected]
    assert {row["filters"] for row in rows} == {filters.stated()}
    assert {row["invented"] for row in rows} == {"false"}


def test_jsonl_holds_the_quotes_with_their_numbers(store: Store) -> None:
    rows = [json.loads(line) for line in written(store, "jsonl").splitlines()]
    for row, quote in zip(rows, chosen(store), strict=True):
        assert (row["sentence"], row["negative"]) == (quote.sentence, quote.negative)
        assert row["themes"] == dict(quote.themes)


def test_markdown_holds_every_sentence_with_its_address(store: Store) -> None:
    filters = Filters(target=("melon",))
    text = written(store, "md", filters)
    for quote in quotes(store, EVENT, filters):
        assert f"> {quote.sentence}\n" in text
        assert f"<{quote.url}>" in text
    assert "여론조사가 아닙니다" in text
    assert filters.stated() in text


@pytest.mark.parametrize("form", ["csv", "jsonl", "md"])
def test_files_of_a_demo_store_say_of_every_quote_that_it_is_invented(tmp_path: Path, form: str) -> None:
    with Store.read(sample_store.build(tmp_path, "demo", sample_store.pages()[:4])) as demo:
        text, total = written(demo, form), count(demo, EVENT, EVERYTHING)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert [row["invented"] for row in rows] == ["true"] * total
    elif form == "jsonl":
        assert [json.loads(line)["invented"] for line in text.splitlines()] == [True] * total
    else:
        assert text.count("지어낸 글 (데모)") == total


@pytest.mark.parametrize(
    "text", ["=1+1", "+82 10", "-5.93%", "@everyone", "\tx", "＝SUM(A1)", "'인용'", "''", "그냥 문장", ""]
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_comes_back(text: str) -> None:
    guarded = str(cell(text))
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert plain(guarded) == text
