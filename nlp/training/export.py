"""From a checkpoint to the shipped folder: fp16 weights that ``transformers`` loads, heads, calibration.

    python -m nlp.training.export --checkpoint ../train/b.pt --base ../train/base \\
        --corpora ../shared/corpora --out nlp/model
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from nlp.training.calibrate import calibrate
from nlp.training.data import split, training_corpora
from nlp.training.network import Network
from nlp.training.refit import refit, save_heads


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


def finish(net: Network, base: Path, out: Path, corpora: Path) -> dict[str, Any]:
    """Write the folder, fit its heads again, calibrate; returns the calibration."""
    sets = training_corpora(corpora)
    train, held = split(sets, held=False), split(sets, held=True)
    write(net, base, out)
    print("emotion head, held-out log loss:", refit(out, "emotions", train["kote"], held["kote"]))
    print("theme head, held-out log loss:", refit(out, "themes", train["own"], held["own"]))
    return calibrate(out, held, corpora)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    for name in ("checkpoint", "base", "corpora", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    net = Network(args.base)
    net.load_state_dict(torch.load(args.checkpoint, weights_only=True)["net"])
    print(json.dumps(finish(net, args.base, args.out, args.corpora), indent=1))


if __name__ == "__main__":
    main()
