"""Serves the demo web on loopback: each host name of it by the request's Host header.

``python -m data.demo.server --port 8600`` lets a person look at it in a browser, under the server's own name.
"""

from __future__ import annotations

import argparse
import gzip
import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import cast
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from data.demo.markup import fill
from data.demo.render import stamps
from data.demo.web import HTML, NOT_FOUND, Answer, Web

LOOPBACK = "127.0.0.1"
WORTH_GZIP = 1024  # bytes
_ADDRESS = re.compile(r'\b(href|src)="([^"]*)"')
# A person's browser is to fetch nothing from the hosts that pages name.
ONLY_THIS = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"),
)


class DemoServer(ThreadingHTTPServer):
    """``asked`` counts requests by URL."""

    daemon_threads = True

    def __init__(self, web: Web, port: int, asked: Counter[str]) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.web, self.asked, self._lock = web, asked, Lock()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.server_port}"

    def answer(self, host: str, target: str) -> Answer:
        if host in (self.address, f"localhost:{self.server_port}"):
            return _for_a_person(self.web, target)
        url = f"https://{host}{target}"
        with self._lock:
            self.asked[url] += 1
        return self.web.answer(url)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "yeoron-demo"
    wbufsize = -1  # headers and body leave together

    def do_GET(self) -> None:
        server = cast(DemoServer, self.server)
        answer = server.answer(self.headers.get("Host", "").lower(), self.path)
        body = answer.body
        self.send_response(answer.status)
        if len(body) > WORTH_GZIP and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        for name, value in (("Content-Type", answer.content_type), *answer.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a crawl has its own report."""


@contextmanager
def serve(web: Web, asked: Counter[str] | None = None, port: int = 0) -> Iterator[str]:
    """``host:port`` of a server that runs until the block ends. ``asked`` is given a count for each URL requested."""
    server = DemoServer(web, port, Counter() if asked is None else asked)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _for_a_person(web: Web, target: str) -> Answer:
    """An index of all pages, and each of them with its links turned to this server."""
    asked = urlsplit(target)
    if asked.path == "/":
        return Answer(200, f"{HTML}; charset=utf-8", _index(web).encode(), ONLY_THIS)
    url = next(iter(parse_qs(asked.query).get("url", ())), "")
    found = web.answer(url) if asked.path == "/page" else NOT_FOUND
    if not found.content_type.startswith(HTML) or found.status != 200:
        return found
    charset = "cp949" if "charset" not in found.content_type else "utf-8"
    body = _ADDRESS.sub(lambda match: _turned(web, url, match), found.body.decode(charset))
    return Answer(200, found.content_type, body.encode(charset, "xmlcharrefreplace"), ONLY_THIS)


def _turned(web: Web, base: str, match: re.Match[str]) -> str:
    url = urljoin(base, html.unescape(match[2]))
    return f'{match[1]}="{_local(url)}"' if web.answer(url) is not NOT_FOUND else match[0]


def _local(url: str) -> str:
    return f"/page?url={quote(url, safe='')}"


def _index(web: Web) -> str:
    by_date = sorted(web.pages, key=lambda page: page.published)
    entries = [
        {**stamps("published", page.published), "site": page.site, "title": page.title, "href": _local(page.url)}
        for page in by_date
    ]
    watched = [{"role": role, "url": url, "href": _local(url)} for url, role in web.watch()]
    return fill("index", {"page_count": str(len(entries)), "lists": watched, "entries": entries})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m data.demo.server", description="Serve the demo web on loopback.")
    parser.add_argument("--port", type=int, default=8600, help="a free port (default: %(default)s)")
    web, port = Web.load(), parser.parse_args().port
    with serve(web, port=port) as address:
        print(f"http://{address}/ shows {len(web.pages)} pages; Ctrl-C ends it")
        try:
            Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
