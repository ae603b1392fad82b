"""Scores of a model folder as JSON. The only module that reads test files, and it only measures.

python -m nlp.training.measure --model nlp/model --corpora ../shared/corpora
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from nlp.scorers import Floats, softmax
from nlp.training.calibrate import hot
from nlp.training.data import (
    N_EMOTIONS,
    NEG,
    NEU,
    POS,
    THEMES,
    Example,
    every_corpus,
    kodoli,
    kote,
    rows,
    split,
    squeezed,
    training_corpora,
    two_class,
)  # fmt: skip
from nlp.training.outputs import outputs, sigmoid

Settings = dict[str, Any]


def macro_f1(truth: Any, said: Any, labels: list[int] | None = None) -> float:
    return round(float(f1_score(truth, said, average="macro", labels=labels, zero_division=0)), 4)


def calibration_error(probabilities: Floats, truth: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error: mean over equal-width bins of |accuracy - confidence|, by share."""
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    which = np.minimum((top * bins).astype(int), bins - 1)
    members = [which == b for b in np.unique(which)]
    return round(float(sum(abs(right[m].mean() - top[m].mean()) * m.mean() for m in members)), 4)


def polarity_of(folder: Path, examples: list[Example], settings: Settings) -> tuple[Floats, NDArray[np.int64]]:
    """Logits and true classes."""
    said = outputs(folder, [e.text for e in examples])
    return said.polarity(settings["wide_weight"]), np.array([e.polarity for e in examples])


def two_sided(folder: Path, examples: list[Example], settings: Settings) -> dict[str, float]:
    """Neutral's mass shared out in proportion, so the larger of negative and positive decides."""
    logits, truth = polarity_of(folder, examples, settings)
    said = np.where(logits[:, POS] > logits[:, NEG], POS, NEG)
    accuracy = round(float((said == truth).mean()), 4)
    return {"accuracy": accuracy, "macro_f1": macro_f1(truth, said), "n": len(truth)}


def read_early(examples: list[Example], corpora: Path) -> NDArray[np.bool_]:
    """Which texts stand in a corpus too, spaces aside: the first stages read them, with that corpus' label."""
    read = {squeezed(e.text) for found in every_corpus(corpora).values() for e in found}
    return np.array([squeezed(e.text) in read for e in examples])


def kodoli_dev(folder: Path, corpora: Path, settings: Settings) -> dict[str, Any]:
    """Three classes, calibration, how far abuse alone drives the answer, and what is left without texts read early."""
    examples = kodoli(corpora, "dev")
    logits, truth = polarity_of(folder, examples, settings)
    probabilities, said = softmax(logits, settings["temperature"]), logits.argmax(axis=1)
    kept = probabilities.max(axis=1) >= settings["undecided_below"]
    abusive = np.array([r["abuse"] == "ABS" for r in rows(corpora / "kodoli_dev.tsv.gz") if r["text"]])
    right, early = said == truth, read_early(examples, corpora)
    return {
        "macro_f1": macro_f1(truth, said),
        "macro_f1_not_read_early": macro_f1(truth[~early], said[~early]),
        "read_early": int(early.sum()),
        "accuracy": round(float(right.mean()), 4),
        "ece": calibration_error(probabilities, truth),
        "kept": round(float(kept.mean()), 4),
        "macro_f1_kept": macro_f1(truth[kept], said[kept]),
        "recall_polite_negative": round(float(right[(truth == NEG) & ~abusive].mean()), 4),
        "recall_abusive_not_negative": round(float(right[(truth != NEG) & abusive].mean()), 4),
        "n": len(truth),
    }


def kote_test(folder: Path, corpora: Path, settings: Settings) -> dict[str, Any]:
    examples = kote(corpora, "test")
    truth = hot([e.emotions for e in examples], N_EMOTIONS)
    said = sigmoid(outputs(folder, [e.text for e in examples]).emotions)
    named = said >= np.array(settings["emotion_thresholds"])
    micro = round(float(f1_score(truth, named, average="micro")), 4)
    return {"macro_f1": macro_f1(truth, named), "micro_f1": micro, "n": len(truth)}


def own_held_out(folder: Path, examples: list[Example], settings: Settings) -> dict[str, Any]:
    """Our held-out sentences. Theme thresholds were fitted on these rows, which flatters their F1."""
    said = outputs(folder, [e.text for e in examples])
    truth = np.array([e.polarity for e in examples])
    logits = said.polarity(settings["wide_weight"])
    probabilities, best = softmax(logits, settings["temperature"]), logits.argmax(axis=1)
    kept = probabilities.max(axis=1) >= settings["undecided_below"]
    themes = sigmoid(said.themes) >= np.array(settings["theme_thresholds"])
    neutral = truth == NEU
    return {
        "macro_f1": macro_f1(truth, best, [NEG, NEU, POS]),
        "kept": round(float(kept.mean()), 4),
        "neutral_recall": round(float((best[neutral] == NEU).mean()), 4),
        "theme_macro_f1": macro_f1(hot([e.themes for e in examples], len(THEMES)), themes),
        "n": len(truth),
    }


def measure(folder: Path, corpora: Path) -> dict[str, Any]:
    settings = json.loads((folder / "yeoron.json").read_text())
    held = split(training_corpora(corpora), held=True)
    nsmc = two_class(corpora / "nsmc_test.tsv.gz", "nsmc", "text", "label")
    sentineg = two_class(corpora / "kobest_sentineg_test.tsv", "sentineg", "Text", "Label")
    news = polarity_of(folder, held["news"], settings)[0].argmax(axis=1)
    return {
        "nsmc_test": two_sided(folder, nsmc, settings) | {"read_early": int(read_early(nsmc, corpora).sum())},
        "sentineg_test": two_sided(folder, sentineg, settings),
        "kodoli_dev": kodoli_dev(folder, corpora, settings),
        "kote_test": kote_test(folder, corpora, settings),
        "own_held_out": own_held_out(folder, held["own"], settings),
        "news_called_neutral": {"share": round(float((news == NEU).mean()), 4), "n": len(news)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpora", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    print(json.dumps(measure(args.model, args.corpora), indent=1))


if __name__ == "__main__":
    main()
