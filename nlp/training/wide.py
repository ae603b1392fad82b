"""Fit the tables of :mod:`nlp.wide`: tone on the same rows and with the same loss as the encoder, topics on our own.

python -m nlp.training.wide --corpora ../shared/corpora --out ../train/wide
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import Adagrad

from nlp import wide
from nlp.training.data import THEMES, Example, split, training_corpora
from nlp.training.network import polarity_loss, targets_of
from nlp.wide import FILE

# On a twelfth of the training rows set aside, after four passes: NSMC 87.5 %, KODOLI macro-F1 .731, own .786, each
# pass a little better than the one before (86.8 %, .715, .725 after the first).
LR, PASSES, BATCH = 0.1, 4, 512
# How often a pass goes through each corpus.
OFTEN = {"nsmc": 1, "kodoli": 2, "sentineg": 2, "shopping": 1, "news": 2, "talk": 1, "own": 2}

# Few-shot themes with these topics among their features, micro-F1 on tests/themes/outage.tsv, the invented event's and
# our own held-out sentences: without .89, .78, .56; 8 passes .94, .88, .64; 20 passes .94, .86, .66; positive labels
# without more weight and 20 passes .94, .85, .65; a quarter of the table's rows .91, .86, .65.
TOPIC_PASSES, TOPIC_BATCH, TOPIC_POSITIVE = 20, 256, 4.0
SEED = 20221015


def fit(sets: dict[str, list[Example]], seed: int) -> Tensor:
    """The table ``[BUCKETS, 3]`` in float32. Deterministic but for the order of sums."""
    table = torch.zeros(wide.BUCKETS, 3, requires_grad=True)
    chosen = [example for name, times in OFTEN.items() for example in sets[name] * times]

    def loss_of(batch: list[Example]) -> Tensor:
        return polarity_loss(wide.logits(table, [e.text for e in batch]), targets_of(batch)).mean()

    _descend([table], chosen, loss_of, PASSES, BATCH, seed)
    return table.detach()


def fit_topics(own: list[Example], seed: int) -> Tensor:
    """The table ``[TOPIC_BUCKETS, 12]``: the themes of the project's own sentences, each label on its own.

    The columns' common level is dropped; whoever learns from them finds one of their own.
    """
    table = torch.zeros(wide.TOPIC_BUCKETS, len(THEMES), requires_grad=True)
    level = torch.full((len(THEMES),), -2.0, requires_grad=True)
    weight = torch.full((len(THEMES),), TOPIC_POSITIVE)

    def loss_of(batch: list[Example]) -> Tensor:
        said = wide.logits(table, [e.text for e in batch]) + level
        return binary_cross_entropy_with_logits(said, targets_of(batch).themes, pos_weight=weight)

    _descend([table, level], list(own), loss_of, TOPIC_PASSES, TOPIC_BATCH, seed)
    return table.detach()


def _descend(
    fitted: list[Tensor],
    chosen: list[Example],
    loss_of: Callable[[list[Example]], Tensor],
    passes: int,
    size: int,
    seed: int,
) -> None:
    """Fit tensors to rows in batches of ``size``, in another order each pass."""
    optimizer = Adagrad(fitted, lr=LR, initial_accumulator_value=1e-8)
    began = time.monotonic()
    for turn in range(passes):
        random.Random(seed + turn).shuffle(chosen)
        total = 0.0
        for start in range(0, len(chosen), size):
            batch = chosen[start : start + size]
            loss = loss_of(batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item() * len(batch)
        print(f"pass {turn + 1}: loss {total / len(chosen):.4f}, {time.monotonic() - began:.0f} s", flush=True)


def save(table: Tensor, topics: Tensor, folder: Path) -> None:
    """One byte a number: a table over its scale, rounded (a hundredth of the logits' spread at most)."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {}
    for name, whole in (("table", table), ("topics", topics)):
        held[wide.SCALES[name]] = scale = whole.abs().amax(dim=0) / 127
        held[name] = (whole / scale).round().to(torch.int8)
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
