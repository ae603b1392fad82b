"""Keys: two documents that may belong together share at least one, so only those are compared.

Copied sentences share the sentence; reworded texts share bands of a MinHash signature over word stems
(Broder 1997; bands after Rajaraman and Ullman, Mining of Massive Datasets, ch. 3); a portal's print and
its source share an address, or outlet and headline.
"""

from __future__ import annotations

import zlib
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from nlp.families.likeness import LEAST, body, letters, sentences
from nlp.families.prints import Print

# Stems of the labelled reworded posts are .41 to .62 alike (Jaccard), of texts on one topic .16 at most, of any two
# .02. 24 bands of three rows propose 96 % of the first and 6 in 10,000 of the last (computed from the likeness of each
# pair); with 28 none of the 20 labelled pairs that are found to be one text is lost.
BANDS, ROWS = 28, 3
SKETCH = BANDS * ROWS
# Estimated likeness from which a pair that shares a band is compared; the standard error of a sketch is .05.
LIKELY = 0.25
# The two-syllable beginnings that most sentences of data/training share say nothing about who copied whom. Without
# them the pairs proposed by chance fall to 29 %.
_COMMON = (
    "했다 시간 회사 하나 있다 우리 사람 들어 하루 오늘 있었 아니 이용 이번 않았 보고 다시 만에 것은 없다 같은 서비 설명"
    " 없었 다른 것이 동안 이제 돌아 있습 안내 확인 것으 시작 모두 먼저 일이 나는 한다 함께 나왔 하는 말이"
)
COMMON = frozenset(_COMMON.split())
# A shorter sentence ("감사합니다.") is everybody's.
LEAST_SENTENCE = 15


class Keys(NamedTuple):
    """``sure`` keys are worth a comparison each, a band only with a likely ``sketch``: the low bytes of the signature
    (Li and König 2010, b-bit minwise hashing). Keys are signed 64-bit numbers without repeats."""

    sure: tuple[int, ...]
    bands: tuple[int, ...]
    sketch: bytes


def keys(one: Print) -> Keys:
    """All keys of a document."""
    found = {_key("address", one.url)}
    if one.source_url:
        found.add(_key("address", one.source_url))
    if one.outlet and one.title:
        found.add(_key("headline", one.outlet, one.title))
    if body(one.text).letters < LEAST:
        return Keys(tuple(sorted(found)), (), b"")
    found.update(_key("sentence", kept) for kept in sentences(one.text) if len(kept) >= LEAST_SENTENCE)
    signature = _signature(one.text)
    return Keys(tuple(sorted(found)), _bands(signature), signature.astype(np.uint8).tobytes())


def likely(a: bytes, b: bytes) -> bool:
    """Whether two sketches speak for reworded texts."""
    same = sum(x == y for x, y in zip(a, b, strict=False)) / SKETCH
    return (same - 1 / 256) / (1 - 1 / 256) >= LIKELY


def stems(text: str) -> frozenset[str]:
    """The first two syllables of each word: Korean hangs its endings and particles behind."""
    return frozenset(kept[:2] for word in text.split() if len(kept := letters(word)) >= 2) - COMMON


def _signature(text: str) -> NDArray[np.uint64]:
    signature = _empty().copy()
    signature.update_batch([zlib.crc32(stem.encode()) for stem in stems(text)])
    return np.asarray(signature.hashvalues, dtype=np.uint64)


def _bands(signature: NDArray[np.uint64]) -> tuple[int, ...]:
    rows = signature.reshape(BANDS, ROWS)
    return tuple(_key("band", str(band), row.tobytes().hex()) for band, row in enumerate(rows))


@cache
def _empty() -> MinHash:
    """Drawing its permutations anew takes longer than all the rest of a signature."""
    return MinHash(num_perm=SKETCH, hashfunc=int)


def _key(*parts: str) -> int:
    digest = blake2b("\n".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
