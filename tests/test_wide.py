"""The n-grams beside the encoder: rows, logits, and that the table learns what it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nlp import wide
from nlp.training import wide as training
from nlp.training.data import NEG, NEU, POS, THEMES, Example


def test_a_text_has_one_row_for_each_of_its_ngrams_and_shares_that_square_to_one() -> None:
    ids, starts, shares = wide.rows(["가나", "", "다"])
    # Between its two end marks: 4 letters give 4 + 3 + 2 + 1 n-grams, 2 give 2 + 1, 3 give 3 + 2 + 1.
    assert starts.tolist() == [0, 10, 13]
    assert len(ids) == len(shares) == 19
    assert float((shares[:10] ** 2).sum()) == pytest.approx(1)
    assert ids.min() >= 0 and ids.max() < wide.BUCKETS


def test_rows_do_not_depend_on_the_company_or_on_the_process() -> None:
    alone, together = wide.rows(["먹통이다"])[0], wide.rows(["가", "먹통이다", "나"])
    start = together[1].tolist()[1]
    assert torch.equal(together[0][start : start + len(alone)], alone)
    assert alone[:3].tolist() == wide.rows(["먹통 아님"])[0][:3].tolist() == EXPECTED


# The first three letters of both (the start mark, 먹, 통): a model's table is only worth something while these hold.
EXPECTED = [348969, 441055, 718070]


def test_width_case_and_spaces_do_not_count() -> None:
    plain, wide_letters = wide.rows(["kakao 먹통"])[0], wide.rows(["ＫＡＫＡＯ  먹통 "])[0]
    assert torch.equal(plain, wide_letters)


def test_logits_are_the_sum_of_the_rows_over_the_root_of_their_number() -> None:
    table = torch.randn(wide.BUCKETS, 3, generator=torch.Generator().manual_seed(1))
    ids, _, _ = wide.rows(["복구"])
    expected = table[ids].sum(0) / len(ids) ** 0.5
    assert torch.allclose(wide.logits(table, ["가", "복구"])[1], expected, atol=1e-5)


def test_without_a_table_every_logit_is_zero(tmp_path: Path) -> None:
    assert np.array_equal(wide.Wide(tmp_path).logits(["카톡", ""]), np.zeros((2, 3)))
    assert wide.Wide(tmp_path).logits([]).shape == (0, 3)
    assert wide.Wide(tmp_path).read(["카톡"])[1].shape == (1, 0)


def test_a_table_learns_endings_and_two_class_rows_leave_neutral_alone(tmp_path: Path) -> None:
    said = {NEG: "너무 답답하네요", POS: "정말 고맙습니다", NEU: "오후에 시작했다"}
    things = ("카톡이", "지도가", "결제가", "메일이", "택시가", "은행이", "게임이", "예약이")
    rows = [Example(f"{thing} {text}", "own", label) for thing in things for label, text in said.items()]
    sets = dict.fromkeys(training.OFTEN, list[Example]()) | {"own": rows}
    training.save(training.fit(sets, seed=1), torch.zeros(wide.TOPIC_BUCKETS, 12), tmp_path)
    logits = wide.Wide(tmp_path).logits(["블로그가 너무 답답하네요", "블로그가 오후에 시작했다", "정말 고맙습니다"])
    assert logits.argmax(axis=1).tolist() == [NEG, NEU, POS]
    pairs = [Example(row.text, "nsmc", row.polarity, two=True) for row in rows if row.polarity != NEU]
    table = training.fit(dict.fromkeys(training.OFTEN, list[Example]()) | {"nsmc": pairs}, seed=1)
    assert table[:, NEG].abs().max() > 0 and table[:, NEU].abs().max() == 0


def test_topics_are_learnt_each_on_its_own(tmp_path: Path) -> None:
    outage, stock = THEMES.index("outage"), THEMES.index("stock")
    said = {
        "접속이 안 됩니다": (outage,),
        "주가가 빠졌다": (stock,),
        "접속도 막히고 주가도 빠졌다": (outage, stock),
        "날이 맑다": (),
    }
    rows = [
        Example(f"{when} {text}", "own", themes=ids) for when in ("오늘", "어제", "밤새") for text, ids in said.items()
    ]
    training.save(torch.ones(wide.BUCKETS, 3), training.fit_topics(rows, seed=1), tmp_path)
    found = wide.Wide(tmp_path).read(["접속이 막혔다", "주가가 내렸다", "맑다"])[1]
    assert found.shape == (3, len(THEMES))
    assert found[0, outage] > found[0, stock] and found[1, stock] > found[1, outage]
    assert found[2, outage] < found[0, outage] and found[2, stock] < found[1, stock]


def test_a_smaller_table_shares_rows() -> None:
    table = torch.arange(wide.TOPIC_BUCKETS, dtype=torch.float32).unsqueeze(1)
    ids, _, shares = wide.rows(["복구"])
    assert wide.logits(table, ["복구"])[0, 0] == pytest.approx(float((ids // 4 * shares).sum()), rel=1e-5)
