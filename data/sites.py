"""A site: what is asked as one, whatever names it goes by."""

from __future__ import annotations

from urllib.parse import urlsplit

# Many names, one service: the delay between requests holds for all of them together.
ONE_SITE = ("tistory.com", "naver.com", "daum.net")
# Hosts for programs, asked with a key: their quota is not the readers' site.
APART = ("openapi.naver.com",)


def host_of(url: str) -> str:
    """Host and port of a URL in lower case; empty where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def site_of(url: str) -> str:
    """The site whose delay a request falls under: a host, or one service behind many names."""
    host = host_of(url)
    if host in APART:
        return host
    return next((site for site in ONE_SITE if host == site or host.endswith(f".{site}")), host)
