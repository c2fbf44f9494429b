"""A wall clock in writing, by the numeric directives of strftime, the same under every locale.

Directives: %Y %y %m %d %H %M %S %j, with %-m and the like for no leading zero, %z and %%.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

DAY_SECONDS: Final = 86_400
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()

_REMEMBERED: Final = 1_024
"""Patterns that are taken apart once, they come from policy files; and by pattern, instants that were written."""
_WIDTHS: Final = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}
_NUMBERS: Final[Mapping[str, Callable[[date, int], int]]] = {
    "Y": lambda day, second: day.year,
    "y": lambda day, second: day.year % 100,
    "m": lambda day, second: day.month,
    "d": lambda day, second: day.day,
    "H": lambda day, second: second // 3600,
    "M": lambda day, second: second // 60 % 60,
    "S": lambda day, second: second % 60,
    "j": lambda day, second: day.toordinal() - date(day.year, 1, 1).toordinal() + 1,
}


@lru_cache(_REMEMBERED)
def written(pattern: str) -> Callable[[int, int], str]:
    """What writes an instant, in seconds since 1970 UTC, at an offset in seconds east of Greenwich.

    Raises ValueError where :func:`unknown_directives` finds something.
    """
    text = ""
    numbers: list[Callable[[date, int], int]] = []
    has_offset = False
    for piece in _pieces(pattern):
        if piece[0] != "%" or piece == "%%":
            text += piece if piece == "%%" else piece.replace("{", "{{").replace("}", "}}")
        elif piece == "%z":
            text += "{z}"
            has_offset = True
        elif _is_known(piece):
            text += f"{{{len(numbers)}{'' if '-' in piece else f':0{_WIDTHS[piece[-1]]}'}}}"
            numbers.append(_NUMBERS[piece[-1]])
        else:
            raise ValueError(f"{piece!r} is no numeric directive")
    template = text.replace("%%", "%").format

    @lru_cache(_REMEMBERED)  # of one outage many are told
    def write(instant: int, offset: int) -> str:
        day_number, second = divmod(instant + offset, DAY_SECONDS)
        day = date.fromordinal(day_number + EPOCH_DAY)
        return template(*[number(day, second) for number in numbers], z=_of_offset(offset) if has_offset else "")

    return write


def unknown_directives(pattern: str) -> tuple[str, ...]:
    """The directives of a pattern that cannot be written, for whoever loads one from a file."""
    return tuple(piece for piece in _pieces(pattern) if piece[0] == "%" and not _is_known(piece))


def _is_known(piece: str) -> bool:
    return piece in ("%%", "%z") or piece.removeprefix("%").removeprefix("-") in _WIDTHS


def _pieces(pattern: str) -> list[str]:
    """The pattern cut into directives, each from its "%" on, and the text between them."""
    pieces, position = [], 0
    while position < len(pattern):
        if pattern[position] == "%":
            end = position + (3 if pattern[position + 1 : position + 2] == "-" else 2)
        else:
            end = pattern.find("%", position)
            end = len(pattern) if end < 0 else end
        pieces.append(pattern[position:end])
        position = end
    return pieces


def _of_offset(offset: int) -> str:
    minutes = abs(offset) // 60
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"
