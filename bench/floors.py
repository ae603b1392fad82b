"""The floors under the shipped model's figures on the gold set.

python bench/floors.py                          print today's figures beside the floors; exit 1 below one
python bench/floors.py --raise                  lift every floor that today's figures leave behind
python bench/floors.py --lower --reason "..."   set the floors to today's figures and keep the reason
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from nlp.evaluate import evaluate, read_rows  # noqa: E402
from nlp.scorers import load  # noqa: E402

FLOORS = ROOT / "data" / "gold" / "floors.json"
EVENT = "kakao-outage-2022"
# Floors lie this much below what was measured: another processor rounds a few sentences otherwise.
SLACK = 0.005


def figures() -> dict[str, float]:
    """Today's figures of the shipped scorer on the gold set, by name."""
    event = events.load(EVENT)
    found = evaluate(event, load("shipped"), read_rows(ROOT / "data" / "gold" / f"{EVENT}.tsv", event))
    return {
        "polarity_macro_f1": found["polarity"]["macro_f1"],
        "themes_macro_f1": found["themes"]["macro_f1"],
        "targets_f1": found["targets"]["f1"],
    }


def floors() -> dict[str, Any]:
    held: dict[str, Any] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return held


def _just_below(value: float) -> float:
    return math.floor((value - SLACK) * 1000) / 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="lift", action="store_true")
    parser.add_argument("--lower", action="store_true")
    parser.add_argument("--reason", default="")
    args = parser.parse_args()
    if args.lower and not args.reason.strip():
        parser.error("--lower needs --reason")
    today, held = figures(), floors()
    for name, value in today.items():
        print(f"{name}\t{value:.4f}\tfloor {held['floors'][name]:.3f}")
        floor = _just_below(value)
        if args.lower or (args.lift and floor > held["floors"][name]):
            held["floors"][name] = floor
    if args.lower:
        held["lowered"].append({"on": date.today().isoformat(), "reason": args.reason})
    if args.lower or args.lift:
        FLOORS.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return int(any(value < held["floors"][name] for name, value in today.items()))


if __name__ == "__main__":
    sys.exit(main())
