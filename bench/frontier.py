"""Whether a long queue costs more per lead than a short one.

python bench/frontier.py                    a queue of 100,000 addresses beside one of 1,000
python bench/frontier.py --rows 1000000     beside a million

Half of the addresses are of ten large sites, the other half of small ones with fifty each, so the sites grow with
the queue. Each figure is taken twice: with everything queued, and at the end, when only the last batch of each large
site is left. What counts is the ratio; times are of the processor, since other programs take their share of the clock.

look    which sites are due (data/frontier.py), per site handed out; at the end for all, since it passes over each site
        that has nothing left; a crawl asks every two seconds at most
batch   the first lead of a site: one reading of fifty
lead    each lead of the whole queue, site by site
settle  to write what came of a visit, at addresses far apart; a queue larger than SQLite's cache costs more here,
        beside the milliseconds that a page takes
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from data import events  # noqa: E402
from data.frontier import BATCH, DueOfSite, due_sites  # noqa: E402
from data.store import Store, now  # noqa: E402

EVENT = "kakao-outage-2022"
LARGE = 10  # a short queue holds one batch of each
SHORT = 1_000
# A ratio that an index explains: a tree of a million keys is twice as deep as one of a thousand.
GOOD = 3.0
LOOKS = 5
INSERT = (
    "INSERT INTO frontier (event_id, url, role, platform, found_by, state, attempts, updated_at, site)"
    " VALUES (?, ?, 'page', 'generic', 'urls', 'queued', 0, ?, ?)"
)
# All but the last batch of each large site is done.
FINISH = """
UPDATE frontier SET state = 'done', attempts = 1, last_outcome = 'ok' WHERE site NOT LIKE 'large%' OR rowid <=
  (SELECT max(rowid) FROM frontier) - ?
"""


def addresses(rows: int) -> Iterator[tuple[str, str]]:
    """(URL, site) of each row: a turn of the large sites, then as many of one small site after the other."""
    for number in range(rows):
        turn, place = divmod(number, LARGE)
        small = number - rows // 2
        site = f"large{place}.example" if small < 0 else f"small{small // BATCH}.example"
        yield f"https://{site}/{turn if small < 0 else small}", site


def fill(store: Store, rows: int) -> None:
    """The small sites come first, so that what is left at the end stands at the end of the table."""
    moment = now()
    held = sorted(addresses(rows), key=lambda row: row[1].startswith("large"))
    with store.transaction():
        store.db.conn.executemany(INSERT, ((EVENT, url, moment, site) for url, site in held))


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    given = act()
    return time.process_time() - began, given


def look(store: Store) -> tuple[float, list[str]]:
    took, sites = min((seconds(lambda: due_sites(store, EVENT)) for _ in range(LOOKS)), key=lambda found: found[0])
    return took, sites


def batch(store: Store) -> float:
    """Seconds to the first lead of a large site, the mean of all."""
    took, _ = seconds(lambda: [DueOfSite(store, EVENT, f"large{place}.example").take() for place in range(LARGE)])
    return took / LARGE


def drain(store: Store, sites: list[str]) -> tuple[float, int]:
    """Seconds a lead, and how many there were."""

    def all_leads() -> int:
        return sum(sum(1 for _ in iter(DueOfSite(store, EVENT, site).take, None)) for site in sites)

    took, leads = seconds(all_leads)
    return took / leads, leads


def settle(store: Store, rows: int) -> float:
    """Seconds to settle an address, the mean of as many as a short queue has."""
    urls = [url for number, (url, _) in enumerate(addresses(rows)) if not number % (rows // SHORT)]

    def all_of_them() -> None:
        with store.transaction():
            for url in urls:
                store.settle(EVENT, url, "failed", "timeout")

    return seconds(all_of_them)[0] / len(urls)


def figures(rows: int) -> dict[str, float]:
    """Microseconds, by name."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        store.save_event(events.load(EVENT))
        fill(store, rows)
        took, sites = look(store)
        found = {"look, per site": took / len(sites), "batch": batch(store)}
        found["lead"], leads = drain(store, sites)
        store.db.execute(FINISH, [min(rows // 2, LARGE * BATCH)])
        took, left = look(store)
        found |= {"look at the end": took, "batch at the end": batch(store), "lead at the end": drain(store, left)[0]}
        found["settle"] = settle(store, rows)
    print(f"{rows} rows\t{leads} leads of {len(sites)} sites were handed out", flush=True)
    return {name: value * 1e6 for name, value in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    short, long = figures(SHORT), figures(rows)
    print(f"µs\t{SHORT}\t{rows}\tratio")
    for name, value in short.items():
        print(f"{name}\t{value:.1f}\t{long[name]:.1f}\t{long[name] / value:.2f}")
    handed_out = ("batch", "lead", "batch at the end", "lead at the end")
    return int(any(long[name] / short[name] > GOOD for name in handed_out))


if __name__ == "__main__":
    sys.exit(main())
