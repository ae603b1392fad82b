"""How pages are found: what each kind of list is asked, what it names, and how it fails, against recorded answers."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from crawler import asking, captures, lists
from crawler.crawl import _begin
from crawler.lists import Answer, Listing
from crawler.settings import POLITE
from crawler.sources import Source, keyless, sources
from data import events
from data.events import BadEvent
from data.finders import ask_again, ask_elsewhere
from data.records import KST, Lead
from data.sites import site_of
from data.store import Store
from data.warc import record_at
from tests.recorded_web import RECORDED, ROOT, RecordedWeb, torn, warc_record
from tests.small_web import feed, post

EVENT = events.load("kakao-outage-2022")
LONG_AFTER = datetime(2026, 11, 22, tzinfo=KST)
DURING = datetime(2022, 10, 20, 9, tzinfo=KST)
NAVER, KAKAO, CRAWL, WAYBACK, DAYS = (
    sources()[name] for name in ("naver_search", "kakao_search", "common_crawl", "wayback", "day_list")
)


def answer(body: str | bytes, status: int = 200, url: str = "https://a.example/") -> Answer:
    content = body.encode() if isinstance(body, str) else body
    return Answer(url, status, content, "text/html; charset=utf-8", LONG_AFTER)


def recorded(name: str, status: int = 200) -> Answer:
    return answer((RECORDED / name).read_bytes(), status)


def asked(lead: Lead) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(lead.url).query).items()}


def first(source: Source, now: datetime = LONG_AFTER) -> Lead:
    return source.leads(EVENT, now)[0]


def items(count: int, day: str, total: int = 5000) -> str:
    rows = [{"link": f"https://demo-a.tistory.com/{n}", "title": "<b>t</b>", "postdate": day} for n in range(count)]
    return json.dumps({"total": total, "items": rows})


# ── what is asked ────────────────────────────────────────────────────────────
def test_every_kind_of_list_keeps_the_protocol() -> None:
    assert set(sources()) == {
        "feed", "sitemap", "naver_search", "kakao_search", "common_crawl", "wayback", "day_list",
    }  # fmt: skip
    for name, source in sources().items():
        for lead in source.leads(EVENT, LONG_AFTER)[:3]:
            assert lead.role == name and source.request(lead).url == lead.url.partition("#")[0]


def test_questions_are_the_events_own_and_each_target_with_each_term_in_a_fixed_order() -> None:
    found = asking.queries(EVENT)
    assert found[: len(EVENT.queries)] == EVENT.queries
    assert "카카오페이 먹통" in found and "멜론 보상" in found
    assert not any(query.startswith("정부 ") for query in found)
    assert found == asking.queries(EVENT) and len(found) == len(set(found)) <= asking.MOST_QUERIES
    wide = dataclasses.replace(EVENT.sources, search_terms=tuple(f"말{n}" for n in range(100)))
    assert len(asking.queries(dataclasses.replace(EVENT, sources=wide))) == asking.MOST_QUERIES


def test_a_running_event_is_asked_newest_first_and_an_old_one_for_what_fits_best() -> None:
    assert asked(first(NAVER, DURING))["sort"] == "date" and asked(first(NAVER))["sort"] == "sim"
    assert asked(first(KAKAO, DURING))["sort"] == "recency" and asked(first(KAKAO))["sort"] == "accuracy"


def test_naver_is_asked_by_the_door_that_the_environment_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keyless(NAVER) and keyless(KAKAO) and not keyless(CRAWL)
    for name in ("NAVER_CLIENT_ID", "NAVER_CLIENT_SECRET"):
        monkeypatch.setenv(name, "x")
    lead = first(NAVER)
    assert lead.url.startswith("https://openapi.naver.com/v1/search/news.json?query=")
    assert asked(lead) == {"query": "카카오 먹통", "display": "100", "start": "1", "sort": "sim"}
    assert set(NAVER.request(lead).keys) == {"X-Naver-Client-Id", "X-Naver-Client-Secret"}
    for name in ("NAVER_API_HUB_KEY_ID", "NAVER_API_HUB_KEY"):
        monkeypatch.setenv(name, "x")
    hub = first(NAVER)
    assert hub.url.startswith("https://naverapihub.apigw.ntruss.com/search/v1/news?query=") and not keyless(NAVER)
    assert set(NAVER.request(hub).keys) == {"X-NCP-APIGW-API-KEY-ID", "X-NCP-APIGW-API-KEY"}


def test_a_search_for_programs_is_a_site_of_its_own() -> None:
    assert site_of(first(NAVER).url) == "openapi.naver.com" and site_of("https://blog.naver.com/a/1") == "naver.com"


def test_archives_are_asked_by_the_day_in_the_address_and_a_domain_only_by_words() -> None:
    assert asking.prefixes(EVENT, LONG_AFTER)[:2] == ("zdnet.co.kr/view/?no=202210*", "zdnet.co.kr/view/?no=202211*")
    whole = next(lead for lead in WAYBACK.leads(EVENT, LONG_AFTER) if "matchType=domain" in lead.url)
    assert asked(whole)["url"] == "tistory.com" and asked(whole)["from"] == "20221014"
    assert "%EB%A8%B9%ED%86%B5" in unquote(whole.url), "먹통, as it stands in an address"


def test_day_lists_are_asked_for_each_day_that_is_over() -> None:
    assert len(DAYS.leads(EVENT, LONG_AFTER)) == 47 * len(EVENT.sources.day_lists)
    during = DAYS.leads(EVENT, DURING)
    assert [asked(lead)["date"] for lead in during[:5]] == ["20221015", "20221016", "20221017", "20221018", "20221019"]
    assert len(during) == 5 * len(EVENT.sources.day_lists)


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ({"day_lists": ["https://a.example/list"]}, "{yyyymmdd}"),
        ({"archived": ["a.example/{week}*"]}, "week"),
        ({"archived": ["*.a.example"]}, "archived_words"),
        ({"feed": ["https://a.example/rss"]}, "feed"),
    ],
)
def test_a_source_that_cannot_be_asked_is_refused_with_the_event_file(
    given: dict[str, list[str]], cure: str, tmp_path: Path
) -> None:
    raw = (events.FOLDER / "kakao-outage-2022.toml").read_text(encoding="utf-8")
    block = "[sources]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items()) + "\n"
    mine = tmp_path / "mine.toml"
    mine.write_text(re.sub(r"\[sources\]\n.*?\n(?=\n# ──)", lambda _: block, raw, count=1, flags=re.DOTALL), "utf-8")
    with pytest.raises(BadEvent, match=re.escape(cure)):
        events.load(str(mine))


# ── what the searches say ────────────────────────────────────────────────────
def test_naver_names_the_outlets_own_page_with_the_date_it_came_in() -> None:
    found = NAVER.read(EVENT, first(NAVER), recorded("naver_news.json"))
    assert found.entries[0].url == "http://www.demo-times.example/news/article/202210170001"
    assert found.entries[0].dated and found.entries[0].dated.at == datetime(2022, 10, 17, 9, 10, tzinfo=KST)
    blog = NAVER.read(EVENT, first(NAVER), recorded("naver_blog.json")).entries[0]
    assert blog.dated and (blog.dated.precision, blog.dated.source) == ("day", "search")
    assert found.more == (), "three of three: nothing follows"


def test_naver_pages_end_at_start_1000_at_the_total_and_where_the_event_begins() -> None:
    old, running = first(NAVER), first(NAVER, DURING)
    found = NAVER.read(EVENT, running, answer(items(100, "20221020"))).more
    assert [asked(lead)["start"] for lead in found] == ["101"] and found[0].found_by == "naver_search"
    at_end = dataclasses.replace(old, url=old.url.replace("start=1&", "start=901&"))
    assert NAVER.read(EVENT, at_end, answer(items(100, "20221020"))).more == ()
    assert NAVER.read(EVENT, running, answer(items(100, "20221020", total=100))).more == ()
    assert NAVER.read(EVENT, running, answer(items(100, "20221001"))).more == ()
    assert NAVER.read(EVENT, old, answer(items(100, "20221001"))).more, "the best fit is not sorted by date"


def test_kakao_pages_end_with_is_end_the_pageable_count_and_page_50() -> None:
    lead = first(KAKAO)
    found = KAKAO.read(EVENT, lead, recorded("kakao_blog.json"))
    assert [entry.url for entry in found.entries] == ["https://demo-a.tistory.com/m/1", "http://demo-a.tistory.com/2"]
    assert asked(found.more[0])["page"] == "2"
    ended = {"documents": [], "meta": {"is_end": True, "pageable_count": 800}}
    assert KAKAO.read(EVENT, lead, answer(json.dumps(ended))).more == ()
    few = {"documents": [], "meta": {"is_end": False, "pageable_count": 50}}
    assert KAKAO.read(EVENT, lead, answer(json.dumps(few))).more == ()
    last = dataclasses.replace(lead, url=lead.url.replace("page=1", "page=50"))
    assert KAKAO.read(EVENT, last, recorded("kakao_blog.json")).more == ()


@pytest.mark.parametrize(
    ("source", "reply", "outcome"),
    [
        (NAVER, recorded("naver_quota.json", 429), lists.QuotaUsed),
        (NAVER, answer('{"errorCode": "012"}', 429), lists.SlowDown),
        (NAVER, answer("", 429), lists.SlowDown),
        (NAVER, recorded("naver_bad_key.json", 401), lists.BadKey),
        (NAVER, recorded("hub_bad_key.json", 401), lists.BadKey),
        (NAVER, answer('{"error": {"errorCode": "400", "message": "Quota Exceeded"}}', 429), lists.QuotaUsed),
        (NAVER, answer('{"errorCode": "SE01"}', 400), lists.BadQuery),
        (NAVER, answer('{"errorCode": "SE99"}', 500), lists.NoSuchList),
        (NAVER, answer('{"items": [{"link": "https://a', 200), lists.TornAnswer),
        (NAVER, answer('{"total": 3}'), lists.TornAnswer),
        (KAKAO, recorded("kakao_quota.json", 400), lists.QuotaUsed),
        (KAKAO, answer('{"code": -2, "msg": "page is more than max"}', 400), lists.BadQuery),
        (KAKAO, recorded("kakao_bad_key.json", 401), lists.BadKey),
        (KAKAO, answer('{"errorType": "RequestThrottled"}', 429), lists.SlowDown),
        (KAKAO, answer("<html>502</html>", 502), lists.NoSuchList),
        (KAKAO, answer('{"documents": ['), lists.TornAnswer),
        (KAKAO, answer('{"documents": 3, "meta": {}}'), lists.TornAnswer),
        (CRAWL, answer("Please reduce your request rate.", 503), lists.SlowDown),
        (CRAWL, answer("[{"), lists.TornAnswer),
        (WAYBACK, answer("", 429), lists.SlowDown),
        (WAYBACK, answer('[["timestamp","original"],["2022'), lists.TornAnswer),
        (WAYBACK, answer('[["timestamp","original"],["2022","https://a.example/1"]]'), lists.TornAnswer),
        (DAYS, answer("gone", 404), lists.NoSuchList),
        (sources()["feed"], answer("no feed"), lists.NotAFeed),
    ],
)
def test_what_goes_wrong_has_a_name(source: Source, reply: Answer, outcome: type[lists.ListRefused]) -> None:
    lead = Lead("https://a.example/", "generic", "event", None, source.NAME) if source.NAME == "feed" else first(source)
    with pytest.raises(outcome) as refused:
        source.read(EVENT, lead, reply)
    shuts = outcome in (lists.QuotaUsed, lists.BadKey, lists.SlowDown)
    assert isinstance(refused.value, lists.SourceShut) is shuts
    assert (refused.value.state == "queued") is shuts and len(str(refused.value)) > 10


# ── what the archives say ────────────────────────────────────────────────────
def test_the_crawls_of_the_events_months_are_asked_the_oldest_first() -> None:
    found = CRAWL.read(EVENT, first(CRAWL), recorded("collinfo.json"))
    named = [re.search(r"CC-MAIN-\d{4}-\d{2}", lead.url)[0] for lead in found.more]  # type: ignore[index]
    assert list(dict.fromkeys(named)) == ["CC-MAIN-2022-49", "CC-MAIN-2023-06"]
    assert len(found.more) == 2 * len(asking.prefixes(EVENT, LONG_AFTER))
    one = found.more[0]
    assert parse_qs(urlsplit(one.url).query)["filter"] == ["=status:200", "mime:html"]
    pages = CRAWL.read(EVENT, one, recorded("pages.json"))
    assert [asked(lead)["page"] for lead in pages.more] == ["0", "1"] and pages.cut is None
    assert "showNumPages" not in pages.more[0].url
    many = CRAWL.read(EVENT, one, answer('{"pages": 1000}'))
    assert len(many.more) == 300 and many.cut == "only 300 of the index's 1000 pages are asked for"
    assert CRAWL.read(EVENT, pages.more[0], recorded("no_captures.json", 404)) == Listing()


def test_an_index_of_a_thousand_rows_names_a_thousand_places() -> None:
    rows = "\n".join(
        json.dumps({"url": f"https://zdnet.co.kr/view/?no=202210{15 + n % 9}{n:06}", "status": "200", "mime": "text/html",
                    "filename": "crawl-data/CC-MAIN-2022-49/w.warc.gz", "offset": str(n * 1000), "length": "900"})
        for n in range(1000)
    )  # fmt: skip
    lead = dataclasses.replace(first(CRAWL), url="https://index.commoncrawl.org/CC-MAIN-2022-49-index?url=x&page=0")
    found = CRAWL.read(EVENT, lead, answer(rows))
    assert len({entry.url for entry in found.entries}) == 1000
    place = "https://data.commoncrawl.org/crawl-data/CC-MAIN-2022-49/w.warc.gz#bytes=999000-999899"
    assert found.entries[999].fetch_from == place and captures.is_capture(place)
    assert captures.range_header(place) == {"Range": "bytes=999000-999899"}
    assert found.entries[0].dated and found.entries[0].dated.at.date().isoformat() == "2022-10-15"


def test_the_wayback_index_goes_on_with_its_key_and_ends_without() -> None:
    lead = first(WAYBACK)
    found = WAYBACK.read(EVENT, lead, recorded("wayback.json"))
    assert found.entries[0].fetch_from == "https://web.archive.org/web/20221016000300id_/http://demo-a.tistory.com/1"
    assert len(found.entries) == 3 and asked(found.more[0])["resumeKey"] == "com,tistory,demo-a)/22 20221019000000"
    again = WAYBACK.read(EVENT, found.more[0], recorded("wayback.json")).more[0]
    assert again.url.count("resumeKey=") == 1 and again.url.endswith("#page=3")
    assert WAYBACK.request(again).url == again.url.removesuffix("#page=3")
    assert WAYBACK.read(EVENT, found.more[0], recorded("wayback_more.json")).more == ()
    last = dataclasses.replace(again, url=again.url.replace("#page=3", "#page=100"))
    assert "100,000 captures" in (WAYBACK.read(EVENT, last, recorded("wayback.json")).cut or "")
    assert WAYBACK.read(EVENT, lead, answer("")) == WAYBACK.read(EVENT, lead, answer("[]")) == Listing()


def test_a_capture_is_opened_as_the_response_it_was() -> None:
    url = "http://demo-a.tistory.com/1"
    place = captures.ranged("crawl-data/x.warc.gz", 100, 50)
    opened = captures.opened(place, 206, [], warc_record(url, "<p>지어낸 글</p>"))
    assert (opened.capture.url, opened.capture.status) == (url, 200)
    assert opened.capture.fetched_at == datetime(2022, 12, 1, 12, 4, 5, tzinfo=KST)
    assert opened.capture.body.decode() == "<p>지어낸 글</p>"
    there = captures.replayed("20221016000300", url)
    sent = [("Content-Type", "text/html"), ("X-Archive-Orig-Server", "nginx"), ("X-Ts", "200"), ("Server", "archive")]
    replay = captures.opened(there, 200, sent, b"<p>x</p>")
    assert (replay.capture.url, replay.capture.fetched_at) == (url, datetime(2022, 10, 16, 9, 3, tzinfo=KST))
    assert sorted(replay.headers) == [("Content-Type", "text/html"), ("Server", "nginx")]


@pytest.mark.parametrize(
    "body",
    [b"<html>AccessDenied</html>", b"", b"\x1f\x8b\x08junk", torn(warc_record("https://a.example/1", "x" * 2000))],
)
def test_a_range_that_is_no_whole_record_is_no_capture(body: bytes) -> None:
    with pytest.raises(captures.NotACapture):
        captures.opened(captures.ranged("a.warc.gz", 0, 9), 206, [], body)
    with pytest.raises(captures.ArchiveBusy):
        captures.opened(captures.ranged("a.warc.gz", 0, 9), 503, [], body)


def test_a_day_list_names_articles_only_and_goes_on_where_it_links_to_its_next_page() -> None:
    lead = DAYS.leads(EVENT, LONG_AFTER)[1]
    page = dataclasses.replace(recorded("day_list.html"), url=lead.url)
    found = DAYS.read(EVENT, lead, page)
    assert [entry.url.split("?")[0][-10:] for entry in found.entries] == ["0013500001", "0013500002"]
    assert [asked(more)["page"] for more in found.more] == ["2"]
    assert DAYS.read(EVENT, found.more[0], dataclasses.replace(page, url=found.more[0].url)).more == ()
    own = Lead(
        "https://www.demo-times.example/list/20221016",
        "day_list",
        "event",
        "https://www.demo-times.example/list/{yyyymmdd}",
        "day_list",
    )
    html = '<a href="/news/article/202210160002">기사</a><a href="/about">소개</a><a href="https://ad.example/12345678">광고</a>'
    listed = DAYS.read(EVENT, own, answer(html, url=own.url))
    assert [entry.url for entry in listed.entries] == ["https://www.demo-times.example/news/article/202210160002"]


# ── the frontier beside its queue ────────────────────────────────────────────
def rows_of(store: Store, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.rows(sql)]


def event_store(home: Path) -> Store:
    store = Store.open(home)
    store.save_event(EVENT)
    return store


def test_a_page_that_is_gone_is_asked_for_in_the_archives_and_one_that_is_closed_is_not(tmp_path: Path) -> None:
    urls = [f"https://demo-a.tistory.com/{n}" for n in range(3)]
    first_place, second_place = (captures.replayed(stamp, urls[0]) for stamp in ("20221016000300", "20221101000000"))
    with event_store(tmp_path) as store:
        store.add_leads(EVENT.id, [Lead(url, "tistory", "urls") for url in urls])
        for url, outcome in zip(urls, ("http_404", "robots", "http_410"), strict=True):
            store.add_leads(
                EVENT.id, [Lead(url, "tistory", "wayback", fetch_from=captures.replayed("20221016000300", url))]
            )
            store.settle(EVENT.id, url, "refused", outcome)
        store.add_leads(EVENT.id, [Lead(urls[0], "tistory", "common_crawl", fetch_from=second_place)])
        assert ask_elsewhere(store, EVENT.id) == 1
        queued = "SELECT url, fetch_from, site FROM frontier WHERE state = 'queued'"
        assert rows_of(store, queued) == [(urls[0], first_place, "web.archive.org")]
        store.settle(EVENT.id, urls[0], "refused", "not_a_capture")
        assert ask_elsewhere(store, EVENT.id) == 1
        assert rows_of(store, queued) == [(urls[0], second_place, "web.archive.org")]
        store.settle(EVENT.id, urls[0], "refused", "http_404")
        assert ask_elsewhere(store, EVENT.id) == 0, "every place was tried"


def test_a_list_is_asked_again_when_it_was_read_before(tmp_path: Path) -> None:
    lead = Lead("https://a.example/list", "generic", "event", role="feed")
    with event_store(tmp_path) as store:
        assert ask_again(store, EVENT.id, [lead]) == 1
        store.settle(EVENT.id, lead.url, "done", "ok")
        assert ask_again(store, EVENT.id, [lead], since="2000-01-01T00:00+09:00") == 0
        assert ask_again(store, EVENT.id, [lead], since=(datetime.now(KST) + timedelta(days=1)).isoformat()) == 1


def test_feeds_and_sitemaps_are_asked_again_whoever_named_them_and_searches_from_their_start(tmp_path: Path) -> None:
    held = [
        Lead("https://a.example/rss", "generic", "event", role="feed"),
        Lead("https://a.example/index.xml", "generic", "event", role="sitemap"),
        Lead("https://a.example/part.xml", "generic", "sitemap", "https://a.example/index.xml", role="sitemap"),
        Lead("https://a.example/gone.xml", "generic", "sitemap", "https://a.example/index.xml", role="sitemap"),
        Lead("https://search.example/?start=101", "naver_search", "naver_search", role="naver_search"),
        Lead("https://a.example/1", "generic", "feed"),
    ]
    with event_store(tmp_path) as store:
        store.add_leads(EVENT.id, held)
        for lead in held:
            state = "refused" if "gone" in lead.url else "done"
            store.settle(EVENT.id, lead.url, state, "ok")
        for source in sources().values():
            _begin(EVENT, store, source)
        urls = [(lead.url,) for lead in held[:3]]
        given = f"url IN ({', '.join('?' * len(held))})"
        sql = f"SELECT url FROM frontier WHERE state = 'queued' AND attempts = 0 AND {given} ORDER BY rowid"
        assert [tuple(row.values()) for row in store.rows(sql, [lead.url for lead in held])] == urls


def test_an_old_store_gains_the_columns(tmp_path: Path) -> None:
    event_store(tmp_path).close()
    with Store.open(tmp_path) as store:
        store.db.execute("DROP VIEW citations")
        store.db.execute("ALTER TABLE frontier DROP COLUMN fetch_from")
        store.db.execute("ALTER TABLE links DROP COLUMN cited_url")
        store.db.execute("DROP TABLE finders")
        store.db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm004%'")
        store.db.execute("UPDATE about SET value = '' WHERE key = 'views_sha256'")
    with Store.open(tmp_path) as store:
        store.add_leads(EVENT.id, [Lead("https://a.example/1", "generic", "urls", fetch_from="http://a.example/1")])
        assert (
            rows_of(store, "SELECT fetch_from FROM frontier UNION ALL SELECT fetch_from FROM finders")
            == [("http://a.example/1",)] * 2
        )
        assert rows_of(store, "SELECT cited_url FROM links") == []
        assert rows_of(store, "SELECT * FROM citations") == []


# ── whole crawls ─────────────────────────────────────────────────────────────
KEYS = {"NAVER_CLIENT_ID": "id-of-nobody", "NAVER_CLIENT_SECRET": "s3cret-naver", "KAKAO_REST_API_KEY": "s3cret-kakao"}
TEXT = "토요일 오후부터 카톡이 먹통이었다.|화재 때문이라는 데이터센터 이야기를 저녁에야 들었다.|복구는 언제 되려나."


def small_event(folder: Path, queries: str = "카카오 먹통", **given: list[str]) -> str:
    """The event of the outage with one question and the sources that are given."""
    raw = (events.FOLDER / "kakao-outage-2022.toml").read_text(encoding="utf-8")
    block = "[sources]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items()) + "\n"
    raw = re.sub(r"\[sources\]\n.*?\n(?=\n# ──)", lambda _: block, raw, count=1, flags=re.DOTALL)
    raw = re.sub(r"queries = \[.*?\]", f'queries = ["{queries}"]', raw, count=1, flags=re.DOTALL)
    path = folder / "small.toml"
    path.write_text(raw, encoding="utf-8")
    return str(path)


def article(url: str, title: str, published: str = "2022-10-17T09:10:00+09:00", more: str = "") -> str:
    body = "".join(f"<p>{line}</p>" for line in TEXT.split("|"))
    return f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}"><meta property="og:url" content="{url}">
<meta property="article:published_time" content="{published}"><meta property="og:site_name" content="지어낸 신문"></head>
<body><h1>{title}</h1><article itemprop="articleBody">{body}{more}</article></body></html>"""


def read(home: Path, sql: str) -> list[tuple[object, ...]]:
    with Store.read(home) as store:
        return rows_of(store, sql)


def test_searches_lead_to_pages_a_used_up_quota_keeps_its_queue_and_no_key_is_written_down(tmp_path: Path) -> None:
    web, home = RecordedWeb(), tmp_path / "home"
    event = small_event(tmp_path, search_terms=[])
    web.recorded("openapi.naver.com/v1/search/news", "naver_news.json")
    web.recorded("openapi.naver.com/v1/search/blog", "naver_blog.json")
    web.rules.append(("dapi.kakao.com/v2/search/blog", kakao_until_the_quota))
    web.add("dapi.kakao.com/v2/search/web", '{"meta": {"is_end": true}, "documents": []}')
    web.add("demo-a.tistory.com/robots.txt", "User-agent: *\nAllow: /\n")
    web.add("demo-a.tistory.com/", post("카톡 없이 보낸 토요일", TEXT))
    web.add(
        "www.demo-times.example/news/", article("http://www.demo-times.example/news/article/202210170001", "사흘째")
    )
    done = web.yeoron(home, "crawl", event, **KEYS)
    assert done.returncode == 1 and "problem_quota_used 1" in done.said, done.said
    assert "listed_outside_period 2" in done.said
    lists_ = dict(read(home, "SELECT role || ' ' || state, count(*) FROM frontier WHERE role <> 'page' GROUP BY 1"))
    assert lists_ == {"naver_search done": 2, "kakao_search done": 2, "kakao_search queued": 1}
    assert read(home, "SELECT platform, outcome FROM problems") == [("kakao_search", "quota_used")]
    twice = "SELECT url FROM finders GROUP BY url HAVING count(DISTINCT found_by) = 2"
    assert read(home, twice) == [("https://demo-a.tistory.com/1",)]
    assert not any("api" in url and "robots" in url for url, _ in web.asked)
    given = "https://www.demo-times.example/news/article/202210170001"
    assert read(home, f"SELECT fetch_from FROM frontier WHERE url = '{given}'") == [(given.replace("https", "http"),)]
    sent = next(headers for url, headers in web.asked if "openapi.naver.com" in url)
    assert (sent["X-Naver-Client-Secret"], sent["X-Naver-Client-Id"]) == ("s3cret-naver", "id-of-nobody")
    web.rules.insert(0, ("dapi.kakao.com/v2/search/", (200, {}, b'{"meta": {"is_end": true}, "documents": []}')))
    web.asked.clear()
    again = web.yeoron(home, "crawl", event, "--source", "kakao_search", **KEYS)
    assert again.returncode == 0, again.said
    assert sorted(urlsplit(url).path for url in web.urls()) == ["/v2/search/blog"] * 2 + ["/v2/search/web"]
    assert secrets_in(home, done.said + again.said) == []


def kakao_until_the_quota(url: str, sent: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """The second page is over the quota, and the error repeats what it was sent, as proxies do."""
    if "page=1&" in url:
        return 200, {"Content-Type": "application/json"}, (RECORDED / "kakao_blog.json").read_bytes()
    body = (RECORDED / "kakao_quota.json").read_bytes().rstrip()[
        :-1
    ] + f', "sent": "{sent["Authorization"]}"}}'.encode()
    return 400, {"X-Echo": sent["Authorization"]}, body


def secrets_in(home: Path, said: str) -> list[str]:
    """Where a key is found in what a crawl left behind: messages, store, unpacked archive."""
    files = {path.name: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    plain = {name: gzip.decompress(content) if name.endswith(".gz") else content for name, content in files.items()}
    assert any(b"openapi.naver.com" in content for name, content in plain.items() if ".warc" in name)
    return [
        name
        for name, content in {"said": said.encode(), **plain}.items()
        if any(k.encode() in content for k in KEYS.values())
    ]


def test_a_wrong_key_shuts_the_source_and_a_missing_one_is_said_without_blame(tmp_path: Path) -> None:
    web, home = RecordedWeb(), tmp_path / "home"
    web.recorded("naverapihub.apigw.ntruss.com/", "hub_bad_key.json", 401)
    web.add("demo-a.tistory.com/rss", feed(("https://demo-a.tistory.com/1", "Sun, 16 Oct 2022 09:05:00 +0900")))
    web.add("demo-a.tistory.com/1", post("카톡 없이 보낸 토요일", TEXT))
    event = small_event(tmp_path, feeds=["https://demo-a.tistory.com/rss"], search_terms=["먹통"])
    without = web.yeoron(home, "crawl", event)
    assert without.returncode == 0 and "no_key 2" in without.said, without.said
    told = read(home, "SELECT platform, detail FROM problems WHERE outcome = 'no_key' ORDER BY platform")
    assert [name for name, _ in told] == ["kakao_search", "naver_search"]
    assert "KAKAO_REST_API_KEY" in str(told[0][1]) and "NAVER_CLIENT_ID and NAVER_CLIENT_SECRET" in str(told[1][1])
    wrong = web.yeoron(home, "crawl", event, NAVER_API_HUB_KEY_ID="a", NAVER_API_HUB_KEY="b")
    assert wrong.returncode == 1 and "problem_bad_key 1" in wrong.said
    assert len(web.urls("naverapihub")) <= 2, "one may be on its way when the first comes back"
    kept = read(home, "SELECT state, count(*) FROM frontier WHERE role = 'naver_search' GROUP BY state")
    assert kept == [("queued", 2 * len(asking.queries(events.load(event))))] and kept[0][1] > 30


def test_archives_give_pages_their_own_address_and_the_day_they_were_captured(tmp_path: Path) -> None:
    web, home, blog = RecordedWeb(), tmp_path / "home", "demo-a.tistory.com"
    event = small_event(tmp_path, archived=[f"{blog}/{{yyyy}}*"])
    members = {
        "good": warc_record(f"https://{blog}/2", post("둘째 글", TEXT.replace("토요일", "일요일"))),
        "redirect": warc_record(f"https://{blog}/3", "", status="302 Found"),
        "junk": b"<html>AccessDenied</html>",
        "other": warc_record(f"https://{blog}/99", post("다른 글", TEXT)),
        "twice": warc_record(f"https://{blog}/1", post("첫 글", TEXT)),
    }
    rows = [
        {"url": f"https://{blog}/{n}", "filename": name, "offset": "7", "length": str(len(member))}
        for n, (name, member) in zip((2, 3, 4, 5, 1), members.items(), strict=True)
    ]
    web.recorded("index.commoncrawl.org/collinfo.json", "collinfo.json")
    web.add(
        "CC-MAIN-2022-49-index?url=demo-a.tistory.com/2022*&output=json&filter==status:200&filter=mime:html&showNumPages",
        '{"pages": 1}',
    )
    web.add("CC-MAIN-2022-49-index", "\n".join(map(json.dumps, rows)))
    web.recorded("CC-MAIN-2023-06-index", "no_captures.json", 404)
    for name, member in members.items():
        web.add(f"data.commoncrawl.org/{name}", member, 206)
    web.recorded("resumeKey=", "wayback_more.json")
    web.recorded("web.archive.org/cdx/", "wayback.json")
    web.add(f"20221016000300id_/http://{blog}/1", post("첫 글", TEXT), **{"X-Archive-Orig-Server": "nginx"})
    web.add(f"20221017120000id_/https://{blog}/20", "", 302, Location="/", **{"X-Archive-Orig-Location": "/gone"})
    done = web.yeoron(home, "crawl", event, "--source", "wayback", "--source", "common_crawl")
    assert done.returncode == 1, done.said
    assert not any(url.startswith(f"https://{blog}") for url in web.urls()), "nothing is asked of the site itself"
    held = dict(read(home, "SELECT d.url, s.fetched_at FROM documents d JOIN snapshots s ON s.id = d.snapshot_id"))
    assert held == {f"https://{blog}/1": "2022-10-16T09:03+09:00", f"https://{blog}/2": "2022-12-01T12:04:05+09:00"}
    assert dict(read(home, "SELECT url, outcome FROM problems")) == {
        f"https://{blog}/3": "http_302", f"https://{blog}/4": "not_a_capture", f"https://{blog}/5": "not_a_capture",
        f"https://{blog}/20": "http_302", f"https://{blog}/21": "not_a_capture", f"https://{blog}/22": "not_a_capture",
    }  # fmt: skip
    ranges = {headers["Range"] for url, headers in web.asked if "data.commoncrawl.org/good" in url}
    assert ranges == {f"bytes=7-{6 + len(members['good'])}"}
    assert "good" in source_in_archive(home, f"https://{blog}/2") and "id_/" in source_in_archive(
        home, f"http://{blog}/1"
    )
    assert len(read(home, f"SELECT 1 FROM finders WHERE url = 'https://{blog}/1'")) == 2
    web.asked.clear()
    again = web.yeoron(home, "crawl", event, "--source", "wayback", "--source", "common_crawl")
    assert [url.split("?")[0] for url in web.urls()] == ["https://index.commoncrawl.org/collinfo.json"], again.said


def source_in_archive(home: Path, url: str) -> str:
    """What the WARC record of a page says of where it came from."""
    [(name, offset)] = read(home, f"SELECT warc_file, warc_offset FROM snapshots WHERE url = '{url}' AND status = 200")
    return record_at(home / "warc" / str(name), int(str(offset))).header("Yeoron-Imported-From") or ""


def test_day_lists_and_the_links_of_held_documents_lead_on(tmp_path: Path) -> None:
    web, home = RecordedWeb(), tmp_path / "home"
    template = "https://www.demo-times.example/list?date={yyyymmdd}&page={page}"
    event = small_event(tmp_path, day_lists=[template])
    cited = '<a href="http://www.demo-times.example/news/article/202210160002?utm_source=x">앞선 기사</a> <a href="https://video.example/watch?v=1">영상</a>'
    web.add(
        "/list?date=20221016&page=1",
        '<a href="/news/article/202210160001">기사</a> <a href="?date=20221016&page=2">2</a>',
    )
    web.add("/list?date=20221016&page=2", '<a href="/news/article/202210160003">기사</a>')
    web.add("/list?date=", '<a href="/about">소개</a>')
    for n, more in ((1, cited), (2, ""), (3, cited)):
        url = f"https://www.demo-times.example/news/article/20221016000{n}"
        web.add(f"/article/20221016000{n}", article(url, f"기사 {n}", more=f"<p>{more}</p>"))
    first_crawl = web.yeoron(home, "crawl", event, "--source", "day_list")
    assert len(web.urls("/list?date=")) == 47 + 1 and "documents 2" in first_crawl.said, first_crawl.said
    web.asked.clear()
    second = web.yeoron(home, "crawl", event, "--source", "link")
    assert web.urls() == ["https://www.demo-times.example/news/article/202210160002?utm_source=x"], second.said
    found = "SELECT found_by, found_on FROM frontier WHERE url LIKE '%0002'"
    assert read(home, found) == [("link", "https://www.demo-times.example/news/article/202210160003")]
    told = "SELECT cited_url, cited_title, cited_outlet, documents FROM citations ORDER BY cited_url DESC"
    held, elsewhere = read(home, told)
    assert held == ("https://www.demo-times.example/news/article/202210160002", "기사 2", "지어낸 신문", 2)
    assert elsewhere == ("https://video.example/watch?v=1", None, None, 2)


def test_the_live_walk_tells_what_the_code_does() -> None:
    told = (ROOT / "docs" / "live-walk.md").read_text(encoding="utf-8")
    assert f"{3600 / POLITE['DOWNLOAD_DELAY']:,.0f} pages an hour" in told
    assert (
        f"{len(asking.queries(EVENT))} questions" in told and f"{len(NAVER.leads(EVENT, LONG_AFTER))} requests" in told
    )
    assert f"{len(asking.prefixes(EVENT, LONG_AFTER))} patterns" in told
    assert f"{len(DAYS.leads(EVENT, LONG_AFTER))} requests" in told
    assert f"asks one host {POLITE['LISTS_OF_A_HOST']:,} lists" in told
    for source in sources().values():
        assert source.BY_DEFAULT or f"--source {source.NAME}" in told
        assert all(f"`{name}`" in told for names in source.KEYS for name in names)
    named = [lists.QuotaUsed, lists.SlowDown, lists.BadKey, lists.BadQuery, lists.TornAnswer]
    assert all(f"`{outcome.outcome}`" in told for outcome in named)
