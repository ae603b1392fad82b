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


ONES = {
    "table": torch.ones(wide.TONE_BUCKETS, wide.ANSWERS),
    "rarity": torch.ones(wide.TONE_BUCKETS),
    "level": torch.ones(wide.ANSWERS),
}
THINGS = ("카톡이", "지도가", "결제가", "메일이", "택시가", "은행이", "게임이", "예약이")


def several(corpus: str, said: dict[int, str]) -> list[Example]:
    return [Example(f"{thing} {text}", corpus, label) for thing in THINGS for label, text in said.items()]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> wide.Wide:
    """A table of three small kinds that disagree: 기다렸어요 is neutral in comments and a complaint in reports."""
    sets = {
        "kodoli": several("kodoli", {NEG: "진짜 답답하네", NEU: "한참 기다렸어요", POS: "최고다 진짜"}),
        "own": several(
            "own", {NEG: "먹통이라 한참 기다렸어요", NEU: "오후에 복구됐다고 밝혔다", POS: "복구해 줘서 고맙습니다"}
        ),
        "nsmc": several("nsmc", {NEG: "지루한 영화", POS: "눈물 나는 영화"}),
    }
    folder = tmp_path_factory.mktemp("wide")
    missing = dict.fromkeys(("news", "talk", "sentineg", "shopping"), list[Example]())
    training.save(training.fit(sets | missing, seed=1), torch.zeros(wide.TOPIC_BUCKETS, 12), folder)
    return wide.Wide(folder)


def test_a_table_learns_endings(learnt: wide.Wide) -> None:
    logits = learnt.logits(["블로그가 진짜 답답하네", "블로그가 오후에 복구됐다고", "블로그가 복구해 줘서 고맙습니다"])
    assert logits.argmax(axis=1).tolist() == [NEG, NEU, POS]


def test_the_same_words_mean_what_their_kind_of_text_means_by_them(learnt: wide.Wide) -> None:
    logits = learnt.logits(["블로그가 한참 기다렸어요", "블로그가 먹통이라 한참 기다렸어요"])
    assert logits.argmax(axis=1).tolist() == [NEU, NEG]


def test_a_review_says_nothing_of_neutral(learnt: wide.Wide) -> None:
    (bad, good) = learnt.logits(["음악이 지루한 영화", "음악이 눈물 나는 영화"])
    assert bad[NEG] > bad[POS] and good[POS] > good[NEG]
    said = np.full((1, wide.ANSWERS), -30.0, np.float32)
    said[0, wide.REVIEWS] = [1.0, 4.0]
    assert wide.tone(said)[0].tolist() == pytest.approx([-1.5, 0, 1.5], abs=1e-4)


def test_a_text_of_letters_that_training_never_saw_is_read_like_one_without_any(learnt: wide.Wide) -> None:
    unseen = learnt.logits(["qqqq", ""])
    assert np.array_equal(unseen[0], unseen[1]) and np.isfinite(unseen).all()


def test_tables_hold_a_byte_a_number(tmp_path: Path) -> None:
    training.save(ONES, torch.ones(wide.TOPIC_BUCKETS, 12), tmp_path)
    numbers = wide.TONE_BUCKETS * (wide.ANSWERS + 1) + wide.TOPIC_BUCKETS * 12
    assert numbers < (tmp_path / wide.FILE).stat().st_size < numbers * 1.001


def test_words_are_counted_by_syllables_and_by_jamo_that_syllables_hide() -> None:
    counts = wide.terms(["갔다", "했다", "갔다 갔다"])
    # " 갔다 ": 2 syllables, 3 pairs, 2 of three, 1 of four; seven jamo and ends: 5 of three, 4, 3, 2 of six.
    assert counts.sum(axis=1).tolist() == [22, 22, 44]
    shared = counts[[0]].minimum(counts[[1]]).sum()
    assert shared == 5  # 다 with and without its end, and of jamo ㅆ다, 다 and ㅆ다 with it
    assert counts[[2]].nnz == counts[[0]].nnz  # a word said twice has its n-grams twice, and none across the gap


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
    training.save(ONES, training.fit_topics(rows, seed=1), tmp_path)
    found = wide.Wide(tmp_path).read(["접속이 막혔다", "주가가 내렸다", "맑다"])[1]
    assert found.shape == (3, len(THEMES))
    assert found[0, outage] > found[0, stock] and found[1, stock] > found[1, outage]
    assert found[2, outage] < found[0, outage] and found[2, stock] < found[1, stock]


def test_a_smaller_table_shares_rows() -> None:
    table = torch.arange(wide.TOPIC_BUCKETS, dtype=torch.float32).unsqueeze(1)
    ids, _, shares = wide.rows(["복구"])
    assert wide.logits(table, ["복구"])[0, 0] == pytest.approx(float((ids // 4 * shares).sum()), rel=1e-5)
