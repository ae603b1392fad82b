"""Figures against labelled sentences, and scoring line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from data.events import load
from nlp.evaluate import BadRows, Row, evaluate, read_rows, score
from nlp.scorers import Reading

EVENT = load("kakao-outage-2022")
HEAD = "polarity\tthemes\ttargets\ttext\n"


class Worded:
    """A scorer that reads the tone off one word: 화남, 기쁨, 글쎄 (torn), else neutral. Vectors say nothing."""

    name, model_id, sha256, undecided_below = "worded", "worded-0", "0" * 64, 0.5
    tones = {"화남": (0.8, 0.1, 0.1), "기쁨": (0.1, 0.1, 0.8), "글쎄": (0.45, 0.15, 0.4)}

    def read(self, texts: Sequence[str]) -> Reading:
        rows = [next((tone for word, tone in self.tones.items() if word in text), (0.1, 0.8, 0.1)) for text in texts]
        return Reading(np.array(rows, np.float32).reshape(-1, 3), np.ones((len(texts), 1, 4), np.float32))


def row(polarity: str, text: str, themes: str = "", targets: str = "") -> Row:
    return Row(polarity, frozenset(filter(None, themes.split(","))), frozenset(filter(None, targets.split(","))), text)


def test_polarity_figures() -> None:
    rows = [
        row("neg", "카톡이 화남"),
        row("neg", "카톡이 조용"),
        row("neu", "카톡이 글쎄"),
        row("pos", "카톡이 기쁨"),
        row("pos", "ㅋㅋㅋ"),
    ]
    figures = evaluate(EVENT, Worded(), rows)["polarity"]
    assert figures["accuracy"] == 0.4
    assert (figures["undecided"], figures["undecided_share"], figures["unscored"]) == (1, 0.2, 1)
    assert figures["per_class"]["neg"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2}
    assert figures["per_class"]["neu"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1}
    assert figures["per_class"]["pos"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "n": 2}
    assert figures["macro_f1"] == pytest.approx((0.5 + 0 + 0.6667) / 3, abs=1e-4)


def test_a_text_of_several_sentences_is_one_unit_weighted_by_length() -> None:
    rows = [
        row("neg", "화남. 하지만 이 글의 나머지는 그저 사실을 길게 적어 둔 것이다."),
        row("neg", "정말 정말 너무 화남. 끝."),
    ]
    figures = evaluate(EVENT, Worded(), rows)["polarity"]
    assert figures["accuracy"] == 0.5


def test_theme_and_target_figures() -> None:
    rows = [
        row("neu", "환불과 보상은 언제 받나요?", "compensation", ""),
        row("neu", "카톡이 먹통이다.", "outage,recovery", "kakaotalk,kakao"),
        row("neu", "네이버는 돌아왔다.", "", ""),
    ]
    figures = evaluate(EVENT, Worded(), rows)
    assert figures["n"] == 3
    assert figures["targets"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert figures["themes"]["per_theme"]["compensation"]["recall"] == 1.0
    assert figures["themes"]["per_theme"]["recovery"]["n"] == 1
    assert figures["themes"]["per_theme"]["stock"] == {"precision": None, "recall": None, "f1": None, "n": 0}


def test_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(
        ("\ufeff" + HEAD + 'neg\toutage,recovery\tkakaotalk\t카톡이 "먹통"\r\npos\t-\t-\t고마워요\n').encode()
    )
    assert read_rows(path, EVENT) == [
        row("neg", '카톡이 "먹통"', "outage,recovery", "kakaotalk"),
        row("pos", "고마워요"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("polarity\ttext\nneg\t화남\n", r"line 1: column themes, targets is missing; the first line must name"),
        (HEAD + "neg\t-\t-\t화남\nbad\t-\t-\t화남\n", r"line 3: unknown polarity 'bad'; known are neg, neu, pos"),
        (HEAD + "neg\toutge\t-\t화남\n", r"line 2: unknown theme outge; known are outage"),
        (HEAD + "neg\t-\tkakao,x\t화남\n", r"line 2: unknown target x; known are .*kakao"),
        (HEAD + "neg\t-\t-\t \n", r"line 2: the text is empty"),
        (HEAD + "neg\t-\n", r"line 2: the text is empty"),
        (HEAD, r"has no rows under its heading"),
        ("", r"line 1: column polarity, themes, targets, text is missing"),
    ],
)
def test_wrong_rows_name_their_line_and_the_cure(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadRows, match=message):
        read_rows(path, EVENT)


def test_a_file_of_another_encoding_or_none_names_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes((HEAD + "neg\t-\t-\t화남\n").encode("cp949"))
    with pytest.raises(BadRows, match="is not UTF-8 .* save it again as UTF-8"):
        read_rows(path, EVENT)
    with pytest.raises(BadRows, match="cannot be read: No such file"):
        read_rows(tmp_path / "none.tsv", EVENT)


def test_a_line_is_scored_sentence_by_sentence() -> None:
    first, empty, signs = score(EVENT, Worded(), ["카톡이 또 화남. 보상은 기쁨.\n", "\n", "ㅋㅋㅋ"])
    assert [(s["start"], s["end"], s["text"], s["polarity"]) for s in first["sentences"]] == [
        (0, 9, "카톡이 또 화남.", "negative"),
        (10, 17, "보상은 기쁨.", "positive"),
    ]
    assert first["sentences"][0]["probabilities"] == pytest.approx({"negative": 0.8, "neutral": 0.1, "positive": 0.1})
    assert first["sentences"][0]["targets"] == ["kakaotalk"]
    assert {"id", "probability"} == set(first["sentences"][1]["themes"][0])
    assert empty == {"text": "", "sentences": []}
    assert (signs["sentences"][0]["polarity"], signs["sentences"][0]["probabilities"]) == ("unscored", None)


def test_lines_are_taken_as_they_are_needed() -> None:
    taken = []

    def lines() -> Iterator[str]:
        for number in range(1000):
            taken.append(number)
            yield "카톡이 조용"

    assert next(score(EVENT, Worded(), lines()))["text"] == "카톡이 조용"
    assert len(taken) < 100
