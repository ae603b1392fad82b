"""Themes: a few-shot, multi-label classifier made from the event file alone.

One logistic regression a theme over the scorer's vector of a sentence, its topics, and the hits of each
theme's terms. Its examples are those of the event file: a theme's own, every other theme's, and sentences
without a theme. So a new event needs a new file and no training, whether its themes are among the topics
that the scorer was trained with or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from data.events import Event
from data.records import content_id
from nlp.scorers import Reading, Scorer

Doubles = NDArray[np.float64]
Read = Callable[[Sequence[str]], Reading]
ThemeFound = tuple[str, float]

# Settings chosen on tests/themes/ (125 outage sentences, 42 of an invented event with five other themes) and on the
# project's own held-out sentences (other services, other writers). Micro-F1 with the shipped weights: .94, .86, .67.
# With the weights before, without topics .89, .78, .56; with topics of weight .4 .93, .82, .64, of 1.2 .91, .77, .65;
# with C = 1 and weight .8 .93, .88, .64.
VECTOR_WEIGHT = 3.0
TOPIC_WEIGHT = 0.8
MOST_HITS = 2
STRENGTH = 0.3
# Balanced regressions on a few examples are not sure enough of what they are right about. This slope of the logit
# (Platt 1999) brings the calibration error (ten bins) on the same sentences from .040, .133, .028 to .010, .044, .028.
SLOPE = 2.0
# With the probabilities so calibrated, .5 is where a label is as likely right as wrong; micro-F1 is flat
# (±.01) between .4 and .55.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class ThemeModel:
    """``centre`` (layers, d) is the mean vector of the examples; ``weights`` (themes, features) and
    ``bias`` (themes,) are the regressions' coefficients over [vectors, term hits, topics]."""

    ids: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    boilerplate: tuple[str, ...]
    centre: Doubles
    weights: Doubles
    bias: Doubles

    @classmethod
    def fit(cls, event: Event, read: Read) -> ThemeModel:
        """Fit on the event's examples: under a second for 12 themes once they are read."""
        texts = [text for theme in event.themes for text in theme.examples] + list(event.no_theme)
        truth = [i for i, theme in enumerate(event.themes) for _ in theme.examples] + [-1] * len(event.no_theme)
        reading = read(texts)
        blank = cls.of(event, reading.vectors.mean(axis=0, dtype=np.float64), np.zeros((0, 0)), np.zeros(0))
        weights, bias = _regressions(blank._features(texts, reading), np.array(truth), len(event.themes))
        return replace(blank, weights=weights, bias=bias)

    @classmethod
    def of(cls, event: Event, centre: Doubles, weights: Doubles, bias: Doubles) -> ThemeModel:
        """A fitted model of an event from its arrays."""
        ids, terms = tuple(theme.id for theme in event.themes), tuple(theme.terms for theme in event.themes)
        return cls(ids, terms, event.boilerplate, centre, weights, bias)

    def predict(self, texts: Sequence[str], reading: Reading) -> list[list[ThemeFound]]:
        """For each text its themes with their probabilities, most likely first; none is an answer."""
        found = []
        for row in self.probabilities(texts, reading):
            named = [(self.ids[i], round(float(row[i]), 4)) for i in np.argsort(-row) if row[i] >= THRESHOLD]
            found.append(named)
        return found

    def probabilities(self, texts: Sequence[str], reading: Reading) -> Doubles:
        """(n, themes), each between 0 and 1 on its own: a sentence may have several themes or none."""
        if not texts:
            return np.zeros((0, len(self.ids)))
        logits = self._features(texts, reading) @ self.weights.T + self.bias
        return np.asarray(1 / (1 + np.exp(-SLOPE * logits)))

    def _features(self, texts: Sequence[str], reading: Reading) -> Doubles:
        """(n, layers * d + themes + topics): each layer's vector centred and normalised, then hits of each theme's
        terms, then topics."""
        centred = reading.vectors - self.centre
        length = np.linalg.norm(centred, axis=-1, keepdims=True) * np.sqrt(centred.shape[1])
        unit = centred / np.maximum(length, 1e-9)
        parts = VECTOR_WEIGHT * unit.reshape(len(texts), -1), self._hits(texts), TOPIC_WEIGHT * reading.topics
        return np.hstack(parts)

    def _hits(self, texts: Sequence[str]) -> Doubles:
        rows = []
        for text in texts:
            for phrase in self.boilerplate:
                text = text.replace(phrase, " ")
            rows.append([min(sum(term in text for term in terms), MOST_HITS) for terms in self.terms])
        return np.array(rows, dtype=np.float64)


def theme_model(event: Event, scorer: Scorer, cache: Path | None = None) -> ThemeModel:
    """The event's theme model over this scorer's vectors; kept in the folder ``cache`` if one is given.

    The name of the file holds what the model depends on: event file, weights and this code.
    """
    if cache is None:
        return ThemeModel.fit(event, scorer.read)
    path = cache / f"themes-{content_id(event.sha256, scorer.sha256, _code())}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as held:
            return ThemeModel.of(event, held["centre"], held["weights"], held["bias"])
    model = theme_model(event, scorer)
    cache.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, centre=model.centre, weights=model.weights, bias=model.bias)
    part.replace(path)
    return model


def _regressions(features: Doubles, truth: NDArray[np.int64], themes: int) -> tuple[Doubles, Doubles]:
    """Weights (themes, features) and bias (themes,) of one balanced regression a theme."""
    fitted = [
        LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000).fit(features, truth == theme)
        for theme in range(themes)
    ]
    return np.vstack([one.coef_[0] for one in fitted]), np.array([one.intercept_[0] for one in fitted])


def _code() -> str:
    return Path(__file__).read_text(encoding="utf-8")
