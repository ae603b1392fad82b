"""From a checkpoint to the shipped folder: fp16 weights that ``transformers`` loads, n-grams, heads, calibration.

    python -m nlp.training.export --checkpoint short/b.pt b.pt b.pt --base ../train/base --wide ../train/wide \\
        --corpora ../shared/corpora --out nlp/model

Several checkpoints that began alike are averaged (Wortsman et al. 2022, uniform soup); one named twice counts twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer

from nlp import wide
from nlp.training.calibrate import calibrate
from nlp.training.data import split, training_corpora
from nlp.training.network import Network
from nlp.training.refit import refit, save_heads


def averaged(checkpoints: list[Path]) -> dict[str, Tensor]:
    """The mean of the checkpoints' weights, by name; what one of them has not is left out. Each file is read once."""
    counts = Counter(checkpoints)
    states = {path: torch.load(path, map_location="cpu", weights_only=True)["net"] for path in counts}
    shared = set[str].intersection(*map(set, states.values()))
    return {
        name: sum((state[name] * (counts[path] / len(checkpoints)) for path, state in states.items()), torch.zeros(()))
        for name in shared
    }


def write(net: Network, base: Path, out: Path) -> None:
    """``model.safetensors`` and ``heads.safetensors`` in fp16. The configuration says float32, so that
    loading widens them: few processors multiply fp16 well."""
    out.mkdir(parents=True, exist_ok=True)
    net.half()
    net.classifier.save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)
    heads = {k: v for k, v in net.state_dict().items() if k.startswith(("emotions.", "themes."))}
    save_heads(out, heads)
    config = json.loads((out / "config.json").read_text())
    (out / "config.json").write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")
    AutoTokenizer.from_pretrained(base).save_pretrained(out)


def finish(net: Network, base: Path, table: Path, out: Path, corpora: Path) -> dict[str, Any]:
    """Write the folder with the n-grams' ``table``, fit its heads again, calibrate; returns the calibration."""
    sets = training_corpora(corpora)
    train, held = split(sets, held=False), split(sets, held=True)
    write(net, base, out)
    shutil.copy(table / wide.FILE, out)
    print("emotion head, held-out log loss:", refit(out, "emotions", train["kote"], held["kote"]))
    print("theme head, held-out log loss:", refit(out, "themes", train["own"], held["own"]))
    return calibrate(out, held, corpora)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--checkpoint", type=Path, required=True, nargs="+")
    for name in ("base", "wide", "corpora", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    net = Network(args.base)
    net.take(averaged(args.checkpoint))
    print(json.dumps(finish(net, args.base, args.wide, args.out, args.corpora), indent=1))


if __name__ == "__main__":
    main()
