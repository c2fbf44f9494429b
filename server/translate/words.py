"""The contract's enums as the calculator's words, and back.

A word is the name of the enum value without the prefix that the name of the enum gives it: CAUSE_POWER_SUPPLY of Cause is
"POWER_SUPPLY". The tables are read off the descriptors, so that no list of words is typed twice.
"""

import re

from google.protobuf.descriptor import EnumDescriptor


class WordByNumber(dict[int, str]):
    """Enum number to word. _UNSPECIFIED is ""; a number that the contract does not know is its digits, to be refused."""

    def __missing__(self, number: int) -> str:
        return str(number)


def _prefix(enum: EnumDescriptor) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"


def word_by_number(enum: EnumDescriptor) -> WordByNumber:
    """What to read a field of ``enum`` with."""
    prefix = _prefix(enum)
    return WordByNumber({value.number: value.name.removeprefix(prefix) if value.number else "" for value in enum.values})


def name_by_word(enum: EnumDescriptor) -> dict[str, str]:
    """What a caller writes in a field of ``enum`` for a word of the calculator."""
    prefix = _prefix(enum)
    return {value.name.removeprefix(prefix): value.name for value in enum.values if value.number}


def number_by_word(enum: EnumDescriptor) -> dict[str, int]:
    """What to write a field of ``enum`` with; a word that it lacks is a KeyError, for the calculator never says one."""
    return {word: number for number, word in word_by_number(enum).items()}
