"""The emotion and theme heads fitted once more over the finished encoder.

A logistic regression per label over frozen mean-pooled states is exact and takes a minute; the held-out log loss says
whether it or the layer as trained is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from nlp.scorers import Floats
from nlp.training.calibrate import hot
from nlp.training.data import N_EMOTIONS, THEMES, Example
from nlp.training.network import THEME_LAYER
from nlp.training.outputs import outputs, sigmoid

Head = Literal["emotions", "themes"]
LAYERS: dict[Head, int] = {"emotions": 12, "themes": THEME_LAYER}
# Inverse L2 penalties tried; the held-out log loss chooses.
STRENGTHS: dict[Head, tuple[float, ...]] = {"emotions": (0.001, 0.003, 0.01), "themes": (0.01, 0.03, 0.1)}
HEADS_INPUT = (
    f"logits = mean of hidden_states[{LAYERS['emotions']}] (emotions) or [{LAYERS['themes']}] (themes)"
    " over all tokens, <s> and </s> too @ weight.T + bias"
)


def states(folder: Path, examples: list[Example], head: Head) -> tuple[Floats, NDArray[np.int64]]:
    """Mean-pooled states of the head's layer ``[rows, 384]`` and labels ``[rows, 44]`` or ``[rows, 12]``."""
    pooled = outputs(folder, [e.text for e in examples], (LAYERS[head],)).layers[LAYERS[head]]
    if head == "emotions":
        return pooled, hot([e.emotions for e in examples], N_EMOTIONS)
    return pooled, hot([e.themes for e in examples], len(THEMES))


def fitted(pooled: Floats, truth: NDArray[np.int64], strength: float) -> tuple[Floats, Floats]:
    """Weight ``[labels, 384]``, bias ``[labels]`` for raw states: fitted on standardised ones, scale folded in."""
    mean, spread = pooled.mean(axis=0), pooled.std(axis=0) + 1e-6
    scaled = (pooled - mean) / spread
    models = [LogisticRegression(C=strength, max_iter=500).fit(scaled, column) for column in truth.T]
    weight = np.stack([m.coef_[0] / spread for m in models]).astype(np.float32)
    bias = np.array([m.intercept_[0] for m in models], np.float32) - weight @ mean
    return weight, bias


def save_heads(folder: Path, heads: dict[str, torch.Tensor]) -> None:
    """``heads.safetensors`` in fp16, readable to all."""
    path = folder / "heads.safetensors"
    save_file({name: tensor.half() for name, tensor in heads.items()}, path, metadata={"input": HEADS_INPUT})
    path.chmod(0o644)


def refit(folder: Path, head: Head, train: list[Example], held: list[Example]) -> dict[str, float]:
    """Put the best of ``STRENGTHS`` into ``folder`` as this head; returns the held-out log loss of each."""
    pooled, truth = states(folder, train, head)
    pooled_held, truth_held = states(folder, held, head)
    heads = load_file(folder / "heads.safetensors")
    before = heads[f"{head}.weight"].float().numpy(), heads[f"{head}.bias"].float().numpy()
    tried = {"as trained": before} | {f"C={c:g}": fitted(pooled, truth, c) for c in STRENGTHS[head]}
    said = {name: sigmoid(pooled_held @ w.T + b).ravel() for name, (w, b) in tried.items()}
    losses = {name: round(float(log_loss(truth_held.ravel(), p)), 4) for name, p in said.items()}
    weight, bias = tried[min(losses, key=losses.__getitem__)]
    heads |= {f"{head}.weight": torch.from_numpy(weight), f"{head}.bias": torch.from_numpy(bias)}
    save_heads(folder, heads)
    return losses
