"""A model of the hub as a folder on this machine: out of the local cache, else downloaded once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
from huggingface_hub.errors import HTTPError as AnyHTTPError  # type: ignore[attr-defined]  # of its HTTP library

from nlp.scorers import ASKED_OFFLINE, ModelBroken

# What a classifier is read from. Of two forms of the weights the safer one is fetched.
SETTINGS = ["config.json", "yeoron.json", "tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab.*"]
SETTINGS += ["merges.txt", "*.model"]
SAFE, PICKLED = "model*.safetensors", "pytorch_model*.bin"  # one file or several


@contextmanager
def network(allowed: bool) -> Iterator[None]:
    """The hub's client with or without the network; the scorer that ships switches it off for the whole process."""
    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, not allowed
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def fetched(name: str) -> Path:
    """The folder of OWNER/NAME. Raises :class:`ModelBroken` when it is neither here nor to be had."""
    try:
        if held := _cached(name):
            return held
        if ASKED_OFFLINE:
            raise ModelBroken(
                f"hf:{name} is neither a folder nor in the local cache, and HF_HUB_OFFLINE is set: {CURE}"
            )
        logging.getLogger(__name__).warning("downloading %s from %s, once", name, constants.ENDPOINT)
        with network(allowed=True):
            folder = Path(snapshot_download(name, allow_patterns=[*SETTINGS, SAFE, f"{SAFE}.index.json"]))
            if not list(folder.glob(SAFE)):
                snapshot_download(name, allow_patterns=[*SETTINGS, PICKLED, f"{PICKLED}.index.json"])
            return folder
    except HFValidationError as error:
        raise ModelBroken(f"hf:{name} is neither a folder nor a hub id: write hf:FOLDER or hf:OWNER/NAME") from error
    except (OSError, AnyHTTPError) as error:
        raise ModelBroken(f"hf:{name} cannot be downloaded ({_first(error)}): {CURE}") from error


CURE = "copy the model's folder here and name it (hf:./FOLDER), or download it once where there is a network"


def _cached(name: str) -> Path | None:
    """The model's folder in the local cache, when its settings and weights are there."""
    try:
        with network(allowed=False):
            folder = Path(snapshot_download(name, local_files_only=True, allow_patterns=[*SETTINGS, SAFE]))
    except LocalEntryNotFoundError:
        return None
    weights = [*folder.glob(SAFE), *folder.glob(PICKLED)]
    return folder if weights and (folder / "config.json").is_file() else None


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
