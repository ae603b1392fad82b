"""A document as it is compared, and what makes two of them prints of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from nlp.families.likeness import VERBATIM, body, how, jaccard, letters, one_text

FamilyKind = Literal["origin", "portal_copy", "verbatim", "near"]

# Platforms that print other outlets' articles.
PORTALS = ("daum_news", "naver_news")
# The same headline in the same outlet is another article when it is older: "오늘의 날씨" comes every day.
DAYS_APART = 2


class Family(NamedTuple):
    """One document's place: ``family_id`` is the origin's id, ``similarity`` the Jaccard similarity to it, and
    ``how`` in what it differs: same, edited, trimmed, extended, reworded, or the link alone: address, headline,
    chain (through another member)."""

    document_id: str
    family_id: str
    kind: FamilyKind
    similarity: float
    how: str | None


@dataclass(frozen=True, slots=True)
class Print:
    """``order`` sorts by publication: dated to the minute, to the day, to the month, not at all."""

    id: str
    url: str
    source_url: str | None
    outlet: str
    title: str
    portal: bool
    order: tuple[int, str, str]
    text: str


def print_of(document: Mapping[str, Any]) -> Print:
    """From a mapping with ``id url source_url platform outlet title text published_at date_precision``;
    ``source_url``, ``outlet`` and the dates may be None."""
    exact = {"minute": 0, "day": 1, "month": 2}.get(document["date_precision"] or "", 3)
    return Print(
        document["id"],
        document["url"],
        document["source_url"],
        document["outlet"] or "",
        letters(document["title"]),
        bool(document["source_url"]) or document["platform"] in PORTALS,
        (exact, document["published_at"] or "", document["id"]),
        document["text"],
    )


def linked(a: Print, b: Print) -> str | None:
    """``address`` or ``headline`` when one is a portal's print of the other, or both of one source; symmetric."""
    if a.source_url and a.source_url in (b.url, b.source_url) or b.source_url and b.source_url == a.url:
        return "address"
    titled = bool(a.title and a.outlet) and (a.title, a.outlet) == (b.title, b.outlet)
    return "headline" if titled and a.portal != b.portal and _close(a, b) else None


def belong_together(a: Print, b: Print) -> bool:
    return linked(a, b) is not None or one_text(body(a.text), body(b.text))


def rows(members: Sequence[Print], before: Mapping[str, Family] | None = None) -> list[Family]:
    """The rows of one whole family. The origin is the earliest that is no portal's copy. ``before`` holds rows by
    document whose likeness still stands where the origin is the same; texts are read for the others only."""
    copies = copied(members)
    origin = min(members, key=lambda one: (one.id in copies, one.order))
    return [_row(one, origin, one.id in copies, (before or {}).get(one.id)) for one in members]


def copied(members: Sequence[Print]) -> set[str]:
    """Ids of the portals' prints whose outlet's own page, or an earlier print of its address, is there too."""
    urls = {one.url for one in members}
    printed = {one.outlet for one in members if one.outlet and not one.portal}
    first: dict[str | None, str] = {}
    for one in sorted(members, key=lambda one: one.order):
        first.setdefault(one.source_url, one.id)
    return {
        one.id
        for one in members
        if one.portal
        and (one.source_url in urls or one.outlet in printed or (one.source_url and first[one.source_url] != one.id))
    }


def _row(one: Print, origin: Print, portal_copy: bool, before: Family | None) -> Family:
    if one is origin:
        return Family(one.id, one.id, "origin", 1.0, None)
    stands = before is not None and before.family_id == origin.id
    similarity, differs = (before.similarity, before.how) if before and stands else _likeness(origin, one)
    other: FamilyKind = "verbatim" if similarity >= VERBATIM else "near"
    return Family(one.id, origin.id, "portal_copy" if portal_copy else other, similarity, differs)


def _likeness(origin: Print, one: Print) -> tuple[float, str]:
    a, b = body(origin.text), body(one.text)
    return round(jaccard(a, b), 4), how(a, b) if one_text(a, b) else linked(origin, one) or "chain"


def _close(a: Print, b: Print) -> bool:
    """Within DAYS_APART; unknown dates are close to all."""
    if not (len(a.order[1]) >= 10 and len(b.order[1]) >= 10):
        return True
    apart = date.fromisoformat(a.order[1][:10]) - date.fromisoformat(b.order[1][:10])
    return abs(apart.days) <= DAYS_APART
