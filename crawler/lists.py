"""What a list is: what is asked for it, what it names, and the named ways in which it gives nothing.

    ListRefused
    ├── NotAFeed     the bytes are neither a feed nor a sitemap
    ├── TornAnswer   the answer breaks off or is not in the documented form
    ├── BadQuery     the service does not take this question
    ├── NoSuchList   any other HTTP status
    └── SourceShut   nothing more is asked of this source in this run; its queue is kept
        ├── BadKey      the key is missing, wrong, or not switched on for this service
        ├── QuotaUsed   the day's calls are used up
        └── SlowDown    the service asks for a slower pace

A list is asked once in a run. After `SourceShut` its address stays queued and the next run goes on there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.records import Dated, Lead


@dataclass(frozen=True, slots=True)
class Ask:
    """What to request for a list. ``keys`` are headers whose ``{NAME}`` the environment fills at the last
    moment, below everything that archives or logs; with keys robots.txt is not asked (decision 0004)."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a list, whatever its status."""

    url: str
    status: int
    body: bytes
    content_type: str | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An address named by a list, with the date the list gives for it, and where to fetch it if not there."""

    url: str
    dated: Dated | None
    is_list: bool = False
    fetch_from: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list names, and the lists that go on where it ends.

    ``cut`` says in a sentence what of it was left out; ``may_be_empty`` that naming nothing is an answer too.
    """

    entries: tuple[Entry, ...] = ()
    more: tuple[Lead, ...] = ()
    cut: str | None = None
    may_be_empty: bool = True


class ListRefused(Exception):
    """No list came of it. ``outcome`` is its short name, ``state`` where it leaves the list's address."""

    outcome, state = "list_refused", "failed"


class NotAFeed(ListRefused, ValueError):
    outcome = "not_a_feed"


class TornAnswer(ListRefused):
    outcome = "torn_answer"


class BadQuery(ListRefused):
    outcome, state = "bad_query", "refused"


class NoSuchList(ListRefused):
    """The status speaks for itself; what may pass is tried again."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the list's address answered HTTP {status}: check it, or try again later")
        self.outcome = f"http_{status}"
        self.state = "failed" if status in (408, 429) or status >= 500 else "refused"


class SourceShut(ListRefused):
    state = "queued"


class BadKey(SourceShut):
    outcome = "bad_key"


class QuotaUsed(SourceShut):
    outcome = "quota_used"


class SlowDown(SourceShut):
    outcome = "slow_down"


def json_of(body: bytes) -> Any:
    """A whole JSON value. Raises `TornAnswer` for anything else."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise TornAnswer("the answer is no whole JSON: it is asked again later") from error


def service_answer(answer: Answer, refusal: Callable[[int, Any], Exception]) -> dict[str, Any]:
    """The JSON object of a search service. ``refusal`` names what another status means, with the JSON that came
    with it, or None. Raises `TornAnswer`, or what ``refusal`` makes."""
    try:
        found = json_of(answer.body)
    except TornAnswer as error:
        if answer.status != 200:
            raise refusal(answer.status, None) from error
        raise
    if answer.status != 200 or not isinstance(found, dict):
        raise refusal(answer.status, found)
    return found


def page_of(answer: Answer) -> bytes:
    """The body of an answer that went well. Raises `NoSuchList` for any other."""
    if answer.status >= 300:
        raise NoSuchList(answer.status)
    return answer.body
