"""Lists by date, as newsrooms and portals offer them: one address for each day of the event that is over.

The event file gives templates such as ``https://HOST/list?date={yyyymmdd}&page={page}``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from crawler import platforms
from crawler.asking import days, filled
from crawler.dates import day_in_url
from crawler.decode import decode
from crawler.extract import links, parse
from crawler.lists import Answer, Ask, Entry, Listing, page_of
from crawler.reading import charset_of
from data.events import Event
from data.records import Lead

NAME = "day_list"
BY_DEFAULT = False
KEYS: tuple[tuple[str, ...], ...] = ()
# Naver's list of one day and one section has 20 articles a page and about 10 pages.
MOST_PAGES = 50
# Addresses that are looked at on one page of a list: each is shown to every platform. 10 saved lists and search results
# have 21 to 558.
MOST_LINKS = 10_000
# An article on an outlet's own site is known by its number; the 2 saved lists have links of 5 digits and more.
_NUMBERED = re.compile(r"\d{5,}")


def leads(event: Event, now: datetime) -> list[Lead]:
    """``found_on`` of a list is the template it was made from."""
    return [
        Lead(filled(template, day).replace("{page}", "1"), NAME, "event", template, NAME)
        for template in event.sources.day_lists
        for day in days(event, now)
    ]


def standing(lead: Lead) -> bool:
    return False


def request(lead: Lead) -> Ask:
    return Ask(lead.url)


def read(event: Event, lead: Lead, answer: Answer) -> Listing:
    page = parse(answer.url, decode(page_of(answer), charset_of(answer.content_type)).text)
    named = links(page.tree.root, answer.url) if page.tree.root else ()
    hrefs = named[:MOST_LINKS]
    entries = (Entry(href, day_in_url(href, answer.fetched_at)) for href in hrefs if _is_article(href, lead.url))
    listing = _listing(lead, tuple(entries), hrefs)
    cut = f"only {MOST_LINKS} of {len(named)} links of this page were looked at" if len(named) > len(hrefs) else None
    return replace(listing, cut=listing.cut or cut)


def _is_article(href: str, listed_on: str) -> bool:
    address = platforms.recognise(href)
    if address is None or address.is_list:
        return False
    if address.platform != "generic":
        return True
    there, here = urlsplit(href), urlsplit(listed_on)
    own = there.netloc.removeprefix("www.") == here.netloc.removeprefix("www.") and there.path != here.path
    return own and bool(_NUMBERED.search(f"{there.path}?{there.query}"))


def _listing(lead: Lead, entries: tuple[Entry, ...], hrefs: tuple[str, ...]) -> Listing:
    """The next page is asked for where this one links to it: past the last, lists repeat themselves."""
    following = _following(lead)
    if following is None or not any(_is_twin(href, following[0]) for href in hrefs):
        return Listing(entries, may_be_empty=False)
    url, number = following
    if number > MOST_PAGES:
        return Listing(entries, cut=f"only {MOST_PAGES} pages of this list are asked for")
    return Listing(entries, (Lead(url, NAME, NAME, lead.found_on, NAME),), may_be_empty=False)


def _following(lead: Lead) -> tuple[str, int] | None:
    """The address of the next page and its number, where the template has a place for one."""
    before, place, after = (lead.found_on or "").partition("{page}")
    if not place:
        return None
    shape = r"(\d+)".join(re.sub(r"\\{\w+\\}", r"\\d+", re.escape(part)) for part in (before, after))
    match = re.fullmatch(shape, lead.url)
    if match is None:
        return None
    number = int(match[1]) + 1
    return lead.url[: match.start(1)] + str(number) + lead.url[match.end(1) :], number


def _is_twin(href: str, url: str) -> bool:
    """Whether a link leads there, in whatever order its parameters stand."""
    one, other = urlsplit(href), urlsplit(url)
    same_place = (one.netloc, one.path) == (other.netloc, other.path)
    return same_place and set(parse_qsl(other.query)) <= set(parse_qsl(one.query))
