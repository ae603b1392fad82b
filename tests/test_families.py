"""Families: which documents of the demo web are one voice, and who is the origin."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bench.families import chosen, documents, grouped, pairs, scores, strangers
from data import events
from data.demo import page as page_files
from data.demo.page import Page
from data.records import Dated, Document, Lead, Snapshot, Verdict, content_id, kst_text
from data.store import Store
from nlp.families import Family, families
from nlp.families.likeness import body, how, letters, one_text
from nlp.families.stored import update

# The copies that the writers of the demo web made on purpose, with their origins: four wire stories in
# other papers, two pasted posts, a repost with small changes, one with words swapped for synonyms.
COPIES = {
    "https://www.narudaily.example/society/2022/10/15/NR9BJ6ET4W": "https://www.onsaemi.example/view/OSM20221015021300",
    "https://www.saebyeok.example/news/articleView.html?idxno=41207": "https://www.onsaemi.example/view/OSM20221015014700",
    "https://www.saebyeok.example/news/articleView.html?idxno=41233": "https://www.onsaemi.example/view/OSM20221016001200",
    "https://www.dumulecon.example/article/2022102100006": "https://www.onsaemi.example/view/OSM20221020043200",
    "https://demo-issuebox24.tistory.com/1187": "https://www.onsaemi.example/view/OSM20221015021300",
    "https://demo-issuebox24.tistory.com/1203": "https://demo-racknote.tistory.com/161",
    "https://blog.naver.com/demo_issue_copy/222905085942": "https://blog.naver.com/demo_idc_facility/222903283552",
    "https://demo-haruissue.tistory.com/2215": "https://demo-kkot.tistory.com/130",
}
EVENT = events.load("kakao-outage-2022")
LABELLED = {one["id"]: one for one in documents()}


def document(url: str, text: str, at: str | None = "2022-10-16T09:00+09:00", **more: Any) -> dict[str, Any]:
    """A document as the store gives it, dated to the minute unless said otherwise."""
    base = {
        "id": content_id(url),
        "url": url,
        "source_url": None,
        "platform": "generic",
        "outlet": None,
        "title": url,
        "text": text,
        "published_at": at,
        "date_precision": "minute" if at else None,
    }
    return base | more


def by_url(held: Iterable[dict[str, Any]]) -> dict[str, Family]:
    """Families by the document's address."""
    given = list(held)
    urls = {one["id"]: one["url"] for one in given}
    return {urls[row.document_id]: row for row in families(given)}


def text_of(name: str) -> str:
    return str(LABELLED[name]["text"])


def of_page(page: Page) -> dict[str, Any]:
    return document(
        page.url,
        "\n".join(page.words),
        kst_text(page.published),
        outlet=page.outlet or None,
        title=page.title,
        source_url=page.source_url or None,
    )


@pytest.fixture(scope="module")
def demo() -> dict[str, Family]:
    return by_url(of_page(page) for page in page_files.load() if not page.broken)


@pytest.fixture(scope="module")
def labelled() -> dict[str, str]:
    return grouped(list(LABELLED.values()))


# Measured: precision 1 in both halves, recall 1 on the dev half and .966 on the held-out half; with the copies that
# keep hardly a sentence's words (respun, rewrite) .848 and .866.
@pytest.mark.parametrize(
    ("half", "hard", "recall"),
    [("dev", False, 0.96), ("held_out", False, 0.92), ("dev", True, 0.83), ("held_out", True, 0.85)],
)
def test_copies_are_told_from_look_alikes(labelled: dict[str, str], half: str, hard: bool, recall: float) -> None:
    found = scores(labelled, chosen(pairs(), half, hard))
    assert found["pairs"] >= 95
    assert found["precision"] >= 0.98 and found["recall"] >= recall


def test_no_two_voices_of_the_labelled_set_are_joined(labelled: dict[str, str]) -> None:
    assert strangers(labelled, list(LABELLED.values())) == 0


def test_every_copy_of_the_demo_is_found_with_its_origin(demo: dict[str, Family]) -> None:
    assert {copy: demo[copy].family_id for copy in COPIES} == {a: content_id(b) for a, b in COPIES.items()}
    assert {url for url, row in demo.items() if row.kind in ("near", "verbatim")} == set(COPIES)


def test_every_portal_copy_of_the_demo_follows_its_source(demo: dict[str, Family]) -> None:
    portal = [page for page in page_files.load() if page.source_url]
    assert {demo[page.url].kind for page in portal} == {"portal_copy"}
    assert [demo[page.url].family_id for page in portal] == [content_id(page.source_url) for page in portal]


@pytest.mark.parametrize(
    ("copy", "differs"),
    [
        ("n02-verb", "same"),
        ("n02-trim", "trimmed"),
        ("n01-spun", "reworded"),
        ("n01-lead", "edited"),
        ("o07-comment", "extended"),
    ],
)
def test_in_what_a_copy_differs(copy: str, differs: str) -> None:
    origin, made = body(text_of(copy.split("-")[0])), body(text_of(copy))
    assert one_text(origin, made) and one_text(made, origin)
    assert how(origin, made) == differs


def test_the_earliest_is_the_origin_and_an_undated_one_never() -> None:
    text = text_of("n01")
    rows = by_url([
        document("https://none/1", text, None),
        document("https://day/1", text, "2022-10-15", date_precision="day"),
        document("https://late/1", text, "2022-10-17T09:00+09:00"),
        document("https://early/1", text, "2022-10-17T08:00+09:00"),
    ])  # fmt: skip
    assert [url for url, row in rows.items() if row.kind == "origin"] == ["https://early/1"]


def test_a_portal_is_never_the_origin_of_a_source_that_is_held() -> None:
    source = document("https://paper/1", text_of("n01"), "2022-10-16T10:00+09:00", outlet="새벽신문", title="불이 났다")
    named = document("https://v.daum.net/v/1", "사진", source_url="https://paper/1")
    titled = document("https://n.example/1", "사진", platform="naver_news", outlet="새벽신문", title="불이 났다!")
    older = document(
        "https://n.example/2",
        "사진",
        "2022-10-09T10:00+09:00",
        platform="naver_news",
        outlet="새벽신문",
        title="불이 났다",
    )
    rows = by_url([source, named, titled, older])
    kinds = [(rows[one["url"]].kind, rows[one["url"]].how) for one in (source, named, titled, older)]
    assert kinds == [("origin", None), ("portal_copy", "address"), ("portal_copy", "headline"), ("origin", None)]


def test_two_portals_with_one_source_that_is_not_held_are_one_voice() -> None:
    first = document("https://v.daum.net/v/1", "짧은 사진 기사", source_url="https://paper/1")
    second = document("https://n.example/1", "사진", "2022-10-16T10:00+09:00", source_url="https://paper/1")
    rows = by_url([first, second])
    assert [rows[one["url"]].kind for one in (first, second)] == ["origin", "portal_copy"]


def test_short_posts_that_say_the_same_are_two_voices() -> None:
    rows = by_url(document(f"https://{name}/1", "카톡이 안 돼요. 언제 되나요?") for name in "ab")
    assert {row.kind for row in rows.values()} == {"origin"}


def test_nothing_and_one_document() -> None:
    own = content_id("https://a/1")
    assert families([]) == []
    assert families([document("https://a/1", "")]) == [(own, own, "origin", 1.0, None)]
    assert letters("카톡, 안\n돼요! OK 😀") == "카톡안돼요ok"


# ── in a store ───────────────────────────────────────────────────────────────
def save(store: Store, one: dict[str, Any], belongs: bool = True) -> None:
    store.save_event(EVENT)
    at = datetime.fromisoformat(one["published_at"])
    made = Document(
        one["platform"], "news", one["url"], one["url"], one["title"], one["text"],
        outlet=one["outlet"], published=Dated(at, "meta"), source_url=one["source_url"],
    )  # fmt: skip
    snapshot = Snapshot(one["url"], at, 200, "text/html", f"{len(one['text']):064x}", 3, "x.warc.gz", 10)
    run = store.begin_run("import", EVENT.id, {}, {})
    verdict = Verdict(belongs, None if belongs else "off_topic")
    store.save_page(EVENT.id, run, snapshot, made, verdict, Lead(one["url"], one["platform"], "urls"), "reader")


def kept(store: Store) -> list[Family]:
    return [Family(**row) for row in store.rows("SELECT * FROM families ORDER BY document_id")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_by_one_in_any_order_gives_what_grouping_everything_gives(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    chosen = [one | {"id": content_id(one["url"])} for one in rng.sample(list(LABELLED.values()), 24)]
    with Store.open(tmp_path) as store:
        while chosen:
            for one in chosen[:6]:
                save(store, one)
            chosen = chosen[6:]
            update(store)
        sql = "SELECT id, url, source_url, platform, outlet, title, text, published_at, date_precision FROM documents"
        assert kept(store) == families(store.rows(sql))


def test_an_older_origin_that_arrives_later_takes_the_family_over(tmp_path: Path) -> None:
    text = text_of("n01")
    late, early = document("https://a/1", text), document("https://b/1", text, "2022-10-15T18:00+09:00")
    with Store.open(tmp_path) as store:
        save(store, late)
        assert update(store) == 1 and kept(store)[0].kind == "origin"
        save(store, early)
        assert update(store) == 1
        assert {row.family_id for row in kept(store)} == {early["id"]}
        lag = "SELECT lag_hours FROM family_facts WHERE url = 'https://a/1'"
        assert store.value(lag) == 15.0
        assert update(store) == 0


def test_what_changed_or_counts_no_more_leaves_its_family(tmp_path: Path) -> None:
    a, b, c = (document(f"https://{name}/1", text_of("n01")) for name in "abc")
    with Store.open(tmp_path) as store:
        for one in (a, b, c):
            save(store, one)
        update(store)
        assert len({row.family_id for row in kept(store)}) == 1
        save(store, a | {"text": text_of("o07")})
        save(store, b, belongs=False)
        update(store)
        assert [(row.document_id, row.kind) for row in kept(store)] == sorted(
            [(a["id"], "origin"), (c["id"], "origin")]
        )
        store.db.execute("DELETE FROM documents WHERE id = ?", [c["id"]])
        update(store)
        assert [row.document_id for row in kept(store)] == [a["id"]]
        assert store.value("SELECT count(*) FROM family_prints") == 1
