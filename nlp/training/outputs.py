"""What a model folder says about texts: logits of its parts and mean-pooled states, in the order of the texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from nlp.scorers import Floats
from nlp.scorers._long import batches
from nlp.training.network import DEVICE, THEME_LAYER, mean_pooled
from nlp.wide import Wide

MAX_TOKENS = 256  # longer texts are cut here; 1 % of KODOLI has more than 127 tokens


@dataclass(frozen=True)
class Outputs:
    """Logits of the encoder and of the n-grams ``[texts, 3]``, of the heads ``[texts, 44]`` and ``[texts, 12]``;
    ``layers`` are mean-pooled states ``[texts, 384]`` by the layer's number."""

    encoder: Floats
    wide: Floats
    emotions: Floats
    themes: Floats
    layers: dict[int, Floats]

    def polarity(self, wide_weight: float) -> Floats:
        """Logits ``[texts, 3]`` before the temperature."""
        return self.encoder + np.float32(wide_weight) * self.wide


def sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


@torch.inference_mode()
def outputs(folder: Path, texts: list[str], layers: tuple[int, ...] = ()) -> Outputs:
    """Run the model in ``folder`` with its heads over ``texts``; ``layers`` counts from 1, 12 is the last."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval().to(DEVICE)
    heads = {name: tensor.float().to(DEVICE) for name, tensor in load_file(folder / "heads.safetensors").items()}
    ids = tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    encoder = np.empty((len(texts), 3), np.float32)
    emotions = np.empty((len(texts), len(heads["emotions.bias"])), np.float32)
    themes = np.empty((len(texts), len(heads["themes.bias"])), np.float32)
    pooled = {layer: np.empty((len(texts), model.config.hidden_size), np.float32) for layer in layers}
    for batch in batches([len(i) for i in ids]):
        fed = tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt").to(DEVICE)
        out = model(**fed, output_hidden_states=True)
        mean = mean_pooled(out.hidden_states[-1], fed["attention_mask"])
        encoder[batch] = out.logits.cpu().numpy()
        emotions[batch] = (mean @ heads["emotions.weight"].T + heads["emotions.bias"]).cpu().numpy()
        middle = mean_pooled(out.hidden_states[THEME_LAYER], fed["attention_mask"])
        themes[batch] = (middle @ heads["themes.weight"].T + heads["themes.bias"]).cpu().numpy()
        for layer, matrix in pooled.items():
            matrix[batch] = mean_pooled(out.hidden_states[layer], fed["attention_mask"]).cpu().numpy()
    return Outputs(encoder, Wide(folder).logits(texts), emotions, themes, pooled)
