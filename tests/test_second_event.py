"""A second event: a new file is all it takes; its targets are found and its themes are right without training."""

from __future__ import annotations

from pathlib import Path

import pytest

import nlp
from data import events
from data.records import Document
from data.relevance import judge
from nlp import scorers
from nlp.annotate import Analyser
from nlp.mentions import Mentions

EVENT = events.load("kt-outage-2021")
WEIGHTS = Path(nlp.__file__).parent / "model" / "model.safetensors"
# The examples of the event file are other sentences; 15 is what a file without any training has to reach.
ENOUGH_RIGHT = 15

# theme | targets | sentence; `-` is none.
SENTENCES = """
outage | kt_internet | 11시 반쯤 회의를 하는데 KT 인터넷이 뚝 끊겨서 다들 얼굴만 쳐다봤어요.
outage | kt_mobile,qr_checkin | 휴대폰이 안 터져서 QR체크인도 못 하고 식당 앞에 서 있었다.
outage | kt_internet | 온라인 시험을 보던 학생들은 인터넷이 멈춘 줄도 모르고 새로고침만 눌렀다.
recovery | kt,government | KT는 낮 12시 45분께 복구를 마쳤다고 정부 상황실에 알렸다.
recovery | - | 우리 집은 오후 늦게까지도 정상으로 돌아오지 않았습니다.
preparedness | kt | 아현 화재 때 그렇게 혼나고도 KT는 백업 하나 제대로 마련하지 않았네요.
preparedness | - | 작업 전에 모의시험만 한 번 해 봤어도 막을 수 있었을 텐데.
response | kt | 구현모 대표가 고개 숙여 사과했지만 진정성은 느껴지지 않았다.
response | kt | 케이티 고객센터는 종일 통화 중이고 안내 문자 하나 안 왔습니다.
compensation | kt | 한 달 요금 5만 원 내는 저한테 KT가 준 보상은 천 원짜리 한 장이에요.
compensation | - | 소상공인에게는 열흘치 이용료를 깎아 주기로 했다.
monopoly | kt | 온 나라가 KT 망 하나에 의존하고 있었다는 사실이 새삼 무섭다.
regulation | national_assembly,kt | 국회 과방위는 다음 달 전체회의에서 KT 사고를 다루고 법 개정을 논의한다.
regulation | government | 과기정통부가 사고분석반을 꾸려 조사에 착수했다.
livelihood | kt_pos | 카드 단말기가 죽어서 점심 손님을 절반은 그냥 돌려보냈습니다.
livelihood | delivery_app | 배민 주문이 한 건도 안 들어와 그날 매출은 바닥이었어요.
stock | kt | KT 주주로서 장중에 주가 빠지는 걸 보고만 있자니 속이 쓰리더라.
alternatives | skt,lg_uplus | 약정만 끝나면 SKT든 유플러스든 번호이동으로 떠나렵니다.
cause | subcontractor | 협력업체 작업자가 라우터 설정을 바꾸다가 명령어 하나를 빠뜨렸다.
cause | kt | 디도스 공격이라던 KT의 첫 추정은 라우팅 오류로 바로잡혔다.
"""

# What only looks like a name of this event, and names written as people write them.
NAMES = """
- | KTX 열차가 신호 장애로 한 시간 멈췄다.
- | KT&G 주가는 오르고 담배 값은 그대로다.
- | kt wiz 타선이 깨어나 한국시리즈에서 먼저 웃었다.
- | 제주 올레길을 걷느라 뉴스는 하나도 못 봤어요.
- | 의정부에 사는 친구는 별일 없었다고 한다.
- | 인터넷 쇼핑몰이 끊임없이 할인 문자를 보낸다.
- | 두 나라의 협력사업이 막바지에 이르렀다.
- | 램프의 지니야, 음악 좀 틀어 줘.
skt | 에스케이티 쓰는 동생은 멀쩡했다.
kt,skt,lg_uplus | KT, SK, LG 가운데 어디 인터넷이 제일 나은가요.
kt | kt가 또 사고를 쳤네.
kt_tv | 올레tv까지 안 나와서 하루 종일 조용했다.
genie | 지니뮤직 재생 목록이 통째로 안 열린다.
subcontractor,government | 하청에 떠넘기지 말고 정부가 나서야죠.
kt_internet | 가게 인터넷이 먹통이라 장부를 손으로 적었다.
"""


def _rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


def _names(text: str) -> set[str]:
    return set() if text == "-" else set(text.split(","))


def _named() -> list[tuple[str, set[str]]]:
    return [(row[-1], _names(row[-2])) for row in [*_rows(SENTENCES), *_rows(NAMES)]]


def test_both_events_ship() -> None:
    assert events.known() == ["kakao-outage-2022", "kt-outage-2021"]


def test_the_file_is_as_full_as_the_first_one() -> None:
    assert EVENT.id == "kt-outage-2021"
    assert (EVENT.starts.isoformat(), EVENT.ends.date().isoformat()) == ("2021-10-25T00:00:00+09:00", "2021-11-30")
    assert all(len(theme.examples) >= 12 and theme.terms for theme in EVENT.themes)
    assert len(EVENT.no_theme) >= 20
    assert {theme.id for theme in EVENT.themes} < {theme.id for theme in events.load("kakao-outage-2022").themes}


def test_every_mark_lies_in_the_period_and_names_its_source() -> None:
    assert 5 <= len(EVENT.timeline) <= 8
    assert all(mark.source.startswith("http") and EVENT.starts <= mark.at <= EVENT.ends for mark in EVENT.timeline)
    assert sum(mark.response for mark in EVENT.timeline) >= 3


def test_no_sentence_is_given_twice() -> None:
    examples = [text for theme in EVENT.themes for text in theme.examples] + list(EVENT.no_theme)
    first = events.load("kakao-outage-2022")
    others = {text for theme in first.themes for text in theme.examples} | set(first.no_theme)
    assert len(examples) == len(set(examples))
    assert not set(examples) & (others | {text for text, _ in _named()})


@pytest.mark.parametrize(("text", "targets"), _named(), ids=[text for text, _ in _named()])
def test_targets_of_a_sentence(text: str, targets: set[str]) -> None:
    assert {mention.target for mention in Mentions(EVENT).find(text)} == targets


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("KT 인터넷이 먹통이라 점심 장사를 접었다. 복구됐다는데 가게는 아직이다.", None),
        ("kt 라우팅 오류가 원인이라고 한다. 디도스라더니 말이 바뀌었다.", None),
        ("KTX가 신호 장애로 멈췄다. 열차는 한 시간 만에 복구됐다.", "off_topic"),
        ("KT 위즈가 한국시리즈에서 이겼다. 타선이 살아났고 마운드가 든든했다.", "off_topic"),
    ],
)
def test_what_belongs(text: str, reason: str | None) -> None:
    page = Document("tistory", "blog", "https://demo-a.tistory.com/1", "1", "제목", text)
    assert judge(EVENT, page).reason == reason


@pytest.mark.skipif(not WEIGHTS.is_file(), reason="nlp/model/model.safetensors is not here: no themes without vectors")
def test_themes_are_right_without_any_training() -> None:
    rows = _rows(SENTENCES)
    read = Analyser(EVENT, scorers.load("shipped")).read([text for *_, text in rows])
    wrong = []
    for (theme, _, text), [sentence] in zip(rows, read, strict=True):
        found = [name for name, _ in sentence.themes]
        if found[:1] != [theme]:  # the most likely one
            wrong.append(f"{theme}, found {found}: {text}")
    assert len(rows) - len(wrong) >= ENOUGH_RIGHT, "\n".join(wrong)
