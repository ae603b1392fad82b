"""Themes: the classifier that is made from an event file, and its quality on sentences written for this test."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from data.events import Event, load
from nlp.scorers import Floats, Reading, Scorer, shipped
from nlp.themes import THRESHOLD, ThemeModel, theme_model

HERE = Path(__file__).parent / "themes"
EVENT = load("kakao-outage-2022")
needs_weights = pytest.mark.skipif(
    not (shipped.FOLDER / "model.safetensors").is_file(), reason="nlp/model/model.safetensors is not here"
)


def letter_pairs(texts: Sequence[str]) -> Floats:
    """Vectors without a model, (n, 1, 64): counts of letter pairs in 64 buckets."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for a, b in zip(text, text[1:], strict=False):
            row[zlib.crc32((a + b).encode()) % 64] += 1
    return rows[:, None, :]


def read(texts: Sequence[str]) -> Reading:
    """What a scorer says that has letter pairs for vectors, and no topics."""
    return Reading(
        np.full((len(texts), 3), 1 / 3, np.float32), letter_pairs(texts), np.zeros((len(texts), 0), np.float32)
    )


class Counting:
    """A scorer that only embeds, and counts how often it is asked."""

    name, model_id, sha256, undecided_below = "counting", "counting-0", "0" * 64, 0.5

    def __init__(self) -> None:
        self.asked = 0

    def read(self, texts: Sequence[str]) -> Reading:
        self.asked += 1
        return read(texts)


def found(model: ThemeModel, text: str) -> list[str]:
    return [theme for theme, _ in model.predict([text], read([text]))[0]]


@pytest.fixture(scope="module")
def model() -> ThemeModel:
    return ThemeModel.fit(EVENT, read)


def test_a_sentence_may_have_one_theme_several_or_none(model: ThemeModel) -> None:
    assert found(model, "환불과 보상은 어디서 받나요?") == ["compensation"]
    assert found(model, "오늘은 된장찌개를 끓였어요.") == []
    both = found(model, "주주들은 주가 하락에 손절했고 소송과 배상을 벼른다.")
    assert set(both) == {"stock", "compensation"}


def test_probabilities_are_each_between_0_and_1_and_sorted(model: ThemeModel) -> None:
    texts = [text for theme in EVENT.themes for text in theme.examples]
    whole = model.probabilities(texts, read(texts))
    assert whole.shape == (len(texts), len(EVENT.themes))
    assert whole.min() >= 0 and whole.max() <= 1
    for row in model.predict(texts, read(texts)):
        shares = [probability for _, probability in row]
        assert shares == sorted(shares, reverse=True)
        assert all(share >= THRESHOLD for share in shares)


def test_no_texts(model: ThemeModel) -> None:
    assert model.predict([], read([])) == []


def test_boilerplate_of_the_event_file_makes_no_theme() -> None:
    event = replace(EVENT, boilerplate=("소송 제보는 보상 환불 환급 센터로",))
    with_phrase, without = "소송 제보는 보상 환불 환급 센터로 알려 주세요.", " 알려 주세요."
    model = ThemeModel.fit(event, read)
    said = read([without])
    assert model.probabilities([with_phrase], said) == pytest.approx(model.probabilities([without], said))


def test_a_model_is_fitted_once_for_an_event_file_and_weights(tmp_path: Path) -> None:
    scorer = Counting()
    first, second = (theme_model(EVENT, scorer, tmp_path) for _ in range(2))
    assert scorer.asked == 1
    texts = ["보상은 언제 받나요?"]
    assert first.predict(texts, read(texts)) == second.predict(texts, read(texts))
    theme_model(replace(EVENT, sha256="1" * 64), scorer, tmp_path)
    assert scorer.asked == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_the_same_file_gives_the_same_model(model: ThemeModel) -> None:
    again = ThemeModel.fit(EVENT, read)
    assert np.array_equal(model.weights, again.weights)


def f1(event: Event, name: str, scorer: Scorer) -> tuple[float, float]:
    """Micro and macro F1 on ``themes/NAME.tsv``."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    texts = [row["text"] for row in rows]
    said = theme_model(event, scorer).probabilities(texts, scorer.read(texts)) >= THRESHOLD
    truth = np.array([[theme.id in row["themes"].split(",") for theme in event.themes] for row in rows])
    return tuple(f1_score(truth, said, average=kind, zero_division=0) for kind in ("micro", "macro"))


@needs_weights
def test_floor_of_quality_on_the_event_and_on_an_invented_one() -> None:
    scorer = shipped.load()
    assert min(f1(EVENT, "outage.tsv", scorer)) >= 0.70
    assert min(f1(load(str(HERE / "delivery-fee.toml")), "delivery-fee.tsv", scorer)) >= 0.75
