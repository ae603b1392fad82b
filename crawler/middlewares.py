"""Scrapy middlewares: robots.txt read as the operator's will, sites asked at their pace and left alone in time, and the
archive before anything is parsed."""

from __future__ import annotations

import asyncio
import zlib
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response

from crawler.captures import Opened
from crawler.guard import Refused
from crawler.manners import SiteWaits, keep_pace, pace_asked
from data.archive import Archive, Headers, TooLarge
from data.records import KST, Problem, Snapshot
from data.sites import host_of, site_of

# RFC 9309 2.5: at least this much of a robots.txt is to be read; what follows is left out.
LONGEST_ROBOTS = 500 * 1024
# Answers that mean trouble at the site; each counts against its circuit.
TROUBLE = (500, 502, 503, 504)
# What we say we accept, and therefore what an answer may be coded in; the archive reads these back.
CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class RobotsForbids(IgnoreRequest):
    """robots.txt of the host forbids this address to us."""


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be had (5xx, 429 or no answer); RFC 9309 2.3.1.4 reads that as "keep out"."""


class PageTooLarge(IgnoreRequest):
    """The body, perhaps only after decompression, is over the archive's limit."""


class MannersMiddleware:
    """One site, one slot; and a site that fails too often or asks for time is asked nothing more."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MannersMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        site = request.meta["download_slot"] = site_of(request.url)
        if self.crawler.spider.sites.waits(site):
            raise SiteWaits(f"{site} is left alone for now")
        keep_pace(self.crawler.engine.downloader, site, self.crawler.spider.sites.pace(site))

    def process_response(self, request: Request, response: Response) -> Response:
        sites, site = self.crawler.spider.sites, site_of(request.url)
        if response.status in (429, 503):
            stated = response.headers.get(b"Retry-After")
            sites.asked_for_time(site, stated.decode("latin-1") if stated else None, response.status)
        if response.status in TROUBLE:
            sites.failed(site, f"HTTP {response.status}")
        elif response.status != 429:
            sites.answered(site)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if not isinstance(exception, IgnoreRequest | DownloadCancelledError):  # too large is no trouble of the site's
            self.crawler.spider.sites.failed(site_of(request.url), type(exception).__name__)


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's own, but an unreachable robots.txt shuts the host for this run instead of opening it, and the pace that
    it asks for is kept, from the page on that waited for it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._errors: dict[str, Exception] = {}

    def process_request_2(self, rp: Any, request: Request) -> None:
        host = request.url.split("/", 3)[2]
        error = self._errors.get(host)
        if isinstance(error, Refused | SiteWaits):
            raise error
        if error is not None:
            raise RobotsUnreachable(f"robots.txt of {host} gave no answer ({error}); the host is left alone until then")
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as forbidden:
            raise RobotsForbids(f"robots.txt of {host} forbids this address") from forbidden
        if rp is not None and (pace := pace_asked(rp.rp, self._default_useragent)):
            site, sites = request.meta["download_slot"], self.crawler.spider.sites
            sites.asks_for_pace(site, pace)
            keep_pace(self.crawler.engine.downloader, site, sites.pace(site))

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            raise IgnoreRequest(f"it answered {response.status}")
        body = b"" if response.status >= 400 else response.body[:LONGEST_ROBOTS]
        if len(body) < len(response.body):
            body = body[: body.rfind(b"\n") + 1]
        if body.lstrip().startswith(b"<"):
            self._note_page(response.url)
        self._errors.pop(netloc, None)
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._errors[netloc] = exc
        super()._robots_error(exc, netloc)
        if isinstance(exc, SiteWaits):
            del self._parsers[netloc]  # asked again once the site no longer waits

    def _note_page(self, url: str) -> None:
        detail = f"robots.txt of {host_of(url)} is a page, not rules: read as a file that forbids nothing"
        self.crawler.spider.note(Problem("fetch", "robots_is_a_page", detail, url))


class ArchiveMiddleware:
    """Writes every response to the WARC archive and hangs its snapshot on the response's request.

    A response goes on when its bytes are on the disk, not only with the system. Syncing takes
    milliseconds (70 on a busy disk), so those that arrive while one sync runs share the next,
    and nobody else waits.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._running: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveMiddleware:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        _check_coding(response)
        try:
            request.meta["snapshot"] = self._written(request, response)
            await self._on_disk()
        except TooLarge as error:
            raise PageTooLarge(f"the page is {error}: save it without its images and import the file") from error
        except zlib.error as error:
            raise Refused("bad_coding", f"the body is not what its Content-Encoding says ({error})") from error
        except OSError as error:
            self.crawler.spider.give_up(error)
            raise IgnoreRequest("not archived, so not read") from error
        return response

    def _on_disk(self) -> asyncio.Future[None]:
        """Done when a sync that began after this call has ended."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._sync(self._running))
        return self._next

    async def _sync(self, before: asyncio.Future[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        await asyncio.to_thread(self.crawler.spider.archive.sync)

    def _written(self, request: Request, response: Response) -> Snapshot:
        """A capture of a web archive keeps its record, with its own address and moment."""
        archive: Archive = self.crawler.spider.archive
        captured: Opened | None = request.meta.get("capture")
        if captured is not None:
            return archive.copy(captured.record, captured.capture, captured.source)
        received, sent = pairs(response), pairs(request)
        return archive.write(response.url, response.status, received, response.body, datetime.now(KST), request=sent)


def _check_coding(response: Response) -> None:
    """A coding that was not asked for, or one inside another, is where decompression bombs hide."""
    stated = b",".join(response.headers.getlist(b"Content-Encoding")).decode("latin-1")
    if stated.strip().lower() not in CODINGS:
        raise Refused("bad_coding", f"the body is coded as {stated[:100]}; only gzip or deflate was asked for")


def pairs(message: Request | Response) -> Headers:
    """Headers as text, one pair a value."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]
