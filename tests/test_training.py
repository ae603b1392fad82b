"""Training reads no text that is measured on, and each corpus teaches only what it labels."""

from __future__ import annotations

import argparse
import gzip
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from nlp.training import data
from nlp.training.calibrate import losses_of, undecided_below, wide_weight_of
from nlp.training.data import NEG, NEU, POS, RUDENESS, Example
from nlp.training.export import averaged
from nlp.training.finetune import hidden, plan, through
from nlp.training.measure import read_early
from nlp.training.network import Network, loss_of, polarity_loss, targets_of
from nlp.training.soft import softened

WEIGHTS = {"emotions": 1.0, "themes": 1.0, "rudeness": 1.0}
FILES = {
    "nsmc_train_pool.tsv.gz": "text\trating\n연기가 볼 만했다\t10\n지루한 두 시간\t1\n음악만 남는다\t9\n",
    "nsmc_test.tsv.gz": "id\ttext\tlabel\n1\t음악만  남는다\t1\n",
    "kodoli_train.tsv.gz": "id\ttext\tsentiment\tabuse\toffensiveness\n1\t이거 어디서 팔아\tNEU\tNON\tNOT\n"
    "2\t아 진짜 꺼져라\tNEG\tABS\tOFFEN\n3\t버스가 늦네\tNEG\tNON\tNOT\n",
    "kodoli_dev.tsv.gz": "id\ttext\tsentiment\tabuse\toffensiveness\n4\t버스가 늦 네\tNEG\tNON\tNOT\n",
    "kote_val.tsv.gz": "1\t고맙습니다\t4\n2\t왜 이러지\t12,33\n",
    "kote_test.tsv.gz": "3\t왜 이러지 \t12\n",
    "kobest_sentineg_train.tsv": "Text\tLabel\n색이 곱다\t1\n",
    "kobest_sentineg_dev.tsv": "Text\tLabel\n색이 안 곱다\t0\n",
    "kobest_sentineg_test.tsv": "Text\tLabel\n색이 곱지 않다\t0\n",
    "naver_shopping_sample.tsv": "text\tlabel\n배송이 느려요\t0\n",
    "klue_news_sentences.tsv": "text\n회의는 오후에 열린다.\n",
    "chatbot.tsv": "q\ta\tlabel\n오늘 뭐 먹지\t글쎄요\t0\n",
}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        packed = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
        (tmp_path / name).write_bytes(packed)
    return tmp_path


@pytest.fixture
def network(tmp_path: Path) -> Network:
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "가", "나"]))
    torch.manual_seed(1)
    shape = BertConfig(
        vocab_size=7, hidden_size=8, num_hidden_layers=8, num_attention_heads=2, intermediate_size=8, num_labels=3
    )
    BertForSequenceClassification(shape).save_pretrained(tmp_path)
    return Network(tmp_path).eval()


def test_a_measured_text_is_trained_on_by_no_corpus_however_it_is_spaced(corpora: Path) -> None:
    sets = data.training_corpora(corpora)
    assert {e.text for e in sets["kodoli"]} == {"이거 어디서 팔아", "아 진짜 꺼져라"}
    assert [e.text for e in sets["kote"]] == ["고맙습니다"]
    assert "음악만 남는다" not in {e.text for e in sets["nsmc"]}


def test_what_early_stages_read_of_a_measuring_file_is_told_apart(corpora: Path) -> None:
    known = [Example("버스가 늦 네", "kodoli", NEG), Example("버스가 안 늦네", "kodoli", POS)]
    assert read_early(known, corpora).tolist() == [True, False]


def test_measuring_files_are_read_whole_when_they_are_measured(corpora: Path) -> None:
    assert [e.text for e in data.kodoli(corpora, "dev")] == ["버스가 늦 네"]


def test_abusive_negatives_weigh_like_any_other_and_say_how_rude_they_are(corpora: Path) -> None:
    (rude,) = [e for e in data.kodoli(corpora) if e.text == "아 진짜 꺼져라"]
    assert (rude.polarity, rude.weight) == (NEG, 1.0)
    assert RUDENESS[rude.rudeness or 0] == "ABS OFFEN"


def gradients(network: Network, example: Example) -> Network:
    ids = torch.tensor([[2, 5, 6, 3]])
    loss_of(network(ids, torch.ones_like(ids)), targets_of([example]), WEIGHTS).backward()  # type: ignore[no-untyped-call]
    return network


def test_a_text_without_a_label_of_rudeness_does_not_teach_it(network: Network) -> None:
    assert not gradients(network, Example("가", "own", POS)).rudeness.weight.grad.any()  # type: ignore[union-attr]
    network.zero_grad()
    assert gradients(network, Example("가", "kodoli", POS, rudeness=2)).rudeness.weight.grad.any()  # type: ignore[union-attr]


def test_a_corpus_without_a_neutral_class_leaves_neutral_alone(network: Network) -> None:
    moved = gradients(network, Example("가", "nsmc", NEG, two=True)).classifier.classifier.bias.grad
    assert moved[NEU] == 0
    assert moved[NEG] < 0 < moved[POS]


def test_checkpoints_older_than_a_head_can_be_averaged_and_loaded(network: Network, tmp_path: Path) -> None:
    whole = network.state_dict()
    old = {name: torch.zeros_like(t) for name, t in whole.items() if not name.startswith(Network.ONLY_TEACH)}
    torch.save({"net": whole}, tmp_path / "new.pt")
    torch.save({"net": old}, tmp_path / "old.pt")
    before = network.themes.weight.detach().clone()
    kept = network.rudeness.weight.detach().clone()
    network.take(averaged([tmp_path / "new.pt", tmp_path / "old.pt"]))
    assert torch.allclose(network.themes.weight, before / 2)
    assert torch.equal(network.rudeness.weight, kept)


def test_a_hidden_word_is_guessed_from_what_is_left_and_teaches_the_encoder(network: Network) -> None:
    whole, seen = torch.tensor([[2, 5, 6, 3]]), torch.tensor([[2, 1, 6, 3]])
    mask = torch.ones_like(whole)
    assert network.guess_loss(network(whole, mask), whole, whole).item() == 0.0
    loss = network.guess_loss(network(seen, mask), seen, whole)
    loss.backward()  # type: ignore[no-untyped-call]
    moved = network.guess.level.grad
    assert moved is not None and moved[5] < 0 and float(moved.sum()) == pytest.approx(0, abs=1e-6)
    assert loss.item() == pytest.approx(-math.log(1 + float(moved[5])), rel=1e-4)  # one word: the gradient is p - 1
    assert network.classifier.bert.encoder.layer[0].output.dense.weight.grad.any()


def test_a_label_is_learnt_with_the_doubt_of_those_who_did_not_see_it() -> None:
    said = {NEG: "너무 답답하고 화가 나네요", NEU: "회의는 오후에 시작했다", POS: "정말 고맙습니다 좋아요"}
    things = ("카톡이", "지도가", "결제가", "메일이", "택시가", "은행이", "게임이", "예약이", "버스가", "영화가")
    others = dict.fromkeys(("news", "talk", "sentineg", "shopping"), list[Example]())
    for name, labels in {"kodoli": said, "own": said, "nsmc": (NEG, POS)}.items():
        others[name] = [Example(f"{thing} {said[label]}", name, label) for thing in things for label in labels]
    rows = others.pop("kodoli")
    wrong = replace(rows[2], polarity=NEG)  # 고맙습니다, called negative
    soft = softened(others | {"kodoli": [*rows[:2], wrong, *rows[3:]]}, 0.5, seed=1)[2].soft
    assert soft is not None and sum(soft) == pytest.approx(1, abs=1e-5)
    assert soft[POS] > 0.3 and 0.5 <= soft[NEG] < 0.7
    right = softened(others | {"kodoli": rows}, 0.5, seed=1)[2].soft
    assert right is not None and right[NEG] + 0.5 == pytest.approx(soft[NEG], abs=1e-5)  # its own label changes nothing


def test_a_soft_label_is_what_is_learnt() -> None:
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3]]))
    hard, soft = Example("가", "kodoli", NEU), Example("가", "kodoli", NEU, soft=(0.5, 0.5, 0.0))
    assert float(polarity_loss(logits, targets_of([hard]))) == pytest.approx(-math.log(0.5))
    mixed = -0.5 * math.log(0.2) - 0.5 * math.log(0.5)
    assert float(polarity_loss(logits, targets_of([soft]))) == pytest.approx(mixed)


def test_hidden_words_become_unknown_and_what_frames_a_text_stays(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "가"]))
    tokenizer = BertTokenizer(str(tmp_path / "vocab.txt"))
    ids = torch.tensor([[2, 5, 5, 3, 0]] * 200)
    seen = hidden(ids, 0.25, tokenizer, torch.Generator().manual_seed(1))
    assert torch.equal(seen[:, [0, 3, 4]], ids[:, [0, 3, 4]])
    assert 60 < int((seen == 1).sum()) < 140


def test_a_stage_may_begin_where_the_one_before_stopped() -> None:
    rows = {"own": [Example(str(i), "own", NEU) for i in range(10)]}
    assert sorted(e.text for e in plan(rows, {"own": 0.5}, 1, {"own": 0.5})) == ["5", "6", "7", "8", "9"]
    assert len(plan(rows, {"own": 2.5}, 1)) == 25


def stage(name: str, **more: Any) -> dict[str, Any]:
    rates = {"lr": 1e-2, "head_lr": 1e-2, "layer_decay": 1.0, "warmup": 0.0, "final": 1.0}
    return {"name": name, "batch": 2, "save_every": 1, "passes": {"own": 1.0}} | rates | more


def test_a_stopped_stage_goes_on_and_the_next_begins_at_the_mean_it_names(network: Network, tmp_path: Path) -> None:
    tokenizer = BertTokenizer(str(tmp_path / "vocab.txt"))
    rows = {"own": [Example("가 나", "own", label) for label in (NEG, NEU, POS, NEG)]}
    given = argparse.Namespace(out=tmp_path, stage=None, start=None)
    config = {"seed": 1, "max_tokens": 8, "weight": WEIGHTS}

    def steps(**stages: dict[str, Any]) -> dict[str, int]:
        through(config | {"stage": list(stages.values())}, network, rows, given, tokenizer)
        return {name: torch.load(tmp_path / f"{name}.pt", weights_only=True)["step"] for name in stages}

    assert steps(a=stage("a", steps=1)) == {"a": 1}
    assert steps(a=stage("a")) == {"a": 2}
    done = network.state_dict()["classifier.classifier.bias"].clone()
    assert steps(a=stage("a"), b=stage("b", lr=0.0, head_lr=0.0, start={"a": 2})) == {"a": 2, "b": 2}
    assert torch.equal(network.state_dict()["classifier.classifier.bias"], done)


@pytest.mark.parametrize(("more", "tokens"), [({}, 3), ({"max_tokens": 6}, 6)])
def test_a_stage_may_read_longer_texts_than_the_others(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: dict[str, int], tokens: int
) -> None:
    tokenizer = BertTokenizer(str(tmp_path / "vocab.txt"), do_lower_case=False)
    rows = {"own": [Example("가 나 가 나", "own", NEU)]}
    settings = {"seed": 1, "max_tokens": 3, "weight": WEIGHTS, "stage": [stage("a", **more)]}
    through(settings, network, rows, argparse.Namespace(out=tmp_path, stage=None, start=None), tokenizer)
    assert f"1 rows, {tokens} tokens" in capsys.readouterr().out


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_a_stage_guesses_where_its_settings_say_so(network: Network, tmp_path: Path, weight: float) -> None:
    tokenizer = BertTokenizer(str(tmp_path / "vocab.txt"), do_lower_case=False)  # lower case takes syllables apart
    rows = {"own": [Example("가 나", "own", NEU)] * 8}
    settings = {"seed": 1, "max_tokens": 8, "weight": WEIGHTS, "stage": [stage("a", hidden=0.5, guess=weight)]}
    through(settings, network, rows, argparse.Namespace(out=tmp_path, stage=None, start=None), tokenizer)
    assert bool(network.guess.level.any()) is (weight > 0)


def test_n_grams_weigh_as_much_as_the_held_out_rows_show_and_no_more() -> None:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 3, 3000)
    encoder, wide = (np.eye(3)[truth] + draw.normal(0, 0.8, (3000, 3)).astype(np.float32) for _ in range(2))
    three = np.zeros(3000, bool)
    assert 0.9 <= wide_weight_of(encoder, wide, truth, three)[0] <= 1.0  # both know equally much
    assert wide_weight_of(encoder, draw.permutation(wide), truth, three)[0] == 0.0


def test_reviews_that_n_grams_misread_lower_their_weight_and_say_nothing_of_neutral() -> None:
    draw = np.random.default_rng(1)
    truth = np.concatenate([draw.integers(0, 3, 2000), draw.choice([NEG, POS], 2000)])
    encoder, wide = (np.eye(3)[truth] + draw.normal(0, 0.8, (4000, 3)).astype(np.float32) for _ in range(2))
    two = np.arange(4000) >= 2000
    wide[two] = draw.permutation(wide[two])
    alone = wide_weight_of(encoder[:2000], wide[:2000], truth[:2000], two[:2000])[0]
    assert 0 < wide_weight_of(encoder, wide, truth, two)[0] < alone
    neutral = encoder + np.array([0, 50, 0], np.float32)
    assert np.allclose(losses_of(neutral, truth, two)[two], losses_of(encoder, truth, two)[two])


@pytest.mark.parametrize("expected", [0.5, 0.7])
def test_undecided_is_what_is_right_less_often_than_not(expected: float) -> None:
    draw = np.random.default_rng(2)
    top = draw.uniform(0.34, 0.99, 20_000)
    probabilities = np.stack([top, (1 - top) / 2, (1 - top) / 2], axis=1).astype(np.float32)
    odds = top / (1 - top)
    right = draw.random(20_000) < odds / (odds + (expected / (1 - expected)))  # as often right as not at ``expected``
    truth = np.where(right, 0, 1)
    assert undecided_below(probabilities, truth) == pytest.approx(expected, abs=0.02)


def test_a_model_that_is_always_right_leaves_nothing_undecided() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], np.float32)
    assert undecided_below(probabilities, np.array([0, 1])) == 0.0
