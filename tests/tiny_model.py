"""A model folder in the shape of ``nlp/model``: two layers with random weights, one token a letter."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
LETTERS = [chr(code) for code in range(0xAC00, 0xD7A4)] + [chr(code) for code in range(0x20, 0x7F)]


def build(folder: Path, labels: tuple[str, ...] = ("negative", "neutral", "positive"), calibrated: bool = True) -> Path:
    """Write the folder and return it. The same call writes the same weights; yeoron.json only if ``calibrated``."""
    torch.manual_seed(20221015)
    vocabulary = {token: i for i, token in enumerate([*SPECIALS, *LETTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token="<s>",
        pad_token="<pad>",
        sep_token="</s>",
        unk_token="<unk>",
        model_max_length=256,
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        pad_token_id=1,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    if calibrated:
        settings = {"temperature": 1.0, "undecided_below": 0.4}
        (folder / "yeoron.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
