"""What computes a model, by ``YEORON_ENGINE``; ``auto``, the default, is cuda where torch sees a GPU, else openvino.

openvino   8 bits on the processor; a model of ``hf:`` has no 8-bit form and is computed as by torch
torch      fp32 on the processor, GPU or not: the exact answer that the others are held against
cuda       fp16 on a GPU

The 8-bit form is made once for a machine, in about ten seconds, and kept under ``cache_folder()``.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

from nlp.scorers import EngineMissing, Floats, ModelBroken, UnknownEngine

Ids = NDArray[np.int64]
Batch = tuple[Ids, Ids]  # token ids and their 0/1 mask, both [rows, tokens]
Answer = tuple[Floats, Floats]
ENGINES = ("auto", "openvino", "torch", "cuda")
# Layers whose states are given as vectors, as shares of the depth: half (6 of 12) and two thirds (8). Tone wears what a
# text is about off the last layers. Micro-F1 of few-shot themes on tests/themes/outage.tsv / the project's own held-out
# sentences, by layers: 6 and 8 .88 / .58, 4 and 8 .89 / .56, 8 alone .81 / .55, 8 and 12 .79 / .55, 4 and 6 .84 / .51.
VECTOR_LAYERS = (1 / 2, 2 / 3)


class Engine(Protocol):
    """``run`` gives for each batch its logits ``[rows, labels]`` in the model's own order and the hidden states of
    VECTOR_LAYERS averaged over tokens ``[rows, layers, width]``. ``name`` tells the width of its numbers."""

    name: str

    def run(self, given: Sequence[Batch]) -> list[Answer]: ...


class Place(NamedTuple):
    """Where torch computes, and how wide its numbers are; the name is the engine's."""

    name: str
    device: str
    dtype: torch.dtype


EXACT = Place("torch-fp32", "cpu", torch.float32)
HALF = Place("cuda-fp16", "cuda", torch.float16)


def chosen() -> str:
    """The engine that ``YEORON_ENGINE`` asks for: openvino, torch or cuda.

    Raises :class:`UnknownEngine`, and :class:`EngineMissing` for cuda where torch sees no GPU.
    """
    named = os.environ.get("YEORON_ENGINE", "auto")
    if named not in ENGINES:
        raise UnknownEngine(f"unknown engine {named!r} in YEORON_ENGINE: known are {', '.join(ENGINES)}")
    seen = torch.cuda.is_available()
    if named == "cuda" and not seen:
        cure = "install a torch that is built for CUDA and the GPU's driver, or set it to auto"
        raise EngineMissing(f"YEORON_ENGINE is cuda and torch sees no GPU: {cure}")
    return named if named != "auto" else "cuda" if seen else "openvino"


def place_of(named: str) -> Place:
    """Where torch computes for an engine that is :func:`chosen`."""
    return HALF if named == "cuda" else EXACT


def engine(folder: Path, digest: str) -> Engine:
    """The engine that is :func:`chosen`, with the model in its memory. Raises also :class:`nlp.scorers.ModelBroken`."""
    named = chosen()
    return OpenVinoEngine(folder, digest) if named == "openvino" else TorchEngine(folder, digest, place_of(named))


def check_answers(name: str, engine: str, *answers: Floats) -> None:
    """Raises :class:`nlp.scorers.ModelBroken` for answers of the model ``name`` that are no numbers: its weights are
    damaged, or sound and too large for half precision, which ends at 65,504."""
    if not all(np.isfinite(answer).all() for answer in answers):
        cure = "set YEORON_ENGINE=torch, which is exact"
        if engine == EXACT.name:
            cure = "its weights are damaged, copy the model's folder again"
        raise ModelBroken(f"{name} answers with something that is no number in {engine}: {cure}")


class Graph(nn.Module):
    """The classifier with its averaged states, as one graph."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.layers = [round(share * model.config.num_hidden_layers) for share in VECTOR_LAYERS]

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        out = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        shares = (mask / mask.sum(1, keepdim=True)).unsqueeze(-1).to(out.logits.dtype)
        return out.logits, torch.stack([(out.hidden_states[layer] * shares).sum(1) for layer in self.layers], 1)


class TorchEngine:
    """The exact one if no place is named. Nothing of it is kept, so the digest does not matter."""

    def __init__(self, folder: Path, digest: str = "", place: Place = EXACT) -> None:
        torch.set_num_threads(os.cpu_count() or 1)
        self.name, self._device = place.name, place.device
        self._graph = Graph(loaded(folder)).to(place.device, place.dtype)

    @torch.inference_mode()
    def run(self, given: Sequence[Batch]) -> list[Answer]:
        return [self._answer(*(torch.from_numpy(rows).to(self._device) for rows in batch)) for batch in given]

    def _answer(self, ids: Tensor, mask: Tensor) -> Answer:
        logits, vectors = self._graph(ids, mask)
        return logits.float().cpu().numpy(), vectors.float().cpu().numpy()


class OpenVinoEngine:
    """8-bit weights, activations brought to 8 bits as they come, a batch on each core: 1.1 to 1.3 times the rate of all
    cores on one batch."""

    name = "openvino-int8"

    def __init__(self, folder: Path, digest: str) -> None:
        import openvino

        settings = {"PERFORMANCE_HINT": "THROUGHPUT", "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(GROUP)}
        graph = openvino.Core().compile_model(eight_bits(folder, digest), "CPU", settings)
        self._queue = openvino.AsyncInferQueue(graph)

    def run(self, given: Sequence[Batch]) -> list[Answer]:
        found: list[Answer] = [(np.zeros(0, np.float32),) * 2] * len(given)

        def keep(request: Any, place: int) -> None:
            logits, vectors = (np.array(tensor.data) for tensor in request.output_tensors)
            found[place] = (logits, vectors)

        self._queue.set_callback(keep)
        for place, batch in enumerate(given):
            self._queue.start_async(list(batch), place)
        self._queue.wait_all()
        return found


# Values of an activation that share one scale. Sentences a second on two cores, and labels as in fp32 of the demo:
# 384: 425, 98.1 %; 192: 565, 98.5 %; 96: 560, 98.7 %; 32: 445, 99.4 %. Activations quantised beforehand by calibration
# (nncf.quantize, 300 of our own sentences) gave 567, 97.2 %, and half a minute more to prepare.
GROUP = 96


def cache_folder() -> Path:
    """``$YEORON_CACHE``, else ``yeoron`` in the user's cache folder: what can be made again."""
    named = os.environ.get("YEORON_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yeoron"


def eight_bits(folder: Path, digest: str) -> Path:
    """The graph of a model folder with 8-bit weights, made where it is missing; named by all it depends on."""
    code = Path(__file__).read_text(encoding="utf-8")
    made_by = ["openvino", "nncf", "torch", "transformers"]
    key = sha256("\n".join([digest, code, *(version(name) for name in made_by)]).encode()).hexdigest()[:16]
    path = cache_folder() / f"int8-{key}.xml"
    if not path.exists():
        print("여론: 모델을 이 컴퓨터에 맞게 준비합니다 (처음 한 번)", file=sys.stderr, flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(folder, path)
    return path


def _make(folder: Path, path: Path) -> None:
    """Both files are whole before the .xml, which is looked for, has its name."""
    example = torch.ones(2, 8, dtype=torch.int64)
    with TemporaryDirectory(dir=path.parent) as there, _quiet():
        import nncf
        import openvino

        graph = openvino.convert_model(Graph(loaded(folder)), example_input=(example, example))
        graph = nncf.compress_weights(graph, mode=nncf.CompressWeightsMode.INT8_SYM)
        openvino.save_model(graph, Path(there) / path.name)
        for suffix in (".bin", ".xml"):
            (Path(there) / path.name).with_suffix(suffix).replace(path.with_suffix(suffix))


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns of every branch and nncf draws tables on stdout, which is for data."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logging.get_verbosity()
        logging.set_verbosity_error()
        try:
            yield
        finally:
            logging.set_verbosity(level)


def loaded(folder: Path) -> Any:
    """The classifier in fp32, ready to answer."""
    logging.disable_progress_bar()
    try:
        model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ModelBroken(f"model folder {folder}: {error}; reinstall yeoron or copy the folder again") from error
    return model.eval()
