"""Scrapy's settings: obey robots, say who we are, go slowly. Nothing here can be switched off from outside."""

from __future__ import annotations

import os
import sys
from typing import Any

from data.archive import LARGEST_PAYLOAD

VERSION = "0.1.0"

# One request per 1.5 s and site at most; AutoThrottle goes slower where the site answers slowly.
POLITE: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,  # Scrapy's own port that would run code sent to it
    "HTTPPROXY_ENABLED": False,  # behind a proxy nobody here could see which address is connected to
    "TWISTED_DNS_RESOLVER": "crawler.guard.GuardedResolver",
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.handler.BoundedHandler",
        "https": "crawler.handler.BoundedHandler",
        **dict.fromkeys(("data", "file", "ftp", "s3")),
    },
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop" if sys.platform != "win32" else None,
    "SCHEDULER": "crawler.frontier.FrontierScheduler",
    "CONCURRENT_REQUESTS": 32,  # sites at a time; each may hold DOWNLOAD_MAXSIZE in memory
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "CONCURRENT_ITEMS": 1,  # a page yields no items, yet Scrapy starts as many tasks for each; 100 took 2 ms a page
    "DOWNLOAD_DELAY": 1.5,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 1.5,
    "AUTOTHROTTLE_MAX_DELAY": 60,
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "ko",
        "Accept-Encoding": "gzip, deflate",
    },
    "DOWNLOAD_TIMEOUT": 30,  # from the first byte sent to the last received, so dripping does not help
    "DOWNLOAD_MAXSIZE": LARGEST_PAYLOAD,
    "DOWNLOAD_WARNSIZE": 0,
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],  # 429 and 503 ask for time: see crawler/manners.py
    # Five in a row is no chance: of the event's 126 real addresses no outlet has more than a few.
    "FAILURES_OPEN_CIRCUIT": 5,
    "PATIENCE": 120,  # seconds a run waits for a site that asked for time; longer waits are the next run's
    # A run's share of one host. 20,000 pages are eight hours at 1.5 s; a calendar has no end.
    "PAGES_OF_A_HOST": 20_000,
    "LISTS_OF_A_HOST": 2_000,
    "REDIRECT_MAX_TIMES": 5,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,  # parses our own source again and again to look for a slip mypy sees
    "LOG_LEVEL": "WARNING",
    "LOG_INSTALL_ROOT_HANDLER": False,  # the command line has set up the log
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        "crawler.guard.AddressGuard": 80,
        "crawler.middlewares.MannersMiddleware": 90,
        "crawler.middlewares.RobotsMiddleware": 100,
        # Below Scrapy's redirects (600) and retries (550): what it refuses they do not take up.
        "crawler.guard.AnswerGuard": 860,
        # Next to the downloader, below Scrapy's HttpCompression (590): it sees the bytes as received.
        "crawler.middlewares.ArchiveMiddleware": 900,
        # Below the archive: it sees no key, and a web archive's answer as the page that was captured.
        "crawler.downloads.KeysMiddleware": 950,
        "crawler.downloads.CaptureMiddleware": 960,
    },
    # Nothing here asks for a depth, a referrer, an allowed domain or a password; each layer costs every page its time.
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    },
}


def settings(demo_server: str | None = None) -> dict[str, Any]:
    """The settings of a crawl. With ``demo_server`` (host:port on loopback) every request goes there, fast."""
    chosen = POLITE | {"USER_AGENT": user_agent()}
    if demo_server:
        handler = "crawler.loopback.LoopbackHandler"
        chosen |= {
            "DEMO_SERVER": demo_server,
            "DOWNLOAD_HANDLERS": POLITE["DOWNLOAD_HANDLERS"] | {"http": handler, "https": handler},
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        }
    return chosen


def user_agent() -> str:
    """One name everywhere; YEORON_CONTACT (an address or page) tells an operator whom to write to."""
    contact = os.environ.get("YEORON_CONTACT", "").strip()
    return f"yeoron/{VERSION} (public-opinion research crawler; {contact or 'no contact given'})"
