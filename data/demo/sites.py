"""What is known of the demo web's sites beside their pages; read from ``sites.toml``, where the keys are told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from data.demo.page import Page
from data.demo.render import number_of

TALKATIVE = 3  # every third page has comments


@dataclass(frozen=True, slots=True)
class Site:
    """A blog or an outlet. ``closed``: its robots.txt shuts everybody out."""

    title: str
    watch: Literal["feed", "sitemap", "none"] = "sitemap"
    closed: bool = False
    twins: bool = False
    index: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class Sites:
    blogs: Mapping[str, Site]
    outlets: Mapping[str, Site]
    watched_pages: tuple[str, ...]
    comments: tuple[Mapping[str, str], ...]

    def of(self, page: Page) -> Site:
        """The site that a page stands on; Naver's blogs and the portals have no entry of their own."""
        known = self.blogs.get(page.host) or self.outlets.get(page.host)
        return known or Site(page.outlet or f"{page.author}의 블로그", watch="none" if page.outlet else "feed")

    def comments_on(self, page: Page) -> tuple[Mapping[str, str], ...]:
        """Two readers' comments below every third page."""
        number = number_of(page.url)
        first = number // TALKATIVE % len(self.comments)
        return (*self.comments, *self.comments)[first : first + 2] if number % TALKATIVE == 0 else ()


@cache
def load() -> Sites:
    raw = tomllib.loads(Path(__file__).with_name("sites.toml").read_text(encoding="utf-8"))
    return Sites(
        blogs={host: Site(**values) for host, values in raw["blogs"].items()},
        outlets={host: Site(**values) for host, values in raw["outlets"].items()},
        watched_pages=tuple(raw["watch"]["pages"]),
        comments=tuple(raw["comments"]),
    )
