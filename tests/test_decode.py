"""Bytes to text: the order in which readings are tried, and what is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

import pytest

from crawler.decode import MAX_LOST, declared_charset, decode
from crawler.outcomes import Mojibake
from tests.conftest import SavedPage

TEXT = "<p>카카오톡이 멈춘 밤, 똠방각하도 펲시콜라도 소식이 없다.</p>"  # 똠 and 펲 are in cp949 only


@pytest.mark.parametrize(
    ("body", "http_charset", "codec"),
    [
        (TEXT.encode(), None, "utf-8"),
        (TEXT.encode(), "euc-kr", "utf-8"),
        (b'<meta charset="euc-kr">' + TEXT.encode(), None, "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "euc-kr", "utf-8-sig"),
        (TEXT.encode("utf-16"), None, "utf-16"),
        (TEXT.encode("cp949"), "EUC-KR", "cp949"),
        (TEXT.encode("cp949"), "utf-8", "cp949"),
        (TEXT.encode("cp949"), "iso-8859-1", "cp949"),
        (TEXT.encode("cp949"), "no-such-charset", "cp949"),
        (b'<?xml version="1.0" encoding="ks_c_5601-1987"?>' + TEXT.encode("cp949"), None, "cp949"),
    ],
)
def test_the_first_reading_that_fits(body: bytes, http_charset: str | None, codec: str) -> None:
    decoded = decode(body, http_charset)
    assert decoded.text.endswith(TEXT)
    assert (decoded.codec, decoded.lost) == (codec, 0.0)


def test_one_bad_byte_does_not_turn_a_page_into_another_codec() -> None:
    decoded = decode(TEXT.encode() * 20 + b"\xff" + TEXT.encode() * 20)
    assert decoded.codec == "utf-8"
    assert 0 < decoded.lost <= MAX_LOST


def test_a_download_cut_inside_a_letter_loses_that_letter_only() -> None:
    decoded = decode("가나다".encode()[:-1])
    assert (decoded.text, decoded.codec) == ("가나", "utf-8")


@pytest.mark.parametrize("body", ["카카오\ufffd\ufffd\ufffd 먹통".encode(), "카카오占쏙옙占쏙옙 먹통".encode()])
def test_letters_lost_earlier_are_mojibake(body: bytes) -> None:
    with pytest.raises(Mojibake) as refused:
        decode(body)
    assert refused.value.lost > MAX_LOST


def test_composed_on_a_mac_reads_like_any_other() -> None:
    assert decode(unicodedata.normalize("NFD", TEXT).encode()).text == TEXT


def test_nothing_is_nothing() -> None:
    assert decode(b"").text == ""
    assert declared_charset(b"<p>") is None


def test_every_saved_page_and_feed_but_the_broken_one(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    for row in shared_pages():
        if "mojibake" in row.file:
            with pytest.raises(Mojibake):
                decode(row.body)
            continue
        decoded = decode(row.body)
        assert decoded.lost < MAX_LOST / 10, row.file
        stated = row.encoding.partition(";")[0].removeprefix("bytes=").replace("euc-kr", "cp949")
        assert decoded.codec.removesuffix("-sig") == stated, row.file
