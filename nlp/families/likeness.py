"""Whether two texts are one text: how much of each stands in the other, sentence by sentence.

Shared shingles alone do not tell: posts of one series share half of theirs through a common frame, and a
reworded copy a seventh. So a sentence counts as held by the other text when most of its shingles are there
(copied), or when some sentence there is much like it (reworded); then letters are added up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

How = Literal["same", "edited", "trimmed", "extended", "reworded"]

SHINGLE = 5
# The figures are those of `python bench/families.py`; docs/families.md tells with which labelled pairs.
# A sentence is copied with this share of its shingles in the other text, reworded from this likeness (Dice over pairs
# of syllables) on. The most alike sentences of two texts on one topic have .07 by median, of reworded posts .59.
COPIED, REWORDED = 0.6, 0.35
# Share of the shorter text's letters in such sentences. Series posts and long quotations reach .68 through what they
# share, an article under a new lead has .78, reworded posts .66 to 1.
HELD = 0.73
# Share of the longer's, unless the shorter is its beginning: who adds more than he takes speaks for himself.
MOST = 0.6
# Reports from one mould (share prices, road traffic) differ in their figures only: such as name FEW_FIGURES or more
# are one text when SAME_FIGURES of the shorter's are in the other. Three pairs of reports have .1 to .42.
FEW_FIGURES, SAME_FIGURES = 4, 0.5
# What little text says, two may say alike: under LEAST letters only a portal's link joins, under SHORT nearly all
# has to be held.
LEAST, SHORT, SHORT_HELD = 60, 150, 0.9
# Shared shingles over those of the shorter text that are worth a second look: reworded posts have .06 and more,
# texts on one topic .04 and less.
WORTH_A_LOOK = 0.05
VERBATIM = 0.95
# Where a copy is so much shorter or longer than the other, that is how it differs.
ANOTHER_SIZE = 0.8
# A line that no full stop ends is parted here, in letters.
LONGEST = 120

_SIGNS = re.compile(r"[\W_]+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_END = re.compile(r"(?<=[.?!…])[\"”'’)」]*\s+|\s*\n\s*")
# What portals and papers print around an article: nobody's words.
_FRAME = re.compile(r"저작권|무단\s?(?:전재|복제|배포|으로)|재배포|\S+@\S+|기사 섹션|제보는|구독하고|\S{2,3} 기자$")
_FRAME_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence: its number of letters, its shingles and its pairs of syllables."""

    letters: int
    shingles: frozenset[str]
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Body:
    """A text as it is compared."""

    pieces: tuple[Piece, ...]
    shingles: frozenset[str]
    figures: frozenset[str]
    letters: int


def letters(text: str) -> str:
    """What is compared: NFC, lower case, without white space and punctuation."""
    return _SIGNS.sub("", unicodedata.normalize("NFC", text).lower())


def sentences(text: str) -> list[str]:
    """The letters of each rough sentence, frame lines left out. No offset depends on them, so no analyser is asked."""
    found = []
    for part in _END.split(text):
        kept = letters(part)
        if kept and not (len(part) < _FRAME_LONGEST and _FRAME.search(part)):
            found += [kept[i : i + LONGEST] for i in range(0, len(kept), LONGEST)]
    return found


@lru_cache(maxsize=4096)
def body(text: str) -> Body:
    """What is kept of a text while a batch is compared."""
    kept = sentences(text)
    pieces = tuple(Piece(len(one), _runs(one, SHINGLE), _runs(one, 2)) for one in kept)
    return Body(pieces, _runs("".join(kept), SHINGLE), frozenset(_FIGURE.findall(text)), sum(map(len, kept)))


def jaccard(a: Body, b: Body) -> float:
    """Shared shingles over all; 0 when one has none."""
    shared = len(a.shingles & b.shingles)
    return shared / (len(a.shingles) + len(b.shingles) - shared) if shared else 0.0


def one_text(a: Body, b: Body) -> bool:
    """Whether one is a copy of the other; symmetric."""
    short, long = sorted((a, b), key=lambda one: (one.letters, min(one.shingles, default="")))
    if short.letters < LEAST or len(short.shingles & long.shingles) < WORTH_A_LOOK * len(short.shingles):
        return False
    if _other_figures(short, long) or _share(short, long, _held) < (HELD if short.letters >= SHORT else SHORT_HELD):
        return False
    return _share(long, short, _held) >= MOST or any(_held(piece, short) for piece in long.pieces[:2])


def how(origin: Body, copy: Body) -> How:
    """In what the copy of a text differs from it."""
    if jaccard(origin, copy) >= VERBATIM:
        return "same"
    short, long = sorted((origin, copy), key=lambda one: one.letters)
    if _share(short, long, _copied) < MOST:
        return "reworded"
    if short.letters >= ANOTHER_SIZE * long.letters:
        return "edited"
    return "trimmed" if short is copy else "extended"


def _share(a: Body, b: Body, test: Callable[[Piece, Body], bool]) -> float:
    """Share of the letters of ``a`` in sentences that pass a test against ``b``."""
    return sum(piece.letters for piece in a.pieces if test(piece, b)) / max(a.letters, 1)


def _other_figures(short: Body, long: Body) -> bool:
    few = len(short.figures) < FEW_FIGURES
    return not few and len(short.figures & long.figures) < SAME_FIGURES * len(short.figures)


def _held(piece: Piece, by: Body) -> bool:
    return _copied(piece, by) or any(_dice(piece.pairs, other.pairs) >= REWORDED for other in by.pieces)


def _copied(piece: Piece, by: Body) -> bool:
    return bool(piece.shingles) and len(piece.shingles & by.shingles) >= COPIED * len(piece.shingles)


def _dice(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _runs(text: str, size: int) -> frozenset[str]:
    return frozenset(text[i : i + size] for i in range(len(text) - size + 1))
