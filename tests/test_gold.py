"""The shipped model stays above its floors on the gold set; see bench/floors.py for how they move."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from bench.agreement import alpha, per_category
from bench.floors import figures, floors
from data import events

GOLD = Path(__file__).parent.parent / "data" / "gold"


@pytest.fixture(scope="module")
def today() -> dict[str, float]:
    return figures()


@pytest.mark.parametrize("name", ["polarity_macro_f1", "themes_macro_f1", "targets_f1"])
def test_no_figure_falls_below_its_floor(today: dict[str, float], name: str) -> None:
    assert today[name] >= floors()["floors"][name] > 0.3


def quads(text: str) -> frozenset[str]:
    """The runs of four letters of a text, white space aside."""
    letters = re.sub(r"\s+", "", text)
    return frozenset(letters[i : i + 4] for i in range(len(letters) - 3))


def nearest(texts: set[str], others: set[str]) -> float:
    """The greatest share of four-letter runs (Jaccard) that a text of twelve letters or more has in common with another."""
    known = [quads(other) for other in others]
    places = defaultdict(list)
    for place, runs in enumerate(known):
        for run in runs:
            places[run].append(place)
    most = 0.0
    for runs in (quads(text) for text in texts):
        common = Counter(place for run in runs for place in places[run])
        likeness = (n / len(runs | known[place]) for place, n in common.items() if len(runs) >= 9)
        most = max(most, *likeness, 0.0)
    return most


def test_the_gold_set_is_apart_from_everything_that_was_trained_on() -> None:
    gold = {line.split("\t")[3] for line in (GOLD / "kakao-outage-2022.tsv").read_text("utf-8").splitlines()[1:]}
    written = {
        row.rsplit("\t", 1)[-1]
        for path in (GOLD.parent / "training").glob("*.tsv")
        for row in path.read_text("utf-8").splitlines()
    }
    event = events.load("kakao-outage-2022")
    shown = {text for theme in event.themes for text in theme.examples} | set(event.no_theme)
    assert len(gold) == 440
    assert not gold & written and not gold & shown
    assert nearest(gold, written | shown) < 0.5
    assert nearest({"판교 데이터센터에 불이 났다고 한다"}, {"판교 데이터센터에 불이 났다고 했다"}) > 0.5


def test_every_disagreement_between_the_passes_was_settled() -> None:
    with (GOLD / "kakao-outage-2022.passes.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["line"] for row in rows] == [str(n) for n in range(1, 441)]
    for row in rows:
        said = {
            name: [set(row[f"{name}_{n}"].split(",")) for n in (1, 2)] for name in ("polarity", "themes", "targets")
        }
        differs = {name for name, (first, second) in said.items() if first != second}
        assert differs == set(row["settled"].split()) - {"-"}


def test_the_agreement_told_is_the_agreement_measured() -> None:
    with (GOLD / "kakao-outage-2022.passes.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = (GOLD.parents[1] / "docs/gold.md").read_text(encoding="utf-8")
    polarity = [[("neg", "neu", "pos").index(row[f"polarity_{n}"]) for row in rows] for n in (1, 2)]
    assert f"| polarity | {alpha(*polarity)} |" in told
    for theme, found in per_category(rows, "themes").items():
        assert f"| {theme} | {found['alpha']} |" in told
    targets = per_category(rows, "targets")
    assert {found["alpha"] for found in targets.values()} == {1.0} and f"each of {len(targets)} targets | 1.0 |" in told
