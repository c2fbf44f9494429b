"""In the middle: which calls are let in.

It answers in grpcio's accepting thread, before a call queues, and refusals have a thread of their own; so a refused caller
hears at once, however full the server is, and nothing of its request is read.
"""

from collections.abc import Iterator
from threading import Event

import grpc

from server.call import CALL
from server.errors import Draining, Overloaded
from server.faults import Faults
from server.interceptors.handlers import Continuation, Handler, bytes_handler, is_probe, pool_of
from server.pool import Pools


class Admit(grpc.ServerInterceptor):
    """Refuses calls over the limit of the pool that they would run in, and every call once ``draining`` is set."""

    def __init__(self, faults: Faults, pools: Pools, draining: Event) -> None:
        self._faults = faults
        self._pools = pools
        self._draining = draining
        self._going_down = self._refusal(Draining())
        # Not for the control pool: what runs there is a refusal already.
        self._full = {pool.name: self._refusal(Overloaded(pool.limit)) for pool in (pools.calls, pools.batches, pools.streams)}

    def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        """The handler for this call: the method's own, or a refusal."""
        handler = continuation(handler_call_details)
        if is_probe(handler_call_details.method):
            return handler
        if self._draining.is_set():
            return self._going_down
        pool = pool_of(handler) or self._pools.calls
        return self._full.get(pool.name, handler) if pool.full else handler

    def _refusal(self, why: Overloaded | Draining) -> Handler:
        def refuse(_: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            self._faults.abort(why, CALL.get(), context)

        # As a stream, for then grpcio does not wait for a request message before it calls.
        return bytes_handler(refuse, response_streaming=True, pool=self._pools.control)
