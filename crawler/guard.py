"""What is never asked: private addresses, other schemes and ports, addresses that carry a password.

A URL is checked before each request, redirects and robots.txt included, since each of them is a
request of its own. A host name is checked again when DNS has answered: the resolver hands on
only a public address, and that very address is connected to.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver, dnscache
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

SCHEMES = ("http", "https")
# None of the addresses in the event's URL lists and of the saved pages names another port; a page
# that names one is more often an intranet's, or a trap.
PORTS = frozenset({80, 443})
# IPv6 forms that hold an IPv4 address: whatever it is, nobody publishes under them.
HOLDING_IPV4 = tuple(
    ip_network(text) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)


class Refused(IgnoreRequest):
    """An address or an answer that we do not take; ``outcome`` names why in the problems."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


def check(url: str) -> None:
    """Raise Refused (bad_address, bad_scheme, bad_port, credentials, private_address) unless the URL may be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("bad_address", f"not an address: {error}") from error
    if parts.scheme not in SCHEMES:
        raise Refused("bad_scheme", f"only http and https are asked, not {parts.scheme}")
    if "@" in parts.netloc:
        raise Refused("credentials", "the address carries a name or password")
    if port is not None and port not in PORTS:
        raise Refused("bad_port", f"only ports {', '.join(map(str, sorted(PORTS)))} are asked, not {port}")
    if not parts.hostname:
        raise Refused("bad_address", "the address names no host")
    literal = literal_address(parts.hostname)
    if literal is not None and not is_public(literal):
        raise Refused("private_address", f"{literal} is not a public address")


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host *is*, in any form that a resolver takes: 2130706433, 0x7f.1, 0177.0.0.1, ::1."""
    name = host.rstrip(".")
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeEncodeError):
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody may be reached there: no private, loopback, link-local, shared, reserved or multicast net."""
    if isinstance(address, IPv6Address) and (address.is_site_local or any(address in net for net in HOLDING_IPV4)):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, but a name that leads to an address which is not public leads nowhere."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, own: str | None = None) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._own = own

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """The demo's own server is the one exception, by its literal address (see crawler/loopback.py)."""
        held = crawler.settings
        own = (held["DEMO_SERVER"] or "").rpartition(":")[0].strip("[]") or None
        return cls(reactor, held.getint("DNSCACHE_SIZE"), held.getfloat("DNS_TIMEOUT"), own)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        answer: Deferred[str] = super().getHostByName(name, timeout)
        return answer.addCallback(self._public_only, name)

    def _public_only(self, answer: str, name: str) -> str:
        if name != self._own and not is_public(ip_address(answer)):
            raise DNSLookupError(f"{name} leads to {answer}")
        return answer


class AddressGuard:
    """Checks the URL of each request, before anything else is done for it."""

    def process_request(self, request: Request) -> None:
        check(request.url)


class AnswerGuard:
    """Checks where a redirect leads and which address answered, before anything else sees the answer."""

    def __init__(self, crawler: Crawler) -> None:
        self._demo = bool(crawler.settings["DEMO_SERVER"])

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AnswerGuard:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.ip_address and not self._demo and not is_public(response.ip_address):
            raise Refused("private_address", f"answered from {response.ip_address}, which is not a public address")
        location = response.headers.get(b"Location")
        if location and 300 <= response.status < 400:
            check_redirect(response.url, location.decode("latin-1").strip())
        return response

    def process_exception(self, request: Request, exception: Exception) -> Any:
        if isinstance(exception, CannotResolveHostError):
            answer = dnscache.get(urlsplit(request.url).hostname)
            if answer and not is_public(ip_address(answer)):
                raise Refused("private_address", f"the host leads to {answer}, not a public address") from exception


def check_redirect(url: str, location: str) -> None:
    """Scrapy follows no redirect to another scheme, and takes the answer for the page: name it instead."""
    try:
        scheme = urlsplit(urljoin(url, location)).scheme
    except ValueError as error:
        raise Refused("bad_address", f"redirected to what is no address: {error}") from error
    if scheme not in SCHEMES:
        raise Refused("bad_scheme", f"redirected to {scheme}, and only http and https are asked")
