"""What a caller may say beside its messages, in the metadata of a call."""

from collections.abc import Iterable
from typing import Final

from server import request_id
from server.trace_context import TRACEPARENT

RECEIVES_KEY: Final = "makegood-receives-bytes"
"""How long an answer it takes."""
_USER_AGENT: Final = "user-agent"
_KEPT: Final = frozenset({request_id.METADATA_KEY, _USER_AGENT, TRACEPARENT})


def said_of_call(metadata: Iterable[tuple[str, str | bytes]] | None) -> tuple[str, str, str]:
    """The id of the call, the caller's or a new one; its user agent; its traceparent, as it stands."""
    said: dict[str, str] = {}
    for key, value in metadata or ():
        # Of several the first: which one is meant nobody can tell, and a trace is no worse for it.
        if key in _KEPT and value and isinstance(value, str):
            said.setdefault(key, value)
    return said.get(request_id.METADATA_KEY) or request_id.new(), said.get(_USER_AGENT, ""), said.get(TRACEPARENT, "")
