"""How often the polarity toward each of several targets is right: `python bench/tone.py`.

Over tests/targets/tone.tsv, both halves; `sentence` is what the sentence's own polarity gets right instead.
With `--wrong` also the develop half's wrong answers, one a line; the held-out half's are not shown.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from data.records import Polarity  # noqa: E402
from nlp.annotate import Analyser  # noqa: E402
from nlp.evaluate import CODES  # noqa: E402
from nlp.scorers import POLARITIES, Scorer, load  # noqa: E402

SENTENCES = ROOT / "tests" / "targets" / "tone.tsv"
EVENT = "kakao-outage-2022"


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled sentence: the half it belongs to, how it is built, and the polarity toward each target."""

    half: str
    construction: str
    tones: dict[str, Polarity]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said toward one target, beside what is right and what the whole sentence says."""

    row: Row
    target: str
    right: Polarity
    said: Polarity | None
    sentence: Polarity


def rows() -> list[Row]:
    with SENTENCES.open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Row(row["half"], row["construction"], tones(row["tones"]), row["text"]) for row in table]


def tones(cell: str) -> dict[str, Polarity]:
    """``kakao=neg,naver=pos`` as targets with polarities."""
    named = dict(zip(CODES, POLARITIES, strict=True))
    return {target: named[code] for target, code in (pair.split("=") for pair in cell.split(","))}


def answers(scorer: Scorer) -> Iterator[Answer]:
    """One for each target of each row; each row is one sentence."""
    held = rows()
    for row, (read,) in zip(held, Analyser(events.load(EVENT), scorer).read([row.text for row in held]), strict=True):
        for target, right in row.tones.items():
            yield Answer(row, target, right, read.tone.get(target), read.score.polarity)


def figures(found: Sequence[Answer]) -> dict[str, dict[str, int]]:
    """Counts for each half, over all targets and over those in sentences whose targets differ (``mixed``)."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        differ = len(set(one.row.tones.values())) > 1
        for name in (one.row.half, *([f"{one.row.half}, mixed"] if differ else [])):
            counts.setdefault(name, Counter(targets=0, right=0, undecided=0, sentence=0)).update(
                targets=1,
                right=one.said == one.right,
                undecided=one.said == "undecided",
                sentence=one.sentence == one.right,
            )
    return {name: dict(count) for name, count in counts.items()}


def main() -> None:
    found = list(answers(load("shipped")))
    json.dump(figures(found), sys.stdout, indent=2)
    print()
    for one in found if "--wrong" in sys.argv else []:
        if one.said != one.right and one.row.half == "develop":
            print(one.row.construction, one.target, one.right, one.said, one.row.text, sep="\t")


if __name__ == "__main__":
    main()
