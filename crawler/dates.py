"""Dates as Korean pages write them, to `Dated`: Seoul time, with the evidence and the precision.

Nothing here asks the clock. A text such as '3시간 전' means something only beside the moment the
page was fetched, and without that moment it is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from data.records import KST, Dated, Precision

EARLIEST = datetime(1995, 1, 1, tzinfo=KST)  # Korea's first news sites: JoongAng and Chosun, 1995
SLACK = timedelta(days=1)  # how far past the fetch a date may lie: clocks and zones differ

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = r"""
    (?:[\sT,]*(?:\((?:[월화수목금토일]|[A-Za-z]{3})\)\s*)?
       (?P<half>오전|오후|AM|PM)?\s*
       (?P<hour>\d{1,2})\s*(?::|시)\s*(?P<minute>\d{1,2})\s*분?
       (?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?
       (?:\s*(?P<late>AM|PM))?
       (?:\s*(?P<zone>Z\b|GMT|UTC|KST|[+-]\d{2}:?\d{2}\b))?
    )?"""

# '2022. 10. 17. 02:10', '2022.09.14. 오후 4:04', '2022년 10월 17일 14시 29분', ISO 8601.
_NUMERIC = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d{2})\s*[.\-/년]\s*(?P<month>\d{1,2})\s*[.\-/월]\s*(?P<day>\d{1,2})(?!\d)"
    r"\s*[.일]?" + _TIME,
    re.VERBOSE | re.IGNORECASE,
)
# 'Oct 18. 2022', 'October 18, 2022 9:10'.
_MONTH_FIRST = re.compile(
    r"\b(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?[.,]?"
    r"\s+(?P<year>(?:19|20)\d{2})" + _TIME,
    re.VERBOSE | re.IGNORECASE,
)
# RFC 2822 as feeds write it, with or without a space before the zone.
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})\s+(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?"
    r"\s+(?P<year>(?:19|20)\d{2})" + _TIME,
    re.VERBOSE | re.IGNORECASE,
)
# '20221016082313' and the longer ids that begin so; '20221016'. Not behind a letter: in Yonhap's
# AKR20221016001400061 and in kuk202210180159 a running number follows the day.
_COMPACT = re.compile(
    r"(?<![\dA-Za-z])(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})\d{0,6})?)?(?!\d)"
)
_URL_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})([/-]?)([01]\d)\2([0-3]\d)(?=\D|\d{4,}|$)")
_MONTH_ONLY = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d{2})\s*(?:년\s*(?P<month>\d{1,2})\s*월|[.-]\s*(?P<m>\d{2})\.?\s*$)"
)
_ABSOLUTE = (_NUMERIC, _MONTH_FIRST, _DAY_FIRST, _COMPACT)

_AGO = re.compile(
    r"^\W*(?:(?P<now>방금(?:\s*전)?)|(?P<n>\d{1,4})\s*(?P<unit>초|분|시간|일)\s*전|(?P<day>오늘|어제))\W*$"
)
_UNITS = {
    "초": timedelta(seconds=1), "분": timedelta(minutes=1), "시간": timedelta(hours=1), "일": timedelta(days=1)
}  # fmt: skip

_GAP = r"(?:\s*(?:일시|일자|시간|일))?[\s:|\[(]{0,6}"
_FIRST = re.compile(r"(?<![가-힣])(?:기사입력|최초입력|입력|등록|승인|송고|발행|게재)" + _GAP + r"(?=(?:19|20)\d{2})")
_CHANGED = re.compile(r"(?:기사수정|최종수정|최종 수정|수정|업데이트)" + _GAP + r"(?=(?:19|20)\d{2})")
_LABEL_REACH = 40  # letters after a label in which its date ends: the longest form of one has 28


def parse_date(text: str | None, source: str, fetched_at: datetime | None = None) -> Dated | None:
    """The first possible date in ``text``, or None.

    Refused: month 13, years before 1995, more than a day after ``fetched_at``. Relative forms
    ('N분 전', '어제') need ``fetched_at`` and are given the source 'relative'.
    """
    if not text:
        return None
    text = " ".join(text.split())
    for pattern in _ABSOLUTE:
        for match in pattern.finditer(text):
            dated = _dated(match, source)
            if dated and _plausible(dated.at, fetched_at):
                return dated
    return _relative(text, fetched_at) or _month(text, source, fetched_at)


def first_date(candidates: Iterable[tuple[str, str | None]], fetched_at: datetime | None = None) -> Dated | None:
    """The first of ``(source, text)`` that holds a possible date."""
    for source, text in candidates:
        dated = parse_date(text, source, fetched_at)
        if dated:
            return dated
    return None


def labelled_dates(text: str, fetched_at: datetime | None = None) -> tuple[Dated | None, Dated | None]:
    """Published and modified, from visible text such as '입력 2022.10.16 10:15 수정 2022.10.17 09:00'."""
    return _after(_FIRST, text, fetched_at), _after(_CHANGED, text, fetched_at)


def day_in_url(url: str, fetched_at: datetime | None = None) -> Dated | None:
    """The day that stands in an address; never the hour, since a running number often follows it."""
    for match in _URL_DAY.finditer(url):
        dated = parse_date("-".join(match.group(1, 3, 4)), "url", fetched_at)
        if dated:
            return dated
    return None


def _after(label: re.Pattern[str], text: str, fetched_at: datetime | None) -> Dated | None:
    for match in label.finditer(text):
        dated = parse_date(text[match.end() : match.end() + _LABEL_REACH], "visible", fetched_at)
        if dated:
            return dated
    return None


def _dated(match: re.Match[str], source: str) -> Dated | None:
    parts = match.groupdict()
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"])
    has_time = parts["hour"] is not None
    hour = _hour(int(parts["hour"] or 0), parts.get("half") or parts.get("late"))
    try:
        at = datetime(
            int(parts["year"]), month, int(parts["day"]),
            hour, int(parts["minute"] or 0), int(parts["second"] or 0), tzinfo=_zone(parts.get("zone")),
        )  # fmt: skip
    except ValueError:
        return None
    return Dated(at.astimezone(KST), source, "minute" if has_time else "day")


def _hour(hour: int, half: str | None) -> int:
    """오후 4 is 16, 오전 12 is 0; an hour above 12 is already on the 24-hour clock."""
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half.lower() in ("오후", "pm") else 0)


def _zone(zone: str | None) -> timezone:
    """An offset as written; without one, or with 'KST', it is Seoul time."""
    name = (zone or "KST").upper()
    if name in ("Z", "GMT", "UTC"):
        return UTC
    if name == "KST":
        return KST
    offset = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
    return timezone(-offset if name[0] == "-" else offset)


def _plausible(at: datetime, fetched_at: datetime | None) -> bool:
    return at >= EARLIEST and (fetched_at is None or at <= fetched_at + SLACK)


def _month(text: str, source: str, fetched_at: datetime | None) -> Dated | None:
    match = _MONTH_ONLY.search(text)
    month = int(match["month"] or match["m"]) if match else 0
    if match is None or not 1 <= month <= 12:
        return None
    at = datetime(int(match["year"]), month, 1, tzinfo=KST)
    return Dated(at, source, "month") if _plausible(at, fetched_at) else None


def _relative(text: str, fetched_at: datetime | None) -> Dated | None:
    """Minutes are exact enough to be called so; '3시간 전' keeps its hour but claims only the day."""
    match = _AGO.match(text)
    if match is None or fetched_at is None:
        return None
    now = fetched_at.astimezone(KST).replace(second=0, microsecond=0)
    if match["now"]:
        return Dated(now, "relative")
    if match["day"]:
        midnight = now.replace(hour=0, minute=0)
        return Dated(midnight - timedelta(days=match["day"] == "어제"), "relative", "day")
    precision: Precision = "minute" if match["unit"] in ("초", "분") else "day"
    return Dated(now - int(match["n"]) * _UNITS[match["unit"]], "relative", precision)
