"""A download handler that asks the demo web on loopback, whatever host the URL names.

Everything above it is the real crawl: robots.txt per host, delays, redirects, archive. This is the
one declared exception to crawler/guard.py: the server's literal address, and no other. The
response keeps the URL that was asked for, so readers see the addresses of the real platforms.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.handler import BoundedHandler


class LoopbackHandler(BoundedHandler):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.server: str = crawler.settings["DEMO_SERVER"]
        host = self.server.rpartition(":")[0]
        if host not in ("127.0.0.1", "[::1]"):
            raise ValueError(f"the demo web lives on loopback, not on {host}")

    async def download_request(self, request: Request) -> Response:
        asked = urlsplit(request.url)
        there = asked._replace(scheme="http", netloc=self.server).geturl()
        headers = request.headers.copy()
        headers[b"Host"] = asked.netloc.encode("ascii")
        response = await super().download_request(request.replace(url=there, headers=headers))
        return response.replace(url=request.url)
