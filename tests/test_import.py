"""Files given by hand: every kind goes in, every bad one is a recorded problem, and nothing stops the others."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest

import yeoron
from data.archive import Archive
from data.records import KST, content_id
from data.store import Store
from tests.small_web import post

EVENT = "kakao-outage-2022"
BODY = "토요일 오후부터 카톡이 먹통이었다.|판교 데이터센터에 불이 났다고 한다."
SHARED = os.environ.get("YEORON_SHARED")


def page(url: str = "https://demo-a.tistory.com/5") -> str:
    return post("불이 난 날", BODY, more=f'<link rel="canonical" href="{url}">')


def run(home: Path, *paths: Path) -> int:
    return yeoron.main(["--home", str(home), "import", EVENT, *map(str, paths)])


def problems(home: Path) -> list[tuple[str, str]]:
    with Store.read(home) as store:
        return [(row["outcome"], row["url"]) for row in store.rows("SELECT outcome, url FROM problems ORDER BY id")]


def documents(home: Path) -> list[dict]:  # type: ignore[type-arg]
    with Store.read(home) as store:
        return list(store.rows("SELECT * FROM documents ORDER BY url"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_a_saved_page(tmp_path: Path, folder: Path) -> None:
    path = folder / "page.html"
    path.write_text(page(), encoding="utf-8")
    assert run(tmp_path, path) == 0
    assert run(tmp_path, path) == 0
    [found] = documents(tmp_path)
    assert (found["url"], found["title"], found["author"]) == ("https://demo-a.tistory.com/5", "불이 난 날", "가상인물")
    assert found["published_at"] == "2022-10-16T09:05+09:00"


def test_plain_text_has_no_date_and_is_not_given_one(tmp_path: Path, folder: Path) -> None:
    path = folder / "note.txt"
    path.write_text("카톡 먹통 메모\n\n데이터센터 화재로 카톡이 멈췄다.\n", encoding="utf-8")
    assert run(tmp_path, path) == 0
    [found] = documents(tmp_path)
    assert (found["title"], found["published_at"], found["author"]) == ("카톡 먹통 메모", None, None)
    assert found["url"].startswith("urn:sha256:")


def test_addresses_are_queued_for_the_next_crawl(tmp_path: Path, folder: Path) -> None:
    path = folder / "list.urls"
    lines = ["# mine", "https://demo-a.tistory.com/m/7", "https://demo-a.tistory.com/7?category=1", "no address", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert run(tmp_path, path) == 1
    with Store.read(tmp_path) as store:
        assert [row["url"] for row in store.rows("SELECT url FROM frontier WHERE state = 'queued'")] == [
            "https://demo-a.tistory.com/7"
        ]
    assert problems(tmp_path) == [("bad_line", str(path))]


def test_json_lines_good_and_bad(tmp_path: Path, folder: Path) -> None:
    path = folder / "posts.jsonl"
    good = {
        "url": "https://demo-b.tistory.com/1",
        "title": "제목",
        "text": "카톡이 먹통. 화재라고.",
        "published_at": "2022-10-16",
    }
    bad = [{**good, "url": ""}, {**good, "text": " "}, {"url": good["url"]}, {**good, "published_at": "A1면"}]
    lines = [json.dumps(row, ensure_ascii=False) for row in [good, *bad]] + ["{not json"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert run(tmp_path, path) == 1
    [found] = documents(tmp_path)
    assert (found["published_at"], found["date_precision"], found["date_source"]) == (
        "2022-10-16T00:00+09:00",
        "day",
        "import",
    )
    assert problems(tmp_path) == [("bad_line", str(path))] * 5


def test_a_json_text_keeps_its_lines_and_composes_its_letters(tmp_path: Path, folder: Path) -> None:
    path = folder / "posts.jsonl"
    text = unicodedata.normalize("NFD", "카톡이 먹통이다.") + "\n\n카\u200b카오는 말이 없다."
    row = {"url": "https://demo-b.tistory.com/1", "title": unicodedata.normalize("NFD", "제목"), "text": text}
    path.write_text(json.dumps(row), encoding="utf-8")
    assert run(tmp_path, path) == 0
    [found] = documents(tmp_path)
    assert (found["title"], found["text"]) == ("제목", "카톡이 먹통이다.\n\n카카오는 말이 없다.")


def test_a_warc_gives_the_documents_and_a_torn_one_what_stands_before_the_tear(tmp_path: Path, folder: Path) -> None:
    from datetime import datetime

    html = [("Content-Type", "text/html; charset=utf-8")]
    with Archive(folder) as archive:
        for n in (1, 2):
            url = f"https://demo-a.tistory.com/{n}"
            last = archive.write(url, 200, html, page(url).encode(), datetime(2023, 1, 1, tzinfo=KST))
        archive.write(
            "https://demo-a.tistory.com/a.css", 200, [("Content-Type", "text/css")], b"a{}", datetime.now(KST)
        )
    path = folder / last.warc_file
    assert run(tmp_path / "whole", path) == 0
    assert [row["url"][-1] for row in documents(tmp_path / "whole")] == ["1", "2"]
    with Store.read(tmp_path / "whole") as store:
        assert store.value("SELECT fetched_at FROM snapshots LIMIT 1") == "2023-01-01T00:00+09:00"
    torn = folder / "torn.warc.gz"
    torn.write_bytes(path.read_bytes()[: last.warc_offset + 150])
    assert run(tmp_path / "torn", torn) == 1
    assert [row["url"][-1] for row in documents(tmp_path / "torn")] == ["1"]
    assert problems(tmp_path / "torn") == [("damaged_warc", str(torn))]


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(tmp_path: Path, folder: Path) -> None:
    good, empty, large, odd = (folder / name for name in ("good.html", "empty.html", "large.html", "report.pdf"))
    good.write_text(page(), encoding="utf-8")
    empty.touch()
    odd.write_bytes(b"%PDF")
    with large.open("wb") as stream:
        stream.truncate(40_000_000)
    listing, english = folder / "list.html", folder / "english.html"
    listing.write_text(
        '<html><head><link rel="canonical" href="https://demo-a.tistory.com/category"></head><body></body></html>'
    )
    english.write_text(
        post("English", "The KakaoTalk servers burnt.", more='<link rel="canonical" href="https://e.example/1">')
    )
    code = run(tmp_path, folder / "gone.html", empty, large, odd, listing, english, good)
    assert code == 1
    names = [name for name, _ in problems(tmp_path)]
    assert names == ["no_file", "empty_file", "too_large", "unknown_kind", "not_an_article", "not_korean"]
    assert [row["url"] for row in documents(tmp_path)] == ["https://demo-a.tistory.com/5", "https://e.example/1"]


def test_a_folder_gives_all_it_holds_in_the_order_of_names(tmp_path: Path, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "b.html").write_text(page("https://demo-a.tistory.com/2"), encoding="utf-8")
    (folder / "a.html").write_text(page("https://demo-a.tistory.com/1"), encoding="utf-8")
    (folder / "sub" / "c.HTM").write_text(page("https://demo-a.tistory.com/3"), encoding="utf-8")
    (folder / "picture.jpg").write_bytes(b"\xff\xd8")
    assert run(tmp_path, folder) == 0
    with Store.read(tmp_path) as store:
        found = store.rows("SELECT native_id FROM documents ORDER BY rowid")
        assert [row["native_id"] for row in found] == ["demo-a/1", "demo-a/2", "demo-a/3"]
        assert json.loads(store.value("SELECT counts FROM runs"))["files_skipped"] == 1
    (tmp_path / "none").mkdir()
    assert run(tmp_path, tmp_path / "none") == 2
    assert problems(tmp_path) == [("empty_folder", str(tmp_path / "none"))]


def test_a_saved_page_is_decoded_and_parsed_once(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawler import extract, importers

    times: list[str] = []
    decode, parser = importers.decode, extract.LexborHTMLParser
    monkeypatch.setattr(importers, "decode", lambda body: times.append("decode") or decode(body))
    monkeypatch.setattr(extract, "LexborHTMLParser", lambda html: times.append("parse") or parser(html))
    (folder / "a.html").write_text(page("https://demo-a.tistory.com/41"), encoding="utf-8")
    assert run(tmp_path, folder / "a.html") == 0
    assert times == ["decode", "parse"]


def test_a_file_given_twice_is_archived_once(tmp_path: Path, folder: Path) -> None:
    (folder / "a.html").write_text(page("https://demo-a.tistory.com/1"), encoding="utf-8")
    assert run(tmp_path, folder) == run(tmp_path, folder) == 0
    assert len(list((tmp_path / "warc").iterdir())) == 1


def test_nothing_usable_at_all_is_a_failure(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, folder / "gone.html") == 2
    assert "there is no file" in capsys.readouterr().err


def test_a_page_without_an_address_says_how_to_give_one(tmp_path: Path, folder: Path) -> None:
    path = folder / "page.html"
    path.write_text(post("제목", BODY), encoding="utf-8")
    assert run(tmp_path, path) == 2
    with Store.read(tmp_path) as store:
        assert ".jsonl" in store.value("SELECT detail FROM problems")


def test_a_full_disk_loses_nothing(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    import errno

    first, second = folder / "1.html", folder / "2.html"
    first.write_text(page("https://demo-a.tistory.com/1"), encoding="utf-8")
    second.write_text(page("https://demo-a.tistory.com/2"), encoding="utf-8")
    assert run(tmp_path, first) == 0

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Archive, "_append", full)
    assert run(tmp_path, second) == 2
    assert "is full: free some space" in capsys.readouterr().err
    monkeypatch.undo()
    assert [row["url"] for row in documents(tmp_path)] == ["https://demo-a.tistory.com/1"]
    with Store.read(tmp_path) as store:
        assert store.value("SELECT outcome FROM runs ORDER BY id DESC LIMIT 1") == "failed"
    assert run(tmp_path, second) == 0
    assert len(documents(tmp_path)) == 2


@pytest.mark.skipif(not SHARED, reason="YEORON_SHARED is not set")
def test_the_post_the_project_began_with(tmp_path: Path) -> None:
    assert run(tmp_path, Path(SHARED or "") / "seeds" / "000_bd951076b6ad057c.txt") == 0
    [found] = documents(tmp_path)
    assert (content_id(found["title"]), content_id(found["author"])) == ("158078fabf05ea7e", "e419d704285f19a5")
    assert found["published_at"] == "2022-10-17T02:10+09:00"
    for noise in ("728x90", "반응형", "관련글", "정치시사", "v.daum.net", "블랙아웃", "천불", "물타기"):
        assert noise not in found["text"]
    with Store.read(tmp_path) as store:
        assert [row["url"] for row in store.rows("SELECT url FROM links ORDER BY position")] == [
            "https://v.daum.net/v/20221017000610318",
            "https://v.daum.net/v/20221016214840037",
        ]
