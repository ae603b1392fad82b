"""Sentences a second: the shipped scorer beside the stock `transformers` pipeline on the same weights, one by one.

    python bench/score.py            three rounds, the sides in turn, medians of the ratios
    python bench/score.py --json     the same as JSON

The sentences are those of the demo web's documents, copies among them as in any collection. Each side runs in a
process of its own and is timed after one warm-up, from strings to probabilities; memory is its process's peak, without
a GPU's own. Only the shipped scorer as it comes uses a GPU, where torch sees one; the first line says what computed it.
`agreement` is the share of its sentences whose most probable label is the one that fp32 gives on the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
ROUNDS = 3
ONE_BY_ONE = 300  # sentences of the slow side a round, spread over the whole
SIDES = ("stock", "batched", "shipped")
ABOUT = {
    "stock": "transformers pipeline on the processor, fp32, one by one",
    "batched": "shipped scorer on the processor, fp32, batches by length",
    "shipped": "shipped scorer as it comes",
}


def texts() -> list[str]:
    """Every sentence of the demo's pages that a model may read, in the order of the pages."""
    from data.demo.page import WORDS, load
    from nlp.text import scorable, sentences

    documents = ["\n".join(block.text for block in page.blocks if block.kind in WORDS) for page in load()]
    return [one.text for document in documents for one in sentences(document) if scorable(one.text)]


def stock(lines: list[str]) -> dict[str, Any]:
    """The pipeline as its documentation shows it, given one string at a time."""
    import torch
    from transformers import pipeline

    from nlp.scorers.shipped import FOLDER

    classify = pipeline("text-classification", model=str(FOLDER), dtype=torch.float32, device="cpu")
    some = lines[:: max(1, len(lines) // ONE_BY_ONE)]
    classify(some[0])
    began = time.perf_counter()
    for line in some:
        classify(line, top_k=None)
    return {"rate": len(some) / (time.perf_counter() - began)}


def scorer(lines: list[str], engine: str) -> dict[str, Any]:
    """The shipped scorer on an engine of YEORON_ENGINE, with the name of the one that computed."""
    os.environ["YEORON_ENGINE"] = engine
    from nlp.scorers import POLARITIES
    from nlp.scorers.shipped import load

    shipped = load()
    shipped.read(lines[:200])
    began = time.perf_counter()
    reading = shipped.read(lines)
    rate = len(lines) / (time.perf_counter() - began)
    labels = [POLARITIES[i] for i in reading.probabilities.argmax(axis=1)]
    return {"rate": rate, "labels": labels, "engine": shipped.engine.name}


def side(name: str, lines: list[str]) -> dict[str, Any]:
    """One side in this process, with its peak memory in MB."""
    found = stock(lines) if name == "stock" else scorer(lines, "torch" if name == "batched" else "auto")
    return found | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def apart(name: str, lines: list[str]) -> dict[str, Any]:
    """One side in a process of its own."""
    command = [sys.executable, __file__, "--side", name]
    done = subprocess.run(command, input=json.dumps(lines), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(lines: list[str]) -> dict[str, Any]:
    rounds = [{name: apart(name, lines) for name in SIDES} for _ in range(ROUNDS)]
    last = rounds[-1]
    same = sum(a == b for a, b in zip(last["shipped"]["labels"], last["batched"]["labels"], strict=True))
    return {
        "sentences": len(lines),
        "distinct": len(set(lines)),
        "cores": os.cpu_count(),
        "engine": last["shipped"]["engine"],
        "reference": last["batched"]["engine"],
        "rate": {name: statistics.median(one[name]["rate"] for one in rounds) for name in SIDES},
        "ratio": {
            name: statistics.median(one[name]["rate"] / one["stock"]["rate"] for one in rounds) for name in SIDES
        },
        "peak_mb": {name: max(one[name]["peak_mb"] for one in rounds) for name in SIDES},
        "agreement": same / len(lines),
    }


def report(found: dict[str, Any]) -> Iterator[str]:
    """What :func:`measure` found as lines for people."""
    yield f"{found['sentences']:,} sentences, {found['distinct']:,} distinct, {found['cores']} cores, {found['engine']}"
    for name in SIDES:
        figures = f"{found['rate'][name]:8.1f}/s  {found['ratio'][name]:5.1f}×  {found['peak_mb'][name]:6.0f} MB"
        yield f"{figures}  {ABOUT[name]}"
    yield f"labels of {found['engine']} as in {found['reference']}: {found['agreement']:.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        print(json.dumps(side(args.side, json.load(sys.stdin))))
        return
    found = measure(texts())
    print(json.dumps(found, indent=2) if args.json else "\n".join(report(found)))


if __name__ == "__main__":
    main()
