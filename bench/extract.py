"""Body text and speed of the readers on saved Korean pages, beside trafilatura and resiliparse.

YEORON_SHARED=FOLDER python bench/extract.py              a table of F1 by page, then pages per second
YEORON_SHARED=FOLDER python bench/extract.py --rounds 0   the table alone
python bench/extract.py --hash FILE                       the hashes of a body cut out by hand

FOLDER/pages/INDEX.tsv lists other people's pages, which are not part of this repository. Their bodies were cut by
hand from the HTML, with places chosen for each page and not by a reader's selectors, and printed to check. What is
kept in tests/bodies/ is a hash of each word in order: enough for F1 over the multiset of words, not enough to read.

A body holds what the author wrote, in the order of the page:
- paragraphs, subheadings, lists, quotations, program code, and addresses typed out as text;
- a dateline or byline in front of the first sentence, in the same paragraph ('(포항=연합뉴스) 임상현 기자 =');
- a subtitle that nothing sets apart from the paragraphs. One in an element of its own, and a newsroom's summary box
  or pull quote, is not part of it.
It holds no title, date, caption, link card, map, attached file, advertisement or related link, no line that only
signs ('이용민 기자', an e-mail address), no copyright line, and of code tables neither line numbers nor the credit.

Our readers were written with these pages at hand and the other two were not, so the figures say that nothing is lost
where the markup is known; on a page of unknown markup ours is a density rule, and no better than that.

All three get the same decoded text of a page. Words are split at white space, NFC, without punctuation at either end.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import os
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from crawler import platforms  # noqa: E402
from crawler.decode import decode  # noqa: E402
from crawler.outcomes import Unreadable  # noqa: E402

BODIES = ROOT / "tests" / "bodies"
ROUNDS = 3
Reader = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A saved page and the hashes of its body's words."""

    name: str
    url: str
    html: str
    body: Counter[str]


def words(text: str) -> list[str]:
    """Words without the punctuation around them; what is punctuation only is no word."""
    stripped = (_bare(word) for word in unicodedata.normalize("NFC", text).split())
    return [word for word in stripped if word]


def _bare(word: str) -> str:
    ends = [place for place, letter in enumerate(word) if letter.isalnum()]
    return word[ends[0] : ends[-1] + 1] if ends else ""


def hashed(text: str) -> list[str]:
    """Eight hex digits of the SHA-256 of each word, in order."""
    return [hashlib.sha256(word.encode()).hexdigest()[:8] for word in words(text)]


def f1(found: Counter[str], body: Counter[str]) -> float:
    """Harmonic mean of precision and recall over the multiset of words; 0 where nothing is shared."""
    shared = (found & body).total()
    return 2 * shared / (found.total() + body.total()) if shared else 0.0


def cuts(shared: Path) -> list[Cut]:
    """The saved pages that have a body, in the order of the index."""
    with (shared / "pages" / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = []
    for row in rows:
        name = row["file"].removesuffix(".html.gz").replace("/", "__")
        path = BODIES / f"{name}.txt"
        if path.is_file():
            html = decode(gzip.decompress((shared / "pages" / row["file"]).read_bytes())).text
            url = row["original_url"] or "https://unknown.example/n/1"
            found.append(Cut(name, url, html, Counter(path.read_text(encoding="ascii").split())))
    return found


def ours(url: str, html: str) -> str:
    try:
        return platforms.extract(url, html).text
    except Unreadable:
        return ""


def _trafilatura(url: str, html: str) -> str:
    from trafilatura import extract

    return extract(html, url=url, include_comments=False) or ""


def _resiliparse(url: str, html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(html, main_content=True, alt_texts=False)
    return text


READERS: dict[str, Reader] = {"ours": ours, "trafilatura": _trafilatura, "resiliparse": _resiliparse}


def scores(reader: Reader, pages: list[Cut]) -> dict[str, float]:
    """F1 of one reader by page."""
    return {page.name: f1(Counter(hashed(reader(page.url, page.html))), page.body) for page in pages}


def rate(reader: Reader, pages: list[Cut], rounds: int) -> float:
    """Pages per second of the best of several rounds: the one that was disturbed the least."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for page in pages:
            reader(page.url, page.html)
        best = min(best, time.perf_counter() - started)
    return len(pages) / best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds to time ({ROUNDS}); 0: none")
    parser.add_argument("--hash", metavar="FILE", help="print the hashes of the words of a text")
    args = parser.parse_args()
    if args.hash:
        print("\n".join(hashed(Path(args.hash).read_text(encoding="utf-8"))))
        return 0
    shared = os.environ.get("YEORON_SHARED")
    if not shared:
        parser.error("YEORON_SHARED names no folder of saved pages")
    pages = cuts(Path(shared))
    by_reader = {name: scores(reader, pages) for name, reader in READERS.items()}
    print("\t".join(("page", *READERS)))
    for page in pages:
        print("\t".join((page.name, *(f"{found[page.name]:.3f}" for found in by_reader.values()))))
    print("\t".join(("mean", *(f"{sum(found.values()) / len(pages):.4f}" for found in by_reader.values()))))
    if args.rounds:
        rates = {name: rate(reader, pages, args.rounds) for name, reader in READERS.items()}
        print("\t".join(("pages per second", *(f"{value:.0f}" for value in rates.values()))))
        print("\t".join(("times trafilatura", *(f"{value / rates['trafilatura']:.1f}" for value in rates.values()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
