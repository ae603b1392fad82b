"""The dashboard in a real browser, over a store of invented texts; its numbers against the views."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboard import queries
from dashboard.serve import command
from data import events
from data.quotes import Filters, quotes
from data.store import Store
from tests import sample_store

EVENT = sample_store.EVENT.id
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = {"": "한눈에", "themes": "주제 흐름", "matrix": "주제×서비스", "sentences": "문장", "collection": "수집 상태"}
PATIENCE = 30_000


# ── numbers, without a browser ───────────────────────────────────────────────
@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_store.build(tmp_path_factory.mktemp("dashboard"))


def test_unfiltered_numbers_are_those_of_the_views(home: Path) -> None:
    source, everything = queries.source(home), Filters(copies=True, advertising=True)
    head = queries.head(source, EVENT, everything)
    with Store.read(home) as store:
        overview = next(store.rows("SELECT * FROM overview"))
        by_theme = {row["theme_id"]: row["c"] for row in store.rows(
            "SELECT theme_id, sum(is_complaint) AS c FROM theme_facts GROUP BY theme_id")}  # fmt: skip
        cells = {
            (row["theme_id"], row["target_id"]): row["complaints"]
            for row in store.rows("SELECT * FROM theme_by_target")
        }
        days = {
            (row["theme_id"], row["day"]): row["complaining_voices"] for row in store.rows("SELECT * FROM theme_by_day")
        }
    assert (head["documents"], head["voices"]) == (overview["documents"], overview["voices"])
    assert (head["scored"], head["counted"]) == (overview["scored"], overview["complaints"])
    assert (head["undecided"], head["without_day"]) == (overview["undecided"], overview["documents_without_date"])
    found = queries.by_theme(source, EVENT, everything)
    assert dict(zip(found["theme_id"], found["counted"], strict=True)) == by_theme
    found = queries.by_theme_and_target(source, EVENT, everything)
    assert {(r.theme_id, r.target_id): r.counted for r in found.itertuples()} == cells
    found = queries.by_theme_and("day", source, EVENT, everything)
    assert {(r.theme_id, r.moment): r.voices for r in found.itertuples()} == days


def test_a_polarity_chooses_what_is_counted_and_never_what_it_is_a_share_of(home: Path) -> None:
    source = queries.source(home)
    complaints, praise = (queries.head(source, EVENT, Filters(polarity=p)) for p in ((), ("positive",)))
    assert complaints["scored"] == praise["scored"]
    assert 0 < praise["counted"] < complaints["counted"]
    assert queries.head(source, EVENT, Filters(polarity=("negative",))) == complaints


def test_a_changed_store_is_read_anew(tmp_path: Path) -> None:
    made = sample_store.pages()
    home = sample_store.build(tmp_path, made=made[:5])
    before = queries.head(queries.source(home), EVENT, Filters())["documents"]
    sample_store.build(home, made=made[:9])
    assert queries.head(queries.source(home), EVENT, Filters())["documents"] > before


def test_the_paragraph_around_a_sentence_ends_at_line_breaks(home: Path) -> None:
    source = queries.source(home)
    quote = queries.page(source, EVENT, Filters(), "oldest", None, 1, False)[0]
    before, itself, after = queries.paragraph(source, quote.document_id, quote.start, quote.end)
    assert itself == quote.sentence
    assert "\n" not in before + after


# ── browser ──────────────────────────────────────────────────────────────────
@contextmanager
def served(home: Path) -> Iterator[str]:
    """The dashboard of a home on a free port, as `yeoron dashboard` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(command(home, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None and os.environ.get("YEORON_REQUIRE_BROWSER") != "1":
        pytest.skip("no chromium on this machine; YEORON_REQUIRE_BROWSER=1 makes this a failure")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as url:
        yield url


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="America/New_York")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    elsewhere: list[str] = []
    opened.on("request", lambda request: elsewhere.append(request.url) if _leaves(request.url) else None)
    yield opened
    context.close()
    assert elsewhere == [], "the dashboard asks nobody but its own server"


def _leaves(url: str) -> bool:
    return url.startswith(("http", "ws")) and "://127.0.0.1:" not in url


def look(page: Any, url: str) -> None:
    """Open a page and wait until it stands; an exception on it fails the test with its text."""
    page.goto(url)
    page.wait_for_selector(".y-head")
    settle(page)


def settle(page: Any) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(400)
    broken = page.locator('[data-testid="stException"]')
    assert broken.count() == 0, broken.first.inner_text()


def sentences_shown(page: Any) -> list[str]:
    return [text.strip() for text in page.locator(".y-sentence").all_inner_texts()]


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_in_korean_and_says_what_it_is_not(page: Any, address: str, name: str, tmp_path: Path) -> None:
    look(page, address + name)
    page.screenshot(path=tmp_path / f"{name or 'glance'}.png")
    assert page.locator("h1").inner_text() == PAGES[name]
    assert "여론조사가 아닙니다" in page.locator(".y-not").inner_text()
    assert "카카오 서비스 장애" in page.locator(".y-event").inner_text()
    if name in ("", "themes", "matrix"):
        assert page.locator("svg.marks").count() >= 1


@pytest.mark.browser
def test_the_first_screen_shows_the_numbers_of_the_store(page: Any, address: str, home: Path) -> None:
    look(page, address)
    head = queries.head(queries.source(home), EVENT, Filters())
    shown = page.locator(".y-figures b").all_inner_texts()
    share = f"{100 * head['counted'] / head['scored']:.1f}%"
    assert shown == [f"{head['documents']:,}", f"{head['voices']:,}", share, f"{head['undecided']:,}"]
    charts = page.locator("svg.marks").all_text_contents()
    assert any("10/15 토" in text and "대국민 사과, 각자대표 사임" in text for text in charts)


@pytest.mark.browser
def test_a_loud_theme_leads_to_its_complaints(page: Any, address: str) -> None:
    look(page, f"{address}?platform=tistory")
    page.get_by_text("문장 읽기").first.click()
    page.wait_for_url(re.compile("/sentences"))
    page.wait_for_selector(".y-sentence")
    settle(page)
    assert {"platform=tistory", "polarity=negative"} <= set(page.url.split("?")[1].split("&"))
    assert "theme=" in page.url
    assert set(page.locator(".y-tone").all_inner_texts()) == {"부정"}


@pytest.mark.browser
def test_the_filters_live_in_the_address_through_page_changes_and_reloads(page: Any, address: str) -> None:
    query = "platform=tistory&theme=compensation&since=2022-10-16&until=2022-10-22&copies=1"
    look(page, f"{address}sentences?{query}")
    total = page.locator(".y-summary").inner_text()
    assert page.locator('[data-testid="stSidebar"]').get_by_text("보상", exact=True).count() == 1
    page.get_by_role("link", name="주제 흐름").click()
    page.wait_for_url(re.compile("/themes"))
    settle(page)
    for part in query.split("&"):
        assert part in page.url
    page.reload()
    page.wait_for_selector(".y-head")
    settle(page)
    assert page.locator(".y-summary").inner_text() == total
    page.get_by_text("사본 접기").click()
    settle(page)
    assert "copies=1" not in page.url


@pytest.mark.browser
def test_an_address_with_nonsense_in_it_opens_the_whole(page: Any, address: str) -> None:
    look(page, f"{address}sentences?theme=nonsense&since=gestern&lang=xx&order=9")
    assert sentences_shown(page)
    assert "nonsense" not in page.url


@pytest.mark.browser
def test_a_cell_opens_the_sentences_it_counts(page: Any, address: str) -> None:
    look(page, f"{address}matrix")
    cell = page.locator('path[aria-label*="대상: 카카오 T"][aria-label*="주제: 보상"]').first
    counted = int(re.search(r"센 문장: (\d+)", cell.get_attribute("aria-label"))[1])  # type: ignore[index]
    cell.click(force=True)
    page.wait_for_selector(".y-sentence")
    settle(page)
    assert f"보상 × 카카오 T · {counted}문장" in page.locator("h3").all_inner_texts()
    assert len(sentences_shown(page)) == min(counted, 10)
    assert all("카카오 T" in text for text in sentences_shown(page))


@pytest.mark.browser
@pytest.mark.parametrize("step", ["하루", "한 시간"])
def test_a_mark_of_a_theme_opens_the_sentences_it_counts(page: Any, address: str, step: str) -> None:
    look(page, f"{address}themes")
    if step != "하루":
        page.get_by_text(step, exact=True).click()
        page.wait_for_selector(f'path[aria-label*="{"시;" if step == "한 시간" else ""}"]')
        settle(page)
    mark = page.locator('path[aria-label*="주제: 생계 피해"][aria-label*="10/16 일"]').last
    label = mark.get_attribute("aria-label")
    counted = int(re.search(r"센 문장: (\d+)", label)[1])  # type: ignore[index]
    when = re.search(r"때: ([^;]+)", label)[1]  # type: ignore[index]
    mark.click(force=True)
    page.wait_for_selector(".y-sentence")
    settle(page)
    assert f"생계 피해 · {when} · {counted}문장" in page.locator("h3").all_inner_texts()
    assert len(sentences_shown(page)) == min(counted, 10)


@pytest.mark.browser
def test_a_word_is_found_inside_words_and_the_export_holds_what_is_shown(page: Any, address: str, home: Path) -> None:
    look(page, f"{address}sentences?word=환불&polarity=negative")
    assert sentences_shown(page)
    assert all("환불" in text for text in sentences_shown(page))
    assert page.locator(".y-sentence mark").first.inner_text() == "환불"
    page.get_by_text("내려받기").first.click()
    with page.expect_download() as waiting:
        page.get_by_text("CSV (엑셀)").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    with Store.read(home) as store:
        expected = [q.sentence_id for q in quotes(store, EVENT, Filters(word="환불", polarity=("negative",)))]
    assert [row["sentence_id"] for row in rows] == expected
    assert {row["filters"] for row in rows} == {"polarity=negative; word=환불; copies=no; advertising=no"}


@pytest.mark.browser
def test_pages_of_sentences_turn_and_a_paragraph_opens(page: Any, address: str) -> None:
    look(page, f"{address}sentences")
    first = sentences_shown(page)
    page.get_by_text("문단과 근거 보기").first.click()
    page.wait_for_selector(".y-paragraph mark")
    assert page.locator(".y-paragraph mark").inner_text() == first[0]
    assert "SHA-256" in page.locator(".y-proof").inner_text()
    page.get_by_role("button", name="다음").click()
    page.get_by_text("11–20").wait_for()
    settle(page)
    assert sentences_shown(page) != first
    page.get_by_role("button", name="이전").click()
    page.get_by_text("1–10").wait_for()
    settle(page)
    assert sentences_shown(page) == first


@pytest.mark.browser
def test_another_event_of_the_store_brings_its_own_filters(page: Any, tmp_path: Path) -> None:
    home = sample_store.build(tmp_path, made=sample_store.pages()[:20])
    other = events.load("kt-outage-2021")
    with Store.open(home) as store:
        store.save_event(other)
        store.show_model(other.id, sample_store.MODEL)
        store.db.execute(
            "INSERT INTO event_documents SELECT ?, document_id, found_by, belongs, reason, advertising"
            " FROM event_documents ORDER BY document_id LIMIT 3",
            [other.id],
        )
    with served(home) as url:
        look(page, f"{url}sentences?theme=compensation&since=2022-10-16")
        page.get_by_label("사건").click()
        page.get_by_text(other.title).click()
        page.locator(".y-event", has_text=other.title).wait_for()
        settle(page)
        assert f"event={other.id}" in page.url
        assert "since=" not in page.url
        assert sentences_shown(page)


@pytest.mark.browser
def test_the_language_can_be_changed_and_stays_in_the_address(page: Any, address: str) -> None:
    look(page, f"{address}themes?theme=compensation")
    page.get_by_text("English").click()
    page.get_by_role("heading", name="Themes over time").wait_for()
    settle(page)
    assert "lang=en" in page.url
    assert "theme=compensation" in page.url
    assert "This is not an opinion poll." in page.locator(".y-not").inner_text()
    assert page.locator('[data-testid="stSidebar"]').get_by_text("Compensation", exact=True).count() == 1


@pytest.mark.browser
def test_the_collection_page_tells_what_was_refused_and_why(page: Any, address: str) -> None:
    look(page, f"{address}collection")
    told = page.locator('[data-testid="stMain"]').inner_text()
    for part in (
        "robots.txt로 수집을 막았습니다",
        "지워졌거나 주소가 바뀌었습니다(404)",
        "사건 이야기가 아님",
        "sample-0123abcd",
        "일부 문제",
    ):
        assert part in told


@pytest.mark.browser
def test_a_demo_store_says_on_every_page_that_it_is_invented(page: Any, tmp_path: Path) -> None:
    with served(sample_store.build(tmp_path, "demo", sample_store.pages()[:6])) as url:
        for name in PAGES:
            look(page, url + name)
            assert "모두 지어낸 글입니다" in page.locator(".y-demo").inner_text()
        look(page, f"{url}sentences")
        page.get_by_text("내려받기").first.click()
        with page.expect_download() as waiting:
            page.get_by_text("CSV (엑셀)").click()
        text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        assert {row["invented"] for row in csv.DictReader(io.StringIO(text, newline=""))} == {"true"}


@pytest.mark.browser
def test_without_a_store_or_scores_the_page_names_the_command(page: Any, tmp_path: Path) -> None:
    with served(tmp_path / "empty") as url:
        page.goto(url)
        page.get_by_text("아직 모은 것이 없습니다").wait_for()
        settle(page)  # the title stands before the words below it
        assert "yeoron demo" in page.locator('[data-testid="stMain"]').inner_text()
    with Store.open(tmp_path / "bare") as store:
        store.save_event(sample_store.EVENT)
    with served(tmp_path / "bare") as url:
        page.goto(url)
        page.get_by_text("모은 글을 아직 읽지 않았습니다").wait_for()
        settle(page)  # the title stands before the words below it
        assert "yeoron annotate" in page.locator('[data-testid="stMain"]').inner_text()
