"""Dates as Korean pages write them, to `Dated`: Seoul time, with the evidence and the precision.

Nothing here asks the clock. A text such as '3시간 전' means something only beside the moment the
page was fetched, and without that moment it is no date.

Several places on a page may tell its date. The first that a reader names is taken, and readers name them in the
order JSON-LD, meta, script data, visible text, address (a portal's visible text before its meta: see its file).
What the other places say stands by it as `Evidence`, and so does what was refused: a day that does not exist, one
before 1995, one after the page was fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from data.records import KST, Dated, Evidence, Precision, kst_text

EARLIEST = datetime(1995, 1, 1, tzinfo=KST)  # Korea's first news sites: JoongAng and Chosun, 1995
SLACK = timedelta(days=1)  # how far past the fetch a date may lie: clocks and zones differ
# Hours from UTC of the zones that RFC 2822 names, and of those met beside Seoul's.
_ZONES = {
    "Z": 0, "GMT": 0, "UTC": 0, "UT": 0, "KST": 9, "JST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_LONGEST = 60  # letters of a text that is nothing but a date, or of a refused one that is kept: the longest has 40

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = r"""
    (?:[\sT,]*(?:\((?:[월화수목금토일]|[A-Za-z]{3})\)\s*)?
       (?P<half>오전|오후|AM|PM)?\s*
       (?P<hour>\d{1,2})\s*(?::|시)\s*(?P<minute>\d{1,2})\s*분?
       (?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?
       (?:\s*(?P<late>AM|PM))?
       (?:\s*(?P<zone>Z\b|[A-Z]{2,4}T\b|UTC|[+-]\d{2}(?::?\d{2})?(?![\d:])))?
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

_LABEL = r"^\W*(?:(?:기사\s*)?입력|등록|작성|게시|승인|송고|발행)?(?:일시|일자|일)?\W*"
_AGO = re.compile(
    _LABEL + r"(?:(?P<now>방금(?:\s*전)?|지금|just now)"
    r"|(?P<n>\d{1,4}|한|하루)\s*(?P<unit>초|분|시간|일|주|주일|개월|달|년|)\s*전"
    r"|(?P<day>오늘|어제|그제|그저께|엊그제)(?:\s*,?\s*(?P<half>오전|오후)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2}))?)\W*$",
    re.IGNORECASE,
)
_UNITS = {
    "초": timedelta(seconds=1), "분": timedelta(minutes=1), "시간": timedelta(hours=1), "일": timedelta(days=1),
    "주": timedelta(weeks=1), "주일": timedelta(weeks=1),
}  # fmt: skip
_MONTHS_OF = {"개월": 1, "달": 1, "년": 12}
_DAYS_BACK = {"오늘": 0, "어제": 1, "그제": 2, "그저께": 2, "엊그제": 2}
# '10.17. 14:05', '10월 17일 오후 2:05', '22.10.17 14:05': whole texts only, since in a sentence they are anything.
_SHORT = re.compile(
    _LABEL
    + r"(?:'?(?P<short>\d{2})\s*[.\-/]\s*)?(?P<month>\d{1,2})\s*[.\-/월]\s*(?P<day>\d{1,2})(?!\d)\s*[.일]?"
    + _TIME
    + r"\W*$",
    re.VERBOSE | re.IGNORECASE,
)

_GAP = r"(?:\s*(?:일시|일자|시간|일))?[\s:|\[(]{0,6}"
_FIRST = re.compile(r"(?<![가-힣])(?:기사입력|최초입력|입력|등록|승인|송고|발행|게재)" + _GAP + r"(?=(?:19|20)\d{2})")
_CHANGED = re.compile(r"(?:기사수정|최종수정|최종 수정|수정|업데이트)" + _GAP + r"(?=(?:19|20)\d{2})")
_LABEL_REACH = 40  # letters after a label in which its date ends: the longest form of one has 28


def parse_date(text: str | None, source: str, fetched_at: datetime | None = None) -> Dated | None:
    """The first possible date in ``text``, or None.

    Refused: month 13, years before 1995, more than a day after ``fetched_at``. Forms that mean something only
    beside ``fetched_at`` ('N분 전', '어제', a day without its year) need it and are given the source 'relative'.
    """
    found = _told(text, source, fetched_at)
    return found if isinstance(found, Dated) else None


def first_date(candidates: Iterable[tuple[str, str | None]], fetched_at: datetime | None = None) -> Dated | None:
    """The first of ``(source, text)`` that holds a possible date, with what the others say."""
    return _chosen(found for source, text in candidates if (found := _told(text, source, fetched_at)))


def one_of(*found: Dated | None) -> Dated | None:
    """The first that is there, with what the others say."""
    told: list[Dated | Evidence] = []
    for dated in found:
        told += [dated, *dated.others] if dated else []
    return _chosen(told)


def refused_dates(candidates: Iterable[tuple[str, str | None]], fetched_at: datetime | None) -> tuple[Evidence, ...]:
    """Of ``(source, text)`` those that name an impossible date: why a page has none."""
    told = (_told(text, source, fetched_at) for source, text in candidates)
    return tuple(dict.fromkeys(found for found in told if isinstance(found, Evidence)))


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


def _told(text: str | None, source: str, fetched_at: datetime | None) -> Dated | Evidence | None:
    """The first possible date in a text; without one, the first that was refused and why."""
    if not text:
        return None
    text, refused = " ".join(text.split()), None
    for match in _dates(text):
        found = _dated(match, source, fetched_at)
        if isinstance(found, Dated):
            return found
        refused = refused or found
    alone = (_relative(text, fetched_at) or _short(text, fetched_at)) if len(text) <= _LONGEST else None
    return alone or _month(text, source, fetched_at) or refused


def _dates(text: str) -> Iterator[re.Match[str]]:
    for pattern in _ABSOLUTE:
        yield from pattern.finditer(text)


def _chosen(said: Iterable[Dated | Evidence]) -> Dated | None:
    """The first date; what stands around it becomes its evidence, each statement once."""
    told = list(said)
    first = next((found for found in told if isinstance(found, Dated)), None)
    if first is None:
        return None
    own = _evidence(first)
    others = dict.fromkeys(found if isinstance(found, Evidence) else _evidence(found) for found in told)
    return replace(first, others=tuple(other for other in others if other != own))


def _evidence(dated: Dated) -> Evidence:
    return Evidence(dated.source, kst_text(dated.at), dated.precision)


def _dated(match: re.Match[str], source: str, fetched_at: datetime | None) -> Dated | Evidence:
    at, has_time = _moment(match), match["hour"] is not None
    refused = "no such day" if at is None else _implausible(at, fetched_at)
    if at is None or refused:
        return Evidence(source, match[0].strip()[:_LONGEST], None, refused)
    return Dated(at.astimezone(KST), source, "minute" if has_time else "day")


def _moment(match: re.Match[str], year: int | None = None) -> datetime | None:
    """The moment that a match writes; None where there is no such day or hour. ``year``: where it writes none."""
    parts = match.groupdict()
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"])
    hour = _hour(int(parts["hour"] or 0), parts.get("half") or parts.get("late"))
    try:
        return datetime(
            year or int(parts["year"]), month, int(parts["day"]),
            hour, int(parts["minute"] or 0), int(parts["second"] or 0), tzinfo=_zone(match),
        )  # fmt: skip
    except ValueError:
        return None


def _hour(hour: int, half: str | None) -> int:
    """오후 4 is 16, 오전 12 is 0; an hour above 12 is already on the 24-hour clock."""
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half.lower() in ("오후", "pm") else 0)


def _zone(match: re.Match[str]) -> timezone:
    """An offset as written; without one, or with a name that is not known, it is Seoul time. A minus sign
    after minutes alone is a span ('10:15-11:30'), unless the day and the hour are joined by a T."""
    name = (match.groupdict().get("zone") or "KST").upper()
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if name[0] not in "+-" or (name[0] == "-" and not match["second"] and "T" not in match[0].upper()):
        return KST
    offset = timedelta(hours=int(name[1:3]), minutes=int(name[3:].lstrip(":") or 0))
    return timezone(-offset if name[0] == "-" else offset)


def _implausible(at: datetime, fetched_at: datetime | None) -> str | None:
    """Why a moment cannot be when a page was written; None where it can."""
    if at < EARLIEST:
        return f"before {EARLIEST:%Y}"
    return "after the fetch" if fetched_at is not None and at > fetched_at + SLACK else None


def _month(text: str, source: str, fetched_at: datetime | None) -> Dated | None:
    match = _MONTH_ONLY.search(text)
    month = int(match["month"] or match["m"]) if match else 0
    if match is None or not 1 <= month <= 12:
        return None
    at = datetime(int(match["year"]), month, 1, tzinfo=KST)
    return None if _implausible(at, fetched_at) else Dated(at, source, "month")


def _relative(text: str, fetched_at: datetime | None) -> Dated | None:
    """Minutes are exact enough to be called so; '3시간 전' keeps its hour but claims only the day, and what
    counts weeks or years claims no more than it counts."""
    match = _AGO.match(text)
    if match is None or fetched_at is None:
        return None
    now = fetched_at.astimezone(KST).replace(second=0, microsecond=0)
    if match["now"]:
        return Dated(now, "relative")
    if match["day"]:
        return _day_back(match, now)
    unit = "일" if match["n"] == "하루" else match["unit"]
    count = 1 if match["n"] in ("한", "하루") else int(match["n"])
    if unit in _MONTHS_OF:
        return _months_back(now, count * _MONTHS_OF[unit])
    if unit not in _UNITS:
        return None
    precision: Precision = "minute" if unit in ("초", "분") else "month" if unit in ("주", "주일") else "day"
    return Dated(now - count * _UNITS[unit], "relative", precision)


def _day_back(match: re.Match[str], now: datetime) -> Dated | None:
    """'어제', or '어제 오후 2:05'."""
    hour = _hour(int(match["hour"] or 0), match["half"])
    minute = int(match["minute"] or 0)
    if hour > 23 or minute > 59:
        return None
    day = now - timedelta(days=_DAYS_BACK[match["day"]])
    return Dated(day.replace(hour=hour, minute=minute), "relative", "minute" if match["hour"] else "day")


def _months_back(now: datetime, months: int) -> Dated | None:
    """The first of the month so many months ago; a year is rounded by sites, so only its month is claimed."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    at = datetime(max(years, 1), month + 1, 1, tzinfo=KST)
    return None if at < EARLIEST else Dated(at, "relative", "month")


def _short(text: str, fetched_at: datetime | None) -> Dated | None:
    """A day without its year is the last such day before the fetch; with two digits of it, of this century.
    Two bare numbers ('3.5') are no date."""
    match = _SHORT.match(text)
    if match is None or fetched_at is None:
        return None
    if text[0].isdigit() and not (match["short"] or match["hour"] or "월" in text):
        return None
    years = [2000 + int(match["short"])] if match["short"] else [fetched_at.year, fetched_at.year - 1]
    moments = (_moment(match, year) for year in years)
    at = next((at for at in moments if at and not _implausible(at, fetched_at)), None)
    return Dated(at.astimezone(KST), "relative", "minute" if match["hour"] else "day") if at else None
