"""Quotes: sentences with the evidence for them, chosen by filters, as CSV, JSON lines or Markdown.

The filters here are the only place where a choice becomes SQL: the dashboard's charts, its
export and the command line all use `condition`, so a file holds what the screen showed.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import IO, Any, Literal

from data.records import KST, kst_text
from data.store import Store, StoreError

Format = Literal["csv", "jsonl", "md"]
Order = Literal["oldest", "newest", "surest"]
Key = tuple[str | float, str, int]

# What a page of quotes is sorted by, as SQL over `sentence_facts`; `key` gives the same from a Quote.
# Undated sentences come last either way.
ORDERS: dict[str, tuple[str, str]] = {
    "oldest": ("coalesce(published_at, '9999'), document_id, position", "ASC"),
    "newest": ("coalesce(published_at, ''), document_id, -position", "DESC"),
    "surest": ("coalesce(negative, -1.0), document_id, -position", "DESC"),
}
# A pseudonym's hex digits: among 10,000 blogs, six leave about 3 pairs alike, four would leave 763.
PSEUDONYM_DIGITS = 6
# Columns of a CSV file that came after others had been counted: they stand behind them.
ADDED = ("polarity_toward",)
# A spreadsheet takes a cell that begins so for a formula (the full-width forms too, under a Korean locale).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sentences are meant. Empty means all; several values of one field mean any of them.

    With ``target`` the polarity meant is that toward one of the targets, not the sentence's.
    ``since`` and ``until`` are both inclusive and each a day (``2022-10-15``) or an hour
    (``2022-10-15T15:00``), KST; either leaves out what is not dated that exactly. ``word`` is looked
    for inside words, so 환불 finds 환불은. ``copies`` and ``advertising`` say whether those are let in.
    """

    theme: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    polarity: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    word: str = ""
    copies: bool = False
    advertising: bool = False

    def stated(self) -> str:
        """The filters in one line, for the file they shaped: ``theme=compensation; copies=no; advertising=no``."""
        named = {name: value for name, value in asdict(self).items() if value not in ((), None, "")}
        return "; ".join(f"{name}={_stated(value)}" for name, value in named.items())


def _stated(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "|".join(value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence verbatim and what proves it. ``start`` and ``end`` are code points in the document's text.

    ``author`` is a reporter or outlet by name; a blogger's is a pseudonym unless names were asked for,
    and then the blog's name in ``outlet`` is left out too. The address always stands: it is the evidence.
    ``themes`` pairs theme ids with probabilities, the surest first; ``polarity_toward`` pairs each target
    with the polarity toward it, which is not the sentence's where several are spoken of apart.
    """

    event_id: str
    sentence_id: str
    sentence: str
    before: str | None
    after: str | None
    author: str
    outlet: str | None
    platform: str
    kind: str
    title: str
    url: str
    published_at: str | None
    date_source: str | None
    date_precision: str | None
    fetched_at: str
    polarity: str
    negative: float | None
    neutral: float | None
    positive: float | None
    themes: tuple[tuple[str, float], ...]
    targets: tuple[str, ...]
    model_id: str
    document_id: str
    position: int
    start: int
    end: int
    snapshot_sha256: str
    warc_file: str
    warc_offset: int
    family_id: str
    is_copy: bool
    advertising: bool
    invented: bool
    polarity_toward: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What a file of quotes says about itself."""

    event_id: str
    title: str
    invented: bool
    filters: Filters
    exported_at: str


# ── choosing ─────────────────────────────────────────────────────────────────
def condition(event_id: str, filters: Filters) -> tuple[str, list[Any]]:
    """The filters as a WHERE condition over any view with the columns of ``sentence_facts``."""
    parts: list[str] = ["event_id = ?"]
    values: list[Any] = [event_id]
    if filters.polarity:
        polarity, chosen = polarity_of(event_id, filters)
        parts.append(polarity)
        values += chosen
    if filters.platform:
        parts.append(f"platform IN ({_marks(filters.platform)})")
        values += filters.platform
    for bound, sign in ((filters.since, ">="), (filters.until, "<=")):
        if bound:
            parts.append(f"{'hour' if 'T' in bound else 'day'} {sign} ?")
            values.append(bound)
    if filters.word:
        parts.append("instr(lower(text), lower(?)) > 0")
        values.append(filters.word)
    if filters.theme:
        parts.append(
            "sentence_id IN (SELECT st.sentence_id FROM sentence_themes st JOIN events e ON e.id = st.event_id"
            f" AND e.shown_model = st.model_id WHERE st.event_id = ? AND st.theme_id IN ({_marks(filters.theme)}))"
        )
        values += [event_id, *filters.theme]
    if filters.target:
        parts.append(
            "sentence_id IN (SELECT sentence_id FROM mentions"
            f" WHERE event_id = ? AND target_id IN ({_marks(filters.target)}))"
        )
        values += [event_id, *filters.target]
    parts += [] if filters.copies else ["is_origin = 1"]
    parts += [] if filters.advertising else ["advertising = 0"]
    return " AND ".join(parts), values


def polarity_of(event_id: str, filters: Filters) -> tuple[str, list[Any]]:
    """A condition: one of the chosen polarities, toward one of the chosen targets or, without any, the sentence's."""
    own = f"polarity IN ({_marks(filters.polarity)})"
    if not filters.target:
        return own, [*filters.polarity]
    sql = f"SELECT sentence_id FROM toward WHERE event_id = ? AND target_id IN ({_marks(filters.target)}) AND {own}"
    return f"sentence_id IN ({sql})", [event_id, *filters.target, *filters.polarity]


def _marks(chosen: Sequence[str]) -> str:
    return ", ".join("?" * len(chosen))


def count(store: Store, event_id: str, filters: Filters) -> int:
    """How many sentences the filters leave."""
    where, values = condition(event_id, filters)
    return int(store.value(f"SELECT count(*) FROM sentence_facts WHERE {where}", values))


def quotes(
    store: Store,
    event_id: str,
    filters: Filters,
    *,
    named: bool = False,
    order: Order = "oldest",
    after: Key | None = None,
    limit: int | None = None,
) -> Iterator[Quote]:
    """The sentences that the filters leave, one by one; ``after`` is the `key` of the last one already seen."""
    where, values = condition(event_id, filters)
    columns, direction = ORDERS[order]
    if after is not None:
        where += f" AND ({columns}) {'>' if direction == 'ASC' else '<'} (?, ?, ?)"
        values += after
    ordered = ", ".join(f"{column} {direction}" for column in columns.rsplit(", ", 2))
    sql = f"SELECT sentence_id FROM sentence_facts WHERE {where} ORDER BY {ordered} LIMIT ?"
    invented, salt = store.kind == "demo", _salt(store)
    for chosen in store.rows(sql, [*values, -1 if limit is None else limit]):
        one = "SELECT * FROM quotes WHERE event_id = ? AND sentence_id = ?"
        for row in store.rows(one, [event_id, chosen["sentence_id"]]):
            yield _quote(row, invented, None if named else salt)


def key(quote: Quote, order: Order) -> Key:
    """Where a quote stands in an order."""
    if order == "oldest":
        return quote.published_at or "9999", quote.document_id, quote.position
    if order == "newest":
        return quote.published_at or "", quote.document_id, -quote.position
    return -1.0 if quote.negative is None else quote.negative, quote.document_id, -quote.position


def _quote(row: dict[str, Any], invented: bool, salt: str | None) -> Quote:
    row["author"] = _author(row, salt)
    if row["kind"] == "blog" and salt is not None:
        row["outlet"] = None  # a blog's name tells who writes it as well as the nickname does
    row["themes"] = tuple(json.loads(row["themes"]).items())
    row["targets"] = tuple(json.loads(row["targets"]))
    row["polarity_toward"] = tuple(json.loads(row["polarity_toward"]).items())
    row["is_copy"] = not row["is_origin"]
    row["advertising"] = bool(row["advertising"])
    row["invented"] = invented
    return Quote(**{field.name: row[field.name] for field in fields(Quote)})


def _author(row: dict[str, Any], salt: str | None) -> str:
    """Reporters and outlets answer by name for what they print; a private blogger does not."""
    if row["kind"] == "news":
        return str(row["author"] or row["outlet"] or row["site"])
    if salt is None and row["author"]:
        return str(row["author"])
    if salt is None:
        return str(row["site"])
    return pseudonym(salt, row["platform"], row["site"])


def pseudonym(salt: str, platform: str, site: str) -> str:
    """The same name for the same blog within one store, and another one in every other store."""
    digest = hashlib.sha256(f"{salt}\n{platform}\n{site}".encode()).hexdigest()
    return f"블로거 {digest[:PSEUDONYM_DIGITS]}"


def _salt(store: Store) -> str:
    salt = store.value("SELECT value FROM about WHERE key = 'salt'")
    if not salt:
        raise StoreError(f"the store in {store.home} has no salt for pseudonyms yet: run `yeoron annotate` once")
    return str(salt)


# ── writing ──────────────────────────────────────────────────────────────────
def header(store: Store, event_id: str, filters: Filters) -> Header:
    title = store.value("SELECT title FROM events WHERE id = ?", [event_id])
    return Header(event_id, str(title), store.kind == "demo", filters, kst_text(datetime.now(KST)))


def write(found: Iterable[Quote], form: Format, stream: IO[str], head: Header) -> int:
    """Write quotes as they come and return how many.

    The stream takes UTF-8 text and leaves line ends alone (``newline=""``). Every CSV row and JSON
    line carries the filters and ``invented``, so that a file cut or joined still says what it is.
    """
    return {"csv": _write_csv, "jsonl": _write_jsonl, "md": _write_md}[form](found, stream, head)


def _write_csv(found: Iterable[Quote], stream: IO[str], head: Header) -> int:
    """Spreadsheets read it: a byte-order mark tells them UTF-8, and `cell` keeps text from being run."""
    stream.write("\ufeff")
    writer = csv.writer(stream)
    names = [field.name for field in fields(Quote) if field.name not in ADDED]
    writer.writerow([*names, "filters", "exported_at", *ADDED])
    said = [cell(head.filters.stated()), head.exported_at]
    written = 0
    for written, quote in enumerate(found, 1):  # noqa: B007
        held, added = ([cell(getattr(quote, name)) for name in columns] for columns in (names, ADDED))
        writer.writerow([*held, *said, *added])
    return written


def cell(value: object) -> object:
    """A value as a CSV cell. Text that a spreadsheet would run gets one apostrophe before it, and so does
    text that begins with an apostrophe: taking one off the front of a cell gives the text back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = "; ".join(_item(item) for item in value)
    if isinstance(value, str) and value.startswith((*FORMULA_STARTS, "'")):
        return f"'{value}"
    return value


def _item(item: object) -> str:
    """One of several values of a cell: ``naver``, ``naver:positive`` or ``outage:0.812``."""
    if not isinstance(item, tuple):
        return str(item)
    name, value = item
    return f"{name}:{value:.3f}" if isinstance(value, float) else f"{name}:{value}"


def plain(text: str) -> str:
    """The text that `cell` was given."""
    return text.removeprefix("'")


def _write_jsonl(found: Iterable[Quote], stream: IO[str], head: Header) -> int:
    names = [field.name for field in fields(Quote)]
    said = {"filters": head.filters.stated(), "exported_at": head.exported_at}
    written = 0
    for written, quote in enumerate(found, 1):  # noqa: B007
        pairs = {"themes": dict(quote.themes), "polarity_toward": dict(quote.polarity_toward)}
        row = {name: getattr(quote, name) for name in names} | pairs | said
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return written


def _write_md(found: Iterable[Quote], stream: IO[str], head: Header) -> int:
    warning = "\n**지어낸 글입니다: 이 파일의 모든 글과 사람은 데모를 위해 꾸민 것입니다.**\n" if head.invented else ""
    stream.write(
        f"# {head.title}: 인용\n{warning}\n블로그와 뉴스를 모은 것이며 여론조사가 아닙니다.\n\n"
        f"- 거르개: `{head.filters.stated()}`\n- 내보낸 때: {head.exported_at}\n"
    )
    written = 0
    for written, quote in enumerate(found, 1):  # noqa: B007
        stream.write("\n" + as_markdown(quote))
    return written


def as_markdown(quote: Quote) -> str:
    """One quote for a journalist's notes: the sentence, its place, its evidence."""
    when = quote.published_at or "날짜 미상"
    dated = f"{when} ({quote.date_source}, {quote.date_precision})" if quote.date_source else when
    by = f"{quote.author}, {quote.outlet}" if quote.outlet and quote.outlet != quote.author else quote.author
    lines = [
        "> " + quote.sentence.replace("\n", "\n> "),
        "",
        f"{by}, 「{_one_line(quote.title)}」, {dated}. <{quote.url}>",
        "",
        f"- 앞: {_one_line(quote.before or '-')}",
        f"- 뒤: {_one_line(quote.after or '-')}",
        f"- 극성 {quote.polarity}{_chances(quote)}, 주제 {cell(quote.themes) or '-'}, "
        f"대상 {cell(quote.polarity_toward) or '-'}, 모델 {quote.model_id}",
        f"- 문장 {quote.sentence_id}, 문서 {quote.document_id}[{quote.start}:{quote.end}]"
        + (f", 사본 (원본 {quote.family_id})" if quote.is_copy else ""),
        f"- 받은 때 {quote.fetched_at}, SHA-256 {quote.snapshot_sha256}, {quote.warc_file} @ {quote.warc_offset}",
    ]
    return "\n".join(lines + (["- **지어낸 글 (데모)**"] if quote.invented else [])) + "\n"


def _chances(quote: Quote) -> str:
    if quote.negative is None:
        return ""
    return f" (부정 {quote.negative:.2f}, 중립 {quote.neutral:.2f}, 긍정 {quote.positive:.2f})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
