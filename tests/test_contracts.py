"""Contracts: a platform's pages are held to what they are expected to give, and a source that breaks them is grey."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import yeoron
from crawler import platforms
from crawler.contracts import DEFAULTS, LEAST_PAGES, SAMPLE, Breach, Expectation, Pages, check, expectation
from crawler.dates import day_in_url
from crawler.decode import decode
from crawler.outcomes import NotAnArticle
from data import events
from data.records import KST, Dated, Document, Lead, Problem, Snapshot, Verdict, hangul_share
from data.status import as_text, report
from data.store import Store
from tests.conftest import SavedPage
from tests.small_web import post
from tests.test_outlets import CASES as OUTLET_CASES

EVENT = events.load("kakao-outage-2022")
FETCHED = datetime(2022, 11, 1, 10, 0, tzinfo=KST)
FETCHED_LATE = datetime(2026, 9, 1, 10, 0, tzinfo=KST)
ENTERMEDIA = "http://www.entermedia.example/news/articleView.html?idxno=8459"  # that page was saved without its own
# The demo web crawled as `yeoron crawl` would; {} is code that may change what it serves.
CRAWL = """
import argparse, re, sys
from dataclasses import replace
from pathlib import Path
from crawler.crawl import crawl
from crawler.reading import lead
from data import events
from data.demo.server import serve
from data.demo.web import Web
from data.records import Lead
from data.store import Store
import yeoron
event, web = events.load("kakao-outage-2022"), Web.load()
{}
with Store.open(Path(sys.argv[1]), "demo") as store:
    store.save_event(event)
    leads = [lead(url, "urls") if role == "page" else Lead(url, "generic", "event", role=role) for url, role in web.watch()]
    store.add_leads(event.id, [found for found in leads if found])
    with serve(web) as server, yeoron._run(store, "crawl", event, argparse.Namespace()) as (run_id, counts):
        counts.update(crawl(event, store, run_id, tuple(sys.argv[2:]), demo_server=server))
"""
# One service gives every element another name, as a new version of its pages would.
RENAMED = r"""
def renamed(answer):
    body = re.sub(rb'(class|id)="[^"]*"', rb'\1="v2"', answer.body)
    return replace(answer, body=body.replace(b"<ins", b"<i"))
answers = {url: renamed(answer) if ".tistory.com/" in url and b"<html" in answer.body else answer for url, answer in web.answers.items()}
web = replace(web, answers=answers)
"""


COLLECTION = """
from pathlib import Path
from dashboard import queries
from dashboard.bar import Look
from dashboard.texts import Words
from dashboard.views import collection
from data.quotes import Filters
source = queries.source(Path("{home}"))
event = next(row for row in queries.rows(source, "SELECT * FROM events") if row["id"] == "{event}")
collection.render(Look(source, event, False, Filters(), Words("ko"), [], []))
"""


def crawled(home: Path, change: str = "", *chosen: str) -> str:
    command = [sys.executable, "-c", CRAWL.replace("{}", change), str(home), *chosen]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def grey(home: Path) -> list[tuple[str, str]]:
    with Store.read(home) as store:
        return [(row["platform"], row["measure"]) for row in store.rows("SELECT * FROM grey_sources ORDER BY measure")]


# ── the demo web ─────────────────────────────────────────────────────────────
def test_the_demo_web_keeps_every_contract(tmp_path: Path) -> None:
    assert "CONTRACT" not in crawled(tmp_path)
    assert grey(tmp_path) == []
    with Store.read(tmp_path) as store:
        held = {(row[0], row[1]): row[2] for row in store.db.execute("SELECT platform, measure, found FROM contracts")}
        assert {platform for platform, _ in held} >= {"tistory", "naver_blog", "daum_news", "generic"}
        assert held["tistory", "documents"] > 0.9 and held["naver_blog", "dated"] == 1.0
        assert store.value("SELECT count(*) FROM date_disagreements") == 0


def test_a_service_that_renames_its_elements_turns_grey_and_never_looks_like_calm(tmp_path: Path) -> None:
    told = crawled(tmp_path, RENAMED, "tistory", "daum_news")
    assert "CONTRACT BROKEN tistory: 0 of " in told and "pages became documents" in told
    assert grey(tmp_path) == [("tistory", "documents")]
    with Store.read(tmp_path) as store:
        assert store.value("SELECT outcome FROM runs") == "degraded"
        assert store.value("SELECT detail FROM problems WHERE outcome = 'contract'").startswith("0 of ")
        assert store.value("SELECT count(*) FROM documents WHERE platform = 'daum_news'") >= LEAST_PAGES
        shown = as_text(report(store))
    assert "!! 회색 tistory" in shown and "쪽 가운데 0쪽만 문서가 됨" in shown
    assert yeoron.main(["--home", str(tmp_path), "status"]) == 1


# ── one measure after the other ──────────────────────────────────────────────
Make = Callable[[int], Document]


def post_of(number: int, text: str = "", author: str | None = "가상인물", dated: bool = True) -> Document:
    at = datetime(2022, 10, 16, 9, number % 60, tzinfo=KST)
    text = text or f"{number}번째 글이다. 데이터센터에 불이 나서 메신저가 멈췄고 가게 주문을 받지 못했다. " * 3
    return Document(
        "tistory", "blog", f"https://a.tistory.com/{number}", f"a/{number}", "제목", text, author=author,
        published=Dated(at, "meta:article:published_time") if dated else None,
    )  # fmt: skip


def stored(store: Store, run_id: int, document: Document, content_type: str = "text/html") -> None:
    snapshot = Snapshot(document.url, FETCHED, 200, content_type, f"{run_id}{document.url}", 9, "a.warc.gz", 0)
    lead = Lead(document.url, document.platform, "urls")
    store.save_page(EVENT.id, run_id, snapshot, document, Verdict(True), lead, "reader")


def failed(store: Store, run_id: int, number: int, outcome: str = "layout_changed", url: str = "") -> None:
    url = url or f"https://b.tistory.com/{number}"
    store.problem(run_id, EVENT.id, Problem("read", outcome, "why", url, "tistory"))


def begun(store: Store) -> int:
    store.save_event(EVENT)
    return store.begin_run("crawl", EVENT.id, {}, {})


@pytest.mark.parametrize(
    ("make", "measure"),
    [
        (lambda n: post_of(n, f"{n}장 사진"), "letters"),
        (lambda n: post_of(n, f"{n} 메뉴 로그인 구독 " * 2_000), "letters"),
        (lambda n: post_of(n, dated=n % 2 == 0), "dated"),
        (lambda n: post_of(n, author=None), "signed"),
        (lambda n: post_of(n, "이 사이트는 쿠키를 사용합니다. 계속하려면 동의해 주세요. " * 4), "duplicates"),
        (lambda n: post_of(n, f"{n} This page could not be shown in your country. " * 4), "hangul"),
        (lambda n: post_of(n, f"{n}번 글자가 �졌다고 한다. 데이터센터에 불이 났다. " * 5), "lost"),
    ],
    ids=["captions", "menus", "undated", "unsigned", "consent page", "foreign", "lost letters"],
)
def test_pages_that_give_something_else_break_the_contract(make: Make, measure: str, tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        run_id = begun(store)
        for number in range(LEAST_PAGES):
            stored(store, run_id, make(number))
        assert [breach.measure for breach in check(store, EVENT.id, run_id)] == [measure]
        problem = next(store.rows("SELECT stage, outcome, platform, detail FROM problems"))
        assert (problem["stage"], problem["outcome"], problem["platform"]) == ("contract", "contract", "tistory")
        assert f"{measure} expected " in problem["detail"] and ", found " in problem["detail"]
    assert grey(tmp_path) == [("tistory", measure)]


def test_a_later_run_that_holds_ends_the_grey(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        run_id = begun(store)
        for number in range(LEAST_PAGES):
            failed(store, run_id, number)
        (breach,) = check(store, EVENT.id, run_id)
        assert breach == Breach("tistory", "documents", LEAST_PAGES, 0.0, 0.6, None)
        assert grey(tmp_path) == [("tistory", "documents")]
        later = begun(store)
        for number in range(LEAST_PAGES):
            stored(store, later, post_of(number))
        assert check(store, EVENT.id, later) == []
    assert grey(tmp_path) == []


def test_what_is_no_fault_of_the_reader_is_not_held_against_it(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        run_id = begun(store)
        for number in range(LEAST_PAGES):
            stored(store, run_id, post_of(number))
        for number in range(20):
            failed(store, run_id, number, "robots")
            failed(store, run_id, number, "http_404", f"https://c.tistory.com/{number}")
            failed(store, run_id, number, "not_an_article", f"https://d.tistory.com/?page={number}")
        assert check(store, EVENT.id, run_id) == []
        held = next(store.rows("SELECT pages, found FROM contracts WHERE measure = 'documents'"))
        assert (held["pages"], held["found"]) == (LEAST_PAGES, 1.0)


def test_too_few_pages_and_texts_given_by_hand_are_not_measured(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        run_id = begun(store)
        for number in range(LEAST_PAGES - 1):
            failed(store, run_id, number)
        for number in range(LEAST_PAGES):
            stored(store, run_id, post_of(number, dated=False), "application/json")
        assert check(store, EVENT.id, run_id) == []
        assert store.value("SELECT count(*) FROM contracts") == 0


def test_saved_pages_of_a_changed_layout_are_told_loudly_when_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(LEAST_PAGES):
        html = post("먹통 일기", f"{number}번 글").replace("tt_article_useless_p_margin contents_style", "v2")
        own = f'<link rel="canonical" href="https://a.tistory.com/{number}"></head>'
        (tmp_path / f"{number}.html").write_text(html.replace("</head>", own), encoding="utf-8")
    files = [str(path) for path in sorted(tmp_path.glob("*.html"))]
    assert yeoron.main(["--home", str(tmp_path / "home"), "import", EVENT.id, *files]) == 2
    assert "CONTRACT BROKEN tistory: 0 of 10 pages became documents" in capsys.readouterr().err
    assert grey(tmp_path / "home") == [("tistory", "documents")]


def test_the_collection_page_shows_a_grey_source_that_gave_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        run_id = begun(store)
        for number in range(40):
            failed(store, run_id, number)
        check(store, EVENT.id, run_id)
    page = AppTest.from_string(COLLECTION.format(home=str(tmp_path), event=EVENT.id), default_timeout=60).run()
    assert not page.exception
    assert "티스토리" in page.error[0].value and "조용하다고 읽지 마세요" in page.error[0].value
    shown = [element.proto.body for element in page.get("html")]
    assert any("문서가 된 쪽의 비율" in html and "0.00" in html and "≥ 0.6" in html and "40" in html for html in shown)
    assert any("티스토리 (회색)" in html for html in shown)


# ── what is declared ─────────────────────────────────────────────────────────
def test_every_platform_has_an_expectation_its_own_or_its_kinds() -> None:
    for platform in platforms.platforms():
        expected = expectation(platform.NAME)
        assert expected == getattr(platform, "EXPECTS", DEFAULTS[platform.KIND])
        assert 0 < expected.documents <= 1 and expected.letters[0] < expected.letters[1]
    assert expectation("nowhere") == Expectation()


@pytest.mark.parametrize("platform", platforms.platforms(), ids=lambda platform: platform.NAME)
def test_every_platform_declares_its_own_with_the_evidence_above_it(platform: platforms.Platform) -> None:
    source = Path(str(platform.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    told = re.search(r"((?:^# .+\n)+)^EXPECTS = Expectation\(", source, re.MULTILINE)
    assert told, "a comment right above EXPECTS says what was seen, or that nothing was"
    assert re.search(r"\d+ saved|page saved", told[1]), told[1]


def test_a_date_is_expected_of_every_page_where_the_address_has_the_day() -> None:
    """Then a page without one means that our own reader of addresses broke."""
    strict = {platform.NAME for platform in platforms.platforms() if expectation(platform.NAME).dated > 0.95}
    assert strict == {"yonhap", "chosun", "donga", "hankook", "hankyung", "zdnet", "mt"}
    for case in OUTLET_CASES:
        address = platforms.recognise(case.url)
        if address and address.platform in strict:
            assert day_in_url(address.url, FETCHED_LATE) or day_in_url(case.url, FETCHED_LATE), case.url


def test_an_author_is_expected_of_every_page_where_the_newsroom_stands_in() -> None:
    strict = {platform.NAME for platform in platforms.platforms() if expectation(platform.NAME).signed > 0.95}
    named = {
        platform.NAME for platform in platforms.platforms() if getattr(getattr(platform, "OUTLET", None), "names", ())
    }
    assert strict == named


def test_saved_pages_keep_what_their_platforms_expect(
    shared_pages: Callable[..., Iterator[SavedPage]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.contracts.LEAST_PAGES", 1)
    found: defaultdict[str, Pages] = defaultdict(Pages)
    for saved in shared_pages("tistory", "naver_blog", "naver_news", "daum_news", "news_generic"):
        with suppress(NotAnArticle):  # lists
            document = platforms.extract(saved.url or ENTERMEDIA, decode(saved.body).text)
            pages = found[document.platform]
            pages.letters.append(len(document.text))
            pages.hangul.append(hangul_share(document.text[:SAMPLE]))
            pages.texts.add(document.text)
            pages.dated += document.published is not None
            pages.signed += document.author is not None
            pages.lost += "\ufffd" in document.text
    assert {"tistory", "naver_blog", "naver_news", "daum_news", "hankook", "donga", "ndsoft"} <= set(found)
    for platform, pages in found.items():
        bounds = expectation(platform).bounds()
        for measure, _, value in pages.measures():
            least, most = bounds[measure]
            assert (least is None or value >= least) and (most is None or value <= most), (platform, measure, value)


@pytest.mark.parametrize(
    ("breach", "told"),
    [
        (Breach("x", "documents", 40, 0.0, 0.6, None), "0 of 40 pages became documents: documents expected at least 0.6, found 0.00 on 40 pages"),
        (Breach("x", "letters", 12, 31.5, 80, 10_000), "letters expected 80 to 10000, found 32 on 12 pages"),
        (Breach("x", "duplicates", 10, 0.9, None, 0.3), "duplicates expected at most 0.3, found 0.90 on 10 pages"),
    ],
    ids=["share", "band", "most"],
)  # fmt: skip
def test_a_breach_names_what_was_expected_and_found(breach: Breach, told: str) -> None:
    assert breach.detail.startswith(told)
    assert "yeoron canary" in breach.detail
