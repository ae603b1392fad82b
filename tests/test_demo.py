"""The whole road, as a newcomer walks it: `yeoron demo` twice, then the exports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.archive import Archive
from data.store import Store

ROOT = Path(__file__).parent.parent
EVENT = "kakao-outage-2022"


def yeoron(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yeoron", "--home", str(home), *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=500, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    done = yeoron(made, "demo", "--no-dashboard")
    assert done.returncode == 0, done.stderr
    return made


def test_the_store_is_filled_and_says_that_it_is_invented(home: Path) -> None:
    with Store.read(home) as store:
        assert store.kind == "demo"
        overview = next(store.rows("SELECT * FROM overview WHERE event_id = ?", [EVENT]))
        assert overview["documents"] >= 140
        assert overview["voices"] < overview["documents"], "copies are one voice"
        assert overview["documents_without_date"] == 0
        assert overview["scored"] > 2000
        assert 0.2 < overview["complaint_share"] < 0.7
        platforms = {row["platform"] for row in store.rows("SELECT platform FROM collection")}
        assert platforms == {"tistory", "naver_blog", "naver_news", "daum_news", "ndsoft", "generic"}


def test_every_theme_and_most_targets_are_met(home: Path) -> None:
    with Store.read(home) as store:
        themes = {row["theme_id"] for row in store.rows("SELECT DISTINCT theme_id FROM theme_facts")}
        assert len(themes) == 12
        assert store.value("SELECT count(DISTINCT target_id) FROM target_facts") >= 16


def test_what_was_refused_is_there_to_see(home: Path) -> None:
    with Store.read(home) as store:
        found = {row["outcome"]: row["addresses"] for row in store.rows("SELECT outcome, addresses FROM refusals")}
        assert {"robots", "http_404", "noindex", "not_an_article"} <= set(found)
        aside = {row[0] for row in store.db.execute("SELECT reason FROM event_documents WHERE belongs = 0")}
        assert aside == {"off_topic"}
        assert store.value("SELECT count(*) FROM document_facts WHERE advertising = 1") >= 3


def test_every_sentence_stands_where_its_offsets_say(home: Path) -> None:
    with Store.read(home) as store:
        sql = (
            "SELECT count(*) FROM sentences s JOIN documents d ON d.id = s.document_id"
            ' WHERE substr(d.text, s.start + 1, s."end" - s.start) <> s.text'
        )
        assert store.value(sql) == 0


def test_a_quote_leads_to_the_bytes_that_prove_it(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "quotes.jsonl"
    done = yeoron(
        home, "quotes", EVENT, "--theme", "compensation", "--polarity", "negative", "--format", "jsonl", "-o", str(out)
    )
    assert done.returncode == 0, done.stderr
    quotes = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert quotes and all(quote["invented"] is True and quote["polarity"] == "negative" for quote in quotes)
    archive = Archive(home / "warc")
    for quote in quotes[:5]:
        capture = archive.read(quote["warc_file"], quote["warc_offset"], quote["snapshot_sha256"])
        assert len(capture.body) > 500


def test_a_second_demo_neither_fetches_a_page_nor_scores_a_sentence(home: Path) -> None:
    done = yeoron(home, "demo", "--no-dashboard")
    assert done.returncode == 0, done.stderr
    with Store.read(home) as store:
        runs = list(store.rows("SELECT verb, counts, outcome FROM runs ORDER BY id"))
    assert [run["verb"] for run in runs] == ["crawl", "annotate", "crawl", "annotate"]
    again = json.loads(runs[2]["counts"])
    assert again.get("pages_requested", 0) == 0 and again.get("documents", 0) == 0
    assert json.loads(runs[3]["counts"]).get("documents", 0) == 0


def test_real_pages_are_refused_by_the_demo_store(home: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("카톡 먹통\n데이터센터 화재로 카톡이 멈췄다.", encoding="utf-8")
    done = yeoron(home, "import", EVENT, str(note))
    assert done.returncode == 2
    assert "demo store" in done.stderr and "--home" in done.stderr


def test_without_a_named_home_the_demo_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse

    import yeoron as command_line

    monkeypatch.delenv("YEORON_HOME", raising=False)
    none_named = argparse.Namespace(home=None)
    assert command_line._demo_home(none_named) == ROOT / "data" / "local" / "demo"
    assert command_line._demo_home(argparse.Namespace(home=str(tmp_path))) == tmp_path
    assert os.environ.get("YEORON_HOME") is None


def test_the_dashboard_verb_serves_the_store_and_stops_when_told(home: Path) -> None:
    import socket
    import time
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "yeoron", "--home", str(home), "dashboard", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as served:
        try:
            for _ in range(120):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                        assert answer.status == 200
                    break
                except OSError:
                    time.sleep(0.5)
            else:
                pytest.fail("the dashboard did not answer within a minute")
        finally:
            served.terminate()
        served.wait(20)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nothing is left running"
