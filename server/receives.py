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
