"""Innermost: bytes to messages, and exceptions to the status that their caller sees."""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError, Message

from policy.calculator.errors import InvalidRequest, Violation
from server.call import CALL
from server.errors import UnknownMethod, not_a_message
from server.faults import Faults
from server.interceptors.handlers import Continuation, Handler, bytes_handler, is_batch, is_probe
from server.pool import Pools

Unary = Callable[[Message, grpc.ServicerContext], Message]
Stream = Callable[[Iterator[Message], grpc.ServicerContext], Iterator[Message]]
Read = Callable[[bytes], Message]


class Answer(grpc.ServerInterceptor):
    """Lets servicers see messages and raise; callers see bytes, codes and details. A servicer may answer in bytes.

    ``max_message_bytes`` bounds each request message. Each method is put into one of ``pools``.
    """

    def __init__(self, faults: Faults, pools: Pools, max_message_bytes: int) -> None:
        self._faults = faults
        self._pools = pools
        self._max_message_bytes = max_message_bytes
        self._handlers: dict[str, Handler] = {}
        self._unknown = bytes_handler(self._no_such_method, response_streaming=True, pool=pools.control)

    def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Runs for every call in grpcio's one accepting thread, so what it makes for a method is kept."""
        method = handler_call_details.method
        if method in self._handlers:
            return self._handlers[method]
        found = continuation(handler_call_details)
        if found is None:
            return self._unknown
        return self._handlers.setdefault(method, self._probe(found) if is_probe(method) else self._answering(method, found))

    def _answering(self, method: str, found: Any) -> Handler:
        if found.request_streaming and found.response_streaming:
            stream = self._stream(found.request_deserializer, found.stream_stream)
            return bytes_handler(stream, response_streaming=True, pool=self._pools.streams)
        unary = self._unary(found.request_deserializer, found.unary_unary)
        return bytes_handler(unary, response_streaming=False, pool=self._pools.batches if is_batch(method) else None)

    def _probe(self, found: Any) -> Handler:
        if found.response_streaming:  # Watch, which holds no thread
            return found

        def check(request: Message, context: grpc.ServicerContext) -> Message:
            answer: Message = found.unary_unary(request, context)
            return answer

        check.experimental_thread_pool = self._pools.control  # type: ignore[attr-defined]  # the name that grpcio looks for
        return grpc.unary_unary_rpc_method_handler(check, found.request_deserializer, found.response_serializer)

    def _unary(self, read: Read, method: Unary) -> Callable[[Iterator[bytes], grpc.ServicerContext], bytes]:
        def unary(requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
            try:
                return _serialized(method(self._read(next(requests, None), read), context))
            except Exception as error:  # noqa: BLE001
                self._end(error, context)

        return unary

    def _stream(self, read: Read, method: Stream) -> Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]:
        def stream(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            try:
                for response in method(self._messages(requests, read), context):
                    yield _serialized(response)
            except Exception as error:  # noqa: BLE001
                self._end(error, context)

        return stream

    def _messages(self, requests: Iterator[bytes], read: Read) -> Iterator[Message]:
        """Raises RpcError where the caller has gone."""
        for data in requests:
            yield self._read(data, read)
        # To grpcio a caller who has gone looks at first like one who has sent everything; a second look tells them apart.
        next(requests, None)

    def _read(self, data: bytes | None, read: Read) -> Message:
        if data is None:
            raise InvalidRequest([Violation("", "the call ended without a message; send exactly one")])
        call = CALL.get()
        call.messages += 1
        if len(data) > self._max_message_bytes:
            limit = f"the limit is {self._max_message_bytes}, send it in parts"
            text = f"the message at index {call.messages - 1} has {len(data)} bytes; {limit}"
            raise InvalidRequest([Violation("", text)])
        try:
            return read(data)
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None

    def _end(self, error: Exception, context: grpc.ServicerContext) -> NoReturn:
        """Always raises. An RpcError: the caller has gone; a code that is set: the method ended the call itself."""
        if isinstance(error, grpc.RpcError) or context.code() is not None:  # type: ignore[attr-defined]
            raise error
        self._faults.abort(error, CALL.get(), context)

    def _no_such_method(self, _: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        self._faults.abort(UnknownMethod(), CALL.get(), context)


def _serialized(response: Message | bytes) -> bytes:
    if isinstance(response, bytes):
        return response
    # Deterministic, because the order of a map's entries would else differ from replica to replica.
    return response.SerializeToString(deterministic=True)
