"""Lists of the demo web's pages, as their sites offer them: feeds, sitemaps, list pages, robots.txt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from data.demo.markup import Value, fill, script_json
from data.demo.page import Page
from data.demo.render import entries, number_of, summary

NOTE = "여론 시연용으로 지어낸 페이지입니다."
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- an invented list of the yeoron demo web -->\n'
SITEMAP_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
OWNER_PATHS = ("/owner", "/admin", "/manage", "/guestbook", "/search")


def newest_first(pages: Iterable[Page]) -> list[Page]:
    return sorted(pages, key=lambda page: (page.published, page.url), reverse=True)


def rss(title: str, home: str, pages: Iterable[Page], tracking: str = "") -> str:
    """RSS 2.0 with the beginning of each text, the newest first; ``tracking`` is added to the links."""
    items = "\n".join(_item(page, tracking) for page in newest_first(pages))
    return (
        f'{XML}<rss version="2.0"><channel>\n<title>{escape(title)}</title>\n<link>{escape(home)}</link>\n'
        f"<description>{NOTE}</description>\n<language>ko</language>\n{items}\n</channel></rss>\n"
    )


def _item(page: Page, tracking: str) -> str:
    """One post. Its <description> is HTML, escaped, as feeds have it."""
    return (
        f"<item>\n<title>{escape(page.title)}</title>\n<link>{escape(page.url + tracking)}</link>\n"
        f"<description>{escape(f'<p>{escape(summary(page))}</p>')}</description>\n<category>{escape(page.category)}"
        f'</category>\n<author>{escape(page.author)}</author>\n<guid isPermaLink="true">{escape(page.url)}</guid>\n'
        f"<pubDate>{format_datetime(page.published)}</pubDate>\n</item>"
    )


def sitemap(found: Iterable[tuple[str, datetime | None]]) -> str:
    """Addresses with the day of their last change, if there is one."""
    return f'{XML}<urlset xmlns="{SITEMAP_SPACE}">\n{_locations("url", found)}\n</urlset>\n'


def sitemap_index(found: Iterable[tuple[str, datetime | None]]) -> str:
    return f'{XML}<sitemapindex xmlns="{SITEMAP_SPACE}">\n{_locations("sitemap", found)}\n</sitemapindex>\n'


def _locations(tag: str, found: Iterable[tuple[str, datetime | None]]) -> str:
    changed = {url: f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at else "" for url, at in found}
    return "\n".join(f"<{tag}><loc>{escape(url)}</loc>{lastmod}</{tag}>" for url, lastmod in changed.items())


def list_page(url: str, title: str, site_title: str, pages: Sequence[Page]) -> str:
    """A home, category or tag page: titles and first lines, no text to read."""
    host = urlsplit(url).netloc
    blog = {"id": number_of(host), "name": host.split(".")[0], "title": site_title}
    shown: dict[str, Value] = {
        "url": url,
        "home": f"https://{host}",
        "title": title,
        "site_title": site_title,
        "blog_config": script_json({"BLOG": blog}),
        "entries": entries(newest_first(pages)),
    }
    return fill("tistory-list" if host.endswith(".tistory.com") else "list", shown)


def robots(host: str, closed: bool) -> str:
    """Open to all but the owner's own paths, or closed to all."""
    if closed:
        return "User-agent: *\nDisallow: /\n"
    owners = OWNER_PATHS if host.endswith(".tistory.com") else ()
    return "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in owners) + "Allow: /\n"
