"""What turns logits into answers, fitted on held-out rows alone: temperature, undecided, thresholds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from nlp.scorers import Floats, softmax
from nlp.training.data import NEU, OWN, THEMES, Example
from nlp.training.network import LABELS
from nlp.training.outputs import outputs, sigmoid

GRID = np.arange(0.10, 0.75, 0.05)
NOTE = (
    "Fitted on {} held-out rows (KODOLI train {}, own {}, KLUE news {}), wide_weight on {} reviews too; none was "
    "trained on. "
    "probabilities = softmax((encoder + wide_weight * wide) / temperature); a sentence whose highest probability is "
    "lower than undecided_below is undecided. Rule: where a logistic regression of being right on that probability's "
    "log odds crosses one half."
)
WEIGHTS = [round(0.1 * i, 1) for i in range(51)]


def temperature_of(logits: Floats, truth: NDArray[np.int64]) -> float:
    """The T that minimises the log loss of softmax(logits / T) (Guo et al. 2017, temperature scaling)."""
    tried = [round(0.5 + 0.01 * i, 2) for i in range(551)]
    three = np.zeros(len(truth), bool)
    return min(tried, key=lambda t: float(losses_of(logits, truth, three, t).mean()))


def losses_of(logits: Floats, truth: NDArray[np.int64], two: NDArray[np.bool_], temperature: float = 1.0) -> Floats:
    """Log loss of each row; where a row's corpus has no neutral (``two``), of negative against positive alone."""
    held = np.where((np.arange(3) == NEU) & two[:, None], -np.inf, logits / temperature)
    return np.asarray(-log_softmax(held, axis=1)[np.arange(len(truth)), truth], np.float32)


def wide_weight_of(
    encoder: Floats, wide: Floats, truth: NDArray[np.int64], two: NDArray[np.bool_]
) -> tuple[float, float]:
    """The weight of the n-grams' logits, and the temperature that goes with it.

    The smallest weight that the one of least log loss beats by no more than a standard error, as n-grams know their own
    corpora best and a new event is other ground. The error is that of the difference row by row: two weights answer the
    same rows, and a hard row is hard for both (Breiman et al. 1984, 3.4.3, whose rule this is, takes the error of the
    least loss itself, most of which is that rows differ in difficulty). Reviews (``two``) count too: on their turns of
    meaning n-grams mislead. The temperature is that of the rows with three classes.
    """
    found = []
    for weight in WEIGHTS:
        logits: Floats = encoder + np.float32(weight) * wide
        temperature = temperature_of(logits[~two], truth[~two])
        found.append((weight, temperature, losses_of(logits, truth, two, temperature)))
    least = min((losses for *_, losses in found), key=lambda losses: float(losses.mean()))
    behind = ((weight, temperature, losses - least) for weight, temperature, losses in found)
    return next((weight, temperature) for weight, temperature, more in behind if more.mean() <= _error(more))


def _error(values: NDArray[Any]) -> float:
    """The standard error of a mean."""
    return float(values.std() / np.sqrt(len(values)))


def undecided_table(probabilities: Floats, truth: NDArray[np.int64]) -> list[dict[str, float]]:
    """For each threshold: share of sentences kept, accuracy of the kept, accuracy of those whose highest
    probability lies within 0.05 below it."""
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    table = []
    for threshold in np.arange(0.40, 0.81, 0.05):
        kept, band = top >= threshold, (top >= threshold - 0.05) & (top < threshold)
        table.append({
            "threshold": round(float(threshold), 2),
            "kept": round(float(kept.mean()), 4),
            "accuracy_kept": round(float(right[kept].mean()), 4),
            "accuracy_just_below": round(float(right[band].mean()), 4) if band.any() else 0.0,
        })  # fmt: skip
    return table


def undecided_below(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """Where a logistic regression of being right on the log odds of the highest probability (Platt 1999) crosses one
    half: what is set aside is worth less than a coin, and nothing better than that is thrown away.

    Two numbers from all rows: bands of 0.05 hold some forty rows here, and one right in 51 % moved the threshold from
    0.50 to 0.40. From 0 to 1; 0 where every answer is right.
    """
    top, right = probabilities.max(axis=1).clip(1e-6, 1 - 1e-6), probabilities.argmax(axis=1) == truth
    if right.all():
        return 0.0
    odds = np.log(top / (1 - top))[:, None]
    platt = LogisticRegression(C=np.inf).fit(odds, right)
    crossing = -platt.intercept_[0] / max(platt.coef_[0, 0], 1e-6)
    return round(float(expit(crossing)), 2)


def head_thresholds(logits: Floats, truth: NDArray[np.int64]) -> list[float]:
    """Per label, the probability from which it is named: the grid value of best F1, the middle of equals."""
    found = []
    for label in range(truth.shape[1]):
        named = sigmoid(logits[:, label])
        scores = [f1_score(truth[:, label], named >= t, zero_division=0) for t in GRID]
        best = [t for t, s in zip(GRID, scores, strict=True) if s == max(scores)]
        found.append(round(float(best[len(best) // 2]), 2) if max(scores) > 0 else 0.5)
    return found


def hot(rows: list[tuple[int, ...] | None], size: int) -> NDArray[np.int64]:
    return np.array([[int(i in (r or ())) for i in range(size)] for r in rows])


def data_hash(corpora: Path) -> str:
    """SHA-256 over names and bytes of all files a run may read: the corpora, then the project's own."""
    digest = hashlib.sha256()
    for path in sorted(corpora.glob("*.tsv*")) + sorted(OWN.glob("*.tsv")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def calibrate(folder: Path, held: dict[str, list[Example]], corpora: Path) -> dict[str, Any]:
    """Fit on the held-out rows and write ``folder/yeoron.json``; returns what was written."""
    mix = held["kodoli"] + held["own"] + held["news"]
    reviews = held["nsmc"] + held["sentineg"] + held["shopping"]
    said = outputs(folder, [e.text for e in mix + reviews])
    every = np.array([e.polarity for e in mix + reviews])
    two = np.arange(len(every)) >= len(mix)
    wide_weight, temperature = wide_weight_of(said.encoder, said.wide, every, two)
    truth, probabilities = every[~two], softmax(said.polarity(wide_weight)[~two], temperature)
    own = range(len(held["kodoli"]), len(held["kodoli"]) + len(held["own"]))
    kote = outputs(folder, [e.text for e in held["kote"]])
    settings = {
        "labels": list(LABELS.values()),
        "temperature": temperature,
        "wide_weight": wide_weight,
        "undecided_below": undecided_below(probabilities, truth),
        "note": NOTE.format(len(mix), len(held["kodoli"]), len(held["own"]), len(held["news"]), len(reviews)),
        "undecided_table": undecided_table(probabilities, truth),
        "themes": list(THEMES),
        "theme_thresholds": head_thresholds(said.themes[own], hot([mix[i].themes for i in own], len(THEMES))),
        "emotion_thresholds": head_thresholds(kote.emotions, hot([e.emotions for e in held["kote"]], 44)),
        "trained_on": "NSMC pool, KODOLI train, KoBEST SentiNeg train, KOTE val, naver_shopping sample, "
        "KLUE news sentences, Chatbot_data questions, data/training",
        "data_sha256": data_hash(corpora),
    }
    (folder / "yeoron.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n")
    return settings
