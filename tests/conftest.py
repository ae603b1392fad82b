"""Fixtures that several tests share."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page somebody saved, with what a person read off it (a row of INDEX.tsv)."""

    file: str
    platform: str
    url: str
    encoding: str
    title: str
    date: str
    author: str
    body_start: str
    body: bytes


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with other people's saved pages; tests that need it are skipped without it."""
    place = os.environ.get("YEORON_SHARED")
    if not place:
        pytest.skip("YEORON_SHARED names no folder of saved pages")
    return Path(place)


@pytest.fixture(scope="session")
def shared_pages(shared: Path) -> Callable[..., Iterator[SavedPage]]:
    """``shared_pages("tistory", …)`` gives the saved pages of these platforms, all without a name."""

    def pages(*platforms: str) -> Iterator[SavedPage]:
        with (shared / "pages" / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
            for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
                if platforms and row["platform"] not in platforms:
                    continue
                body = gzip.decompress((shared / "pages" / row["file"]).read_bytes())
                yield SavedPage(
                    row["file"], row["platform"], row["original_url"], row["encoding"], row["title"], row["date"],
                    row["author"], row["body_start"].partition(" :: ")[2] or row["body_start"], body,
                )  # fmt: skip

    return pages
