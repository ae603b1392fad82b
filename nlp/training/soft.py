"""Labels that others doubt are learnt with their doubt.

The n-grams of :mod:`nlp.wide` are fitted on all rows but a sixth and say what they think of that sixth, six times
(cross-fitting). A row's label and that opinion are then averaged, so that a label at odds with all its kind pulls less,
and the encoder learns what n-grams know (distillation, Hinton et al. 2015) without their memory of the very row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nlp import wide
from nlp.scorers import softmax
from nlp.training.data import Example
from nlp.training.network import LABELS
from nlp.training.wide import fit

FOLDS = 6
# Log loss of KODOLI's training rows by a model that never saw them: T of 1 .611, 1.2 .604, 1.4 .609.
TEMPERATURE = 1.2


def softened(sets: dict[str, list[Example]], share: float, seed: int) -> list[Example]:
    """KODOLI's rows with ``soft`` set: ``share`` of it the opinion of a model that never saw the row.

    The rest is the label. Every such model learns from the other corpora whole, and is asked as of a comment, for that
    much is known.
    """
    rows = sets["kodoli"]
    said = np.empty((len(rows), wide.ANSWERS), np.float32)
    for fold in range(FOLDS):
        learnt = [row for place, row in enumerate(rows) if place % FOLDS != fold]
        fitted = {name: values.numpy() for name, values in fit(sets | {"kodoli": learnt}, seed).items()}
        said[fold::FOLDS] = wide.answers([row.text for row in rows[fold::FOLDS]], **fitted)
    hard = np.eye(len(LABELS), dtype=np.float32)[[row.polarity or 0 for row in rows]]
    mixed = (1 - share) * hard + share * softmax(said[:, wide.COMMENTS], TEMPERATURE)
    return [replace(row, soft=tuple(map(float, soft))) for row, soft in zip(rows, mixed, strict=True)]
