"""A hostile web on loopback: every trap ends in a recorded problem, and the crawl goes on."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from time import sleep

import brotli
import pytest

from crawler import guard
from crawler.manners import wait_asked
from data import events
from data.archive import LARGEST_PAYLOAD
from data.records import Lead
from data.store import Store
from tests.small_web import SmallWeb, feed, post

EVENT = events.load("kakao-outage-2022")
TEXT = "토요일 오후부터 카톡이 먹통이었다.|화재 때문이라는 데이터센터 이야기를 저녁에야 들었다.|복구는 언제 되려나."
IN = "Sun, 16 Oct 2022 09:05:00 +0900"
LIMITS = {
    "DOWNLOAD_MAXSIZE": 1_000_000,
    "RETRY_TIMES": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "FAILURES_OPEN_CIRCUIT": 3,
    "PATIENCE": 5,
    "PAGES_OF_A_HOST": 12,
    "LISTS_OF_A_HOST": 6,
}
# Two seconds for those who use up any limit, and the usual thirty for the others, however busy the machine is.
SHORT = """
from scrapy.downloadermiddlewares.downloadtimeout import DownloadTimeoutMiddleware
def process_request(self, request):
    slow = any(name in request.url for name in ("drip", "silent", "slow-robots"))
    request.meta["download_timeout"] = 2 if slow else 30
DownloadTimeoutMiddleware.process_request = process_request
"""


# ── answers written by hand ──────────────────────────────────────────────────
def raw(head: str, body: bytes = b"") -> Callable[[BaseHTTPRequestHandler], None]:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 " + head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return act


def drip(handler: BaseHTTPRequestHandler) -> None:
    raw("200 OK\nContent-Type: text/html\nContent-Length: 6000")(handler)
    for _ in range(600):
        handler.wfile.write(b"a")
        sleep(0.1)


def endless(head: str, piece: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head.encode())
        for _ in range(100_000_000 // len(piece)):
            handler.wfile.write(piece)

    return act


def silent(_: BaseHTTPRequestHandler) -> None:
    sleep(60)


# ── one page each ────────────────────────────────────────────────────────────
GZIP = {"Content-Encoding": "gzip"}
BOMB = gzip.compress(b" " * (LARGEST_PAYLOAD + 10))
WITH_TYPE = "200 OK\nContent-Type: text/html; charset={}"
DEEP = post("깊은 글", TEXT).replace("<p>", "<div>" * 20_000 + "<p>")
PAGES: dict[str, tuple[str | bytes, int, dict[str, str], str]] = {
    # name: body, status, headers, the outcome to be recorded
    "bomb": (BOMB, 200, GZIP, "too_large"),
    "bomb-in-bomb": (gzip.compress(BOMB), 200, {"Content-Encoding": "gzip, gzip"}, "bad_coding"),
    "brotli": (brotli.compress(b" " * 20_000_000), 200, {"Content-Encoding": "br"}, "bad_coding"),
    "zstd": (b"\x28\xb5\x2f\xfd", 200, {"Content-Encoding": "zstd"}, "bad_coding"),
    "no-gzip": (b"this is no gzip at all", 200, GZIP, "bad_coding"),
    "loop": ("", 302, {"Location": "https://loop.example/1"}, "too_many_redirects"),
    "to-private": ("", 302, {"Location": "http://10.0.0.7/1"}, "private_address"),
    "to-loopback": ("", 301, {"Location": "http://[::ffff:127.0.0.1]/1"}, "private_address"),
    "to-metadata": ("", 307, {"Location": "//0xA9FEA9FE/latest/meta-data/"}, "private_address"),
    "to-file": ("", 302, {"Location": "file:///etc/passwd"}, "bad_scheme"),
    "to-nowhere": ("", 302, {"Location": "http://[fine.example/1"}, "bad_address"),
    "to-port": ("", 302, {"Location": "https://fine.example:6379/1"}, "bad_port"),
    "to-password": ("", 302, {"Location": "https://root:pw@fine.example/1"}, "credentials"),
    "refresh": (
        '<html><head><meta http-equiv="refresh" content="0;url=http://192.168.0.1/admin"></head></html>',
        200, {}, "private_address",
    ),
    "deep": (DEEP, 200, {}, "not_an_article"),
    "empty": ("", 200, {}, "not_an_article"),
    "pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 40, 200, {}, "mojibake"),
    "image": (b"\x89PNG\r\n\x1a\n" + zlib.compress(bytes(range(256)) * 40), 200, {}, "mojibake"),
}  # fmt: skip
ACTS = {
    "drip": (drip, "timeout"),
    "silent": (silent, "timeout"),
    "endless": (endless("\r\n", b"a" * 60_000), "too_large"),
    "endless-header": (endless("X-Long: ", b"a" * 60_000), "no_answer"),
    "endless-headers": (endless("", b"X-More: " + b"a" * 8_000 + b"\r\n"), "no_answer"),
    "said-more": (raw("200 OK\nContent-Type: text/html\nContent-Length: 9000", b"short"), "cut_off"),
    "said-less": (
        raw("200 OK\nContent-Type: text/html\nContent-Length: 12", b"<html><body>and more"),
        "not_an_article",
    ),
    "no-http": (raw("nonsense"), "no_answer"),
    "charset-codec": (raw(WITH_TYPE.format("hex"), b"\x80\xfe\xfd" * 3000), "bad_charset"),
    "charset-nul": (raw(WITH_TYPE.format('"a\0b"'), b"\x80\xfe\xfd" * 3000), "mojibake"),
    "charset-path": (raw(WITH_TYPE.format("../../etc/passwd"), b"\x80\xfe\xfd" * 3000), "mojibake"),
}
STRAIGHT = {
    # addresses that are refused before anything is asked
    "http://127.0.0.1/1": "private_address",
    "http://2130706433/1": "private_address",
    "ftp://fine.example/1": "bad_scheme",
    "https://fine.example:8443/1": "bad_port",
}
LISTS = {
    "laughs": (
        '<!DOCTYPE r [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        + "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("bcdefgh", "cdefghi", strict=True))
        + "]><rss><channel><item><link>&i;</link></item></channel></rss>",
        "empty_list",
    ),
    "outside": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><link>&x;</link></item></channel></rss>',
        "empty_list",
    ),
    "no-feed": ("<html><body>list</body></html>", "not_a_feed"),
}  # fmt: skip


def page(url: str) -> Lead:
    return Lead(url, "generic", "urls")


def sitemap(*urls: str, kind: str = "sitemap") -> str:
    outer = {"sitemap": "sitemapindex", "url": "urlset"}[kind]
    inner = "".join(f"<{kind}><loc>{url}</loc></{kind}>" for url in urls)
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{outer}>'


def hostile_web() -> tuple[SmallWeb, list[Lead]]:
    web, leads = SmallWeb(), [page(url) for url in STRAIGHT]
    for name, (body, status, headers, _) in PAGES.items():
        web.add(f"https://{name}.example/1", body, status=status, **headers)
        leads.append(page(f"https://{name}.example/1"))
    for name, (act, _) in ACTS.items():
        web.acts[f"https://{name}.example/1"] = act
        leads.append(page(f"https://{name}.example/1"))
    for name, (body, _) in LISTS.items():
        web.add(f"https://{name}.example/list", body)
        leads.append(Lead(f"https://{name}.example/list", "generic", "event", role="feed"))
    for name in ("fine", "nul", "slow-robots", "long-robots", "page-robots", "busy", "brief", "dead"):
        web.add(f"https://{name}.example/1", post(f"{name} 글", TEXT))
        leads.append(page(f"https://{name}.example/1"))
    web.add("https://nul.example/1", post("널\0 글", TEXT.replace("저녁", "저\0녁")))
    web.acts["https://slow-robots.example/robots.txt"] = silent
    web.acts["https://long-robots.example/robots.txt"] = endless("\r\n", b"Disallow: /x\n" * 5000)
    web.add("https://page-robots.example/robots.txt", "<html><body>Disallow: /</body></html>")
    for number in range(1, 13):
        web.add(f"https://chain.example/{number}", "", status=302, Location=f"https://chain.example/{number + 1}")
    leads.append(page("https://chain.example/1"))
    in_time(web, leads)
    without_end(web, leads)
    return web, leads


def in_time(web: SmallWeb, leads: list[Lead]) -> None:
    """busy asks for an hour, brief for a second, dead fails each time, far asks for a hundred years."""
    for name, number in (("busy", 5), ("brief", 4), ("dead", 6), ("far", 2)):
        for other in range(1, number + 1):
            web.add(f"https://{name}.example/{other}", post(f"글 {other}", TEXT))
            leads.append(page(f"https://{name}.example/{other}"))
    web.add("https://busy.example/2", "slow down", status=429, **{"Retry-After": "3600"})
    web.add("https://brief.example/1", "soon", status=503, **{"Retry-After": "1"})
    web.add("https://far.example/1", "never", status=503, **{"Retry-After": "Fri, 31 Dec 2122 23:59:59 GMT"})
    for number in range(1, 7):
        web.add(f"https://dead.example/{number}", "oops", status=500)


def without_end(web: SmallWeb, leads: list[Lead]) -> None:
    """A sitemap that names itself and further ones without end, and a calendar with a page for every day."""
    web.add("https://self.example/0.xml", sitemap("https://self.example/0.xml"))
    for number in range(20):
        web.add(f"https://maze.example/{number}.xml", sitemap(f"https://maze.example/{number + 1}.xml"))
    days = [f"https://calendar.example/{day}" for day in range(1000)]
    web.add("https://calendar.example/list.xml", sitemap(*days, kind="url"))
    web.add("https://many.example/rss", feed(*((f"https://many.example/{number}", IN) for number in range(300))))
    for url in ("https://self.example/0.xml", "https://maze.example/0.xml", "https://calendar.example/list.xml"):
        leads.append(Lead(url, "generic", "event", role="sitemap"))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallWeb, str]:
    home = tmp_path_factory.mktemp("hostile")
    web, leads = hostile_web()
    with Store.open(home, "demo") as store:
        store.save_event(EVENT)
        store.add_leads(EVENT.id, leads)
    return home, web, web.crawl(home, before=SHORT, **LIMITS)


def outcomes(home: Path) -> dict[str, str]:
    with Store.read(home) as store:
        return {row["url"]: row["outcome"] for row in store.rows("SELECT url, outcome FROM problems ORDER BY id")}


def states(home: Path, host: str) -> list[str]:
    with Store.read(home) as store:
        rows = store.rows("SELECT state FROM frontier WHERE url LIKE ? ORDER BY rowid", [f"https://{host}.example/%"])
        return [row["state"] for row in rows]


EXPECTED = (
    STRAIGHT
    | {f"https://{name}.example/1": case[-1] for name, case in (PAGES | ACTS).items()}
    | {f"https://{name}.example/list": outcome for name, (_, outcome) in LISTS.items()}
    | {f"https://{name}-robots.example/1": "robots_unreachable" for name in ("slow", "long")}
    | {"https://page-robots.example/robots.txt": "robots_is_a_page", "https://chain.example/1": "too_many_redirects"}
)


@pytest.mark.parametrize("url", EXPECTED)
def test_a_trap_is_a_recorded_problem(crawled: tuple[Path, SmallWeb, str], url: str) -> None:
    assert outcomes(crawled[0])[url] == EXPECTED[url]


def test_the_crawl_went_on(crawled: tuple[Path, SmallWeb, str]) -> None:
    home, web, said = crawled
    assert {name: states(home, name) for name in ("fine", "page-robots", "nul")} == {
        "fine": ["done"], "page-robots": ["done"], "nul": ["done"],
    }  # fmt: skip
    assert "Traceback" not in said
    with Store.read(home) as store:
        assert store.value("SELECT count(*) FROM documents WHERE instr(text || title, char(0))") == 0
        assert store.value("SELECT outcome FROM runs") == "ok"


def test_nothing_was_asked_of_an_address_that_is_refused(crawled: tuple[Path, SmallWeb, str]) -> None:
    asked = {url.split("/")[2] for url in crawled[1].asked}
    assert not asked & {"127.0.0.1", "2130706433", "10.0.0.7", "192.168.0.1", "fine.example:6379", "fine.example:8443"}
    assert "fine.example" in asked and "to-private.example" in asked


def test_a_site_that_asks_for_time_gets_it(crawled: tuple[Path, SmallWeb, str]) -> None:
    home, web, _ = crawled
    assert states(home, "busy") == ["done", "failed", "queued", "queued", "queued"]
    assert outcomes(home)["https://busy.example/"] == "retry_after"
    with Store.read(home) as store:
        until = {row["site"]: row for row in store.rows("SELECT * FROM sites")}
    wait = {
        site: datetime.fromisoformat(row["waits_until"]) - datetime.fromisoformat(row["updated_at"])
        for site, row in until.items()
    }
    assert abs(wait["busy.example"] - timedelta(hours=1)) < timedelta(seconds=2)
    assert abs(wait["far.example"] - timedelta(days=1)) < timedelta(seconds=2), "nobody waits a hundred years"


def test_a_short_wait_is_waited_for(crawled: tuple[Path, SmallWeb, str]) -> None:
    assert states(crawled[0], "brief") == ["failed", "done", "done", "done"]


def test_a_site_that_fails_and_fails_is_left_alone(crawled: tuple[Path, SmallWeb, str]) -> None:
    home, web, _ = crawled
    assert states(home, "dead") == ["failed", "failed", "failed", "queued", "queued", "queued"]
    assert outcomes(home)["https://dead.example/"] == "circuit_open"
    assert sum(count for url, count in web.asked.items() if url.startswith("https://dead.example/")) == 4
    with Store.read(home) as store:
        rows = store.rows("SELECT pages FROM addresses_by_outcome WHERE outcome = 'circuit_open'")
        assert [row["pages"] for row in rows] == [3]


def test_what_has_no_end_is_bounded(crawled: tuple[Path, SmallWeb, str]) -> None:
    home, web, _ = crawled
    assert web.asked["https://self.example/0.xml"] == 1
    assert sum(url.startswith("https://maze.example/") for url in web.asked) == 6 + 1, "six lists and robots.txt"
    assert outcomes(home)["https://maze.example/"] == "host_limit"
    assert sum(url.startswith("https://calendar.example/") for url in web.asked) == 12 + 2
    assert outcomes(home)["https://calendar.example/"] == "host_limit"
    assert states(home, "calendar").count("queued") == 1000 - 12


# ── the guard alone ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "address",
    ["0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.2.1", "192.168.1.1",
     "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1"],
)  # fmt: skip
def test_an_address_that_is_not_public(address: str) -> None:
    assert not guard.is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "211.249.220.24", "2001:4860:4860::8888"])
def test_a_public_address(address: str) -> None:
    assert guard.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://127.1/", "private_address"), ("http://0177.0.0.1/", "private_address"),
        ("http://0x7f000001/", "private_address"), ("http://127.0.0.1./", "private_address"),
        ("http://[::1]/", "private_address"), ("http://[fd00::1]/", "private_address"), ("http://0/", "private_address"),
        ("file:///etc/passwd", "bad_scheme"), ("gopher://h.example/", "bad_scheme"), ("data:text/html,x", "bad_scheme"),
        ("https://h.example:22/", "bad_port"), ("https://h.example:0/", "bad_port"),
        ("https://h.example:99999/", "bad_address"), ("https:///x", "bad_address"),
        ("https://me@h.example/", "credentials"),
    ],
)  # fmt: skip
def test_what_is_never_asked(url: str, outcome: str) -> None:
    with pytest.raises(guard.Refused) as refused:
        guard.check(url)
    assert refused.value.outcome == outcome


@pytest.mark.parametrize(
    "url", ["https://h.example/1", "http://h.example:80/", "https://한글.example:443/", "http://1.1.1.1/"]
)
def test_what_may_be_asked(url: str) -> None:
    guard.check(url)


NAME_LEADS_HERE = """
import socket
from crawler import guard
socket.gethostbyname = lambda name: "127.0.0.1"
guard.PORTS = frozenset({{{port}}})
{more}
"""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_name_that_leads_to_a_private_address(tmp_path: Path, guarded: bool) -> None:
    """Over Scrapy's own handler and resolver, without the demo's; unguarded, the same crawl does connect."""
    web = SmallWeb()
    with web.serve() as server:
        port = server.rpartition(":")[2]
        url = f"http://inside.example:{port}/1"
        web.add(url.replace("http:", "https:"), post("안쪽", TEXT))
        with Store.open(tmp_path, "demo") as store:
            store.save_event(EVENT)
            store.add_leads(EVENT.id, [Lead(url, "generic", "urls", fetch_from=url)])
        more = "" if guarded else "guard.is_public = lambda address: True"
        before = NAME_LEADS_HERE.format(port=port, more=more)
        web.crawl_with("", tmp_path, before=before, RETRY_TIMES=0, DOWNLOAD_DELAY=0, AUTOTHROTTLE_ENABLED=False)
    assert bool(web.asked) is not guarded
    assert (outcomes(tmp_path).get(url) == "private_address") is guarded


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("120", 120), ("0", 0), ("99999999999999", 86_400), ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
     ("Sun, 22 Nov 2020 12:00:30 GMT", 0), ("-5", None), ("soon", None), ("", None), (None, None)],
)  # fmt: skip
def test_retry_after(stated: str | None, seconds: int | None) -> None:
    wait = wait_asked(stated, datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_no_switch_turns_robots_off() -> None:
    from crawler.settings import POLITE, settings

    assert POLITE["ROBOTSTXT_OBEY"] is True and settings("127.0.0.1:1")["ROBOTSTXT_OBEY"] is True
    help_text = json.dumps(sorted(POLITE)) + Path("yeoron.py").read_text(encoding="utf-8")
    assert "--ignore-robots" not in help_text and "dont_obey" not in help_text
