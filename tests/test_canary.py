"""Canaries: a known page of each platform says whether its reader still holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import yeoron
from crawler import platforms
from crawler.canary import FILE, Answer, BadCanary, Canary, load
from data.demo.server import serve
from data.demo.web import Web
from data.records import content_id
from data.store import Store
from tests.small_web import SmallWeb, post

TISTORY, GONE, SHUT = "https://a.tistory.com/1", "https://b.tistory.com/1", "https://c.tistory.com/1"
ASK = """
import json, sys
from pathlib import Path
from crawler.canary import Canary, ask
from data.store import Store
home, server, canaries = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
with Store.open(home) as store:
    answers = ask(store, tuple(Canary(**entry) for entry in canaries), demo_server=server)
print(json.dumps([[answer.outcome, answer.detail] for answer in answers]))
"""


def asked(home: Path, server: str, *canaries: dict[str, object]) -> list[tuple[str, str]]:
    """Outcome and detail of each canary, asked for in a process of its own."""
    command = [sys.executable, "-c", ASK, str(home), server, json.dumps(canaries)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    return [(outcome, detail) for outcome, detail in json.loads(done.stdout)]


def known(url: str, **more: object) -> dict[str, object]:
    return {"platform": "tistory", "url": url, "letters": 20, "title": content_id("먹통 일기"), "author": True} | more


def test_a_page_that_is_read_as_it_was_holds_and_every_other_says_why(tmp_path: Path) -> None:
    web = SmallWeb()
    text = "데이터센터에 불이 나서 메신저가 하루 종일 멈췄다.|가게 주문을 받지 못했다."
    changed, other = "https://d.tistory.com/1", "https://e.tistory.com/1"
    web.add(TISTORY, post("먹통 일기", text))
    web.add(SHUT, post("먹통 일기", text))
    web.add("https://c.tistory.com/robots.txt", "User-agent: *\nDisallow: /\n", **{"Content-Type": "text/plain"})
    web.add(changed, post("먹통 일기", text).replace("tt_article_useless_p_margin", "new-body"))
    web.add(other, post("다른 글", "짧다.", "2022-10-20T09:00:00+09:00"))
    with web.serve() as server:
        day = "2022-10-16"
        answers = asked(
            tmp_path, server, *(known(url, date=day) for url in (TISTORY, GONE, SHUT, changed, other))
        )  # fmt: skip
    assert [outcome for outcome, _ in answers] == ["ok", "unreachable", "robots", "layout_changed", "layout_changed"]
    assert answers[1][1].startswith("http_404") and "tried div.tt_article_useless_p_margin" in answers[3][1]
    assert answers[4][1] == "another title; dated 2022-10-20, not 2022-10-16; 3 letters, not 20"
    with Store.read(tmp_path) as store:
        for table in ("documents", "snapshots", "frontier", "events"):
            assert store.value(f"SELECT count(*) FROM {table}") == 0, f"{table}: nothing of a canary is kept"
    assert not (tmp_path / "warc").exists()


def test_the_demo_webs_pages_are_read_by_every_reader_that_meets_them(tmp_path: Path) -> None:
    web = Web.load()
    canaries = {}
    for page in web.pages:
        address = platforms.recognise(page.url)
        if address and not page.broken and not page.noindex and "geumji" not in page.url:
            canaries.setdefault(
                address.platform,
                {"platform": address.platform, "url": page.url, "letters": 50, "title": content_id(page.title),
                 "author": True, "date": page.published.date().isoformat()},
            )  # fmt: skip
    assert {"tistory", "naver_blog", "naver_news", "daum_news", "generic"} <= set(canaries)
    with serve(web) as server:
        assert asked(tmp_path, server, *canaries.values()) == [("ok", "")] * len(canaries)


# ── the verb ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("outcomes", "code", "outcome"),
    [
        (["ok", "ok"], 0, "ok"),
        (["ok", "robots"], 1, "degraded"),
        (["layout_changed", "unreachable"], 1, "degraded"),
        (["unreachable", "robots"], 2, "degraded"),
    ],
)
def test_the_verb_tells_by_its_exit_code_and_keeps_the_run_and_its_problems(
    outcomes: list[str], code: int, outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    canaries = [Canary("tistory", f"https://a.tistory.com/{number}", 20) for number in range(len(outcomes))]
    answers = [Answer(canary, name, "why") for canary, name in zip(canaries, outcomes, strict=True)]  # type: ignore[arg-type]
    monkeypatch.setattr("crawler.canary.ask", lambda *_: answers)
    assert yeoron.main(["--home", str(tmp_path), "canary"]) == code
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == outcomes
    with Store.read(tmp_path) as store:
        assert [(run["verb"], run["outcome"]) for run in store.rows("SELECT verb, outcome FROM runs")] == [
            ("canary", outcome)
        ]
        found = list(store.rows("SELECT outcome, url, platform, detail FROM problems ORDER BY id"))
        assert [row["outcome"] for row in found] == [name for name in outcomes if name != "ok"]
        assert all(row["platform"] == "tistory" and row["detail"] == "why" for row in found)


# ── the file ─────────────────────────────────────────────────────────────────
def test_the_canaries_are_addresses_of_the_platforms_they_stand_for() -> None:
    canaries = load()
    assert len(canaries) >= 15
    for canary in canaries:
        address = platforms.recognise(canary.url)
        assert address is not None and address.platform == canary.platform, canary.url
        assert canary.letters >= 100 and canary.date
    without = {platform.NAME for platform in platforms.platforms()} - {canary.platform for canary in canaries}
    assert without == {"mk"}, "no address of it is known to stand still"


@pytest.mark.parametrize(
    "wrong",
    [
        ('url = "https://ramen4598.tistory.com/384"', 'url = "https://ramen4598.tistory.com/"'),
        ('platform = "tistory"', 'platform = "myspace"'),
        ('platform = "naver_blog"', 'platform = "tistory"'),
    ],
    ids=["a list", "no platform", "twice"],
)
def test_a_wrong_canary_is_refused(wrong: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "canaries.toml"
    path.write_text(FILE.read_text(encoding="utf-8").replace(*wrong), encoding="utf-8")
    with pytest.raises(BadCanary):
        load(path)
