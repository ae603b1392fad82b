"""Themes: a few-shot, multi-label classifier made from the event file alone.

One logistic regression a theme over the encoder's vector of a sentence and the hits of each theme's
terms. Its examples are those of the event file: a theme's own, every other theme's, and sentences
without a theme. So a new event needs a new file and no training.
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
from nlp.scorers import Floats, Scorer

Doubles = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Floats]
ThemeFound = tuple[str, float]

# Settings chosen on tests/themes/ (125 outage sentences, 42 of an invented event with five other themes). Micro-F1
# there and on the project's own held-out sentences (other services, other writers), with the shipped weights:
# .90 / .60; with 12 examples a theme and half of the terms .84 / .55. A theme head trained with the encoder on 4,000
# sentences of other services, added with weight .5: .89 / .63. C of 3 and 6: .92 / .59 and .91 / .59.
VECTOR_WEIGHT = 3.0
MOST_HITS = 2
STRENGTH = 1.0
# Balanced regressions on a dozen examples say .25 where 9 % and .65 where 80 % are right. This slope and
# offset of the logit (Platt 1999) bring the calibration error (ten bins) of the shipped weights on the same
# sentences from .031 to .008 (outage) and from .078 to .028 (invented event).
SLOPE = 2.0
OFFSET = 0.3
# With the probabilities so calibrated, .5 is where a label is as likely right as wrong; micro-F1 is flat
# (±.01) between .4 and .55.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class ThemeModel:
    """``centre`` (layers, d) is the mean vector of the examples; ``weights`` (themes, layers * d + themes) and
    ``bias`` (themes,) are the regressions' coefficients over [vectors, term hits]."""

    ids: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    boilerplate: tuple[str, ...]
    centre: Doubles
    weights: Doubles
    bias: Doubles

    @classmethod
    def fit(cls, event: Event, embed: Embed) -> ThemeModel:
        """Fit on the event's examples: under a second for 12 themes once they are embedded."""
        texts = [text for theme in event.themes for text in theme.examples] + list(event.no_theme)
        truth = [i for i, theme in enumerate(event.themes) for _ in theme.examples] + [-1] * len(event.no_theme)
        vectors = embed(texts)
        blank = cls.of(event, vectors.mean(axis=0, dtype=np.float64), np.zeros((0, 0)), np.zeros(0))
        weights, bias = _regressions(blank._features(texts, vectors), np.array(truth), len(event.themes))
        return replace(blank, weights=weights, bias=bias)

    @classmethod
    def of(cls, event: Event, centre: Doubles, weights: Doubles, bias: Doubles) -> ThemeModel:
        """A fitted model of an event from its arrays."""
        ids, terms = tuple(theme.id for theme in event.themes), tuple(theme.terms for theme in event.themes)
        return cls(ids, terms, event.boilerplate, centre, weights, bias)

    def predict(self, texts: Sequence[str], vectors: Floats) -> list[list[ThemeFound]]:
        """For each text its themes with their probabilities, most likely first; none is an answer."""
        found = []
        for row in self.probabilities(texts, vectors):
            named = [(self.ids[i], round(float(row[i]), 4)) for i in np.argsort(-row) if row[i] >= THRESHOLD]
            found.append(named)
        return found

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Doubles:
        """(n, themes), each between 0 and 1 on its own: a sentence may have several themes or none."""
        if not texts:
            return np.zeros((0, len(self.ids)))
        logits = self._features(texts, vectors) @ self.weights.T + self.bias
        return np.asarray(1 / (1 + np.exp(-(SLOPE * logits + OFFSET))))

    def _features(self, texts: Sequence[str], vectors: Floats) -> Doubles:
        """(n, layers * d + themes): each layer's vector centred and normalised, then hits of each theme's terms."""
        centred = vectors - self.centre
        length = np.linalg.norm(centred, axis=-1, keepdims=True) * np.sqrt(vectors.shape[1])
        unit = centred / np.maximum(length, 1e-9)
        return np.hstack([VECTOR_WEIGHT * unit.reshape(len(texts), -1), self._hits(texts)])

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
        return ThemeModel.fit(event, lambda texts: scorer.read(texts).vectors)
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
