"""What each platform's pages are expected to give, and the check of a run's pages against it.

A site that changes its markup rarely fails loudly: pages come, and nothing or something else is read from them. So a
platform declares an `Expectation`, and after each run that reads pages what was found is written beside it (table
``contracts``). A breach is a problem, makes the run degraded, and leaves the source grey until a later run holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from crawler import platforms
from data.records import Kind, Problem, hangul_share
from data.store import Store

# Fewer pages say too little: where nine in ten become documents, fewer than half of ten do once in 7,000 runs
# (binomial), of five once in 117. Nought of ten is a breach whatever is expected.
LEAST_PAGES = 10
SAMPLE = 500  # letters of a text in which the share of Hangul is taken
# Why a page gave no document without a fault of its reader: the operator's will, or a page that is gone.
NOT_THE_READERS = ("robots", "robots_unreachable", "noindex", "http_404", "http_410", "too_large")
STAGES = ("fetch", "read", "import", "replay")


@dataclass(frozen=True, slots=True)
class Expectation:
    """Bounds on a run's pages of one platform; shares from 0 to 1, inclusive.

    The evidence at hand is 23 saved articles of six readers and the 173 whole pages of the demo web, where every
    page becomes a document, dated, signed, a text of its own, without one U+FFFD. The bounds lie well outside of
    that, since a false alarm costs trust too:

    - ``documents``: least share of pages that become one.
    - ``letters``: band of the median length of a text. Saved: 411 to 1,829 by reader where there are two and more,
      single texts 5 to 10,468; demo: 424 to 775. A body lost leaves a title or a caption, one mistaken swallows menus.
    - ``dated``, ``signed``: least share with a date, with an author.
    - ``duplicates``: most of the texts that are another's of the same platform, word for word: one consent page at
      every address, the same page of a list again.
    - ``hangul``: least median share of Hangul among the first letters. Saved: single texts 0.26 (program code) to 1,
      medians from 0.38; demo: 0.98.
    - ``lost``: most texts with U+FFFD. A page that is full of it is refused when it is decoded.
    """

    documents: float = 0.5
    letters: tuple[int, int] = (100, 10_000)
    dated: float = 0.8
    signed: float = 0.5
    duplicates: float = 0.3
    hangul: float = 0.4
    lost: float = 0.05

    def bounds(self) -> dict[str, tuple[float | None, float | None]]:
        """Least and most of each measure."""
        return {
            "documents": (self.documents, None),
            "letters": self.letters,
            "dated": (self.dated, None),
            "signed": (self.signed, None),
            "duplicates": (None, self.duplicates),
            "hangul": (self.hangul, None),
            "lost": (None, self.lost),
        }


# What a platform without EXPECTS is held to, and one that is gone. A blog names its owner on every page; newsrooms sign
# fewer.
DEFAULTS: dict[Kind, Expectation] = {"blog": Expectation(signed=0.8), "news": Expectation()}


@dataclass(slots=True)
class Pages:
    """A run's pages of one platform, as little of each as the measures need."""

    failed: int = 0
    letters: list[int] = field(default_factory=list)
    hangul: list[float] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    dated: int = 0
    signed: int = 0
    lost: int = 0

    @property
    def documents(self) -> int:
        return len(self.letters)

    def measures(self) -> Iterator[tuple[str, int, float]]:
        """Name, pages it was taken on, and value of what can be measured."""
        whole, read = self.documents + self.failed, self.documents
        if whole >= LEAST_PAGES:
            yield "documents", whole, read / whole
        if read >= LEAST_PAGES:
            yield "letters", read, median(self.letters)
            yield "dated", read, self.dated / read
            yield "signed", read, self.signed / read
            yield "duplicates", read, 1 - len(self.texts) / read
            yield "hangul", read, median(self.hangul)
            yield "lost", read, self.lost / read


@dataclass(frozen=True, slots=True)
class Breach:
    """A measure outside what was expected."""

    platform: str
    measure: str
    pages: int
    found: float
    least: float | None
    most: float | None

    @property
    def detail(self) -> str:
        """What was expected and what was found, in one line that names the cure."""
        least, most = self.least, self.most
        expected = (
            f"at least {least:g}"
            if most is None
            else f"at most {most:g}"
            if least is None
            else f"{least:g} to {most:g}"
        )
        found = f"{self.found:.0f}" if self.measure == "letters" else f"{self.found:.2f}"
        read = (
            f"{round(self.found * self.pages)} of {self.pages} pages became documents: "
            if self.measure == "documents"
            else ""
        )
        cure = "look at a page of it beside crawler/platforms, or run `yeoron canary`"
        return f"{read}{self.measure} expected {expected}, found {found} on {self.pages} pages; {cure}"


def expectation(platform: str) -> Expectation:
    """What a platform declares as EXPECTS, or the default of its kind."""
    known = {module.NAME: module for module in platforms.platforms()}.get(platform)
    declared = getattr(known, "EXPECTS", None)
    return declared if isinstance(declared, Expectation) else DEFAULTS[known.KIND if known else "news"]


def check(store: Store, event_id: str, run_id: int) -> list[Breach]:
    """Measure a run's pages, write each measure beside its bounds, and return the breaches, recorded as problems."""
    breaches = []
    with store.transaction():
        for platform, pages in sorted(_pages(store, run_id).items()):
            bounds = expectation(platform).bounds()
            for measure, count, found in pages.measures():
                least, most = bounds[measure]
                held = (least is None or found >= least) and (most is None or found <= most)
                store.save_contract(run_id, event_id, platform, measure, count, found, least, most, held)
                if not held:
                    breaches.append(Breach(platform, measure, count, found, least, most))
        for breach in breaches:
            store.problem(run_id, event_id, Problem("contract", "contract", breach.detail, None, breach.platform))
    return breaches


def _pages(store: Store, run_id: int) -> dict[str, Pages]:
    """What a run read and what it could not, by platform. Text given by hand came through no platform's reader."""
    found: defaultdict[str, Pages] = defaultdict(Pages)
    documents = store.rows(
        "SELECT d.platform, length(d.text) AS letters, substr(d.text, 1, ?) AS start, d.text_sha256,"
        " d.published_at IS NOT NULL AS dated, d.author IS NOT NULL AS signed, instr(d.text, char(65533)) > 0 AS lost"
        " FROM documents d JOIN snapshots s ON s.id = d.snapshot_id WHERE d.run_id = ?"
        " AND coalesce(s.content_type, '') NOT IN ('text/plain', 'application/json')",
        [SAMPLE, run_id],
    )
    for row in documents:
        pages = found[row["platform"]]
        pages.letters.append(row["letters"])
        pages.hangul.append(hangul_share(row["start"]))
        pages.texts.add(row["text_sha256"])
        pages.dated += row["dated"]
        pages.signed += row["signed"]
        pages.lost += row["lost"]
    for platform, url in _failures(store, run_id):
        address = platforms.recognise(url)
        found[platform].failed += address is None or not address.is_list
    return found


def _failures(store: Store, run_id: int) -> list[tuple[str, str]]:
    """Platform and address of each page that gave no document and should have."""
    marks = [", ".join("?" * len(names)) for names in (STAGES, NOT_THE_READERS)]
    rows = store.rows(
        "SELECT DISTINCT platform, url FROM problems WHERE run_id = ? AND platform IS NOT NULL AND url IS NOT NULL"
        f" AND stage IN ({marks[0]}) AND outcome NOT IN ({marks[1]})"
        " AND url NOT IN (SELECT a.url FROM addresses a JOIN documents d ON d.id = a.document_id WHERE d.run_id = ?)",
        [run_id, *STAGES, *NOT_THE_READERS, run_id],
    )
    return [(row["platform"], row["url"]) for row in rows]
