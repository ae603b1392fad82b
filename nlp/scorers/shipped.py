"""The scorer that ships with the project: the fine-tuned encoder in ``nlp/model/`` and the n-grams beside it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from transformers import AutoTokenizer
from transformers.utils import logging

from nlp.scorers import POLARITIES, ModelBroken, Reading, check_settings, softmax
from nlp.scorers._engines import VECTOR_LAYERS, Engine, TorchEngine, check_answers, engine
from nlp.scorers._long import batches, padded, read_long
from nlp.wide import Wide

FOLDER = Path(__file__).parent.parent / "model"
# Tokens a text may have before it is split. Training saw sentences of at most 64 tokens (config.toml);
# 99 % of what nlp.text calls a sentence has fewer than 128.
MAX_TOKENS = 128


def load() -> FolderScorer:
    """The shipped model on the engine that YEORON_ENGINE names, or that suits this machine.

    Raises :class:`ModelBroken`, and what :func:`nlp.scorers._engines.chosen` raises.
    """
    return FolderScorer(FOLDER, "shipped", engine)


class FolderScorer:
    """A folder as training leaves it: a classifier of three labels, its tokenizer, ``yeoron.json``
    with ``temperature`` and ``undecided_below``, and perhaps the table of :mod:`nlp.wide` with its ``wide_weight``.

    probabilities = softmax((encoder + wide_weight * wide) / temperature)
    """

    def __init__(self, folder: Path, name: str, engine: Callable[[Path, str], Engine] = TorchEngine) -> None:
        settings = _settings(folder)
        logging.disable_progress_bar()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelBroken(f"model folder {folder}: {error}; reinstall yeoron or copy the folder again") from error
        self._order = _order(folder, config["id2label"])
        self._vector_shape = (len(VECTOR_LAYERS), int(config["hidden_size"]))
        self.sha256 = _sha256(folder)
        self.engine = engine(folder, self.sha256)
        self._wide, self._wide_weight = Wide(folder), float(settings.get("wide_weight", 0))
        self._temperature = float(settings["temperature"])
        self.undecided_below = float(settings["undecided_below"])
        self.name = name
        self.model_id = f"{name}-{self.sha256[:8]}"

    def read(self, texts: Sequence[str]) -> Reading:
        """See :class:`nlp.scorers.Scorer`. Equal texts are read once; a text over MAX_TOKENS is split at
        clause ends and its probabilities and vectors are averaged by the letters of its parts."""
        return read_long(texts, MAX_TOKENS, self._tokens, self._run)

    def _tokens(self, text: str) -> int:
        return len(self._tokenizer(text, verbose=False)["input_ids"])

    def _run(self, texts: list[str]) -> Reading:
        """Of texts that fit the model."""
        wide, topics = self._wide.read(texts)
        if not texts:
            none = np.zeros((0, len(POLARITIES)), np.float32)
            return Reading(none, np.zeros((0, *self._vector_shape), np.float32), topics)
        rows = self._tokenizer(texts)["input_ids"]
        parts = batches([len(row) for row in rows])
        said = self.engine.run([padded([rows[i] for i in part], self._tokenizer.pad_token_id) for part in parts])
        back = np.argsort([i for part in parts for i in part])
        logits, vectors = (np.concatenate([pair[which] for pair in said])[back] for which in (0, 1))
        check_answers(self.name, self.engine.name, logits, vectors)
        deep = logits[:, self._order] + self._wide_weight * wide
        return Reading(softmax(deep, self._temperature), vectors, topics)


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / "yeoron.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        temperature, undecided_below = float(found["temperature"]), float(found["undecided_below"])
        float(found.get("wide_weight", 0))
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "it must hold temperature and undecided_below; reinstall yeoron or copy the model folder again"
        raise ModelBroken(f"{path} cannot be read ({error!r}): {cure}") from error
    check_settings(path, temperature, undecided_below)
    return found


def _order(folder: Path, id2label: dict[str, str]) -> list[int]:
    """Positions of the model's logits in the order of POLARITIES."""
    names = {name.lower(): int(i) for i, name in id2label.items()}
    if set(names) != set(POLARITIES):
        raise ModelBroken(f"{folder}/config.json has the labels {', '.join(names)}; {', '.join(POLARITIES)} are needed")
    return [names[polarity] for polarity in POLARITIES]


def _sha256(folder: Path) -> str:
    """Over the names and bytes of weights, tokenizer and settings, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".safetensors", ".json", ".txt", ".model")):
        digest.update(path.name.encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
