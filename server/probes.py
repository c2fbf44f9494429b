"""The standard health service (grpc.health.v1): one answer for the whole server and one for each service.

grpcio's own sends to watchers while it holds a lock that their leaving needs, which stops the server for good
(grpc/grpc#43403). This one holds none while it sends, keeps a bounded number of watchers and nothing that a caller named.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Final

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2

from server.errors import TooManyWatchers
from server.pool import CallPool

SERVICE: Final = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
MAX_WATCHERS: Final = 1000
MAX_WATCHERS_BY_CLIENT: Final = 8
_SERVING: Final = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING: Final = health_pb2.HealthCheckResponse.NOT_SERVING
_UNKNOWN: Final = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
# Their published types are older than List.
_ListRequest: Final[Any] = vars(health_pb2)["HealthListRequest"]
_ListResponse: Final[Any] = vars(health_pb2)["HealthListResponse"]

Say = Callable[[health_pb2.HealthCheckResponse], None]
"""Sends to one watcher, and waits until it has read. Raises RpcError where it has gone."""


class Health:
    """SERVING or NOT_SERVING, told to probes. NOT_SERVING until it is said otherwise."""

    def __init__(self, services: Iterable[str]) -> None:
        self._names = frozenset(("", *services))
        self._is_serving = False
        # Guarded by the lock, under which nothing is sent.
        self._lock = Lock()
        self._watchers: dict[grpc.ServicerContext, _Watcher] = {}
        self._by_client: Counter[str] = Counter()

    def add_to(self, server: grpc.Server) -> None:
        """Registers the methods. Watch takes a way to send, which the generated code does not give it."""
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Check": grpc.unary_unary_rpc_method_handler(self.check, health_pb2.HealthCheckRequest.FromString),
            "List": grpc.unary_unary_rpc_method_handler(self.list, _ListRequest.FromString),
            "Watch": grpc.unary_stream_rpc_method_handler(
                self.watch,
                health_pb2.HealthCheckRequest.FromString,
            ),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    @property
    def watchers(self) -> int:
        """Calls of Watch that are open."""
        return len(self._watchers)

    def check(self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext) -> health_pb2.HealthCheckResponse:
        """The state of one service, or of the server."""
        if request.service not in self._names:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no such service here; leave the name out to ask for the server")
        return health_pb2.HealthCheckResponse(status=self._status)

    def list(
        self,
        request: Message,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> Any:
        """The state of every service."""
        state = health_pb2.HealthCheckResponse(status=self._status)
        return _ListResponse(statuses=dict.fromkeys(sorted(self._names), state))

    def watch(self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext, say: Say) -> None:
        """The state now and whenever it changes, until the caller leaves. Returns at once, and holds no thread meanwhile.

        Raises TooManyWatchers.
        """
        watcher = _Watcher(say, known=request.service in self._names)
        self._admit(context, watcher)
        if not context.add_callback(lambda: self._left(context)):
            self._left(context)
            return
        watcher.tell(self._status)

    def serving(self, ready: bool, pool: CallPool | None = None) -> None:
        """Says for the server and for each service whether it answers calls; watchers are told by threads of ``pool``."""
        self._is_serving = ready
        with self._lock:
            watchers = tuple(self._watchers.values())
        for watcher in watchers:
            if pool is not None:
                pool.submit(watcher.tell, self._status)

    @property
    def _status(self) -> int:
        return _SERVING if self._is_serving else _NOT_SERVING

    def _admit(self, context: grpc.ServicerContext, watcher: "_Watcher") -> None:
        client = context.peer()
        with self._lock:
            if self._by_client[client] >= MAX_WATCHERS_BY_CLIENT:
                raise TooManyWatchers(MAX_WATCHERS_BY_CLIENT)
            if len(self._watchers) >= MAX_WATCHERS:
                raise TooManyWatchers(MAX_WATCHERS)
            self._by_client[client] += 1
            watcher.client = client
            self._watchers[context] = watcher

    def _left(self, context: grpc.ServicerContext) -> None:
        with self._lock:
            watcher = self._watchers.pop(context, None)
            if watcher is not None:
                self._by_client[watcher.client] -= 1
                if not self._by_client[watcher.client]:
                    del self._by_client[watcher.client]


class _Watcher:
    """A call of Watch. Of a service that is not ``known`` it hears that once, and nothing more: none is added later."""

    def __init__(self, say: Say, *, known: bool) -> None:
        self.client = ""
        self._say = say
        self._known = known
        self._sending = Lock()
        self._told: int | None = None

    def tell(self, status: int) -> None:
        """Sends ``status``, unless that is what it heard last."""
        with self._sending:
            status = status if self._known else _UNKNOWN
            if self._told != status:
                self._told = status
                self._say(health_pb2.HealthCheckResponse(status=status))
