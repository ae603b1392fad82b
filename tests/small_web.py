"""A web of a few pages on loopback, answering by Host and path, and the crawl of it in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = tuple[int, dict[str, str], bytes]
Act = Callable[[BaseHTTPRequestHandler], None]

LIMITS = """
import crawler.crawl
generous = crawler.crawl.settings
crawler.crawl.settings = lambda *given: generous(*given) | {0}
"""
CRAWL = """
import sys
from pathlib import Path
from collections import Counter
from data import events
from data.store import Store
from crawler.crawl import crawl
home, server, limit = Path(sys.argv[1]), sys.argv[2] or None, int(sys.argv[3]) or None
event = events.load("kakao-outage-2022")
with Store.open(home, "demo") as store:
    run = store.begin_run("crawl", event.id, {}, {})
    counts = crawl(event, store, run, limit=limit, demo_server=server)
    store.end_run(run, counts, "ok")
"""


@dataclass
class SmallWeb:
    """``pages`` maps a URL to an answer, ``acts`` to a function that writes one as it likes.

    Everything asked for is counted in ``asked``.
    """

    pages: dict[str, Answer] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)

    def add(self, url: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.pages[url] = (status, {"Content-Type": "text/html; charset=utf-8"} | headers, content)

    @contextmanager
    def serve(self) -> Iterator[str]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = f"https://{self.headers['Host']}{self.path}"
                web.asked[url] += 1
                web.agents.add(self.headers["User-Agent"])
                if url in web.acts:
                    self.close_connection = True
                    with suppress(ConnectionError):  # whoever asked has seen enough
                        web.acts[url](self)
                    return
                status, headers, body = web.pages.get(url, (404, {"Content-Type": "text/html"}, b"none"))
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # a crawl of many hosts knocks many times at once

        server = Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    def crawl(self, home: Path, limit: int = 0, before: str = "", fails: bool = False, **limits: float) -> str:
        """Crawl what the store of ``home`` holds as due; return what went to stderr.

        ``before`` is code for the crawling process to run first; ``fails`` says that it must end in an error;
        ``limits`` are Scrapy settings that are too generous for a test.
        """
        with self.serve() as server:
            return self.crawl_with(server, home, limit, before, fails, **limits)

    def crawl_with(
        self, server: str, home: Path, limit: int = 0, before: str = "", fails: bool = False, **limits: float
    ) -> str:
        """The same against a server that stands already; without one, as a real crawl goes: by name and DNS."""
        done = subprocess.run(
            [sys.executable, "-c", before + LIMITS.format(limits) + CRAWL, str(home), server, str(limit)],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=Path(__file__).parent.parent,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return done.stderr


def post(title: str, text: str, published: str = "2022-10-16T09:05:00+09:00", more: str = "") -> str:
    """A Tistory page as small as a reader accepts."""
    return f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="article:published_time" content="{published}"><meta name="by" content="가상인물">{more}</head>
<body><div class="tt_article_useless_p_margin contents_style">{"".join(f"<p>{p}</p>" for p in text.split("|"))}</div></body></html>"""


def feed(*items: tuple[str, str]) -> str:
    """An RSS feed of (url, RFC 2822 date) pairs."""
    rows = "".join(f"<item><title>t</title><link>{url}</link><pubDate>{at}</pubDate></item>" for url, at in items)
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>c</title>{rows}</channel></rss>'
