"""Engines: the 8-bit form says what fp32 says, is made once, and keeps stdout clean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp.scorers import UnknownEngine
from nlp.scorers._engines import OpenVinoEngine, TorchEngine, cache_folder, engine
from nlp.scorers.shipped import FolderScorer
from tests.tiny_model import build

TEXTS = ["카톡이 안 돼요.", "복구가 끝났다.", "보상은 언제 받나요? 이틀째 기다리고 있습니다.", "고맙습니다"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model"))


def test_the_8_bit_form_is_made_once_and_says_what_fp32_says(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEORON_CACHE", str(tmp_path))
    exact = FolderScorer(folder, "tiny", TorchEngine).read(TEXTS)
    first = FolderScorer(folder, "tiny", OpenVinoEngine).read(TEXTS)
    assert np.abs(first.probabilities - exact.probabilities).max() < 0.02
    assert first.vectors == pytest.approx(exact.vectors, abs=0.1)
    said = capfd.readouterr()
    assert said.out == "" and said.err.count("모델을 이 컴퓨터에 맞게 준비합니다") == 1
    made = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {path.suffix for path in made} == {".xml", ".bin"}
    again = FolderScorer(folder, "tiny", OpenVinoEngine).read(TEXTS)
    assert np.array_equal(again.probabilities, first.probabilities)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == made
    assert "준비합니다" not in capfd.readouterr().err


def test_other_weights_have_another_8_bit_form(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEORON_CACHE", str(tmp_path))
    for digest in ("one", "other"):
        OpenVinoEngine(folder, digest)
    assert len(list(tmp_path.glob("*.xml"))) == 2


def test_the_engine_is_chosen_by_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEORON_ENGINE", "torch")
    assert engine(folder, "digest").name == "torch-cpu"
    monkeypatch.setenv("YEORON_ENGINE", "abacus")
    with pytest.raises(
        UnknownEngine, match="unknown engine 'abacus' in YEORON_ENGINE: known are auto, openvino, torch"
    ):
        engine(folder, "digest")


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YEORON_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("YEORON_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "yeoron"
