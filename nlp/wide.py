"""The wide half of the shipped model: linear models over letter n-grams beside the encoder.

Wide-and-deep (Cheng et al. 2016): the encoder generalises, the n-grams remember what endings and spellings
mean. Each n-gram of a text is hashed to a row of a table (Weinberger et al. 2009).

Corpora mean different things by tone, so the table has eight answers: a comment is negative, neutral or positive, and
so is what is told of services that fail and in the news; a review is negative or positive. How much a text sounds like
each of the three kinds says how much that kind's answers count (a mixture of experts, Jacobs et al. 1991).
A second table does the same for topics, which :mod:`nlp.themes` learns an event's themes from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.sparse import csr_array
from scipy.special import logsumexp, softmax
from torch import Tensor
from torch.nn.functional import embedding_bag

from nlp.scorers import Floats

FILE = "wide.safetensors"
SCALES = {"table": "scale", "rarity": "rarity_scale", "topics": "topics_scale"}  # what each was divided by, in FILE
KINDS = COMMENTS, REPORTS, REVIEWS = slice(0, 3), slice(3, 6), slice(6, 8)  # columns of the answers, negative first
ANSWERS = 8
TOPIC_LETTERS = range(1, 6)  # lengths of the n-grams; Korean syllables carry endings in two or three
LETTERS, JAMO = range(1, 5), range(3, 7)  # for tone, within words: syllables, and the jamo that they are made of
_BITS = 20
BUCKETS = 1 << _BITS
TOPIC_BUCKETS = BUCKETS >> 2
TONE_BUCKETS = BUCKETS >> 1
_STEP = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio (Knuth 1998, 6.4)
_FOLD = np.uint64(64 - _BITS)
_START, _END = "\x02", "\x03"
_JAMO_SEED = 7  # where syllables have 0: n-grams of NFD that are no jamo (digits, Latin) get rows of their own

Ids = NDArray[np.int64]


def rows(texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of the topics' table for all n-grams of all texts, where each text's begin, and each n-gram's share.

    Shapes ``[n-grams]``, ``[texts]``, ``[n-grams]``. Letters are NFKC and lower case, runs of white space one space.
    """
    found, owner = _ngrams([f"{_START}{_plain(text)}{_END}" for text in texts], TOPIC_LETTERS)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(texts))
    starts = np.cumsum(counts) - counts
    shares = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return torch.from_numpy(found[order]), torch.from_numpy(starts), torch.from_numpy(shares)


def terms(texts: Sequence[str]) -> csr_array:
    """How often each text has each n-gram of a word, ``[texts, TONE_BUCKETS]``; a word's ends are spaces.

    N-grams of jamo (NFD) see what syllable blocks hide: 했다 and 갔다 end alike.
    """
    words = [f" {_plain(text)} " for text in texts]
    apart = [unicodedata.normalize("NFD", text) for text in words]
    pairs = _ngrams(words, LETTERS, within_words=True), _ngrams(apart, JAMO, within_words=True, seed=_JAMO_SEED)
    found, owner = (np.concatenate(both) for both in zip(*pairs, strict=True))
    places = np.sort(owner * TONE_BUCKETS + found // (BUCKETS // TONE_BUCKETS))
    first = np.flatnonzero(np.diff(places, prepend=-1))
    counts = np.diff(first, append=len(places)).astype(np.float32)
    owners, columns = np.divmod(places[first], TONE_BUCKETS)
    begins = np.searchsorted(owners, np.arange(len(texts) + 1))
    return csr_array((counts, columns.astype(np.int32), begins.astype(np.int32)), shape=(len(texts), TONE_BUCKETS))


def weighted(counts: csr_array, rarity: Floats) -> csr_array:
    """TF-IDF: the log of the counts plus one, times each n-gram's ``rarity`` (0: never seen), each text of length 1."""
    data = (1 + np.log(counts.data)) * rarity[counts.indices]
    owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    length = np.sqrt(np.bincount(owner, data * data, minlength=counts.shape[0]))
    data /= np.maximum(length, 1e-9)[owner]
    return csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def answers(texts: Sequence[str], table: Floats, rarity: Floats, level: Floats) -> Floats:
    """Logits ``[texts, 8]`` of each kind's tones, in the order of :data:`KINDS`."""
    return np.asarray(weighted(terms(texts), rarity) @ table + level, np.float32)


def tone(said: Floats) -> Floats:
    """Logits ``[texts, 3]`` of the answers ``[texts, 8]``: each kind's own, by how much the text is of that kind."""
    kind = softmax(np.stack([logsumexp(said[:, columns], axis=1) for columns in KINDS], axis=1), axis=1)
    lean = (said[:, 7] - said[:, 6]) / 2
    meant = [said[:, columns] - said[:, columns].mean(axis=1, keepdims=True) for columns in (COMMENTS, REPORTS)]
    meant.append(np.stack([-lean, np.zeros_like(lean), lean], axis=1))
    return np.asarray(np.einsum("tk,ktp->tp", kind, np.stack(meant)), np.float32)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _ngrams(parts: list[str], lengths: range, within_words: bool = False, seed: int = 0) -> tuple[Ids, Ids]:
    """Rows of a table of BUCKETS for all n-grams of the texts, and the text that each is of."""
    letters = np.frombuffer("".join(parts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    gap = (letters == ord(" ")) & within_words
    spaces = np.concatenate([[0], np.cumsum(gap)])  # before each letter
    found, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    hashed = np.full(len(letters), seed, np.uint64)
    for n in range(1, min(lengths.stop, len(letters) + 1)):
        stay = len(letters) - n + 1
        hashed = (hashed[:stay] ^ letters[n - 1 :]) * _STEP
        hashed ^= hashed >> np.uint64(29)
        if n not in lengths:
            continue
        inside = owner[:stay] == owner[n - 1 :]
        if n == 1:
            inside &= ~gap
        else:
            inside &= spaces[n - 1 : n - 1 + stay] == spaces[1 : stay + 1]  # none between its first letter and its last
        found.append(((hashed * _STEP) >> _FOLD)[inside].astype(np.int64))
        owners.append(owner[:stay][inside])
    return np.concatenate(found), np.concatenate(owners)


def logits(table: Tensor, texts: Sequence[str]) -> Tensor:
    """Logits ``[texts, columns]`` of a table ``[BUCKETS, columns]`` or one a power of two smaller, whose rows then
    hold several n-grams more: the sum of a text's rows over the root of their number. Differentiable in the table."""
    ids, starts, shares = rows(texts)
    return embedding_bag(ids // (BUCKETS // len(table)), table, starts, mode="sum", per_sample_weights=shares)


class Wide:
    """The tables of a model folder; without them every logit is zero, and there are no topics."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        held = load_file(path) if path.exists() else {}
        whole = {name: held[name].float() * held[scale].float() for name, scale in SCALES.items() if name in held}
        self._topics = whole.get("topics", torch.zeros(1, 0))
        self._level = held["level"].numpy() if "table" in whole else None
        self._table, self._rarity = (whole.get(name, torch.zeros(0)).numpy() for name in ("table", "rarity"))

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits ``[texts, 3]`` in the order of the polarities, and how much each text sounds like each topic that
        training knew, ``[texts, topics]``."""
        if not texts or not self._topics.numel():
            return self.logits(texts), np.zeros((len(texts), self._topics.shape[1]), np.float32)
        return self.logits(texts), np.asarray(logits(self._topics, texts).numpy(), np.float32)

    def logits(self, texts: Sequence[str]) -> Floats:
        """Shape ``[texts, 3]``, in the order of the polarities."""
        if not texts or self._level is None:
            return np.zeros((len(texts), 3), np.float32)
        return tone(answers(texts, self._table, self._rarity, self._level))
