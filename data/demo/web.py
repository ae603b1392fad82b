"""The demo web: every address that it answers for, with what it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from data.demo import lists, render, sites
from data.demo.page import Page, load
from data.demo.sites import Site, Sites

Role = Literal["feed", "sitemap", "page"]

HTML, RSS, XML, TEXT = "text/html", "application/rss+xml", "application/xml", "text/plain"
PORTALS = ("n.news.naver.com", "v.daum.net")
NAVER, NAVER_MOBILE, NAVER_RSS = "blog.naver.com", "m.blog.naver.com", "rss.blog.naver.com"
FROM_RSS = "?fromRss=true&trackingCode=rss"
BY_CATEGORY = "?category=627201"  # how a Tistory list links to its posts
SECTIONS = ("?sid=100", "?sid=105")  # how Naver's section pages do


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response: status, body as sent before any compression, and headers besides its length."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = Answer(404, f"{HTML}; charset=utf-8", "<!DOCTYPE html><title>404</title><p>없는 페이지입니다.</p>".encode())


@dataclass(frozen=True, slots=True)
class Web:
    """``answers`` are by URL, https and percent-decoded."""

    pages: tuple[Page, ...]
    answers: Mapping[str, Answer]
    sites: Sites

    @classmethod
    def load(cls) -> Web:
        """All page files, rendered."""
        found, known = load(), sites.load()
        answers = {unquote(url): answer for url, answer in _answers(found, known)}
        hosts = {urlsplit(url).netloc for url in answers}
        for host in hosts:
            closed = host in known.blogs and known.blogs[host].closed
            answers[f"https://{host}/robots.txt"] = _answer(lists.robots(host, closed), TEXT)
        return cls(found, answers, known)

    def answer(self, url: str) -> Answer:
        """What stands at ``url``; `NOT_FOUND` where nothing does."""
        return self.answers.get(unquote(url.partition("#")[0]), NOT_FOUND)

    def watch(self) -> list[tuple[str, Role]]:
        """What the demo event follows: lists that lead to every page, and addresses given one by one."""
        by_role: dict[Role, dict[str, None]] = {"feed": {}, "sitemap": {}, "page": {}}
        for page in self.pages:
            if page.host in PORTALS:
                by_role["page"][page.url] = None
            elif page.host == NAVER:
                by_role["feed"][f"https://{NAVER_RSS}/{page.site}.xml"] = None
            elif self.sites.of(page).watch == "feed":
                by_role["feed"][f"https://{page.host}/rss"] = None
            elif self.sites.of(page).watch == "sitemap":
                by_role["sitemap"][f"https://{page.host}/sitemap.xml"] = None
        by_role["page"] |= dict.fromkeys(self.sites.watched_pages)
        return [(url, role) for role, urls in by_role.items() for url in urls]


def _answers(found: Sequence[Page], known: Sites) -> Iterator[tuple[str, Answer]]:
    by_site: dict[str, list[Page]] = defaultdict(list)
    for page in lists.newest_first(found):
        by_site[page.site].append(page)
    for group in by_site.values():
        site = known.of(group[0])
        for page in group:
            yield from _page(
                page, site, [other for other in group if other is not page and other.outlet == page.outlet], known
            )
        yield from _lists(group, site)


def _answer(text: str, kind: str = HTML, charset: str = "utf-8") -> Answer:
    """A page in cp949 says so in its <meta> only, as such pages do."""
    stated = kind if charset == "cp949" else f"{kind}; charset={charset}"
    return Answer(200, stated, text.encode(charset, "xmlcharrefreplace"))


def _page(page: Page, site: Site, others: Sequence[Page], known: Sites) -> Iterator[tuple[str, Answer]]:
    title = page.outlet if page.host in PORTALS else site.title
    whole = _answer(render.html(page, title, others, known.comments_on(page)), charset=page.charset)
    if page.host == NAVER:
        yield from _naver(page, title, others, whole)
        return
    for url in (page.url, *_twins(page)):
        yield url, whole


def _naver(page: Page, title: str, others: Sequence[Page], whole: Answer) -> Iterator[tuple[str, Answer]]:
    """A shell at the post's address; the post itself on the mobile page and in the shell's frame."""
    blog, number = page.path.strip("/").split("/")
    query = f"PostView.naver?blogId={blog}&logNo={number}"
    shell = _answer(render.inside(page, "naver-shell", title, others))
    yield page.url, shell
    yield page.url + FROM_RSS, shell
    yield f"https://{NAVER}/{query}", _answer(render.inside(page, "naver-pc", title, others))
    yield f"https://{NAVER_MOBILE}/{blog}/{number}", whole
    yield f"https://{NAVER_MOBILE}/{query}", whole


def _twins(page: Page) -> tuple[str, ...]:
    """Other addresses of the same page."""
    home = f"https://{page.host}"
    if page.host.endswith(".tistory.com"):
        return f"{home}/m{page.path}", page.url + BY_CATEGORY
    if page.host == "n.news.naver.com":
        forms = (page.url, f"{home}/mnews{page.path}")
        return (forms[1], *(form + section for form in forms for section in SECTIONS))
    return ()


def _lists(group: Sequence[Page], site: Site) -> Iterator[tuple[str, Answer]]:
    host, home = group[0].host, f"https://{group[0].host}"
    if host == NAVER:
        blog = group[0].site
        for url in (f"https://{NAVER}/{blog}", f"https://{NAVER_MOBILE}/{blog}"):
            yield url, _answer(lists.list_page(url, site.title, site.title, group))
        feed = lists.rss(site.title, f"https://{NAVER}/{blog}", group, FROM_RSS)
        yield f"https://{NAVER_RSS}/{blog}.xml", _answer(feed, RSS)
        return
    front = "뉴스" if host in PORTALS else site.title
    yield f"{home}/", _answer(lists.list_page(f"{home}/", front, front, group))
    if host in PORTALS:
        return
    yield f"{home}/rss", _answer(lists.rss(site.title, home, group), RSS)
    listed = _list_pages(group, site)
    for url, chosen in listed.items():
        title = unquote(url.rsplit("/", 1)[-1]) if host.endswith(".tistory.com") else "전체기사"
        yield url, _answer(lists.list_page(url, title, site.title, chosen))
    yield from _sitemaps(home, group, site, listed)


def _list_pages(group: Sequence[Page], site: Site) -> dict[str, list[Page]]:
    """A blog's category and tag pages, an outlet's section page, with the pages that each lists."""
    home = f"https://{group[0].host}"
    if site.section:
        return {home + site.section: list(group)}
    found: dict[str, list[Page]] = defaultdict(list)
    for page in group if home.endswith(".tistory.com") else ():
        found[f"{home}/category"].append(page)
        found[f"{home}/category/{quote(page.category)}"].append(page)
        for tag in page.tags:
            found[f"{home}/tag/{quote(tag)}"].append(page)
    return found


def _sitemaps(home: str, group: Sequence[Page], site: Site, listed: Iterable[str]) -> Iterator[tuple[str, Answer]]:
    """One file, or an index and a file for each month. A blog's also names its lists and second addresses."""
    if site.index:
        months = sorted({f"{page.published:%Y-%m}" for page in group})
        index = [(f"{home}/sitemap-{month}.xml", None) for month in months]
        yield f"{home}/sitemap.xml", _answer(lists.sitemap_index(index), XML)
        for month, (url, _) in zip(months, index, strict=True):
            yield url, _answer(lists.sitemap(_dated(p for p in group if f"{p.published:%Y-%m}" == month)), XML)
        return
    found = _dated(group)
    if home.endswith(".tistory.com"):
        twins = [(twin, None) for page in group if site.twins for twin in _twins(page)]
        found = [(f"{home}/", None), *((url, None) for url in listed), *found, *twins]
    yield f"{home}/sitemap.xml", _answer(lists.sitemap(found), XML)


def _dated(group: Iterable[Page]) -> list[tuple[str, datetime | None]]:
    return [(page.url, page.modified or page.published) for page in group]
