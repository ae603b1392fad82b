"""Scorers: the registry, the shipped kind of model in a tiny copy, and labels from probabilities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlp.scorers import ModelBroken, UnknownScorer, known, label, load
from nlp.scorers.shipped import MAX_TOKENS, FolderScorer
from tests.tiny_model import build


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def scorer(folder: Path) -> FolderScorer:
    return FolderScorer(folder, "tiny")


def test_an_unknown_scorer_is_refused_by_naming_the_known_ones() -> None:
    assert "shipped" in known()
    with pytest.raises(UnknownScorer, match=r"unknown scorer 'best': known are .*shipped"):
        load("best")


def test_probabilities_are_three_shares_and_vectors_follow_the_texts(scorer: FolderScorer) -> None:
    reading = scorer.read(["카톡이 안 돼요.", "복구가 끝났다."])
    assert reading.probabilities.shape == (2, 3)
    assert reading.probabilities.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert reading.vectors.shape == (2, 2, 32)


def test_no_text_gives_no_rows(scorer: FolderScorer) -> None:
    assert scorer.read([]).probabilities.shape == (0, 3)


def test_neither_order_nor_company_changes_a_reading(scorer: FolderScorer) -> None:
    texts = ["가나다", "카톡이 안 돼서 회사에 말도 못 하고 기다렸습니다.", "보상", "가나다"]
    together, alone = scorer.read(texts), [scorer.read([text]) for text in texts]
    for row, one in enumerate(alone):
        assert together.probabilities[row] == pytest.approx(one.probabilities[0], abs=1e-5)
        assert together.vectors[row] == pytest.approx(one.vectors[0], abs=1e-4)


def test_a_long_text_is_the_average_of_its_parts_by_length(scorer: FolderScorer) -> None:
    first, second = "가" * 60 + ".", "나" * 100 + "."
    parts = scorer.read([first, second]).probabilities
    whole = scorer.read([f"{first} {second}"]).probabilities[0]
    assert len(first) + len(second) > MAX_TOKENS
    assert whole == pytest.approx((parts[0] * 61 + parts[1] * 101) / 162, abs=1e-5)


def test_the_end_of_a_very_long_text_counts(scorer: FolderScorer) -> None:
    same = "가나다라 " * 200
    read = scorer.read([same + "마바사 " * 40, same + "자차카 " * 40])
    assert not np.allclose(*read.vectors, atol=1e-3)


def test_a_word_without_end_is_read_to_its_end(scorer: FolderScorer) -> None:
    read = scorer.read(["가" * 300 + "나" * 50, "가" * 350])
    assert not np.allclose(*read.vectors, atol=1e-3)


def test_the_model_id_changes_with_any_byte_of_weights_or_settings(folder: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other")
    assert FolderScorer(other, "tiny").model_id == FolderScorer(folder, "tiny").model_id
    (other / "yeoron.json").write_text(json.dumps({"temperature": 1.5, "undecided_below": 0.4}), encoding="utf-8")
    changed = FolderScorer(other, "tiny")
    assert changed.model_id == f"tiny-{changed.sha256[:8]}"
    assert changed.sha256 != FolderScorer(folder, "tiny").sha256


def test_temperature_flattens_and_keeps_the_order(folder: Path, scorer: FolderScorer, tmp_path: Path) -> None:
    other = build(tmp_path / "other")
    (other / "yeoron.json").write_text(json.dumps({"temperature": 4.0, "undecided_below": 0.4}), encoding="utf-8")
    sharp, flat = scorer.read(["카톡이 안 돼요."]), FolderScorer(other, "tiny").read(["카톡이 안 돼요."])
    assert flat.probabilities.max() < sharp.probabilities.max()
    assert flat.probabilities.argmax() == sharp.probabilities.argmax()


def test_labels_of_another_order_are_put_right_and_of_another_name_refused(tmp_path: Path) -> None:
    names = ("negative", "neutral", "positive")
    plain, turned = build(tmp_path / "plain", names), build(tmp_path / "turned", names[::-1])
    text = ["카톡이 안 돼요."]
    straight, reversed_ = (FolderScorer(folder, "tiny").read(text).probabilities[0] for folder in (plain, turned))
    assert straight == pytest.approx(reversed_[::-1])
    with pytest.raises(ModelBroken, match="labels label_0"):
        FolderScorer(build(tmp_path / "unnamed", ("LABEL_0", "LABEL_1", "LABEL_2")), "tiny")


def test_a_folder_without_its_settings_or_weights_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match=r"yeoron.json cannot be read .* reinstall yeoron"):
        FolderScorer(tmp_path, "tiny")
    (tmp_path / "yeoron.json").write_text('{"temperature": 1, "undecided_below": 0.5}', encoding="utf-8")
    with pytest.raises(ModelBroken, match="reinstall yeoron"):
        FolderScorer(tmp_path, "tiny")


@pytest.mark.parametrize(
    ("temperature", "undecided_below", "said"),
    [(float("nan"), 0.5, "temperature is nan"), (0, 0.5, "temperature is 0.0; it must be above 0"),
     (1, float("nan"), "undecided_below is nan"), (1, 50, "undecided_below is 50.0; it must be from 0 to 1")],
)  # fmt: skip
def test_settings_out_of_their_range_are_refused(
    tmp_path: Path, temperature: float, undecided_below: float, said: str
) -> None:
    settings = {"temperature": temperature, "undecided_below": undecided_below}
    (tmp_path / "yeoron.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ModelBroken, match=f"yeoron.json: {said}"):
        FolderScorer(tmp_path, "tiny")


@pytest.mark.parametrize(
    ("probabilities", "polarity"),
    [((0.7, 0.2, 0.1), "negative"), ((0.2, 0.5, 0.3), "neutral"), ((0.1, 0.2, 0.7), "positive"),
     ((0.45, 0.30, 0.25), "undecided")],
)  # fmt: skip
def test_label(probabilities: tuple[float, float, float], polarity: str) -> None:
    assert label(probabilities, 0.5) == polarity
