"""Scrapy's settings: obey robots, say who we are, go slowly. Nothing here can be switched off from outside."""

from __future__ import annotations

import os
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
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 1.5,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 1.5,
    "AUTOTHROTTLE_MAX_DELAY": 60,
    "DOWNLOAD_TIMEOUT": 30,
    "DOWNLOAD_MAXSIZE": LARGEST_PAYLOAD,
    "RETRY_TIMES": 1,
    "REDIRECT_MAX_TIMES": 5,
    "LOG_LEVEL": "WARNING",
    "LOG_INSTALL_ROOT_HANDLER": False,  # the command line has set up the log
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawler.middlewares.RobotsMiddleware": 100,
        # Next to the downloader, below Scrapy's HttpCompression (590): it sees the bytes as received.
        "crawler.middlewares.ArchiveMiddleware": 900,
    },
    "ITEM_PIPELINES": {"crawler.pipelines.StorePipeline": 300},
}


def settings(demo_server: str | None = None) -> dict[str, Any]:
    """The settings of a crawl. With ``demo_server`` (host:port on loopback) every request goes there, fast."""
    chosen = POLITE | {"USER_AGENT": user_agent()}
    if demo_server:
        handler = "crawler.loopback.LoopbackHandler"
        chosen |= {
            "DEMO_SERVER": demo_server,
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        }
    return chosen


def user_agent() -> str:
    """One name everywhere; YEORON_CONTACT (an address or page) tells an operator whom to write to."""
    contact = os.environ.get("YEORON_CONTACT", "").strip()
    return f"yeoron/{VERSION} (public-opinion research crawler; {contact or 'no contact given'})"
