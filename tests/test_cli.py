"""The command line: fixed verbs, exit codes, one line that names the cure, data on stdout and messages on stderr."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import yeoron
from tests.small_web import post

EVENT = "kakao-outage-2022"
VERBS = [
    "demo",
    "events",
    "crawl",
    "import",
    "annotate",
    "score",
    "evaluate",
    "canary",
    "extract",
    "quotes",
    "status",
    "dashboard",
]


def run(*args: object) -> int:
    return yeoron.main([str(arg) for arg in args])


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        with pytest.raises(SystemExit) as stop:
            run(verb, "--help")
        assert stop.value.code == 0
        assert len(capsys.readouterr().out.splitlines()) >= 4


def test_events_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("events") == 0
    assert capsys.readouterr().out.startswith(f"{EVENT}\t2022-10-15…2022-11-30\t카카오")


@pytest.mark.parametrize(
    ("args", "cure"),
    [
        (("import", "nope", "x.txt"), "known are kakao-outage-2022"),
        (("crawl", EVENT, "--platform", "myspace"), "known are"),
        (("status",), "yeoron demo"),
        (("dashboard",), "yeoron demo"),
        (("annotate", EVENT), "yeoron import"),
        (("quotes", EVENT), "yeoron demo"),
        (("quotes", EVENT, "--theme", "weather"), "known are outage"),
        (("extract", "--url", "https://a.example/1", "gone.html"), "cannot read gone.html"),
        (("score", EVENT, "gone.txt"), "gone.txt"),
        (("score", EVENT, "-", "--scorer", "crystal-ball"), "shipped"),
    ],
)
def test_a_refusal_is_one_line_with_the_cure(
    args: tuple[str, ...], cure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--home", tmp_path / "none", *args) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert said.err.startswith("yeoron: ") and cure in said.err


def test_extract_prints_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(post("카톡이 멈춘 날", "첫 문단이다.|둘째 문단이다."), encoding="utf-8")
    assert run("extract", "--url", "https://demo-a.tistory.com/m/5?category=3", page) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "platform",
        "kind",
        "url",
        "native_id",
        "title",
        "author",
        "outlet",
        "published_at",
        "date_source",
        "date_precision",
        "modified_at",
        "source_url",
        "text",
        "links",
        "date_evidence",
    ]
    assert (found["platform"], found["url"]) == ("tistory", "https://demo-a.tistory.com/5")
    assert (found["published_at"], found["date_precision"]) == ("2022-10-16T09:05+09:00", "minute")
    assert found["text"] == "첫 문단이다.\n둘째 문단이다."


def test_extract_names_the_outcome_of_a_page_without_an_article(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "list.html"
    page.write_text("<html><body><a href='/1'>1</a></body></html>")
    assert run("extract", "--url", "https://demo-a.tistory.com/", page) == 2
    said = capsys.readouterr()
    assert said.out == "" and "NotAnArticle" in said.err


def test_a_crawl_with_nowhere_to_go_does_not_look_like_calm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "yeoron", "--home", str(tmp_path), "crawl", EVENT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert ".urls" in done.stderr
    assert run("--home", tmp_path, "status", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["runs"][0]["outcome"] == "degraded"
    assert "nothing_to_visit" in {row["outcome"] for row in found["events"][0]["refusals"]}


def test_the_home_is_named_by_flag_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("카톡 먹통\n데이터센터 화재로 카톡이 멈췄다.", encoding="utf-8")
    monkeypatch.setenv("YEORON_HOME", str(tmp_path / "env"))
    assert run("import", EVENT, note) == 0
    assert (tmp_path / "env" / "yeoron.db").is_file()
    assert run("--home", tmp_path / "flag", "import", EVENT, note) == 0
    assert (tmp_path / "flag" / "yeoron.db").is_file()
    capsys.readouterr()
    assert run("status") == 0
    assert "문서 1" in capsys.readouterr().out
