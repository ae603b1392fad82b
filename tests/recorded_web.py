"""A web on loopback that answers as search services and web archives do, and remembers what it was asked with."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, NoReturn
from urllib.parse import unquote

from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import crawler.crawl
import crawler.settings
import yeoron

ROOT = Path(__file__).parent.parent
RECORDED = ROOT / "tests" / "recorded"
Answer = tuple[int, dict[str, str], bytes]
Asked = tuple[str, dict[str, str]]

# The pace of a real crawl, one request at a time and site, but without its delays; and no patience is lost on a
# service that refuses five times in a row.
PACE = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "FAILURES_OPEN_CIRCUIT": 99}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command: its exit code and all it said."""

    returncode: int
    said: str


@dataclass
class RecordedWeb:
    """``rules`` are tried in turn: a piece of the (decoded) address, and the answer or what makes it."""

    rules: list[tuple[str, Answer | Callable[[str, dict[str, str]], Answer]]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def add(self, piece: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.rules.append((piece, (status, {"Content-Type": "text/html; charset=utf-8"} | headers, content)))

    def recorded(self, piece: str, name: str, status: int = 200) -> None:
        """Answer with a file of tests/recorded/."""
        self.add(piece, (RECORDED / name).read_bytes(), status, **{"Content-Type": "application/json"})

    def urls(self, piece: str = "") -> list[str]:
        return [url for url, _ in self.asked if piece in url and not url.endswith("/robots.txt")]

    def yeoron(self, home: Path, *args: str, **environment: str) -> Done:
        """Run the command line against this web, with nothing in the environment but what is given.

        In a forked process, since Scrapy's reactor runs once in one.
        """
        server = self._server()
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                _run(["--home", str(home), *args], f"127.0.0.1:{server.server_port}", said, environment)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            server.shutdown()
            server.server_close()
            said.seek(0)
            return Done(code, said.read())

    def _server(self) -> ThreadingHTTPServer:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url, sent = unquote(f"https://{self.headers['Host']}{self.path}"), dict(self.headers)
                web.asked.append((url, sent))
                found = next((answer for piece, answer in web.rules if piece in url), (404, {}, b"none"))
                status, headers, body = found(url, sent) if callable(found) else found
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def _run(args: list[str], server: str, said: IO[str], environment: dict[str, str]) -> NoReturn:
    code = 70
    try:
        sys.stdout = sys.stderr = said
        os.environ.clear()
        os.environ.update(environment)
        crawler.crawl.settings = lambda demo=None: crawler.settings.settings(server) | PACE
        code = yeoron.main(args)
    except BaseException:
        traceback.print_exc(file=said)
    finally:
        said.flush()
        os._exit(code)


def warc_record(url: str, body: str, date: str = "2022-12-01T03:04:05Z", status: str = "200 OK") -> bytes:
    """One response as Common Crawl keeps it: a gzip member with a WARC record."""
    out = io.BytesIO()
    http = StatusAndHeaders(
        status,
        [("Content-Type", "text/html; charset=utf-8"), ("X-Crawler-Content-Encoding", "gzip")],
        protocol="HTTP/1.1",
    )
    made = RecordBuilder().create_warc_record(
        url, "response", payload=io.BytesIO(body.encode()), http_headers=http, warc_headers_dict={"WARC-Date": date}
    )
    WARCWriter(out, gzip=True).write_record(made)
    return out.getvalue()


def torn(member: bytes) -> bytes:
    """A gzip member whose record breaks off."""
    return gzip.compress(gzip.decompress(member)[:400])
