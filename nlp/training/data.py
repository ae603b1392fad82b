"""The corpora as examples: one text, and for each head either a target or nothing to say.

The corpora stay outside the repository (``--corpora``); only ``data/training/*.tsv`` is the project's own.
Files named ``*_test`` and the dev splits are for measuring (:mod:`nlp.training.measure`), never for training or
tuning; here they are read only to leave out of the corpora what stands in both.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

OWN = Path(__file__).resolve().parents[2] / "data" / "training"
THEMES = (
    "outage", "recovery", "preparedness", "response", "compensation", "monopoly",
    "regulation", "livelihood", "stock", "data_loss", "alternatives", "cause",
)  # fmt: skip
NEG, NEU, POS = 0, 1, 2
N_EMOTIONS = 44
# KODOLI's two further labels as one. A slur is no tone: the encoder is told which is which.
RUDENESS = tuple(f"{abuse} {offence}" for abuse in ("NON", "ABS") for offence in ("NOT", "LIKELY", "OFFEN"))
# Measuring files, and the column of their text.
MEASURED = {
    "nsmc_test.tsv.gz": "text", "kodoli_dev.tsv.gz": "text", "kote_test.tsv.gz": "text",
    "kobest_sentineg_dev.tsv": "Text", "kobest_sentineg_test.tsv": "Text",
}  # fmt: skip
KOTE_COLUMNS = ["id", "text", "emotions"]
# One text in so many is never trained on: it tunes temperature, thresholds and the choice between runs.
HELD_OUT = {
    "own": 10, "sentineg": 10, "news": 10, "kote": 10, "kodoli": 16, "shopping": 10, "talk": 10, "nsmc": 300,
}  # fmt: skip
_CODES = {"neg": NEG, "neu": NEU, "pos": POS, "NEG": NEG, "NEU": NEU, "POS": POS, "0": NEG, "1": POS}


@dataclass(frozen=True, slots=True)
class Example:
    """``polarity`` is 0, 1, 2 or None; ``two`` says that its corpus has no neutral, so that only the negative
    and positive logits may be trained. ``emotions`` (KOTE ids), ``themes`` (indices into THEMES) and ``rudeness``
    (index into RUDENESS) are None where nobody labelled them. ``weight`` scales the polarity loss. ``soft``, where
    given, is learnt in the place of ``polarity``: probabilities in the order of the classes."""

    text: str
    corpus: str
    polarity: int | None = None
    two: bool = False
    emotions: tuple[int, ...] | None = None
    themes: tuple[int, ...] | None = None
    weight: float = 1.0
    rudeness: int | None = None
    soft: tuple[float, ...] | None = None


def rows(path: Path, header: list[str] | None = None) -> Iterator[dict[str, str]]:
    """Rows of a tab-separated file, gzipped or plain; quotes are letters like any other."""
    opener: Callable[..., object] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
        yield from csv.DictReader(file, header, delimiter="\t", quoting=csv.QUOTE_NONE)


def held_out(text: str, one_in: int) -> bool:
    """Whether a text belongs to the held-out part: a pure function of its letters, the same in every run."""
    return int(hashlib.sha256(squeezed(text).encode()).hexdigest()[:8], 16) % one_in == 0


def squeezed(text: str) -> str:
    """A text without its white space: two that differ in nothing else are one."""
    return re.sub(r"\s+", "", text)


def measured(corpora: Path) -> set[str]:
    """Every text of the measuring files, squeezed."""
    found: set[str] = set()
    for name, column in MEASURED.items():
        header = KOTE_COLUMNS if name.startswith("kote") else None
        found.update(squeezed(row[column]) for row in rows(corpora / name, header))
    return found


def nsmc(corpora: Path) -> list[Example]:
    """Rated reviews as published for NSMC: 1-4 negative, 9-10 positive, the middle left out. As many positive
    rows as negative ones are drawn: the pool has 3.6 times as many, the test set none more."""
    sides: dict[int, list[Example]] = {NEG: [], POS: []}
    for row in rows(corpora / "nsmc_train_pool.tsv.gz"):
        rating = int(row["rating"])
        if row["text"] and (rating <= 4 or rating >= 9):
            side = POS if rating >= 9 else NEG
            sides[side].append(Example(row["text"], "nsmc", side, two=True))
    return sides[NEG] + random.Random(20221015).sample(sides[POS], len(sides[NEG]))


def kodoli(corpora: Path, split: str = "train") -> list[Example]:
    """Human three-class labels, and how rude each text is."""
    return [
        Example(
            row["text"],
            "kodoli",
            _CODES[row["sentiment"]],
            rudeness=RUDENESS.index(f"{row['abuse']} {row['offensiveness']}"),
        )
        for row in rows(corpora / f"kodoli_{split}.tsv.gz")
        if row["text"]
    ]


def kote(corpora: Path, split: str = "val") -> list[Example]:
    """Comments with the ids of their emotions, several or one."""
    found = rows(corpora / f"kote_{split}.tsv.gz", KOTE_COLUMNS)
    return [Example(r["text"], "kote", emotions=tuple(map(int, r["emotions"].split(",")))) for r in found]


def two_class(path: Path, corpus: str, text: str, label: str) -> list[Example]:
    """A file of 0 (negative) and 1 (positive) in the columns named."""
    return [Example(r[text], corpus, _CODES[r[label]], two=True) for r in rows(path) if r[text]]


def silver_neutral(corpora: Path) -> list[Example]:
    """News, policy and encyclopaedia sentences, everyday questions. Nobody labelled them: they weigh less."""
    news = [Example(r["text"], "news", NEU, weight=0.7) for r in rows(corpora / "klue_news_sentences.tsv")]
    talk = [r["q"] for r in rows(corpora / "chatbot.tsv") if r["label"] == "0"]
    return news + [Example(q, "talk", NEU, weight=0.2) for q in talk]


def own(folder: Path = OWN) -> list[Example]:
    """The project's: ``polarity themes register domain fault text``; themes parted by commas, or ``-``."""
    found = {}
    for path in sorted(folder.glob("*.tsv")):
        for row in rows(path):
            ids = [i for i in re.split(r"[,;|\s]+", row["themes"].strip()) if i and i != "-"]
            themes = tuple(sorted(THEMES.index(i) for i in ids))
            text = row["text"].strip()
            found[text] = Example(text, "own", _CODES[row["polarity"]], themes=themes)
    return list(found.values())


def every_corpus(corpora: Path) -> dict[str, list[Example]]:
    """All corpora by name, as they come: texts that stand in measuring files, too, are among them."""
    sets = {
        "nsmc": nsmc(corpora),
        "kodoli": kodoli(corpora),
        "sentineg": two_class(corpora / "kobest_sentineg_train.tsv", "sentineg", "Text", "Label"),
        "shopping": two_class(corpora / "naver_shopping_sample.tsv", "shopping", "text", "label"),
        "kote": kote(corpora),
        "own": own(),
    }
    silver = silver_neutral(corpora)
    return sets | {name: [e for e in silver if e.corpus == name] for name in ("news", "talk")}


def training_corpora(corpora: Path) -> dict[str, list[Example]]:
    """Everything that may be trained on, by corpus, in a fixed shuffled order, without the texts of measuring files."""
    kept_apart = measured(corpora)
    whole = every_corpus(corpora)
    sets = {name: [e for e in found if squeezed(e.text) not in kept_apart] for name, found in whole.items()}
    for found in sets.values():
        random.Random(20221015).shuffle(found)
    return sets


def split(sets: dict[str, list[Example]], held: bool) -> dict[str, list[Example]]:
    """The held-out part of every corpus, or the rest."""

    def chosen(name: str) -> list[Example]:
        return [e for e in sets[name] if held_out(e.text, HELD_OUT[name]) is held]

    return {name: chosen(name) for name in sets}


def all_texts(corpora: Path) -> Iterator[str]:
    """Texts to count vocabulary on: everything but the test and dev files."""
    for examples in training_corpora(corpora).values():
        yield from (e.text for e in examples)
    yield from (row["a"] for row in rows(corpora / "chatbot.tsv"))
    yield from (row["content"] for row in rows(corpora / "petitions.tsv.gz"))
