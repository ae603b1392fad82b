"""Pages as a web archive holds them: where a capture lies, and the response that it is.

Common Crawl's captures are WARC records, each a gzip member of its own, fetched as a range of bytes; the
range stands in the address's fragment. The Wayback Machine replays a capture's bytes unchanged under
``/web/TIMEid_/URL`` and gives its original headers as ``x-archive-orig-…``. Times in both are UTC.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy.exceptions import IgnoreRequest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders

from data.warc import Capture, Damaged, Headers, Record, capture_of, check, record_of

RANGES = "https://data.commoncrawl.org/"
REPLAYS = "https://web.archive.org/web/"
_RANGE = re.compile(rf"{re.escape(RANGES)}[^#]+#bytes=(\d+-\d+)")
_REPLAY = re.compile(rf"{re.escape(REPLAYS)}(\d{{14}})id_/(.+)")
_ORIGINAL = "x-archive-orig-"
# What no longer holds of a body that comes decoded.
CODINGS = ("content-encoding", "transfer-encoding", "content-length")


class NotACapture(IgnoreRequest):
    """The archive's answer is not the capture that its index promised."""


class ArchiveBusy(IgnoreRequest):
    """The archive asks for a slower pace."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The record that was captured, the response in it, and the archive's address of it."""

    record: Record
    capture: Capture
    source: str

    @property
    def headers(self) -> Headers:
        """The response's headers as they hold of the decoded body."""
        held = self.record.http.headers if self.record.http else []
        return [(name, value) for name, value in held if name.lower() not in CODINGS]


def ranged(filename: str, offset: int, length: int) -> str:
    """The address of a Common Crawl record: ``filename`` as its index gives it, bytes from ``offset``."""
    return f"{RANGES}{filename}#bytes={offset}-{offset + length - 1}"


def replayed(stamp: str, url: str) -> str:
    """The address of a Wayback capture's own bytes; ``stamp`` is 14 digits, UTC."""
    return f"{REPLAYS}{stamp}id_/{url.partition('#')[0]}"


def is_capture(address: str | None) -> bool:
    return bool(address and (_RANGE.fullmatch(address) or _REPLAY.fullmatch(address)))


def range_header(address: str) -> dict[str, str]:
    match = _RANGE.fullmatch(address)
    return {"Range": f"bytes={match[1]}"} if match else {}


def opened(address: str, status: int, headers: Headers, body: bytes) -> Opened:
    """The captured response in the archive's answer. Raises `NotACapture`, `ArchiveBusy`, or TooLarge."""
    # Common Crawl answers 403 and 503 to those who ask too fast, Wayback 429.
    if status in (403, 429, 503):
        raise ArchiveBusy(f"the archive answered HTTP {status}: it is asked again later")
    match = _REPLAY.fullmatch(address)
    try:
        record = _replay(match[1], match[2], status, headers, body) if match else _record(status, body)
        check(record)
        capture = capture_of(record)
    except (ArchiveLoadFailed, Damaged, EOFError, ValueError, zlib.error, AttributeError, StopIteration) as error:
        raise NotACapture(f"what came is no whole record ({error}): the archive's index may be out of date") from error
    if record.kind != "response" or record.http is None:
        raise NotACapture(f"the record is a {record.kind}, not a response")
    return Opened(record, capture, address)


def _record(status: int, body: bytes) -> Record:
    if status not in (200, 206):
        raise NotACapture(f"the archive answered HTTP {status} for its own record")
    return record_of(next(iter(ArchiveIterator(io.BytesIO(body), no_record_parse=True))))


def _replay(stamp: str, url: str, status: int, headers: Headers, body: bytes) -> Record:
    """The record that a replay stands for: original headers, but what is said of the bytes as they came."""
    original = [(name[len(_ORIGINAL) :], value) for name, value in headers if name.lower().startswith(_ORIGINAL)]
    if status != 200 and not original:  # the archive's own answer, not one that it captured
        raise NotACapture(f"the archive has no such capture (HTTP {status})")
    kept = [(name, value) for name, value in original if name.lower() not in (*CODINGS, "content-type")]
    as_sent = [(name, value) for name, value in headers if name.lower() in ("content-type", "content-encoding")]
    http = StatusAndHeaders(f"{status} Captured", kept + as_sent, protocol="HTTP/1.1")
    at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    about = {"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    made = RecordBuilder(warc_version="1.1").create_warc_record(
        url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict=about
    )
    head = http.to_bytes()
    return Record("response", made.rec_headers, http, head + body, len(head))
