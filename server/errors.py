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

from policy.calculator.checks import MAX_VIOLATIONS
from policy.calculator.errors import InvalidRequest, NotInForce, OtherDigest, SeveralVersions, UnknownPolicy, Violation
from server.access.denials import Forbidden, RateExceeded, Unauthenticated
from server.limits import ERROR_BYTES, ERROR_BYTES_OF_ONE_ASKED
from server.metadata import RECEIVES_KEY
from server.translate.wire_words import on_the_wire

DOMAIN: Final = "makegood.v1"
"""Who gives the reasons in google.rpc.ErrorInfo."""

OVERLOADED_RETRY_MILLIS: Final = 200
SHORT_RETRY_MILLIS: Final = 1000
"""A full queue is worked off in about this time."""
DRAINING_RETRY_MILLIS: Final = 1000
"""Time for a caller's load balancer to see that this server is not serving."""

TRAILER_BUDGET_BYTES: Final = 6500
"""Peers refuse headers above 8 KiB by default, and the status travels in them; the rest is for the request id and others."""
LISTED_OCCASIONS: Final = 50
"""Of a question whose occasions have several versions."""
MORE: Final = "there are more violations than are listed here; mend these and ask again"
_SHOWN_IN_TEXT: Final = 3
_TEXT_CHARACTERS: Final = 240
_DESCRIPTION_CHARACTERS: Final = 480
_PATH_CHARACTERS: Final = 200
_ID_CHARACTERS: Final = 64
IN_SHORT: Final = "malformed as rows before it, or else in error; rows are told in full up to a size: mend those and ask again"


class Overloaded(Exception):
    """More calls are in flight than ``limit``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"more than {limit} calls are in flight")


class QueuedTooLong(Exception):
    """A call has queued for more than ``limit_millis``."""

    def __init__(self, limit_millis: int) -> None:
        self.limit_millis = limit_millis
        super().__init__(f"queued for more than {limit_millis} ms")


class TooManyWaiting(Exception):
    """The server waits for the messages of other calls of the same client already."""


class KeptWaiting(Exception):
    """A call has kept a thread waiting for ``seconds``, or (None) for longest while others wanted its place."""

    def __init__(self, seconds: int | None) -> None:
        self.seconds = seconds
        super().__init__(f"kept a thread waiting for {seconds} seconds")


class ShortOfMemory(Exception):
    """Calls hold as much memory as this process may have."""


class TooManyWatchers(Exception):
    """``limit`` calls watch the health of this server, of one connection or in all."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"more than {limit} watchers")


class DecisionLogFull(Exception):
    """More waits to be recorded than may, and what is not recorded is not to be decided."""


class CannotFinish(Exception):
    """The deadline of a call comes before its answer could."""


class AnswerTooLong(Exception):
    """An answer has more bytes than its caller takes; of a batch, the first ``rows`` fit."""

    def __init__(self, length_bytes: int, limit_bytes: int, rows: int | None = None) -> None:
        self.length_bytes = length_bytes
        self.limit_bytes = limit_bytes
        self.rows = rows
        super().__init__(f"an answer of {length_bytes} bytes, where {limit_bytes} are taken")


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
    """A row of the table: the code, how the exception's data is told, and as which refusal it is counted, if it is one."""

    code: grpc.StatusCode
    tell: Callable[[Any], Public]
    refusal: str = ""


def _info(reason: str, metadata: Mapping[str, str] | None = None) -> details_pb.ErrorInfo:
    return details_pb.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata or {})


def _retry(millis: int) -> details_pb.RetryInfo:
    retry = details_pb.RetryInfo()
    retry.retry_delay.FromMilliseconds(millis)
    return retry


def _shown(violations: Sequence[Violation], found: int) -> str:
    """The first of ``violations``, and how many were ``found`` in all."""
    shown = violations[:_SHOWN_IN_TEXT]
    lines = [f"{_path(violation.field)}: {violation.message}" if violation.field else violation.message for violation in shown]
    text = _cut("; ".join(lines), _TEXT_CHARACTERS)
    if found <= _SHOWN_IN_TEXT:
        return text
    in_all = f"{found} fields in all" if found <= MAX_VIOLATIONS else f"more than {MAX_VIOLATIONS} fields in all"
    return f"{text}; {in_all}, see the details"


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _path(path: str) -> str:
    """Without the middle of a key that a caller chose too long: what stands behind it is the field."""
    kept = _PATH_CHARACTERS // 2
    return path if len(path) <= _PATH_CHARACTERS else f"{path[:kept]}…{path[-kept + 1 :]}"


def _invalid_request(error: InvalidRequest) -> Public:
    bad = details_pb.BadRequest()
    listed = [on_the_wire(violation) for violation in error.violations[:MAX_VIOLATIONS]]
    for violation in listed:
        bad.field_violations.add(field=_path(violation.field), description=_cut(violation.message, _DESCRIPTION_CHARACTERS))
    if len(error.violations) > MAX_VIOLATIONS:
        bad.field_violations.add(description=MORE)
    return Public(_shown(listed, len(error.violations)), (bad,))


def _unknown_policy(error: UnknownPolicy) -> Public:
    policy_id, version = _cut(error.policy_id, _ID_CHARACTERS), _cut(error.version, _ID_CHARACTERS)
    wanted = f"policy {policy_id!r} has no version {version!r}" if version else f"there is no policy {policy_id!r}"
    text = _cut(f"{wanted}; there are {', '.join(error.known) or 'none'}", _TEXT_CHARACTERS)
    name = f"{policy_id}/{version}" if version else policy_id
    what = details_pb.ResourceInfo(resource_type=f"{DOMAIN}.Policy", resource_name=name, description=text)
    return Public(text, (what, _info("UNKNOWN_POLICY", {"known": ", ".join(error.known)})))


def _not_in_force(error: NotInForce) -> Public:
    failure = details_pb.PreconditionFailure()
    failure.violations.add(type="POLICY_NOT_IN_FORCE", subject=error.policy_id, description=str(error))
    info = _info("POLICY_NOT_IN_FORCE", {"on": error.on.isoformat(), "covered": ", ".join(error.covered)})
    return Public(str(error), (failure, info))


def _several_versions(error: SeveralVersions) -> Public:
    """Each version with the first start that has it: an answer says no more than where to cut the question."""
    failure = details_pb.PreconditionFailure()
    first = {each.version: each for each in reversed(error.occasions)}
    for each in sorted(first.values(), key=lambda each: each.started_at)[:LISTED_OCCASIONS]:
        failure.violations.add(
            type="OCCASION_VERSION", subject=f"{error.policy_id}/{each.version}".rstrip("/"), description=str(each)
        )
    starts = ", ".join(each.started for each in error.occasions[:LISTED_OCCASIONS])
    versions = ", ".join(each.version or "none" for each in error.occasions[:LISTED_OCCASIONS])
    info = _info("SEVERAL_VERSIONS", {"policy_id": error.policy_id, "started_at": starts, "versions": versions})
    return Public(_cut(str(error), _TEXT_CHARACTERS), (failure, info))


def _other_digest(error: OtherDigest) -> Public:
    text = f"{error}; ask without it, or of a server that has loaded it"
    failure = details_pb.PreconditionFailure()
    failure.violations.add(type="POLICY_DIGEST", subject=f"{error.policy_id}/{error.version}", description=str(error))
    told = {"policy_id": error.policy_id, "version": error.version, "expected": error.expected, "loaded": error.loaded}
    return Public(text, (failure, _info("OTHER_POLICY_DIGEST", told)))


def _overloaded(error: Overloaded) -> Public:
    text = f"the server has its limit of {error.limit} calls in flight; try again after the delay in RetryInfo"
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("OVERLOADED", {"limit": str(error.limit)})))


def _queued_too_long(error: QueuedTooLong) -> Public:
    text = f"the call has queued for more than {error.limit_millis} ms; try again after the delay in RetryInfo"
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("QUEUED_TOO_LONG", {"limit_millis": str(error.limit_millis)})))


def _too_many_waiting(_: TooManyWaiting) -> Public:
    text = (
        "messages of other calls on this connection have not come yet; send each with its call,"
        " and try again after the delay in RetryInfo"
    )
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("TOO_MANY_WAITING")))


def _kept_waiting(error: KeptWaiting) -> Public:
    how_long = "longest of all, and others wanted its place" if error.seconds is None else f"for {error.seconds} s"
    text = (
        f"the call kept the server waiting {how_long}, for a message that did not come or an answer that was not read;"
        " send and read without pauses, and try again after the delay in RetryInfo"
    )
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("KEPT_WAITING")))


def _short_of_memory(_: ShortOfMemory) -> Public:
    text = (
        "calls hold all the memory that the server has for them; send smaller messages or fewer at a time,"
        " and try again after the delay in RetryInfo"
    )
    return Public(text, (_retry(SHORT_RETRY_MILLIS), _info("SHORT_OF_MEMORY")))


def _too_many_watchers(error: TooManyWatchers) -> Public:
    text = f"there are {error.limit} calls of Watch already; share one, or call Check; try again after the delay in RetryInfo"
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("TOO_MANY_WATCHERS", {"limit": str(error.limit)})))


def _decision_log_full(_: DecisionLogFull) -> Public:
    text = "more decisions wait to be recorded than may; try again after the delay in RetryInfo"
    return Public(text, (_retry(OVERLOADED_RETRY_MILLIS), _info("DECISION_LOG_FULL")))


def _cannot_finish(_: CannotFinish) -> Public:
    text = "the deadline of the call comes before its answer could; give it more time, or send it in smaller parts"
    return Public(text, (_info("CANNOT_FINISH"),))


def _answer_too_long(error: AnswerTooLong) -> Public:
    told = {"answer_bytes": str(error.length_bytes), "limit_bytes": str(error.limit_bytes)}
    field, instead = "explain", "ask for a shorter explanation"
    if error.rows is not None:
        told["rows_that_fit"] = str(error.rows)
        field, instead = "items", f"the first {error.rows} rows fit, send that many at a time"
    text = (
        f"the answer has at least {error.length_bytes} bytes, and its caller takes {error.limit_bytes}: {instead};"
        f" or raise the limit of the client and say so in the metadata of the call, {RECEIVES_KEY}: BYTES"
    )
    bad = details_pb.BadRequest()
    bad.field_violations.add(field=field, description=text)
    return Public(text, (bad, _info("ANSWER_TOO_LONG", told)))


def _denied(error: Unauthenticated | Forbidden) -> Public:
    return Public(error.text, (_info(error.reason),))


def _rate_exceeded(error: RateExceeded) -> Public:
    return Public(error.text, (_retry(error.wait_millis), _info(error.reason)))


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
        Unauthenticated: Row(grpc.StatusCode.UNAUTHENTICATED, _denied, "UNAUTHENTICATED"),
        Forbidden: Row(grpc.StatusCode.PERMISSION_DENIED, _denied, "FORBIDDEN"),
        RateExceeded: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _rate_exceeded, "RATE_EXCEEDED"),
        SeveralVersions: Row(grpc.StatusCode.FAILED_PRECONDITION, _several_versions),
        OtherDigest: Row(grpc.StatusCode.FAILED_PRECONDITION, _other_digest),
        Overloaded: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _overloaded, "OVERLOADED"),
        QueuedTooLong: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _queued_too_long, "QUEUED_TOO_LONG"),
        TooManyWaiting: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_many_waiting, "TOO_MANY_WAITING"),
        KeptWaiting: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _kept_waiting, "KEPT_WAITING"),
        ShortOfMemory: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _short_of_memory, "SHORT_OF_MEMORY"),
        TooManyWatchers: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_many_watchers, "TOO_MANY_WATCHERS"),
        DecisionLogFull: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _decision_log_full, "DECISION_LOG_FULL"),
        CannotFinish: Row(grpc.StatusCode.DEADLINE_EXCEEDED, _cannot_finish, "CANNOT_FINISH"),
        AnswerTooLong: Row(grpc.StatusCode.INVALID_ARGUMENT, _answer_too_long, "ANSWER_TOO_LONG"),
        Draining: Row(grpc.StatusCode.UNAVAILABLE, _draining, "DRAINING"),
        UnknownMethod: Row(grpc.StatusCode.UNIMPLEMENTED, _unknown_method),
        TooLarge: Row(grpc.StatusCode.OUT_OF_RANGE, _too_large),
        Fault: Row(grpc.StatusCode.INTERNAL, _fault),
    }
)
"""The error table."""


REFUSALS: Final = tuple(row.refusal for row in TABLE.values() if row.refusal)
"""Why a call may not be let in, or not be gone on with."""


def refusal_of(error: Exception) -> str:
    """As which refusal ``error`` is counted, or nothing."""
    return next((TABLE[kind].refusal for kind in type(error).__mro__ if kind in TABLE), "")


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


class RowErrors:
    """The errors of rows of one message of ``message_bytes``, which together are no more than a small multiple of it."""

    def __init__(self, message_bytes: int) -> None:
        self._left = ERROR_BYTES + ERROR_BYTES_OF_ONE_ASKED * message_bytes

    @property
    def in_short(self) -> bool:
        """Whether no more is told but the code, so that nothing more needs to be looked for than whether a row is wrong."""
        return self._left < 0

    def told(self, whole: status_pb2.Status) -> status_pb2.Status:
        """``whole``, or once that is too much the code, and where to look."""
        self._left -= whole.ByteSize()
        return whole if self._left >= 0 else status_pb2.Status(code=whole.code, message=IN_SHORT)


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
        low, high = (kept, high) if _trailer_bytes(_shortened(whole, bad, kept)) <= TRAILER_BUDGET_BYTES else (low, kept)
    return _shortened(whole, bad, low)


def _shortened(whole: status_pb2.Status, bad: details_pb.BadRequest, kept: int) -> status_pb2.Status:
    short = details_pb.BadRequest(field_violations=bad.field_violations[:kept])
    short.field_violations.add(description=MORE)
    message = status_pb2.Status(code=whole.code, message=whole.message)
    message.details.add().Pack(short)
    return message


def _trailer_bytes(message: status_pb2.Status) -> int:
    """What the status takes in trailing metadata: its text percent-encoded, the whole of it in base64."""
    return len(quote(message.message)) + ceil(message.ByteSize() * 4 / 3)
