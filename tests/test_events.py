"""Event files: what ships is sound, what is broken says how to mend it, and what belongs is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from data import events
from data.events import BadEvent
from data.records import KST, Dated, Document
from data.relevance import judge

EVENT = events.load("kakao-outage-2022")
TARGETS = [
    "kakao",
    "kakaotalk",
    "daum",
    "tistory",
    "kakao_t",
    "kakaopay",
    "kakaobank",
    "kakaomap",
    "kakaonavi",
    "kakao_page",
    "melon",
    "kakao_games",
    "kakao_hairshop",
    "kakao_login",
    "naver",
    "sk_cnc",
    "government",
    "national_assembly",
]
THEMES = [
    "outage",
    "recovery",
    "preparedness",
    "response",
    "compensation",
    "monopoly",
    "regulation",
    "livelihood",
    "stock",
    "data_loss",
    "alternatives",
    "cause",
]


def document(text: str, title: str = "제목", at: datetime | None = datetime(2022, 10, 16, tzinfo=KST)) -> Document:
    dated = Dated(at, "visible") if at else None
    return Document("tistory", "blog", "https://demo-a.tistory.com/1", "1", title, text, published=dated)


def test_the_ids_others_compare_by_are_all_there() -> None:
    assert sorted(target.id for target in EVENT.targets) == sorted(TARGETS)
    assert sorted(theme.id for theme in EVENT.themes) == sorted(THEMES)
    assert all(len(theme.examples) >= 12 and theme.terms for theme in EVENT.themes)
    assert (EVENT.starts.date().isoformat(), EVENT.ends.date().isoformat()) == ("2022-10-15", "2022-11-30")


def test_every_fact_of_the_timeline_names_its_source() -> None:
    assert len(EVENT.timeline) >= 8
    assert all(mark.source.startswith("http") for mark in EVENT.timeline)
    assert [mark.at for mark in EVENT.timeline] == sorted(mark.at for mark in EVENT.timeline)


def test_no_example_sentence_is_given_twice() -> None:
    examples = [text for theme in EVENT.themes for text in theme.examples] + list(EVENT.no_theme)
    assert len(examples) == len(set(examples))


def test_an_unknown_event_names_the_known_ones() -> None:
    with pytest.raises(BadEvent, match="unknown event 'nope': known are kakao-outage-2022"):
        events.load("nope")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('title = "카카오 서비스 장애 (2022년 10월)"', ""), "'title' is missing"),
        (lambda text: text.replace("2022-11-30T23:59", "2022-10-01T23:59"), "starts must lie before ends"),
        (lambda text: text.replace('id = "kakaotalk"', 'id = "kakao"'), "target kakao is given twice"),
        (lambda text: text.replace("\ncompany = [", "\nfirm = ["), "'company' is missing"),
        (lambda text: text + "\n[[themes]\n", "Expected|Cannot"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.toml"
    path.write_text(change((events.FOLDER / "kakao-outage-2022.toml").read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BadEvent, match=says):
        events.load(str(path))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (document("카톡이 먹통이라 아무것도 못 했다. 서버 한 곳에 불이 났다고 한다."), None),
        (document("카톡이 먹통이라 아무것도 못 했다. 복구를 기다린다.", at=None), None),
        (document("카톡이 먹통이라 못 했다. 복구를 기다린다.", at=datetime(2022, 10, 4, tzinfo=KST)), "out_of_period"),
        (document("돼지고기를 볶는다. 질문은 카톡으로 주세요. " + "맛있게 먹는다. " * 30), "off_topic"),
        (document("서버에 불이 나서 데이터센터가 멈췄다는 외국 소식을 읽었다."), "off_topic"),
        (document("시청 앞 화재로 교통이 마비됐다. 제보는 카카오톡 okjebo"), "off_topic"),
        (document("KakaoTalk was down and its data center burnt for hours."), "not_korean"),
    ],
)
def test_what_belongs(made: Document, reason: str | None) -> None:
    assert judge(EVENT, made).reason == reason


def test_advertising_is_marked_and_kept() -> None:
    text = "카톡 먹통 복구 안내. 데이터 복구는 저희에게 맡기세요. 24시간 상담, 카톡 문의 주세요. 업계 최저가!"
    verdict = judge(EVENT, document(text))
    assert verdict.belongs and verdict.advertising
    assert not judge(
        EVENT, replace(document(text), text="카톡이 먹통이라 서버 걱정. 주문은 카톡 문의로 받아 왔다.")
    ).advertising
