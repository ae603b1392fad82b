"""Korean dates: what they mean in Seoul, and what is no date at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.dates import day_in_url, first_date, labelled_dates, parse_date
from data.records import KST, kst_text

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


def test_ago_inside_a_sentence_is_no_date() -> None:
    assert parse_date("사고 3시간 전 상황을 다시 보면", "visible", FETCHED) is None


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
