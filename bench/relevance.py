"""How well `data.relevance.judge` tells what belongs and what advertises: `python bench/relevance.py`.

Figures on data/gold/relevance.tsv by half, per kind of document, and the documents judged otherwise than labelled.
docs/relevance.md is the codebook.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from data.records import KST, Dated, Document, Verdict  # noqa: E402
from data.relevance import judge  # noqa: E402

GOLD = ROOT / "data" / "gold" / "relevance.tsv"
EVENT = events.load("kakao-outage-2022")
Row = dict[str, str]


def rows() -> list[Row]:
    with GOLD.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def verdict(row: Row) -> Verdict:
    """What the project says of a labelled document."""
    dated = Dated(datetime.fromisoformat(row["day"]).replace(hour=12, tzinfo=KST), "visible", "day")
    url = "https://labelled.example/1"
    return judge(EVENT, Document("tistory", "blog", url, "1", row["title"], row["text"], published=dated))


def figures(asked: Sequence[Row], label: str) -> dict[str, float]:
    """Precision and recall for ``belongs`` or ``advertising``."""
    said = [(bool(getattr(verdict(row), label)), row[label] == "1") for row in asked]
    right = sum(a and b for a, b in said)
    found, true = sum(a for a, _ in said), sum(b for _, b in said)
    return {"n": len(said), "true": true, "precision": right / max(found, 1), "recall": right / max(true, 1)}


def main() -> None:
    asked = rows()
    for label in ("belongs", "advertising"):
        for half in ("dev", "held_out", "all"):
            measured = figures([row for row in asked if half in ("all", row["half"])], label)
            print(f"{label}\t{half}\t" + "\t".join(f"{name} {value:.4g}" for name, value in measured.items()))
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row in asked:
        given = verdict(row)
        right = (given.belongs, given.advertising) == (row["belongs"] == "1", row["advertising"] == "1")
        kinds[row["kind"]].append(right)
        if not right:
            said = f"belongs {given.belongs:d} ({given.reason or '-'}), advertising {given.advertising:d}"
            print(f"{row['half']}\t{row['kind']}\t{row['title']}\t{said}")
    print("\t".join(f"{kind} {sum(right)}/{len(right)}" for kind, right in kinds.items()))


if __name__ == "__main__":
    main()
