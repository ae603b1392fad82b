"""How many addresses of a list are recognised, by platform, and how many fall on one: a Markdown table.

python bench/urls.py FILE.tsv …                      tables with a column `url`, and perhaps one `kind`
python bench/urls.py --event kakao-outage-2022       every table of that event below $YEORON_SHARED

A `kind` that ends in -dup says that the row's article is the one of the row above it.
Exit 1 where an address is not recognised or such a row does not fall on the one above.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from crawler.platforms import Address, recognise  # noqa: E402

LAST = "generic"  # recognises every web address, and has no id but the address itself


@dataclass(frozen=True)
class Row:
    """A URL as listed, what it was recognised as, and whether it is marked as the article of the row above."""

    url: str
    address: Address | None
    is_twin: bool


def read(paths: Iterable[Path]) -> Iterator[Row]:
    for path in paths:
        with path.open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table, delimiter="\t"):
                if row.get("url"):
                    yield Row(row["url"], recognise(row["url"]), (row.get("kind") or "").endswith("-dup"))


def apart(rows: list[Row]) -> list[Row]:
    """The rows marked as twins that do not fall on the row above."""
    pairs = zip([None, *rows], rows, strict=False)
    return [row for above, row in pairs if row.is_twin and (above is None or above.address != row.address)]


def folded(rows: Iterable[Row]) -> dict[str, set[str]]:
    """The URLs under each canonical address that has more than one."""
    under: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.address:
            under[row.address.url].add(row.url)
    return {address: urls for address, urls in under.items() if len(urls) > 1}


def table(rows: list[Row]) -> str:
    """One line for each platform, the most met first: rows, articles, lists, own ids, addresses with twins."""
    by_platform: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_platform[row.address.platform if row.address else "(none)"].append(row)
    lines = ["| platform | rows | articles | lists | with native id | folded |", "|---|---:|---:|---:|---:|---:|"]
    for name, mine in sorted(by_platform.items(), key=lambda item: (-len(item[1]), item[0])):
        lists = sum(bool(row.address and row.address.is_list) for row in mine)
        articles = {row.address.url for row in mine if row.address and not row.address.is_list}
        with_id = 0 if name in (LAST, "(none)") else len(mine) - lists
        lines.append(f"| {name} | {len(mine)} | {len(articles)} | {lists} | {with_id} | {len(folded(mine))} |")
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    known = Counter(row.address.platform for row in rows if row.address)
    own, twins = known.total() - known[LAST], [row for row in rows if row.is_twin]
    return (
        f"{known.total()} of {len(rows)} rows recognised; {own} ({own / max(len(rows), 1):.0%}) "
        f"by a platform of their own; "
        f"{len(folded(rows))} addresses have more than one URL; "
        f"{len(twins) - len(apart(rows))} of {len(twins)} rows marked as twins fold."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.tsv")
    parser.add_argument("--event", help="an event below $YEORON_SHARED/events, where no file is named")
    args = parser.parse_args()
    if not (args.files or (args.event and os.environ.get("YEORON_SHARED"))):
        parser.error("name a FILE.tsv, or an --event with YEORON_SHARED set")
    paths = args.files or sorted(Path(os.environ["YEORON_SHARED"], "events", args.event).glob("*_urls.tsv"))
    rows = list(read(paths))
    print(table(rows), summary(rows), sep="\n\n")
    missed = [row.url for row in rows if row.address is None] + [row.url for row in apart(rows)]
    print(*(f"not recognised or not folded: {url}" for url in missed), sep="\n", end="\n" if missed else "")
    return int(bool(missed) or not rows)


if __name__ == "__main__":
    sys.exit(main())
