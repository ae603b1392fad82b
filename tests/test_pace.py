"""The pace that a robots.txt asks for is kept, to the second, by all hosts of a site; and keeps no other site waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import SimpleNamespace

import pytest
from protego import Protego
from scrapy.core.downloader import Slot
from scrapy.settings import Settings

from crawler.manners import LONGEST_WAIT, Sites, keep_pace, pace_asked
from crawler.settings import user_agent
from data import events
from data.records import KST, Lead, Problem
from data.store import Store
from tests.small_web import SmallWeb, post

EVENT = events.load("kakao-outage-2022")
TEXT = "토요일 오후부터 카톡이 먹통이었다.|화재 때문이라는 데이터센터 이야기를 저녁에야 들었다.|복구는 언제 되려나."
DAY = LONGEST_WAIT.total_seconds()


# ── what a robots.txt asks for ───────────────────────────────────────────────
@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nRequest-rate: 1/10", 10.0),
        ("User-agent: *\nRequest-rate: 30/1m", 2.0),
        ("User-agent: *\nRequest-rate: 1/20 0600-0845", 20.0),
        ("User-agent: *\nCrawl-delay: 7\nRequest-rate: 1/10", 10.0),
        ("User-agent: *\nCrawl-delay: 12\nRequest-rate: 1/10", 12.0),
        ("User-agent: *\nCrawl-delay: 7\n\nUser-agent: yeoron\nCrawl-delay: 3", 3.0),
        ("User-agent: otherbot\nCrawl-delay: 7", 0.0),
        ("User-agent: *\nDisallow: /x", 0.0),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -4", 0.0),
        ("User-agent: *\nCrawl-delay: nan", 0.0),
        ("User-agent: *\nCrawl-delay: 1e300", DAY),
        (f"User-agent: *\nRequest-rate: 1/{'9' * 400}d", DAY),
        (f"User-agent: *\nRequest-rate: {'9' * 400}/1", 0.0),
    ],
)
def test_the_seconds_between_requests(rules: str, seconds: float) -> None:
    assert pace_asked(Protego.parse(rules), user_agent()) == seconds


# ── the site's slot ──────────────────────────────────────────────────────────
def downloader(delay: float, **slots: Slot) -> SimpleNamespace:
    return SimpleNamespace(settings=Settings({"DOWNLOAD_DELAY": delay}), per_slot_settings={}, slots=slots)


def test_a_slot_waits_the_longer_of_both_and_by_no_chance_less() -> None:
    ours = downloader(1.5, quick=Slot(1, 0.9, 0.5), slow=Slot(1, 40.0, 0.5))
    for site in ("quick", "slow", "new"):
        keep_pace(ours, site, 10.0)
    assert (ours.slots["quick"].delay, ours.slots["slow"].delay) == (10.0, 40.0), "AutoThrottle may go slower"
    assert ours.slots["quick"].download_delay() == 10.0
    assert ours.per_slot_settings["new"] == {"delay": 10.0, "jitter": 0}
    keep_pace(ours, "quick", 1.0)
    assert ours.per_slot_settings["quick"]["delay"] == 1.5


def test_without_a_pace_nothing_is_changed() -> None:
    ours = downloader(1.5, any=Slot(1, 0.9, 0.5))
    keep_pace(ours, "any", 0.0)
    assert (ours.slots["any"].delay, ours.slots["any"].jitter, ours.per_slot_settings) == (0.9, 0.5, {})


# ── more than a run waits for ────────────────────────────────────────────────
def test_the_slowest_host_of_a_site_counts_and_a_long_pace_is_a_rest(tmp_path: Path) -> None:
    notes: list[Problem] = []
    with Store.open(tmp_path) as store:
        sites = Sites(store, 5, 120.0, notes.append)
        for seconds in (10.0, 30.0, 5.0):
            sites.asks_for_pace("tistory.com", seconds)
        assert sites.pace("tistory.com") == 30.0
        assert not sites.waits_long("tistory.com") and notes == []
        for _ in range(3):
            sites.asks_for_pace("far.example", 3600.0)
        assert sites.pace("far.example") == 120.0, "between robots.txt and the one page of this run"
        assert sites.waits_long("far.example") and not sites.waits("far.example"), "the visit itself goes on"
        assert [problem.outcome for problem in notes] == ["crawl_delay"]
        sites.answered("far.example")
        until = datetime.fromisoformat(store.value("SELECT waits_until FROM sites WHERE reason = 'crawl_delay'"))
        assert abs(until - datetime.now(KST) - timedelta(hours=1)) < timedelta(seconds=5)
        assert Sites(store, 5, 120.0, notes.append).waits("far.example"), "the next run knows it too"


# ── a crawl ──────────────────────────────────────────────────────────────────
Times = defaultdict[str, list[float]]


def timed(times: list[float], body: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def act(handler: BaseHTTPRequestHandler) -> None:
        times.append(monotonic())
        content = body.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(content)}\r\n\r\n"
        handler.wfile.write(head.encode() + content)

    return act


def web_of(paces: dict[str, str], pages: int) -> tuple[SmallWeb, list[Lead], Times]:
    """Hosts with their robots.txt, and when each site was asked for anything, robots.txt included."""
    web, times = SmallWeb(), Times(list)
    leads: list[Lead] = []
    for host, rules in paces.items():
        asked = times["tistory.com" if host.endswith("tistory.com") else host]
        web.acts[f"https://{host}/robots.txt"] = timed(asked, f"User-agent: *\n{rules}\n")
        for number in range(1, pages + 1):
            web.acts[f"https://{host}/{number}"] = timed(asked, post(f"{host} {number}번 글", TEXT))
            leads.append(Lead(f"https://{host}/{number}", "tistory", "urls"))
    return web, leads, times


def home_with(tmp_path: Path, leads: list[Lead]) -> Path:
    with Store.open(tmp_path, "demo") as store:
        store.save_event(EVENT)
        store.add_leads(EVENT.id, leads)
    return tmp_path


@pytest.mark.parametrize("throttle", [False, True])
def test_requests_of_a_site_are_as_far_apart_as_it_asks(tmp_path: Path, throttle: bool) -> None:
    """In the demo's settings, eight at a time, and in those of a real crawl."""
    paces = {"a.tistory.com": "Crawl-delay: 0.5", "b.tistory.com": "Crawl-delay: 0.8", "quick.example": "Disallow: /x"}
    web, leads, times = web_of(paces, 2)
    real = {"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
    web.crawl(home_with(tmp_path, leads), **(real if throttle else {}))
    gaps = [later - earlier for earlier, later in pairwise(times["tistory.com"])]
    assert len(gaps) == 5
    assert min(gaps[1:]) > 0.4
    assert min(gaps[-2:]) > 0.65, "both robots.txt are read by then, and the slower one counts for both"
    assert times["quick.example"][-1] < times["tistory.com"][-1], "nobody else waits"
    with Store.read(tmp_path) as store:
        assert store.value("SELECT count(*) FROM frontier WHERE state = 'done'") == 6
        assert store.value("SELECT count(*) FROM problems") == 0


def test_a_site_that_asks_for_more_than_a_run_waits_gives_one_page_a_run(tmp_path: Path) -> None:
    web, leads, times = web_of({"far.example": "Crawl-delay: 3600", "fine.example": ""}, 3)
    home, one_at_a_time = home_with(tmp_path, leads), {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "PATIENCE": 1}
    web.crawl(home, **one_at_a_time)
    assert len(times["far.example"]) == 2 and times["far.example"][1] - times["far.example"][0] > 0.8
    assert len(times["fine.example"]) == 4
    with Store.read(home) as store:
        (problem,) = store.rows("SELECT outcome, url, detail FROM problems")
        assert (problem["outcome"], problem["url"]) == ("crawl_delay", "https://far.example/")
        assert "3600 s" in problem["detail"]
        seen = dict(store.db.execute("SELECT outcome, sum(pages) FROM addresses_by_outcome GROUP BY outcome"))
        assert seen == {"ok": 4, "crawl_delay": 2}
    web.crawl(home, **one_at_a_time)
    assert len(times["far.example"]) == 2, "the hour is not over"
    with Store.open(home, "demo") as store:
        store.db.execute("UPDATE sites SET waits_until = '2020-01-01T00:00+09:00'")
    web.crawl(home, **one_at_a_time)
    assert len(times["far.example"]) == 4
    with Store.read(home) as store:
        assert store.value("SELECT waits_until > '2026' FROM sites WHERE site = 'far.example'") == 1
