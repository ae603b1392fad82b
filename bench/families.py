"""How well copies are told from texts that only resemble them, and what one more document costs.

python bench/families.py              precision and recall on data/gold/families.tsv, by half and by kind
python bench/families.py --scale N    cost of one more document in a store that holds N made-up ones
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from data.records import Dated, Document, Lead, Snapshot, Verdict  # noqa: E402
from data.store import Store  # noqa: E402
from nlp.families import families  # noqa: E402
from nlp.families.keys import SKETCH, keys  # noqa: E402
from nlp.families.prints import print_of  # noqa: E402
from nlp.families.stored import method, update  # noqa: E402

GOLD = ROOT / "data" / "gold"
EVENT = events.load("kakao-outage-2022")
# For --scale: keys of a page of news; how often two texts on one event share a band (computed from the likeness of the
# labelled texts); documents that are timed.
KEYS, BY_CHANCE, PROBES = 40, 0.0006, 25
# Copies in which hardly a sentence keeps its words: by a reposter, by another outlet.
HARD = ("respun", "rewrite")
Pair = dict[str, str]


def documents() -> list[dict[str, Any]]:
    """The labelled documents, as a store gives them, with ``half`` and ``family``."""
    return [json.loads(line) for line in (GOLD / "families.jsonl").read_text(encoding="utf-8").splitlines()]


def pairs() -> list[Pair]:
    with (GOLD / "families.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def chosen(asked: list[Pair], half: str, hard: bool = True) -> list[Pair]:
    """Pairs of a half (or ``all``), with or without the HARD kinds."""
    return [pair for pair in asked if half in ("all", pair["half"]) and (hard or pair["kind"] not in HARD)]


def grouped(held: list[dict[str, Any]], by_text_alone: bool = False) -> dict[str, str]:
    """Family by document. ``by_text_alone`` takes away what portals say of their sources."""
    without = {"source_url": None, "outlet": None}
    return {row.document_id: row.family_id for row in families(one | without if by_text_alone else one for one in held)}


def scores(found: dict[str, str], asked: list[Pair]) -> dict[str, float]:
    """Pairs in one family are found to be copies."""
    said = [(found[pair["a"]] == found[pair["b"]], pair["copy"] == "1") for pair in asked]
    right, named, true = (
        sum(a and b for a, b in said),
        sum(a for a, _ in said),
        sum(b for _, b in said),
    )
    return {"pairs": len(said), "copies": true, "precision": right / max(named, 1), "recall": right / max(true, 1)}


def strangers(found: dict[str, str], held: list[dict[str, Any]]) -> int:
    """Pairs of documents of different voices that share a family, among all pairs that there are."""
    together = combinations(held, 2)
    return sum(found[a["id"]] == found[b["id"]] and a["family"] != b["family"] for a, b in together)


def by_kind(found: dict[str, str], asked: list[Pair]) -> Iterator[tuple[str, str, int, int]]:
    """Kind, whether it is a copy, pairs, and how many of them were judged rightly."""
    kinds: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for pair in asked:
        kinds[pair["kind"], pair["copy"]].append((found[pair["a"]] == found[pair["b"]]) == (pair["copy"] == "1"))
    for (kind, copy), right in sorted(kinds.items(), key=lambda item: (item[0][1], item[0][0])):
        yield kind, copy, len(right), sum(right)


def report() -> None:
    held, asked = documents(), pairs()
    for alone in (False, True):
        found = grouped(held, alone)
        print("by text alone" if alone else "with links and headlines")
        for hard, half in product((False, True), ("dev", "held_out", "all")):
            figures = scores(found, chosen(asked, half, hard))
            without = "" if hard else f" without {' and '.join(HARD)}"
            print(f"  {half}{without}\t" + "\t".join(f"{name} {value:.4g}" for name, value in figures.items()))
        print(f"  strangers joined among all {len(held) * (len(held) - 1) // 2} pairs: {strangers(found, held)}")
    for kind, copy, count, right in by_kind(found, asked):
        print(f"  {'copy' if copy == '1' else 'no copy'}\t{kind}\t{right} of {count}")
    wrong = [pair for pair in asked if (found[pair["a"]] == found[pair["b"]]) != (pair["copy"] == "1")]
    print("  wrong: " + ", ".join(f"{pair['a']}/{pair['b']}" for pair in wrong))


def scale(size: int) -> None:
    """Time the labelled documents one by one in a store that already holds ``size`` made-up ones."""
    probes = [print_of(one) for one in documents()[:PROBES]]
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        _fill(store, size, [keys(one).bands for one in probes])
        store.save_event(EVENT)
        store.db.execute("INSERT INTO about VALUES ('families_sha256', ?)", [method()])
        taken = sorted(_one_more(store, one) for one in documents()[:PROBES])
        pages = store.value("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'family_%'")
    half, most = 1000 * taken[len(taken) // 2], 1000 * taken[-1]
    print(f"{size} documents\tone more {half:.1f} ms by median, {most:.1f} ms at most\t{pages / size:.0f} bytes each")


def _fill(store: Store, size: int, bands: list[tuple[int, ...]]) -> None:
    """Documents whose keys are drawn; each shares a band with each of the probes as often as two texts do."""
    rng = np.random.default_rng(7)
    drawn = rng.integers(-(2**62), 2**62, (size, KEYS))
    for number, own in enumerate(bands):
        sharing = rng.random(size) < BY_CHANCE
        drawn[sharing, number % KEYS] = rng.choice(own, sharing.sum())
    sketches = rng.integers(0, 256, (size, SKETCH), dtype=np.uint8)
    prints = ((n + 1, f"drawn-{n}", n + 1, sketches[n].tobytes(), drawn[n].tobytes()) for n in range(size))
    order = np.argsort(drawn, axis=None)
    with store.transaction():
        store.db.conn.executemany("INSERT INTO family_prints VALUES (?, ?, ?, ?, ?)", prints)
        rows = zip(drawn.ravel()[order].tolist(), (order // KEYS + 1).tolist(), strict=True)
        store.db.conn.executemany("INSERT OR IGNORE INTO family_keys VALUES (?, ?)", rows)


def _one_more(store: Store, one: dict[str, Any]) -> float:
    dated = Dated(datetime.fromisoformat(one["published_at"]), "meta")
    document = Document("generic", "news", one["url"], one["id"], one["title"], one["text"], published=dated)
    snapshot = Snapshot(one["url"], dated.at, 200, "text/html", "ab" * 32, 3, "x.warc.gz", 10)
    run = store.begin_run("import", EVENT.id, {}, {})
    store.save_page(EVENT.id, run, snapshot, document, Verdict(True), Lead(one["url"], "generic", "urls"), "reader")
    begun = time.perf_counter()
    update(store)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, metavar="N")
    size = parser.parse_args().scale
    scale(size) if size else report()


if __name__ == "__main__":
    main()
