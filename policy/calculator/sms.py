"""How many short-message segments a text takes (3GPP TS 23.038 alphabet, TS 23.040 concatenation).

A text of the GSM 7-bit default alphabet takes 160 septets in one message, or 153 in each of several, where a header joins
them; a character of the extension table takes two, which stay together. Any other text is UCS-2: 70 code units of UTF-16, or
67 in each, and a character of two units is not split.
"""

import re
from collections.abc import Sequence
from typing import Final

GSM_7: Final = "GSM_7"
UCS_2: Final = "UCS_2"

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = "\f^{}\\[~]|€"
_NOT_BASIC: Final = re.compile(f"[^{re.escape(_BASIC)}]").search
_NOT_GSM_7: Final = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]").search
_OF_TWO_UNITS: Final = re.compile("[\U00010000-\U0010ffff]").search
_LAST_OF_ONE_UNIT: Final = "\uffff"


def segments(text: str) -> tuple[int, str]:
    """The number of segments and the encoding, "GSM_7" or "UCS_2". An empty text still takes one."""
    if not _NOT_BASIC(text):
        return _alike(len(text), 160, 153), GSM_7
    if not _NOT_GSM_7(text):
        return _filled([2 if character in _EXTENSION else 1 for character in text], 160, 153), GSM_7
    if not _OF_TWO_UNITS(text):
        return _alike(len(text), 70, 67), UCS_2
    return _filled([2 if character > _LAST_OF_ONE_UNIT else 1 for character in text], 70, 67), UCS_2


def _alike(number: int, whole: int, part: int) -> int:
    """Segments for so many characters that take one unit each."""
    return 1 if number <= whole else -(-number // part)


def _filled(sizes: Sequence[int], whole: int, part: int) -> int:
    """Segments for characters of these sizes: one of ``whole`` if they fit, else as many of ``part`` as they fill in order."""
    if sum(sizes) <= whole:
        return 1
    count, free = 1, part
    for size in sizes:
        if size > free:
            count, free = count + 1, part
        free -= size
    return count
