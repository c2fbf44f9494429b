"""What is known about the call at hand, for its log line and its metrics."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol

from policy.calculator.decision import Stamp


class Admitted(Protocol):
    """Who makes a call, where a file says who may; :class:`server.access.guard.Caller`."""

    @property
    def name(self) -> str:
        """In the file; "": whoever it is."""

    @property
    def policies(self) -> frozenset[str] | None:
        """Which it may have decide: their ids, and versions as "id/version". None: all."""

    def look(self) -> None:
        """One more call or message. Raises Denied, also where that has changed since the call came."""

    def rows(self, count: int) -> None:
        """So many subscribers are asked about. Raises RateExceeded."""

    def may_use(self, policy_id: str, version: str = "") -> bool:
        """Whether it may have that decide; ``version`` "": whether any version of the policy may."""

    def use(self, policy_id: str, version: str = "") -> None:
        """Raises Forbidden where it may not have that decide."""


class _Anybody:
    """Who makes a call where no file says who may: whoever likes, and whatever they like."""

    name = ""
    policies = None

    def look(self) -> None:
        """It goes on."""

    def rows(self, count: int) -> None:
        """As many as they like."""

    def may_use(self, policy_id: str, version: str = "") -> bool:  # noqa: ARG002
        """They may."""
        return True

    def use(self, policy_id: str, version: str = "") -> None:
        """They may."""


ANYBODY: Final = _Anybody()


@dataclass(slots=True)
class Call:
    """One call, from arrival to its end. Servicers and the interceptor fill it in; the interceptor reports it.

    ``arrived`` is a reading of time.perf_counter() in seconds, ``queued_seconds`` how long it then waited for a thread.
    ``request_id`` is never empty; ``user_agent``, ``traceparent`` and ``purpose`` are as the caller gave them. ``fields`` are
    paths of offending request fields. ``rows`` and ``failed_rows`` count items of batches; ``messages`` counts the requests of
    a stream. ``refused``: for what reason it was not let in, or not waited for. ``caller``: who makes it, and what it may.
    ``span``: the ids of its trace and span, where one was made for it.
    """

    method: str
    arrived: float
    request_id: str
    user_agent: str = ""
    traceparent: str = ""
    purpose: str = ""
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
    caller: Admitted = ANYBODY
    span: tuple[str, str] | None = None


CALL: Final[ContextVar[Call]] = ContextVar("call")
"""The call at hand. grpcio runs interceptor and handler of one call in one context, and each call in its own."""
