"""The one interceptor, and the one wrapper that it puts around every method: health, reflection and unknown ones too.

On the way in, in this order:

    1 the arrival is noted, so that refused calls are measured and logged as well          ``intercept_service``
    2 a server that goes down refuses, before a thread is taken                            ``intercept_service``
      where the pool is full, or callers keep threads waiting, it matters who calls        ``_sorted``
    3 what is known of the caller is looked at, before the message is waited for           ``_let_in``
    4 each message is waited for, and read                                                 ``_next``, ``_read``
    5 the method; exceptions become statuses                                               ``Ending``

and its end is reported once (``Ending``). The duration runs from arrival, before the call queued, to the end of the method: the
response of a unary call, the last message of a stream.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import copy_context
from functools import partial
from threading import Event
from time import perf_counter
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from policy.calculator.errors import InvalidRequest, Violation
from server.call import CALL, Admitted, Call
from server.errors import (
    CannotFinish,
    Draining,
    Overloaded,
    QueuedTooLong,
    ShortOfMemory,
    TooManyWaiting,
    UnknownMethod,
    not_a_message,
    refusal_of,
)
from server.faults import Faults
from server.interceptors.ending import Ending, Report
from server.interceptors.pace import Pace
from server.interceptors.ways import (
    HEALTH,
    UNKNOWN_METHOD,
    Continuation,
    Handler,
    Send,
    Way,
    sending_handler,
    unary_handler,
    way_of,
)
from server.memory_limit import MemoryLimit
from server.metadata import said_of_call
from server.pools import Pools
from server.settings import Settings
from server.turns import Turn, Turns
from server.windows import ClientTask

Admit = Callable[[str, grpc.ServicerContext, str], Admitted]
"""Who makes a call, by its method, its context and its request id; raises what refuses it."""

_MILLIS: Final = 1000


class Door(grpc.ServerInterceptor):
    """Lets servicers see messages and raise; callers see bytes, codes and details. A servicer may answer in bytes.

    ``methods`` are the names that reports may show; every other one is "unknown". Once ``draining`` is set no call is let in.
    ``admit`` None: it is let in whoever makes it.
    """

    def __init__(
        self,
        settings: Settings,
        faults: Faults,
        pools: Pools,
        report: Report,
        methods: Iterable[str],
        draining: Event,
        admit: Admit | None = None,
        memory: MemoryLimit | None = None,
    ) -> None:
        self._max_message_bytes = settings.max_message_bytes
        self._max_queue_millis = settings.max_queue_millis
        self._max_wait_millis = _MILLIS * settings.max_wait_seconds
        self._faults = faults
        self._pools = pools
        self._report = report
        self._draining = draining
        self._admit = admit
        self._memory = memory or MemoryLimit()
        self._turns = Turns(1)
        self._pace = Pace()
        self._names: Mapping[str, str] = {f"/{method}": method for method in methods}
        self._handlers: dict[str, tuple[Way, Handler, Handler, Handler]] = {}
        self._unknown = self._refusal(UnknownMethod())
        self._going_down = self._refusal(Draining())
        self._short = self._refusal(ShortOfMemory())
        self._too_many = self._status_of(TooManyWaiting())
        self._full = {pool.name: self._status_of(Overloaded(pool.limit)) for pool in pools.all}

    def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        """The handler for this call. Runs for every call in grpcio's one accepting thread, so what can be kept is kept."""
        path = handler_call_details.method
        known = self._handlers.get(path) or self._looked_up(path, continuation(handler_call_details))
        if known is None:
            name, is_probe = self._names.get(path, UNKNOWN_METHOD), path.startswith(HEALTH)
        else:
            name, is_probe = known[0].name, known[0].is_probe
        call = Call(name, perf_counter(), *said_of_call(handler_call_details.invocation_metadata))
        CALL.set(call)
        if not is_probe:
            self._report.arrived(name)
            if self._draining.is_set():
                return self._going_down
            if self._memory.is_short:
                return self._short
        if known is None:
            return self._unknown
        way, quick, sending, in_turn = known
        call.pool = way.pool.name
        if way.pool.full or way.pool.pressed:
            return in_turn
        # While callers keep threads waiting, calls are such that they can be told why that ends.
        return sending if way.pool.has_slow else quick

    def _looked_up(self, path: str, found: Any) -> tuple[Way, Handler, Handler, Handler] | None:
        if found is None:
            return None
        name = path.removeprefix("/") if path.startswith(HEALTH) else self._names.get(path, UNKNOWN_METHOD)
        way = way_of(path, name, found, self._pools)
        sending = sending_handler(partial(self._sending, way), way.pool)
        is_quick = not way.many_requests and not way.many_responses and way.pool is not self._pools.batches
        quick = unary_handler(partial(self._quick, way), way.pool) if is_quick else sending
        in_turn = sending_handler(partial(self._sorted, way), self._pools.refusals)
        return self._handlers.setdefault(path, (way, quick, sending, in_turn))

    def _status_of(self, why: Exception) -> tuple[grpc.Status, str]:
        return rpc_status.to_status(self._faults.fitted_status(why, Call("", 0, ""))), refusal_of(why)

    def _refusal(self, why: Exception) -> Handler:
        status, refusal = self._status_of(why)

        def refuse(_: Iterator[bytes], context: grpc.ServicerContext, send: Send) -> None:
            Ending(CALL.get(), context, self._faults, self._report, send).refuse_with(status, refusal)

        return sending_handler(refuse, self._pools.refusals)

    def _sorted(self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext, send: Send) -> None:
        """In grpcio's own thread, where it is known who calls: lets a call in, holds it back, or refuses it."""
        pool, client = way.pool, context.peer()
        ending = Ending(CALL.get(), context, self._faults, self._report, send)
        if pool.is_late_with_many(client):
            ending.refuse_with(*self._too_many)
            return
        if pool.full and not pool.holds_back(client) and not pool.makes_room():
            ending.refuse_with(*self._full[pool.name])
            return
        here = copy_context()
        run = partial(here.run, self._sending, way, requests, context, send)
        try:
            pool.submit_of(ClientTask(client, run, partial(here.run, ending.refuse_with, *self._too_many)))
        except RuntimeError:  # it is shut down
            ending.refuse_with(*self._status_of(Draining()))

    # ------------------------------------------------------------------------------------------------------- one call each

    def _quick(self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """A call of one request and one response that is answered without a look at how long the answer takes to be read."""
        call = CALL.get()
        ending = Ending(call, context, self._faults, self._report, None, quiet=way.is_probe)
        try:
            self._let_in(way, context, call)
            message = self._read(self._next(way, requests, context, ending, is_new=True), way, call)
            response = _serialized(way.method(message, context))
        except BaseException as error:
            ending.failed(error)
            raise  # it was ended from elsewhere
        ending.completed()
        return response

    def _sending(self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext, send: Send) -> None:
        """Any call. It can be ended with a status whenever its thread waits for its caller."""
        call = CALL.get()
        ending = Ending(call, context, self._faults, self._report, send, quiet=way.is_probe)
        turn = self._turns.turn(context) if way.pool in {self._pools.batches, self._pools.streams} else None

        def say(response: Message | bytes) -> None:
            data = _serialized(response)
            if turn is not None:
                self._pace.took(way.name, turn.length_bytes, turn.give_back())
            seat = way.pool.seat
            seat.waits(ending, context.peer, is_new=way.watches)
            try:
                send(data)
            finally:
                way.pool.no_longer_waits(seat)
            if ending.has_come or not context.is_active():
                raise grpc.RpcError

        try:
            self._let_in(way, context, call)
            if way.many_requests:
                for response in way.method(self._messages(way, requests, context, ending, turn), context):
                    say(response)
                    del response
            elif way.watches:
                way.method(self._one(way, requests, context, ending, turn), context, say)
                return
            else:
                say(way.method(self._one(way, requests, context, ending, turn), context))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the caller hears of it
            ending.failed(error)
        else:
            ending.completed()
        finally:
            if turn is not None:
                turn.give_back()

    def _let_in(self, way: Way, context: grpc.ServicerContext, call: Call) -> None:
        """What can be said of a call before its message is waited for; raises what refuses it."""
        call.queued_seconds = perf_counter() - call.arrived
        # INVARIANT: who calls and what they may is decided here, above all limits, and for each message in ``_messages``.
        if self._admit is not None:
            call.caller = self._admit(way.name, context, call.request_id)
        # Those that take long are worth a longer wait.
        most_millis = self._max_wait_millis if way.pool is self._pools.batches else self._max_queue_millis
        if call.queued_seconds * _MILLIS > most_millis:
            raise QueuedTooLong(most_millis)
        if way.pool.crowded and not way.pool.lets_wait(context.peer()):
            raise TooManyWaiting

    # ------------------------------------------------------------------------------------------------------------ messages

    def _one(
        self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext, ending: Ending, turn: Turn | None
    ) -> Message:
        data = self._next(way, requests, context, ending, is_new=True)
        if data is not None and turn is not None:
            self._begin(way, data, context, turn)
        return self._read(data, way, CALL.get())

    def _messages(
        self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext, ending: Ending, turn: Turn | None
    ) -> Iterator[Message]:
        """Raises RpcError where the caller has gone."""
        call = CALL.get()
        while (data := self._next(way, requests, context, ending, is_new=not call.messages)) is not None:
            if call.messages:  # the first came with the call
                call.caller.look()
            if turn is not None:
                self._begin(way, data, context, turn)
            # INVARIANT: a stream that waits holds nothing of what it was sent or has answered, here and in whoever reads this.
            message = [self._read(data, way, call)]
            del data
            yield message.pop()
            if turn is not None:
                turn.give_back()
        # To grpcio a caller who has gone looks at first like one who has sent everything; a second look tells them apart.
        next(requests, None)

    def _begin(self, way: Way, data: bytes, context: grpc.ServicerContext, turn: Turn) -> None:
        """Work that takes long is done in turns, and not begun where its caller will not wait for the end."""
        turn.take(len(data))
        if self._pace.is_too_late(way.name, len(data), context.time_remaining()):
            raise CannotFinish

    def _next(
        self, way: Way, requests: Iterator[bytes], context: grpc.ServicerContext, ending: Ending, *, is_new: bool
    ) -> bytes | None:
        """The next message, waited for; None: there is none."""
        seat = way.pool.seat
        seat.waits(ending, context.peer, is_new=is_new)
        if way.pool.crowded:
            way.pool.hurry()
        try:
            return next(requests, None)
        finally:
            way.pool.no_longer_waits(seat)

    def _read(self, data: bytes | None, way: Way, call: Call) -> Message:
        if data is None:
            raise InvalidRequest([Violation("", "the call ended without a message; send exactly one")])
        call.messages += 1
        if len(data) > self._max_message_bytes:
            limit = f"the limit is {self._max_message_bytes}, send it in parts"
            text = f"the message at index {call.messages - 1} has {len(data)} bytes; {limit}"
            raise InvalidRequest([Violation("", text)])
        try:
            return way.read(data)
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None


def _serialized(response: Message | bytes) -> bytes:
    if isinstance(response, bytes):
        return response
    # Deterministic, because the order of a map's entries would else differ from replica to replica.
    return response.SerializeToString(deterministic=True)
