"""Engines: which one computes, the 8-bit form says what fp32 says and is made once, half precision is checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nlp.scorers import EngineMissing, ModelBroken, UnknownEngine
from nlp.scorers._engines import (
    Engine,
    OpenVinoEngine,
    Place,
    TorchEngine,
    cache_folder,
    chosen,
    engine,
    place_of,
)
from nlp.scorers.shipped import FolderScorer
from tests.tiny_model import build

# What a GPU computes with, on the processor: no GPU is needed to see what half precision does.
HALF_HERE = Place("cuda-fp16", "cpu", torch.float16)
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


@pytest.mark.parametrize(
    ("named", "gpu", "found"),
    [(None, False, "openvino"), (None, True, "cuda"), ("auto", True, "cuda"), ("cuda", True, "cuda"),
     ("openvino", True, "openvino"), ("torch", False, "torch"), ("torch", True, "torch")],
)  # fmt: skip
def test_the_engine_is_chosen_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, named: str | None, gpu: bool, found: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.delenv("YEORON_ENGINE", raising=False)
    if named:
        monkeypatch.setenv("YEORON_ENGINE", named)
    assert chosen() == found


def test_only_cuda_leaves_the_processor_and_full_width() -> None:
    assert {named: place_of(named) for named in ("openvino", "torch", "cuda")} == {
        "openvino": ("torch-fp32", "cpu", torch.float32),
        "torch": ("torch-fp32", "cpu", torch.float32),
        "cuda": ("cuda-fp16", "cuda", torch.float16),
    }


def test_an_engine_that_is_none_or_cannot_be_had_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("YEORON_ENGINE", "abacus")
    with pytest.raises(UnknownEngine, match="'abacus' in YEORON_ENGINE: known are auto, openvino, torch, cuda"):
        chosen()
    monkeypatch.setenv("YEORON_ENGINE", "cuda")
    with pytest.raises(EngineMissing, match="cuda and torch sees no GPU: install .* or set it to auto"):
        chosen()


def test_torch_is_exact_beside_a_gpu_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("YEORON_ENGINE", "torch")
    asked = FolderScorer(folder, "tiny", engine)
    assert asked.engine.name == "torch-fp32"
    exact = FolderScorer(folder, "tiny", TorchEngine).read(TEXTS)
    assert np.array_equal(asked.read(TEXTS).probabilities, exact.probabilities)


def half(folder: Path, digest: str) -> Engine:
    return TorchEngine(folder, digest, HALF_HERE)


def test_half_precision_is_near_and_comes_back_in_full_width(folder: Path) -> None:
    exact, near = (FolderScorer(folder, "tiny", kind).read(TEXTS) for kind in (TorchEngine, half))
    assert 0 < np.abs(near.probabilities - exact.probabilities).max() < 0.002
    assert 0 < np.abs(near.vectors - exact.vectors).max() < 0.01
    assert near.probabilities.dtype == near.vectors.dtype == np.float32


def test_what_half_precision_cannot_hold_is_refused(tmp_path: Path) -> None:
    folder = build(tmp_path / "steep")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"] *= 1e7
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert FolderScorer(folder, "steep", TorchEngine).read(TEXTS).probabilities.sum() == pytest.approx(len(TEXTS))
    with pytest.raises(ModelBroken, match="steep answers .* no number in cuda-fp16: set YEORON_ENGINE=torch"):
        FolderScorer(folder, "steep", half).read(TEXTS)


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YEORON_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("YEORON_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "yeoron"
