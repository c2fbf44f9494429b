"""How each method is called: in which pool, and whether its call can be ended while a thread waits in it.

A method is registered as one that reads its requests itself, also where there is just one. On the wire that is the same; but
grpcio calls such a handler in every case, also when the caller went away while the call queued or its bytes are no message, so
that such calls are answered by our table and seen by our metrics like all others; and it calls before the message has come, so
that we say how long it is waited for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from server.pool import CallPool
from server.pools import Pools

HEALTH: Final = "/grpc.health.v1.Health/"
REFLECTION: Final = "/grpc.reflection."
UNKNOWN_METHOD: Final = "unknown"
Handler = Any
"""A grpc.RpcMethodHandler whose behavior sees bytes. (grpcio's own type has no attributes to speak of.)"""
Continuation = Callable[[grpc.HandlerCallDetails], Any]
"""The look-up of the method."""
Send = Callable[[bytes | None], None]
"""Sends one serialized response, and None: the status that the context has been told."""
Method = Callable[..., Any]
"""A servicer's: it takes a message or an iterator of them, the context, and where it watches a way to send."""
Read = Callable[[bytes], Message]


@dataclass(frozen=True, slots=True)
class Way:
    """A method, and how it is called.

    ``name`` is what metrics and log call it. ``is_probe``: it is only reported when it is refused. ``watches``: its call goes
    on when the method has returned.
    """

    name: str
    method: Method
    read: Read
    pool: CallPool
    is_probe: bool = False
    many_requests: bool = False
    many_responses: bool = False
    watches: bool = False


def way_of(path: str, name: str, found: Any, pools: Pools) -> Way:
    """How ``found``, the handler that was registered for ``path``, is called."""
    method = found.stream_stream or found.unary_stream or found.unary_unary
    pool = pools.calls
    if path.startswith((HEALTH, REFLECTION)):
        pool = pools.control
    elif found.request_streaming:
        pool = pools.streams
    elif path.endswith("/BatchCompute"):
        pool = pools.batches
    return Way(
        name,
        method,
        found.request_deserializer,
        pool,
        is_probe=path.startswith(HEALTH),
        many_requests=found.request_streaming,
        many_responses=found.response_streaming,
        watches=path == f"{HEALTH}Watch",
    )


def unary_handler(behavior: Callable[[Iterator[bytes], grpc.ServicerContext], bytes], pool: CallPool) -> Handler:
    """Quick; but a call whose thread waits for its message can only be cancelled."""
    behavior = partial(behavior)  # a method of an object takes no attribute
    behavior.experimental_thread_pool = pool  # type: ignore[attr-defined]  # the name that grpcio looks for
    return grpc.stream_unary_rpc_method_handler(behavior)


def sending_handler(behavior: Callable[[Iterator[bytes], grpc.ServicerContext, Send], None], pool: Any) -> Handler:
    """Sends for itself, so that another thread can end the call with a status while its own one waits. Costs a fifth more."""
    behavior = partial(behavior)
    behavior.experimental_non_blocking = True  # type: ignore[attr-defined]  # the names that grpcio looks for
    behavior.experimental_thread_pool = pool  # type: ignore[attr-defined]
    return grpc.stream_stream_rpc_method_handler(behavior)
