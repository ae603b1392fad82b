"""Mentions: which targets of the event a sentence names, by the aliases of the event file.

Korean glues particles and nouns to a name (카톡이, 카뱅에선, 카카오톡방) and hides names in other
words (의정부, 페이지, 다음 날). What may stand around a name depends on how long it is: a name of three
syllables and more is no accident, one of two syllables or one is. Letters that are not seen (zero-width) are no
letters here and full-width ones are plain; the spans are those of the sentence as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.events import Alias, Event
from data.records import Mention

# Names of this many letters and more may stand inside a longer word (국민카카오톡, 카카오톡메시지). In 6,250 news
# sentences and petitions they were found 1,300 times; 카페지(기) and 정치권(력) were the only other words, and
# ``unless_next`` of the event file knows them. Of two letters, 정부 alone would be found in 행정부, 부정부패, 재정부.
LONG_NAME = 3

_HANGUL = "가-힣ㄱ-ㅎㅏ-ㅣ"
_PARTICLE = (
    "께서는?|에게서?는?|에서만?[는도의]?|에선|에만?|한테서?|[은는이가을를과와도만의랑야여]|엔|으?로만?[는도]?|으론|론|"
    "으?로써?|으?로서|부터|까지[는도만의]?|보다[는도]?|처럼|만큼|마저도?|조차도?|밖에|뿐|이?나마?|이?라도|이?든지?|"
    "이?랑|하고|이?며|이?고|이?야말로|이?란|이?라[는며면서]?|이?라고|이?니까?|이?다|입니다|입니까|이?네요?|이?요|"
    "이?죠|이?지만?|인데요?|인가요?|인|였[가-힣]*|이었[가-힣]*|들|님|씨|측|쪽|발|아|때문에|대로|같은|같이|[는은]커녕"
)
_NOUN = (
    "방|창|앱|팀|사|건|글|판|망|장|안|내|외|용|표|급|말|탓|덕|상|간|등|당국|본사|회사|그룹|서버|사태|대란|먹통|장애|오류|복구|"
    "화재|불통|마비|문제|책임|대응|사과|보상|피해|주가|주식|주주|관련|서비스|기능|메시지|프로필|알림|채팅|상담|채널|친구|주소|"
    "이용자|사용자|고객|직원|직원들|관계자|대표|임원|의장|계정|로그인|접속|결제|송금|이체|통장|카드|예약|주문|기사|블로그|글쓰기|"
    "검색|메일|뉴스|카페|지도|사이트|홈페이지|버전|아이디|공지|측|부처|차원|기관|여당|발표|대책|지원|조사|합동|관료|관계자|인사|때|시절|통과|의사당|자료|증인|질의"
)
_AFTER = re.compile(rf"(?:{_NOUN})?(?:{_PARTICLE}){{0,3}}$")
_AFTER_ONE = re.compile(rf"(?:{_PARTICLE}){{0,3}}$")
# What is longer behind a name is no run of nouns and particles: of the 6,062 found behind names of two letters in 6,945
# news sentences and petitions the longest has five. A crafted one (카톡였였였…ㅋ) would be tried in every way.
LONGEST_TAIL = 20
_BEFORE = re.compile(
    r"(?:^|[^가-힣])(?:탈|반|친|대|현|신|새|구|전|각|타|양|여|한국|우리|단체|개인|회사|업무|가족|포털|포털사이트|범)$"
)
_NOT_PROSE = re.compile(r"(?:https?://|www\.)[^\s가-힣]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE | re.ASCII)
_LETTER = re.compile(f"[{_HANGUL}]")
_TAIL = re.compile(f"{_LETTER.pattern}{{0,{LONGEST_TAIL + 1}}}")
# Letters of the longest prefix of _BEFORE and one before it.
_LOOK_BACK = 6
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class _Name:
    """One alias of one target, ready to be looked for."""

    target: str
    alias: Alias
    squeezed: str
    pattern: re.Pattern[str]


class Mentions:
    """Finds the targets of one event. Built once: it compiles one pattern an alias."""

    def __init__(self, event: Event) -> None:
        self.boilerplate = event.boilerplate
        self.names = [_name(target.id, alias) for target in event.targets for alias in target.aliases]

    def find(self, sentence: str) -> list[Mention]:
        """Mentions in order of position, without overlaps: of two names in one place the longer wins."""
        seen, places = _seen(sentence)
        taken = bytearray(len(seen))
        found: list[Mention] = []
        for mention in sorted(self._candidates(self.prose(seen)), key=lambda m: (m.start - m.end, m.start)):
            span = slice(mention.start, mention.end)
            if not any(taken[span]):
                taken[span] = b"\1" * (mention.end - mention.start)
                found.append(Mention(mention.target, places[mention.start], places[mention.end - 1] + 1))
        return sorted(found, key=lambda m: m.start)

    def prose(self, sentence: str) -> str:
        """The sentence, equally long, with boilerplate, addresses and e-mail blanked by NUL: they name nobody."""
        for phrase in self.boilerplate:
            sentence = sentence.replace(phrase, "\0" * len(phrase))
        return _NOT_PROSE.sub(lambda m: "\0" * len(m.group()), sentence)

    def _candidates(self, prose: str) -> Iterator[Mention]:
        lowered = prose.lower()
        squeezed = "".join(lowered.split())
        for name in self.names:
            if name.squeezed not in squeezed:
                continue
            if name.alias.needs and not any(word.lower() in lowered for word in name.alias.needs):
                continue
            for match in name.pattern.finditer(prose):
                if _stands_alone(name, prose, *match.span()):
                    yield Mention(name.target, *match.span())


def _name(target: str, alias: Alias) -> _Name:
    """A space inside an alias may be missing in the text, and Latin letters may be of either case."""
    words = [re.escape(word) for word in alias.name.split()]
    return _Name(target, alias, "".join(alias.name.lower().split()), re.compile(r"\s*".join(words), re.IGNORECASE))


def _seen(sentence: str) -> tuple[str, Sequence[int]]:
    """The letters as they are seen, and the place of each in the sentence."""
    places = [place for place, letter in enumerate(sentence) if letter not in _UNSEEN]
    return "".join(sentence[place] for place in places).translate(_PLAIN), places


def _stands_alone(name: _Name, prose: str, start: int, end: int) -> bool:
    """Whether the letters around a name leave it a word of its own, by the event file and by its length."""
    if any(_follows(prose, end, text) for text in name.alias.unless_next):
        return False
    if prose.endswith(name.alias.unless_before, 0, start):
        return False
    return _before_fits(name, prose, start) and _after_fits(name, prose, end)


def _follows(prose: str, end: int, text: str) -> bool:
    """Whether the text comes next; one that ends in a space also ends at a full stop or the sentence's end."""
    if not text.endswith(" ") or not text.strip():
        return prose.startswith(text, end)
    behind = prose[end + len(text) - 1 : end + len(text)]
    return prose.startswith(text[:-1], end) and not "가" <= behind <= "힣"


def _before_fits(name: _Name, prose: str, start: int) -> bool:
    before = prose[max(start - 1, 0) : start]
    if not before.isalnum():
        return True
    if name.squeezed[0].isascii():
        return not before.isascii()
    if not _LETTER.match(before):
        return True
    return len(name.squeezed) >= LONG_NAME or bool(_BEFORE.search(prose, max(start - _LOOK_BACK, 0), start))


def _after_fits(name: _Name, prose: str, end: int) -> bool:
    last, after = name.squeezed[-1], prose[end : end + 1]
    if last.isascii() and last.isalnum():
        return not (after.isascii() and after.isalnum())
    if len(name.squeezed) >= LONG_NAME:
        return True
    tail = _TAIL.match(prose, end)
    rest = tail.group() if tail else ""
    fits = _AFTER if len(name.squeezed) > 1 else _AFTER_ONE
    return len(rest) <= LONGEST_TAIL and bool(fits.match(rest))
