"""The archive: bytes in, the same bytes out, once; torn and changed files are noticed; others can read it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import brotli
import pytest
from warcio import cli
from warcio.archiveiterator import ArchiveIterator

from data import archive as archive_module
from data import warc
from data.archive import Archive, Damaged, TooLarge
from data.records import KST, Snapshot
from data.warc import Broken, Record, capture_of, plain, records

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=KST)
LATER = NOW + timedelta(days=3)
PAGE = "<html><body>카톡이 멈췄다</body></html>".encode()
HEADERS = [("Content-Type", "text/html; charset=utf-8")]
URL = "https://a.example/1"


def kinds(path: Path) -> list[str]:
    with path.open("rb") as stream:
        return [record.rec_type for record in ArchiveIterator(stream)]


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_a_response_reads_back_as_it_was(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        coded = [*HEADERS, ("Content-Encoding", "gzip")]
        snapshot = archive.write(URL, 200, coded, gzip.compress(PAGE), NOW, [("User-Agent", "yeoron")])
        capture = archive.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256)
    assert (capture.body, capture.status, capture.content_type) == (PAGE, 200, "text/html; charset=utf-8")
    assert (capture.fetched_at, capture.kind) == (NOW, "response")
    assert snapshot.payload_bytes == len(PAGE)
    assert kinds(tmp_path / snapshot.warc_file) == ["warcinfo", "response", "request"]


def test_a_second_visit_that_finds_the_same_bytes_is_a_revisit_that_names_the_first(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = archive.write(URL, 200, HEADERS, PAGE, NOW)
        second = archive.write(URL, 200, HEADERS, PAGE, LATER)
        other = archive.write("https://b.example/2", 200, HEADERS, PAGE, LATER)
        archive.write("https://b.example/3", 404, HEADERS, b"", LATER)
        archive.write("https://b.example/4", 404, HEADERS, b"", LATER)
    assert first.id == second.id != other.id
    assert len({(s.warc_file, s.warc_offset) for s in (first, second, other)}) == 1, "all point to where the bytes are"
    assert kinds(only_file(tmp_path)) == ["warcinfo", "response", "revisit", "revisit", "response", "response"]
    with only_file(tmp_path).open("rb") as stream:
        original, revisit = [record.rec_headers for record in ArchiveIterator(stream)][1:3]
    assert revisit.protocol == "WARC/1.1"
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    for name, value in (("WARC-Refers-To-Target-URI", "WARC-Target-URI"), ("WARC-Refers-To-Date", "WARC-Date")):
        assert revisit[name] == original[value]
    assert revisit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert revisit["WARC-Date"] == "2026-01-04T18:04:05Z"


def test_a_later_run_finds_the_bytes_through_the_store_unless_they_are_gone(tmp_path: Path) -> None:
    known: list[Snapshot] = []

    def find(payload_sha256: str) -> Iterable[Snapshot]:
        return [snapshot for snapshot in known if snapshot.payload_sha256 == payload_sha256]

    with Archive(tmp_path) as archive:
        known.append(archive.write(URL, 200, HEADERS, PAGE, NOW))
    with Archive(tmp_path, find) as archive:
        again = archive.write(URL, 200, HEADERS, PAGE, LATER)
        same_body = [*HEADERS, ("Content-Encoding", "gzip")]
        packed = archive.write(URL, 200, same_body, gzip.compress(PAGE), LATER)
    assert (again.warc_file, again.warc_offset) == (known[0].warc_file, known[0].warc_offset)
    assert packed.warc_file != again.warc_file, "other bytes were sent, though they unfold to the same"
    (tmp_path / known[0].warc_file).write_bytes(b"lost")
    with Archive(tmp_path, find) as archive:
        whole = archive.write(URL, 200, HEADERS, PAGE, LATER)
        assert archive.read(whole.warc_file, whole.warc_offset, whole.payload_sha256).body == PAGE


def test_a_revisit_reads_back_with_its_own_address_and_date(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = archive.write(URL, 200, HEADERS, PAGE, NOW)
        archive.write("https://b.example/2", 200, HEADERS, PAGE, LATER)
        path = only_file(tmp_path)
        with path.open("rb") as stream:
            found = ArchiveIterator(stream)
            [offset] = [found.get_record_offset() for record in found if record.rec_type == "revisit"]
        capture = archive.read(first.warc_file, offset, first.payload_sha256)
    assert (capture.url, capture.fetched_at, capture.body) == ("https://b.example/2", LATER, PAGE)


def test_warcio_checks_and_indexes_what_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Archive(tmp_path) as archive:
        archive.write(URL, 200, [*HEADERS, ("Content-Encoding", "gzip")], gzip.compress(PAGE), NOW, [("Accept", "*/*")])
        archive.write("https://b.example/2", 200, HEADERS, PAGE, NOW)
        archive.write("https://b.example/3", 200, HEADERS, PAGE, LATER)
        archive.write_file("urn:sha256:00", "text/plain", PAGE, NOW)
    path = str(only_file(tmp_path))
    with pytest.raises(SystemExit, match="0"):
        cli.main(["check", "-v", path])
    said = capsys.readouterr().out
    # warcinfo, two responses, a request and the file; a revisit has no payload to check
    assert said.count("digest pass") == 5 and said.count("(revisit)") == 1
    cli.main(["index", "-f", "warc-type,offset,warc-payload-digest", path])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert [line for line in lines if '"response"' in line and warc.payload_digest(PAGE) in line]


def test_one_changed_byte_is_damage(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        snapshot = archive.write_file("urn:sha256:00", "text/plain", PAGE, NOW)
        with pytest.raises(Damaged, match="changed"):
            archive.read(snapshot.warc_file, snapshot.warc_offset, "0" * 64)
        with pytest.raises(Damaged, match="no record"):
            archive.read("gone.warc.gz", 0, snapshot.payload_sha256)


def test_whatever_byte_is_turned_no_other_body_is_ever_given_out(tmp_path: Path) -> None:
    damaged = 0
    with Archive(tmp_path) as archive:
        snapshot = archive.write(URL, 200, HEADERS, PAGE, NOW)
        path = tmp_path / snapshot.warc_file
        whole = path.read_bytes()
        for at in range(len(whole) - 60, len(whole)):  # the packed body and the checksum behind it
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                capture = archive.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256)
            except Damaged:
                damaged += 1
            else:
                assert capture.body == PAGE
    assert damaged > 45, "only the checksum's own bytes leave the body as it was"


@pytest.mark.parametrize("cut", [20, 200])
def test_a_torn_file_gives_what_stands_before_the_tear_and_then_says_so(tmp_path: Path, cut: int) -> None:
    with Archive(tmp_path) as archive:
        archive.write(URL, 200, HEADERS, PAGE, NOW)
        snapshot = archive.write("https://a.example/2", 200, HEADERS, PAGE * 50, NOW)
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes((tmp_path / snapshot.warc_file).read_bytes()[:-cut])
    found = []
    with pytest.raises(Damaged):
        for record in records(torn):
            assert isinstance(record, Record)
            found += [capture_of(record).body] if record.kind == "response" else []
    assert found[0] == PAGE
    assert all(body in (PAGE, PAGE * 50) for body in found)


@pytest.mark.parametrize(("body", "said"), [(b"this is not a WARC file", "unreadable"), (None, "gunzip")])
def test_what_is_no_warc_or_compressed_in_one_piece_names_its_cure(
    tmp_path: Path, body: bytes | None, said: str
) -> None:
    if body is None:
        with Archive(tmp_path / "one") as archive:
            archive.write(URL, 200, HEADERS, PAGE, NOW)
        body = gzip.compress(gzip.decompress(only_file(tmp_path / "one").read_bytes()))
    (tmp_path / "x.warc.gz").write_bytes(body)
    with pytest.raises(Damaged, match=said):
        list(records(tmp_path / "x.warc.gz"))


def test_a_record_that_was_changed_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        archive.write(URL, 200, HEADERS, PAGE, NOW)
        archive.write("https://a.example/2", 200, HEADERS, PAGE + b"2", NOW)
    text = gzip.decompress(only_file(tmp_path).read_bytes()).replace(
        "멈췄다</body></html>\r".encode(), "멈춘다</body></html>\r".encode()
    )
    changed = tmp_path / "changed.warc"
    changed.write_bytes(text)
    found = [record for record in records(changed) if isinstance(record, Broken) or record.kind == "response"]
    assert [type(record) for record in found] == [Broken, Record]
    assert (found[0].outcome, found[0].url) == ("damaged_record", URL)  # type: ignore[union-attr]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    monkeypatch.setattr(warc, "LARGEST_PAYLOAD", 1000)
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[coding]
    with Archive(tmp_path) as archive, pytest.raises(TooLarge):
        archive.write(URL, 200, [("Content-Encoding", coding)], pack(b"0" * 100_000), NOW)
    assert list(tmp_path.iterdir()) == []


def test_codings_are_undone_and_stale_ones_are_seen_through() -> None:
    chunks = b"5\r\n" + PAGE[:5] + b"\r\n" + f"{len(PAGE) - 5:x};x=y\r\n".encode() + PAGE[5:] + b"\r\n0\r\n\r\n"
    assert plain([("Transfer-Encoding", "chunked")], chunks) == PAGE
    assert (
        plain([("Transfer-Encoding", "chunked")], chunks[:30])
        == PAGE[: len(plain([("Transfer-Encoding", "chunked")], chunks[:30]))]
    )
    assert plain([("content-encoding", "BR")], brotli.compress(PAGE)) == PAGE
    assert plain([("Content-Encoding", "deflate")], zlib.compress(PAGE)[2:-4]) == PAGE
    assert plain([("Content-Encoding", "gzip, br")], brotli.compress(gzip.compress(PAGE))) == PAGE
    for stale in (
        ("Transfer-Encoding", "chunked"),
        *(("Content-Encoding", name) for name in ("gzip", "br", "deflate")),
    ):
        assert plain([stale], PAGE) == PAGE
    with pytest.raises(zlib.error):
        plain([("Content-Encoding", "gzip")], PAGE, strict=True)


def test_files_roll_at_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "ROLL_AT", 1500)
    with Archive(tmp_path) as archive:
        made = [archive.write(f"https://a.example/{n}", 200, HEADERS, PAGE + b"%d" % n, NOW) for n in range(9)]
        assert 1 < len({snapshot.warc_file for snapshot in made}) < 9
        for snapshot in made:
            assert archive.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256).url == snapshot.url
    for path in tmp_path.iterdir():
        assert path.stat().st_size < 1500 + 600, "a file ends with the record that fills it"
        assert kinds(path)[0] == "warcinfo"


def test_a_disk_that_fills_up_in_the_middle_of_a_record_leaves_whole_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Narrow:
        """A file on a disk with room for so many bytes."""

        def __init__(self, stream, room: int) -> None:  # type: ignore[no-untyped-def]
            self.stream, self.room = stream, room

        def __getattr__(self, name: str) -> object:
            return getattr(self.stream, name)

        def write(self, data: bytes) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            self.room -= (done := self.stream.write(data[: self.room]))
            return done

    with Archive(tmp_path) as archive:
        archive.write(URL, 200, HEADERS, PAGE, NOW)
        archive._file = narrow = Narrow(archive._file, 100)  # type: ignore[assignment]
        with pytest.raises(OSError, match="No space"):
            archive.write("https://a.example/2", 200, HEADERS, PAGE + b"2", NOW)
        narrow.room = 10_000
        after = archive.write("https://a.example/3", 200, HEADERS, PAGE + b"3", NOW)
        assert archive.read(after.warc_file, after.warc_offset, after.payload_sha256).url == after.url
    found = [record for record in records(only_file(tmp_path)) if isinstance(record, Record)]
    assert [record.url[-1:] for record in found] == ["", "1", "3"]


def test_the_bytes_are_on_the_disk_before_a_snapshot_is_given_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(archive_module.os, "fsync", lambda handle: synced.append(handle))
    with Archive(tmp_path) as archive:
        archive.write(URL, 200, HEADERS, PAGE, NOW)
        assert len(synced) == 2, "the folder with the new file's name, and the record"
    synced.clear()
    with Archive(tmp_path / "b", sync_each=False) as archive:
        for n in range(3):
            archive.write(f"https://a.example/{n}", 200, HEADERS, PAGE + b"%d" % n, NOW)
        assert len(synced) == 1, "the folder; the caller syncs the records"
        archive.sync()
        assert len(synced) == 2
