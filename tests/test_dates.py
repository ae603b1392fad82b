"""Korean dates: what they mean in Seoul, and what is no date at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.dates import day_in_url, first_date, labelled_dates, one_of, parse_date, refused_dates
from crawler.platforms import extract
from data import events
from data.records import KST, Dated, Document, Lead, Snapshot, Verdict, content_id, kst_text
from data.status import as_text, report
from data.store import Store

FETCHED = datetime(2022, 11, 1, 10, 0, 30, tzinfo=KST)

WRITTEN = [
    ("2022. 10. 17. 02:10", "2022-10-17T02:10+09:00", "minute"),
    ("2022.10.17. 오전 2:10", "2022-10-17T02:10+09:00", "minute"),
    ("2022.09.14. 오후 4:04", "2022-09-14T16:04+09:00", "minute"),
    ("2022.10.17. 오전 12:10", "2022-10-17T00:10+09:00", "minute"),
    ("2022.10.17. 오후 12:10", "2022-10-17T12:10+09:00", "minute"),
    ("2022.10.17. 오후 14:29", "2022-10-17T14:29+09:00", "minute"),
    ("입력 2022.10.16 10:15 수정 2022.10.17 09:00", "2022-10-16T10:15+09:00", "minute"),
    ("등록 2022-10-17 18:15수정 2022-10-18 16:14", "2022-10-17T18:15+09:00", "minute"),
    ("2022년 10월 17일 14시 29분", "2022-10-17T14:29+09:00", "minute"),
    ("2022.10.17 (월) 14:04", "2022-10-17T14:04+09:00", "minute"),
    ("2022/10/17 16:54", "2022-10-17T16:54+09:00", "minute"),
    ("2022.10.17 11:46:51", "2022-10-17T11:46:51+09:00", "minute"),
    ("송고2022-10-16 01:08", "2022-10-16T01:08+09:00", "minute"),
    ("2022-05-15T20:00:52.000+0900", "2022-05-15T20:00:52+09:00", "minute"),
    ("2022-10-15T06:19:00Z", "2022-10-15T15:19+09:00", "minute"),
    ("2022-10-15T23:30:00-05:00", "2022-10-16T13:30+09:00", "minute"),
    ("2022-10-15T15:30:00+00:00", "2022-10-16T00:30+09:00", "minute"),
    ("2022-10-15 15:30:00+00", "2022-10-16T00:30+09:00", "minute"),
    ("2022-10-15T15:30-0500", "2022-10-16T05:30+09:00", "minute"),
    ("Sat, 15 Oct 2022 10:15:00 EST", "2022-10-16T00:15+09:00", "minute"),
    ("2022.10.16 10:15-11:30", "2022-10-16T10:15+09:00", "minute"),
    ("2022.10.16 10:15 서울", "2022-10-16T10:15+09:00", "minute"),
    ("2022.10.17 오후 2시", "2022-10-17T00:00+09:00", "day"),
    ("Sat, 03 Apr 2010 21:15:06 +0900", "2010-04-03T21:15:06+09:00", "minute"),
    ("Fri, 13 Feb 2004 05:36:34 GMT", "2004-02-13T14:36:34+09:00", "minute"),
    ("Sat, 31 Dec 2005 13:47:03+0900", "2005-12-31T13:47:03+09:00", "minute"),
    ("20221016082313", "2022-10-16T08:23:13+09:00", "minute"),
    ("20221016082313594", "2022-10-16T08:23:13+09:00", "minute"),
    ("Oct 18. 2022", "2022-10-18T00:00+09:00", "day"),
    ("2022. 10. 22.", "2022-10-22T00:00+09:00", "day"),
    ("20221015", "2022-10-15T00:00+09:00", "day"),
    ("2022년 10월", "2022-10-01T00:00+09:00", "month"),
]

NO_DATES = [
    "", "A1면", "2022", "2022-13-05", "2022. 2. 30. 10:00", "2022.10.16 25:00", "1994-12-31 23:59", "9999-01-01",
    "2022-11-03 10:00", "02-2022-1015", "버전 1.2022.10.15", "kuk202210180159", "카카오 먹통 10시간",
]  # fmt: skip


@pytest.mark.parametrize(("text", "moment", "precision"), WRITTEN)
def test_a_written_date_is_a_moment_in_seoul(text: str, moment: str, precision: str) -> None:
    dated = parse_date(text, "visible", FETCHED)
    assert dated is not None
    assert (kst_text(dated.at), dated.precision, dated.source) == (moment, precision, "visible")
    assert dated.at.utcoffset() == KST.utcoffset(None)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_or_impossible_is_none(text: str) -> None:
    assert parse_date(text, "visible", FETCHED) is None


def test_a_day_of_slack_past_the_fetch_and_no_more() -> None:
    assert parse_date("2022-11-02 09:00", "visible", FETCHED) is not None
    assert parse_date("2022-11-02 11:00", "visible", FETCHED) is None
    assert parse_date("2022-11-02 11:00", "visible") is not None


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("방금 전", "2022-11-01T10:00+09:00", "minute"),
        ("방금", "2022-11-01T10:00+09:00", "minute"),
        ("입력 : 12분 전", "2022-11-01T09:48+09:00", "minute"),
        ("한 시간 전", "2022-11-01T09:00+09:00", "day"),
        ("하루 전", "2022-10-31T10:00+09:00", "day"),
        ("2주 전", "2022-10-18T10:00+09:00", "month"),
        ("3개월 전", "2022-08-01T00:00+09:00", "month"),
        ("1년 전", "2021-11-01T00:00+09:00", "month"),
        ("오늘", "2022-11-01T00:00+09:00", "day"),
        ("어제 오후 2:05", "2022-10-31T14:05+09:00", "minute"),
        ("그저께 09:30", "2022-10-30T09:30+09:00", "minute"),
        ("10.17. 14:05", "2022-10-17T14:05+09:00", "minute"),
        ("10월 17일 오후 2:05", "2022-10-17T14:05+09:00", "minute"),
        ("등록 12/25", "2021-12-25T00:00+09:00", "day"),
        ("11.02. 09:00", "2022-11-02T09:00+09:00", "minute"),
        ("22.10.17 14:05", "2022-10-17T14:05+09:00", "minute"),
        ("3분 전", "2022-11-01T09:57+09:00", "minute"),
        ("3시간 전", "2022-11-01T07:00+09:00", "day"),
        ("2일 전", "2022-10-30T10:00+09:00", "day"),
        ("어제", "2022-10-31T00:00+09:00", "day"),
    ],
)
def test_a_relative_date_needs_the_fetch(text: str, moment: str, precision: str) -> None:
    dated = parse_date(text, "visible", FETCHED.astimezone(UTC))
    assert dated is not None
    assert (kst_text(dated.at), dated.precision, dated.source) == (moment, precision, "relative")
    assert parse_date(text, "visible") is None


@pytest.mark.parametrize(
    "text", ["사고 3시간 전 상황을 다시 보면", "10월 17일 오후에 다시 켜졌다", "3.5", "13.40", "어제 25:10", "2.30. 10:00", "0.5% 전"]
)  # fmt: skip
def test_what_only_looks_like_a_relative_date_is_none(text: str) -> None:
    assert parse_date(text, "visible", FETCHED) is None


# ── several places, one date ─────────────────────────────────────────────────
def told(dated: Dated | None) -> list[tuple[str, str, str | None, str | None]]:
    assert dated is not None
    return [(said.source, said.at, said.precision, said.refused) for said in dated.others]


def test_what_the_other_places_say_stands_beside_the_date() -> None:
    dated = first_date(
        [("json-ld", "2022-10-15T23:50:00+09:00"), ("meta:date", ""), ("visible", "2022.10.16 00:10")], FETCHED
    )
    assert dated is not None and (kst_text(dated.at), dated.source) == ("2022-10-15T23:50+09:00", "json-ld")
    assert told(dated) == [("visible", "2022-10-16T00:10+09:00", "minute", None)]


def test_a_refused_date_is_named_with_its_place_and_its_reason() -> None:
    places = [
        ("json-ld", "2099-01-01"),
        ("meta:date", "1970-01-01T00:00:00Z"),
        ("visible", "2022. 2. 31. 10:00"),
        ("url", "20221016"),
    ]
    dated = first_date(places, FETCHED)
    assert dated is not None and dated.source == "url"
    assert told(dated) == [
        ("json-ld", "2099-01-01", None, "after the fetch"),
        ("meta:date", "1970-01-01T00:00:00Z", None, "before 1995"),
        ("visible", "2022. 2. 31. 10:00", None, "no such day"),
    ]
    assert first_date(places[:3], FETCHED) is None
    assert [(said.source, said.refused) for said in refused_dates(places, FETCHED)] == [
        ("json-ld", "after the fetch"), ("meta:date", "before 1995"), ("visible", "no such day"),
    ]  # fmt: skip


def test_the_first_that_is_there_keeps_what_all_the_others_say_once() -> None:
    shown = first_date([("visible", "2022.10.16 10:15")], FETCHED)
    stated = first_date([("meta:a", "2022-10-16T10:15:09"), ("meta:b", "2099-01-01")], FETCHED)
    dated = one_of(None, shown, stated, stated, shown)
    assert dated is not None and dated.source == "visible"
    assert [(said.source, said.refused) for said in dated.others] == [("meta:a", None), ("meta:b", "after the fetch")]
    assert one_of(None, None) is None


HEAD = '<meta property="og:type" content="article"><meta property="og:title" content="서버실의 불"><h1>서버실의 불</h1>'
PROSE = "<p>데이터센터 지하에서 불이 나 이용자들이 하루 종일 불편을 겪었다고 말했다.</p>" * 8


def page_of(meta: str, shown: str) -> Document:
    html = f'{HEAD}<meta property="article:published_time" content="{meta}"><span>{shown}</span><div>{PROSE}</div>'
    return extract("https://paper.example/n/7", html, FETCHED)


def test_a_page_whose_places_disagree_tells_both_in_the_store(tmp_path: Path) -> None:
    event = events.load("kakao-outage-2022")
    pages = [
        page_of("2022-10-15T23:50:00+09:00", "입력 2022.10.16 01:40"),
        replace(page_of("2022-10-16T10:15:00+09:00", "입력 2022.10.16 10:14"), url="https://paper.example/n/8"),
        replace(page_of("2022-10-16T01:15:00+09:00", "입력 2022.10.16 10:15"), url="https://paper.example/n/9"),
        replace(page_of("2099-01-01T00:00:00+09:00", "서울"), url="https://paper.example/n/10"),
    ]
    assert pages[3].published is None
    with Store.open(tmp_path) as store:
        store.save_event(event)
        run_id = store.begin_run("import", event.id, {}, {})
        for page in pages:
            snapshot = Snapshot(page.url, FETCHED, 200, "text/html", content_id(page.url), 9, "a.warc.gz", 0)
            store.save_page(event.id, run_id, snapshot, page, Verdict(True), Lead(page.url, "generic", "urls"), "r")
        disagree = "SELECT url, published_at, other_source, other_at FROM date_disagreements ORDER BY url"
        assert [tuple(row.values()) for row in store.rows(disagree)] == [
            ("https://paper.example/n/7", "2022-10-15T23:50+09:00", "visible", "2022-10-16T01:40+09:00"),
            ("https://paper.example/n/9", "2022-10-16T01:15+09:00", "visible", "2022-10-16T10:15+09:00"),
        ]
        refused = "SELECT url, published_at, source, stated, refused FROM refused_dates"
        assert [tuple(row.values()) for row in store.rows(refused)] == [
            (
                "https://paper.example/n/10",
                None,
                "meta:article:published_time",
                "2099-01-01T00:00:00+09:00",
                "after the fetch",
            )
        ]
        (found,) = report(store)["events"]
        assert (found["dates_disagree"], found["dates_refused"]) == (2, 1)
        assert "날짜가 쪽 안에서 엇갈린 문서 2, 받아들이지 않은 날짜 1" in as_text(report(store))


@pytest.mark.parametrize(
    ("text", "published", "modified"),
    [
        ("등록 2022-10-17 18:15수정 2022-10-18 16:14", "2022-10-17T18:15+09:00", "2022-10-18T16:14+09:00"),
        ("승인 2022.10.17 14:04 댓글 0", "2022-10-17T14:04+09:00", None),
        ("기사입력 :[ 2018-08-25 15:24 ]", "2018-08-25T15:24+09:00", None),
        ("오늘은 2022.10.30 최종수정 2022.10.29 10:00", None, "2022-10-29T10:00+09:00"),
    ],
)
def test_labels_tell_published_from_modified(text: str, published: str | None, modified: str | None) -> None:
    first, last = labelled_dates(text, FETCHED)
    assert (first and kst_text(first.at), last and kst_text(last.at)) == (published, modified)


def test_the_first_candidate_with_a_date_gives_its_source() -> None:
    dated = first_date([("json-ld", None), ("meta:date", "A1면"), ("visible", "2022.10.16 10:15")], FETCHED)
    assert dated is not None
    assert dated.source == "visible"


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://www.yna.co.kr/view/AKR20221016001400061", "2022-10-16T00:00+09:00"),
        ("https://chosun.com/economy/2022/10/17/H2LJY4W25F/", "2022-10-17T00:00+09:00"),
        ("https://mbn.co.kr/news/society/4862780", None),
    ],
)
def test_an_address_gives_a_day_at_most(url: str, day: str | None) -> None:
    dated = day_in_url(url, FETCHED)
    assert (dated and kst_text(dated.at)) == day
    assert dated is None or (dated.source, dated.precision) == ("url", "day")
