"""Scrapy's download handler, but the head of an answer is bounded too: its body is by DOWNLOAD_MAXSIZE, its time by
DOWNLOAD_TIMEOUT."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.web._newclient import HEADER, STATUS

# Bytes of status line and headers; real ones take a few kilobytes, and one read from a socket at most 64.
LONGEST_HEAD = 256 * 1024


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Hangs up on headers without end; Scrapy reports it as a failed download."""

    _head = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        in_head = self._parser is not None and self._parser.state in (STATUS, HEADER)
        self._head = self._head + len(data) if in_head else 0
        if self._head > LONGEST_HEAD:
            self.transport.abortConnection()
            return
        super().dataReceived(data)


class BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> BoundedProtocol:  # noqa: N802
        return BoundedProtocol(self._quiescentCallback)


class BoundedHandler(HTTP11DownloadHandler):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedFactory
