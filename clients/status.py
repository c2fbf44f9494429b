"""Reads what a refused call or a refused row says: its code, its text and the google.rpc details."""

from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status


@dataclass(frozen=True, slots=True)
class Violation:
    """An offending field, its path in the request, and what to change."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no decision. ``code`` is a canonical code by name; ``retry_after_seconds`` None: not said."""

    code: str
    message: str
    violations: tuple[Violation, ...] = ()
    retry_after_seconds: float | None = None


def of_status(status: status_pb2.Status) -> Refusal:
    """What a row's Status says. A code that has no name here is shown by its number."""
    violations: list[Violation] = []
    retry_after: float | None = None
    for detail in status.details:
        bad_request, retry_info = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(bad_request):
            violations += [Violation(v.field, v.description) for v in bad_request.field_violations]
        elif detail.Unpack(retry_info):
            retry_after = retry_info.retry_delay.seconds + retry_info.retry_delay.nanos / 1e9
    names = code_pb2.Code.DESCRIPTOR.values_by_number
    code = names[status.code].name if status.code in names else str(status.code)
    return Refusal(code, status.message, tuple(violations), retry_after)


def of_call(error: grpc.RpcError) -> Refusal:
    """What a failed call says. Details that contradict the call's own code are left out, and the code stands."""
    call: Any = error  # every error that a call of grpcio raises is that call as well, which its types do not say
    try:
        status = rpc_status.from_call(call)
    except ValueError:
        status = None
    if status is not None:
        return of_status(status)
    return Refusal(call.code().name, call.details() or "")
