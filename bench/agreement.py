"""Krippendorff's alpha between the two labelling passes of the gold set: `python bench/agreement.py`.

Nominal alpha for polarity; for themes and targets one binary alpha per category (named or not),
printed with how often each pass used it. K. Krippendorff, Content Analysis, 2004, ch. 11.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import krippendorff
import numpy as np

PASSES = Path(__file__).parent.parent / "data" / "gold" / "kakao-outage-2022.passes.tsv"


def alpha(first: list[int], second: list[int]) -> float:
    return round(float(krippendorff.alpha(np.array([first, second]), level_of_measurement="nominal")), 3)


def per_category(rows: list[dict[str, str]], field: str) -> dict[str, dict[str, float]]:
    sets = [[set(row[f"{field}_{n}"].split(",")) for row in rows] for n in (1, 2)]
    found = {}
    for name in sorted(set().union(*sets[0], *sets[1]) - {"-"}):
        first, second = ([int(name in chosen) for chosen in side] for side in sets)
        found[name] = {"alpha": alpha(first, second), "pass_1": sum(first), "pass_2": sum(second)}
    return found


def main() -> None:
    with PASSES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    order = ("neg", "neu", "pos")
    polarity = [[order.index(row[f"polarity_{n}"]) for row in rows] for n in (1, 2)]
    report = {
        "n": len(rows),
        "settled": sum(row["settled"] != "-" for row in rows),
        "polarity": alpha(*polarity),
        "themes": per_category(rows, "themes"),
        "targets": per_category(rows, "targets"),
    }
    json.dump(report, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
