"""The scorer that ships with the project: the fine-tuned encoder in ``nlp/model/``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from nlp.scorers import POLARITIES, Floats, ModelBroken, Reading
from nlp.text import pieces

FOLDER = Path(__file__).parent.parent / "model"
# Tokens a text may have before it is split. Training saw sentences of at most 64 tokens (config.toml);
# 99 % of what nlp.text calls a sentence has fewer than 128.
MAX_TOKENS = 128
# Layers whose states are given as vectors, as shares of the depth: two thirds (8 of 12) and the last. Fine-tuning
# for tone makes the last layer forget matter. Theme micro-F1 on tests/themes/outage.tsv with the last / layer 8 /
# both: before fine-tuning .80 .78 .81, after 307 steps .76 .80 .81, after 700 steps of the long run .77 .80 .80.
VECTOR_LAYERS = (2 / 3, 1.0)
# Tokens a batch: rows times the longest row. On two cores larger batches are no faster.
BATCH_TOKENS = 4096
THREADS = 2


def load() -> FolderScorer:
    """The shipped model. Raises :class:`ModelBroken` when its folder is incomplete."""
    return FolderScorer(FOLDER, "shipped")


class FolderScorer:
    """A folder that ``transformers`` reads as a sequence classifier with three labels.

    Beside the model's own files stands ``yeoron.json`` with ``temperature`` and ``undecided_below``.
    ``labels`` maps the model's label names to polarities where they are not the polarities themselves.
    """

    def __init__(self, folder: Path, name: str, labels: dict[str, str] | None = None) -> None:
        settings = _settings(folder)
        torch.set_num_threads(THREADS)
        logging.disable_progress_bar()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, dtype=torch.float32
            )
        except (OSError, ValueError) as error:
            raise ModelBroken(f"model folder {folder}: {error}; reinstall yeoron or copy the folder again") from error
        self._model = model.eval()
        self._order = _order(folder, model.config.id2label, labels or {})
        self._temperature = float(settings["temperature"])
        self.undecided_below = float(settings["undecided_below"])
        self.name = name
        self.sha256 = _sha256(folder)
        self.model_id = f"{name}-{self.sha256[:8]}"

    def read(self, texts: Sequence[str]) -> Reading:
        """See :class:`nlp.scorers.Scorer`. Equal texts are read once; a text over MAX_TOKENS is split at
        clause ends and its probabilities and vectors are averaged by the letters of its parts."""
        rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        parts = [(row, part) for text, row in rows.items() for part in self._parts(text)]
        probabilities, vectors = self._run([part for _, part in parts])
        owner = np.array([row for row, _ in parts], dtype=np.int64)
        weight = np.array([max(len(part), 1) for _, part in parts], dtype=np.float32)
        back = [rows[text] for text in texts]
        return Reading(*(_averaged(values, owner, weight, len(rows))[back] for values in (probabilities, vectors)))

    def _parts(self, text: str) -> list[str]:
        """The text, or parts of it that each fit; a word longer than that is cut, since it is no word."""
        tokens = self._tokens(text)
        if tokens <= MAX_TOKENS:
            return [text]
        limit = max(len(text) * MAX_TOKENS * 9 // (tokens * 10), 1)
        spans = pieces(text, limit)
        if len(spans) == 1:
            spans = [(i, min(i + limit, len(text))) for i in range(0, len(text), limit)]
        return [part for start, end in spans for part in self._parts(text[start:end])]

    def _tokens(self, text: str) -> int:
        return len(self._tokenizer(text, verbose=False)["input_ids"])

    @torch.inference_mode()
    def _run(self, texts: list[str]) -> tuple[Floats, Floats]:
        """Probabilities (n, 3) and vectors (n, layers, d) of texts that fit the model."""
        ids = self._tokenizer(texts)["input_ids"] if texts else []
        probabilities = np.empty((len(texts), len(POLARITIES)), np.float32)
        layers = [round(share * self._model.config.num_hidden_layers) for share in VECTOR_LAYERS]
        vectors = np.empty((len(texts), len(layers), self._model.config.hidden_size), np.float32)
        for batch in _batches([len(row) for row in ids]):
            fed = self._tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
            out = self._model(**fed, output_hidden_states=True)
            mask = fed["attention_mask"].unsqueeze(-1).float()
            for i, layer in enumerate(layers):
                vectors[batch, i] = ((out.hidden_states[layer] * mask).sum(1) / mask.sum(1)).numpy()
            probabilities[batch] = (out.logits[:, self._order] / self._temperature).softmax(-1).numpy()
        return probabilities, vectors


def _batches(lengths: list[int]) -> list[list[int]]:
    """Positions by length, cut so that rows times the longest row stay within BATCH_TOKENS."""
    found: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if found and (len(found[-1]) + 1) * lengths[i] <= BATCH_TOKENS:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _averaged(values: Floats, owner: np.ndarray[Any, np.dtype[np.int64]], weight: Floats, size: int) -> Floats:
    """Rows of ``values`` averaged by ``weight`` into their owners: (parts, …) to (size, …)."""
    total = np.zeros((size, *values.shape[1:]), np.float32)
    np.add.at(total, owner, (values.T * weight).T)
    return np.asarray((total.T / np.bincount(owner, weight, size)).T, dtype=np.float32)


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / "yeoron.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        float(found["temperature"]), float(found["undecided_below"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "it must hold temperature and undecided_below; reinstall yeoron or copy the model folder again"
        raise ModelBroken(f"{path} cannot be read ({error!r}): {cure}") from error
    return found


def _order(folder: Path, id2label: dict[int, str], labels: dict[str, str]) -> list[int]:
    """Positions of the model's logits in the order of POLARITIES."""
    names = {labels.get(name, name.lower()): int(i) for i, name in id2label.items()}
    if set(names) != set(POLARITIES):
        raise ModelBroken(f"{folder}/config.json has the labels {', '.join(names)}; {', '.join(POLARITIES)} are needed")
    return [names[polarity] for polarity in POLARITIES]


def _sha256(folder: Path) -> str:
    """Over the names and bytes of weights, tokenizer and settings, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".safetensors", ".json", ".txt", ".model")):
        digest.update(path.name.encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
