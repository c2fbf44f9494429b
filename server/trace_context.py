"""The trace that a call belongs to: W3C Trace Context, level 1, in the metadata ``traceparent``.

Log lines say which one a call is part of, with or without spans of our own (:mod:`server.traces`). What is not well formed
counts as not given, as the recommendation has it, for a trace is no reason to refuse a call.
"""

import re
from typing import Final

TRACEPARENT: Final = "traceparent"
# A version from after this one may go on after another dash; version ff is none.
_FORM: Final = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII)


def trace_of(traceparent: str) -> dict[str, str]:
    """``trace_id`` and ``parent_id``, the caller's span, for a log line; nothing where there is no trace."""
    match = _FORM.fullmatch(traceparent)
    if match is None or (match[1] == "00" and match[4] is not None):
        return {}
    return {"trace_id": match[2], "parent_id": match[3]}
