"""Fine-tune the encoder and its heads in the stages of ``config.toml``.

    python -m nlp.training.finetune --corpora ../shared/corpora --out ../train

Stopped anywhere, the same command goes on from the last checkpoint. It ends with ``OUT/model``: the mean of the stages
that the configuration names. 29 million tokens: six hours on two idle cores in fp32; where torch sees a
GPU it trains there, in bf16. Beside other work give it a group of its own with a larger share of the processor, since
two threads wait for the slower one.
``--stage d --start FILE …`` runs one stage alone from the mean of checkpoints, and leaves its own.
"""

from __future__ import annotations

import argparse
import math
import random
import time
import tomllib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from transformers import AutoTokenizer

from nlp.scorers._long import padded
from nlp.training import base, wide
from nlp.training.data import Example, all_texts, split, training_corpora
from nlp.training.export import averaged, finish
from nlp.training.network import DEVICE, Network, loss_of, parameter_groups, targets_of
from nlp.training.soft import softened
from nlp.wide import FILE

CONFIG = Path(__file__).with_name("config.toml")
LOG_EVERY = 50  # steps


def plan(
    sets: dict[str, list[Example]], passes: dict[str, float], seed: int, begins: dict[str, float] | None = None
) -> list[Example]:
    """The rows of a stage in random order: each corpus gone through ``passes`` times, beginning after a share of it.

    ``begins`` lets a stage read what those before it have not; without it every corpus begins at its start.
    """
    chosen: list[Example] = []
    for name, times in passes.items():
        spot = round((begins or {}).get(name, 0) * len(sets[name]))
        turned = sets[name][spot:] + sets[name][:spot]
        chosen += (turned * math.ceil(times))[: round(times * len(turned))]
    random.Random(seed).shuffle(chosen)
    return chosen


def hidden(ids: Tensor, share: float, tokenizer: Any, generator: torch.Generator) -> Tensor:
    """Token ids ``[batch, tokens]`` with a share of the words hidden: they become the unknown token.

    A text met a second time is then another text (word dropout, Iyyer et al. 2015): what is left has to tell.
    Special tokens and padding stay.
    """
    words = torch.isin(ids, torch.tensor(tokenizer.all_special_ids), invert=True)
    drawn = torch.rand(ids.shape, generator=generator) < share
    return ids.masked_fill(words & drawn, tokenizer.unk_token_id)


def batches(ids: list[list[int]], size: int, seed: int) -> list[list[int]]:
    """Indices of rows of like length: sorted within blocks of 64 batches, then the batches shuffled."""
    out = []
    for start in range(0, len(ids), size * 64):
        order = sorted(range(start, min(start + size * 64, len(ids))), key=lambda i: len(ids[i]))
        out += [order[i : i + size] for i in range(0, len(order), size)]
    random.Random(seed).shuffle(out)
    return out


def tokenised(tokenizer: Any, texts: list[str], max_tokens: int) -> list[list[int]]:
    out: list[list[int]] = []
    for start in range(0, len(texts), 20_000):
        part = texts[start : start + 20_000]
        out += tokenizer(part, truncation=True, max_length=max_tokens)["input_ids"]
    return out


def rate_at(step: int, steps: int, warmup: float, final: float) -> float:
    """Factor of the learning rate: linear warm-up over a share of the steps, linear decay to ``final``."""
    rise = max(1, round(warmup * steps))
    return step / rise if step < rise else 1 - (1 - final) * (step - rise) / max(1, steps - rise)


class Stage:
    """One stage on its way: network, optimiser, schedule and how many steps are done."""

    def __init__(self, net: Network, settings: dict[str, Any], steps: int, checkpoint: Path) -> None:
        self.net, self.checkpoint, self.done = net, checkpoint, 0
        groups = parameter_groups(net, settings["lr"], settings["head_lr"], settings["layer_decay"])
        self.optimizer = AdamW(groups, betas=(0.9, 0.98), fused=True)
        factor = lambda s: rate_at(s + 1, steps, settings["warmup"], settings["final"])  # noqa: E731
        self.schedule = LambdaLR(self.optimizer, factor)
        if checkpoint.exists():
            saved = torch.load(checkpoint, map_location=DEVICE, weights_only=True)
            net.load_state_dict(saved["net"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.schedule.load_state_dict(saved["scheduler"])
            self.done = saved["step"]

    def step(self, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.schedule.step()
        self.done += 1

    def save(self) -> None:
        """Written beside and moved into place: a checkpoint is whole or is the one before."""
        states = {"net": self.net, "optimizer": self.optimizer, "scheduler": self.schedule}
        whole = {name: part.state_dict() for name, part in states.items()}  # type: ignore[attr-defined]
        torch.save(whole | {"step": self.done}, self.checkpoint.with_suffix(".part"))
        self.checkpoint.with_suffix(".part").replace(self.checkpoint)


def run(
    stage: Stage,
    settings: dict[str, Any],
    rows: list[Example],
    ids: list[list[int]],
    config: dict[str, Any],
    tokenizer: Any,
) -> None:
    """Train to the stage's last step (``steps`` where given, else all rows), saving on the way."""
    generator = torch.Generator().manual_seed(config["seed"])
    order = batches(ids, settings["batch"], config["seed"])
    last = min(settings.get("steps", len(order)), len(order))
    began, tokens, losses = time.monotonic(), 0, []
    stage.net.train()
    while stage.done < last:
        batch = order[stage.done]
        tensor, mask = map(torch.from_numpy, padded([ids[i] for i in batch], stage.net.classifier.config.pad_token_id))
        seen = hidden(tensor, settings.get("hidden", 0.0), tokenizer, generator).to(DEVICE)
        targets = targets_of([rows[i] for i in batch]).to(DEVICE)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            said = stage.net(seen, mask.to(DEVICE))
            loss = loss_of(said, targets, config["weight"])
            if weight := settings.get("guess", 0.0):
                loss = loss + weight * stage.net.guess_loss(said, seen, tensor.to(DEVICE))
        stage.step(loss)
        tokens += tensor.numel()
        losses.append(loss.item())
        if stage.done % LOG_EVERY == 0:
            speed, mean = tokens / (time.monotonic() - began), sum(losses[-LOG_EVERY:]) / LOG_EVERY
            place = f"{settings['name']} {stage.done}/{last}"
            print(f"{place} loss {mean:.4f} {speed:.0f} tokens/s", flush=True)
        if stage.done % settings["save_every"] == 0 or stage.done == last:
            stage.save()


def mix(out: Path, shares: dict[str, int]) -> list[Path]:
    """The checkpoints of a run's stages, each as often as it counts in the average."""
    return [out / f"{name}.pt" for name, times in shares.items() for _ in range(times)]


def base_folder(out: Path, corpora: Path) -> Path:
    """``out/base``, built where it is missing."""
    folder = out / "base"
    if not folder.exists():
        packed = base.read_packed(base.packaged())
        base.build(packed, base.cut_vocabulary(packed.pieces, all_texts(corpora)), folder)
    return folder


def through(
    config: dict[str, Any], net: Network, train: dict[str, list[Example]], args: argparse.Namespace, tokenizer: Any
) -> None:
    """Train the stages one after the other; each begins where the last ended, or at the mean it names."""
    doubted: dict[float, list[Example]] = {}
    for settings in config["stage"]:
        if args.stage not in (None, settings["name"]):
            continue
        sets = dict(train)
        if share := settings.get("doubt", 0.0):
            if share not in doubted:
                doubted[share] = softened(train, share, config["seed"])
            sets["kodoli"] = doubted[share]
        start = args.start or mix(args.out, settings.get("start", {}))
        if start:
            net.take(averaged(start))
        rows = plan(sets, settings["passes"], config["seed"], settings.get("begins"))
        ids = tokenised(tokenizer, [e.text for e in rows], settings.get("max_tokens", config["max_tokens"]))
        print(f"stage {settings['name']}: {len(rows)} rows, {sum(map(len, ids))} tokens", flush=True)
        stage = Stage(net, settings, math.ceil(len(rows) / settings["batch"]), args.out / f"{settings['name']}.pt")
        run(stage, settings, rows, ids, config, tokenizer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and results")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--stage", help="only this stage, and no model at its end")
    parser.add_argument("--start", type=Path, nargs="+", help="where the one stage starts: the mean of these")
    args = parser.parse_args()
    if args.start and not args.stage:
        parser.error("--start says where one stage begins: name it with --stage")
    config = tomllib.loads(args.config.read_text())
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config["threads"])
    folder = base_folder(args.out, args.corpora)
    train = split(training_corpora(args.corpora), held=False)
    net = Network(folder).to(DEVICE)
    through(config, net, train, args, AutoTokenizer.from_pretrained(folder))
    if not args.stage:
        if not (args.out / "wide" / FILE).exists():
            tables = wide.fit(train, config["seed"]), wide.fit_topics(train["own"], config["seed"])
            wide.save(*tables, args.out / "wide")
        net.take(averaged(mix(args.out, config["average"])))
        finish(net.cpu(), folder, args.out / "wide", args.out / "model", args.corpora)


if __name__ == "__main__":
    main()
