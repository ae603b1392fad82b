"""Families: which documents of the demo web are one voice, and who is the origin."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from data.demo import page as page_files
from data.demo.page import Page
from data.records import content_id, kst_text
from nlp.families import CONTAINED, LEAST_CONTAINED, NEAR, Family, families, jaccard, letters

# The copies that the writers of the demo web made on purpose, with their origins: four wire stories in
# other papers, two pasted posts, a repost with small changes, one with words swapped for synonyms.
COPIES = {
    "https://www.narudaily.example/society/2022/10/15/NR9BJ6ET4W": "https://www.onsaemi.example/view/OSM20221015021300",
    "https://www.saebyeok.example/news/articleView.html?idxno=41207": "https://www.onsaemi.example/view/OSM20221015014700",
    "https://www.saebyeok.example/news/articleView.html?idxno=41233": "https://www.onsaemi.example/view/OSM20221016001200",
    "https://www.dumulecon.example/article/2022102100006": "https://www.onsaemi.example/view/OSM20221020043200",
    "https://demo-issuebox24.tistory.com/1187": "https://www.onsaemi.example/view/OSM20221015021300",
    "https://demo-issuebox24.tistory.com/1203": "https://demo-racknote.tistory.com/161",
    "https://blog.naver.com/demo_issue_copy/222905085942": "https://blog.naver.com/demo_idc_facility/222903283552",
    "https://demo-haruissue.tistory.com/2215": "https://demo-kkot.tistory.com/130",
}
WORDS = [f"{a}{b}{c}" for a in "가나다라마" for b in "바사아자차카" for c in "타파하갸냐댜"]


def document(url: str, text: str, at: str | None = "2022-10-16T09:00+09:00", **more: Any) -> dict[str, Any]:
    """A document as the store gives it, dated to the minute unless said otherwise."""
    base = {
        "id": content_id(url),
        "url": url,
        "source_url": None,
        "platform": "generic",
        "outlet": None,
        "title": url,
        "text": text,
        "published_at": at,
        "date_precision": "minute" if at else None,
    }
    return base | more


def prose(words: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def grouped(documents: Iterable[dict[str, Any]]) -> dict[str, Family]:
    """Families by the document's address."""
    held = list(documents)
    urls = {one["id"]: one["url"] for one in held}
    return {urls[row.document_id]: row for row in families(held)}


def of_page(page: Page) -> dict[str, Any]:
    return document(
        page.url,
        "\n".join(page.words),
        kst_text(page.published),
        outlet=page.outlet or None,
        title=page.title,
        source_url=page.source_url or None,
    )


@pytest.fixture(scope="module")
def demo() -> dict[str, Family]:
    return grouped(of_page(page) for page in page_files.load() if not page.broken)


def test_every_copy_of_the_demo_is_found_with_its_origin(demo: dict[str, Family]) -> None:
    for copy, origin in COPIES.items():
        assert (demo[copy].kind, demo[copy].family_id) == ("near", content_id(origin)), copy


def test_a_repost_with_synonyms_is_the_hardest_copy(demo: dict[str, Family]) -> None:
    assert min(demo[copy].similarity for copy in COPIES) == demo["https://demo-haruissue.tistory.com/2215"].similarity
    assert demo["https://demo-haruissue.tistory.com/2215"].similarity == pytest.approx(0.60, abs=0.02)


def test_every_portal_copy_of_the_demo_follows_its_source(demo: dict[str, Family]) -> None:
    portal = [page for page in page_files.load() if page.source_url]
    assert len(portal) == 22
    assert {demo[page.url].kind for page in portal} == {"portal_copy"}
    assert [demo[page.url].family_id for page in portal] == [content_id(page.source_url) for page in portal]


def test_pages_on_the_same_matter_are_not_joined(demo: dict[str, Family]) -> None:
    assert {url for url, row in demo.items() if row.kind in ("near", "verbatim")} == set(COPIES)


def test_the_earliest_is_the_origin_whatever_the_order() -> None:
    text = prose(200, 1)
    late, early = document("https://a/1", text), document("https://b/1", text, "2022-10-15T18:00+09:00")
    for held in ([late, early], [early, late]):
        rows = grouped(held)
        assert (rows["https://b/1"].kind, rows["https://a/1"].kind) == ("origin", "verbatim")


def test_a_date_to_the_minute_goes_before_a_day_and_a_day_before_none() -> None:
    text = prose(200, 1)
    rows = grouped([
        document("https://none/1", text, None),
        document("https://day/1", text, "2022-10-15", date_precision="day"),
        document("https://minute/1", text, "2022-10-17T08:00+09:00"),
    ])  # fmt: skip
    assert [row.kind for row in rows.values()].count("origin") == 1
    assert rows["https://minute/1"].kind == "origin"


def test_a_portal_is_never_the_origin_of_a_source_that_is_held() -> None:
    source = document("https://paper/1", prose(200, 1), "2022-10-16T10:00+09:00", outlet="새벽신문", title="불이 났다")
    named = document("https://v.daum.net/v/1", prose(200, 1), source_url="https://paper/1")
    titled = document(
        "https://n.news.naver.com/1", "사진", platform="naver_news", outlet="새벽신문", title="불이 났다!"
    )
    rows = grouped([source, named, titled])
    assert [rows[one["url"]].kind for one in (source, named, titled)] == ["origin", "portal_copy", "portal_copy"]


def test_a_portal_without_a_link_is_a_copy_of_its_outlets_own_later_page() -> None:
    text = prose(200, 1)
    portal = document("https://v.daum.net/v/1", text, platform="daum_news", outlet="새벽신문", title="옛 제목")
    own = document("https://paper/1", text, "2022-10-16T11:00+09:00", outlet="새벽신문", title="고친 제목")
    rows = grouped([portal, own])
    assert (rows["https://paper/1"].kind, rows["https://v.daum.net/v/1"].kind) == ("origin", "portal_copy")


def test_two_portals_with_one_source_that_is_not_held_are_one_voice() -> None:
    first = document("https://v.daum.net/v/1", "짧은 사진 기사", source_url="https://paper/1")
    second = document("https://n.news.naver.com/1", "사진", "2022-10-16T10:00+09:00", source_url="https://paper/1")
    rows = grouped([first, second])
    assert [rows[one["url"]].kind for one in (first, second)] == ["origin", "portal_copy"]


def test_a_whole_article_inside_a_longer_post_joins_and_a_short_one_does_not() -> None:
    article, own = prose(150, 1), prose(900, 2)
    assert len(letters(article)) >= LEAST_CONTAINED
    pasted = grouped([document("https://a/1", article), document("https://b/1", f"{own} {article}", None)])
    assert pasted["https://b/1"].kind == "near"
    assert pasted["https://b/1"].similarity < NEAR
    flash = " ".join(article.split()[:60])
    rows = grouped([document("https://a/1", flash), document("https://b/1", own + flash)])
    assert {row.kind for row in rows.values()} == {"origin"}


def test_a_part_of_an_article_between_own_words_does_not_join() -> None:
    article, own = prose(300, 1), prose(300, 2)
    half = " ".join(article.split()[: int(300 * (CONTAINED - 0.3))])
    rows = grouped([document("https://a/1", article), document("https://b/1", f"{half} {own}")])
    assert {row.kind for row in rows.values()} == {"origin"}


def test_short_posts_that_say_the_same_are_two_voices() -> None:
    rows = grouped(document(f"https://{name}/1", "카톡이 안 돼요. 언제 되나요?") for name in "ab")
    assert {row.kind for row in rows.values()} == {"origin"}


def test_no_pair_over_the_threshold_is_missed_among_many() -> None:
    held = []
    for i in range(120):
        words = prose(300, i).split()
        changed = " ".join(words[:180]) + prose(80, 999 + i)
        held += [document(f"https://a/{i}", " ".join(words)), document(f"https://b/{i}", changed)]
    rows = grouped(held)
    assert sum(rows[f"https://b/{i}"].family_id == rows[f"https://a/{i}"].family_id for i in range(120)) == 120


def test_nothing_and_one_document() -> None:
    assert families([]) == []
    assert grouped([document("https://a/1", "")])["https://a/1"] == (
        content_id("https://a/1"), content_id("https://a/1"), "origin", 1.0,
    )  # fmt: skip


def test_letters_and_jaccard() -> None:
    assert letters("카톡, 안\n돼요! OK 😀") == "카톡안돼요ok"
    assert jaccard(np.array([1, 2, 3], np.uint32), np.array([2, 3, 4], np.uint32)) == 0.5
