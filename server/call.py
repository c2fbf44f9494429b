"""What is known about the call at hand, for its log line and its metrics."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from policy.calculator.decision import Stamp


@dataclass(slots=True)
class Call:
    """One call, from arrival to its end. Servicers and interceptors fill it in; the outermost interceptor reports it.

    ``arrived`` is a reading of time.perf_counter() in seconds. ``request_id`` is never empty. ``fields`` are the paths of
    offending request fields. ``rows`` and ``failed_rows`` count items of batches; ``messages`` counts the requests of a stream.
    """

    method: str
    arrived: float
    request_id: str
    decision_id: str = ""
    outcome: str = ""
    stamps: set[Stamp] = field(default_factory=set)
    messages: int = 0
    rows: int = 0
    failed_rows: int = 0
    fields: tuple[str, ...] = ()
    incident_id: str = ""


CALL: Final[ContextVar[Call]] = ContextVar("call")
"""The call at hand. grpcio runs interceptors and handler of one call in one context, and each call in its own."""
