"""The archive: bytes in, the same bytes out; torn and changed files are noticed."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from data import archive as archive_module
from data.archive import Archive, Damaged, TooLarge, captures
from data.records import KST

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=KST)
PAGE = "<html><body>카톡이 멈췄다</body></html>".encode()
HEADERS = [("Content-Type", "text/html; charset=utf-8")]


def test_a_response_reads_back_as_it_was(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        coded = [*HEADERS, ("Content-Encoding", "gzip")]
        snapshot = archive.write(
            "https://a.example/1", 200, coded, gzip.compress(PAGE), NOW, [("User-Agent", "yeoron")]
        )
        capture = archive.read(snapshot.warc_file, snapshot.warc_offset, snapshot.payload_sha256)
    assert (capture.body, capture.status, capture.content_type) == (PAGE, 200, "text/html; charset=utf-8")
    assert capture.fetched_at == NOW
    assert snapshot.payload_bytes == len(PAGE)
    with (tmp_path / snapshot.warc_file).open("rb") as stream:
        assert [record.rec_type for record in ArchiveIterator(stream)] == ["warcinfo", "response", "request"]


def test_the_same_bytes_twice_are_one_snapshot(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = archive.write("https://a.example/1", 200, HEADERS, PAGE, NOW)
        second = archive.write("https://a.example/1", 200, HEADERS, PAGE, NOW)
    assert first.id == second.id
    assert first.warc_offset != second.warc_offset


def test_one_changed_byte_is_damage(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        snapshot = archive.write_file("urn:sha256:00", "text/plain", PAGE, NOW)
        with pytest.raises(Damaged, match="changed"):
            archive.read(snapshot.warc_file, snapshot.warc_offset, "0" * 64)
        with pytest.raises(Damaged, match="no record"):
            archive.read("gone.warc.gz", 0, snapshot.payload_sha256)


@pytest.mark.parametrize("cut", [20, 200])
def test_a_torn_file_gives_what_stands_before_the_tear_and_then_says_so(tmp_path: Path, cut: int) -> None:
    with Archive(tmp_path) as archive:
        archive.write("https://a.example/1", 200, HEADERS, PAGE, NOW)
        snapshot = archive.write("https://a.example/2", 200, HEADERS, PAGE * 50, NOW)
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes((tmp_path / snapshot.warc_file).read_bytes()[:-cut])
    found = []
    with pytest.raises(Damaged):
        for capture in captures(torn):
            found.append(capture)
    assert found[0].body == PAGE
    assert all(capture.body in (PAGE, PAGE * 50) for capture in found)


def test_no_warc_at_all(tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"this is not a WARC file")
    with pytest.raises(Damaged):
        list(captures(tmp_path / "x.warc.gz"))


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGEST_PAYLOAD", 1000)
    with Archive(tmp_path) as archive, pytest.raises(TooLarge):
        archive.write("https://a.example/1", 200, [("Content-Encoding", "gzip")], gzip.compress(b"0" * 100_000), NOW)
    assert list(tmp_path.iterdir()) == []


def test_files_roll_at_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "ROLL_AT", 300)
    with Archive(tmp_path) as archive:
        names = {archive.write(f"https://a.example/{n}", 200, HEADERS, PAGE, NOW).warc_file for n in range(3)}
    assert len(names) > 1
