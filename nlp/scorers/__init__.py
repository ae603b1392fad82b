"""Scorers: one kind of model behind one small protocol, texts in, probabilities out.

The folder is the registry: ``NAME.py`` with a function ``load() -> Scorer`` is the scorer ``NAME``. One whose
module holds ``FORM`` reads many models, and ``load(where, labels)`` is told which: ``NAME:WHERE`` on the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import inf
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from data.records import Polarity

Floats = NDArray[np.float32]
POLARITIES: tuple[Polarity, Polarity, Polarity] = ("negative", "neutral", "positive")
# Whether whoever started this process forbade the network, before a scorer forbids it for itself.
ASKED_OFFLINE = os.environ.get("HF_HUB_OFFLINE", os.environ.get("TRANSFORMERS_OFFLINE", "0")).upper() in (
    "1", "ON", "YES", "TRUE",
)  # fmt: skip


class UnknownScorer(ValueError):
    """No scorer has this name; the message lists those that exist."""


class UnknownEngine(ValueError):
    """YEORON_ENGINE names no engine; the message lists those that exist."""


class EngineMissing(ValueError):
    """YEORON_ENGINE names an engine that this machine cannot run; the message names the cure."""


class ModelBroken(ValueError):
    """A model folder cannot be read, or what it says cannot be right; the message names what is wrong and the cure."""


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Of logits over a temperature, along the last axis."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def check_settings(path: Path, temperature: float, undecided_below: float) -> None:
    """Raises :class:`ModelBroken` for a figure out of its range; NaN is in none."""
    if not 0 < temperature < inf:
        raise ModelBroken(f"{path}: temperature is {temperature}; it must be above 0 and finite")
    if not 0 <= undecided_below <= 1:
        raise ModelBroken(f"{path}: undecided_below is {undecided_below}; it must be from 0 to 1")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scorer says about n texts: ``probabilities`` (n, 3) in the order of POLARITIES, calibrated,
    each row summing to 1; ``vectors`` (n, layers, d), hidden states averaged over tokens, not normalised;
    ``topics`` (n, k), how much each text sounds like what its training called topics, k = 0 where it had none."""

    probabilities: Floats
    vectors: Floats
    topics: Floats


class Scorer(Protocol):
    """``model_id`` is the name with the head of ``sha256``. A sentence whose highest probability is under
    ``undecided_below`` is undecided."""

    @property
    def name(self) -> str: ...
    @property
    def model_id(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def undecided_below(self) -> float: ...

    def read(self, texts: Sequence[str]) -> Reading:
        """Probabilities and vectors in the order of the texts; texts of any length."""
        ...


def known() -> list[str]:
    """Names that :func:`load` understands, in alphabetical order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def load(name: str, labels: Mapping[str, str] | None = None) -> Scorer:
    """The scorer ``NAME`` or ``NAME:WHERE``, its weights in memory. ``labels`` maps the label names of a model
    of any kind to polarities. Raises :class:`UnknownScorer`, :class:`UnknownEngine`, :class:`EngineMissing` or
    :class:`ModelBroken`."""
    kind, colon, where = name.partition(":")
    if kind not in known():
        raise UnknownScorer(f"unknown scorer {name!r}: known are {', '.join(known())}")
    module = import_module(f"nlp.scorers.{kind}")
    if hasattr(module, "FORM"):
        return cast(Scorer, module.load(where, labels))
    if colon or labels:
        raise UnknownScorer(f"the scorer {kind} takes no model and no labels: write {kind}, or hf:FOLDER")
    return cast(Scorer, module.load())


def label(probabilities: Sequence[float] | Floats, undecided_below: float) -> Polarity:
    """The label of one sentence from its three probabilities."""
    best = int(np.argmax(probabilities))
    return POLARITIES[best] if probabilities[best] >= undecided_below else "undecided"
