"""How long an answer a caller takes. gRPC's clients refuse one of over 4 MiB, unless told otherwise, and tell no server of it.

The work would be done then, and counted as granted, and the caller would hear of none of it; so it is asked to say when it
takes more.
"""

from typing import Final

import grpc

from policy.calculator.errors import InvalidRequest, Violation
from server.metadata import RECEIVES_KEY

DEFAULT_BYTES: Final = 4 * 2**20
MOST_BYTES: Final = 64 * 2**20
"""Of an answer, whatever its caller takes: it is held as a whole, by the server too."""
BEYOND_BYTES: Final = 4 * 2**20
"""So much more than its caller takes is made of an answer, to say how long it is; one that is longer still is not finished."""
_RESULT_TAG: Final = 0x0A
_DIGITS: Final = 10


def received_by(context: grpc.ServicerContext) -> int:
    """Bytes of an answer that the caller takes. Raises InvalidRequest where it does not say so as a whole number."""
    for key, value in context.invocation_metadata() or ():
        if key == RECEIVES_KEY:
            text = value if isinstance(value, str) else value.decode("ascii", "replace")
            if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
                what = f"metadata {RECEIVES_KEY}: write a whole number of bytes, for example {DEFAULT_BYTES}"
                raise InvalidRequest([Violation("", what)])
            return min(int(text), MOST_BYTES)
    return DEFAULT_BYTES


def framed_bytes(length: int) -> int:
    """What a result of so many bytes takes in an answer."""
    return 1 + max(-(-length.bit_length() // 7), 1) + length


def rows_that_fit(response: bytes, limit_bytes: int) -> int:
    """Of a serialized answer to a batch, the results whose bytes, from the first on, are within ``limit_bytes``."""
    at = rows = 0
    while at < len(response):
        assert response[at] == _RESULT_TAG
        at, length, shift = at + 1, 0, 0
        while True:
            byte = response[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                break
        at += length
        if at > limit_bytes:
            break
        rows += 1
    return rows
