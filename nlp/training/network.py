"""One encoder, three heads, and the loss that lets each corpus speak only about what it labels."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, gelu
from transformers import BertForSequenceClassification

from nlp.training.data import N_EMOTIONS, NEG, POS, RUDENESS, THEMES, Example

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LABELS = {0: "negative", 1: "neutral", 2: "positive"}
THEME_LAYER = 8  # of 12: the last layers turn to tone and lose what a text is about


def mean_pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean over tokens: ``[batch, tokens, width]`` and mask ``[batch, tokens]``, to ``[batch, width]``."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


class Said(NamedTuple):
    """Logits ``[batch, 3 | 44 | 12 | 6]`` of the heads, and the last hidden states ``[batch, tokens, width]``."""

    polarity: Tensor
    emotions: Tensor
    themes: Tensor
    rudeness: Tensor
    states: Tensor


class Guess(nn.Module):
    """What a hidden word was, from its last hidden state: the head of masked language modelling (Devlin et al. 2019),
    with the word embeddings for its last layer."""

    def __init__(self, width: int, words: int) -> None:
        super().__init__()
        self.dense, self.norm = nn.Linear(width, width), nn.LayerNorm(width)
        self.level = nn.Parameter(torch.zeros(words))

    def forward(self, states: Tensor, embeddings: Tensor) -> Tensor:
        """Logits ``[hidden words, words]`` from ``[hidden words, width]`` and ``[words, width]``."""
        words: Tensor = self.norm(gelu(self.dense(states))) @ embeddings.T + self.level
        return words


class Network(nn.Module):
    """Polarity is BertForSequenceClassification as it stands (first token, pooler, one layer). Emotions are one
    linear layer over the mean of the last hidden states, themes one over the mean of layer ``THEME_LAYER``. Rudeness,
    one over the last mean too, and the guess at hidden words only teach and are not shipped."""

    ONLY_TEACH = ("rudeness.", "guess.")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        # No dropout inside the encoder: on two cores its random numbers took half of a step (887 tokens/s
        # with, 1,653 without), and most rows are seen once.
        self.classifier = BertForSequenceClassification.from_pretrained(
            folder, num_labels=3, id2label=LABELS, label2id={v: k for k, v in LABELS.items()},
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.1,
        )  # fmt: skip
        width = self.classifier.config.hidden_size
        self.emotions = nn.Linear(width, N_EMOTIONS)
        self.themes = nn.Linear(width, len(THEMES))
        self.rudeness = nn.Linear(width, len(RUDENESS))
        self.guess = Guess(width, self.classifier.config.vocab_size)

    def forward(self, ids: Tensor, mask: Tensor) -> Said:
        """Token ids and mask, ``[batch, tokens]``."""
        out = self.classifier.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        polarity = self.classifier.classifier(self.classifier.dropout(out.pooler_output))
        mean = mean_pooled(out.last_hidden_state, mask)
        themes = self.themes(mean_pooled(out.hidden_states[THEME_LAYER], mask))
        return Said(polarity, self.emotions(mean), themes, self.rudeness(mean), out.last_hidden_state)

    def guess_loss(self, said: Said, seen: Tensor, whole: Tensor) -> Tensor:
        """Mean cross-entropy over the words that ``seen`` ids hide of the ``whole`` ones; zero where none is hidden."""
        away = seen != whole
        if not away.any():
            return said.states.new_zeros(())
        words = self.classifier.bert.embeddings.word_embeddings.weight
        return cross_entropy(self.guess(said.states[away], words), whole[away])

    def take(self, weights: dict[str, Tensor]) -> None:
        """Load a checkpoint's weights; one from before there was a head that only teaches leaves that as it is."""
        kept = {k: v for k, v in self.state_dict().items() if k.startswith(self.ONLY_TEACH)}
        self.load_state_dict(kept | weights)


@dataclass(frozen=True)
class Targets:
    """A batch's labels. ``polarity`` and ``rudeness`` hold -1 where unknown, ``soft`` the probabilities to be learnt,
    which are a 1 and zeros where a label is all there is; the masks say who has something to say."""

    polarity: Tensor
    two: Tensor
    weight: Tensor
    emotions: Tensor
    has_emotions: Tensor
    themes: Tensor
    has_themes: Tensor
    rudeness: Tensor
    soft: Tensor

    def to(self, device: str) -> Targets:
        return Targets(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


def many_hot(ids: tuple[int, ...] | None, size: int) -> list[float]:
    return [float(i in ids) if ids else 0.0 for i in range(size)]


def targets_of(batch: list[Example]) -> Targets:
    return Targets(
        polarity=torch.tensor([-1 if e.polarity is None else e.polarity for e in batch]),
        two=torch.tensor([e.two for e in batch]),
        weight=torch.tensor([e.weight for e in batch]),
        emotions=torch.tensor([many_hot(e.emotions, N_EMOTIONS) for e in batch]),
        has_emotions=torch.tensor([e.emotions is not None for e in batch]),
        themes=torch.tensor([many_hot(e.themes, len(THEMES)) for e in batch]),
        has_themes=torch.tensor([e.themes is not None for e in batch]),
        rudeness=torch.tensor([-1 if e.rudeness is None else e.rudeness for e in batch]),
        soft=torch.tensor([e.soft or many_hot((e.polarity or 0,), len(LABELS)) for e in batch]),
    )


def polarity_loss(logits: Tensor, t: Targets) -> Tensor:
    """Cross-entropy per row. Rows of two-class corpora see softmax over (negative, positive) alone: they cannot move
    the neutral logit. Rows without a label give zero."""
    known = t.polarity >= 0
    three = cross_entropy(logits, t.soft, reduction="none")
    pair = cross_entropy(logits[:, [NEG, POS]], (t.polarity == POS).long(), reduction="none")
    return torch.where(t.two, pair, three) * t.weight * known


def multi_label_loss(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy per row, averaged over its labels; zero for rows without labels."""
    return binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(1) * known


def loss_of(said: Said, t: Targets, weights: dict[str, float]) -> Tensor:
    """Mean over the batch of the four losses, each times its weight. Those of emotions and themes are means over
    labels and want a large one."""
    rows = polarity_loss(said.polarity, t)
    rows = rows + weights["emotions"] * multi_label_loss(said.emotions, t.emotions, t.has_emotions)
    rows = rows + weights["themes"] * multi_label_loss(said.themes, t.themes, t.has_themes)
    rows = rows + weights["rudeness"] * cross_entropy(said.rudeness, t.rudeness, reduction="none", ignore_index=-1)
    return rows.mean()


def parameter_groups(net: Network, lr: float, head_lr: float, layer_decay: float) -> list[dict[str, object]]:
    """Learning rates that shrink toward the embeddings: layer k of n gets ``lr * layer_decay ** (n - 1 - k)``
    (Howard & Ruder 2018, discriminative fine-tuning). Biases and LayerNorm are not decayed."""
    n = net.classifier.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if ".layer." in name:
            rate = lr * layer_decay ** (n - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            rate = lr * layer_decay**n if ".embeddings." in name else head_lr
        decay = 0.0 if parameter.ndim < 2 else 0.01
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": ps, "lr": rate, "weight_decay": decay} for (rate, decay), ps in groups.items()]
