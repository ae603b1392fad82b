"""The annotate pass: what is written, that it can be stopped and run again, and what a failure leaves."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from data.events import load
from data.records import KST, Dated, Document, Lead, Sentence, Snapshot, Verdict
from data.store import Store
from nlp import annotate as module
from nlp.annotate import Analyser, annotate, chunks
from nlp.scorers import ModelBroken, Reading
from nlp.scorers.shipped import FolderScorer
from nlp.text import Unreadable, scorable, sentences
from tests.tiny_model import build

EVENT = load("kakao-outage-2022")
ARTICLE = "카카오톡이 15일 오후 멈췄다. SK C&C 판교 데이터센터에서 불이 났다. " + " ".join(
    f"{hour}시에는 {service} 서비스가 차례로 돌아왔다."
    for hour, service in enumerate(["택시", "지도", "결제", "메일", "카페", "웹툰"])
)
TEXTS = {
    "https://demo-a.tistory.com/1": "카톡이 안 돼요. 보상은 언제 하나요?\nㅋㅋㅋ\n택시도 안 잡히네요.",
    "https://demo-b.tistory.com/1": ARTICLE,
    "https://paper.example/1": ARTICLE,
    "https://demo-c.tistory.com/1": "오늘은 조용했다. 제보는 카카오톡 okjebo",
}


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> FolderScorer:
    return FolderScorer(build(tmp_path_factory.mktemp("model")), "tiny")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path)
    store.save_event(EVENT)
    for hour, (url, text) in enumerate(TEXTS.items()):
        add(store, url, text, hour)
    return store


def add(store: Store, url: str, text: str, hour: int = 0) -> None:
    at = datetime(2022, 10, 16, 9, tzinfo=KST) + timedelta(hours=hour)
    document = Document("tistory", "blog", url, url, url, text, published=Dated(at, "meta"))
    snapshot = Snapshot(url, at, 200, "text/html", f"{hash(text) & 0xFFFF:064x}", 3, "x.warc.gz", 10)
    run = store.begin_run("import", EVENT.id, {}, {})
    store.save_page(EVENT.id, run, snapshot, document, Verdict(True), Lead(url, "tistory", "urls"), "reader")


def run(store: Store, scorer: FolderScorer) -> dict[str, int]:
    return dict(annotate(EVENT, store, store.begin_run("annotate", EVENT.id, {}, {}), scorer, progress=False))


def test_counts_and_rows_agree(store: Store, scorer: FolderScorer) -> None:
    counts = run(store, scorer)
    assert counts["documents"] == 4
    assert counts["families"] == 3
    assert counts["problems"] == 0
    assert counts["sentences"] == store.value("SELECT count(*) FROM sentences") == 4 + 8 + 8 + 2
    assert counts["unscored"] == store.value("SELECT count(*) FROM scores WHERE polarity = 'unscored'") == 1
    assert counts["undecided"] == store.value("SELECT count(*) FROM scores WHERE polarity = 'undecided'")
    assert store.value("SELECT shown_model FROM events") == scorer.model_id


def test_every_sentence_stands_where_its_offsets_say(store: Store, scorer: FolderScorer) -> None:
    run(store, scorer)
    sql = 'SELECT s.text, d.text AS whole, s.start, s."end" FROM sentences s JOIN documents d ON d.id = s.document_id'
    for row in store.rows(sql):
        assert row["whole"][row["start"] : row["end"]] == row["text"]


def test_mentions_are_offsets_into_their_sentence(store: Store, scorer: FolderScorer) -> None:
    run(store, scorer)
    sql = 'SELECT m.target_id, substr(s.text, m.start + 1, m."end" - m.start) AS name FROM mentions m'
    found = {(row["target_id"], row["name"]) for row in store.rows(f"{sql} JOIN sentences s ON s.id = m.sentence_id")}
    assert found == {("kakaotalk", "카톡"), ("kakaotalk", "카카오톡"), ("sk_cnc", "SK C&C")}


def test_the_later_copy_belongs_to_the_earlier_document(store: Store, scorer: FolderScorer) -> None:
    run(store, scorer)
    sql = "SELECT d.url, o.url AS origin, f.kind, f.similarity FROM families f JOIN documents d ON d.id = f.document_id"
    rows = {row["url"]: row for row in store.rows(f"{sql} JOIN documents o ON o.id = f.family_id")}
    copy = rows["https://paper.example/1"]
    assert (copy["origin"], copy["kind"], copy["similarity"]) == ("https://demo-b.tistory.com/1", "verbatim", 1.0)


def test_a_second_run_does_nothing(store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    run(store, scorer)
    monkeypatch.setattr("nlp.families.stored.place", lambda *_: pytest.fail("families were grouped again"))
    monkeypatch.setattr(scorer, "read", lambda texts: pytest.fail("texts were read again"))
    assert not any(run(store, scorer).values())


def test_a_run_that_was_stopped_goes_on_where_it_was(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 1)
    whole = store.save_annotation
    written: list[object] = []

    def stop_after_two(*args: object) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(args)
        whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "save_annotation", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        run(store, scorer)
    monkeypatch.setattr(store, "save_annotation", whole)
    assert run(store, scorer)["documents"] == 2
    assert store.value("SELECT count(*) FROM annotations") == 4


def test_a_changed_text_is_read_again_alone(store: Store, scorer: FolderScorer) -> None:
    run(store, scorer)
    add(store, "https://demo-a.tistory.com/1", "카톡이 드디어 되네요.")
    assert run(store, scorer)["documents"] == 1
    texts = [row["text"] for row in store.rows("SELECT text FROM sentences WHERE text LIKE '카톡이%'")]
    assert texts == ["카톡이 드디어 되네요."]


# ── what makes a document due ────────────────────────────────────────────────
def test_other_rules_make_every_document_due_once(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, scorer)
    assert store.value("SELECT group_concat(DISTINCT rules_sha256) FROM annotations") == module.rules()
    monkeypatch.setattr(module, "rules", lambda: "a better splitter")
    assert run(store, scorer)["documents"] == 4
    assert store.value("SELECT group_concat(DISTINCT rules_sha256) FROM annotations") == "a better splitter"
    assert run(store, scorer)["documents"] == 0


def test_a_store_from_before_the_rules_is_due(store: Store, scorer: FolderScorer) -> None:
    run(store, scorer)
    store.db.execute("UPDATE annotations SET rules_sha256 = ''")
    assert run(store, scorer)["documents"] == 4


@pytest.mark.parametrize("name", ["text.py", "mentions.py", "tone.py", "themes.py"])
def test_the_rules_are_the_bytes_of_what_reads_a_text(tmp_path: Path, name: str) -> None:
    for path in module.HERE.glob("*.py"):
        shutil.copy(path, tmp_path)
    before = module.rules.__wrapped__(tmp_path)
    assert module.rules.__wrapped__(tmp_path) == before
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert module.rules.__wrapped__(tmp_path) != before


@pytest.mark.parametrize("name", ["kiwipiepy", "kiwipiepy_model"])
def test_another_version_of_the_splitter_is_other_rules(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = module.rules()
    monkeypatch.setattr("nlp.annotate.version", lambda asked: "9.9.9" if asked == name else version(asked))
    assert module.rules.__wrapped__() != now


def test_a_text_that_is_split_otherwise_is_counted_once(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, scorer)
    monkeypatch.setattr(module, "rules", lambda: "one line, one sentence")
    monkeypatch.setattr(module, "sentences", by_line)
    counts = run(store, scorer)
    assert counts["sentences"] == 3 + 1 + 1 + 1
    for table in ("sentences", "scores", "sentence_facts"):
        assert store.value(f"SELECT count(*) FROM {table}") == 6
    overlaps = 'a.document_id = b.document_id AND a.id <> b.id AND a.start < b."end" AND b.start < a."end"'
    assert store.value(f"SELECT count(*) FROM sentences a JOIN sentences b ON {overlaps}") == 0


def by_line(text: str) -> list[Sentence]:
    """Another splitter: every line is a sentence, whatever its length."""
    starts = [0, *(i + 1 for i, letter in enumerate(text) if letter == "\n")]
    return [Sentence(a, a + len(line), line) for a, line in zip(starts, text.split("\n"), strict=True)]


# ── trying another model ─────────────────────────────────────────────────────
@pytest.mark.parametrize("stop", [KeyboardInterrupt, ModelBroken])
def test_a_second_model_is_shown_only_when_its_run_has_ended(
    store: Store, scorer: FolderScorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    run(store, scorer)
    monkeypatch.setattr(module, "CHUNK", 1)
    other = FolderScorer(build(tmp_path / "other"), "other")
    whole = other.read
    asked: list[Sequence[str]] = []

    def stop_later(texts: Sequence[str]) -> Reading:
        if asked:
            raise stop("stopped")
        asked.append(texts)
        return whole(texts)

    monkeypatch.setattr(other, "read", stop_later)
    with pytest.raises(stop):
        run(store, other)
    done = store.value("SELECT count(*) FROM annotations WHERE model_id = ?", [other.model_id])
    assert 0 < done < 4
    assert store.value("SELECT shown_model FROM events") == scorer.model_id
    assert store.value("SELECT count(*) FROM sentence_facts") == 4 + 8 + 8 + 2
    monkeypatch.setattr(other, "read", whole)
    assert run(store, other)["documents"] == 4 - done
    assert store.value("SELECT shown_model FROM events") == other.model_id
    run(store, scorer)
    assert store.value("SELECT shown_model FROM events") == scorer.model_id


def test_a_first_model_is_shown_from_its_first_document_on(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    whole = store.save_annotation

    def look(*args: object) -> None:
        whole(*args)  # type: ignore[arg-type]
        shown.append(store.value("SELECT count(DISTINCT document_id) FROM sentence_facts"))

    monkeypatch.setattr(store, "save_annotation", look)
    run(store, scorer)
    assert shown == [1, 2, 3, 4]


# ── reading once ─────────────────────────────────────────────────────────────
def test_a_copy_in_a_later_chunk_is_not_read_again(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 1)
    asked = count_texts(scorer, monkeypatch)
    run(store, scorer)
    said = {row["text"] for row in store.rows("SELECT text FROM sentences") if scorable(row["text"])}
    assert {text: asked[text] for text in said} == dict.fromkeys(said, 1)
    copies = [f"SELECT s.position, s.text, sc.* FROM sentences s JOIN documents d ON d.id = s.document_id"
              f" JOIN scores sc ON sc.sentence_id = s.id WHERE d.url = '{url}' ORDER BY s.position"
              for url, text in TEXTS.items() if text == ARTICLE]  # fmt: skip
    first, second = ([row | {"sentence_id": ""} for row in store.rows(sql)] for sql in copies)
    assert len(first) == 8
    assert first == second


def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing(
    scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*TEXTS.values(), "오늘은 조용했다."]
    whole = Analyser(EVENT, scorer).read(texts)
    monkeypatch.setattr(module, "REMEMBERED", 2)
    asked = count_texts(scorer, monkeypatch)
    analyser = Analyser(EVENT, scorer)
    read = [one for text in texts for one in analyser.read([text])]
    assert [[one.score.polarity for one in text] for text in read] == [[o.score.polarity for o in t] for t in whole]
    assert len(analyser._remembered) == 2
    assert asked["오늘은 조용했다."] == 1  # said last, and the article's second copy long forgotten
    assert asked["SK C&C 판교 데이터센터에서 불이 났다."] == 2


def count_texts(scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the scorer is asked for each text, from now on."""
    asked: Counter[str] = Counter()
    whole = scorer.read

    def counting(texts: Sequence[str]) -> Reading:
        asked.update(texts)
        return whole(texts)

    monkeypatch.setattr(scorer, "read", counting)
    return asked


# ── failures ─────────────────────────────────────────────────────────────────
def test_a_document_that_cannot_be_split_is_a_problem_and_the_others_are_read(
    store: Store, scorer: FolderScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> object:
        if text.startswith("오늘은"):
            raise Unreadable("kiwipiepy gives letters 0 to 3 other than they stand")
        return sentences(text)

    monkeypatch.setattr(module, "sentences", refuse)
    counts = run(store, scorer)
    assert (counts["documents"], counts["problems"]) == (3, 1)
    problem = next(store.rows("SELECT stage, outcome, url FROM problems"))
    assert problem == {"stage": "annotate", "outcome": "unreadable", "url": "https://demo-c.tistory.com/1"}


def test_sentences_of_several_texts_stay_with_their_text(scorer: FolderScorer) -> None:
    read = Analyser(EVENT, scorer).read(["카톡이 안 돼요. 왜죠?", "", "ㅋㅋㅋ", "카카오는 사과했다."])
    assert [[one.sentence.text for one in text] for text in read] == [
        ["카톡이 안 돼요.", "왜죠?"],
        [],
        ["ㅋㅋㅋ"],
        ["카카오는 사과했다."],
    ]
    assert read[2][0].score.polarity == "unscored"
    assert read[2][0].score.negative is None
    assert [m.target for m in read[3][0].mentions] == ["kakao"]


def test_chunks() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []
