"""The archive: every response as received, in WARC files under ``HOME/warc/``.

Each run writes a file of its own, one gzip member a record, so that a torn last member
after a crash never touches an older record. A snapshot is flushed to disk before the
caller may name it in the store.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from data.records import KST, Snapshot

# A saved page above this is refused: the longest real article page at hand has 0.2 MB, and a
# reader needs about forty times a page's size in memory.
LARGEST_PAYLOAD = 16_000_000
# A new file after this many bytes: what the WARC guidelines advise, and what copies in minutes.
ROLL_AT = 1_000_000_000

Headers = Sequence[tuple[str, str]]


class TooLarge(ValueError):
    """A payload is larger than LARGEST_PAYLOAD, perhaps only after decompression."""


class Damaged(ValueError):
    """A record is not where the store says, or its bytes no longer have the hash they had."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A response read back: the body with content coding undone."""

    url: str
    fetched_at: datetime
    status: int
    content_type: str | None
    body: bytes


def decoded(body: bytes, coding: str) -> bytes:
    """Undo gzip or deflate content coding, refusing what grows past LARGEST_PAYLOAD."""
    if coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return _bounded(body)
    try:
        opener = zlib.decompressobj(wbits=47)
        return _bounded(opener.decompress(body, LARGEST_PAYLOAD + 1))
    except zlib.error:
        opener = zlib.decompressobj(wbits=-15)
        return _bounded(opener.decompress(body, LARGEST_PAYLOAD + 1))


def _bounded(body: bytes) -> bytes:
    if len(body) > LARGEST_PAYLOAD:
        raise TooLarge(f"over {LARGEST_PAYLOAD // 1_000_000} MB")
    return body


class Archive:
    """Writes records into one WARC file of its own under ``folder`` and reads any record back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: io.BufferedWriter | None = None
        self._writer: WARCWriter | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None

    def write(
        self, url: str, status: int, headers: Headers, body: bytes, fetched_at: datetime, request: Headers = ()
    ) -> Snapshot:
        """Archive a response as received (and the request's headers, if given); return its snapshot.

        Raises TooLarge, or OSError when the disk is full; then nothing names the record.
        """
        lookup = {name.lower(): value for name, value in headers}
        payload = decoded(body, lookup.get("content-encoding", ""))
        writer = self._open()
        stamp = fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        response = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            http_headers=StatusAndHeaders(f"{status} {_reason(status)}", list(headers), protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": stamp},
        )
        offset = self._append(response)
        if request:
            self._append(self._request_record(writer, url, request, stamp, response))
        return self._snapshot(url, fetched_at, status, lookup.get("content-type"), payload, offset)

    def write_file(self, url: str, content_type: str, body: bytes, fetched_at: datetime) -> Snapshot:
        """Archive a file given by hand as a ``resource`` record."""
        payload = _bounded(body)
        stamp = fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = self._open().create_warc_record(
            url,
            "resource",
            payload=io.BytesIO(payload),
            warc_content_type=content_type,
            warc_headers_dict={"WARC-Date": stamp},
        )
        return self._snapshot(url, fetched_at, 200, content_type, payload, self._append(record))

    def read(self, warc_file: str, warc_offset: int, payload_sha256: str) -> Capture:
        """The response at an offset. Raises Damaged when the bytes are not those that were archived."""
        path = self.folder / warc_file
        try:
            with path.open("rb") as stream:
                stream.seek(warc_offset)
                capture = capture_of(next(iter(ArchiveIterator(stream))))
        except (OSError, StopIteration, zlib.error) as error:
            raise Damaged(f"{path} has no record at byte {warc_offset}: restore the file from a backup") from error
        if capture is None or hashlib.sha256(capture.body).hexdigest() != payload_sha256:
            raise Damaged(f"{path} at byte {warc_offset} has changed since it was archived")
        return capture

    def _open(self) -> WARCWriter:
        if self._file is not None and self._file.tell() > ROLL_AT:
            self.close()
        if self._writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            path = self.folder / f"yeoron-{stamp}-{os.getpid()}.warc.gz"
            self._file = path.open("xb")
            self._writer = WARCWriter(self._file, gzip=True)
            about = {"software": "yeoron", "format": "WARC File Format 1.0"}
            self._writer.write_record(self._writer.create_warcinfo_record(path.name, about))
        return self._writer

    def _append(self, record: ArcWarcRecord) -> int:
        assert self._file is not None and self._writer is not None
        offset = self._file.tell()
        self._writer.write_record(record)
        self._file.flush()
        return offset

    @staticmethod
    def _request_record(
        writer: WARCWriter, url: str, headers: Headers, stamp: str, response: ArcWarcRecord
    ) -> ArcWarcRecord:
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        return writer.create_warc_record(
            url,
            "request",
            http_headers=StatusAndHeaders(f"GET {path} HTTP/1.1", list(headers), is_http_request=True),
            warc_headers_dict={
                "WARC-Date": stamp,
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )

    def _snapshot(
        self, url: str, fetched_at: datetime, status: int, content_type: str | None, payload: bytes, offset: int
    ) -> Snapshot:
        assert self._file is not None
        return Snapshot(
            url=url,
            fetched_at=fetched_at,
            status=status,
            content_type=content_type,
            payload_sha256=hashlib.sha256(payload).hexdigest(),
            payload_bytes=len(payload),
            warc_file=Path(self._file.name).name,
            warc_offset=offset,
        )


def capture_of(record: ArcWarcRecord) -> Capture | None:
    """A response or resource record as a Capture; None for records of other kinds.

    Raises TooLarge, and Damaged when the record ends before the length it declares.
    """
    if record.length is None:
        raise Damaged("a record has no length: the file is torn")
    if record.rec_type not in ("response", "resource"):
        return None
    http = record.http_headers
    stamp = record.rec_headers.get_header("WARC-Date") or ""
    raw = record.raw_stream
    body = _bounded(record.content_stream().read(LARGEST_PAYLOAD + 1))
    raw.read()
    if raw.limit > 0:
        raise Damaged(f"the record is {raw.limit} bytes shorter than it declares")
    return Capture(
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        fetched_at=datetime.fromisoformat(stamp).astimezone(KST),
        status=int(http.get_statuscode()) if http else 200,
        content_type=(http or record.rec_headers).get_header("Content-Type"),
        body=body,
    )


def captures(path: Path) -> Iterator[Capture]:
    """Every response in somebody's WARC file, in order.

    Raises TooLarge for a record over the limit, and Damaged where the file is torn or is no WARC.
    """
    try:
        with path.open("rb") as stream:
            yield from filter(None, map(capture_of, ArchiveIterator(stream, check_digests="raise")))
        _check_end(path)
    except (Damaged, TooLarge):
        raise
    except (ArchiveLoadFailed, EOFError, ValueError, gzip.BadGzipFile, zlib.error) as error:
        raise Damaged(f"unreadable from here on ({error})") from error
    except AttributeError as error:  # what warcio 1.8 raises when a record's own headers are torn
        raise Damaged("unreadable from here on (torn headers)") from error


def _check_end(path: Path) -> None:
    """warcio takes a member that breaks off for the end of the file; gzip does not."""
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            while stream.read(1 << 20):
                pass


def _reason(status: int) -> str:
    return {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found"}.get(status, "Status")
