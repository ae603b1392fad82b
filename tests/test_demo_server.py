"""The demo web's server, and a whole crawl of what it serves."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler import platforms
from data import events
from data.demo.server import serve
from data.demo.web import Web
from data.records import Lead
from data.store import Store
from tests.small_web import CRAWL

WEB = Web.load()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve(WEB) as address:
        yield address


def ask(address: str, host: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request(method, path, headers={"Host": host or address, **headers})
    response = connection.getresponse()
    found = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return found


def test_robots_are_open_but_for_one_host(server: str) -> None:
    assert ask(server, "demo-geumji.tistory.com", "/robots.txt")[2] == b"User-agent: *\nDisallow: /\n"
    for host in (
        "demo-bunsik.tistory.com",
        "n.news.naver.com",
        "v.daum.net",
        "m.blog.naver.com",
        "www.onsaemi.example",
    ):
        status, _, body = ask(server, host, "/robots.txt")
        assert status == 200 and b"Disallow: /\n" not in body
    assert b"Disallow: /owner\n" in ask(server, "demo-bunsik.tistory.com", "/robots.txt")[2]


def test_the_host_header_chooses_the_site(server: str) -> None:
    status, headers, body = ask(server, "demo-bunsik.tistory.com", "/38")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "토요일 저녁 장사 망한 이야기" in body.decode()
    assert ask(server, "demo-kkot.tistory.com", "/38")[0] == 404
    assert ask(server, "elsewhere.example", "/")[0] == 404


def test_long_answers_are_compressed_for_those_who_accept_it(server: str) -> None:
    _, plain, body = ask(server, "demo-bunsik.tistory.com", "/38")
    _, packed, compressed = ask(server, "demo-bunsik.tistory.com", "/38", **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain and packed["content-encoding"] == "gzip"
    assert gzip.decompress(compressed) == body and len(compressed) == int(packed["content-length"]) < len(body)
    assert "content-encoding" not in ask(server, "v.daum.net", "/robots.txt", **{"Accept-Encoding": "gzip"})[1]


def test_head_has_no_body_and_connections_stay_open(server: str) -> None:
    status, headers, body = ask(server, "demo-bunsik.tistory.com", "/38", "HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 1024
    connection = http.client.HTTPConnection(server, timeout=10)
    for _ in range(2):
        connection.request("GET", "/rss", headers={"Host": "demo-bunsik.tistory.com"})
        response = connection.getresponse()
        assert response.version == 11 and response.status == 200 and b"<rss" in response.read()
    connection.close()


def test_a_person_can_look_at_it_and_nothing_is_fetched_elsewhere(server: str) -> None:
    _, headers, index = ask(server, "", "/")
    links = re.findall(r'href="(/page\?url=[^"]+)"', index.decode())
    assert len(links) == len(WEB.pages) + len(WEB.watch())
    status, headers, body = ask(server, "", f"/page?url={quote('https://demo-bunsik.tistory.com/38', safe='')}")
    assert status == 200 and headers["content-security-policy"].startswith("default-src 'none'")
    assert f'href="/page?url={quote("https://demo-bunsik.tistory.com/41", safe="")}"' in body.decode()
    assert ask(server, "", "/page?url=https%3A%2F%2Felsewhere.example%2F")[0] == 404


# ── the crawl ────────────────────────────────────────────────────────────────
def test_a_second_crawl_fetches_no_page_again(tmp_path: Path) -> None:
    event = events.load("kakao-outage-2022")
    with Store.open(tmp_path, "demo") as store:
        store.save_event(event)
        store.add_leads(event.id, [Lead(url, "generic", "demo", role=role) for url, role in WEB.watch()])
    first, second = (crawl(tmp_path) for _ in range(2))
    lists = {url for url, role in WEB.watch() if role != "page"}
    fetched = {platforms.fetch_url(platforms.recognise(page.url)) for page in WEB.pages}  # type: ignore[arg-type]
    assert len(fetched & set(first)) > 150 and not fetched & set(second)
    assert not any("geumji" in url and "robots" not in url for url in first)
    assert lists <= set(second)
    with Store.read(tmp_path) as store:
        found = {row["url"] for row in store.rows("SELECT url FROM documents")}
        assert {row["outcome"] for row in store.rows("SELECT outcome FROM problems")} >= {
            "http_404",
            "robots",
            "noindex",
        }
    inside = {
        page.url
        for page in WEB.pages
        if not page.broken and event.starts <= page.published <= event.ends and not page.noindex
    }
    assert inside - found == {url for url in inside if "geumji" in url}


def crawl(home: Path) -> Counter[str]:
    """What a crawl of everything that is due asks the server for."""
    asked: Counter[str] = Counter()
    with serve(WEB, asked) as address:
        command = [sys.executable, "-c", CRAWL, str(home), address, "0"]
        root = Path(__file__).parent.parent
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    return asked
