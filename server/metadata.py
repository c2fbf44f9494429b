"""What a caller may say beside its messages, in the metadata of a call."""

from collections.abc import Iterable
from typing import Final

from policy.calculator.errors import InvalidRequest, Violation
from server import request_id
from server.trace_context import TRACEPARENT

RECEIVES_KEY: Final = "makegood-receives-bytes"
"""How long an answer it takes."""
PURPOSE_KEY: Final = "makegood-purpose"
"""What its answers are wanted for: "quote" where nothing will be booked by them."""
QUOTE: Final = "quote"
_USER_AGENT: Final = "user-agent"
_KEPT: Final = frozenset({request_id.METADATA_KEY, _USER_AGENT, TRACEPARENT, PURPOSE_KEY})


def said_of_call(metadata: Iterable[tuple[str, str | bytes]] | None) -> tuple[str, str, str, str]:
    """The id of the call, the caller's or a new one; its user agent, its traceparent and its purpose, as they stand."""
    said: dict[str, str] = {}
    for key, value in metadata or ():
        # Of several the first: which one is meant nobody can tell, and a trace is no worse for it.
        if key in _KEPT and value and isinstance(value, str):
            said.setdefault(key, value)
    given = said.get
    return (
        given(request_id.METADATA_KEY) or request_id.new(),
        given(_USER_AGENT, ""),
        given(TRACEPARENT, ""),
        given(PURPOSE_KEY, ""),
    )


def only_quotes(purpose: str) -> bool:
    """Whether a caller only quotes, by what it says of its purpose. Raises InvalidRequest where that is nothing we know."""
    if purpose and purpose != QUOTE:
        raise InvalidRequest([Violation("", f"metadata {PURPOSE_KEY}: write {QUOTE}, or leave it out")])
    return bool(purpose)
