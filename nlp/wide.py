"""The wide half of the shipped model: a linear model over letter n-grams beside the encoder.

Wide-and-deep (Cheng et al. 2016): the encoder generalises, the n-grams remember what endings and spellings
mean. Each n-gram of a text is hashed to a row of one table (Weinberger et al. 2009); a text's logits are the
sum of its rows over the root of their number.
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
LONGEST = 5  # letters; Korean syllables carry endings in two or three
_BITS = 20
BUCKETS = 1 << _BITS
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
    """Logits ``[texts, 3]`` of a table ``[BUCKETS, 3]``; differentiable in the table."""
    ids, starts, shares = rows(texts)
    return embedding_bag(ids, table, starts, mode="sum", per_sample_weights=shares)


class Wide:
    """The table of a model folder; without one every logit is zero."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        self._table = None
        if path.exists():
            held = load_file(path)
            self._table = held["table"].float() * held["scale"].float()

    def logits(self, texts: Sequence[str]) -> Floats:
        """Shape ``[texts, 3]``, in the order of the polarities."""
        if self._table is None or not texts:
            return np.zeros((len(texts), 3), np.float32)
        return np.asarray(logits(self._table, texts).numpy(), np.float32)
