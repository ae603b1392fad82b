"""A store of invented texts for tests of what people look at: some sixty documents over ten days.

Filled through `data.store` alone, as a crawl and an annotation would; everything is drawn from
one seed, so every run makes the same store.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from data import events
from data.records import KST, Dated, Document, Lead, Mention, Precision, Problem, Score, Sentence, Snapshot, Verdict
from data.store import Store, StoreKind

EVENT = events.load("kakao-outage-2022")
MODEL = "sample-0123abcd"
FETCHED = datetime(2026, 11, 20, 9, 30, tzinfo=KST)
# The first day is loud, and each theme has its own hour: outage at once, compensation after the apology.
WEIGHTS = {15: 9, 16: 11, 17: 9, 18: 6, 19: 7, 20: 6, 21: 4, 22: 2, 23: 1, 24: 3}
PEAK = {
    "outage": 15, "livelihood": 16, "recovery": 17, "stock": 17, "preparedness": 17, "cause": 15, "monopoly": 18,
    "response": 19, "compensation": 20, "alternatives": 18, "data_loss": 16, "regulation": 23,
}  # fmt: skip
BLOGS = (("tistory", "분식집 둘째"), ("tistory", "새벽배송러"), ("naver_blog", "행복한맘"), ("naver_blog", "퇴근길개미"),
         ("tistory", "서버지기"), ("naver_blog", "동네 미용사"))  # fmt: skip
OUTLETS = (("generic", "나루일보", "한지은"), ("generic", "두물경제", None), ("daum_news", "나루일보", "오세라"))


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the pool, with the labels that an annotation would give it."""

    text: str
    polarity: str
    themes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An invented document with its sentences, before it is stored."""

    platform: str
    site: str
    number: int
    author: str | None
    outlet: str | None
    at: datetime | None
    precision: Precision
    lines: tuple[Line, ...]
    advertising: bool = False
    copy_of: int | None = None
    reason: str | None = field(default=None)

    @property
    def text(self) -> str:
        half = len(self.lines) // 2
        parts = [line.text for line in self.lines[:half]], [line.text for line in self.lines[half:]]
        return "\n".join(" ".join(part) for part in parts if part)

    @property
    def document(self) -> Document:
        host = "blog.naver.com" if self.platform == "naver_blog" else f"{self.site}.example"
        path = f"{self.site}/{self.number}"
        dated = Dated(self.at, "visible" if self.outlet is None else "jsonld", self.precision) if self.at else None
        return Document(
            platform=self.platform,
            kind="news" if self.outlet else "blog",
            url=f"https://{host}/{path}",
            native_id=path,
            title=f"{self.lines[0].text[:18]}…",
            text=self.text,
            author=self.author,
            outlet=self.outlet,
            published=dated,
        )


def pool() -> list[Line]:
    path = Path(__file__).parent / "fixtures" / "sample_sentences.tsv"
    with path.open(encoding="utf-8") as stream:
        return [
            Line(
                row["sentence"],
                row["polarity"],
                (row["theme"],) if row["theme"] else (),
                tuple(row["targets"].split(",")) if row["targets"] else (),
            )
            for row in csv.DictReader(stream, delimiter="\t")
        ]


def pages(seed: int = 7) -> list[Page]:
    """Sixty-two documents: blogs and news, two undated, three without a time, copies, an advertisement, one set aside."""
    draw = random.Random(seed)
    lines = pool()
    days = [day for day, weight in WEIGHTS.items() for _ in range(weight)]
    made = [_page(draw, number, day, lines) for number, day in enumerate(days)]
    first = made[3]
    for copy in range(2):
        made.append(
            Page(
                "daum_news",
                "v",
                900 + copy,
                None,
                "나루일보",
                _later(first.at, 3 + copy),
                "minute",
                first.lines,
                copy_of=3,
            )
        )
    made.append(
        Page("naver_blog", "adcom", 990, "광고왕", None, _on(18, 11), "minute", tuple(lines[:3]), advertising=True)
    )
    made.append(
        Page("tistory", "cook", 991, "부엌", None, _on(18, 9), "minute", (lines[-5], lines[-6]), reason="off_topic")
    )
    return made


def _page(draw: random.Random, number: int, day: int, lines: Sequence[Line]) -> Page:
    weights = [_weight(line, day) for line in lines]
    picked = tuple(dict.fromkeys(draw.choices(lines, weights, k=draw.randint(8, 16))))
    at = _on(day, draw.choices(range(24), [1] * 7 + [3] * 8 + [6] * 9)[0] if day > 15 else draw.randint(15, 23))
    precision: Precision = "day" if number % 21 == 5 else "minute"
    when = None if number % 29 == 7 else at.replace(hour=0, minute=0) if precision == "day" else at
    if number % 3 == 1:
        platform, outlet, reporter = OUTLETS[number % len(OUTLETS) if number % 2 else 0]
        return Page(platform, "naru", number, reporter, outlet, when, precision, picked)
    platform, nickname = BLOGS[number % len(BLOGS)]
    return Page(platform, f"demo-{number % len(BLOGS)}", number, nickname, None, when, precision, picked)


def _weight(line: Line, day: int) -> float:
    if not line.themes:
        return 0.6
    return 4.0 / (1 + abs(day - PEAK[line.themes[0]]) ** 1.6) + 0.08


def _on(day: int, hour: int) -> datetime:
    return datetime(2022, 10, day, hour, (hour * 7 + day * 13) % 60, tzinfo=KST)


def _later(at: datetime | None, hours: int) -> datetime | None:
    return at + timedelta(hours=hours) if at else None


def build(home: Path, kind: StoreKind = "real", made: Sequence[Page] | None = None) -> Path:
    """Fill a new store and return its home."""
    made = pages() if made is None else made
    with Store.open(home, kind) as store:
        store.save_event(EVENT)
        crawl = store.begin_run("crawl", EVENT.id, {"event": EVENT.id}, {"yeoron": "0.1.0"})
        for page in made:
            _save(store, crawl, page)
        _refuse(store, crawl)
        store.end_run(crawl, {"documents": len(made), "problems": 4}, "degraded")
        annotate(store, made)
    return home


def _save(store: Store, run: int, page: Page) -> None:
    document = page.document
    body = page.text.encode()
    digest = hashlib.sha256(body).hexdigest()
    snapshot = Snapshot(
        document.url, FETCHED, 200, "text/html", digest, len(body), "sample.warc.gz", 1000 * page.number
    )
    verdict = Verdict(page.reason is None, page.reason, page.advertising)
    lead = Lead(document.url, document.platform, "urls")
    store.save_page(EVENT.id, run, snapshot, document, verdict, lead, "reader")


def _refuse(store: Store, run: int) -> None:
    refused = (
        ("https://closed.example/1", "fetch", "robots", "refused"),
        ("https://closed.example/2", "fetch", "robots", "refused"),
        ("https://gone.example/1", "fetch", "http_404", "refused"),
        ("https://slow.example/1", "fetch", "no_answer", "failed"),
    )
    for url, stage, outcome, state in refused:
        lead = Lead(url, "generic", "urls")
        store.add_leads(EVENT.id, [lead])
        store.save_refusal(EVENT.id, run, None, lead, Problem(stage, outcome, "for the sample", url, "generic"), state)


def annotate(store: Store, made: Sequence[Page]) -> None:
    """Write what the sample model says, sentence by sentence, and which documents are copies of which."""
    run = store.begin_run("annotate", EVENT.id, {"event": EVENT.id}, {"model": MODEL})
    store.save_model(MODEL, "sample", "0123abcd" * 8)
    by_id = {page.document.id: page for page in made}
    for row in store.unannotated(EVENT, MODEL):
        lines = by_id[row["id"]].lines
        store.save_annotation(
            EVENT,
            run,
            MODEL,
            row,
            _sentences(row["text"], lines),
            [_score(line) for line in lines],
            [[(theme, 0.9 - 0.01 * (len(line.text) % 30)) for theme in line.themes] for line in lines],
            [[Mention(target, n, n + 1) for n, target in enumerate(line.targets)] for line in lines],
        )
    ids = [page.document.id for page in made]
    kinds = [(page, page.document.id) for page in made]
    store.save_families(
        (
            own,
            own if page.copy_of is None else ids[page.copy_of],
            "origin" if page.copy_of is None else "portal_copy",
            1.0,
            None if page.copy_of is None else "same",
        )
        for page, own in kinds
    )
    store.show_model(EVENT.id, MODEL)
    store.end_run(run, {"documents": len(made)}, "ok")


def _sentences(text: str, lines: Sequence[Line]) -> list[Sentence]:
    found, at = [], 0
    for line in lines:
        start = text.index(line.text, at)
        at = start + len(line.text)
        found.append(Sentence(start, at, line.text))
    return found


def _score(line: Line) -> Score:
    """Probabilities that fit the label, a little different for every sentence."""
    if line.polarity == "unscored":
        return Score("unscored")
    if line.polarity == "undecided":
        return Score("undecided", 0.42, 0.4, 0.18)
    most = 0.72 + 0.01 * (len(line.text) % 25)
    rest = dict.fromkeys(("negative", "neutral", "positive"), (1 - most) / 2) | {line.polarity: most}
    return Score(line.polarity, rest["negative"], rest["neutral"], rest["positive"])  # type: ignore[arg-type]
