"""The floors under the shipped model's figures on the gold set.

python bench/floors.py                          print today's figures beside the floors; exit 1 below one
python bench/floors.py --raise                  lift every floor that today's figures leave behind
python bench/floors.py --lower --reason "..."   lower the floors that today's figures fell below, and no other; the
                                                file keeps the day, the reason and {name: [old, new]} of each
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


def lifted(held: dict[str, float], today: dict[str, float]) -> dict[str, float]:
    """The floors that today's figures leave behind, each with its new height."""
    return {name: _just_below(value) for name, value in today.items() if _just_below(value) > held[name]}


def fallen(held: dict[str, float], today: dict[str, float]) -> dict[str, list[float]]:
    """The floors that today's figures fell below: ``[old, new]`` by name."""
    return {name: [held[name], _just_below(value)] for name, value in today.items() if value < held[name]}


def lower(held: dict[str, Any], today: dict[str, float], reason: str) -> dict[str, Any]:
    """The content of the floors' file with the fallen floors lowered and a note of it; without any, as it was."""
    changed = fallen(held["floors"], today)
    if not changed:
        return held
    note = {"on": date.today().isoformat(), "reason": reason, "floors": changed}
    heights = held["floors"] | {name: new for name, (_, new) in changed.items()}
    return held | {"floors": heights, "lowered": [*held["lowered"], note]}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="lift", action="store_true")
    parser.add_argument("--lower", action="store_true")
    parser.add_argument("--reason", default="")
    args = parser.parse_args(argv)
    if args.lower and not args.reason.strip():
        parser.error("--lower needs --reason")
    today, held = figures(), floors()
    for name, value in today.items():
        print(f"{name}\t{value:.4f}\tfloor {held['floors'][name]:.3f}")
    if args.lift:
        held["floors"] |= lifted(held["floors"], today)
    if args.lower:
        held = lower(held, today, args.reason)
    if args.lower or args.lift:
        FLOORS.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return int(any(value < held["floors"][name] for name, value in today.items()))


if __name__ == "__main__":
    sys.exit(main())
