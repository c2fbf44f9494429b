"""Every error that a caller can see, as one table: what happened, the public code, and what to change.

An exception that is not in the table is our own fault: INTERNAL with an incident id, and nothing of its text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb
from google.rpc import status_pb2

from policy.calculator.errors import InvalidRequest, NotInForce, UnknownPolicy, Violation

DOMAIN: Final = "makegood.v1"
"""Who gives the reasons in google.rpc.ErrorInfo."""

OVERLOADED_RETRY_MILLIS: Final = 200
"""A full queue is worked off in about this time."""
DRAINING_RETRY_MILLIS: Final = 1000
"""Time for a caller's load balancer to see that this server is not serving."""

TRAILER_BUDGET_BYTES: Final = 6500
"""Peers refuse headers above 8 KiB by default, and the status travels in them; the rest is for the request id and others."""
LISTED_VIOLATIONS: Final = 250
"""So that a batch of malformed rows does not make an answer many times its size."""
MORE: Final = "there are more violations than are listed here; mend these and ask again"
_SHOWN_IN_TEXT: Final = 3
_TEXT_CHARACTERS: Final = 240


class Overloaded(Exception):
    """More calls are in flight than ``limit``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"more than {limit} calls are in flight")


class Draining(Exception):
    """The server is going down and takes no new calls."""


class UnknownMethod(Exception):
    """The contract has no such method."""


class TooLarge(Exception):
    """A decision holds a number that does not fit the 64 bits of its field."""

    def __init__(self, policy_id: str) -> None:
        self.policy_id = policy_id
        super().__init__(f"a decision of policy {policy_id!r} holds a number beyond 64 bits")


def not_a_message(what: str, method: str) -> InvalidRequest:
    """Bytes that cannot be read."""
    text = f"{what} is not what {method} reads: the bytes are no protobuf message of that type, or a text in it is not UTF-8"
    return InvalidRequest([Violation("", text)])


@dataclass(frozen=True, slots=True)
class Fault:
    """Our own fault: an exception that nobody expected, under the id by which the log finds it again."""

    incident_id: str
    decision_id: str


@dataclass(frozen=True, slots=True)
class Public:
    """What a caller is told: the text and the google.rpc details."""

    message: str
    details: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: the code, and how the exception's data is told."""

    code: grpc.StatusCode
    tell: Callable[[Any], Public]


def _info(reason: str, metadata: Mapping[str, str] | None = None) -> details_pb.ErrorInfo:
    return details_pb.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata or {})


def _retry(millis: int) -> details_pb.RetryInfo:
    retry = details_pb.RetryInfo()
    retry.retry_delay.FromMilliseconds(millis)
    return retry


def _shown(violations: Sequence[Violation]) -> str:
    lines = [f"{violation.field}: {violation.message}" if violation.field else violation.message for violation in violations]
    text = "; ".join(lines[:_SHOWN_IN_TEXT])
    text = text if len(text) <= _TEXT_CHARACTERS else text[: _TEXT_CHARACTERS - 1] + "…"
    return text if len(lines) <= _SHOWN_IN_TEXT else f"{text}; {len(lines)} fields in all, see the details"


def _invalid_request(error: InvalidRequest) -> Public:
    bad = details_pb.BadRequest()
    for violation in error.violations[:LISTED_VIOLATIONS]:
        bad.field_violations.add(field=violation.field, description=violation.message)
    if len(error.violations) > LISTED_VIOLATIONS:
        bad.field_violations.add(description=MORE)
    return Public(_shown(error.violations), (bad,))


def _unknown_policy(error: UnknownPolicy) -> Public:
    name = f"{error.policy_id}/{error.version}" if error.version else error.policy_id
    what = details_pb.ResourceInfo(resource_type=f"{DOMAIN}.Policy", resource_name=name, description=str(error))
    return Public(str(error), (what, _info("UNKNOWN_POLICY", {"known": ", ".join(error.known)})))


def _not_in_force(error: NotInForce) -> Public:
    failure = details_pb.PreconditionFailure()
    failure.violations.add(type="POLICY_NOT_IN_FORCE", subject=error.policy_id, description=str(error))
    info = _info("POLICY_NOT_IN_FORCE", {"on": error.on.isoformat(), "covered": ", ".join(error.covered)})
    return Public(str(error), (failure, info))


def _overloaded(error: Overloaded) -> Public:
    text = f"the server has its limit of {error.limit} calls in flight; try again after the delay in RetryInfo"
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("OVERLOADED", {"limit": str(error.limit)})))


def _draining(_: Draining) -> Public:
    text = "the server is going down and takes no new calls; try another one, or this address after the delay in RetryInfo"
    return Public(text, (_retry(DRAINING_RETRY_MILLIS), _info("DRAINING")))


def _unknown_method(_: UnknownMethod) -> Public:
    return Public("there is no such method; ask server reflection for the services of this server", (_info("UNKNOWN_METHOD"),))


def _too_large(error: TooLarge) -> Public:
    text = (
        f"what policy {error.policy_id!r} gives for these facts does not fit the 64 bits of an answer;"
        " look whether an amount of the request is too large, or let the policy say what it may be at most"
    )
    return Public(text, (_info("TOO_LARGE", {"policy_id": error.policy_id}),))


def _fault(fault: Fault) -> Public:
    ids = {"incident_id": fault.incident_id, "decision_id": fault.decision_id}
    given = {name: value for name, value in ids.items() if value}
    text = f"internal error; tell the operator of this server incident {fault.incident_id}"
    return Public(text, (_info("INTERNAL", given),))


TABLE: Final[Mapping[type, Row]] = MappingProxyType(
    {
        InvalidRequest: Row(grpc.StatusCode.INVALID_ARGUMENT, _invalid_request),
        UnknownPolicy: Row(grpc.StatusCode.NOT_FOUND, _unknown_policy),
        NotInForce: Row(grpc.StatusCode.FAILED_PRECONDITION, _not_in_force),
        Overloaded: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _overloaded),
        Draining: Row(grpc.StatusCode.UNAVAILABLE, _draining),
        UnknownMethod: Row(grpc.StatusCode.UNIMPLEMENTED, _unknown_method),
        TooLarge: Row(grpc.StatusCode.OUT_OF_RANGE, _too_large),
        Fault: Row(grpc.StatusCode.INTERNAL, _fault),
    }
)
"""The error table."""


def is_foreseen(error: Exception) -> bool:
    """Whether the table has a row for ``error``."""
    return any(kind in TABLE for kind in type(error).__mro__)


def status(happened: Exception | Fault) -> status_pb2.Status:
    """What the caller is told. StopIteration where the table has no row for ``happened``."""
    row = next(TABLE[kind] for kind in type(happened).__mro__ if kind in TABLE)
    public = row.tell(happened)
    message = status_pb2.Status(code=row.code.value[0], message=public.message)
    for detail in public.details:
        message.details.add().Pack(detail)
    return message


def fitted(whole: status_pb2.Status) -> status_pb2.Status:
    """``whole``, with as many field violations as trailing metadata can carry; where there were more, a last one says so."""
    if _trailer_bytes(whole) <= TRAILER_BUDGET_BYTES:
        return whole
    bad = details_pb.BadRequest()
    if not any(detail.Unpack(bad) for detail in whole.details):
        return status_pb2.Status(code=whole.code, message=whole.message[:_TEXT_CHARACTERS])
    low, high = 0, len(bad.field_violations)
    while high - low > 1:
        kept = (low + high) // 2
        low, high = (kept, high) if _trailer_bytes(_cut(whole, bad, kept)) <= TRAILER_BUDGET_BYTES else (low, kept)
    return _cut(whole, bad, low)


def _cut(whole: status_pb2.Status, bad: details_pb.BadRequest, kept: int) -> status_pb2.Status:
    short = details_pb.BadRequest(field_violations=bad.field_violations[:kept])
    short.field_violations.add(description=MORE)
    message = status_pb2.Status(code=whole.code, message=whole.message)
    message.details.add().Pack(short)
    return message


def _trailer_bytes(message: status_pb2.Status) -> int:
    """What the status takes in trailing metadata: its text percent-encoded, the whole of it in base64."""
    return len(quote(message.message)) + ceil(message.ByteSize() * 4 / 3)
