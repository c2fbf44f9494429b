"""Codes of the contract's enums without their prefix: EQUIPMENT_FAILURE for CAUSE_EQUIPMENT_FAILURE."""

import difflib
import re
from collections.abc import Iterable
from functools import cache, lru_cache

from google.protobuf.descriptor import EnumDescriptor


@cache
def prefix(enum: EnumDescriptor) -> str:
    """What every value of the enum begins with, for example CAUSE_."""
    return enum.values_by_number[0].name.removesuffix("UNSPECIFIED")


@lru_cache(1000)
def code(enum: EnumDescriptor, number: int) -> str:
    """The code of a number; a number that these stubs do not know yet is shown as it is."""
    value = enum.values_by_number.get(number)
    return str(number) if value is None else value.name.removeprefix(prefix(enum))


def codes(enum: EnumDescriptor) -> dict[str, int]:
    """Every code that can be given, with its number."""
    return {code(enum, value.number): value.number for value in enum.values if value.number != 0}


def number(enum: EnumDescriptor, word: str) -> int:
    """Number of a code, with or without its prefix, in any case, with spaces or dashes as a person writes them.

    Raises ValueError naming the codes that there are.
    """
    known = codes(enum)
    short = re.sub("[ -]", "_", word.strip().upper()).removeprefix(prefix(enum))
    if short not in known:
        raise ValueError(f"{word!r} is not one of {', '.join(known)}{closest(short, known)}")
    return known[short]


def closest(word: str, known: Iterable[str]) -> str:
    """' (did you mean …?)' with the nearest of the known words, in its case or else in any, or nothing."""
    words = list(known)
    by_fold = {each.casefold(): each for each in words}
    near = difflib.get_close_matches(word, words, n=1)
    near = near or [by_fold[fold] for fold in difflib.get_close_matches(word.casefold(), list(by_fold), n=1)]
    return f" (did you mean {near[0]}?)" if near else ""
