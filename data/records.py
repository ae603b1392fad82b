"""The nouns of the project as frozen dataclasses, and the ids that come from content.

All times are Asia/Seoul (UTC+9, no daylight saving), written as ISO 8601 text with
``+09:00`` so that text order is time order.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

KST = timezone(timedelta(hours=9), "KST")

Kind = Literal["blog", "news"]
Precision = Literal["minute", "day", "month"]
Polarity = Literal["negative", "neutral", "positive", "undecided", "unscored"]


def content_id(*parts: str) -> str:
    """Sixteen hex digits of the SHA-256 of ``parts`` joined by newlines."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def kst_text(moment: datetime) -> str:
    """``2022-10-17T02:10+09:00``; seconds appear only where they are known and not zero."""
    local = moment.astimezone(KST)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


_HANGUL = re.compile("[가-힣ㄱ-ㅣ]+")


def hangul_share(text: str) -> float:
    """Hangul syllables and letters over all letters, 0 to 1; 0 for text without letters."""
    letters = sum(map(str.isalpha, text))
    return (len(text) - len(_HANGUL.sub("", text))) / letters if letters else 0.0


def language_of(text: str) -> str:
    """``ko``, or ``other`` when under a fifth of the letters is Hangul. Of 23 saved Korean articles the one
    with the most program code has 0.26; an English page of a Korean outlet has 0."""
    return "ko" if hangul_share(text) >= 0.2 else "other"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What another place on the page says of its date: a moment in Seoul as text, or the text that was
    ``refused``, without a precision, and why."""

    source: str
    at: str
    precision: Precision | None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A moment with the evidence for it: where on the page it stood, how exact it is, and what ``others`` say."""

    at: datetime
    source: str
    precision: Precision = "minute"
    others: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One authored text at a canonical URL, as a reader found it on a page.

    ``text`` is the author's own words: paragraphs parted by a newline, without link cards,
    advertising and captions. ``links`` are the addresses the body points to, in order.
    """

    platform: str
    kind: Kind
    url: str
    native_id: str
    title: str
    text: str
    author: str | None = None
    outlet: str | None = None
    published: Dated | None = None
    modified: Dated | None = None
    source_url: str | None = None
    links: tuple[str, ...] = field(default=())
    refused_dates: tuple[Evidence, ...] = ()

    @property
    def id(self) -> str:
        return content_id(self.url)

    @property
    def date_evidence(self) -> list[dict[str, str | None]]:
        """What was not taken for its date: where else one stood, and what was refused. Without a date of its
        own, only the latter."""
        said = self.published.others if self.published else self.refused_dates
        return [{name: value for name, value in asdict(one).items() if name != "refused" or value} for one in said]

    def as_dict(self) -> dict[str, Any]:
        """The document as ``yeoron extract`` prints it."""
        return {
            "platform": self.platform,
            "kind": self.kind,
            "url": self.url,
            "native_id": self.native_id,
            "title": self.title,
            "author": self.author,
            "outlet": self.outlet,
            "published_at": kst_text(self.published.at) if self.published else None,
            "date_source": self.published.source if self.published else None,
            "date_precision": self.published.precision if self.published else None,
            "modified_at": kst_text(self.modified.at) if self.modified else None,
            "source_url": self.source_url,
            "text": self.text,
            "links": list(self.links),
            "date_evidence": self.date_evidence,
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One HTTP response (or a file given by hand) as it stands in the archive.

    ``payload_sha256`` is over the body with transfer and content coding undone;
    ``warc_offset`` is the byte offset of its gzip member in ``warc_file``.
    """

    url: str
    fetched_at: datetime
    status: int
    content_type: str | None
    payload_sha256: str
    payload_bytes: int
    warc_file: str
    warc_offset: int

    @property
    def id(self) -> str:
        return content_id(self.url, self.payload_sha256)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a run could not interpret, refused or lost. ``detail`` is one sentence that names the cure."""

    stage: str
    outcome: str
    detail: str
    url: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a document counts for an event, and why not. Advertising is marked, never dropped."""

    belongs: bool
    reason: str | None = None
    advertising: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """An address worth visiting: how it was found, on which page, and what it is (page, or a kind of list).

    ``url`` is the document's own address; ``fetch_from`` is what to ask instead where that differs: the
    address as it was given (an outlet that answers on http only), or a capture in a web archive.
    """

    url: str
    platform: str
    found_by: str
    found_on: str | None = None
    role: str = "page"
    fetch_from: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a document: ``document.text[start:end]`` is ``text``. Offsets in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A target named in a sentence; offsets are into the sentence's text, in code points."""

    target: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Score:
    """One model's calibrated probabilities for one sentence, and the label they give.

    An unscored sentence has no probabilities.
    """

    polarity: Polarity
    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None


@dataclass(frozen=True, slots=True)
class TargetScore:
    """The score toward one target of a sentence, where a part of the sentence speaks of it apart from the others.

    ``start`` and ``end`` of the part are into the sentence's text, in code points.
    """

    target: str
    start: int
    end: int
    score: Score
