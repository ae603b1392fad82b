"""Fit the tables of :mod:`nlp.wide`: tone on every labelled corpus, topics on our own sentences.

python -m nlp.training.wide --corpora ../shared/corpora --out ../train/wide
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import Adagrad

from nlp import wide
from nlp.training.data import POS, THEMES, Example, split, training_corpora
from nlp.training.network import targets_of
from nlp.wide import FILE

# Which corpora speak as which kind, in the order of :data:`nlp.wide.KINDS`.
CORPORA = ("kodoli",), ("own", "news", "talk"), ("nsmc", "sentineg", "shopping")
# Beside the encoder with weight 0.5, held-out log loss of KODOLI, own and news with C of 4, comments and reports as one
# kind .4564, as two .4526, with jamo .4505; a table twice as large .4503, jamo alone .4516; words and pairs of words
# besides .4564, abusive comments as a kind .4531. C of 8 .4486.
STRENGTH = 8.0
FEWEST = 4  # texts that an n-gram stands in

# Few-shot themes with these topics among their features, micro-F1 on tests/themes/outage.tsv, the invented event's and
# our own held-out sentences: without .89, .78, .56; 8 passes .94, .88, .64; 20 passes .94, .86, .66; positive labels
# without more weight and 20 passes .94, .85, .65; a quarter of the table's rows .91, .86, .65.
TOPIC_PASSES, TOPIC_BATCH, TOPIC_POSITIVE = 20, 256, 4.0
LR = 0.1
SEED = 20221015


def fit(sets: dict[str, list[Example]], seed: int) -> dict[str, Tensor]:
    """``table`` [TONE_BUCKETS, 8], ``rarity`` [TONE_BUCKETS] and ``level`` [8] in float32; see :mod:`nlp.wide`.

    All eight answers have to occur. How many rows a kind has, whatever they weigh, is taken out of ``level``: a text is
    of the kind that it sounds like, whatever most texts are.
    """
    kinds = [[e for name in names for e in sets[name]] for names in CORPORA]
    rows = [e for kind in kinds for e in kind]
    answers = [_answer(columns, e) for columns, kind in zip(wide.KINDS, kinds, strict=True) for e in kind]
    counts = wide.terms([e.text for e in rows])
    texts = np.bincount(counts.indices, minlength=wide.TONE_BUCKETS)
    rarity = np.where(texts >= FEWEST, np.log((1 + len(rows)) / (1 + texts)) + 1, 0).astype(np.float32)
    model = LogisticRegression(C=STRENGTH, solver="saga", tol=3e-3, max_iter=200, random_state=seed)
    seen = np.flatnonzero(rarity)  # the solver's time grows with the columns, used or not
    model.fit(wide.weighted(counts, rarity)[:, seen], answers, sample_weight=[e.weight for e in rows])
    table = np.zeros((wide.TONE_BUCKETS, wide.ANSWERS), np.float32)
    table[seen] = model.coef_.T
    level = model.intercept_.astype(np.float32)
    for columns, kind in zip(wide.KINDS, kinds, strict=True):
        level[columns] -= np.log(len(kind))
    fitted = {"table": table, "rarity": rarity, "level": level}
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in fitted.items()}


def _answer(columns: slice, row: Example) -> int:
    """The column of a row's answer: a review is positive or not."""
    return int(columns.start) + (row.polarity == POS if columns == wide.REVIEWS else row.polarity or 0)


def fit_topics(own: list[Example], seed: int) -> Tensor:
    """The table ``[TOPIC_BUCKETS, 12]``: the themes of the project's own sentences, each label on its own.

    The columns' common level is dropped; whoever learns from them finds one of their own.
    """
    table = torch.zeros(wide.TOPIC_BUCKETS, len(THEMES), requires_grad=True)
    level = torch.full((len(THEMES),), -2.0, requires_grad=True)
    weight = torch.full((len(THEMES),), TOPIC_POSITIVE)
    chosen = list(own)
    optimizer = Adagrad([table, level], lr=LR, initial_accumulator_value=1e-8)
    began = time.monotonic()
    for turn in range(TOPIC_PASSES):
        random.Random(seed + turn).shuffle(chosen)
        total = 0.0
        for start in range(0, len(chosen), TOPIC_BATCH):
            batch = chosen[start : start + TOPIC_BATCH]
            said = wide.logits(table, [e.text for e in batch]) + level
            loss = binary_cross_entropy_with_logits(said, targets_of(batch).themes, pos_weight=weight)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item() * len(batch)
        print(f"pass {turn + 1}: loss {total / len(chosen):.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return table.detach()


def save(answers: dict[str, Tensor], topics: Tensor, folder: Path) -> None:
    """One byte a number: a table over its scale, rounded (a hundredth of the logits' spread at most)."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {"level": answers["level"]}
    for name, scale in wide.SCALES.items():
        whole = topics if name == "topics" else answers[name]
        held[scale] = whole.abs().amax(dim=0) / 127
        held[name] = (whole / held[scale]).round().to(torch.int8)
    save_file(held, folder / FILE)
    (folder / FILE).chmod(0o644)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    train = split(training_corpora(args.corpora), held=False)
    save(fit(train, SEED), fit_topics(train["own"], SEED), args.out)


if __name__ == "__main__":
    main()
