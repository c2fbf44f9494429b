"""How a call ends: once, reported as it ended, with the status and the request id that its caller sees."""

from collections.abc import Callable
from threading import Lock
from time import perf_counter
from typing import Final

import grpc
from grpc_status import rpc_status

from policy.calculator.errors import InvalidRequest
from server import request_id
from server.access_log import AccessLog
from server.call import Call
from server.errors import refusal_of
from server.faults import Faults
from server.interceptors.ways import Send
from server.metrics import CallMetrics
from server.traces import NO_TRACES, Traces

_OK: Final = "OK"


class Report:
    """Tells traces, metrics and log of calls."""

    def __init__(self, metrics: CallMetrics, access_log: AccessLog, traces: Traces = NO_TRACES) -> None:
        self._traces = traces
        self._metrics = metrics
        self._access_log = access_log
        self.arrived = metrics.arrived

    def ended(self, call: Call, code: str, peer: Callable[[], str]) -> None:
        """``call`` of ``peer`` ended with ``code``, now."""
        seconds = perf_counter() - call.arrived
        self._traces.ended(call, code, seconds)
        self._metrics.ended(call, code, seconds)
        self._access_log.ended(call, code, seconds, peer)


class Ending:
    """The end of ``call``, which comes once: from its own thread, or from another one while its own waits for the caller.

    ``send`` None: from another thread it can only be cancelled. ``quiet``: it is only reported when it is refused.
    """

    __slots__ = ("_call", "_context", "_faults", "_open", "_quiet", "_report", "_send")

    def __init__(
        self,
        call: Call,
        context: grpc.ServicerContext,
        faults: Faults,
        report: Report,
        send: Send | None,
        *,
        quiet: bool = False,
    ) -> None:
        self._call = call
        self._context = context
        self._faults = faults
        self._report = report
        self._send = send
        self._quiet = quiet
        self._open = Lock()

    @property
    def has_come(self) -> bool:
        """Whether the call has ended."""
        return self._open.locked()

    def completed(self) -> None:
        """The method has come to its end. The status is what the method told the context, or OK."""
        if self._open.acquire(blocking=False):
            self._tell(_completion(self._context))
            if self._send is not None:
                self._send(None)

    def failed(self, error: BaseException) -> None:
        """The method raised ``error``. Raises where grpcio is to send the status."""
        if not self._open.acquire(blocking=False):
            return
        context, send = self._context, self._send
        if not isinstance(error, Exception) or _is_gone_or_told(error, context):
            self._tell(_failure(context))
            if send is None:
                raise error
            send(None)
            return
        self._call.refused = refusal_of(error)
        status = self._status(error)
        self._tell(status.code.name, status)
        if send is None:
            context.abort(status.code, status.details or "")
        else:
            self._finish(status, send)

    def refuse(self, why: Exception) -> None:
        """From another thread than the call's."""
        if self._open.acquire(blocking=False):
            self._refuse(self._status(why), refusal_of(why))

    def refuse_with(self, status: grpc.Status, refusal: str) -> None:
        """Before the call has a thread."""
        self._open.acquire()
        self._refuse(status, refusal)

    def _refuse(self, status: grpc.Status, refusal: str) -> None:
        self._call.refused = refusal
        self._tell(status.code.name, status)
        if self._send is None:
            self._context.cancel()
        else:
            self._finish(status, self._send)

    def cut(self) -> None:
        """The caller does not read how it ended either."""
        self._context.cancel()

    def _finish(self, status: grpc.Status, send: Send) -> None:
        self._context.set_code(status.code)
        self._context.set_details(status.details or "")
        send(None)

    def _status(self, error: Exception) -> grpc.Status:
        if isinstance(error, InvalidRequest):
            self._call.fields = tuple(violation.field for violation in error.violations)
        return rpc_status.to_status(self._faults.fitted_status(error, self._call))

    def _tell(self, code: str, status: grpc.Status | None = None) -> None:
        call, context = self._call, self._context
        if not self._quiet:
            self._report.ended(call, code, context.peer)
        elif call.refused or code == "INVALID_ARGUMENT":
            self._report.arrived(call.method)
            self._report.ended(call, code, context.peer)
        # Beside what is there: the details of an error travel in trailing metadata too.
        before = context.trailing_metadata() if status is None else status.trailing_metadata
        own = request_id.for_metadata(call.request_id)
        context.set_trailing_metadata((*before, own) if before else (own,))


def _is_gone_or_told(error: BaseException, context: grpc.ServicerContext) -> bool:
    """An RpcError: the caller has gone; a code that is set: the method ended the call itself."""
    return isinstance(error, grpc.RpcError) or context.code() is not None  # type: ignore[attr-defined]


def _completion(context: grpc.ServicerContext) -> str:
    """The code of a call whose method came to its end."""
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code.name
    return _OK if context.is_active() else _gone(context)


def _failure(context: grpc.ServicerContext) -> str:
    """The code of a call that was aborted, or left by its caller, or (a defect here) raised through."""
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code.name
    return "UNKNOWN" if context.is_active() else _gone(context)


def _gone(context: grpc.ServicerContext) -> str:
    """Why the caller no longer waits."""
    return "CANCELLED" if context.time_remaining() else "DEADLINE_EXCEEDED"
