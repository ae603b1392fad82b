"""The shipped model stays above its floors on the gold set; see bench/floors.py for how they move."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bench.floors import figures, floors
from data import events

GOLD = Path(__file__).parent.parent / "data" / "gold"


@pytest.fixture(scope="module")
def today() -> dict[str, float]:
    return figures()


@pytest.mark.parametrize("name", ["polarity_macro_f1", "themes_macro_f1", "targets_f1"])
def test_no_figure_falls_below_its_floor(today: dict[str, float], name: str) -> None:
    assert today[name] >= floors()["floors"][name] > 0.3


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
