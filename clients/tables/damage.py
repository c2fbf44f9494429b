"""What spreadsheets and databases make of a text or leave in place of one, so that it is not taken for what it stands for."""

import re
from typing import Final

_EXPORT_AGAIN: Final = "format the column as text and export again"

_SPREADSHEET: Final = re.compile(
    r"""
      [+-]?\d+[.,]\d+[eE][+-]?\d+ | [+-]?\d+[eE][+-]\d+ | \d[eE]\d{2}   # 1.38E+10, 1e+10, 1E10
    | [+-]?\d+[.,]0+                                                    # 13800000001.0
    | [+-]?\d{1,3}(,\d{3})+                                             # 13,800,000,001
    | =.* | '.*                                                         # ="138…", '138…
    | \#(N/A|N/D|NV|NULL!|REF!|DIV/0!|VALUE!|NAME\?|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|GETTING_DATA|\#*|[A-Z0-9/_]*[!?])
    | \d{1,2}[-/ ](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)([-/ ]\d{2,4})?     # 3-4 that became a day
    | (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-/ ]\d{1,4}
    | \d{1,2}月\d{1,2}日 | \d{4}年\d{1,2}月(\d{1,2}日)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES: Final = '"“”„«»`'
_MARKS: Final = r"""
    null (null) <null> [null] {null} \n \\n none [none] nil nan [nan] nat na <na> n/a n.a. #n/a undefined missing
    - -- --- – — —— ? ?? / \ . … [] {} () "" '' [''] [""] {""} 无 空 暂无 没有 未知 不详 不明 缺失
"""
_NULL_MARKS: Final = frozenset(_MARKS.split())
_OF_ANOTHER_PROGRAM: Final = re.compile(r"[\[{(].*[\]})]", re.DOTALL)


def is_null_mark(text: str) -> bool:
    """Whether a text is what some programs write where there is no value."""
    return text.casefold() in _NULL_MARKS


def null_mark(text: str) -> str:
    """What to say of one."""
    return f"{text!r} is what some programs write for no value; leave the cell empty, or say --null '{text}'"


def of_identity(text: str) -> str:
    """What is wrong with a cell as an identity, beyond what the contract refuses; "" where nothing is."""
    if text.isalnum() and text[0] >= "A":  # a code such as PUDONG, by far the most frequent; no spreadsheet makes one
        return null_mark(text) if is_null_mark(text) else ""
    if _SPREADSHEET.fullmatch(text):
        return f"{text!r} is what a spreadsheet made of it; {_EXPORT_AGAIN}"
    if is_null_mark(text):
        return null_mark(text)
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return f"{text!r} has quotes that belong to the file; {_EXPORT_AGAIN}, with quotes right beside the commas"
    if _OF_ANOTHER_PROGRAM.fullmatch(text):
        return f"{text!r} is a list as another program writes it; write codes with ; between them"
    return ""
