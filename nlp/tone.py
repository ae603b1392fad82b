"""Tone toward a target: which part of a sentence speaks of which of the targets it names.

"카카오는 최악인데 네이버 덕에 살았다" complains of one and thanks the other. A sentence that names two targets
is parted where a connective ending, a comma or a final ending closes a predicate; each target is read in its own
part. What another is measured by ("카카오보다 네이버가 낫다") gets the opposite. Where nothing parts the targets,
the sentence's own polarity holds for each, as it does wherever fewer than two are named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from data.records import Mention, Score
from nlp.scorers import label
from nlp.text import Span, scorable, tokens

# How far the sentence tells whether its writer judges at all; the part tells which way. A part alone reads like
# news: "카카오는 최악인데" is 65 % neutral, its sentence 13 %. Of the 112 targets in the develop half of
# tests/targets/tone.tsv 84, 90, 92, 91, 92 are right with 0, .3, .5, .7, 1 (the weights before these); 69 by
# the sentence's own polarity.
SENTENCE_WEIGHT = 0.5

# Endings that join or contrast two full predicates, as kiwipiepy tags them (EC). Not here: what only serves the
# next verb (-어, -게, -려고, -도록), conditions (-면: "네이버처럼 했으면 좋았을 텐데") and reports (-다고, -냐고).
_JOINING = re.compile(
    r"(?:지만|지마는|[는은ᆫ]데도?|(?:으)?나|고|고서|(?:으)?며|(?:으)?면서도?|[아어]서|라서|[아어]도|(?:으)?니까?|더니|"
    r"다가|자|자마자|길래|(?:으)?므로|건만|[는ᆫ은]지라|거니와|[는ᆫ]다만|거든|느라고?)$"
)
# Before a comma every ending closes a clause but these.
_HANGING = re.compile(r"(?:면|거나|든지?|듯이?|게|도록)$")
# Stems whose "ending" is no joint: 말고 and 비해서 compare, 대해서 and 통해서 stand for a particle.
_SERVING_STEMS = {"말", "비하", "대하", "관하", "통하", "위하", "의하", "따르"}
# Nouns that turn an attributive clause into one of time, cause or contrast: 멈춘 동안, 멈춘 반면, 도와준 덕에.
_CLAUSE_NOUNS = {"동안", "사이", "반면", "와중", "때", "날", "뒤", "후", "바람", "통", "덕", "덕분", "탓", "때문"}
_SAYING = ("VV", "VA", "VX", "VCP", "VCN", "XSV", "XSA", "NN", "XR")
_NOUNS = ("NN", "NP", "NR", "XR", "XSN", "SL", "SN", "SH", "SW")
_QUOTATION = re.compile(r'“[^“”]*”|"[^"]*"|‘[^‘’]*’|「[^「」]*」')
_WORD_END = re.compile(r"[^\s,]*[\s,]*")
# What comes behind the words that name a target when another is measured by it. Ranked above it, the other may be
# praised or only be worse ("SK보다 카카오가 더 밉다"); set against it, the other is what this one is not.
_RANKED = re.compile(r"(?:보다[는도]?|말고|대신)(?![가-힣])")
_OPPOSED = re.compile(r"(?:[와과]|이?랑|하고)는? (?:달리|다르게|반대로|대조적)|에 비[하해]|만도 못")

Measured = Literal["ranked", "opposed"]


@dataclass(frozen=True, slots=True)
class Part:
    """``text[start:end]`` is what a sentence says of a target; ``measured`` when it is said of another beside it."""

    target: str
    start: int
    end: int
    measured: Measured | None = None


def parts(text: str, mentions: Sequence[Mention]) -> list[Part]:
    """The parts for targets that are spoken of otherwise than the whole sentence is; none is the common case."""
    if len({mention.target for mention in mentions}) < 2:
        return []
    (read,) = tokens([text])
    segments = _segments(clauses(text, mentions, read), mentions)
    found: dict[str, Part] = {}
    for (start, end), named in segments:
        measured = _measured(text, named, read)
        for target in dict.fromkeys(mention.target for mention in named):
            # Of two parts about one target the later decides, as after a contrast (docs/codebook.md, rule 4).
            found[target] = Part(target, start, end, measured.get(target))
    apart = len(segments) > 1
    return [part for part in found.values() if (apart or part.measured) and scorable(text[part.start : part.end])]


def toward(part: Part, said: Sequence[float], sentence: Sequence[float], undecided_below: float) -> Score:
    """The score toward a part's target from the probabilities (negative, neutral, positive) of the part and of its
    sentence. Praise of one thing turns against what it is measured by; a complaint turns only where the two are
    set against each other, else it leaves the other undecided."""
    negative, neutral, positive = _weighed(said, sentence)
    polarity = label((negative, neutral, positive), undecided_below)
    if part.measured is None or polarity in ("neutral", "undecided"):
        return Score(polarity, negative, neutral, positive)
    if part.measured == "ranked" and polarity == "negative":
        return Score("undecided", negative, neutral, positive)
    return Score("negative" if polarity == "positive" else "positive", positive, neutral, negative)


def _weighed(said: Sequence[float], sentence: Sequence[float]) -> list[float]:
    """A part's probabilities, its neutral one weighed with the sentence's; a whole sentence stays as it is."""
    if list(said) == list(sentence):
        return list(said)
    judging = 1 - sentence[1]
    weighed = np.array(said) * np.array([judging, sentence[1], judging]) ** SENTENCE_WEIGHT
    return [float(value) for value in weighed / max(weighed.sum(), 1e-12)]


# ── clauses ──────────────────────────────────────────────────────────────────
def clauses(text: str, mentions: Sequence[Mention], read: Sequence[Any]) -> list[Span]:
    """Spans that together are the whole text, each with something that is said. ``read`` are the text's tokens."""
    quoted = [match.span() for match in _QUOTATION.finditer(text) if match.group() != text.strip(" .")]
    cuts = [0]
    for i, token in enumerate(read):
        at = token.start + token.len
        if _names(token, mentions) or at < cuts[-1] or any(start < at <= end for start, end in quoted):
            continue
        if _closes(text, read, i) or _closes_at_comma(
            text, read[: i + 1], [m for m in mentions if m.start >= cuts[-1]]
        ):
            cuts.append(_word_end(text, at))
    cuts = [cut for cut in cuts if cut < len(text.rstrip())]
    words = [token for token in read if not _names(token, mentions)]
    return _spoken([*pairwise([*cuts, len(text)])], words)


def _names(token: Any, mentions: Sequence[Mention]) -> bool:
    return any(mention.start <= token.start < mention.end for mention in mentions)


def _word_end(text: str, at: int) -> int:
    """Behind the word that goes on at ``at`` and the white space and commas after it."""
    match = _WORD_END.match(text, at)
    return match.end() if match else at


def _closes(text: str, read: Sequence[Any], i: int) -> bool:
    """Whether a token ends a clause by itself."""
    token, before, end = read[i], read[max(i - 1, 0)], read[i].start + read[i].len
    after = next((t for t in read[i + 1 :] if t.tag != "JX"), None)
    if token.tag == "EF":
        return text[end : end + 1] in (" ", ",")
    if token.form in _CLAUSE_NOUNS and before.tag in ("ETM", "ETN"):
        return True
    if after is not None and after.start <= end and after.tag != "SP":
        return False
    if token.form == "데" and before.tag == "ETM":
        return bool(before.start + before.len == token.start)  # 터지는데, taken for the noun of 여는 데
    serving = before.form in _SERVING_STEMS or (after is not None and after.tag == "VX")
    return token.tag == "EC" and not serving and bool(_JOINING.match(token.form))


def _closes_at_comma(text: str, said: Sequence[Any], mentions: Sequence[Mention]) -> bool:
    """Whether the last token is a comma behind something said: "카카오는 최악,", not "카카오톡, 카카오맵,"."""
    if len(said) < 2 or said[-1].tag != "SP" or said[-1].form != ",":
        return False
    last = said[-2]
    if last.tag in ("EC", "EF"):
        return not _HANGING.search(last.form)
    about = any(re.match("[은는이가에]", _behind(text, mention, said)) for mention in mentions)
    return about and last.tag.startswith(_NOUNS) and not _names(last, mentions)


def _spoken(spans: Sequence[Span], words: Sequence[Any]) -> list[Span]:
    """The spans; one that says nothing of its own goes with the next, or at the end with the one before."""
    found: list[Span] = []
    begun = 0
    for start, end in spans:
        if any(start <= word.start < end and word.tag.startswith(_SAYING) for word in words):
            found.append((begun, end))
            begun = end
    if found:
        found[-1] = (found[-1][0], spans[-1][1])
    return found or [(spans[0][0], spans[-1][1])]


def _segments(spans: Sequence[Span], mentions: Sequence[Mention]) -> list[tuple[Span, list[Mention]]]:
    """Neighbouring clauses about the same targets as one; a clause that names none goes on about the one before."""
    found: list[tuple[Span, list[Mention]]] = []
    for start, end in spans:
        named = [mention for mention in mentions if start <= mention.start < end]
        held = {mention.target for mention in found[-1][1]} if found else set()
        if found and (not named or not held or {mention.target for mention in named} == held):
            found[-1] = ((found[-1][0][0], end), found[-1][1] + named)
        else:
            found.append(((start, end), named))
    return found


# ── what is measured by what ─────────────────────────────────────────────────
def _measured(text: str, named: Sequence[Mention], read: Sequence[Any]) -> dict[str, Measured]:
    """Targets of a segment that another one in it is measured by."""
    found: dict[str, Measured] = {}
    for mention in named:
        behind = _behind(text, mention, read)
        if _OPPOSED.match(behind):
            found[mention.target] = "opposed"
        elif _RANKED.match(behind):
            found[mention.target] = "ranked"
    return found if found.keys() < {mention.target for mention in named} else {}


def _behind(text: str, mention: Mention, read: Sequence[Any]) -> str:
    """What follows the noun phrase that a name begins: 카카오의 대응|보다."""
    for token in read:
        if token.start >= mention.end and (not token.tag.startswith((*_NOUNS, "JKG")) or token.form == "대신"):
            return text[token.start :]
    return ""
