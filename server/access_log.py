"""One line for each call: what was asked, how it ended, how long it took, and by which policy it was decided."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import orjson

from server.call import Call
from server.log import Known, Log, LogLevel, field_paths
from server.request_id import printable
from server.trace_context import trace_of

Logged = Literal["all", "failed", "none"]

_LEVELS: Final[Mapping[str, LogLevel]] = MappingProxyType(
    {
        "INTERNAL": "error",
        "UNKNOWN": "error",
        "RESOURCE_EXHAUSTED": "warning",
        "UNAVAILABLE": "warning",
        "DEADLINE_EXCEEDED": "warning",
    }
)
"""Codes that are not simply information."""


class AccessLog:
    """Writes calls to ``log``: all of them, the failed ones, or none."""

    def __init__(self, log: Log, logged: Logged) -> None:
        self._log = log
        self._logged = logged
        self._told: Callable[[Call, str, float, str], Known | str] = _written if log.is_json else _known

    def ended(self, call: Call, code: str, seconds: float, peer: Callable[[], str]) -> None:
        """Leaves the line for a call of ``peer`` that ended with ``code`` after ``seconds``. ``call`` changes no more.

        Whose it is is only asked where it is written: grpcio lets go of the interpreter's lock for it.
        """
        if self._logged == "none" or (code == "OK" and self._logged == "failed"):
            return
        self._log.later(_LEVELS.get(code, "info"), "call", self._told, call, code, seconds, peer())


def _written(call: Call, code: str, seconds: float, peer: str) -> str:
    """The members of the line as JSON, by a template where nothing is out of the ordinary: a third of the time."""
    if call.rows or call.refused or call.fields or call.incident_id or call.traceparent or call.span or len(call.stamps) != 1:
        return orjson.dumps(_known(call, code, seconds, peer)).decode()[1:-1]
    (stamp,) = call.stamps
    policy = orjson.dumps(f"{stamp.policy_id}/{stamp.version}@{stamp.sha256}").decode()
    request_id = orjson.dumps(printable(call.request_id)).decode()
    caller = f',"caller":"{call.caller.name}"' if call.caller.name else ""
    return (
        f'"method":"{call.method}","code":"{code}","seconds":{seconds:.6f},"peer":{orjson.dumps(peer).decode()}'
        f',"request_id":{request_id},"outcome":"{call.outcome}","decision_id":"{call.decision_id}"'
        f',"policies":[{policy}]{caller}'
    )


def _known(call: Call, code: str, seconds: float, peer: str) -> Known:
    known: dict[str, Any] = {
        "method": call.method,
        "code": code,
        "seconds": round(seconds, 6),
        "peer": peer,
        "request_id": printable(call.request_id),
    }
    known |= trace_of(call.traceparent)
    if call.span:
        known["trace_id"], known["span_id"] = call.span
    if call.caller.name:
        known["caller"] = call.caller.name
    if call.refused:
        known["refused"] = call.refused
    if call.outcome:
        known["outcome"] = call.outcome
        known["decision_id"] = call.decision_id
    if call.rows:
        known["rows"] = call.rows
        known["failed_rows"] = call.failed_rows
    if call.stamps:
        known["policies"] = sorted(f"{stamp.policy_id}/{stamp.version}@{stamp.sha256}" for stamp in call.stamps)
    if call.fields:
        known["fields"] = field_paths(call.fields)
    if call.incident_id:
        known["incident_id"] = call.incident_id
    return known
