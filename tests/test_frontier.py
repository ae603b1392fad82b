"""What is due is handed out site by site, each address once, by index, and no site keeps another waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.settings import Settings

from crawler.frontier import FrontierScheduler
from crawler.manners import Sites
from data import events, frontier
from data.frontier import BATCH, DueOfSite, due_sites
from data.records import KST, Lead
from data.sites import site_of
from data.store import Store

EVENT = events.load("kakao-outage-2022")


def pages(host: str, number: int) -> Iterator[Lead]:
    return (Lead(f"https://{host}/{n}", "generic", "urls") for n in range(number))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.save_event(EVENT)
        yield opened


class Crawl:
    """As much of a crawl as the scheduler looks at; what it hands out stays in flight until ``answer``."""

    def __init__(self, store: Store, at_a_time: int = 2, pages_of_a_host: int = 1000, limit: int | None = None) -> None:
        self.store, self.event, self.chosen, self.limit = store, EVENT, (), limit
        self.sites = Sites(store, 3, 5.0, lambda problem: self.notes.append(problem.outcome))
        self.notes: list[str] = []
        self.asked: list[str] = []
        settings = Settings({"CONCURRENT_REQUESTS_PER_DOMAIN": at_a_time, "PAGES_OF_A_HOST": pages_of_a_host})
        settings.set("LISTS_OF_A_HOST", 100)
        self.active: set[Request] = set()
        self.slots: dict[str, Slot] = {}
        downloader = SimpleNamespace(active=self.active, slots=self.slots)
        self.scheduler = FrontierScheduler(
            SimpleNamespace(settings=settings, engine=SimpleNamespace(downloader=downloader))
        )
        self.scheduler.open(self)  # type: ignore[arg-type]

    def note(self, problem: Any) -> None:
        self.notes.append(problem.outcome)

    def limit_reached(self) -> bool:
        return self.limit is not None and len(self.asked) >= self.limit

    def request(self, lead: Lead) -> Request:
        self.asked.append(lead.url)
        return Request(lead.url, meta={"download_slot": site_of(lead.url)})

    def hand_out(self, most: int = 10_000) -> list[str]:
        """Everything that may be asked for now, as the engine would take it."""
        found = []
        while len(found) < most and (request := self.scheduler.next_request()) is not None:
            self.active.add(request)
            found.append(request.url)
        return found

    def answer(self) -> None:
        self.active.clear()


def test_every_question_is_answered_by_an_index(store: Store) -> None:
    asked: list[str] = []
    store.db.conn.set_trace_callback(asked.append)
    due_sites(store, EVENT.id)
    DueOfSite(store, EVENT.id, "a.example", ("tistory",)).take()
    store.db.conn.set_trace_callback(None)
    assert len(asked) == 4
    for sql in asked:
        plan = [row["detail"] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}")]
        on_frontier = [line for line in plan if "frontier" in line or " f " in line]
        assert on_frontier and all("USING" in line and "INDEX" in line for line in on_frontier), plan
        assert not any("TEMP B-TREE" in line for line in plan), plan


def test_each_address_is_handed_out_once_and_lists_come_first(store: Store) -> None:
    store.add_leads(EVENT.id, pages("a.example", BATCH * 2 + 7))
    store.add_leads(EVENT.id, [Lead("https://a.example/rss", "generic", "event", role="feed")])
    due = DueOfSite(store, EVENT.id, "a.example")
    found = [lead.url for lead in iter(due.take, None)]
    assert found == ["https://a.example/rss", *(f"https://a.example/{n}" for n in range(BATCH * 2 + 7))]
    store.add_leads(EVENT.id, [Lead("https://a.example/new", "generic", "link")])
    assert [lead.url for lead in iter(due.take, None)] == ["https://a.example/new"]


def test_no_site_keeps_another_waiting(store: Store) -> None:
    store.add_leads(EVENT.id, pages("slow.example", 5_000))
    store.add_leads(EVENT.id, pages("a.example", 3))
    store.add_leads(EVENT.id, pages("b.example", 3))
    crawl = Crawl(store, at_a_time=2)
    first = crawl.hand_out()
    assert Counter(map(site_of, first)) == {"slow.example": 2, "a.example": 2, "b.example": 2}
    crawl.active -= {request for request in crawl.active if "slow" not in request.url}
    assert sorted(crawl.hand_out()) == ["https://a.example/2", "https://b.example/2"]


def test_memory_holds_a_batch_of_each_site_however_long_the_queue(store: Store) -> None:
    with store.transaction():
        store.add_leads(EVENT.id, pages("a.example", 20_000))
    due = DueOfSite(store, EVENT.id, "a.example")
    held = []
    for _ in range(20_000):
        due.take()
        held.append(len(due._pages))
    assert due.take() is None and max(held) < BATCH


def test_a_site_that_a_list_names_meanwhile_has_its_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.frontier.LOOK_AGAIN", 0.0)
    store.add_leads(EVENT.id, pages("a.example", 500))
    crawl = Crawl(store)
    crawl.hand_out()
    store.add_leads(EVENT.id, pages("new.example", 1))
    assert crawl.hand_out() == ["https://new.example/0"]


def test_a_host_has_its_share_of_a_run(store: Store) -> None:
    store.add_leads(EVENT.id, pages("calendar.example", 30))
    crawl = Crawl(store, at_a_time=50, pages_of_a_host=12)
    assert len(crawl.hand_out()) == 12
    assert crawl.notes == ["host_limit"]
    crawl.answer()
    assert not crawl.scheduler.has_pending_requests()
    assert store.value("SELECT count(*) FROM frontier WHERE state = 'queued' AND last_outcome = 'host_limit'") == 18


def test_a_limit_holds_and_lists_are_read_all_the_same(store: Store) -> None:
    store.add_leads(EVENT.id, pages("a.example", 30))
    crawl = Crawl(store, at_a_time=50, limit=4)
    assert len(crawl.hand_out()) == 4
    assert not crawl.scheduler.has_pending_requests()
    store.add_leads(EVENT.id, [Lead("https://a.example/rss", "generic", "event", role="feed")])
    assert crawl.scheduler.has_pending_requests()
    assert crawl.hand_out() == ["https://a.example/rss"]


def test_a_waiting_site_is_passed_over_by_this_run_and_the_next(store: Store) -> None:
    store.add_leads(EVENT.id, pages("busy.example", 5))
    store.add_leads(EVENT.id, pages("fine.example", 1))
    crawl = Crawl(store)
    crawl.sites.asked_for_time("busy.example", "3600", 429)
    assert crawl.hand_out() == ["https://fine.example/0"]
    assert due_sites(store, EVENT.id) == ["fine.example"]
    assert Crawl(store).sites.waits("busy.example"), "the next run knows it too"
    assert crawl.notes == ["retry_after"]


def test_a_circuit_opens_after_failures_in_a_row_and_each_time_for_longer(store: Store) -> None:
    sites = Crawl(store).sites
    for _ in range(2):
        sites.failed("a.example", "timeout")
    sites.answered("a.example")
    for _ in range(3):
        assert not sites.waits("a.example")
        sites.failed("a.example", "timeout")
    assert sites.waits("a.example")
    first = _wait(store)
    store.db.execute("UPDATE sites SET waits_until = '2020-01-01T00:00+09:00'")
    later = Crawl(store).sites
    assert not later.waits("a.example")
    later.failed("a.example", "timeout")
    assert later.waits("a.example"), "one more failure is enough after the wait"
    assert _wait(store) > first * 1.9
    later.answered("a.example")
    assert store.value("SELECT count(*) FROM sites") == 0


def _wait(store: Store) -> timedelta:
    return datetime.fromisoformat(store.value("SELECT waits_until FROM sites")) - datetime.now(KST)


def test_a_lead_that_was_not_asked_for_comes_again(store: Store) -> None:
    store.add_leads(EVENT.id, pages("a.example", 1))
    crawl = Crawl(store)
    assert crawl.hand_out() == ["https://a.example/0"]
    crawl.answer()
    assert not crawl.scheduler.has_pending_requests()
    crawl.sites.asked_for_time("a.example", "2", 503)
    crawl.scheduler.put_back(Lead("https://a.example/0", "generic", "urls"), "a.example")
    assert crawl.scheduler.has_pending_requests() and crawl.hand_out() == [], "after its short wait, in this run"
    crawl.sites.answered("a.example")
    assert crawl.scheduler.has_pending_requests()
    assert crawl.hand_out() == ["https://a.example/0"]


def test_a_site_whose_delay_has_long_to_run_holds_no_place(store: Store) -> None:
    for host in ("slow.example", "fine.example"):
        store.add_leads(EVENT.id, pages(host, 2))
    crawl = Crawl(store)
    slot = crawl.slots["slow.example"] = Slot(1, 60.0, 0.0)
    slot.lastseen = monotonic()
    assert crawl.hand_out() == ["https://fine.example/0", "https://fine.example/1"]
    assert crawl.scheduler.has_pending_requests()
    slot.lastseen -= 56.0
    assert crawl.hand_out() == ["https://slow.example/0", "https://slow.example/1"]


def test_sites_side_by_side_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontier, "MOST_SITES", 5)
    for number in range(12):
        store.add_leads(EVENT.id, pages(f"h{number}.example", 1))
    crawl = Crawl(store)
    assert len(crawl.hand_out()) >= 5
    assert len(due_sites(store, EVENT.id)) == 5
