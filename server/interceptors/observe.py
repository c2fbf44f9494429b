"""Outermost: measures and logs every call, also the refused, the failed and those whose caller went away.

The duration runs from arrival, before the call queued, to the end of the handler: the response of a unary call, the last
message of a stream.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter
from typing import Final

import grpc

from server import request_id
from server.access_log import AccessLog
from server.call import CALL, Call
from server.interceptors.handlers import Behavior, Continuation, Handler, behavior_of, bytes_handler, is_probe, pool_of
from server.metrics import CallMetrics

UNKNOWN_METHOD: Final = "unknown"


class Observe(grpc.ServerInterceptor):
    """Reports each call to ``metrics`` and ``access_log``. A method that is not among ``methods`` is reported as "unknown"."""

    def __init__(self, metrics: CallMetrics, access_log: AccessLog, methods: Iterable[str]) -> None:
        self._metrics = metrics
        self._access_log = access_log
        self._methods: Mapping[str, str] = {f"/{method}": method for method in methods}
        self._handlers: dict[int, Handler] = {}

    def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        """Notes the arrival, and hands on a handler that reports the end."""
        if is_probe(handler_call_details.method):
            return continuation(handler_call_details)
        method = self._methods.get(handler_call_details.method, UNKNOWN_METHOD)
        call = Call(method, perf_counter(), request_id.of_metadata(handler_call_details.invocation_metadata))
        CALL.set(call)
        handler = continuation(handler_call_details)
        self._metrics.arrived(call.method)
        observed = self._handlers.get(id(handler))
        if observed is None:
            # The inner interceptors keep their handlers, so that an id stands for one handler for ever.
            observed = self._handlers[id(handler)] = self._observed(handler)
        return observed

    def _observed(self, handler: Handler) -> Handler:
        report = self._stream if handler.response_streaming else self._unary
        return bytes_handler(report(behavior_of(handler)), response_streaming=handler.response_streaming, pool=pool_of(handler))

    def _unary(self, behavior: Behavior) -> Behavior:
        def unary(requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
            try:
                response: bytes = behavior(requests, context)
            except BaseException:
                self._ended(context, _failure(context))
                raise
            self._ended(context, _completion(context))
            return response

        return unary

    def _stream(self, behavior: Behavior) -> Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]:
        def stream(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            try:
                yield from behavior(requests, context)
            except BaseException:  # GeneratorExit too: grpcio drops the iterator when the caller goes away between messages
                self._ended(context, _failure(context))
                raise
            self._ended(context, _completion(context))

        return stream

    def _ended(self, context: grpc.ServicerContext, code: str) -> None:
        call = CALL.get()
        seconds = perf_counter() - call.arrived
        self._metrics.ended(call, code, seconds)
        self._access_log.ended(call, code, seconds, context.peer())
        # Beside what is there: the details of an error travel in trailing metadata too.
        context.set_trailing_metadata((*(context.trailing_metadata() or ()), request_id.for_metadata(call.request_id)))


def _completion(context: grpc.ServicerContext) -> str:
    """The code of a call whose handler came to its end."""
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code.name
    return "OK" if context.is_active() else _gone(context)


def _failure(context: grpc.ServicerContext) -> str:
    """The code of a call that was aborted, or left by its caller, or (a defect here) raised through."""
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code.name
    return "UNKNOWN" if context.is_active() else _gone(context)


def _gone(context: grpc.ServicerContext) -> str:
    """Why the caller no longer waits."""
    return "CANCELLED" if context.time_remaining() else "DEADLINE_EXCEEDED"
