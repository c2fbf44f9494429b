"""What is known about the call at hand, for its log line and its metrics."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from policy.calculator.decision import Stamp


@dataclass(slots=True)
class Call:
    """One call, from arrival to its end. Servicers and the interceptor fill it in; the interceptor reports it.

    ``arrived`` is a reading of time.perf_counter() in seconds, ``queued_seconds`` how long it then waited for a thread.
    ``request_id`` is never empty; ``user_agent`` and ``traceparent`` are as the caller gave them. ``fields`` are paths of
    offending request fields. ``rows`` and ``failed_rows`` count items of batches; ``messages`` counts the requests of a stream.
    ``refused``: for what reason it was not let in, or not waited for.
    """

    method: str
    arrived: float
    request_id: str
    user_agent: str = ""
    traceparent: str = ""
    queued_seconds: float = 0.0
    pool: str = ""
    refused: str = ""
    decision_id: str = ""
    outcome: str = ""
    stamps: set[Stamp] = field(default_factory=set)
    messages: int = 0
    rows: int = 0
    failed_rows: int = 0
    fields: tuple[str, ...] = ()
    incident_id: str = ""


CALL: Final[ContextVar[Call]] = ContextVar("call")
"""The call at hand. grpcio runs interceptor and handler of one call in one context, and each call in its own."""
