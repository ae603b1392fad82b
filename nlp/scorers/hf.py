"""Any model that ``transformers`` reads as a sequence classifier, from a folder or from the hub: ``hf:NAME``.

In fp16 on a GPU where YEORON_ENGINE is cuda, or auto and torch sees one; else in fp32 on the processor.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from data.records import Polarity
from nlp.scorers import POLARITIES, Floats, ModelBroken, Reading, UnknownScorer, check_settings
from nlp.scorers._engines import VECTOR_LAYERS, check_answers, chosen, place_of
from nlp.scorers._hub import PICKLED, SAFE, fetched, network
from nlp.scorers._long import batches, padded, read_long

FORM = "hf:FOLDER or hf:OWNER/NAME, with ?labels=FILE.toml after it where its labels need a map"
# Without yeoron.json the model is taken at its word (temperature 1), and a sentence is undecided when even the
# model's own figure says that its best label is more likely wrong than right. A fresh fine-tune is usually surer
# than it should be, so few sentences fall under it: a threshold that was measured is better. nlp/model/yeoron.json
# holds the shipped model's, and in its note the rule that it was measured by.
TEMPERATURE = 1.0
UNDECIDED_BELOW = 0.5
# Tokens fed at once to a model that names no bound, or a higher one: attention costs their square.
WINDOW = 512
# Fewer would not hold one syllable (up to three bytes) between a model's marks.
LEAST_WINDOW = 8
# A tokenizer that turns most of this into "unknown" reads no Korean.
SAMPLE = "카카오톡이 이틀째 먹통인데 보상은 언제 하나요?"
# What from_pretrained raises over a folder's content.
_LOADING = (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError, SafetensorError, UnpicklingError)

# Names that say what they mean. LABEL_0 and bare digits do not: models number their labels in every order.
COMMON: dict[str, Polarity] = {
    **dict.fromkeys(("negative", "neg", "very negative", "부정", "매우 부정", "1 star", "2 stars"), "negative"),
    **dict.fromkeys(("neutral", "neu", "중립", "3 stars"), "neutral"),
    **dict.fromkeys(("positive", "pos", "very positive", "긍정", "매우 긍정", "4 stars", "5 stars"), "positive"),
}


def load(where: str = "", labels: Mapping[str, str] | None = None) -> HfScorer:
    """The model in a folder or of a hub id; ``labels`` maps its label names to polarities, over any other map.

    Raises :class:`UnknownScorer` or :class:`ModelBroken`, and what :func:`nlp.scorers._engines.chosen` raises.
    """
    place, _, rest = where.partition("?")
    if not place or (rest and not rest.startswith("labels=")):
        raise UnknownScorer(f"unknown scorer 'hf:{where}': write {FORM}")
    given = _label_file(Path(rest.removeprefix("labels="))) if rest else {}
    folder, name = _folder(place)
    return HfScorer(folder, f"hf:{name}", {**given, **(labels or {})})


class HfScorer:
    """A folder that ``transformers`` reads as a sequence classifier whose labels each mean one polarity.

    Several labels may mean the same polarity: their probabilities add. A polarity that no label means has
    probability 0. ``yeoron.json`` beside the model may hold temperature, undecided_below and labels.
    """

    def __init__(self, folder: Path, name: str, labels: Mapping[str, str] | None = None) -> None:
        settings = _settings(folder)
        self._place = place_of(chosen())
        self._tokenizer, self._model = _loaded(folder, name)
        config = self._model.config
        label_names = [str(config.id2label[i]) for i in range(config.num_labels)]
        polarities = _polarities(name, label_names, {**settings["labels"], **(labels or {})})
        self._means = np.array([[said == polarity for polarity in POLARITIES] for said in polarities], np.float32)
        self._longest = _longest(name, self._tokenizer, self._model)
        self._model.to(self._place.device, self._place.dtype)
        self._temperature: float = settings["temperature"]
        self.undecided_below: float = settings["undecided_below"]
        self.name = name
        self.sha256 = _sha256(folder, self._tokenizer.get_vocab(), settings, polarities)
        self.model_id = f"{name}-{self.sha256[:8]}"

    def read(self, texts: Sequence[str]) -> Reading:
        """See :class:`nlp.scorers.Scorer`. A text over the model's own bound is split, never cut."""
        return read_long(texts, self._longest, self._tokens, self._run)

    def _tokens(self, text: str) -> int:
        return len(self._tokenizer(text, verbose=False)["input_ids"])

    def _run(self, texts: list[str]) -> Reading:
        """Of texts that fit the model."""
        ids = self._tokenizer(texts, verbose=False)["input_ids"] if texts else []
        config = self._model.config
        probabilities = np.empty((len(texts), len(POLARITIES)), np.float32)
        vectors = np.empty((len(texts), len(VECTOR_LAYERS), config.hidden_size), np.float32)
        # Without a padding mark a model cannot read rows of unequal length together.
        alone = config.pad_token_id is None
        for batch in [[i] for i in range(len(ids))] if alone else batches([len(row) for row in ids]):
            logits, vectors[batch] = self._answer([ids[i] for i in batch])
            probabilities[batch] = (logits / self._temperature).softmax(-1).numpy() @ self._means
            check_answers(self.name, self._place.name, logits.numpy(), vectors[batch], probabilities[batch])
        return Reading(probabilities, vectors, np.zeros((len(texts), 0), np.float32))

    @torch.inference_mode()
    def _answer(self, rows: list[list[int]]) -> tuple[Tensor, Floats]:
        """Logits (rows, labels) and averaged states (rows, layers, width) of rows read together, both float32 and
        on the processor, wherever the model lies; an average is summed in float32 too."""
        config = self._model.config
        fed, mask = (torch.from_numpy(ids).to(self._place.device) for ids in padded(rows, config.pad_token_id or 0))
        out = self._model(input_ids=fed, attention_mask=mask, output_hidden_states=True)
        states = out.hidden_states if hasattr(out, "hidden_states") else out.encoder_hidden_states
        share = mask.unsqueeze(-1).float()
        layers = [states[round(part * config.num_hidden_layers)] for part in VECTOR_LAYERS]
        averages = [((layer * share).sum(1) / share.sum(1)).cpu().numpy() for layer in layers]
        return out.logits.float().cpu(), np.stack(averages, 1)


# ── finding and reading the folder ───────────────────────────────────────────
def _folder(place: str) -> tuple[Path, str]:
    """The folder of a model and what it is called: the folder's own name, or the hub id."""
    path = Path(place).expanduser()
    if path.is_dir():
        return path, path.resolve().name
    if place.startswith((".", "/", "~")) or place.count("/") > 1:
        raise ModelBroken(f"no folder {place}: check the path, or name a model of the hub as hf:OWNER/NAME")
    return fetched(place), place


def _loaded(folder: Path, name: str) -> tuple[Any, Any]:
    """Tokenizer and model, read from the folder alone: nothing is looked up, no code of the folder is run."""
    if not (folder / "config.json").is_file():
        raise ModelBroken(f"{name}: no config.json in {folder}; save the model there with save_pretrained")
    level = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what matters of its warnings is checked below
    try:
        with network(allowed=False):
            tokenizer = _read(AutoTokenizer, folder, f"{name}: no tokenizer could be read")
            model, report = _read(
                AutoModelForSequenceClassification, folder, f"{name}: no text classifier could be read",
                dtype=torch.float32, output_loading_info=True,
            )  # fmt: skip
    finally:
        logging.set_verbosity(level)
    _check(name, tokenizer, model, report["missing_keys"])
    return tokenizer, model.eval()


def _read(kind: Any, folder: Path, failure: str, **how: Any) -> Any:
    try:
        return kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **how)
    except _LOADING as error:
        said = " ".join(str(error).split())[:160]
        cure = "save model and tokenizer there again with save_pretrained"
        raise ModelBroken(f"{failure} from {folder}; {cure} ({said})") from error


def _check(name: str, tokenizer: Any, model: Any, missing: set[str]) -> None:
    """Refuse what would load and answer, and whose answers would mean nothing."""
    config = model.config
    if missing:
        example = sorted(missing)[0]
        raise ModelBroken(f"{name} is no trained classifier ({example} is not among its weights): fine-tune it first")
    if config.num_labels < 2 or config.problem_type in ("regression", "multi_label_classification"):
        raise ModelBroken(
            f"{name} gives no probabilities over two or more labels that exclude one another: use another"
        )
    if max(tokenizer.get_vocab().values(), default=0) >= model.get_input_embeddings().num_embeddings:
        raise ModelBroken(f"{name}: the tokenizer has more words than the model; save the model's own beside it")
    ids = tokenizer(SAMPLE, add_special_tokens=False)["input_ids"]
    if sum(token != tokenizer.unk_token_id for token in ids) * 2 <= len(ids):
        cure = "save the model's own beside it, or use a Korean or a multilingual model"
        raise ModelBroken(f"{name}: its tokenizer is missing or knows no Korean; {cure}")


def _longest(name: str, tokenizer: Any, model: Any) -> int:
    """Tokens that the model reads at once, its marks among them."""
    bounds = [WINDOW, int(tokenizer.model_max_length)]
    positions = getattr(model.config, "max_position_embeddings", None) or -1  # -1: it has no bound
    for place, module in model.named_modules():
        # RoBERTa counts positions from behind its padding mark: 514 of them hold 512 tokens.
        if place.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            positions = module.num_embeddings - module.padding_idx - 1
    found = min(bound for bound in [*bounds, positions] if bound > 0)
    if found < LEAST_WINDOW:
        raise ModelBroken(f"{name} reads {found} tokens at once, too few for a word: check model_max_length")
    return found


# ── what its labels mean ─────────────────────────────────────────────────────
def _polarities(name: str, names: Sequence[str], given: Mapping[str, str]) -> list[Polarity]:
    """What each of the model's labels means, by the map and then by COMMON; the case of letters does not matter."""
    mapped = {label.strip().casefold(): said for label, said in given.items()}
    keys = [label.strip().casefold() for label in names]
    if strange := [label for label in given if label.strip().casefold() not in keys]:
        raise ModelBroken(f"{name} has no label {', '.join(strange)}: its labels are {', '.join(names)}")
    if wrong := sorted(set(given.values()) - set(POLARITIES)):
        raise ModelBroken(f"{name}: a label cannot mean {', '.join(wrong)}; choose of {', '.join(POLARITIES)}")
    meant = {**COMMON, **mapped}
    if unmapped := [label for label, key in zip(names, keys, strict=True) if key not in meant]:
        raise ModelBroken(
            f"{name} has labels that could mean anything ({', '.join(unmapped)}): say what each means,"
            f" such as --labels '{unmapped[0]}=negative'; the model's card tells"
        )
    said = [meant[key] for key in keys]
    if absent := {"negative", "positive"} - set(said):
        raise ModelBroken(f"{name}: no label means {' or '.join(sorted(absent))}; its labels are {', '.join(names)}")
    return [polarity for one in said for polarity in POLARITIES if polarity == one]


def _label_file(path: Path) -> dict[str, str]:
    """The table [labels] of a TOML file: label name to polarity."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["labels"]
        return {str(label): str(said) for label, said in found.items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        cure = 'it must hold a table [labels] with lines such as "LABEL_0" = "negative"'
        raise ModelBroken(f"label map {path} cannot be read ({error}): {cure}") from error


def _settings(folder: Path) -> dict[str, Any]:
    """temperature, undecided_below and labels of yeoron.json, or what holds without it.

    A temperature that was fitted with n-grams (:mod:`nlp.wide`) is wrong without them, and they are not read here.
    """
    path = folder / "yeoron.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        temperature = float(held.get("temperature", TEMPERATURE))
        undecided_below = float(held.get("undecided_below", UNDECIDED_BELOW))
        wide_weight = float(held.get("wide_weight", 0))
        labels = held.get("labels")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        cure = "temperature, undecided_below and wide_weight are numbers"
        raise ModelBroken(f"{path} cannot be read ({error}): {cure}") from error
    if wide_weight:
        cure = "use --scorer shipped for the model that ships, or fit the temperature without wide_weight"
        raise ModelBroken(f"{path}: the model is one half beside n-grams, which hf: does not read; {cure}")
    check_settings(path, temperature, undecided_below)
    labels = labels if isinstance(labels, dict) else {}
    return {"temperature": temperature, "undecided_below": undecided_below, "labels": labels}


def _sha256(folder: Path, vocabulary: dict[str, int], settings: dict[str, Any], said: Sequence[Polarity]) -> str:
    """Over the weights' bytes and whatever else decides an answer: vocabulary, settings, meanings of the labels."""
    digest = sha256()
    for path in sorted(folder.glob(SAFE)) or sorted(folder.glob(PICKLED)):
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    numbers = [settings["temperature"], settings["undecided_below"]]
    digest.update(json.dumps([sorted(vocabulary.items()), numbers, list(said)]).encode())
    return digest.hexdigest()
