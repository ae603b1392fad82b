"""Families: near-duplicate documents, so that forty prints of one wire story count as one voice.

Candidates come from MinHash signatures in an LSH ensemble (Zhu et al. 2016, containment search); each
candidate pair is then measured exactly, so no family rests on an estimate.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from datasketch import MinHash, MinHashLSHEnsemble
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
FamilyKind = Literal["origin", "portal_copy", "verbatim", "near"]

SHINGLE = 5
# Platforms that print other outlets' articles.
PORTALS = ("daum_news", "naver_news")
# Shared shingles over all shingles of both texts (Jaccard). On the demo web (173 pages, 14,878 pairs) copies made on
# purpose have .60 (words swapped for synonyms) to 1.0, the next pair .08. Among 3,691 real petitions the pairs
# between .38 and .60 that were read are rewritings of one text, but for two that could not be told.
NEAR = 0.4
# Portals cut by-lines and subtitles: their 22 copies on the demo web have .87 to 1.0.
VERBATIM = 0.95
# Shared shingles over those of the shorter text: a post that pastes an article and adds its own words, or a trimmed
# copy. The demo's highest by chance is .27, of a 190-letter flash; so short texts are left out.
CONTAINED = 0.8
LEAST_CONTAINED = 300
# Shingles under which two posts are alike by chance ("카톡 안 돼요"): only portal links join those.
LEAST_COMPARED = 40
# Containment from which LSH proposes a pair; NEAR means at least .57 of the shorter. With 128 permutations 120 of
# 120 pairs with a Jaccard similarity of .47 were proposed (tests/test_families.py).
CANDIDATE = 0.5
PERMUTATIONS = 128

_SIGNS = re.compile(r"[\W_]+")


class Family(NamedTuple):
    """One document's place: ``family_id`` is the origin's id, ``similarity`` the Jaccard similarity to it."""

    document_id: str
    family_id: str
    kind: FamilyKind
    similarity: float


@dataclass(frozen=True, slots=True)
class _Print:
    """What is kept of a document while it is compared. ``order`` sorts by publication."""

    id: str
    url: str
    source_url: str | None
    outlet: str
    title: str
    portal: bool
    order: tuple[int, str, str]
    shingles: Hashes


def families(documents: Iterable[Mapping[str, Any]]) -> list[Family]:
    """One row a document, in the order of their ids.

    Documents are mappings with ``id url source_url platform outlet title text published_at
    date_precision``; ``source_url``, ``outlet`` and the dates may be None.
    """
    held = sorted((_print(document) for document in documents), key=lambda one: one.id)
    copies = _portal_copies(held)
    groups = _Groups(len(held))
    for a, b in [*copies.items(), *_alike([one.shingles for one in held])]:
        groups.join(a, b)
    return sorted(_rows(held, copies, groups))


def letters(text: str) -> str:
    """What is compared: NFC, lower case, without white space and punctuation."""
    return _SIGNS.sub("", unicodedata.normalize("NFC", text).lower())


def jaccard(a: Hashes, b: Hashes) -> float:
    """Shared shingles over all; 0 when one has none."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def _shingles(text: str) -> Hashes:
    """Sorted distinct CRC-32 of every run of five letters."""
    kept = letters(text)
    runs = {kept[i : i + SHINGLE] for i in range(max(len(kept) - SHINGLE + 1, 0))}
    return np.array(sorted({zlib.crc32(run.encode()) for run in runs}), dtype=np.uint32)


def _print(document: Mapping[str, Any]) -> _Print:
    exact = {"minute": 0, "day": 1, "month": 2}.get(document["date_precision"] or "", 3)
    return _Print(
        document["id"],
        document["url"],
        document["source_url"],
        document["outlet"] or "",
        letters(document["title"]),
        bool(document["source_url"]) or document["platform"] in PORTALS,
        (exact, document["published_at"] or "", document["id"]),
        _shingles(document["text"]),
    )


def _portal_copies(held: Sequence[_Print]) -> dict[int, int]:
    """Portal copy to its source, by position: the address it names, else the same outlet and title, else the
    first other portal's copy of the same address."""
    by_url = {one.url: i for i, one in enumerate(held)}
    by_title = {(one.outlet, one.title): i for i, one in enumerate(held) if one.outlet and one.title and not one.portal}
    by_source: dict[str, int] = {}
    found = {}
    for i in sorted(range(len(held)), key=lambda i: held[i].order):
        one = held[i]
        named = by_url.get(one.source_url or "", by_title.get((one.outlet, one.title)))
        source = by_source.setdefault(one.source_url, i) if named is None and one.source_url else named
        if one.portal and source is not None and source != i:
            found[i] = source
    return found


def _alike(shingles: Sequence[Hashes]) -> Iterator[tuple[int, int]]:
    """Pairs of positions whose texts are near or contained."""
    long = [i for i, hashes in enumerate(shingles) if len(hashes) >= LEAST_COMPARED]
    if len(long) < 2:
        return
    prints = {i: _minhash(shingles[i]) for i in long}
    ensemble = MinHashLSHEnsemble(threshold=CANDIDATE, num_perm=PERMUTATIONS, num_part=8)
    ensemble.index((i, prints[i], _rough(len(shingles[i]))) for i in long)
    for i in long:
        for j in ensemble.query(prints[i], _rough(len(shingles[i]))):
            if i != j and _same(shingles[i], shingles[j]):
                yield i, j


def _same(a: Hashes, b: Hashes) -> bool:
    shared, shorter = len(np.intersect1d(a, b, assume_unique=True)), min(len(a), len(b))
    near = shared / (len(a) + len(b) - shared) >= NEAR
    return near or (shorter >= LEAST_CONTAINED and shared / shorter >= CONTAINED)


def _rough(size: int) -> int:
    """A size to the nearest power of 1.1: the ensemble's set-up grows with the square of the distinct sizes."""
    return round(1.1 ** round(math.log(size, 1.1)))


def _minhash(hashes: Hashes) -> MinHash:
    """Signature over the shingles' own hashes."""
    signature = MinHash(num_perm=PERMUTATIONS, hashfunc=int)
    signature.update_batch(hashes.tolist())
    return signature


def _rows(held: Sequence[_Print], copies: Mapping[int, int], groups: _Groups) -> Iterator[Family]:
    """A portal's print is a copy where its outlet's own page is in the family, also when that is dated later."""
    for members in groups.members():
        printed = {held[i].outlet for i in members if not held[i].portal}
        copied = {i for i in members if i in copies or (held[i].portal and held[i].outlet in printed)}
        origin = min(members, key=lambda i: (i in copied, held[i].order))
        for i in members:
            similarity = 1.0 if i == origin else round(jaccard(held[i].shingles, held[origin].shingles), 4)
            yield Family(held[i].id, held[origin].id, _kind(i == origin, i in copied, similarity), similarity)


def _kind(origin: bool, copied: bool, similarity: float) -> FamilyKind:
    if origin:
        return "origin"
    if copied:
        return "portal_copy"
    return "verbatim" if similarity >= VERBATIM else "near"


class _Groups:
    """Disjoint sets over positions (union-find with path halving)."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        self.parent[self.root(a)] = self.root(b)

    def members(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for i in range(len(self.parent)):
            found.setdefault(self.root(i), []).append(i)
        return list(found.values())
