"""A crawl killed with SIGKILL at random moments ends where an undisturbed one ends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench import crawl
from data.archive import Damaged

PAGES, KILLS, SEED = 120, 2, 7


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder, site = tmp_path_factory.mktemp("kill"), crawl.Site(PAGES)
    crawl.undisturbed(folder / "whole", site)
    crawl.killed(folder / "broken", site, KILLS, SEED)
    return folder / "whole", folder / "broken"


def test_the_end_is_the_same(homes: tuple[Path, Path]) -> None:
    whole, broken = map(crawl.state, homes)
    for name, rows in whole.items():
        assert broken[name] == rows, name
    assert len(whole["documents"]) > PAGES * 0.8


def test_nothing_is_there_twice(homes: tuple[Path, Path]) -> None:
    found = crawl.state(homes[1])
    for name in ("problems", "snapshots", "documents"):
        assert max(Counter(row[:2] for row in found[name]).values()) == 1, name


def test_every_way_to_end_is_met(homes: tuple[Path, Path]) -> None:
    outcomes = {row[3] for row in crawl.state(homes[0])["frontier"]}
    assert outcomes == {"ok", "http_404", "not_an_article", "robots"}


def test_bytes_that_are_lost_would_be_noticed(homes: tuple[Path, Path]) -> None:
    largest = max((homes[1] / "warc").iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:1000])
    with pytest.raises(Damaged):
        crawl.state(homes[1])
