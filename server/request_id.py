"""The id under which a call is found again: in its log lines, and in its trailing metadata for the caller to quote.

A caller may give it, in the message of ComputeCompensation or in the metadata of any call; else it is made here.
"""

import string
from itertools import count
from secrets import token_hex
from typing import Final
from urllib.parse import quote

METADATA_KEY: Final = "x-request-id"
_THIS_PROCESS: Final = token_hex(8)
_NUMBERS: Final = count()
_CHARACTERS: Final = 128
_ALLOWED: Final = "".join(sorted(set(string.printable) - set(string.whitespace) - {"%"}))


def new() -> str:
    """The id of a call whose caller gives none."""
    # Counted, for to ask the operating system for chance lets go of the interpreter's lock in the thread that accepts calls.
    return f"{_THIS_PROCESS}{next(_NUMBERS):016x}"


def printable(request_id: str) -> str:
    """For a log line: cut to a length, and what is not printable escaped."""
    if len(request_id) > _CHARACTERS:
        request_id = request_id[: _CHARACTERS - 1] + "…"
    if request_id.isprintable():
        return request_id
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in request_id)


def for_metadata(request_id: str) -> tuple[str, str]:
    """The entry of trailing metadata: as in the log, percent-encoded where it is not plain ASCII."""
    is_plain = request_id.isascii() and request_id.isprintable() and " " not in request_id and "%" not in request_id
    if is_plain and len(request_id) <= _CHARACTERS:
        return METADATA_KEY, request_id
    return METADATA_KEY, quote(printable(request_id), safe=_ALLOWED)
