"""The measuring of the shipped scorer: what the agreement is held against, and that the lines say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from bench import score
from nlp.scorers import POLARITIES, shipped
from nlp.scorers._engines import TorchEngine
from tests.tiny_model import build

TEXTS = ["카톡이 안 돼요.", "복구가 끝났다.", "고맙습니다"]


def test_the_reference_is_fp32_on_the_processor_beside_a_gpu_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FOLDER", build(tmp_path / "tiny"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("YEORON_ENGINE", "auto")
    found = score.side("batched", TEXTS)
    exact = shipped.FolderScorer(tmp_path / "tiny", "tiny", TorchEngine).read(TEXTS).probabilities
    assert (found["engine"], found["labels"]) == ("torch-fp32", [POLARITIES[i] for i in exact.argmax(axis=1)])


def test_the_lines_say_what_was_measured_against_what(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, dict[str, Any]] = {
        "stock": {"rate": 20.0, "peak_mb": 900.0},
        "batched": {"rate": 100.0, "peak_mb": 800.0, "engine": "torch-fp32", "labels": ["negative"] * 4},
        "shipped": {"rate": 9000.0, "peak_mb": 700.0, "engine": "cuda-fp16", "labels": ["negative"] * 3 + ["neutral"]},
    }
    monkeypatch.setattr(score, "apart", lambda name, lines: given[name])
    monkeypatch.setattr(score.os, "cpu_count", lambda: 2)
    assert list(score.report(score.measure(["가", "나", "다", "다"]))) == [
        "4 sentences, 3 distinct, 2 cores, cuda-fp16",
        "    20.0/s    1.0×     900 MB  transformers pipeline on the processor, fp32, one by one",
        "   100.0/s    5.0×     800 MB  shipped scorer on the processor, fp32, batches by length",
        "  9000.0/s  450.0×     700 MB  shipped scorer as it comes",
        "labels of cuda-fp16 as in torch-fp32: 75.00%",
    ]
