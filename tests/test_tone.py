"""Tone toward a target: how a sentence is parted, how a part is weighed, how the store tells it, how often it is right."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from bench import tone as bench
from dashboard import queries
from data.events import load
from data.quotes import Filters, count, header, quotes, write
from data.records import Mention, Score, Sentence, TargetScore
from data.store import NAME, Store
from nlp.annotate import Analyser
from nlp.evaluate import score
from nlp.mentions import Mentions
from nlp.scorers import Reading
from nlp.scorers import load as load_scorer
from nlp.tone import Part, parts, toward
from tests import test_store

EVENT = load("kakao-outage-2022")

# `sentence > target: part > …`; `-` is a sentence whose own polarity holds for all. A part that is measured by
# ends in =ranked or =opposed. Invented for this test.
PARTED = """
카카오는 최악인데 네이버 덕에 살았다. > kakao: 카카오는 최악인데 > naver: 네이버 덕에 살았다.
카톡은 느려졌지만 카뱅은 괜찮더라. > kakaotalk: 카톡은 느려졌지만 > kakaobank: 카뱅은 괜찮더라.
카카오는 숨었고 네이버는 답했다. > kakao: 카카오는 숨었고 > naver: 네이버는 답했다.
카카오는 머뭇거렸으나 SK C&C는 바로 사과했다. > kakao: 카카오는 머뭇거렸으나 > sk_cnc: SK C&C는 바로 사과했다.
정부는 호통을 치며 카카오는 눈치만 봤다. > government: 정부는 호통을 치며 > kakao: 카카오는 눈치만 봤다.
카카오맵이 꺼져서 네이버 지도를 켰다. > kakaomap: 카카오맵이 꺼져서 > naver: 네이버 지도를 켰다.
카톡이 안 되니까 네이버로 갔죠. > kakaotalk: 카톡이 안 되니까 > naver: 네이버로 갔죠.
카카오를 믿었더니 네이버가 웃더라. > kakao: 카카오를 믿었더니 > naver: 네이버가 웃더라.
카카오는 꼴찌, 네이버는 일등. > kakao: 카카오는 꼴찌, > naver: 네이버는 일등.
카카오는 정신 차려라, 네이버는 고생했다. > kakao: 카카오는 정신 차려라, > naver: 네이버는 고생했다.
카톡이 멈춘 동안 네이버는 바빴다. > kakaotalk: 카톡이 멈춘 동안 > naver: 네이버는 바빴다.
카카오가 숨은 반면 네이버는 나섰다. > kakao: 카카오가 숨은 반면 > naver: 네이버는 나섰다.
카카오가 준비를 안 했기 때문에 정부가 나섰다. > kakao: 카카오가 준비를 안 했기 때문에 > government: 정부가 나섰다.
카카오는 사과했지만 돈은 없다 하고, 네이버는 갚았다. > kakao: 카카오는 사과했지만 돈은 없다 하고, > naver: 네이버는 갚았다.
비가 오는데 카카오T는 안 잡히고 네이버 지도만 봤다. > kakao_t: 비가 오는데 카카오T는 안 잡히고 > naver: 네이버 지도만 봤다.
카카오는 느리고 네이버는 빠른데 카카오는 뻔뻔하다. > naver: 네이버는 빠른데 > kakao: 카카오는 뻔뻔하다.
카카오보다 네이버가 낫다. > kakao: 카카오보다 네이버가 낫다.=ranked
카카오의 대응보다 네이버의 대응이 낫다. > kakao: 카카오의 대응보다 네이버의 대응이 낫다.=ranked
카카오맵 말고 네이버 지도를 쓰세요. > kakaomap: 카카오맵 말고 네이버 지도를 쓰세요.=ranked
카카오페이 대신 네이버페이로 냈다. > kakaopay: 카카오페이 대신 네이버페이로 냈다.=ranked
카카오와 달리 네이버는 멀쩡했다. > kakao: 카카오와 달리 네이버는 멀쩡했다.=opposed
네이버에 비하면 카카오는 형편없다. > naver: 네이버에 비하면 카카오는 형편없다.=opposed
네이버만도 못한 카카오. > naver: 네이버만도 못한 카카오.=opposed
- 카카오는 최악이다.
- 카카오는 느리고 카카오는 뻔뻔하다.
- 카카오와 정부가 함께 사과했다.
- 카카오톡, 카카오맵, 카카오페이가 모두 멈췄다.
- 카카오T의 호출, 카카오페이의 송금은 정상이다.
- 정부는 카카오가 무책임하다고 비판했다.
- "카카오는 최악인데 네이버는 최고"라는 글이 올라왔다.
- 카카오가 네이버처럼 했으면 좋았을 것이다.
- 카카오는 네이버보다, 네이버는 카카오보다 낫다고 우긴다.
"""


def _expected(line: str) -> tuple[str, dict[str, str]]:
    if line.startswith("- "):
        return line[2:], {}
    text, *told = line.split(" > ")
    return text, dict(part.split(": ", 1) for part in told)


ROWS = [_expected(line) for line in PARTED.strip().splitlines()]


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    return Mentions(EVENT)


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[text for text, _ in ROWS])
def test_each_target_is_read_in_its_own_part(mentions: Mentions, text: str, expected: dict[str, str]) -> None:
    found = parts(text, mentions.find(text))
    said = {p.target: text[p.start : p.end].strip() + (f"={p.measured}" if p.measured else "") for p in found}
    assert said == expected


# ── weighing ─────────────────────────────────────────────────────────────────
def test_a_part_is_neutral_only_as_far_as_its_sentence_is() -> None:
    part, said = Part("kakao", 0, 8), [0.35, 0.64, 0.01]
    assert toward(part, said, [0.5, 0.1, 0.4], 0.5).polarity == "negative"
    assert toward(part, said, [0.1, 0.8, 0.1], 0.5).polarity == "neutral"
    weighed = toward(part, said, [0.5, 0.1, 0.4], 0.5)
    assert weighed.negative is not None and weighed.neutral is not None and weighed.positive is not None
    assert weighed.negative == pytest.approx(0.35 * 0.9**0.5 / (0.36 * 0.9**0.5 + 0.64 * 0.1**0.5))
    assert weighed.negative + weighed.neutral + weighed.positive == pytest.approx(1)


@pytest.mark.parametrize(
    ("measured", "said", "expected"),
    [
        ("ranked", [0.1, 0.2, 0.7], Score("negative", 0.7, 0.2, 0.1)),
        ("ranked", [0.7, 0.2, 0.1], Score("undecided", 0.7, 0.2, 0.1)),
        ("ranked", [0.2, 0.7, 0.1], Score("neutral", 0.2, 0.7, 0.1)),
        ("opposed", [0.1, 0.2, 0.7], Score("negative", 0.7, 0.2, 0.1)),
        ("opposed", [0.7, 0.2, 0.1], Score("positive", 0.1, 0.2, 0.7)),
        ("opposed", [0.4, 0.3, 0.3], Score("undecided", 0.4, 0.3, 0.3)),
    ],
)
def test_praise_turns_against_what_it_is_measured_by(measured: str, said: list[float], expected: Score) -> None:
    assert toward(Part("kakao", 0, 9, measured), said, said, 0.5) == expected  # type: ignore[arg-type]


# ── the pass over sentences ──────────────────────────────────────────────────
class Words:
    """A scorer that knows two words, and remembers what it was asked."""

    name, model_id, sha256, undecided_below = "words", "words-00", "00", 0.5

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, texts: Sequence[str]) -> Reading:
        self.asked += texts
        sure = {"neg": (0.8, 0.1, 0.1), "pos": (0.1, 0.1, 0.8), "both": (0.6, 0.1, 0.3), "none": (0.1, 0.8, 0.1)}
        kinds = {(True, True): "both", (True, False): "neg", (False, True): "pos", (False, False): "none"}
        rows = [sure[kinds["최악" in text, "살았" in text]] for text in texts]
        vectors = np.array([[[len(text) % 7, len(text) % 5, 1.0]] for text in texts], dtype=np.float32)
        return Reading(np.array(rows, dtype=np.float32), vectors.reshape(len(texts), 1, 3), np.zeros((len(texts), 0)))


TWO = "카카오는 최악인데 네이버 덕에 살았다."


def test_a_sentence_is_scored_whole_and_toward_each_target() -> None:
    scorer = Words()
    (read,) = Analyser(EVENT, scorer).read([f"{TWO} 카카오는 최악이다."])
    first, second = read
    assert (first.score.polarity, first.tone) == ("negative", {"kakao": "negative", "naver": "positive"})
    assert [(one.target, TWO[one.start : one.end].strip()) for one in first.toward] == [
        ("kakao", "카카오는 최악인데"),
        ("naver", "네이버 덕에 살았다."),
    ]
    assert (second.toward, second.tone) == ((), {"kakao": "negative"})
    assert scorer.asked[-4:] == [TWO, "카카오는 최악이다.", "카카오는 최악인데", "네이버 덕에 살았다."]


def test_the_score_verb_tells_the_tone_of_each_target() -> None:
    (told,) = score(EVENT, Words(), [TWO])
    (sentence,) = told["sentences"]
    assert sentence["targets"] == ["kakao", "naver"]
    assert sentence["tone"] == {"kakao": "negative", "naver": "positive"}


# ── the store ────────────────────────────────────────────────────────────────
@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One document of three sentences: the two targets apart, together, and one alone."""
    said = (TWO, "네이버와 카카오는 최악이다.", "누가 뭐래도 네이버 덕에 살았다.")
    text = " ".join(said)
    spans = [Sentence(text.index(one), text.index(one) + len(one), one) for one in said]
    with Store.open(tmp_path) as store:
        test_store.saved(store, replace(test_store.DOCUMENT, text=text))
        store.save_model("m-1", "test", "00")
        store.show_model(EVENT.id, "m-1")
        (document,) = store.unannotated(EVENT, "m-1")
        store.save_annotation(
            EVENT, 1, "m-1", document, spans,
            [Score("negative", 0.6, 0.1, 0.3), Score("negative", 0.8, 0.1, 0.1), Score("positive", 0.1, 0.1, 0.8)],
            [[("outage", 0.9)], [], []],
            [[Mention("kakao", 0, 3), Mention("naver", 10, 13)], [Mention("naver", 0, 3), Mention("kakao", 5, 8)],
             [Mention("naver", 7, 10)]],
            [[TargetScore("naver", 10, len(TWO), Score("positive", 0.1, 0.1, 0.8))], [], []],
        )  # fmt: skip
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.read(home) as opened:
        yield opened


def test_target_facts_tell_the_polarity_toward_each_target(store: Store) -> None:
    sql = "SELECT position, target_id, polarity, sentence_polarity, positive, is_complaint, apart FROM target_facts"
    assert [tuple(row.values()) for row in store.rows(f"{sql} ORDER BY position, target_id")] == [
        (0, "kakao", "negative", "negative", 0.3, 1, 0),
        (0, "naver", "positive", "negative", 0.8, 0, 1),
        (1, "kakao", "negative", "negative", 0.1, 1, 0),
        (1, "naver", "negative", "negative", 0.1, 1, 0),
        (2, "naver", "positive", "positive", 0.8, 0, 0),
    ]


def test_theme_by_target_counts_complaints_about_the_target(store: Store) -> None:
    rows = {
        row["target_id"]: (row["sentences"], row["complaints"]) for row in store.rows("SELECT * FROM theme_by_target")
    }
    assert rows == {"kakao": (1, 1), "naver": (1, 0)}


@pytest.mark.parametrize(
    ("target", "polarity", "positions"),
    [
        (("naver",), ("negative",), [1]),
        (("naver",), ("positive",), [0, 2]),
        (("kakao",), ("positive",), []),
        (("kakao", "naver"), ("negative",), [0, 1]),
        ((), ("positive",), [2]),
        (("naver",), (), [0, 1, 2]),
    ],
)
def test_a_target_with_a_polarity_means_the_polarity_toward_it(
    store: Store, target: tuple[str, ...], polarity: tuple[str, ...], positions: list[int]
) -> None:
    filters = Filters(target=target, polarity=polarity)
    assert [quote.position for quote in quotes(store, EVENT.id, filters)] == positions
    assert count(store, EVENT.id, filters) == len(positions)


def test_a_file_of_quotes_tells_both_polarities(store: Store) -> None:
    def written(form: str) -> str:
        stream, filters = io.StringIO(newline=""), Filters()
        write(quotes(store, EVENT.id, filters), form, stream, header(store, EVENT.id, filters))  # type: ignore[arg-type]
        return stream.getvalue()

    rows = list(csv.reader(io.StringIO(written("csv").removeprefix("\ufeff"), newline="")))
    assert rows[0][-4:] == ["invented", "filters", "exported_at", "polarity_toward"]
    assert [(row[rows[0].index("polarity")], row[-1]) for row in rows[1:]] == [
        ("negative", "kakao:negative; naver:positive"),
        ("negative", "naver:negative; kakao:negative"),
        ("positive", "naver:positive"),
    ]
    assert json.loads(written("jsonl").splitlines()[0])["polarity_toward"] == {"kakao": "negative", "naver": "positive"}
    assert "대상 kakao:negative; naver:positive" in written("md")


def test_charts_count_what_is_said_of_the_chosen_target(home: Path) -> None:
    source, naver = queries.source(home), Filters(target=("naver",))
    assert queries.head(source, EVENT.id, Filters())["counted"] == 2
    assert queries.head(source, EVENT.id, naver)["counted"] == count_of(home, naver, "negative") == 1
    matrix = queries.by_theme_and_target(source, EVENT.id, Filters()).set_index("target_id")["counted"]
    assert matrix.to_dict() == {"kakao": 1, "naver": 0}


def count_of(home: Path, filters: Filters, polarity: str) -> int:
    with Store.read(home) as store:
        return count(store, EVENT.id, replace(filters, polarity=(polarity,)))


def test_another_annotation_by_the_same_model_replaces_what_was_said(home: Path) -> None:
    with Store.open(home) as store:
        document = {"id": test_store.DOCUMENT.id, "text_sha256": store.value("SELECT text_sha256 FROM documents")}
        whole = Sentence(0, len(TWO), TWO)
        store.save_annotation(EVENT, 1, "m-1", document, [whole], [Score("neutral", 0.1, 0.8, 0.1)], [[]], [[]])
        assert store.value("SELECT count(*) FROM target_scores") == 0


def test_a_store_from_before_gets_the_table_and_tells_the_sentences_own_polarity(home: Path) -> None:
    db = Database(home / NAME)
    db.execute("DROP TABLE target_scores")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm008_target_scores'")
    db.conn.commit()
    db.close()
    with Store.open(home) as store:
        sql = "SELECT polarity FROM target_facts WHERE target_id = 'naver' ORDER BY position"
        assert [row["polarity"] for row in store.rows(sql)] == ["negative", "negative", "positive"]


# ── how often it is right ────────────────────────────────────────────────────
# Measured with the shipped weights by `python bench/tone.py`; floors lie two targets below. Held-out sentences were
# written before the rules and not looked at while the rules were made.
FLOORS = {"develop": 82, "held_out": 83}


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, int]]:
    return bench.figures(list(bench.answers(load_scorer("shipped"))))


@pytest.mark.parametrize("half", FLOORS)
def test_polarity_toward_targets_is_right_as_often_as_measured(figures: dict[str, dict[str, int]], half: str) -> None:
    assert figures[half]["targets"] == 112
    assert figures[half]["right"] >= FLOORS[half]


@pytest.mark.parametrize("half", FLOORS)
def test_it_beats_the_sentences_own_polarity_where_targets_differ(
    figures: dict[str, dict[str, int]], half: str
) -> None:
    mixed = figures[f"{half}, mixed"]
    assert mixed["right"] >= mixed["sentence"] + 10


def test_the_labelled_sentences_name_what_their_labels_say(mentions: Mentions) -> None:
    rows = bench.rows()
    assert sum(row.construction == "control" for row in rows) >= 20
    assert sum(row.construction != "control" for row in rows) >= 60
    for row in rows:
        assert {mention.target for mention in mentions.find(row.text)} == set(row.tones), row.text
