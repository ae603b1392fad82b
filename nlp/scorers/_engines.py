"""What computes the shipped encoder: OpenVINO in 8 bits on a processor, torch in half precision on a GPU.

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
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

from nlp.scorers import Floats, ModelBroken, UnknownEngine

Ids = NDArray[np.int64]
Batch = tuple[Ids, Ids]  # token ids and their 0/1 mask, both [rows, tokens]
Answer = tuple[Floats, Floats]
ENGINES = ("auto", "openvino", "torch")
# Layers whose states are given as vectors, as shares of the depth: half (6 of 12) and two thirds (8). Tone wears what a
# text is about off the last layers. Micro-F1 of few-shot themes on tests/themes/outage.tsv / the project's own held-out
# sentences, by layers: 6 and 8 .88 / .58, 4 and 8 .89 / .56, 8 alone .81 / .55, 8 and 12 .79 / .55, 4 and 6 .84 / .51.
VECTOR_LAYERS = (1 / 2, 2 / 3)


class Engine(Protocol):
    """``run`` gives for each batch its logits ``[rows, labels]`` in the model's own order and the hidden states of
    VECTOR_LAYERS averaged over tokens ``[rows, layers, width]``. ``name`` goes into the versions of a run."""

    name: str

    def run(self, given: Sequence[Batch]) -> list[Answer]: ...


def engine(folder: Path, digest: str) -> Engine:
    """The engine named by ``YEORON_ENGINE``; ``auto`` is a GPU where torch sees one, else OpenVINO.

    Raises :class:`UnknownEngine` or :class:`nlp.scorers.ModelBroken`.
    """
    named = os.environ.get("YEORON_ENGINE", "auto")
    if named not in ENGINES:
        raise UnknownEngine(f"unknown engine {named!r} in YEORON_ENGINE: known are {', '.join(ENGINES)}")
    if named == "torch" or (named == "auto" and torch.cuda.is_available()):
        return TorchEngine(folder)
    return OpenVinoEngine(folder, digest)


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
    """fp32 on a processor, fp16 on a GPU; nothing of it is kept, so the digest does not matter."""

    def __init__(self, folder: Path, digest: str = "") -> None:
        torch.set_num_threads(os.cpu_count() or 1)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        graph = Graph(loaded(folder)).to(self.device)
        self.graph = graph.half() if self.device == "cuda" else graph
        self.name = f"torch-{self.device}"

    @torch.inference_mode()
    def run(self, given: Sequence[Batch]) -> list[Answer]:
        return [self._answer(*(torch.from_numpy(rows).to(self.device) for rows in batch)) for batch in given]

    def _answer(self, ids: Tensor, mask: Tensor) -> Answer:
        logits, vectors = self.graph(ids, mask)
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
