"""What belongs and what advertises: floors under the figures of the labelled set, and the rules behind them."""

from __future__ import annotations

from datetime import datetime

import pytest

from bench.relevance import EVENT, Row, figures, rows
from data.records import KST, Dated, Document
from data.relevance import judge


@pytest.fixture(scope="module")
def labelled() -> list[Row]:
    return rows()


def document(text: str, at: datetime = datetime(2022, 11, 10, tzinfo=KST)) -> Document:
    return Document(
        "tistory", "blog", "https://demo-a.tistory.com/1", "1", "제목", text, published=Dated(at, "visible")
    )


# Measured: belongs .89 and .72 on the dev half, .83 and .70 on the held-out half.
@pytest.mark.parametrize(("half", "precision", "recall"), [("dev", 0.85, 0.67), ("held_out", 0.80, 0.65)])
def test_what_belongs_stays_above_its_floors(labelled: list[Row], half: str, precision: float, recall: float) -> None:
    found = figures([row for row in labelled if row["half"] == half], "belongs")
    assert found["precision"] >= precision and found["recall"] >= recall


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_what_advertises_stays_above_its_floors(labelled: list[Row], half: str) -> None:
    found = figures([row for row in labelled if row["half"] == half], "advertising")
    assert found["precision"] >= 0.88 and found["recall"] >= 0.80


def test_the_set_is_large_and_labelled_without_contradiction(labelled: list[Row]) -> None:
    assert len(labelled) >= 200 and len({row["text"] for row in labelled}) == len(labelled)
    for row in labelled:
        assert (row["belongs"] == "1") == (row["reason"] == "-")
        assert row["half"] in ("dev", "held_out")


def test_a_service_and_its_failure_in_one_breath_are_enough() -> None:
    assert judge(EVENT, document("주말 이야기를 쓴다. 카톡이 하루 종일 먹통이었다. 국수를 먹었다.")).belongs
    assert not judge(
        EVENT, document("카톡으로 약속을 잡았다. 국수를 먹었다. 산에 올랐다. 승강기가 먹통이었다.")
    ).belongs


def test_a_name_says_more_in_the_first_days() -> None:
    text = "카카오를 다시 본다. 무료라고 참으란다. 전화가 안 온다."
    assert judge(EVENT, document(text, datetime(2022, 10, 16, tzinfo=KST))).belongs
    assert not judge(EVENT, document("카카오를 다시 본다. 국수를 먹었다.")).belongs


def test_a_frame_line_names_nothing() -> None:
    assert not judge(EVENT, document("열차가 장애로 멈췄다. 카카오톡 제보: 뉴스나루")).belongs
