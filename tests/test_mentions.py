"""Which targets a sentence names. The table is invented for this test; `-` is none."""

from __future__ import annotations

from time import perf_counter

import pytest

from data.events import load
from nlp.mentions import Mentions

SENTENCES = """
kakaotalk | 카톡이 어제부터 안 돼요.
kakaotalk | 카카오톡으로 보낸 사진이 아직도 안 갔다.
kakaotalk | 카카오 톡이 먹통이라 연락을 못 했네요.
kakaotalk | 단톡방이 조용하니 오히려 편하더라.
kakaotalk | 카카오톡방에 스무 명이 있는데 아무도 몰랐다.
kakaotalk | 카톡방에서 나가지도 못하고 있어요.
kakaotalk | KakaoTalk은 언제쯤 되나요?
kakaotalk | 회사카톡이 안 되니 보고를 못 한다.
kakaotalk | 까톡 소리가 안 나니 이상하다.
kakaotalk | 톡이 안 가서 메시지를 문자로 보냈다.
kakaotalk | 국민메신저라더니 꼴이 우습다.
kakaotalk | 어제 선물하기로 산 톡 쿠폰을 못 쓴다네요, 카톡이 안 열려서.
kakao | 카카오는 사과문을 냈다.
kakao | 카카오측이 내놓은 답변에 다들 기가 막혔다.
kakao | 탈카카오를 결심했다.
kakao | 남궁훈 대표가 물러났다.
kakao | 김범수 창업자가 고개를 숙였다.
kakao | "카카오에서는 아무 말도 없었다"고 했다.
kakao | KAKAO가 문제다.
kakao | 카카오주가가 또 빠졌다.
kakao | 카카오의 이중화가 부실했다.
kakao_t | 카카오 택시가 안 잡혀서 걸어왔다.
kakao_t | 카카오T로 부른 차가 사라졌다.
kakao_t | 카카오 T 앱이 안 열린다.
kakao_t | 카택 부르려다 포기.
kakao_t | 택시 기사인데 콜이 하나도 안 들어옵니다.
kakao_t | 카카오모빌리티는 기사들에게 보상하겠다고 했다.
kakao_t | 카카오대리를 부를 수가 없다.
kakaopay | 카카오페이로 결제하려다 망신당했다.
kakaopay | 카카오 페이가 안 되니 커피도 못 샀다.
kakaopay | 카카오페이증권에 넣은 돈은 괜찮나.
kakaobank | 카뱅에선 이체가 된다.
kakaobank | 카카오뱅크는 데이터센터가 달라서 괜찮았다.
kakaobank | 카뱅도 이체가 안 됨.
kakaomap | 다음지도로 길을 찾다가 멈췄다.
kakaomap | 카카오맵이 흰 화면만 뜬다.
kakaonavi | 카카오내비가 꺼져서 길을 잃었다.
kakao_page | 카카오페이지에서 보던 소설이 안 열린다.
kakao_page | 다음 웹툰 쿠키는 돌려주나요.
melon | 멜론에서 노래 재생이 안 된다.
melon | 음원 서비스 멜론도 사흘 만에 돌아왔다.
melon | 지니로 갈아탔어요, 멜론은 아직 먹통이라서.
kakao_games | 우마무스메 이벤트가 끝나 버렸다.
kakao_games | 오딘은 왜 점검이 길어지나.
kakao_hairshop | 카카오헤어샵 예약이 다 꼬였다.
kakao_login | 카카오 로그인으로 가입한 쇼핑몰에 못 들어간다.
kakao_login | 카카오계정으로 연결된 게임이 다 막혔다.
daum | 다음 카페 글쓰기가 안 된다.
daum | 다음메일이 열리지 않아 원서를 못 냈다.
daum | 한메일 쓰는 사람만 바보 됐네.
daum | 포털 다음도 접속이 안 됩니다.
daum,naver | 네이버는 되는데 다음도 안 되고 답답하다.
daum,kakao | 카카오 다음 시스템 오류가 발생했다.
daum,kakao | 카카오·다음 서비스가 한꺼번에 멈췄다.
daum,kakao,tistory | 카카오, 다음, 티스토리가 모두 마비됐다.
daum,tistory | 다음이랑 티스토리 둘 다 로그인이 안 되네요.
daum | daum.net 메일이 사흘째 안 열려요.
tistory | 티스토리가 아니었으면 벌써 옮겼다.
tistory | 블로그(tistory) 글이 전부 오류로 뜬다.
naver | 네이버페이로 결제하니 잘만 되더라.
naver | NAVER는 몇 시간 만에 돌아왔다.
naver | 네이버 예약으로 바꿨어요.
kakao,naver | 카카오는 최악, 네이버 덕에 살았다.
sk_cnc | SK C&C 판교 데이터센터에서 불이 났다.
sk_cnc | SKC&C와 책임 공방을 벌였다.
sk_cnc,kakao | 카카오와 SK가 서로 책임을 미룬다.
sk_cnc | SK㈜ C&C는 유감을 표했다.
government | 정부는 재난문자를 보냈다.
government | 현정부가 할 일이 무엇인가.
government | 과기정통부가 조사에 나섰다.
government | 정부차원의 대책이 필요하다.
government | 대통령도 국가 기반 통신망이라고 했다.
government,national_assembly | 정부와 국회가 법을 손본다.
national_assembly | 국감에 증인으로 불려 나왔다.
national_assembly | 국회에서는 호통만 쳤다.
national_assembly | 여야는 증인 채택에 합의했다.
kakaotalk,kakao_t,kakaopay | 카톡, 카카오T, 카카오페이까지 전부 멈췄다.
kakaotalk,kakaobank | 카톡이랑 카뱅 둘 다 쓰는데 카톡만 안 된다.
kakao,kakaotalk | 카카오가 카카오톡 복구율을 밝혔다.
- | 다음 날 아침에야 복구됐다, 카카오가.:kakao
- | 그다음에 무슨 일이 있었는지 모른다.
- | 다음에 또 이러면 로그인 정보를 다 지울 거다.
- | 다음 주 월요일에 접속 장애 원인을 발표한다.
- | 다음 글에서는 메일 백업 방법을 다룬다.
- | 다음은 일문일답, 카카오 대표와 나눴다.:kakao
- | 다음과 같은 순서로 로그인하세요.
- | 바로 다음 정류장에서 내려 검색해 봤다.
- | 다음 달부터 요금이 오른다고 네이버에 나왔다.:naver
- | 멜론 한 통을 잘라 먹으며 기다렸다.
- | 마트에서 멜론이 싸길래 하나 샀다.
- | 비정부기구 회원들이 모였다.
- | 의정부에 사는 친구와 연락이 끊겼다.
- | 사이다처럼 톡톡 쏘는 글이 보고 싶다.
- | 어깨를 톡 치고 지나갔다.
- | 책 50페이지를 읽었다.
- | 카카오 관련 페이지가 안 열린다.:kakao
- | 콜센터에 전화해도 택시 문의는 안 받는다.
- | 시원한 콜라를 마시며 택시를 기다렸다.
- | 신인 라인업이 공개됐다.
- | SKT 대리점에서 화재 보험을 팔더라.
- | SK하이닉스 주가는 올랐고 배터리 회사도 올랐다.
- | 서비스를 줄여야 한다.
- | 카카오 99% 초콜릿은 너무 쓰다.
- | 카카오 열매로 만든 음료를 마셨다.
- | 카페에서 커피를 마시며 책을 봤다.
- | 동네 의원들이 일요일에는 문을 닫는다.
- | 제보는 카카오톡 okjebo 로 보내 주세요.
- | 카카오톡으로 공유
- | 기사 원문 https://v.daum.net/v/20221017000610318 참고.
- | 홍길동 기자 gildong@kakao.com
- | 티스푼으로 두 번 넣으세요.
- | 이 김기사님은 참 친절하셨다.
- | 삼성페이로 결제하니 되더라, 휴.
- | 전자정부 홈페이지에서 서류를 뗐다.
- | 카카오스토리에 올린 사진이 그립다.
- | 무정부 상태라는 말이 떠올랐다.
- | 다음 로그인 때 비밀번호를 바꾸라는 안내가 떴다.
- | 오류가 나면 다음 로그인 때 다시 해 보세요.
- | 우리 다음 카페에서 만나자.
- | 여기가 문을 안 열었으니 다음 카페로 가자.
- | 다음 검색 결과가 나온다.
- | 다음 앱 업데이트는 금요일이다.
- | 다음 메일에서 일정을 알려 드릴게요.
- | 다음 뉴스입니다.
- | 다음 사전 예약은 언제인가요?
- | 다음 측정 때까지 쉬었다.
- | 다음 시스템 점검은 화요일 새벽이다.
- | 다음 메인 요리가 나왔다.
daum | 다음 카페 글이 사라졌다.
daum | 동호회 공지를 올리던 다음 카페가 멈췄다.
daum | 다음 메일 쓰는 사람은 나뿐인가.
daum | 원서를 다음 메일로 못 보냈다.
daum | 다음 로그인이 안 돼서 문의도 못 한다.
daum,naver | 네이버 검색은 되는데 다음 검색은 하얗다.
daum | 다음 앱이 안 열린다.
daum | 다음 뉴스 댓글 창이 닫혔다.
daum | 다음 측은 원인을 설명하지 않았다.
daum | 다음앱을 지웠다.
kakaotalk | 다음 카카오톡 업데이트를 기다린다.
kakao_page | 다음 웹툰에서 보던 만화.
government | 중앙정부가 나서서 챙겨야 한다.
government | 윤정부는 무엇을 했나.
government | 윤석열정부의 대책을 물었다.
government | 대통령 상황실이 열렸다.
- | 그 회사는 작년에 대통령상을 받았다.
- | 조카가 과학 대회에서 대통령상!
- | 대통령배 대회가 열렸다.
national_assembly | 국감자료를 제출하라고 했다.
national_assembly | 국감증인 명단이 나왔다.
national_assembly | 여야 함께 법을 고친다.
national_assembly | 여야 한목소리로 질타했다.
- | 약은 꼭 먹어여야 한다니 오타가 재미있다.
- | 책임지는 쪽은 회사여야 한다.
- | 그 자리는 우리 가족여야만 한다고 했다.
kakaopay | 카페이로 커피값을 냈다.
kakaopay | 카페이가 먹통.
- | 이 카페이상해요, 문을 닫았네.
- | 동네 카페이고 조용하다.
- | 북카페이다.
kakao | 요즘 ＫＡＫＡＯ는 조용하다.
kakaotalk | 카\u200b카오톡이 안 돼요.
kakaotalk | 카\u00ad톡\ufeff이 안 돼요.
naver | Ｎａｖｅｒ로 갈아탔다.
"""


def _row(line: str) -> tuple[str, set[str]]:
    """`targets | sentence`, or `- | hard negative:targets it does name beside`."""
    targets, _, text = (part.strip() for part in line.partition("|"))
    if targets == "-":
        text, _, beside = text.partition(":") if not text.startswith("기사 원문") else (text, "", "")
        targets = beside
    return text, set(filter(None, targets.split(",")))


ROWS = [_row(line) for line in SENTENCES.strip().splitlines()]


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    return Mentions(load("kakao-outage-2022"))


@pytest.mark.parametrize(("text", "targets"), ROWS, ids=[text for text, _ in ROWS])
def test_targets_of_a_sentence(mentions: Mentions, text: str, targets: set[str]) -> None:
    assert {m.target for m in mentions.find(text)} == targets


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("중앙정부도 손을 놓았다.", {"government"}),
        ("문정부는 답하라.", {"government"}),
        ("그 제품은 대통령상을 받았다.", set()),
        ("물어낼 쪽은 회사여야 한다.", set()),
        ("여야 모두 KT를 나무랐다.", {"national_assembly", "kt"}),
    ],
)
def test_bodies_of_the_second_event(text: str, targets: set[str]) -> None:
    assert {m.target for m in Mentions(load("kt-outage-2021")).find(text)} == targets


def test_a_mention_spans_the_letters_of_the_sentence_as_it_stands(mentions: Mentions) -> None:
    text = "\ufeff카\u200b카오톡\u200b이 먹통, ＫＡＫＡＯ는 조용"
    assert [(m.target, text[m.start : m.end]) for m in mentions.find(text)] == [
        ("kakaotalk", "카\u200b카오톡"),
        ("kakao", "ＫＡＫＡＯ"),
    ]


def test_names_in_a_row_are_each_found(mentions: Mentions) -> None:
    assert [(m.start, m.end) for m in mentions.find("카톡 " * 1000)] == [(n, n + 2) for n in range(0, 3000, 3)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("카톡" + "였" * 2_000 + "ㅋ", 0),
        ("카톡이" + "였" * 12 + " 먹통", 1),
        ("카톡" * 10_000, 0),
        ("카톡 " * 10_000, 10_000),
        ("카톡" + "는은" * 10_000, 0),
        ("카카오" + " " * 20_000 + "톡", 1),
        ("카\u200b" * 10_000 + "카오", 1),
        ("a@" * 20_000, 0),
        ("a-" * 10_000 + "@" + "b-" * 10_000, 0),
    ],
    ids=lambda value: str(value)[:8],
)
def test_a_line_that_is_no_language_takes_no_time(mentions: Mentions, text: str, found: int) -> None:
    begun = perf_counter()
    assert len(mentions.find(text)) == found
    assert perf_counter() - begun < 2
