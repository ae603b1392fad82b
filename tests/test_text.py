"""Sentences: where they end, and that their offsets hold."""

from __future__ import annotations

import random
import unicodedata

import pytest

from nlp.text import LONGEST, pieces, scorable, sentences


def texts(text: str) -> list[str]:
    found = sentences(text)
    assert all(text[s.start : s.end] == s.text == s.text.strip() for s in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    return [s.text for s in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("카카오 주가가 5.93% 하락했다. 17일 종가는 4만 8350원이었다.",
         ["카카오 주가가 5.93% 하락했다.", "17일 종가는 4만 8350원이었다."]),
        ("2022. 10. 17. 오후 3시에 열렸다. 끝났다.", ["2022. 10. 17. 오후 3시에 열렸다.", "끝났다."]),
        ("10. 17. 자 공지를 보세요. 2022.10.17. 기준이다.", ["10. 17. 자 공지를 보세요.", "2022.10.17. 기준이다."]),
        ('"보상도 없이 끝낼 건가요?"라고 말했다. 나갔다.', ['"보상도 없이 끝낼 건가요?"라고 말했다.', "나갔다."]),
        ('그는 "화가 납니다. 책임지세요."라고 했다.', ['그는 "화가 납니다. 책임지세요."라고 했다.']),
        ("“이틀째입니다. 사진 한 장 못 보냅니다.” 김씨는 이렇게 말했다.",
         ["“이틀째입니다. 사진 한 장 못 보냅니다.”", "김씨는 이렇게 말했다."]),
        ("답답하네ㅠㅠ 카톡이 안 돼요ㅋㅋㅋ 언제 되나요", ["답답하네ㅠㅠ", "카톡이 안 돼요ㅋㅋㅋ", "언제 되나요"]),
        ("그게... 참 이상하네요... 정말 왜 그럴까요?", ["그게... 참 이상하네요...", "정말 왜 그럴까요?"]),
        ("불편했지만… 복구가 빨라 다행이다.", ["불편했지만… 복구가 빨라 다행이다."]),
        ("https://v.daum.net/v/20221017000610318 여기 보세요. 맞죠?",
         ["https://v.daum.net/v/20221017000610318 여기 보세요.", "맞죠?"]),
        ("집에 걸어왔어요😀\n카톡이 안 돼요🤬 정말요.", ["집에 걸어왔어요😀", "카톡이 안 돼요🤬", "정말요."]),
        ("이게 말이 됩니까?! 화나요!!", ["이게 말이 됩니까?!", "화나요!!"]),
        ("너무 불편하네요 하루종일 기다렸어요 보상은 해주나요", ["너무 불편하네요", "하루종일 기다렸어요", "보상은 해주나요"]),
    ],
)  # fmt: skip
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_line_ends_a_sentence() -> None:
    assert texts("카톡이 안돼서\n택시도 못 잡고\r\n\n  집에 걸어왔어요") == [
        "카톡이 안돼서",
        "택시도 못 잡고",
        "집에 걸어왔어요",
    ]


def test_an_address_or_a_rule_alone_is_no_sentence() -> None:
    assert texts("끝났다.\nhttps://v.daum.net/v/1\nv.daum.net\n-----\n* * *\nwww.kakao.com/a b.kr\n다음에 봐요.") == [
        "끝났다.",
        "다음에 봐요.",
    ]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200b\n"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert texts(text) == []


def test_a_thought_without_full_stops_is_parted_between_clauses() -> None:
    long = "카톡이 안 되고 택시도 안 잡히는데 아무도 답을 하지 않으니까 그냥 걸어서 집에 가면서 " * 12
    found = texts(long)
    assert all(len(text) <= LONGEST for text in found)
    assert " ".join(found).split() == long.split()
    assert all(text.endswith(("고", "는데", "니까", "면서", "서")) for text in found)


def test_a_long_quotation_is_parted_at_its_own_sentences() -> None:
    long = "“" + "이틀 동안 가게 문을 열어 두고도 주문을 하나도 받지 못했습니다. " * 10 + "”라고 말했다."
    found = texts(long)
    assert all(len(text) <= LONGEST for text in found)
    assert "".join(found).replace(" ", "") == long.replace(" ", "")


def test_a_word_is_never_cut() -> None:
    assert texts("가" * 500 + " 나") == ["가" * 500, "나"]


def test_pieces_hold_every_word_in_order() -> None:
    text = "하나, 둘 셋은 넷이고 다섯. 여섯 일곱 여덟? 아홉 열"
    spans = pieces(text, 12)
    assert " ".join(text[a:b] for a, b in spans).split() == text.split()
    assert all(b - a <= 12 for a, b in spans)
    assert pieces("짧다") == [(0, 2)]
    assert pieces("   ") == []


def test_offsets_hold_for_decomposed_letters_and_emoji() -> None:
    decomposed = unicodedata.normalize("NFD", "카톡이 안 돼요. 정말요?")
    assert texts("👨‍👩‍👧 " + decomposed + " 🤬 끝났어요. 네.")[-1] == "네."


def test_offsets_hold_whatever_stands_in_a_text() -> None:
    pool = list('가나다요.까?! \n"“”‘’()…~ㅋㅠ😀👍🏽\u200b\xa0\x00abc129%,') + ["습니다. ", "했다.", "네요 ", "\r\n"]
    chance = random.Random(20221015)
    for _ in range(150):
        text = "".join(chance.choices(pool, k=chance.randrange(1, 120)))
        assert "".join("".join(texts(text)).split()).count("가") == text.count("가")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("카톡이 안 돼요", True), ("네", False), ("ㅋㅋㅋㅋ", False), ("😀😀", False), ("", False), ("17:30", False),
     ("The outage lasted for two days and users of 카톡 were angry about it", False), ("daum 메일 먹통", True)],
)  # fmt: skip
def test_scorable(text: str, expected: bool) -> None:
    assert scorable(text) is expected


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "aa.bb" * 10_000 + "!", "가나다" * 10_000, "“" * 20_000, "a@" * 20_000]
)
def test_a_line_that_is_no_language_takes_no_time(text: str) -> None:
    assert "".join(texts(text)) in (text, "")
