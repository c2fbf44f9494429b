"""What a text must not hold that names somebody or something (subscriber, outage, area, party, service), by the contract.

Two texts that look alike must not be two identities, or one customer is paid as often as there are ways to write the number.
The server is the judge of every request; this is its rule again for what is never sent: areas, and rows that no outage hit.
A test holds both to each other over all characters.
"""

import re
import unicodedata
from typing import Final

_CONTROL: Final = "\x00-\x1f\x7f-\x9f\ud800-\udfff"
_INVISIBLE: Final = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Format characters, variation selectors, and others that are blank by default. Source: Unicode, General_Category Cf and
Default_Ignorable_Code_Point; written out, so that an edition of Unicode changes no answer."""
_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LOST: Final = "\ufffd"
_WIDTHS: Final = "\uff01-\uff9f\uffa1-\uffee"

_WRONG: Final = re.compile(
    f"(?P<control>[{_CONTROL}])|(?P<invisible>[{_INVISIBLE}])|(?P<space>[{_SPACES}])|(?P<outer>\\A | \\Z)"
    f"|(?P<lost>{_LOST})|(?P<width>[{_WIDTHS}])"
)
_WHY: Final = {
    "control": "a control character; take it out",
    "invisible": "which cannot be seen; take it out",
    "space": "which looks like the plain space; write that, or none",
    "outer": "at its beginning or end; take it out",
    "lost": "which stands where a character was lost; export it again",
}


def problem(text: str) -> str:
    """What is wrong with a text as an identity, to stand after its field's name; "" where nothing is."""
    if text.isascii() and text.isprintable() and text[:1] != " " != text[-1:]:
        return ""
    wrong = _WRONG.search(text)
    if wrong is None:
        composed = unicodedata.is_normalized("NFC", text)
        return "" if composed else "is not in composed form (Unicode NFC), so it looks like another text; export it composed"
    character = wrong[0]
    name = unicodedata.name(character, "")
    point = f"holds U+{ord(character):04X}{name and ' '}{name} (character {wrong.start() + 1})"
    if wrong.lastgroup == "width":
        return f"{point}; write it plain, as {unicodedata.normalize('NFKC', character)!r}"
    return f"{point}, {_WHY[wrong.lastgroup or '']}"
