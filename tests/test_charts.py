"""Charts and words: labels that never meet, colours that stay with their theme, two languages that match."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Any

import pandas as pd
import pytest

from dashboard import charts, timeline
from dashboard.charts import theme_colour
from dashboard.queries import climb
from dashboard.texts import LANGUAGES, Words, texts
from dashboard.timeline import Span, clock, lanes
from data import events

DASHBOARD = Path(charts.__file__).parent
EVENT = events.load("kakao-outage-2022")
KO, EN = Words("ko"), Words("en")
SPAN = Span.of("2022-10-15", "2022-10-24")


def marks() -> list[dict[str, Any]]:
    return [
        {"at": mark.at.isoformat(), "text": mark.label, "response": mark.response, "tip": mark.label}
        for mark in EVENT.timeline
    ]


# ── timeline ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [300, 500, 940, 1400])
def test_labels_of_the_timeline_never_meet(width: int) -> None:
    placed = lanes(marks(), SPAN, width)
    for lane in {mark["lane"] for mark in placed}:
        boxes = []
        for mark in (m for m in placed if m["lane"] == lane):
            x = (mark["at"] - SPAN.start) / (SPAN.end - SPAN.start) * width
            reach = timeline._width(mark["text"])
            boxes.append((x - reach, x) if mark["leftward"] else (x, x + reach))
        assert all(left[1] <= right[0] for left, right in pairwise(sorted(boxes)))


def test_a_timeline_shows_only_what_lies_in_its_span() -> None:
    shown = {mark["text"] for mark in lanes(marks(), Span.of("2022-10-19", "2022-10-20"), 900)}
    assert shown == {"데이터센터 전력 정상화", "대국민 사과, 각자대표 사임", "모든 서비스 정상화"}


def test_a_clock_hour_is_the_korean_wall_clock_whatever_the_zone_of_the_machine() -> None:
    assert clock("2022-10-15T15:00+09:00") - clock("2022-10-15") == 15
    assert clock("2022-10-15T15:00") == clock("2022-10-15T15:00+09:00")
    assert SPAN.days == 10


# ── charts ───────────────────────────────────────────────────────────────────
def themes_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "theme_id": ["outage", "compensation"], "moment": ["2022-10-15", "2022-10-20"], "row": [0, 1],
            "name": ["서비스 장애", "보상"], "colour": [theme_colour(0), theme_colour(4)],
            "at": [clock("2022-10-15"), clock("2022-10-20")], "end": [clock("2022-10-16"), clock("2022-10-21")],
            "when": ["10/15 토", "10/20 목"], "counted": [9, 4], "voices": [5, 3], "sentences": [12, 6],
            "low": [0, 0], "high": [9, 4],
        }
    )  # fmt: skip


@pytest.mark.parametrize("draw", ["rows", "pile"])
def test_theme_marks_can_be_selected_by_theme_and_moment(draw: str) -> None:
    frame = themes_frame()
    chart = (
        charts.theme_rows(frame, ["서비스 장애 9", "보상 4"], marks(), SPAN, KO)
        if draw == "rows"
        else charts.theme_stack(frame, marks(), SPAN, KO)
    )
    drawn = chart.to_dict()
    assert [(param["name"], param["select"]["fields"]) for param in drawn["params"]] == [
        ("mark", ["theme_id", "moment"])
    ]
    assert drawn["autosize"] == {"type": "fit-x", "contains": "padding"}


def test_heat_counts_in_the_cell_and_names_what_was_clicked() -> None:
    frame = pd.DataFrame(
        {"theme_id": ["outage"], "target_id": ["daum"], "name": ["서비스 장애"], "target": ["다음"], "counted": [7],
         "voices": [4], "sentences": [9], "share": ["77.8%"]}
    )  # fmt: skip
    drawn = charts.heat(frame, ["다음", "멜론"], ["서비스 장애", "보상"], KO).to_dict()
    assert drawn["params"][0]["select"]["fields"] == ["theme_id", "target_id"]
    rows = [row for data in drawn["datasets"].values() for row in data]
    assert {"name": "보상", "target": "멜론"} in rows, "an empty meeting is a pale cell"
    assert any(row.get("counted") == 7 for row in rows)


def test_every_theme_of_the_event_has_a_colour_of_its_own() -> None:
    assert len({theme_colour(number) for number in range(len(EVENT.themes))}) == len(EVENT.themes)


# ── growth ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([3, 1, 4, 9, 2], ("d1", "d3", 9)),
        ([9, 4, 2], ("d0", "d0", 9)),
        ([0, 0, 5, 5], ("d1", "d2", 5)),
        ([2, 2, 3], ("d1", "d2", 3)),
    ],
)
def test_growth_runs_from_the_last_low_to_the_first_peak(counts: list[int], expected: tuple[str, str, int]) -> None:
    assert climb([(f"d{number}", count) for number, count in enumerate(counts)]) == expected


def test_nothing_grows_out_of_nothing() -> None:
    assert climb([]) is None
    assert climb([("d0", 0), ("d1", 0)]) is None


# ── words ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", sorted(texts()))
def test_every_text_exists_in_every_language_with_the_same_blanks(key: str) -> None:
    entry = texts()[key]
    assert set(entry) == set(LANGUAGES)
    blanks = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in entry.values()]
    assert all(text.strip() for text in entry.values())
    assert blanks[0] == blanks[1]


def test_every_text_the_code_asks_for_is_there() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in DASHBOARD.rglob("*.py"))
    sections = {key.split(".")[0] for key in texts()}
    asked = {found for found in re.findall(r'"([a-z]+\.[a-z_]+)"', code) if found.split(".")[0] in sections}
    assert asked - {"app.py"} <= set(texts())
    assert len(asked) > 60


def test_moments_are_told_as_exactly_as_they_are_known() -> None:
    at = "2022-10-16T21:40+09:00"
    assert KO.published(at, "minute") == "2022. 10. 16. (일) 21:40"
    assert KO.published(at, "day") == "2022. 10. 16. (일) (시각 미상)"
    assert KO.published(at, "month") == "2022년 10월 (날짜 미상)"
    assert KO.published(None, None) == "날짜 미상"
    assert (KO.day("2022-10-15"), KO.hour("2022-10-15T15:00")) == ("10/15 토", "10/15 토 15시")
    assert EN.hour("2022-10-15T15:00") == "10/15 Sat 15:00"
    assert (KO.share(1, 3), KO.share(0, 0), KO.number(105116)) == ("33.3%", "–", "105,116")
