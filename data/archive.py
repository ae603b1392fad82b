"""The archive: every response as received, in WARC files under ``HOME/warc/``; docs/archive.md tells it whole.

Each run writes files of its own, one gzip member a record, so that a torn last member after a crash
never touches an older record. A snapshot is on the disk, not only with the system, before the caller
may name it in the store. A body that the archive holds already is written as a ``revisit`` record.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from warcio.recordbuilder import RecordBuilder
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from data.records import Snapshot
from data.warc import (
    LARGEST_PAYLOAD,
    Capture,
    Damaged,
    Headers,
    Record,
    TooLarge,
    bounded,
    capture_of,
    payload_digest,
    plain,
    record_at,
)

__all__ = ["LARGEST_PAYLOAD", "Archive", "Capture", "Damaged", "Headers", "TooLarge"]

# A new file after this many bytes: what the WARC guidelines advise, and what copies in minutes.
ROLL_AT = 1_000_000_000
# warcio's 9 takes twice the time of 6 and makes the saved pages 0.8 % smaller; 1 makes them 18 % larger.
GZIP_LEVEL = 6
# Originals kept in memory, the latest: the store finds all but the few dozen that it does not know yet.
REMEMBERED = 4_000
# In a copied record: the file it came from. In a revisit: where the bytes are, so that no search is needed.
SOURCE, FILE, OFFSET = "Yeoron-Imported-From", "Yeoron-Refers-To-File", "Yeoron-Refers-To-Offset"

Find = Callable[[str], Iterable[Snapshot]]


@dataclass(frozen=True, slots=True)
class Original:
    """A response record that holds a body: where it stands, and how other records refer to it."""

    warc_file: str
    warc_offset: int
    record_id: str
    url: str
    date: str


def _finds_nothing(_: str) -> Iterable[Snapshot]:
    return ()


class Archive:
    """Writes records into WARC files of its own under ``folder`` and reads any record back.

    ``find`` gives the snapshots with a ``payload_sha256`` (the store's ``snapshots_with``): without it only
    what this archive wrote itself is known. With ``sync_each`` off the caller runs :meth:`sync` before it
    names snapshots in the store.
    """

    def __init__(self, folder: Path, find: Find = _finds_nothing, sync_each: bool = True) -> None:
        self.folder = folder
        self._find, self._sync_each = find, sync_each
        self._builder = RecordBuilder(warc_version="1.1")
        self._file: io.FileIO | None = None
        self._files: set[str] = set()
        self._originals: dict[tuple[str, str], Original] = {}

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self.sync()
            self._file.close()
        self._file = None

    def sync(self) -> None:
        """Everything written so far is on the disk when this returns."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    # ── writing ──────────────────────────────────────────────────────────────
    def write(
        self, url: str, status: int, headers: Headers, body: bytes, fetched_at: datetime, request: Headers = ()
    ) -> Snapshot:
        """Archive a response as received (and the request's headers, if given); return its snapshot.

        The snapshot says where the bytes are: for a body that was here before, in the older record.
        Raises TooLarge, zlib.error for gzip or deflate that is none, or OSError when the disk is full; then
        nothing was written.
        """
        payload = plain(headers, body, strict=True)
        made = _snapshot(url, fetched_at, status, _content_type(headers), payload)
        http = StatusAndHeaders(f"{status} {_reason(status)}", list(headers), protocol="HTTP/1.1")
        key, stamp = (payload_digest(body), made.payload_sha256), _stamp(fetched_at)
        original = self._original(key) if body else None
        if original:
            record = self._revisit(url, key[0], stamp, http, original)
        else:
            record = self._response(url, stamp, http, body)
        place = self._append(record)
        if original is None:
            original = self._remember(record.rec_headers, key, place)
        if request:
            self._append(self._request(url, request, stamp, record))
        self._settle()
        return _placed(made, (original.warc_file, original.warc_offset))

    def write_file(self, url: str, content_type: str, body: bytes, fetched_at: datetime) -> Snapshot:
        """Archive a file given by hand as a ``resource`` record; the same file again is not written again."""
        made = _snapshot(url, fetched_at, 200, content_type, bounded(body))
        if held := self._standing(made):
            return held
        headers = {"WARC-Date": _stamp(fetched_at)}
        record = self._builder.create_warc_record(
            url, "resource", payload=io.BytesIO(body), warc_content_type=content_type, warc_headers_dict=headers
        )
        place = self._append(record)
        self._settle()
        return _placed(made, place)

    def copy(self, record: Record, capture: Capture, source: str) -> Snapshot:
        """Archive somebody's response or resource record as it is: its headers, its date, its block byte for byte.

        ``capture`` is what the record says; a header names ``source``. A capture that is here already (same
        address, moment and body) is not written again.
        """
        made = _snapshot(record.url, capture.fetched_at, capture.status, capture.content_type, capture.body)
        if held := self._standing(made):
            return held
        place = self.copy_as_is(record, source)
        if record.kind == "response":
            self._remember(record.headers, (payload_digest(record.payload), made.payload_sha256), place)
        self._settle()
        return _placed(made, place)

    def wrote(self, snapshot: Snapshot) -> bool:
        """Whether the bytes were written by this archive, not by an earlier one."""
        return snapshot.warc_file in self._files

    def copy_as_is(self, record: Record, source: str) -> tuple[str, int]:
        """Append somebody's record of any kind; return file and offset."""
        headers = StatusAndHeaders("", list(record.headers.headers), protocol=record.headers.protocol)
        headers.replace_header(SOURCE, source)
        if not record.header("WARC-Block-Digest"):
            headers.add_header("WARC-Block-Digest", payload_digest(record.block))
        if not record.header("WARC-Payload-Digest") and record.kind != "revisit":
            headers.add_header("WARC-Payload-Digest", payload_digest(record.payload))
        headers.replace_header("Content-Length", str(len(record.block)))
        return self._put(_member(headers.to_bytes() + record.block + b"\r\n\r\n"))

    def _response(self, url: str, stamp: str, http: StatusAndHeaders, body: bytes) -> ArcWarcRecord:
        return self._builder.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": stamp}
        )

    def _revisit(self, url: str, digest: str, stamp: str, http: StatusAndHeaders, original: Original) -> ArcWarcRecord:
        headers = {
            "WARC-Date": stamp,
            "WARC-Refers-To": original.record_id,
            FILE: original.warc_file,
            OFFSET: str(original.warc_offset),
        }
        return self._builder.create_revisit_record(
            url, digest, original.url, original.date, http_headers=http, warc_headers_dict=headers
        )

    def _request(self, url: str, headers: Headers, stamp: str, response: ArcWarcRecord) -> ArcWarcRecord:
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        about = {"WARC-Date": stamp, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        line = StatusAndHeaders(f"GET {path} HTTP/1.1", list(headers), is_http_request=True)
        return self._builder.create_warc_record(url, "request", http_headers=line, warc_headers_dict=about)

    # ── what is here already ─────────────────────────────────────────────────
    def _remember(self, headers: StatusAndHeaders, key: tuple[str, str], place: tuple[str, int]) -> Original:
        names = ("WARC-Record-ID", "WARC-Target-URI", "WARC-Date")
        original = Original(*place, *(headers.get_header(name) or "" for name in names))
        while len(self._originals) >= REMEMBERED:
            del self._originals[next(iter(self._originals))]
        return self._originals.setdefault(key, original)

    def _original(self, key: tuple[str, str]) -> Original | None:
        """The response record with these very bytes, by this archive or an earlier one.

        ``key``: the digest of the payload as sent, which a revisit must share by the standard, and that of
        the plain body: two servers may send the same bytes and call only one of them compressed.
        """
        if key not in self._originals:
            for snapshot in self._find(key[1]):
                held = self._held(snapshot)
                if held and held.kind == "response" and payload_digest(held.payload) == key[0]:
                    self._remember(held.headers, key, (snapshot.warc_file, snapshot.warc_offset))
                    break
        return self._originals.get(key)

    def _held(self, snapshot: Snapshot) -> Record | None:
        with suppress(Damaged, TooLarge):
            return record_at(self.folder / snapshot.warc_file, snapshot.warc_offset)
        return None

    def _standing(self, made: Snapshot) -> Snapshot | None:
        """The same capture (address, moment, body), if it was archived before and its bytes still stand."""
        for snapshot in self._find(made.payload_sha256):
            if (snapshot.url, _stamp(snapshot.fetched_at)) == (made.url, _stamp(made.fetched_at)):
                with suppress(Damaged, TooLarge):
                    self.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256)
                    return snapshot
        return None

    # ── reading ──────────────────────────────────────────────────────────────
    def read(self, warc_file: str, warc_offset: int, payload_sha256: str) -> Capture:
        """The capture at an offset; a revisit comes with the body it refers to.

        Raises Damaged when the bytes are not those that were archived.
        """
        path = self.folder / warc_file
        record = record_at(path, warc_offset)
        try:
            capture = self._revisited(record) if record.kind == "revisit" else capture_of(record)
        except ValueError as error:
            raise Damaged(f"{path} has no capture at byte {warc_offset}: {error}") from error
        if hashlib.sha256(capture.body).hexdigest() != payload_sha256:
            raise Damaged(f"{path} at byte {warc_offset} has changed since it was archived")
        return capture

    def _revisited(self, record: Record) -> Capture:
        """Raises ValueError for a revisit that this archive did not write."""
        original = record_at(self.folder / (record.header(FILE) or "none"), int(record.header(OFFSET) or -1))
        own = capture_of(record)
        return replace(own, body=capture_of(original).body, kind=original.kind)

    def _settle(self) -> None:
        if self._sync_each:
            self.sync()

    # ── files ────────────────────────────────────────────────────────────────
    def _open(self) -> io.FileIO:
        if self._file is not None and self._file.tell() > ROLL_AT:
            self.close()
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            path = self.folder / f"yeoron-{stamp}-{os.getpid()}.warc.gz"
            self._file = path.open("xb", buffering=0)
            self._files.add(path.name)
            _sync_folder(self.folder)
            about = {"software": "yeoron", "format": "WARC File Format 1.1"}
            _write_whole(self._file, self._packed(self._builder.create_warcinfo_record(path.name, about)))
        return self._file

    def _append(self, record: ArcWarcRecord) -> tuple[str, int]:
        return self._put(self._packed(record))

    def _put(self, member: bytes) -> tuple[str, int]:
        """File and offset of a record. One that does not fit on the disk is taken back whole."""
        stream = self._open()
        offset = stream.tell()
        _write_whole(stream, member)
        return Path(str(stream.name)).name, offset

    @staticmethod
    def _packed(record: ArcWarcRecord) -> bytes:
        written = io.BytesIO()
        WARCWriter(written, gzip=False, warc_version="1.1").write_record(record)
        return _member(written.getvalue())


def _member(record: bytes) -> bytes:
    """A record as a gzip member of its own."""
    return gzip.compress(record, GZIP_LEVEL, mtime=0)


def _write_whole(stream: io.FileIO, member: bytes) -> None:
    """All of it or nothing: a half-written member would end the file for whoever reads it through."""
    offset = stream.tell()
    left = memoryview(member)
    try:
        while left:
            left = left[stream.write(left) or 0 :]
    except OSError:
        with suppress(OSError):
            stream.truncate(offset)
            stream.seek(offset)
        raise


def _sync_folder(folder: Path) -> None:
    """A new file's name is on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _snapshot(url: str, fetched_at: datetime, status: int, content_type: str | None, payload: bytes) -> Snapshot:
    """Not placed yet: file and offset come with the writing."""
    digest = hashlib.sha256(payload).hexdigest()
    return Snapshot(url, fetched_at, status, content_type, digest, len(payload), "", 0)


def _placed(made: Snapshot, place: tuple[str, int]) -> Snapshot:
    return replace(made, warc_file=place[0], warc_offset=place[1])


def _content_type(headers: Headers) -> str | None:
    return next((value for name, value in headers if name.lower() == "content-type"), None)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reason(status: int) -> str:
    return {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found"}.get(status, "Status")
