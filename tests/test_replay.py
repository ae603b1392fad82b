"""The archive read again: a mended reader mends history, and nothing that was read is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import yeoron
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.platforms import tistory
from data.records import KST
from data.store import Store
from data.warc import payload_digest
from tests.small_web import post
from tests.web_archives import http, record, write

EVENT = "kakao-outage-2022"
BLOG = "https://demo-a.tistory.com"
BODY = "토요일 오후부터 카톡이 먹통이었다.|판교 데이터센터에 불이 났다고 한다."
WHAT = "id, url, title, text, author, published_at, read_at, reader_sha256, snapshot_id"


def run(home: Path, *arguments: str) -> int:
    return yeoron.main(["--home", str(home), *arguments])


def give(home: Path, *paths: Path) -> int:
    return run(home, "import", EVENT, *map(str, paths))


def replay(home: Path) -> int:
    return run(home, "crawl", EVENT, "--replay")


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    with Store.read(home) as store:
        return list(store.rows(sql))


def documents(home: Path) -> list[dict[str, Any]]:
    return rows(home, f"SELECT {WHAT} FROM documents ORDER BY url")


def counts(home: Path) -> dict[str, int]:
    [row] = rows(home, "SELECT counts FROM runs ORDER BY id DESC LIMIT 1")
    found: dict[str, int] = json.loads(row["counts"])
    return {name: found[name] for name in sorted(found)}


def problems(home: Path) -> list[tuple[str, str, str]]:
    found = rows(home, "SELECT stage, outcome, url FROM problems ORDER BY id")
    return [(row["stage"], row["outcome"], row["url"]) for row in found]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A WARC with two posts."""
    pages = [record("response", f"{BLOG}/{n}", http(post(f"불이 난 날 {n}", BODY).encode())) for n in (1, 2)]
    return write(tmp_path / "given.warc.gz", *pages)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A Tistory reader that knows no layout; undone, it is the real one."""
    with pytest.MonkeyPatch.context() as patch:

        def fails(url: str, html: str, fetched_at: object = None) -> None:
            raise LayoutChanged("tistory", ("div.old",))

        patch.setattr(tistory, "extract", fails)
        yield patch


def test_a_page_that_a_broken_reader_refused_becomes_a_document_and_twice_is_once(
    tmp_path: Path, given: Path, broken: pytest.MonkeyPatch
) -> None:
    assert give(tmp_path, given) == 2
    assert documents(tmp_path) == []
    assert problems(tmp_path) == [("read", "layout_changed", f"{BLOG}/{n}") for n in (1, 2)]
    assert replay(tmp_path) == 0, "still refused is no news"
    assert counts(tmp_path) == {"read": 2, "refused": 2}
    broken.undo()
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"newly_readable": 2, "read": 2}
    mended = documents(tmp_path)
    assert [(row["url"], row["author"]) for row in mended] == [(f"{BLOG}/1", "가상인물"), (f"{BLOG}/2", "가상인물")]
    assert rows(tmp_path, "SELECT state, document_id FROM frontier") == [
        {"state": "done", "document_id": row["id"]} for row in mended
    ]
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "unchanged": 2}
    assert documents(tmp_path) == mended, "not one cell is written again"
    assert rows(tmp_path, "SELECT DISTINCT belongs, found_by FROM event_documents") == [
        {"belongs": 1, "found_by": "replay"}
    ]


def test_one_transaction_a_page(tmp_path: Path, given: Path, broken: pytest.MonkeyPatch) -> None:
    give(tmp_path, given)
    broken.undo()
    whole = Store.settle

    def fails_on_the_second(self: Store, event_id: str, url: str, *rest: Any) -> None:
        if url == f"{BLOG}/2":
            raise KeyboardInterrupt
        whole(self, event_id, url, *rest)

    broken.setattr(Store, "settle", fails_on_the_second)
    with pytest.raises(KeyboardInterrupt):
        replay(tmp_path)
    assert [row["url"] for row in documents(tmp_path)] == [f"{BLOG}/1"]
    assert rows(tmp_path, "SELECT url FROM addresses") == [{"url": f"{BLOG}/1"}], "nothing of the second is half there"
    broken.undo()
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"newly_readable": 1, "read": 2, "unchanged": 1}


def test_a_reader_that_finds_something_else_changes_the_document(
    tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tistory, "TITLES", ())
        patch.setattr(tistory, "WHOLE_LINES", tistory.re.compile("토요일.*"))
        give(tmp_path, given)
    before = documents(tmp_path)
    assert "토요일" not in before[0]["text"]
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"changed": 2, "read": 2}
    after = documents(tmp_path)
    assert after[0]["text"].startswith("토요일 오후부터")
    assert [row["snapshot_id"] for row in after] == [row["snapshot_id"] for row in before]


def test_another_reader_that_finds_the_same_is_noted_and_changes_nothing(tmp_path: Path, given: Path) -> None:
    give(tmp_path, given)
    with Store.open(tmp_path) as store:
        store.db.execute("UPDATE documents SET reader_sha256 = 'older'")
    before = rows(tmp_path, "SELECT attempts, updated_at FROM frontier")
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "unchanged": 2}
    assert "older" not in {row["reader_sha256"] for row in documents(tmp_path)}
    assert rows(tmp_path, "SELECT attempts, updated_at FROM frontier") == before, "nothing was asked for"


def test_what_todays_reader_refuses_stays_as_it_was_read_and_is_a_problem(
    tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(tmp_path, given)
    before = documents(tmp_path)
    whole = tistory.extract

    def refuses_the_first(url: str, html: str, fetched_at: datetime | None = None) -> Any:
        if url.endswith("/1"):
            raise NotAnArticle("a list after all")
        return whole(url, html, fetched_at)

    monkeypatch.setattr(tistory, "extract", refuses_the_first)
    assert replay(tmp_path) == 1
    assert counts(tmp_path) == {"problem_not_an_article": 1, "problems": 1, "read": 2, "refused": 1, "unchanged": 1}
    assert documents(tmp_path) == before
    assert problems(tmp_path) == [("replay", "not_an_article", f"{BLOG}/1")]


def test_every_kind_of_file_is_read_again_as_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.html").write_text(post("저장", BODY, more=f'<link rel="canonical" href="{BLOG}/5">'), encoding="utf-8")
    (folder / "b.txt").write_text("카톡 먹통 메모\n\n데이터센터 화재로 카톡이 멈췄다.\n", encoding="utf-8")
    line = {"url": f"{BLOG}/7", "title": "제목", "text": "카톡이 먹통. 화재라고.", "published_at": "2022-10-16"}
    (folder / "c.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    assert give(tmp_path, folder) == 0
    before = documents(tmp_path)
    assert len(before) == 3
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 3, "unchanged": 3}
    with Store.open(tmp_path) as store:
        store.db.execute("UPDATE documents SET title = '?', text = '?', text_sha256 = '?'")
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"changed": 3, "read": 3}
    assert [row["text"] for row in documents(tmp_path)] == [row["text"] for row in before]


def test_dates_count_from_when_the_bytes_arrived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[datetime | None] = []
    whole = tistory.extract
    monkeypatch.setattr(tistory, "extract", lambda url, html, at=None: seen.append(at) or whole(url, html, at))
    page = http(post("불이 난 날", BODY, published="3시간 전").encode())
    moment = "2022-10-16T00:05:00Z"
    give(tmp_path, write(tmp_path / "x.warc", record("response", f"{BLOG}/1", page, WARC_Date=moment)))
    replay(tmp_path)
    assert [at and at.astimezone(KST).isoformat() for at in seen] == ["2022-10-16T09:05:00+09:00"] * 2
    [found] = documents(tmp_path)
    assert found["published_at"] == "2022-10-16T06:05+09:00"


def test_lost_and_damaged_files_are_named_once_and_the_rest_is_read(tmp_path: Path, given: Path) -> None:
    give(tmp_path, given)
    more = [record("response", f"{BLOG}/{n}", http(post(f"다른 날 {n}", BODY).encode())) for n in (3, 4)]
    give(tmp_path, write(tmp_path / "more.warc.gz", *more))
    first, second = sorted((tmp_path / "warc").iterdir())
    body = second.read_bytes()
    [place] = rows(tmp_path, f"SELECT warc_offset FROM snapshots WHERE url = '{BLOG}/4'")
    torn = place["warc_offset"] + 200
    second.write_bytes(body[:torn] + b"\0" * 20 + body[torn + 20 :])
    first.unlink()
    before = documents(tmp_path)
    assert replay(tmp_path) == 1
    assert problems(tmp_path) == [
        ("replay", "missing_warc", str(first)),
        ("replay", "damaged_warc", f"{BLOG}/4"),
    ]
    assert counts(tmp_path)["read"] == counts(tmp_path)["unchanged"] == 1
    assert documents(tmp_path) == before
    assert "2 snapshots" in rows(tmp_path, "SELECT detail FROM problems")[0]["detail"]


def test_what_a_later_import_brought_is_not_undone(tmp_path: Path) -> None:
    newer, older = (post(title, BODY).encode() for title in ("고친 뒤", "고치기 전"))
    for name, body, moment in (("a.warc", newer, "2022-12-01T00:00:00Z"), ("b.warc", older, "2022-10-16T00:00:00Z")):
        give(tmp_path, write(tmp_path / name, record("response", f"{BLOG}/1", http(body), WARC_Date=moment)))
    assert [row["title"] for row in documents(tmp_path)] == ["고치기 전"]
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "superseded": 1, "unchanged": 1}
    assert [row["title"] for row in documents(tmp_path)] == ["고치기 전"]


def test_a_newer_version_that_was_refused_takes_over_once_it_can_be_read(
    tmp_path: Path, broken: pytest.MonkeyPatch
) -> None:
    fails = tistory.extract
    broken.undo()
    old, new = (post(title, BODY).encode() for title in ("처음", "고친 뒤"))
    give(tmp_path, write(tmp_path / "a.warc", record("response", f"{BLOG}/1", http(old))))
    broken.setattr(tistory, "extract", fails)
    later = record("response", f"{BLOG}/1", http(new), WARC_Date="2022-12-05T00:00:00Z")
    give(tmp_path, write(tmp_path / "b.warc", later))
    broken.undo()
    assert [row["title"] for row in documents(tmp_path)] == ["처음"]
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"changed": 1, "read": 2, "unchanged": 1}
    assert [row["title"] for row in documents(tmp_path)] == ["고친 뒤"]
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "superseded": 1, "unchanged": 1}


def test_a_document_that_moves_to_another_address_is_counted_once(
    tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tistory, "_POST", tistory.re.compile(r"(?:/m)?(?P<id>/\d+)"))
        give(tmp_path, given)
    assert documents(tmp_path)[0]["url"] == f"{BLOG}//1"
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"moved": 2, "newly_readable": 2, "read": 2}
    assert rows(tmp_path, "SELECT d.url, e.belongs, e.reason FROM event_documents e JOIN documents d ON d.id = e.document_id ORDER BY 1 LIMIT 2") == [
        {"url": f"{BLOG}//1", "belongs": 0, "reason": "moved"},
        {"url": f"{BLOG}//2", "belongs": 0, "reason": "moved"},
    ]  # fmt: skip
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "unchanged": 2}


def test_a_revisit_is_read_again_under_its_own_address(tmp_path: Path) -> None:
    body = post("불이 난 날", BODY).encode()
    given = [
        record("response", f"{BLOG}/1", http(body)),
        record("revisit", f"{BLOG}/2", http(b""), WARC_Payload_Digest=payload_digest(body)),
    ]
    give(tmp_path, write(tmp_path / "x.warc", *given))
    assert replay(tmp_path) == 0
    assert counts(tmp_path) == {"read": 2, "unchanged": 2}
    assert [row["url"] for row in documents(tmp_path)] == [f"{BLOG}/1", f"{BLOG}/2"]


def test_scrapy_is_not_needed(tmp_path: Path, given: Path) -> None:
    give(tmp_path, given)
    code = (
        "import sys, yeoron; sys.modules['scrapy'] = sys.modules['twisted'] = None;"
        f"sys.exit(yeoron.main(['--home', {str(tmp_path)!r}, 'crawl', {EVENT!r}, '--replay']))"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    assert "read 2, unchanged 2" in done.stderr


def test_it_reads_everything_or_says_so(tmp_path: Path, given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "crawl", EVENT, "--replay") == 2
    assert "no store" in capsys.readouterr().err
    give(tmp_path, given)
    for narrowed in (("--limit", "3"), ("--platform", "tistory"), ("--source", "feed")):
        assert run(tmp_path, "crawl", EVENT, "--replay", *narrowed) == 2
        assert "leave out --platform, --source and --limit" in capsys.readouterr().err
    assert rows(tmp_path, "SELECT verb FROM runs") == [{"verb": "import"}], "nothing was begun"
