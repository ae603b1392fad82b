"""The pass over new documents: families, sentences, mentions, themes, polarity. Resumable, and twice is once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from data.events import Event
from data.records import Mention, Problem, Score, Sentence
from data.store import Store
from nlp.families import families
from nlp.mentions import Mentions
from nlp.scorers import Scorer, label
from nlp.text import Unreadable, scorable, sentences
from nlp.themes import ThemeFound, theme_model

# Documents read together, so that their sentences fill batches of equal length: about 800 sentences.
CHUNK = 32

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence with all that is said about it. Mentions count from the sentence's start."""

    sentence: Sentence
    score: Score
    themes: tuple[ThemeFound, ...]
    mentions: tuple[Mention, ...]


class Analyser:
    """What reads texts for one event with one scorer. ``cache`` is a folder for what is fitted once, if any."""

    def __init__(self, event: Event, scorer: Scorer, cache: Path | None = None) -> None:
        self._scorer = scorer
        self._mentions = Mentions(event)
        self._themes = theme_model(event, scorer, cache)

    def read(self, texts: Sequence[str]) -> list[list[ReadSentence]]:
        """The sentences of each text. Raises :class:`nlp.text.Unreadable`."""
        return self.judge([sentences(text) for text in texts])

    def judge(self, documents: Sequence[Sequence[Sentence]]) -> list[list[ReadSentence]]:
        """Score, theme and name the sentences of several documents in one go."""
        flat = [sentence for document in documents for sentence in document]
        judged = iter(self._judge(flat))
        return [[next(judged) for _ in document] for document in documents]

    def _judge(self, flat: Sequence[Sentence]) -> Iterator[ReadSentence]:
        texts = [sentence.text for sentence in flat if scorable(sentence.text)]
        reading = self._scorer.read(texts)
        said = zip(reading.probabilities.tolist(), self._themes.predict(texts, reading.vectors), strict=True)
        for sentence in flat:
            mentions = tuple(self._mentions.find(sentence.text))
            if not scorable(sentence.text):
                yield ReadSentence(sentence, Score("unscored"), (), mentions)
                continue
            probabilities, themes = next(said)
            polarity = label(probabilities, self._scorer.undecided_below)
            yield ReadSentence(sentence, Score(polarity, *probabilities), tuple(themes), mentions)


def annotate(event: Event, store: Store, run_id: int, scorer: Scorer, progress: bool = True) -> Counter[str]:
    """Annotate what this scorer has not read under this event file; one transaction a document.

    Counts documents, sentences, unscored, undecided, families and problems. ``progress`` shows a bar
    on a terminal. The scorer becomes the one that the views show.
    """
    counts: Counter[str] = Counter(documents=0, sentences=0, unscored=0, undecided=0, families=0, problems=0)
    store.save_model(scorer.model_id, scorer.name, scorer.sha256)
    store.show_model(event.id, scorer.model_id)
    due = store.unannotated(event, scorer.model_id)
    if due or _without_family(store):
        counts["families"] = _save_families(store)
    if not due:
        return counts
    analyser = Analyser(event, scorer, store.home / "cache")
    with tqdm(total=len(due), desc="annotate", unit="doc", disable=None if progress else True) as bar:
        for chunk in chunks(due, CHUNK):
            counts.update(_annotate_chunk(event, store, run_id, scorer.model_id, analyser, chunk))
            bar.update(len(chunk))
    return counts


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` items, in order."""
    rest = iter(items)
    while found := list(islice(rest, size)):
        yield found


def _annotate_chunk(
    event: Event, store: Store, run_id: int, model_id: str, analyser: Analyser, chunk: Sequence[dict[str, Any]]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    readable = []
    for document in chunk:
        try:
            readable.append((document, sentences(document["text"])))
        except Unreadable as error:
            store.problem(run_id, event.id, Problem("annotate", "unreadable", str(error), _url(store, document["id"])))
            counts["problems"] += 1
    for (document, spans), read in zip(readable, analyser.judge([spans for _, spans in readable]), strict=True):
        store.save_annotation(
            event,
            run_id,
            model_id,
            document,
            spans,
            [one.score for one in read],
            [one.themes for one in read],
            [one.mentions for one in read],
        )
        counts.update(_counted(read))
    return counts


def _counted(read: Sequence[ReadSentence]) -> dict[str, int]:
    labels = [one.score.polarity for one in read]
    return {
        "documents": 1,
        "sentences": len(labels),
        "unscored": labels.count("unscored"),
        "undecided": labels.count("undecided"),
    }


def _without_family(store: Store) -> int:
    sql = (
        "SELECT count(*) FROM documents d WHERE EXISTS (SELECT 1 FROM event_documents ed"
        " WHERE ed.document_id = d.id AND ed.belongs = 1) AND d.id NOT IN (SELECT document_id FROM families)"
    )
    return int(store.value(sql))


def _save_families(store: Store) -> int:
    """Group every document that counts for some event; returns how many families there are."""
    sql = (
        "SELECT id, url, source_url, platform, outlet, title, text, published_at, date_precision FROM documents d"
        " WHERE EXISTS (SELECT 1 FROM event_documents ed WHERE ed.document_id = d.id AND ed.belongs = 1)"
    )
    rows = families(store.rows(sql))
    store.save_families(rows)
    return len({row.family_id for row in rows})


def _url(store: Store, document_id: str) -> str:
    return str(store.value("SELECT url FROM documents WHERE id = ?", [document_id]))
