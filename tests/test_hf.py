"""Any classifier as a scorer: what its labels mean, what is refused and how it is said, and where it comes from."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel, RobertaConfig, RobertaForSequenceClassification

from nlp.scorers import EngineMissing, ModelBroken, Scorer, UnknownScorer, _engines, _hub, load
from nlp.scorers.hf import UNDECIDED_BELOW
from nlp.scorers.shipped import FOLDER, FolderScorer
from tests.tiny_model import build

TEXTS = ["카톡이 안 돼요.", "복구가 끝났다.", "고마워요"]
PT = {"format": "pt"}
STARS = tuple(f"{n} star{'s' * (n > 1)}" for n in range(1, 6))


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared here to the last digit is not for half precision, on a machine that has a GPU."""
    monkeypatch.setenv("YEORON_ENGINE", "torch")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("models") / "three", calibrated=False)


@pytest.fixture
def copy(three: Path, tmp_path: Path) -> Path:
    """A folder of its own to break."""
    return Path(shutil.copytree(three, tmp_path / "copy"))


def said_by(folder: Path, labels: tuple[str, ...], names: dict[str, str] | None = None) -> np.ndarray:
    """Probabilities of TEXTS by a model with these label names."""
    return load(f"hf:{build(folder, labels, calibrated=False)}", names).read(TEXTS).probabilities


def change(folder: Path, file: str = "config.json", **values: object) -> None:
    held = json.loads((folder / file).read_text("utf-8")) if (folder / file).exists() else {}
    (folder / file).write_text(json.dumps(held | values), encoding="utf-8")


def test_a_folder_is_read_as_the_shipped_kind_reads_it(three: Path, tmp_path: Path) -> None:
    ours, theirs = load(f"hf:{three}"), FolderScorer(build(tmp_path / "same"), "same")
    assert ours.read(TEXTS).probabilities == pytest.approx(theirs.read(TEXTS).probabilities, abs=1e-6)
    assert ours.read(TEXTS).vectors.shape == (3, 2, 32)
    assert ours.read([]).probabilities.shape == (0, 3)
    assert (ours.name, ours.undecided_below) == ("hf:three", UNDECIDED_BELOW)


@pytest.mark.parametrize(
    ("labels", "names"),
    [(("neg", "NEU", " Pos"), {}), (("부정", "중립", "긍정"), {}),
     (("LABEL_0", "LABEL_1", "LABEL_2"), {"LABEL_0": "negative", "LABEL_1": "neutral", "label_2": "positive"})],
)  # fmt: skip
def test_other_names_of_three_labels(
    three: Path, tmp_path: Path, labels: tuple[str, ...], names: dict[str, str]
) -> None:
    assert said_by(tmp_path / "m", labels, names) == pytest.approx(load(f"hf:{three}").read(TEXTS).probabilities)


def test_two_labels_never_say_neutral(tmp_path: Path) -> None:
    found = said_by(tmp_path / "two", ("negative", "positive"))
    assert found[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
    assert found[:, [0, 2]].min() > 0


def test_stars_add_up_to_polarities(tmp_path: Path) -> None:
    found = said_by(tmp_path / "stars", STARS)
    one_each = dict.fromkeys(STARS, "neutral")
    single = said_by(tmp_path / "again", STARS, one_each | {STARS[0]: "negative", STARS[4]: "positive"})
    second = said_by(tmp_path / "third", STARS, one_each | {STARS[1]: "negative", STARS[3]: "positive"})
    assert found[:, 0] == pytest.approx(single[:, 0] + second[:, 0], abs=1e-6)
    assert found[:, 2] == pytest.approx(single[:, 2] + second[:, 2], abs=1e-6)
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)


def test_a_map_comes_from_a_file_from_the_folder_or_from_the_command(tmp_path: Path) -> None:
    folder = build(tmp_path / "plain", ("LABEL_0", "LABEL_1"), calibrated=False)
    file = tmp_path / "map.toml"
    file.write_text('[labels]\nLABEL_0 = "positive"\nLABEL_1 = "negative"\n', encoding="utf-8")
    by_file = load(f"hf:{folder}?labels={file}")
    turned = load(f"hf:{folder}?labels={file}", {"LABEL_0": "negative", "LABEL_1": "positive"})
    assert by_file.read(TEXTS).probabilities == pytest.approx(turned.read(TEXTS).probabilities[:, ::-1])
    change(folder, "yeoron.json", labels={"LABEL_0": "positive", "LABEL_1": "negative"})
    assert load(f"hf:{folder}").model_id == by_file.model_id != turned.model_id


def test_settings_beside_the_model_are_used(copy: Path) -> None:
    plain = load(f"hf:{copy}")
    change(copy, "yeoron.json", temperature=4.0, undecided_below=0.6)
    flat = load(f"hf:{copy}")
    assert flat.undecided_below == 0.6
    assert (flat.read(TEXTS).probabilities.max(axis=1) < plain.read(TEXTS).probabilities.max(axis=1)).all()
    assert flat.model_id != plain.model_id


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("temperature", 0, "temperature is 0.0; it must be above 0"), ("temperature", -1, "temperature is -1.0"),
     ("temperature", float("nan"), "temperature is nan"), ("temperature", float("inf"), "temperature is inf"),
     ("undecided_below", float("nan"), "undecided_below is nan; it must be from 0 to 1"),
     ("undecided_below", 1.01, "undecided_below is 1.01"), ("undecided_below", -0.1, "undecided_below is -0.1"),
     ("temperature", "warm", "temperature, undecided_below and wide_weight are numbers")],
)  # fmt: skip
def test_settings_out_of_their_range_are_refused(copy: Path, setting: str, value: float | str, said: str) -> None:
    change(copy, "yeoron.json", **{setting: value})
    with pytest.raises(ModelBroken, match=f"yeoron.json.*{said}"):
        load(f"hf:{copy}")


def test_half_a_model_is_refused(copy: Path) -> None:
    change(copy, "yeoron.json", temperature=1.6, undecided_below=0.5, wide_weight=0.0)
    assert load(f"hf:{copy}").undecided_below == 0.5
    change(copy, "yeoron.json", wide_weight=0.4)
    for folder in (copy, FOLDER):
        with pytest.raises(ModelBroken, match="one half beside n-grams.* use --scorer shipped .*") as caught:
            load(f"hf:{folder}")
        assert "\n" not in str(caught.value)


@pytest.fixture
def gpu(exact: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose GPU is its processor: chosen and computed as on a GPU, and nothing has to move."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(_engines, "HALF", _engines.Place("cuda-fp16", "cpu", torch.float16))
    monkeypatch.delenv("YEORON_ENGINE", raising=False)


@pytest.mark.usefixtures("gpu")
def test_a_gpu_computes_in_half_precision_where_it_may(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for named in ("auto", "cuda", "torch", "openvino"):
        monkeypatch.setenv("YEORON_ENGINE", named)
        found[named] = load(f"hf:{three}").read(TEXTS)
    assert np.array_equal(found["auto"].probabilities, found["cuda"].probabilities)
    assert np.array_equal(found["torch"].probabilities, found["openvino"].probabilities)
    assert 0 < np.abs(found["cuda"].probabilities - found["torch"].probabilities).max() < 0.002
    assert 0 < np.abs(found["cuda"].vectors - found["torch"].vectors).max() < 0.01
    assert found["cuda"].probabilities.dtype == found["cuda"].vectors.dtype == np.float32


def test_a_gpu_that_is_not_there_is_refused(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("YEORON_ENGINE", "cuda")
    with pytest.raises(EngineMissing, match="torch sees no GPU"):
        load(f"hf:{three}")


@pytest.mark.usefixtures("gpu")
def test_answers_that_are_no_numbers_are_refused_with_the_cure(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = load_file(copy / "model.safetensors")
    save_file(plain | {"classifier.weight": plain["classifier.weight"] * 1e7}, copy / "model.safetensors", PT)
    with pytest.raises(ModelBroken, match="hf:copy .* no number in cuda-fp16: set YEORON_ENGINE=torch"):
        load(f"hf:{copy}").read(TEXTS)
    monkeypatch.setenv("YEORON_ENGINE", "torch")
    assert load(f"hf:{copy}").read(TEXTS).probabilities.sum() == pytest.approx(len(TEXTS))
    save_file(plain | {"classifier.bias": torch.full((3,), float("nan"))}, copy / "model.safetensors", PT)
    with pytest.raises(ModelBroken, match="no number in torch-fp32: its weights are damaged, copy"):
        load(f"hf:{copy}").read(TEXTS)


def test_the_model_id_is_the_name_and_what_decides_an_answer(copy: Path, tmp_path: Path) -> None:
    scorer = load(f"hf:{copy}")
    assert scorer.model_id == f"hf:copy-{scorer.sha256[:8]}"
    elsewhere = Path(shutil.copytree(copy, tmp_path / "deep" / "copy"))
    (elsewhere / "notes.txt").write_text("not part of the model", encoding="utf-8")
    assert load(f"hf:{elsewhere}").model_id == scorer.model_id
    other = torch.nn.Linear(32, 3)
    weights = load_file(elsewhere / "model.safetensors")
    save_file(weights | {"classifier.weight": other.weight.detach()}, elsewhere / "model.safetensors", PT)
    assert load(f"hf:{elsewhere}").model_id != scorer.model_id


def test_weights_in_the_older_form_are_read(copy: Path, three: Path) -> None:
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    assert load(f"hf:{copy}").read(TEXTS).probabilities == pytest.approx(load(f"hf:{three}").read(TEXTS).probabilities)


def end_counts(scorer: Scorer, letters: int) -> bool:
    """Whether the last word of a text of that many letters, in one word, moves what is said."""
    read = scorer.read(["가" * letters + "나" * 5, "가" * (letters + 5)])
    return not np.allclose(*read.vectors, atol=1e-4)


def test_a_text_over_the_models_bound_is_split_and_never_cut(copy: Path) -> None:
    tokenizer = json.loads((copy / "tokenizer.json").read_text("utf-8"))
    cut = {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0}
    (copy / "tokenizer.json").write_text(json.dumps(tokenizer | {"truncation": cut}), encoding="utf-8")
    assert end_counts(load(f"hf:{copy}"), 400)
    change(copy, "tokenizer_config.json", model_max_length=10**30)
    assert end_counts(load(f"hf:{copy}"), 700)


def test_positions_that_start_behind_the_padding_mark(copy: Path) -> None:
    held = json.loads((copy / "config.json").read_text("utf-8"))
    shape = {key: held[key] for key in ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")}
    config = RobertaConfig(
        **shape, intermediate_size=64, max_position_embeddings=66, pad_token_id=1, id2label={0: "neg", 1: "pos"}
    )
    RobertaForSequenceClassification(config).save_pretrained(copy)
    scorer = load(f"hf:{copy}")
    assert np.isfinite(scorer.read(["가" * 62, "가" * 63, "가" * 200]).vectors).all()
    assert end_counts(scorer, 150)


def test_labels_without_a_meaning_are_refused_with_the_cure(tmp_path: Path) -> None:
    folder = build(tmp_path / "plain", ("LABEL_0", "LABEL_1"), calibrated=False)
    with pytest.raises(ModelBroken, match=r"could mean anything \(LABEL_0, LABEL_1\).* --labels 'LABEL_0=negative'"):
        load(f"hf:{folder}")
    with pytest.raises(ModelBroken, match="could mean anything .LABEL_1."):
        load(f"hf:{folder}", {"LABEL_0": "negative"})
    with pytest.raises(ModelBroken, match="no label LABEL_7: its labels are LABEL_0, LABEL_1"):
        load(f"hf:{folder}", {"LABEL_7": "negative"})
    with pytest.raises(ModelBroken, match="cannot mean angry; choose of negative, neutral, positive"):
        load(f"hf:{folder}", {"LABEL_0": "angry"})
    with pytest.raises(ModelBroken, match="no label means negative"):
        load(f"hf:{folder}", {"LABEL_0": "neutral", "LABEL_1": "positive"})
    with pytest.raises(ModelBroken, match="label map .*none.toml cannot be read .* \\[labels\\]"):
        load(f"hf:{folder}?labels={tmp_path / 'none.toml'}")


def test_what_is_no_such_model_is_refused_in_one_line(copy: Path, tmp_path: Path) -> None:
    def refusal(name: str) -> str:
        with pytest.raises(ModelBroken) as caught:
            load(name)
        return str(caught.value)

    said = [refusal("hf:./nowhere"), refusal(f"hf:{tmp_path}"), refusal("hf:a b/c d")]
    assert "no folder ./nowhere: check the path" in said[0]
    assert "no config.json" in said[1] and "hf:OWNER/NAME" in said[2]
    change(copy, problem_type="multi_label_classification")
    said.append(refusal(f"hf:{copy}"))
    assert "exclude one another" in said[-1]
    change(copy, problem_type=None)
    (copy / "tokenizer.json").rename(tmp_path / "tokenizer.json")
    said.append(refusal(f"hf:{copy}"))
    assert "tokenizer" in said[-1]
    (tmp_path / "tokenizer.json").rename(copy / "tokenizer.json")
    (copy / "model.safetensors").write_bytes(b"x" * 100)
    said.append(refusal(f"hf:{copy}"))
    assert "save_pretrained" in said[-1]
    BertModel(BertConfig.from_pretrained(copy)).save_pretrained(copy)
    said.append(refusal(f"hf:{copy}"))
    assert "fine-tune it first" in said[-1]
    assert not [line for line in said if "\n" in line]


def test_a_model_that_reads_no_korean_is_refused(copy: Path) -> None:
    held = json.loads((copy / "tokenizer.json").read_text("utf-8"))
    held["model"]["vocab"] = {token: i for token, i in held["model"]["vocab"].items() if not "가" <= token <= "힣"}
    (copy / "tokenizer.json").write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(ModelBroken, match="missing or knows no Korean; save the model's own beside it"):
        load(f"hf:{copy}")


@pytest.mark.parametrize("name", ["hf", "hf:", "hf:some/model?map=a.toml"])
def test_the_form_of_the_name_is_told(name: str) -> None:
    with pytest.raises(UnknownScorer, match="write hf:FOLDER or hf:OWNER/NAME"):
        load(name)


def test_the_shipped_scorer_takes_no_labels() -> None:
    with pytest.raises(UnknownScorer, match="shipped takes no model and no labels"):
        load("shipped", {"LABEL_0": "negative"})


@pytest.fixture
def hub(three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hub on loopback with one model, press/tone; gives the paths that were asked for."""
    files, asked = {path.name: path.read_bytes() for path in three.iterdir()}, []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            path = self.path.split("?")[0]
            tree = [
                {"type": "file", "path": name, "size": len(body), "oid": f"{len(body):040x}"}
                for name, body in files.items()
            ]
            siblings = [{"rfilename": name} for name in files]
            body = {
                "/api/models/press/tone/tree/" + "c" * 40: json.dumps(tree).encode(),
                "/api/models/press/tone/tree/main": json.dumps(tree).encode(),
                "/api/models/press/tone/revision/main": json.dumps(
                    {"id": "press/tone", "sha": "c" * 40, "siblings": siblings}
                ).encode(),
            }.get(path) or files.get(path.rpartition("/")[2])
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.send_header("X-Repo-Commit", "c" * 40)
            self.send_header("ETag", f'"{len(body or b""):040x}"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body or b"")

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", here)
        template = here + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield asked
        server.shutdown()


def test_a_model_of_the_hub_is_downloaded_once(three: Path, hub: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_hub, "ASKED_OFFLINE", False)
    first = load("hf:press/tone")
    assert first.model_id == f"hf:press/tone-{load(f'hf:{three}').sha256[:8]}"
    asked = len(hub)
    assert asked > 0
    monkeypatch.setattr(_hub, "ASKED_OFFLINE", True)
    assert load("hf:press/tone").model_id == first.model_id
    assert len(hub) == asked


def test_a_model_of_the_hub_without_a_network_names_the_cure(hub: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_hub, "ASKED_OFFLINE", True)
    with pytest.raises(ModelBroken, match=r"HF_HUB_OFFLINE is set: copy the model's folder here .*hf:./FOLDER"):
        load("hf:press/tone")
    assert hub == []
    monkeypatch.setattr(_hub, "ASKED_OFFLINE", False)
    with pytest.raises(ModelBroken, match="hf:press/gone cannot be downloaded .*copy the model's folder here"):
        load("hf:press/gone")
