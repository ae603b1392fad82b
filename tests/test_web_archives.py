"""Web archives of others: their records are kept as they were, read as a crawl reads pages, and nothing in them stops the rest."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import brotli
import pytest

import yeoron
from data import warc
from data.archive import Archive
from data.demo.web import Web
from data.records import Lead
from data.store import Store
from data.warc import Record, payload_digest, records
from tests.small_web import SmallWeb, post
from tests.web_archives import DATE, common_crawl, http, record, wacz, wget, write

EVENT = "kakao-outage-2022"
BLOG = "https://demo-a.tistory.com"
BODY = "토요일 오후부터 카톡이 먹통이었다.|판교 데이터센터에 불이 났다고 한다."
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(number: int, more: str = "") -> bytes:
    return post(f"불이 난 날 {number}", BODY, more=more).encode()


def response(number: int, block: bytes | None = None, **more: str) -> bytes:
    return record("response", f"{BLOG}/{number}", block or http(page(number)), **more)


def run(home: Path, *paths: Path) -> int:
    return yeoron.main(["--home", str(home), "import", EVENT, *map(str, paths)])


def documents(home: Path) -> list[str]:
    with Store.read(home) as store:
        return [row["native_id"] for row in store.rows("SELECT native_id FROM documents ORDER BY native_id")]


def problems(home: Path) -> list[tuple[str, str]]:
    with Store.read(home) as store:
        return [(row["outcome"], row["url"]) for row in store.rows("SELECT outcome, url FROM problems ORDER BY id")]


def counts(home: Path) -> dict[str, int]:
    with Store.read(home) as store:
        found: dict[str, int] = json.loads(store.value("SELECT counts FROM runs ORDER BY id DESC LIMIT 1"))
        return found


def archived(home: Path) -> list[Record]:
    found = [one for path in sorted((home / "warc").iterdir()) for one in records(path)]
    return [one for one in found if isinstance(one, Record) and one.kind != "warcinfo"]


def test_a_foreign_record_is_kept_as_it_was_and_says_where_it_came_from(tmp_path: Path) -> None:
    headers = (HTML, ("Server", "nginx"), ("X-Odd", "  두 칸 "), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    block = http(page(1), headers, "200 Fine By Me")
    own = {"WARC_IP_Address": "192.0.2.7", "WARC_Date": "2022-10-16T09:00:00.123456Z"}
    path = write(tmp_path / "theirs.warc.gz", response(1, block, **own))
    assert run(tmp_path / "home", path) == 0
    [kept] = archived(tmp_path / "home")
    assert kept.block == block
    assert kept.header("WARC-IP-Address") == "192.0.2.7"
    assert kept.header("WARC-Date") == "2022-10-16T09:00:00.123456Z"
    assert kept.header("Yeoron-Imported-From") == "theirs.warc.gz"
    with Store.read(tmp_path / "home") as store:
        [snapshot] = store.rows("SELECT * FROM snapshots")
        assert snapshot["fetched_at"] == "2022-10-16T18:00+09:00"
        capture = Archive(store.home / "warc").read(
            snapshot["warc_file"], snapshot["warc_offset"], snapshot["payload_sha256"]
        )
    assert capture.body == page(1)


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.warc.gz",
        response(1),
        record("revisit", f"{BLOG}/1", b"", WARC_Payload_Digest=payload_digest(page(1))),
    )
    home = tmp_path / "home"
    assert run(home, path) == run(home, path) == 0
    assert [one.kind for one in archived(home)] == ["response", "revisit"]
    assert counts(home)["documents_unchanged"] == 1
    for lost in (home / "warc").iterdir():
        lost.write_bytes(b"")
    assert run(home, path) == 0
    with Store.read(home) as store:
        [row] = store.rows("SELECT warc_file, warc_offset, payload_sha256 FROM snapshots")
        assert Archive(home / "warc").read(**row).body == page(1), "importing again brings lost bytes back"


def test_what_wget_writes_around_its_records(tmp_path: Path) -> None:
    """Version 1.21 puts addresses in angle brackets and adds records about itself."""
    path = write(
        tmp_path / "old.warc",
        record("warcinfo", "", b"software: Wget/1.21.3 (linux-gnu)\r\n", Content_Type="application/warc-fields"),
        record("request", f"<{BLOG}/1>", b"GET /1 HTTP/1.1\r\n\r\n", Content_Type="application/http;msgtype=request"),
        record("response", f"<{BLOG}/1>", http(page(1))),
        record("metadata", "<metadata://gnu.org/software/wget/warc/MANIFEST.txt>", b"<urn:uuid:0>\n", Content_Type="text/plain"),
        record("resource", "<metadata://gnu.org/software/wget/warc/wget_arguments.txt>", b"-O -", Content_Type="text/plain"),
        record("resource", "<metadata://gnu.org/software/wget/warc/wget.log>", b"", Content_Type="text/plain"),
    )  # fmt: skip
    assert run(tmp_path / "home", path) == 0
    assert documents(tmp_path / "home") == ["demo-a/1"]
    assert counts(tmp_path / "home")["records_skipped"] == 5


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ((HTML, ("Transfer-Encoding", "chunked")), lambda body: b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
        ((HTML, ("Content-Encoding", "gzip")), gzip.compress),
        ((HTML, ("Content-Encoding", "br")), brotli.compress),
        ((HTML, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")), lambda body: body),
        ((HTML, ("X-Crawl-Content-Encoding", "br")), lambda body: body),
        ((("Server", "x"),), lambda body: body),
    ],
    ids=["chunked", "gzip", "br", "stale", "renamed", "no-type"],
)
def test_codings_of_others(tmp_path: Path, headers, sent) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path / "x.warc.gz", response(1, http(sent(page(1)), headers)))
    assert run(tmp_path / "home", path) == 0
    assert documents(tmp_path / "home") == ["demo-a/1"]


def test_a_page_that_its_crawler_cut_is_stored_and_marked(tmp_path: Path) -> None:
    path = write(tmp_path / "cc.warc.gz", response(1, http(page(1)[:-20]), WARC_Truncated="length"))
    assert run(tmp_path / "home", path) == 1
    assert documents(tmp_path / "home") == ["demo-a/1"]
    assert problems(tmp_path / "home") == [("truncated", f"{BLOG}/1")]


def test_a_record_that_is_no_good_is_named_and_the_rest_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "LARGEST_PAYLOAD", 50_000)
    monkeypatch.setattr(warc, "_LARGEST_EXTRA", 10_000)
    path = write(
        tmp_path / "x.warc.gz",
        response(1, WARC_Date="yesterday"),
        response(2, http(page(2), line="OK OK")),
        response(3, http(gzip.compress(b" " * 60_000), (HTML, ("Content-Encoding", "gzip")))),
        response(4, http(b" " * 90_000)),
        response(5, WARC_Block_Digest=payload_digest(b"other bytes")),
        response(6, WARC_Payload_Digest="md5:" + "0" * 32),
        response(7, WARC_Payload_Digest="newhash:abc", WARC_Block_Digest=payload_digest(http(page(7)))),
    )
    assert run(tmp_path / "home", path) == 1
    assert documents(tmp_path / "home") == ["demo-a/7"]
    named = ["bad_record", "bad_record", "too_large", "too_large", "damaged_record", "damaged_record"]
    assert problems(tmp_path / "home") == [(name, f"{BLOG}/{n}") for n, name in enumerate(named, 1)]


def test_revisits_get_their_body_from_the_file_or_are_named(tmp_path: Path) -> None:
    there = {"WARC_Refers_To_Target_URI": f"{BLOG}/1", "WARC_Refers_To_Date": DATE}
    by_digest = {"WARC_Payload_Digest": payload_digest(page(1))}
    gone = {"WARC_Refers_To_Target_URI": f"{BLOG}/9", "WARC_Refers_To_Date": DATE, "WARC_Payload_Digest": "sha1:AAAA"}
    path = write(
        tmp_path / "x.warc.gz",
        record("revisit", f"{BLOG}/2", http(b""), **there),  # before its original
        response(1),
        record("revisit", f"{BLOG}/1", http(b""), **there, WARC_Date="2022-12-30T01:02:03Z"),
        record("revisit", f"{BLOG}/3", http(b""), **by_digest, WARC_Date="2022-12-30T01:02:03Z"),
        record("revisit", f"{BLOG}/4", http(b""), **gone),
    )
    home = tmp_path / "home"
    assert run(home, path) == 1
    assert documents(home) == ["demo-a/1", "demo-a/2", "demo-a/3"]
    assert problems(home) == [("revisit_without_original", f"{BLOG}/4")]
    assert counts(home)["revisits"] == 3
    with Store.read(home) as store:
        rows = {row["url"][-1]: row for row in store.rows("SELECT url, fetched_at, warc_offset FROM snapshots")}
    assert rows["3"]["fetched_at"] == "2022-12-30T10:02:03+09:00"
    assert len({row["warc_offset"] for row in rows.values()}) == 1, "all point to the one record with the bytes"


def test_a_page_that_asks_not_to_be_indexed_is_kept_as_bytes_and_not_as_words(tmp_path: Path) -> None:
    path = write(tmp_path / "x.warc.gz", response(1, http(page(1, '<meta name="robots" content="noindex">'))))
    assert run(tmp_path / "home", path) == 2
    assert documents(tmp_path / "home") == []
    assert problems(tmp_path / "home") == [("noindex", f"{BLOG}/1")]
    with Store.read(tmp_path / "home") as store:
        assert store.value("SELECT count(*) FROM snapshots") == 1


def test_arc_files_of_before_2009_are_read(tmp_path: Path) -> None:
    block = http(page(1))
    version = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    text = b"filedesc://x.arc 0.0.0.0 20221016000000 text/plain %d\n%b\n" % (len(version), version)
    text += f"{BLOG}/1 192.0.2.1 20221016010203 text/html {len(block)}\n".encode() + block + b"\n"
    (tmp_path / "x.arc").write_bytes(text)
    assert run(tmp_path / "home", tmp_path / "x.arc") == 0
    assert documents(tmp_path / "home") == ["demo-a/1"]
    [kept] = archived(tmp_path / "home")
    assert (kept.header("WARC-Date"), kept.block) == ("2022-10-16T01:02:03Z", block)


# ── WACZ ─────────────────────────────────────────────────────────────────────
def packed(*found: bytes) -> bytes:
    return b"".join(map(gzip.compress, found))


def test_a_wacz_gives_the_pages_of_all_its_files(tmp_path: Path) -> None:
    revisit = record("revisit", f"{BLOG}/2", http(b""), WARC_Payload_Digest=payload_digest(page(1)))
    files = {
        "archive/b.warc.gz": packed(response(1), response(3)), "archive/a.warc.gz": packed(revisit),
        "pages/pages.jsonl": b'{"format": "json-pages-1.0"}\n', "indexes/index.cdx.gz": b"x",
    }  # fmt: skip
    path = wacz(tmp_path / "x.wacz", files)
    assert run(tmp_path / "home", path) == 0
    assert documents(tmp_path / "home") == ["demo-a/1", "demo-a/2", "demo-a/3"], (
        "a revisit finds its body in the other file"
    )
    assert archived(tmp_path / "home")[0].header("Yeoron-Imported-From") == "x.wacz/archive/b.warc.gz"
    assert sorted(entry.name for entry in (tmp_path / "home").iterdir() if entry.is_dir()) == ["warc"]


def test_a_wacz_whose_parts_were_changed_says_which(tmp_path: Path) -> None:
    one, two, pages = packed(response(1)), packed(response(2)), b"{}\n"
    told = {"archive/1.warc.gz": one, "archive/2.warc.gz": one, "archive/3.warc.gz": one, "pages/pages.jsonl": b"[]"}
    files = {"archive/1.warc.gz": one, "archive/2.warc.gz": two, "archive/4.warc.gz": two, "pages/pages.jsonl": pages}
    path = wacz(tmp_path / "x.wacz", files, told)
    assert run(tmp_path / "home", path) == 1
    assert documents(tmp_path / "home") == ["demo-a/1"]
    with Store.read(tmp_path / "home") as store:
        said = [row["detail"] for row in store.rows("SELECT detail FROM problems ORDER BY id")]
    assert [line.split(": ")[1] for line in said] == [
        "archive/2.warc.gz", "archive/3.warc.gz", "pages/pages.jsonl", "archive/4.warc.gz",
    ]  # fmt: skip
    assert ["has changed" in line for line in said] == [True, False, True, False]


@pytest.mark.parametrize("name", ["../../escape.warc.gz", "/etc/escape.warc.gz", "archive\\..\\escape.warc.gz"])
def test_a_wacz_that_reaches_outside_is_refused_whole(tmp_path: Path, name: str) -> None:
    path = wacz(tmp_path / "x.wacz", {"archive/1.warc.gz": packed(response(1)), name: b"x"})
    assert run(tmp_path / "home", path) == 2
    assert problems(tmp_path / "home") == [("bad_wacz", str(path))]
    assert not list(tmp_path.rglob("escape*"))


def test_bombs_and_things_that_are_no_wacz_are_refused(tmp_path: Path) -> None:
    bomb = wacz(tmp_path / "bomb.wacz", {"archive/1.warc": b"\0" * 40_000_000})
    assert bomb.stat().st_size < 100_000
    plain, empty, forged = tmp_path / "plain.wacz", tmp_path / "empty.wacz", tmp_path / "forged.wacz"
    plain.write_bytes(b"no zip")
    with zipfile.ZipFile(empty, "w") as package:
        package.writestr("archive/1.warc.gz", packed(response(1)))
    with zipfile.ZipFile(forged, "w") as package:
        package.writestr("datapackage.json", "{}")
        package.writestr("datapackage-digest.json", '{"hash": "sha256:00"}')
    assert run(tmp_path / "home", bomb, plain, empty, forged) == 2
    assert problems(tmp_path / "home") == [("bad_wacz", str(path)) for path in (bomb, plain, empty, forged)]
    with Store.read(tmp_path / "home") as store:
        said = [row["detail"] for row in store.rows("SELECT detail FROM problems ORDER BY id")]
    assert ["unfold" in said[0], "no zip" in said[1], "datapackage.json" in said[2], "changed" in said[3]] == [True] * 4


# ── the same pages, however they came ────────────────────────────────────────
WHAT = "id, url, title, author, outlet, published_at, date_source, date_precision, text_sha256, kind, platform"


def held(home: Path) -> list[dict[str, object]]:
    with Store.read(home) as store:
        return list(store.rows(f"SELECT {WHAT} FROM documents ORDER BY id"))


@pytest.fixture(scope="module")
def web() -> Web:
    return Web.load()


@pytest.fixture(scope="module")
def asked(web: Web) -> dict[str, str]:
    """A page of each host, and what to ask for to get it."""
    from crawler.reading import fetch_url

    by_host: dict[str, list[str]] = {}
    for one in web.pages:
        by_host.setdefault(one.host, []).append(one.url)
    return {url: fetch_url(url) for urls in by_host.values() for url in urls[:1]}


@pytest.fixture(scope="module")
def crawled(web: Web, asked: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    from crawler.reading import lead
    from data import events

    home = tmp_path_factory.mktemp("crawled")
    event = events.load(EVENT)
    with Store.open(home, "demo") as store:
        store.save_event(event)
        store.add_leads(event.id, [found for url in asked if isinstance(found := lead(url, "urls"), Lead)])
    small = SmallWeb()
    for url in asked.values():
        answer = web.answer(url)
        small.add(url, answer.body, answer.status, **dict(answer.headers) | {"Content-Type": answer.content_type})
    small.crawl(home)
    found = held(home)
    assert len(found) > 20 and {row["platform"] for row in found} >= {
        "tistory",
        "naver_blog",
        "naver_news",
        "daum_news",
    }
    return found


@pytest.mark.skipif(not shutil.which("wget"), reason="wget is not installed")
@pytest.mark.parametrize("flags", [(), ("--no-warc-compression", "--compression=gzip")], ids=["gz", "plain"])
def test_wget_and_the_crawl_see_the_same(  # type: ignore[no-untyped-def]
    web: Web, asked: dict[str, str], crawled, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    path = wget(web, asked.values(), tmp_path / "wget", *flags)
    assert run(tmp_path / "home", path) in (0, 1)
    assert held(tmp_path / "home") == crawled


def test_common_crawl_and_the_crawl_see_the_same(web: Web, asked: dict[str, str], crawled, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = common_crawl(tmp_path / "cc.warc.gz", {url: web.answer(url) for url in asked.values()})
    assert run(tmp_path / "home", path) in (0, 1)
    assert held(tmp_path / "home") == crawled
