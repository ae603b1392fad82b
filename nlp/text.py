"""Sentences of a document, with offsets that hold, and whether a model may read them.

The boundaries are kiwipiepy's, corrected where a newspaper or a blog differs from its rules: a line
ends a sentence, a quotation is not cut in two, an ellipsis in mid-thought ends nothing, and what is
longer than LONGEST is parted at a clause end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from kiwipiepy import Kiwi

from data.records import Sentence, language_of

Span = tuple[int, int]


class Unreadable(ValueError):
    """A text cannot be split into sentences whose offsets hold; the message names the place."""


# Code points. The 7,898 sentences of data/training end at 136 (99.9 % of them at 117); what is longer in a blog is
# several thoughts without a full stop. At the rate of the 59 of over 100 letters, 200 are 114 tokens of the shipped
# model, 133 at the densest; it reads 128, and nlp.scorers._long parts what is more.
LONGEST = 200
# A piece cut from a long sentence keeps at least this much, so that no "그래서," stands alone.
SHORTEST_PIECE = 40

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_ADDRESS = re.compile(r"https?://\S+|(?a:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_QUOTE = re.compile(r'“[^“”]*”|"[^"]*"|‘[^‘’]*’|「[^「」]*」')
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+)$")
_GLUED_SIGNS = re.compile(r"[^\w\s“\"‘'(\[「]+(?=\s)")
_SPACE = re.compile(r"\s+")
# Where a long sentence may be parted, best first: after a full stop, after a comma or a connective ending.
_STOP = re.compile(r"[.?!…]+[\"”’')」]?$")
_CLAUSE = re.compile(
    r"(?:[,;、·]|고|며|면서|지만|[는은]데|니까|[아어]서|[려라]고|으나|거나|다가|더니|므로|도록|거든요?|네요?|[다요])$"
)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order, without overlaps: ``text[start:end]`` is the sentence, stripped.

    Lines that are only an address or only punctuation are no sentence; every other letter is in one.
    Raises :class:`Unreadable`.
    """
    lines = [(m.start(), m.group()) for m in _LINE.finditer(text) if not _empty(m.group())]
    found = []
    for (offset, line), parts in zip(lines, _kiwi_parts(line for _, line in lines), strict=True):
        for start, end in _corrected(line, parts):
            for a, b in pieces(line[start:end]):
                if not _empty(line[start + a : start + b]):
                    found.append(Sentence(offset + start + a, offset + start + b, line[start + a : start + b]))
    return found


def tokens(texts: Iterable[str]) -> list[list[Any]]:
    """For each text kiwipiepy's tokens, with ``form``, ``tag``, ``start`` and ``len`` (code points of the text)."""
    return [list(found) for found in _kiwi().tokenize(list(texts))]


def scorable(text: str) -> bool:
    """Whether a polarity model may read it: Korean, and at least two whole syllables (ㅋㅋ and emoji are none)."""
    return sum("가" <= c <= "힣" for c in text) >= 2 and language_of(text) == "ko"


def pieces(text: str, longest: int = LONGEST) -> list[Span]:
    """Spans of at most ``longest`` code points that together hold every word of a text.

    Parted at white space only: after a full stop if there is one, else after a comma or connective
    ending, else between words. A single word longer than ``longest`` stays whole.
    """
    spans, start, end = [], len(text) - len(text.lstrip()), len(text.rstrip())
    while end - start > longest and (gap := _gap(text, start, end, longest)):
        spans.append((start, gap[0]))
        start = gap[1]
    return [*spans, (start, end)] if end > start else spans


def _gap(text: str, start: int, end: int, longest: int) -> Span | None:
    """The white space to part at; None when there is none."""
    gaps = [m.span() for m in _SPACE.finditer(text, start, end)]
    shortest = min(SHORTEST_PIECE, longest // 4)
    near = [gap for gap in gaps if shortest <= gap[0] - start <= longest]
    if not near:
        return next((gap for gap in gaps if gap[0] - start > longest), None)
    return max(near, key=lambda gap: (_rank(text[start : gap[0]]), gap[0]))


def _rank(left: str) -> int:
    return 2 if _STOP.search(left[-4:]) else 1 if _CLAUSE.search(left[-4:]) else 0


def _empty(text: str) -> bool:
    """Nothing to read: an address alone, or only punctuation and rules (emoji and letters are something)."""
    if all(_ADDRESS.fullmatch(word.strip("<>()[]")) for word in text.split()):
        return True
    return not any(c.isalnum() or unicodedata.category(c) == "So" for c in text)


def _corrected(line: str, parts: list[tuple[int, int, bool]]) -> list[Span]:
    """Kiwi's parts with those joined that a quotation or a pause had torn, and emoji with their sentence."""
    quotes = [m.span() for m in _QUOTE.finditer(line)]
    quotes = [(a, b) for a, b in quotes if b - a <= LONGEST]
    spans: list[Span] = []
    torn = False
    for start, end, final in parts:
        if spans and start == spans[-1][1] and (signs := _GLUED_SIGNS.match(line, start, end)):
            spans[-1] = (spans[-1][0], signs.end())
            start = signs.end()
        inside = any(a < start < b for a, b in quotes)
        wordless = not any(c.isalnum() for c in line[start:end])
        if spans and (torn or inside or wordless) and end - spans[-1][0] <= LONGEST:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        torn = not final and bool(_ELLIPSIS.search(line[start:end]))
    return spans


def _kiwi_parts(lines: Iterable[str]) -> Iterator[list[tuple[int, int, bool]]]:
    """For each line, kiwi's sentences as (start, end, whether it ends in a final ending)."""
    held = list(lines)
    split = _kiwi().split_into_sents(held, return_tokens=True, return_sub_sents=False)
    for line, found in zip(held, split, strict=True):
        if wrong := next((s for s in found if line[s.start : s.end] != s.text), None):
            raise Unreadable(f"kiwipiepy gives letters {wrong.start} to {wrong.end} of {line!r} other than they stand")
        yield [(sentence.start, sentence.end, _is_final(sentence.tokens)) for sentence in found]


def _is_final(tokens: list[Any]) -> bool:
    words = [token.tag for token in tokens if token.tag[0] not in "SW" or token.tag == "SL"]
    return bool(words) and words[-1] in ("EF", "EC")


@cache
def _kiwi() -> Any:
    """Loading takes about two seconds and 500 MB, so once and only when a sentence is asked for."""
    return Kiwi(num_workers=2)
