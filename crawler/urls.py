"""One article, one address: what can be told from a URL alone, without asking its host.

An `Address` is an identity, so it compares by its canonical URL; what to request is a separate
question, since a mobile or http form may be the only one that a host still answers.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes, urlsplit

# Parameters that name a reader's way to the page, never the page. Seen in the event's URL lists
# and in feeds: re (ZDNet), trc (eToday), OutUrl (Segye), fromRss and trackingCode (Naver Blog).
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|igshid|mc_[ce]id|_ga|fromRss|trackingCode|cds|OutUrl|trc|uagent|outputType|ref_?src",
    re.IGNORECASE,
)
# An article's own number; where one is there, `page` is the list the reader came from.
NUMBERED = frozenset({"aid", "idxno", "wr_id"})

# Several addresses of one article, where the URL alone can tell: pattern of host and path with
# query, and the form they fall on. Each pair was seen in the event's URL lists or on saved pages.
TWINS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), canonical)
    for pattern, canonical in (
        (
            r"(?:\w+\.)?donga\.com/(?:news|3|List/3)/.*?(\d{8})/(\d{6,})(?:/\d)?",
            r"www.donga.com/news/article/all/\1/\2/1",
        ),
        (r"(?:www\.|m\.)?hankyung\.com/(?:\w+/)*(?:article|amp)/(\w+)", r"www.hankyung.com/article/\1"),
        (
            r"(?:news|m)\.mt\.co\.kr/(?:renew/view(?:_amp)?\.html|mtview\.php)\?(?:.*&)?no=(\d+).*",
            r"news.mt.co.kr/mtview.php?no=\1",
        ),
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
        (r"(?:\w+\.)?hani\.co\.kr/(arti/.+)", r"www.hani.co.kr/\1"),
        (r"(?:m\.|www\.)?imaeil\.com/page/view/(\d+)", r"www.imaeil.com/page/view/\1"),
        (r"(?:m\.|www1?\.)?ddaily\.co\.kr/page/view/(\d+)", r"www.ddaily.co.kr/page/view/\1"),
        (r"(?:m\.|www\.)?dailian\.co\.kr/news/view/(\d+)", r"www.dailian.co.kr/news/view/\1"),
        (r"(?:m\.|www\.)?khan\.co\.kr/(?:[\w-]+/)*article/(\d+)", r"www.khan.co.kr/article/\1"),
        (r"(?:m\.|www\.)?joongang\.co\.kr/(?:amparticle|article)/(\d+)", r"www.joongang.co.kr/article/\1"),
        (r"(?:m\.|www\.)?yna\.co\.kr/(?:amp/)?view/(AKR\w+)", r"www.yna.co.kr/view/\1"),
        (r"(?:m\.|www\.)?zdnet\.co\.kr/view/?\?(?:.*&)?no=(\d+).*", r"zdnet.co.kr/view/?no=\1"),
        (
            r"(?:m\.|www\.)?hankookilbo\.com/news/(?:article/(?:amp/)?|read/)(A\d+)",
            r"www.hankookilbo.com/news/article/\1",
        ),
        (r"(?:s1|m|www)\.ihalla\.com/(?:article|print)\.php\?(?:.*&)?(aid=\d+).*", r"www.ihalla.com/article.php?\1"),
        (r"www\.kmib\.co\.kr/article/view(?:_amp)?\.asp\?(?:.*&)?(arcid=\d+).*", r"www.kmib.co.kr/article/view.asp?\1"),
        # The CMS of several hundred local papers; a bare m. host is the twin of www.
        (r"(?:m\.)(.+/news/articleView)(?:Amp)?(\.html\?.*)", r"www.\1\2"),
        (r"(.+/news/articleView)Amp(\.html\?.*)", r"\1\2"),
    )
)  # fmt: skip

_AMP_STEP = re.compile(r"^/amp(?=/[^/]+/.+)|/amp$", re.IGNORECASE)  # not '/amp/ID': its twin is unknown
_LIST_PAGE_IN_PATH = re.compile(r"&page=\d+$")
_DEFAULT_PORTS = (None, 80, 443)


@dataclass(frozen=True, slots=True)
class Address:
    """Which article of which platform; ``given`` is the URL it was told from, not part of it."""

    platform: str
    url: str
    native_id: str
    is_list: bool = False
    given: str = field(default="", compare=False)


def list_address(platform: str, url: str) -> Address:
    """The address of a list of a platform that has no form of its own for lists."""
    listed = canonical_url(url) or url
    return Address(platform, listed, listed.removeprefix("https://"), is_list=True, given=url)


def split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL with a host, or None for anything else."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  a port that is no number shows only when asked for
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def host_of(parts: SplitResult) -> str:
    """The host in lower case and ASCII, without a default port."""
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        with suppress(UnicodeError):  # an illegal international name stays as written: it will not resolve
            name = name.encode("idna").decode("ascii")
    return name if parts.port in _DEFAULT_PORTS else f"{name}:{parts.port}"


def query_of(parts: SplitResult) -> dict[str, str]:
    """The first value of each query parameter."""
    return dict(reversed(parse_qsl(parts.query)))


def clean_path(path: str) -> str:
    """The path with each step percent-encoded once, in NFC; bytes that are not UTF-8 are kept."""
    return "/".join(_requote(step, "!$&'()*+,;=:@") for step in re.sub(r"/{2,}", "/", path or "/").split("/"))


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
