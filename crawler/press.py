"""What Korean newsrooms share whatever their markup: headlines, bylines and closing lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.extract import Line, Page, clean, lines, links
from crawler.outcomes import LayoutChanged, NotAnArticle

_ROLES = "기자|특파원|논설위원|논설실장|칼럼니스트|평론가|편집위원|객원기자|PD|앵커|리포터"
_RANK = r"(?:(?:선임|수석|인턴|전문|객원|영상|사진|온라인|대학생)\s*)?"
_BYLINE = re.compile(rf"([가-힣]{{2,4}})\s*{_RANK}(?:{_ROLES})(?![가-힣])")
_OTHERS = re.compile(r"외\s*\d+\s*명")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]*")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_LEAD, _LONGEST_SIGNATURE = 40, 60  # letters
_LONGEST_NAME = 40  # longer than this an author field holds a sentence, not a name

# What stands inside an article's body and is no part of it, as newsrooms and their systems mark it.
FURNITURE = ", ".join((
    "figure", "figcaption", "aside", "nav", "footer", ".caption", ".txt-desc", ".txt-copyright", ".img_desc",
    ".ab_photo", ".editor-img-box", ".articlePhotoC", ".articlePhotoR", ".articlePhotoL", ".photo_caption", ".ad",
    ".ads", ".adsbygoogle", ".end-ad-container", ".sub-tit-ll", ".module-quote", ".subtitle", ".article_summary",
    ".summary", ".writer", ".reporter", ".byline", ".copyright", ".relation", ".more-news", ".tooltip-box",
    ".toast-popup", ".share-list", ".blind", ".related", ".related-articles", ".related_article",
    ".article-related", ".article_relation", ".sns", ".share", ".tags", ".tag", ".article-copy",
    ".view-copyright", ".view-editors", ".ai-summary", ".recommend", ".comment", ".comments",
    "[aria-hidden=true]",
))  # fmt: skip

_CUT = r"\s*(?:[|│ㅣ:<]+|[-–—])\s*"
# From the first mark after which no bar or colon comes, since a name may hold a dash; else from the last mark.
_SUFFIXES = tuple(re.compile(rf"(?P<kept>.+{lazy}){_CUT}(?P<tail>[^|│ㅣ:<]{{1,30}})$") for lazy in ("?", ""))
_SECTIONS = frozenset(
    ("뉴스", "정치", "경제", "사회", "국제", "세계", "문화", "연예", "스포츠", "오피니언", "사설", "칼럼", "라이프",
     "과학", "산업", "증권", "부동산", "지역", "전국", "IT", "종합", "속보", "기사", "전체기사", "기사본문", "모바일")
)  # fmt: skip

_CLOSING = re.compile(
    r"무단\s*(?:전재|복제|사용)|재배포\s*금지|저작권자|Copyright|All rights reserved|[ⓒ©]\s*\S+.*금지"
    r"|제보는\s*카카오톡|카카오톡\s*okjebo|이 기사를 공유합니다|AI\s*학습.{0,10}금지",
    re.IGNORECASE,
)
_CLOSING_TAIL = re.compile(
    r"\s*[<\[(【]?\s*(?:[ⓒ©]|저작권자|Copyright)[^.。다]{0,80}(?:금지|reserved)[^가-힣]{0,20}$", re.IGNORECASE
)
_LONGEST_CLOSING = 200  # letters; the longest on 59 saved pages has 116
_SIGNATURE = re.compile(
    rf"^(?:[/=|\[(]?\s*[가-힣]{{2,4}}\s*{_RANK}(?:{_ROLES})[\])]?|\[?\s*(?:사진|자료|영상|취재|그래픽)\s*[=|:ⓒ제].*|기사제공.*|by\s*\S+)\s*$"
)
_RELATED = re.compile(r"[\[<▶■◆☞※\s]*관련\s?(?:기사|뉴스)[\]>:\s]*")
_ENDS_IN_DATE = re.compile(r".*(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}\.?(?:\s+\d{1,2}:\d{2})?")
_FURNITURE = frozenset(
    ("ADVERTISEMENT", "광고", "이미지 확대보기", "이미지 확대", "사진 확대", "본문듣기", "글자크기 설정", "닫기",
     "공유하기", "URL복사", "인쇄", "스크랩", "관련기사", "구독", "구독하기", "원본보기")
)  # fmt: skip


def person(raw: str | None) -> str | None:
    """The person in an author field: '순천, 광양 구현모 기자 ninek@…' is 구현모.

    Places, posts, e-mail and web addresses go; '외 1명' stays. None where no name is left.
    """
    text = clean(_ADDRESS.sub(" ", _EMAIL.sub(" ", raw or "")))
    others = _OTHERS.search(text)
    names = _BYLINE.findall(text)
    if not names:
        name = clean(_OTHERS.sub("", text)).strip(" ()[]|/,·=")
        names = [name] if 0 < len(name) <= _LONGEST_NAME else []
    joined = ", ".join(dict.fromkeys(names))
    return f"{joined} {others[0]}" if joined and others else joined or None


def reporter(text: str) -> str | None:
    """The first '홍길동 기자' of a running text."""
    found = _BYLINE.search(text)
    return found[1] if found else None


def signature(texts: list[str]) -> str | None:
    """Who signed: '홍길동 기자' within the first letters of a text, or at the start of one of its last lines."""
    lead = reporter(texts[0][:_LEAD]) if texts else None
    ends = (_BYLINE.match(text) for text in texts[-5:] if len(text) <= _LONGEST_SIGNATURE)
    return lead or next((match[1] for match in ends if match), None)


def headline(title: str, headings: Iterable[str], names: Iterable[str]) -> str:
    """The title without the outlet's name and section.

    ``headings`` are texts that stand alone on the page; one that is the title but for its end or
    its beginning is the headline. ``names`` are what the outlet calls itself.
    """
    for heading in sorted(set(headings), key=len, reverse=True):
        rest = title.replace(heading, "\n", 1)
        if rest != title and len(heading) > len(rest) and _only_a_name(rest):
            return heading
    known = {name.casefold() for name in names if name}
    return _without_suffix(title, known)


def without_closing(text_lines: list[Line]) -> list[Line]:
    """The lines without buttons, and without what a newsroom puts below a text.

    From the first copyright line in the second half on, all goes; then signatures, e-mail lines
    and lines that are nothing but a link.
    """
    kept = [line for line in _without_related(text_lines) if line.text not in _FURNITURE]
    half = len(kept) // 2
    for number, line in enumerate(kept):
        if number >= half and len(line.text) <= _LONGEST_CLOSING and _CLOSING.search(line.text):
            before = _CLOSING_TAIL.sub("", line.text)
            kept[number:] = [line._replace(text=before)] if number == 0 and before != line.text else []
            break
    while kept and (kept[-1].linked or _is_signature(kept[-1].text)):
        kept.pop()
    return kept


def _without_related(text_lines: list[Line]) -> Iterator[Line]:
    """The lines without what '관련기사' announces: the links below it, with or without their dates."""
    announced = False
    for line in text_lines:
        heading = bool(_RELATED.fullmatch(line.text))
        announced = heading or (announced and (line.linked or bool(_ENDS_IN_DATE.fullmatch(line.text))))
        if not announced:
            yield line


def first_body(page: Page, places: Iterable[str], furniture: str) -> tuple[list[Line], tuple[str, ...]] | None:
    """Lines and links of the first of ``places`` that holds text, closing lines and ``furniture`` left out."""
    for place in places:
        for node in page.tree.css(place):
            text = without_closing(lines(node, furniture))
            if text:
                return text, links(node, page.url, furniture)
    return None


def no_article(page: Page, platform: str, tried: tuple[str, ...]) -> NotAnArticle | LayoutChanged:
    """Why nothing was found: the page calls itself no article, or it is one in a layout not known yet."""
    if page.meta("og:type") != "article":
        return NotAnArticle("og:type is not article")
    return LayoutChanged(platform, tried)


def _is_signature(text: str) -> bool:
    return bool(_SIGNATURE.match(text)) or (len(text) <= _LONGEST_SIGNATURE and bool(_EMAIL.search(text)))


def _only_a_name(rest: str) -> bool:
    before, _, after = rest.partition("\n")
    return len(rest) <= 40 and bool(re.fullmatch(rf"(?:.*{_CUT})?", before)) and bool(re.match(rf"{_CUT}|$", after))


def _without_suffix(title: str, known: set[str]) -> str:
    named = False
    while kept := _kept(title, known, named):
        title, named = kept, True
    return title


def _kept(title: str, known: set[str], named: bool) -> str | None:
    """The title without a name at its end, or a section once a name was there; None where it ends in neither."""
    for suffix in _SUFFIXES:
        match = suffix.fullmatch(title)
        tail = match["tail"].strip() if match else ""
        if match and (tail.casefold() in known or (named and tail in _SECTIONS)):
            return match["kept"].strip()
    return None
