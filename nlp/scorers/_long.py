"""Texts of any length for a model that reads short ones: split at clause ends, else between words, and averaged back.

No letter is left out; a single word longer than the model reads is parted by letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.scorers import Floats, Reading
from nlp.text import pieces

# Tokens a batch: rows times the longest row. Of 512 to 4,096 the fastest on two cores, a third faster than 4,096 in
# fp32 and in 8 bits: what a layer computes stays in the cache.
BATCH_TOKENS = 1024


def read_long(
    texts: Sequence[str],
    longest: int,
    tokens: Callable[[str], int],
    run: Callable[[list[str]], Reading],
) -> Reading:
    """``run`` reads texts of at most ``longest`` ``tokens``.

    Equal texts are read once; what a longer text's parts say is averaged by their letters.
    """
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    parts = [(row, part) for text, row in rows.items() for part in parts_of(text, longest, tokens)]
    owner = np.array([row for row, _ in parts], dtype=np.int64)
    weight = np.array([max(len(part), 1) for _, part in parts], dtype=np.float32)
    back = [rows[text] for text in texts]
    found = run([part for _, part in parts])
    whole = (found.probabilities, found.vectors, found.topics)
    return Reading(*(_averaged(values, owner, weight, len(rows))[back] for values in whole))


def parts_of(text: str, longest: int, tokens: Callable[[str], int]) -> Iterator[str]:
    """The text, or parts of it that each fit; a word longer than that is cut, since it is no word."""
    size = tokens(text)
    if size <= longest:
        yield text
        return
    letters = max(len(text) * longest * 9 // (size * 10), 1)
    spans = pieces(text, letters)
    if len(spans) == 1:
        spans = [(i, min(i + letters, len(text))) for i in range(0, len(text), letters)]
    for start, end in spans:
        yield from parts_of(text[start:end], longest, tokens)


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Positions by length, cut so that rows times the longest row stay within BATCH_TOKENS."""
    found: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if found and (len(found[-1]) + 1) * lengths[i] <= BATCH_TOKENS:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and their 0/1 mask, both (rows, longest row)."""
    ids = np.full((len(rows), max(map(len, rows))), pad, np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return ids, mask


def _averaged(values: Floats, owner: NDArray[np.int64], weight: Floats, size: int) -> Floats:
    """Rows of ``values`` averaged by ``weight`` into their owners: (parts, …) to (size, …)."""
    total = np.zeros((size, *values.shape[1:]), np.float32)
    np.add.at(total, owner, (values.T * weight).T)
    return np.asarray((total.T / np.bincount(owner, weight, size)).T, dtype=np.float32)
