"""The store: upserts, transactions, kinds, the frontier, and a schema that explains itself."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from data import events
from data.frontier import DueOfSite, due_sites
from data.records import KST, Dated, Document, Lead, Mention, Problem, Score, Sentence, Snapshot, Verdict
from data.store import NAME, Store, StoreError

ROOT = Path(__file__).parent.parent
EVENT = events.load("kakao-outage-2022")
DOCUMENT = Document(
    platform="tistory",
    kind="blog",
    url="https://demo-a.tistory.com/1",
    native_id="demo-a/1",
    title="카톡이 멈춘 날",
    text="카톡이 안 된다. 보상은 언제 하나.",
    author="가상인물",
    published=Dated(datetime(2022, 10, 16, 9, 5, tzinfo=KST), "visible"),
    links=("https://v.daum.net/v/20221016000000001",),
)
SNAPSHOT = Snapshot(DOCUMENT.url, datetime(2026, 1, 1, tzinfo=KST), 200, "text/html", "ab" * 32, 3, "x.warc.gz", 10)
LEAD = Lead("https://demo-a.tistory.com/m/1", "tistory", "sitemap", "https://demo-a.tistory.com/sitemap.xml")


def saved(store: Store, document: Document = DOCUMENT, verdict: Verdict = Verdict(True)) -> bool:  # noqa: B008
    store.save_event(EVENT)
    run = store.begin_run("import", EVENT.id, {}, {})
    return store.save_page(EVENT.id, run, SNAPSHOT, document, verdict, LEAD, "reader")


def annotated(store: Store, model: str = "m-1", polarity: str = "negative") -> None:
    store.save_model(model, "test", "00")
    store.show_model(EVENT.id, model)
    for document in store.unannotated(EVENT, model):
        store.save_annotation(
            EVENT,
            1,
            model,
            document,
            [Sentence(0, 8, document["text"][0:8]), Sentence(9, 18, document["text"][9:18])],
            [Score(polarity, 0.9, 0.06, 0.04), Score("unscored")],  # type: ignore[arg-type]
            [[("outage", 0.8)], []],
            [[Mention("kakaotalk", 0, 2)], []],
        )


def test_a_page_saved_twice_is_one_document(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert saved(store) is True
        assert saved(store) is False
        assert store.value("SELECT count(*) FROM documents") == 1
        assert store.value("SELECT published_at FROM documents") == "2022-10-16T09:05+09:00"
        assert [row["url"] for row in store.rows("SELECT url FROM links")] == list(DOCUMENT.links)
        states = {row["url"]: row["state"] for row in store.rows("SELECT url, state FROM frontier")}
        assert states == {LEAD.url: "done", DOCUMENT.url: "done"}


def test_a_changed_text_is_annotated_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store)
        assert store.unannotated(EVENT, "m-1") == []
        assert saved(store, replace(DOCUMENT, text="카톡이 이제 된다. 고맙다 엔지니어.")) is True
        assert store.value("SELECT count(*) FROM sentences") == 0
        assert len(store.unannotated(EVENT, "m-1")) == 1


def split_otherwise(store: Store, model: str, rules: str = "") -> None:
    """Another segmentation of DOCUMENT: a sentence more before its second one, which stays as it is."""
    (document,) = store.rows("SELECT id, text, text_sha256 FROM documents")
    spans = [Sentence(a, b, document["text"][a:b]) for a, b in ((0, 3), (4, 8), (9, 18))]
    said = [Score("neutral", 0.1, 0.8, 0.1)] * 3
    store.save_annotation(EVENT, 1, model, document, spans, said, [[]] * 3, [[]] * 3, rules=rules)


def test_a_document_has_one_segmentation(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store, "m-1", "negative")
        annotated(store, "m-2", "negative")
        toward = "SELECT ?, id, 'm-1', 'kakao', 0, 2, 0.1, 0.1, 0.8, 'positive' FROM sentences WHERE position = 0"
        store.db.execute(f"INSERT INTO target_scores {toward}", [EVENT.id])
        split_otherwise(store, "m-2")
        places = [(row["position"], row["start"]) for row in store.rows("SELECT * FROM sentences ORDER BY start")]
        assert places == [(0, 0), (1, 4), (2, 9)]
        for table in ("sentence_themes", "mentions", "target_scores"):
            assert store.value(f"SELECT count(*) FROM {table}") == 0
        assert [row["start"] for row in store.rows("SELECT start FROM sentence_facts ORDER BY start")] == [0, 4, 9]
        quote = next(store.rows("SELECT before, after, themes, targets FROM quotes WHERE start = 9"))
        assert quote == {"before": "안 된다", "after": None, "themes": "{}", "targets": "[]"}


def test_what_another_model_said_of_a_sentence_that_stays_is_kept_and_the_document_is_due_for_it(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store, "m-1", "negative")
        annotated(store, "m-2", "negative")
        assert store.unannotated(EVENT, "m-1") == []
        split_otherwise(store, "m-2")
        sql = "SELECT s.start, sc.polarity FROM scores sc JOIN sentences s ON s.id = sc.sentence_id"
        kept = [tuple(row.values()) for row in store.rows(f"{sql} WHERE sc.model_id = 'm-1'")]
        assert kept == [(9, "unscored")]
        assert [row["id"] for row in store.unannotated(EVENT, "m-1")] == [DOCUMENT.id]
        assert store.unannotated(EVENT, "m-2") == []


def test_the_same_segmentation_leaves_other_models_as_they_are(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        store.save_model("m-1", "test", "00")
        store.save_model("m-2", "test", "00")
        split_otherwise(store, "m-1")
        split_otherwise(store, "m-2")
        assert store.unannotated(EVENT, "m-1") == store.unannotated(EVENT, "m-2") == []
        assert store.value("SELECT count(*) FROM scores") == 6


def test_other_rules_make_a_document_due(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        store.save_model("m-1", "test", "00")
        split_otherwise(store, "m-1", "these")
        assert store.unannotated(EVENT, "m-1", "these") == []
        assert [row["id"] for row in store.unannotated(EVENT, "m-1", "those")] == [DOCUMENT.id]


def test_a_changed_event_file_makes_a_document_due(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store)
        assert len(store.unannotated(replace(EVENT, sha256="another"), "m-1")) == 1


@pytest.mark.parametrize("table", ["scores", "sentence_themes", "mentions", "target_scores"])
def test_what_hangs_on_a_sentence_is_found_by_a_key(tmp_path: Path, table: str) -> None:
    with Store.open(tmp_path) as store:
        plan = next(store.rows(f"EXPLAIN QUERY PLAN DELETE FROM {table} WHERE sentence_id = ?", ["x"]))
        assert plan["detail"].startswith(f"SEARCH {table} ")


def test_two_models_stand_side_by_side_and_one_is_shown(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store, "m-1", "negative")
        annotated(store, "m-2", "neutral")
        assert store.value("SELECT count(*) FROM scores") == 4
        assert store.value("SELECT count(*) FROM sentence_facts") == 2
        assert store.value("SELECT complaints FROM overview") == 0
        store.show_model(EVENT.id, "m-1")
        overview = next(store.rows("SELECT * FROM overview"))
        assert (overview["sentences"], overview["scored"], overview["complaints"]) == (2, 1, 1)
        assert overview["complaint_share"] == 1.0


def test_offsets_hold_in_sqlite(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        annotated(store)
        sql = 'SELECT s.text = substr(d.text, s.start + 1, s."end" - s.start) FROM sentences s JOIN documents d ON d.id = s.document_id'
        assert [row[0] for row in store.db.execute(sql)] == [1, 1]


def test_a_document_set_aside_is_kept_but_not_counted(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store, verdict=Verdict(False, "off_topic"))
        overview = next(store.rows("SELECT * FROM overview"))
        assert (overview["documents"], overview["documents_set_aside"]) == (0, 1)
        assert store.unannotated(EVENT, "m-1") == []


def test_saving_a_page_is_all_or_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save_event(EVENT)
        broken = replace(DOCUMENT, kind="forum")  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            store.save_page(EVENT.id, 1, SNAPSHOT, broken, Verdict(True), LEAD, "reader")
        for table in ("documents", "snapshots", "frontier", "links"):
            assert store.value(f"SELECT count(*) FROM {table}") == 0


def test_real_and_demo_pages_never_mix(tmp_path: Path) -> None:
    Store.open(tmp_path, "demo").close()
    with pytest.raises(StoreError, match="holds a demo store.*--home"):
        Store.open(tmp_path, "real")


def test_reading_needs_a_store_and_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="yeoron demo"):
        Store.read(tmp_path)
    Store.open(tmp_path).close()
    with Store.read(tmp_path) as store, pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.problem(1, None, Problem("fetch", "x", "y"))


def test_a_store_of_another_version_gets_this_versions_views(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        saved(store)
        store.db.execute("DROP VIEW overview")
        store.db.execute("UPDATE about SET value = 'older' WHERE key = 'views_sha256'")
    with Store.read(tmp_path) as store:
        assert store.value("SELECT documents FROM overview") == 1


def test_a_folder_that_cannot_be_a_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="--home"):
        Store.open(tmp_path / "file")
    (tmp_path / NAME).write_text("this is no database, only some text that is long enough to be read as one")
    with pytest.raises(StoreError, match="--home"):
        Store.open(tmp_path)


def due(store: Store, *platforms: str) -> list[str]:
    waiting = [DueOfSite(store, EVENT.id, site, platforms) for site in due_sites(store, EVENT.id)]
    return [lead.url for queue in waiting for lead in iter(queue.take, None)]


def test_a_failed_address_waits_and_a_refused_one_is_left(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save_event(EVENT)
        leads = [Lead(f"https://h.example/{n}", "generic", "urls") for n in range(3)]
        assert store.add_leads(EVENT.id, leads + leads) == 3
        store.settle(EVENT.id, leads[0].url, "failed", "http_503")
        store.settle(EVENT.id, leads[1].url, "refused", "robots")
        assert due(store) == [leads[2].url]
        store.db.execute("UPDATE frontier SET next_try_at = '2000-01-01T00:00+09:00' WHERE next_try_at IS NOT NULL")
        assert due(store) == [leads[0].url, leads[2].url]
        assert due(store, "tistory") == []


def test_every_column_is_explained() -> None:
    """Each column line of the schema ends in a comment."""
    schema = (ROOT / "data" / "schema.sql").read_text(encoding="utf-8")
    inside = False
    for line in schema.splitlines():
        if line.startswith("CREATE TABLE"):
            inside = True
        elif line.startswith(")"):
            inside = False
        elif inside and not re.match(r"\s+PRIMARY KEY \(", line):
            assert "-- " in line, f"unexplained: {line}"


def test_every_table_is_strict_and_every_view_opens(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        ours = [
            row["name"] for row in store.rows("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0")
        ]
        assert [name for name in ours if not name.startswith(("sqlite_", "_sqlite"))] == []
        for name in store.db.view_names():
            assert list(store.rows(f"SELECT * FROM {name}")) == []
        assert store.value("PRAGMA journal_mode") == "wal"
