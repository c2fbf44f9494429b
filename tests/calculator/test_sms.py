"""Claims about short-message segments, at every boundary of both encodings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import codes, sms


@pytest.mark.parametrize(
    ("text", "segments", "encoding"),
    [
        pytest.param("", 1, "GSM_7", id="empty"),
        pytest.param("a" * 159, 1, "GSM_7", id="one septet under a whole message"),
        pytest.param("a" * 160, 1, "GSM_7", id="a whole message"),
        pytest.param("a" * 161, 2, "GSM_7", id="one septet over"),
        pytest.param("a" * 306, 2, "GSM_7", id="two parts full"),
        pytest.param("a" * 307, 3, "GSM_7", id="one septet over two parts"),
        pytest.param("€" * 80, 1, "GSM_7", id="the extension takes two septets"),
        pytest.param("€" * 80 + "a", 2, "GSM_7", id="80 of the extension and one"),
        pytest.param("a" * 158 + "[", 1, "GSM_7", id="a bracket fills the message"),
        pytest.param("a" * 159 + "[", 2, "GSM_7", id="a bracket is one septet too much"),
        pytest.param("a" * 152 + "€" + "a" * 152, 3, "GSM_7", id="two septets are not split: 306 no longer fit two parts"),
        pytest.param("a" * 151 + "€" + "a" * 153, 2, "GSM_7", id="two septets at the end of a part: 306 fit"),
        pytest.param("€" * 152, 2, "GSM_7", id="76 of the extension fit a part"),
        pytest.param("€" * 153, 3, "GSM_7", id="one septet of each part stays free"),
        pytest.param("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\r\n", 1, "GSM_7", id="the default alphabet's own"),
        pytest.param("\f^{}\\[~]|€", 1, "GSM_7", id="the extension table"),
        pytest.param("ç", 1, "UCS_2", id="small c with cedilla is not in the alphabet, the capital is"),
        pytest.param("`", 1, "UCS_2", id="no grave accent"),
        pytest.param("\t", 1, "UCS_2", id="no tab"),
        pytest.param("\x1b", 1, "UCS_2", id="escape is a mark, not a character"),
        pytest.param("补" * 70, 1, "UCS_2", id="a whole message of UCS-2"),
        pytest.param("补" * 71, 2, "UCS_2", id="one unit over"),
        pytest.param("补" * 134, 2, "UCS_2", id="two parts of UCS-2 full"),
        pytest.param("补" * 135, 3, "UCS_2", id="one unit over two parts"),
        pytest.param("a" * 69 + "补", 1, "UCS_2", id="one character decides the encoding"),
        pytest.param("a" * 160 + "补", 3, "UCS_2", id="and with it the count"),
        pytest.param("😀" * 35, 1, "UCS_2", id="emoji take two units"),
        pytest.param("😀" * 35 + "a", 2, "UCS_2", id="35 emoji and one"),
        pytest.param("a" * 66 + "😀" + "a" * 66, 3, "UCS_2", id="a pair is not split: 134 no longer fit two parts"),
        pytest.param("a" * 65 + "😀" + "a" * 67, 2, "UCS_2", id="a pair at the end of a part: 134 fit"),
        pytest.param("\uffff" * 70, 1, "UCS_2", id="the last character of one unit"),
        pytest.param("\U00010000" * 36, 2, "UCS_2", id="the first of two"),
    ],
)
def test_text_takes_as_many_segments_as_the_network_bills(text: str, segments: int, encoding: str) -> None:
    assert sms.segments(text) == (segments, encoding)


def test_default_alphabet_has_its_127_characters_and_the_extension_ten() -> None:
    """128 places of 3GPP TS 23.038 less the escape."""
    assert len(set(sms._BASIC)) == 127
    assert len(set(sms._EXTENSION)) == 10
    assert not set(sms._BASIC) & set(sms._EXTENSION)


def test_encodings_are_those_of_the_contract() -> None:
    assert (sms.GSM_7, sms.UCS_2) == codes.SMS_ENCODINGS


def _split(text: str, encoding: str) -> list[str]:
    """Cut as a phone network does: as much as fits into each part, no character cut in two."""
    room = 153 if encoding == "GSM_7" else 67
    parts = [""]
    for character in text:
        if _size(parts[-1] + character, encoding) > room:
            parts.append("")
        parts[-1] += character
    return parts


def _size(text: str, encoding: str) -> int:
    if encoding == "GSM_7":
        return len(text) + sum(text.count(character) for character in "\f^{}\\[~]|€")
    return len(text.encode("utf-16-le")) // 2


gsm = st.text(st.sampled_from("aZ0 @Ñ€[~"), max_size=400)
mixed = st.text(st.sampled_from("a补😀€["), max_size=200)


@given(gsm | mixed)
def test_segments_are_the_parts_of_the_split_message(text: str) -> None:
    count, encoding = sms.segments(text)
    whole = 160 if encoding == "GSM_7" else 70
    assert count == (1 if _size(text, encoding) <= whole else len(_split(text, encoding)))


@given(gsm | mixed, gsm | mixed)
def test_more_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert sms.segments(text + more)[0] >= sms.segments(text)[0]
