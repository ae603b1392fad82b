"""WARC records as anybody wrote them: found in a file, checked, and their bodies with every coding undone.

Reads WARC 0.17 to 1.1 and ARC, gzipped by record or plain. Nothing here grows past LARGEST_PAYLOAD,
whatever a record claims or unfolds to. warcio reads 11,000 records/s where FastWARC reads 48,000
(bench/archives.py); of the 4 ms that importing a page takes the difference is a twentieth.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from data.records import KST

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# A saved page above this is refused: the longest real article page at hand has 0.2 MB, and a
# reader needs about forty times a page's size in memory.
LARGEST_PAYLOAD = 16_000_000
# HTTP headers and chunk sizes stand in a record besides its payload.
_LARGEST_EXTRA = 1_000_000
# The records that hold what a server said; others (request, metadata, conversion …) tell about them.
SAYING = ("response", "resource", "revisit")

Headers = Sequence[tuple[str, str]]


class TooLarge(ValueError):
    """A payload is larger than LARGEST_PAYLOAD, perhaps only after decompression."""


class Damaged(ValueError):
    """A record is not where it should be, or its bytes no longer have the hash they had."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``block`` is what follows its WARC headers, byte for byte; empty unless ``kind`` is in SAYING."""

    kind: str
    headers: StatusAndHeaders
    http: StatusAndHeaders | None
    block: bytes
    payload_at: int

    @property
    def url(self) -> str:
        return self.header("WARC-Target-URI") or ""

    @property
    def payload(self) -> bytes:
        """What follows the HTTP headers, codings and all."""
        return self.block[self.payload_at :]

    def header(self, name: str) -> str | None:
        value: str | None = self.headers.get_header(name)
        return value.strip() if value else None


@dataclass(frozen=True, slots=True)
class Capture:
    """A record read back: the body with transfer and content coding undone."""

    url: str
    fetched_at: datetime
    status: int
    content_type: str | None
    body: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that is no good in a file that can be read further; ``outcome`` is its short name."""

    outcome: str
    url: str
    detail: str


# ── codings ──────────────────────────────────────────────────────────────────
def plain(headers: Headers, payload: bytes, strict: bool = False) -> bytes:
    """The body behind a payload: chunks joined, compression undone.

    A coding that is announced but not there (archives keep headers and undo the coding) leaves the bytes as
    they are; where ``strict``, gzip or deflate that is none raises zlib.error. Raises TooLarge.
    """
    named = {name.lower(): value.lower() for name, value in headers if value}
    if "chunked" in named.get("transfer-encoding", ""):
        payload = _joined_chunks(payload)
    for coding in reversed(named.get("content-encoding", "").split(",")):
        payload = _decoded(payload, coding.strip(), strict)
    return bounded(payload)


def bounded(body: bytes) -> bytes:
    if len(body) > LARGEST_PAYLOAD:
        raise TooLarge(f"over {LARGEST_PAYLOAD // 1_000_000} MB")
    return body


def _joined_chunks(payload: bytes) -> bytes:
    """A body cut off in a chunk gives what is there; one that is not chunked at all stays as it is."""
    found: list[bytes] = []
    at = 0
    while at < len(payload):
        end = payload.find(b"\r\n", at, at + 64)
        size = _hex(payload[at:end].split(b";")[0].strip()) if end > at else None
        if size is None:
            return b"".join(found) if found else payload
        if size == 0:
            break
        found.append(payload[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(found)


def _hex(digits: bytes) -> int | None:
    try:
        return int(digits, 16)
    except ValueError:
        return None


def _decoded(body: bytes, coding: str, strict: bool) -> bytes:
    most = LARGEST_PAYLOAD + 1
    try:
        if coding in ("gzip", "x-gzip"):
            return zlib.decompressobj(wbits=31).decompress(body, most)
        if coding == "deflate":
            return _inflated(body, most)
        if coding == "br":
            return bytes(brotli.Decompressor().process(body, output_buffer_limit=most))
        if coding == "zstd":
            return zstd.ZstdDecompressor().decompress(body, most)
    except (brotli.error, zstd.ZstdError):
        return body
    except zlib.error:
        if strict:
            raise
    return body


def _inflated(body: bytes, most: int) -> bytes:
    """With the zlib wrapper that RFC 9110 asks for, or without it as some servers send."""
    try:
        return zlib.decompressobj().decompress(body, most)
    except zlib.error:
        return zlib.decompressobj(wbits=-15).decompress(body, most)


# ── records ──────────────────────────────────────────────────────────────────
def record_of(found: ArcWarcRecord) -> Record:
    """Raises TooLarge, and Damaged when the record ends before the length it declares."""
    if found.length is None:
        raise Damaged("a record has no length: the file is torn")
    if found.rec_type not in SAYING:
        return Record(found.rec_type or "", found.rec_headers, None, b"", 0)
    most = LARGEST_PAYLOAD + _LARGEST_EXTRA
    block = found.raw_stream.read(most + 1)
    if len(block) > most:
        raise TooLarge(f"over {LARGEST_PAYLOAD // 1_000_000} MB")
    if found.raw_stream.limit > 0:
        raise Damaged(f"the record is {found.raw_stream.limit} bytes shorter than it declares")
    http, payload_at = _http(found, block)
    return Record(found.rec_type, found.rec_headers, http, block, payload_at)


def _http(found: ArcWarcRecord, block: bytes) -> tuple[StatusAndHeaders | None, int]:
    url = found.rec_headers.get_header("WARC-Target-URI") or ""
    if found.rec_type == "resource" or not url.startswith(("http://", "https://")) or not block:
        return None, 0
    stream = io.BytesIO(block)
    http = StatusAndHeadersParser([], verify=False).parse(stream)
    return http, stream.tell()


def capture_of(record: Record) -> Capture:
    """A response or resource record read. Raises TooLarge, and ValueError when its date or status is none."""
    http = record.http
    return Capture(
        url=record.url,
        fetched_at=datetime.fromisoformat(record.header("WARC-Date") or "").astimezone(KST),
        status=int(http.get_statuscode()) if http else 200,
        content_type=http.get_header("Content-Type") if http else record.header("Content-Type"),
        body=plain(http.headers if http else (), record.payload),
        kind=record.kind,
    )


def payload_digest(payload: bytes) -> str:
    """As it stands in WARC-Payload-Digest: SHA-1 in base 32, what CDX indexes compare."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def check(record: Record) -> None:
    """Raises Damaged when the block has not the digest it was given, or the payload none of those it may have.

    Writers disagree on whether a payload's digest is over the chunks, the compressed or the plain bytes.
    """
    block = record.header("WARC-Block-Digest")
    stated = block or record.header("WARC-Payload-Digest")
    if not stated or record.kind not in ("response", "resource"):
        return
    forms = [record.block]
    if not block:
        headers = record.http.headers if record.http else ()
        chunks = [pair for pair in headers if pair[0].lower() == "transfer-encoding"]
        forms = [record.payload, plain(chunks, record.payload), plain(headers, record.payload)]
    if all(_has_digest(form, stated) is False for form in forms):
        raise Damaged("its bytes have not the digest written beside them")


def _has_digest(body: bytes, stated: str) -> bool | None:
    """None when the algorithm is unknown. The digest may be in base 32 or in hexadecimal."""
    algorithm, _, value = stated.partition(":")
    try:
        digest = hashlib.new(algorithm.strip().lower().replace("-", ""), body, usedforsecurity=False).digest()
        given = bytes.fromhex(value) if len(value) == 2 * len(digest) else base64.b32decode(value.upper())
    except (ValueError, binascii.Error):
        return None
    return digest == given


# ── files ────────────────────────────────────────────────────────────────────
def records(path: Path) -> Iterator[Record | Broken]:
    """Every record of somebody's WARC or ARC file, in order; one that is no good comes as Broken.

    Raises Damaged where the file is torn, is no WARC, or is compressed in one piece.
    """
    last = 0
    try:
        with path.open("rb") as stream:
            found = ArchiveIterator(stream, no_record_parse=True, arc2warc=True)
            for raw in found:
                last = found.offset
                yield _record_or_why(raw)
        _check_end(path, last)
    except (ArchiveLoadFailed, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Damaged(_why(str(error))) from error
    except AttributeError as error:  # what warcio 1.8 raises when a record's own headers are torn
        raise Damaged("unreadable from here on (torn headers)") from error


def _why(message: str) -> str:
    if "non-chunked gzip" in message:
        return "compressed in one piece: unpack it with gunzip, or run `warcio recompress OLD NEW`"
    return f"unreadable from here on ({message})"


def _record_or_why(raw: ArcWarcRecord) -> Record | Broken:
    url = raw.rec_headers.get_header("WARC-Target-URI") or ""
    try:
        record = record_of(raw)
        check(record)
        return record
    except TooLarge as error:
        return Broken("too_large", url, f"the record is {error}")
    except (StatusAndHeadersParserException, EOFError) as error:
        return Broken("bad_record", url, f"its HTTP headers cannot be read ({error})")
    except Damaged as error:
        if raw.length is None or raw.raw_stream.limit > 0:
            raise
        return Broken("damaged_record", url, str(error))


def _check_end(path: Path, offset: int) -> None:
    """warcio takes a member that breaks off for the end of the file; gzip does not."""
    if path.suffix == ".gz":
        with path.open("rb") as stream:
            stream.seek(offset)
            with gzip.open(stream) as members:
                while members.read(1 << 20):
                    pass


def record_at(path: Path, offset: int) -> Record:
    """The record whose gzip member begins at a byte. Raises Damaged when none does."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            return record_of(next(iter(ArchiveIterator(stream, no_record_parse=True))))
    except (OSError, StopIteration, ArchiveLoadFailed, EOFError, AttributeError, zlib.error) as error:
        raise Damaged(f"{path} has no record at byte {offset}: restore the file from a backup") from error
