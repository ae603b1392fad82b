"""A web of a few pages on loopback, answering by Host and path, and the crawl of it in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = tuple[int, dict[str, str], bytes]

CRAWL = """
import sys
from pathlib import Path
from collections import Counter
from data import events
from data.store import Store
from crawler.crawl import crawl
home, server, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) or None
event = events.load("kakao-outage-2022")
with Store.open(home, "demo") as store:
    run = store.begin_run("crawl", event.id, {}, {})
    counts = crawl(event, store, run, limit=limit, demo_server=server)
    store.end_run(run, counts, "ok")
"""


@dataclass
class SmallWeb:
    """``pages`` maps a URL to an answer; everything asked for is counted in ``asked``."""

    pages: dict[str, Answer] = field(default_factory=dict)
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
                status, headers, body = web.pages.get(url, (404, {"Content-Type": "text/html"}, b"none"))
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    def crawl(self, home: Path, limit: int = 0, before: str = "", fails: bool = False) -> str:
        """Crawl what the store of ``home`` holds as due; return what went to stderr.

        ``before`` is code for the crawling process to run first; ``fails`` says that it must end in an error.
        """
        with self.serve() as server:
            done = subprocess.run(
                [sys.executable, "-c", before + CRAWL, str(home), server, str(limit)],
                capture_output=True,
                text=True,
                timeout=90,
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
