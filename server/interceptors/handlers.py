"""How a method's handler is put into another one.

A unary method is registered as one that reads its single request itself. On the wire that is the same; but grpcio calls such
a handler in every case, also when the caller went away while the call queued or its bytes are no message, so that such calls
are answered by our table and seen by our metrics like all others.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import grpc

from server.pool import CallPool

Behavior = Callable[[Iterator[bytes], grpc.ServicerContext], Any]
"""From serialized requests to a serialized response, or to an iterator of them."""
Handler = Any
"""A grpc.RpcMethodHandler whose behavior sees bytes. (grpcio's own type has no attributes to speak of.)"""
Continuation = Callable[[grpc.HandlerCallDetails], Any]
"""The next interceptor, or the look-up of the method."""


def bytes_handler(behavior: Behavior, *, response_streaming: bool, pool: CallPool | None = None) -> Handler:
    """A handler that reads and writes serialized messages; ``pool`` None: it runs in the server's own."""
    if pool is not None:
        behavior = partial(behavior)  # a method of an object takes no attribute
        behavior.experimental_thread_pool = pool  # type: ignore[attr-defined]  # the name that grpcio looks for
    if response_streaming:
        return grpc.stream_stream_rpc_method_handler(behavior)
    return grpc.stream_unary_rpc_method_handler(behavior)


def behavior_of(handler: Handler) -> Behavior:
    """What a handler made by :func:`bytes_handler` does."""
    behavior: Behavior = handler.stream_stream if handler.response_streaming else handler.stream_unary
    return behavior


def pool_of(handler: Handler) -> CallPool | None:
    """In which pool a handler made by :func:`bytes_handler` asks to run; None: the server's own."""
    pool: CallPool | None = getattr(behavior_of(handler), "experimental_thread_pool", None)
    return pool


def is_batch(method: str) -> bool:
    """Whether ``method`` takes many questions at once."""
    return method.endswith("/BatchCompute")


def is_probe(method: str) -> bool:
    """Whether ``method`` is of the health service."""
    return method.startswith("/grpc.health.v1.Health/")
