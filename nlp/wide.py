"""The wide half of the shipped model: a linear model over letter n-grams beside the encoder.

Wide-and-deep (Cheng et al. 2016): the encoder generalises, the n-grams remember what endings and spellings
mean. Each n-gram of a text is hashed to a row of one table (Weinberger et al. 2009); a text's logits are the
sum of its rows over the root of their number. A second, smaller table does the same for topics, which
:mod:`nlp.themes` learns an event's themes from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import embedding_bag

from nlp.scorers import Floats

FILE = "wide.safetensors"
SCALES = {"table": "scale", "topics": "topics_scale"}  # in FILE: what each table was divided by
LONGEST = 5  # letters; Korean syllables carry endings in two or three
_BITS = 20
BUCKETS = 1 << _BITS
TOPIC_BUCKETS = BUCKETS >> 2
_STEP = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio (Knuth 1998, 6.4)
_FOLD = np.uint64(64 - _BITS)
_START, _END = "\x02", "\x03"


def rows(texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of the table for all n-grams of all texts, where each text's begin, and each n-gram's share.

    Shapes ``[n-grams]``, ``[texts]``, ``[n-grams]``. Letters are NFKC and lower case, runs of white space one space.
    """
    parts = [f"{_START}{' '.join(unicodedata.normalize('NFKC', text).lower().split())}{_END}" for text in texts]
    letters = np.frombuffer("".join(parts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    found, owners = [], []
    hashed = np.zeros(len(letters), np.uint64)
    for n in range(1, LONGEST + 1):
        stay = len(letters) - n + 1
        if stay <= 0:
            break
        hashed = (hashed[:stay] ^ letters[n - 1 :]) * _STEP
        hashed ^= hashed >> np.uint64(29)
        inside = owner[:stay] == owner[n - 1 :]
        found.append(((hashed * _STEP) >> _FOLD)[inside].astype(np.int64))
        owners.append(owner[:stay][inside])
    return _sorted(found, owners, len(texts))


def _sorted(
    found: list[NDArray[np.int64]], owners: list[NDArray[np.int64]], size: int
) -> tuple[Tensor, Tensor, Tensor]:
    if not found:
        return torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), torch.zeros(0)
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=size)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    shares = np.repeat(1 / np.sqrt(counts), counts).astype(np.float32)
    return torch.from_numpy(np.concatenate(found)[order]), torch.from_numpy(starts), torch.from_numpy(shares)


def logits(table: Tensor, texts: Sequence[str]) -> Tensor:
    """Logits ``[texts, columns]`` of a table ``[BUCKETS, columns]`` or one a power of two smaller, whose rows then
    hold several n-grams more; differentiable in the table."""
    return _summed(table, *rows(texts))


def _summed(table: Tensor, ids: Tensor, starts: Tensor, shares: Tensor) -> Tensor:
    return embedding_bag(ids // (BUCKETS // len(table)), table, starts, mode="sum", per_sample_weights=shares)


class Wide:
    """The tables of a model folder; without them every logit is zero, and there are no topics."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        held = load_file(path) if path.exists() else {}
        self._tables = [_whole(held, name, columns) for name, columns in (("table", 3), ("topics", 0))]

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits ``[texts, 3]`` in the order of the polarities, and how much each text sounds like each topic that
        training knew, ``[texts, topics]``."""
        ngrams = rows(texts)
        tone, topics = (_answer(table, ngrams, len(texts)) for table in self._tables)
        return tone, topics

    def logits(self, texts: Sequence[str]) -> Floats:
        """Shape ``[texts, 3]``, in the order of the polarities."""
        return self.read(texts)[0]


def _whole(held: dict[str, Tensor], name: str, columns: int) -> Tensor:
    """A table as it was before it was packed; of one row of zeros where there is none."""
    return held[name].float() * held[SCALES[name]].float() if name in held else torch.zeros(1, columns)


def _answer(table: Tensor, ngrams: tuple[Tensor, Tensor, Tensor], texts: int) -> Floats:
    if not texts or not table.numel():
        return np.zeros((texts, table.shape[1]), np.float32)
    return np.asarray(_summed(table, *ngrams).numpy(), np.float32)
