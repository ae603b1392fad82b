"""Which layer's mean-pooled states tell themes apart from a dozen examples each, beside the theme head.

    python -m nlp.training.fewshot --model nlp/model --corpora ../shared/corpora

Examples and test sentences both come from the held-out tenth of the project's sentences. Each draw takes
up to ``--examples`` sentences per theme and as many without any; one balanced logistic regression per theme
learns from them and is tested on all the rest. Macro-F1 over the twelve themes: mean and spread over draws.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from nlp.scorers import Floats
from nlp.training.calibrate import hot
from nlp.training.data import THEMES, split, training_corpora
from nlp.training.outputs import outputs, sigmoid

LAYERS = (4, 6, 8, 9, 10, 11, 12)
DRAWS = 10


def draw(truth: NDArray[np.int64], examples: int, seed: int) -> NDArray[np.bool_]:
    """Which rows are examples: up to ``examples`` of each theme, never more than half, and so of none."""
    random = np.random.default_rng(seed)
    chosen = np.zeros(len(truth), bool)
    for column in [*truth.T, truth.sum(axis=1) == 0]:
        rows = np.flatnonzero(column)
        chosen[random.permutation(rows)[: min(examples, len(rows) // 2)]] = True
    return chosen


def few_shot(states: Floats, truth: NDArray[np.int64], chosen: NDArray[np.bool_], strength: float) -> float:
    """Macro-F1 of one logistic regression per theme over unit-length, centred states."""
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    unit = unit - unit[chosen].mean(axis=0)
    said = np.zeros_like(truth)
    for theme in range(truth.shape[1]):
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
        said[:, theme] = model.fit(unit[chosen], truth[chosen, theme]).predict(unit)
    return float(f1_score(truth[~chosen], said[~chosen], average="macro", zero_division=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=12)
    args = parser.parse_args()
    torch.set_num_threads(2)
    held = split(training_corpora(args.corpora), held=True)["own"]
    truth = hot([e.themes for e in held], len(THEMES))
    said = outputs(args.model, [e.text for e in held], LAYERS)
    draws = [draw(truth, args.examples, seed) for seed in range(DRAWS)]
    found: dict[str, list[float]] = {}
    for layer in LAYERS:
        for strength in (10.0, 100.0):
            scores = [few_shot(said.layers[layer], truth, chosen, strength) for chosen in draws]
            found[f"layer {layer}, C={strength:g}"] = scores
    named = sigmoid(said.themes) >= 0.5
    head = [float(f1_score(truth[~c], named[~c], average="macro", zero_division=0)) for c in draws]
    found["theme head at 0.5"] = head
    table = {name: [round(float(np.mean(s)), 4), round(float(np.std(s)), 4)] for name, s in found.items()}
    counts = {"rows": len(truth), "per_theme": truth.sum(axis=0).tolist(), "examples": int(draws[0].sum())}
    print(json.dumps({"macro_f1_mean_std": table} | counts, indent=1))


if __name__ == "__main__":
    main()
