"""Scrapy middlewares: robots.txt read as the operator's will, and the archive before anything is parsed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from data.archive import Headers, TooLarge
from data.records import KST


class RobotsForbids(IgnoreRequest):
    """robots.txt of the host forbids this address to us."""


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be had (5xx or no answer); RFC 9309 2.3.1.4 reads that as "keep out"."""


class PageTooLarge(IgnoreRequest):
    """The body, perhaps only after decompression, is over the archive's limit."""


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's own, but an unreachable robots.txt shuts the host for this run instead of opening it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreachable: set[str] = set()

    def process_request_2(self, rp: Any, request: Request) -> None:
        host = request.url.split("/", 3)[2]
        if host in self._unreachable:
            raise RobotsUnreachable(f"robots.txt of {host} gave no answer; the host is left alone until it does")
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RobotsForbids(f"robots.txt of {host} forbids this address") from error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            raise IgnoreRequest(f"robots.txt answered {response.status}")
        if response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable.add(netloc)
        super()._robots_error(exc, netloc)


class ArchiveMiddleware:
    """Writes every response to the WARC archive and hangs its snapshot on the response's request."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        try:
            request.meta["snapshot"] = self.crawler.spider.archive.write(
                response.url,
                response.status,
                _pairs(response),
                response.body,
                datetime.now(KST),
                request=_pairs(request),
            )
        except TooLarge as error:
            raise PageTooLarge(f"the page is {error}: save it without its images and import the file") from error
        except OSError as error:
            self.crawler.spider.give_up(error)
            raise IgnoreRequest("not archived, so not read") from error
        return response


def _pairs(message: Request | Response) -> Headers:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]
