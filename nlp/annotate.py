"""The pass over new documents: families, sentences, mentions, themes, polarity. Resumable, and twice is once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from data.events import Event
from data.records import Mention, Polarity, Problem, Score, Sentence, TargetScore
from data.store import Store
from nlp.families.stored import update
from nlp.mentions import Mentions
from nlp.scorers import Scorer, label
from nlp.text import Unreadable, scorable, sentences
from nlp.themes import ThemeFound, theme_model
from nlp.tone import Part, parts, toward

# Documents read together, so that their sentences fill batches of equal length: about 800 sentences.
CHUNK = 32
# Sentences whose answers are kept, so that a copy in a later chunk is not read again: 584 bytes each at 55 letters,
# 12 MB in all, what some 800 documents say. Families come one after the other, so a copy is seldom further away: of
# the demo's 3,069 sentences 2,955 were read in the order of ids, chunk by chunk; 2,511 by families; 2,507 so.
REMEMBERED = 20_000
HERE = Path(__file__).parent
# What decides, with the event file and the model, what is said of a text.
RULES = ("text.py", "mentions.py", "tone.py", "themes.py")
SPLITTER = ("kiwipiepy", "kiwipiepy_model")

Said = tuple[list[float], list[ThemeFound]]  # probabilities in the order of POLARITIES, and themes
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence with all that is said about it. Mentions count from the sentence's start.

    ``toward`` holds the targets whose score is not the sentence's; ``tone`` is the polarity toward every target.
    """

    sentence: Sentence
    score: Score
    themes: tuple[ThemeFound, ...]
    mentions: tuple[Mention, ...]
    toward: tuple[TargetScore, ...] = ()

    @property
    def tone(self) -> dict[str, Polarity]:
        own = {mention.target: self.score.polarity for mention in self.mentions}
        return own | {one.target: one.score.polarity for one in self.toward}


class Analyser:
    """What reads texts for one event with one scorer. ``cache`` is a folder for what is fitted once, if any."""

    def __init__(self, event: Event, scorer: Scorer, cache: Path | None = None) -> None:
        self._scorer = scorer
        self._mentions = Mentions(event)
        self._themes = theme_model(event, scorer, cache)
        self._remembered: OrderedDict[str, Said] = OrderedDict()

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
        named = [tuple(self._mentions.find(sentence.text)) for sentence in flat]
        apart = [parts(one.text, found) if scorable(one.text) else [] for one, found in zip(flat, named, strict=True)]
        pieces = [_text(one, part) for one, held in zip(flat, apart, strict=True) for part in held]
        read = self._read(texts + pieces)
        for sentence, mentions, held in zip(flat, named, apart, strict=True):
            if not scorable(sentence.text):
                yield ReadSentence(sentence, Score("unscored"), (), mentions)
                continue
            own, themes = read[sentence.text]
            score = Score(label(own, self._scorer.undecided_below), *own)
            tone = tuple(self._toward(part, read[_text(sentence, part)][0], own) for part in held)
            yield ReadSentence(sentence, score, tuple(themes), mentions, tone)

    def _read(self, texts: Sequence[str]) -> dict[str, Said]:
        """What is said of each text. Equal texts are read once, and not again while they are remembered."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._remembered]:
            reading = self._scorer.read(new)
            said = zip(reading.probabilities.tolist(), self._themes.predict(new, reading), strict=True)
            self._remembered.update(zip(new, said, strict=True))
        for text in texts:
            self._remembered.move_to_end(text)
        found = {text: self._remembered[text] for text in texts}
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return found

    def _toward(self, part: Part, said: Sequence[float], sentence: Sequence[float]) -> TargetScore:
        score = toward(part, said, sentence, self._scorer.undecided_below)
        return TargetScore(part.target, part.start, part.end, score)


def annotate(event: Event, store: Store, run_id: int, scorer: Scorer, progress: bool = True) -> Counter[str]:
    """Annotate what this scorer has not read under this event file by these rules; one transaction a document.

    Counts documents, sentences, unscored, undecided, families and problems. ``progress`` shows a bar
    on a terminal. The scorer becomes the one that the views show: at the end, so that a run that does not
    come to its end takes no other model's labels from sight, or at once where none is shown.
    """
    counts: Counter[str] = Counter(documents=0, sentences=0, unscored=0, undecided=0, families=0, problems=0)
    store.save_model(scorer.model_id, scorer.name, scorer.sha256)
    store.show_model(event.id, scorer.model_id, instead=False)
    counts["families"] = _save_families(store)
    if due := store.unannotated(event, scorer.model_id, rules()):
        analyser = Analyser(event, scorer, store.home / "cache")
        with tqdm(total=len(due), desc="annotate", unit="doc", disable=None if progress else True) as bar:
            for chunk in chunks(due, CHUNK):
                counts.update(_annotate_chunk(event, store, run_id, scorer.model_id, analyser, chunk))
                bar.update(len(chunk))
    store.show_model(event.id, scorer.model_id)
    return counts


@cache
def rules(folder: Path = HERE) -> str:
    """Hash of the code that splits a text and finds what is in it, and of the versions of what it splits with.

    The scorer is not among them: its ``model_id`` tells its weights and settings.
    """
    digest = sha256()
    for name in RULES:
        digest.update(sha256((folder / name).read_bytes()).digest())
    digest.update(" ".join(version(name) for name in SPLITTER).encode())
    return digest.hexdigest()


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
            [one.toward for one in read],
            rules(),
        )
        counts.update(_counted(read))
    return counts


def _text(sentence: Sentence, part: Part) -> str:
    return sentence.text[part.start : part.end].strip()


def _counted(read: Sequence[ReadSentence]) -> dict[str, int]:
    labels = [one.score.polarity for one in read]
    return {
        "documents": 1,
        "sentences": len(labels),
        "unscored": labels.count("unscored"),
        "undecided": labels.count("undecided"),
    }


def _save_families(store: Store) -> int:
    """Group what came or changed since the last time; returns how many families there are, 0 when nothing did."""
    return int(store.value("SELECT count(DISTINCT family_id) FROM families")) if update(store) else 0


def _url(store: Store, document_id: str) -> str:
    return str(store.value("SELECT url FROM documents WHERE id = ?", [document_id]))
