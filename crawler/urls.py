"""One article, one address: what can be told from a URL alone, without asking its host.

An `Address` is an identity, so it compares by its canonical URL; what to request is a separate
question, since a mobile or http form may be the only one that a host still answers.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes, urlsplit

# Parameters that name a reader's way to the page, never the page. Seen in the event's URL lists
# and in feeds: re (ZDNet), trc (eToday), OutUrl (Segye), fromRss and trackingCode (Naver Blog).
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|igshid|mc_[ce]id|_ga|fromRss|trackingCode|cds|OutUrl|trc|uagent|outputType|ref_?src|amp_js_v|amp_gsa|usqp",
    re.IGNORECASE,
)
# An article's own number; where one is there, `page` is the list the reader came from.
NUMBERED = frozenset({"aid", "idxno", "wr_id"})

# Several addresses of one article, where the URL alone can tell: pattern of host and path with
# query, and the form they fall on. Each pair was seen in the event's URL lists or on saved pages.
# Outlets with a platform file of their own have their forms there.
TWINS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), canonical)
    for pattern, canonical in (
        (
            r"(?:m\.|www\.)?mbn\.co\.kr/(?:news-amp|news/\w+)/(\d+)",
            r"www.mbn.co.kr/pages/news/newsView.php?news_seq_no=\1",
        ),
        (
            r"(?:m\.|www\.)?mbn\.co\.kr/pages/news/newsView\.php\?(?:.*&)?(news_seq_no=\d+).*",
            r"www.mbn.co.kr/pages/news/newsView.php?\1",
        ),
        (r"(?:m\.|www\.)?ajunews\.com/(?:amp|view)/(\d+)", r"www.ajunews.com/view/\1"),
        (
            r"(?:m\.|www\.)?wowtv\.co\.kr/NewsCenter/(?:AMP|News)/Read\?articleId=(\w+)",
            r"www.wowtv.co.kr/NewsCenter/News/Read?articleId=\1",
        ),
        (r"(?:\w+\.)?fnnews\.com/(?:ampNews|news)/(\d+)", r"www.fnnews.com/news/\1"),
        (r"(?:m\.|www\.)?imaeil\.com/page/view/(\d+)", r"www.imaeil.com/page/view/\1"),
        (r"(?:m\.|www1?\.)?ddaily\.co\.kr/page/view/(\d+)", r"www.ddaily.co.kr/page/view/\1"),
        (r"(?:m\.|www\.)?dailian\.co\.kr/news/view/(\d+)", r"www.dailian.co.kr/news/view/\1"),
        (r"(?:m\.|www\.)?khan\.co\.kr/(?:[\w-]+/)*article/(\d+)", r"www.khan.co.kr/article/\1"),
        (r"(?:s1|m|www)\.ihalla\.com/(?:article|print)\.php\?(?:.*&)?(aid=\d+).*", r"www.ihalla.com/article.php?\1"),
        (r"www\.kmib\.co\.kr/article/view(?:_amp)?\.asp\?(?:.*&)?(arcid=\d+).*", r"www.kmib.co.kr/article/view.asp?\1"),
    )
)

# A page in the AMP cache is the page itself: the cache's own host or google.com/amp, then the address without
# its scheme, 's/' standing for https (documented at amp.dev; '/c' is a document, '/v' one in a viewer).
_AMP_CACHE = re.compile(
    r"https?://(?:(?:[\w-]+\.)?cdn\.ampproject\.org/[cv]|(?:www\.)?google\.(?:com|co\.kr)/amp)/(s/)?(?=[\w-]+\.)"
)
_AMP_STEP = re.compile(r"^/amp(?=/[^/]+/.+)|/amp$", re.IGNORECASE)  # not '/amp/ID': its twin is unknown
_LIST_PAGE_IN_PATH = re.compile(r"&page=\d+$")
_TWIN_LABELS = frozenset(("www", "m", "mobile", "amp"))
_DEFAULT_PORTS = (None, 80, 443)


@dataclass(frozen=True, slots=True)
class Address:
    """Which article of which platform; ``given`` is the URL it was told from, not part of it.

    ``is_alias`` says that the article has another id, which cannot be told from this one.
    """

    platform: str
    url: str
    native_id: str
    is_list: bool = False
    given: str = field(default="", compare=False)
    is_alias: bool = field(default=False, compare=False)


def list_address(platform: str, url: str) -> Address:
    """The address of a list of a platform that has no form of its own for lists."""
    listed = canonical_url(url) or url
    return Address(platform, listed, listed.removeprefix("https://"), is_list=True, given=url)


def split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL with a host, out of the AMP cache; None for anything else."""
    try:
        parts = urlsplit(_AMP_CACHE.sub(_scheme, url.strip(), count=1))
        parts.port  # noqa: B018  a port that is no number shows only when asked for
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _scheme(cache: re.Match[str]) -> str:
    return "https://" if cache[1] else "http://"


def host_of(parts: SplitResult) -> str:
    """The host in lower case and ASCII, without a default port."""
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        with suppress(UnicodeError):  # an illegal international name stays as written: it will not resolve
            name = name.encode("idna").decode("ascii")
    return name if parts.port in _DEFAULT_PORTS else f"{name}:{parts.port}"


def one_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: hosts that differ in www., m. and the like, or one below the other."""
    first, second = (_without_twin_labels(host_of(parts)) for parts in map(urlsplit, (one, other)))
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def _without_twin_labels(host: str) -> str:
    *inner, domain, top = ["", *host.split(".")][-8:]
    return ".".join([*(label for label in inner if label and label not in _TWIN_LABELS), domain, top])


def query_of(parts: SplitResult) -> dict[str, str]:
    """The first value of each query parameter."""
    return dict(reversed(parse_qsl(parts.query)))


def clean_path(path: str) -> str:
    """The path with each step percent-encoded once, in NFC; bytes that are not UTF-8 are kept."""
    return "/".join(_requote(step, "!$&'()*+,;=:@") for step in re.sub(r"/{2,}", "/", path or "/").split("/"))


@lru_cache(maxsize=1024)  # every platform asks of the same address
def canonical_url(url: str) -> str | None:
    """https, no tracking, no fragment, known twins folded; None where it is not a web address."""
    parts = split(url)
    if parts is None:
        return None
    query = _clean_query(parts.query)
    path = _LIST_PAGE_IN_PATH.sub("", _AMP_STEP.sub("", clean_path(parts.path)))
    if not query:
        path = path.rstrip("/")
    plain = host_of(parts) + (path or "/") + ("?" + query if query else "")
    for pattern, canonical in TWINS:
        match = pattern.fullmatch(plain)
        if match:
            return "https://" + match.expand(canonical)
    return "https://" + plain


def _clean_query(query: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    numbered = any(key in NUMBERED for key, _, _ in pairs)
    kept = [
        _requote(key, "") + equals + _requote(value, "!$'()*+,;:@/")
        for key, equals, value in pairs
        if not TRACKING.fullmatch(key) and not (numbered and key == "page")
    ]
    return "&".join(sorted(kept))


def _requote(part: str, safe: str) -> str:
    raw = unquote_to_bytes(part)
    try:
        return quote(unicodedata.normalize("NFC", raw.decode()), safe=safe)
    except UnicodeDecodeError:
        return quote(raw, safe=safe)  # percent-encoded EUC-KR, as on old blogs
