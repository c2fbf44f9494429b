"""The frame that every service of this process stands in: pools, interceptors, options, port; listen, drain, stop."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from typing import Final

import grpc

from server.access_log import AccessLog
from server.faults import Faults
from server.in_place import InPlace
from server.interceptors.door import Admit, Door
from server.interceptors.ending import Report
from server.log import Log
from server.memory_limit import MemoryLimit
from server.metrics import CallMetrics
from server.pool import CallPool
from server.pools import Pools
from server.ports import PortUnavailableError, require_free
from server.settings import Address, Settings
from server.traces import NO_TRACES, Traces
from server.warden import Warden

_BATCH_THREADS: Final = 2
_CONTROL_THREADS: Final = 2
MAX_METADATA_BYTES: Final = 16 * 2**10
_CLEARED_AWAY: Final = 100
_MILLIS: Final = 1000
_FLUSH_SECONDS: Final = 0.5
"""An answered call leaves its pool a moment before its last bytes leave the server."""
_HEADROOM: Final = 2
"""Up to so many times our limit of bytes we refuse a message ourselves, with INVALID_ARGUMENT and both numbers.

One over grpcio's own limit it drops unread, as RESOURCE_EXHAUSTED without details, its text naming both. A higher limit would
be told better and paid in memory by whoever is sent it: grpcio holds each message whole before a call is even admitted (eight
of 60 MiB took 320 MiB more, and 6 MiB where they were dropped).
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """How callers come in. ``credentials`` None: in clear. ``admit`` None: whoever it is."""

    credentials: grpc.ServerCredentials | None = None
    admit: Admit | None = None


IN_CLEAR: Final = Entry()


class Frame:
    """A gRPC server without services. ``methods`` are the names that metrics may show, as "package.Service/Method"."""

    def __init__(
        self,
        settings: Settings,
        log: Log,
        metrics: CallMetrics,
        methods: Iterable[str],
        entry: Entry = IN_CLEAR,
        traces: Traces = NO_TRACES,
        memory: MemoryLimit | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = entry.credentials
        self._draining = Event()
        self._metrics = metrics
        self.pools = Pools(
            calls=CallPool("call", settings.threads, settings.max_concurrent_calls, is_quick=True),
            batches=CallPool("batch", _BATCH_THREADS, settings.max_concurrent_calls),
            streams=CallPool("stream", settings.max_concurrent_streams, settings.max_concurrent_streams, is_long=True),
            control=CallPool("control", _CONTROL_THREADS, settings.max_concurrent_calls, is_quick=True),
            refusals=InPlace(),
        )
        self._warden = Warden(self.pools.all, settings.max_wait_seconds, self._count, memory)
        self.faults = Faults(log)
        report = Report(metrics, AccessLog(log, settings.log_calls), traces)
        self.server = grpc.server(
            self.pools.calls,
            interceptors=[Door(settings, self.faults, self.pools, report, methods, self._draining, entry.admit, memory)],
            options=options(settings),
        )

    def listen(self) -> Address:
        """Opens the port and answers calls. Raises PortUnavailableError."""
        wanted = self._settings.listen
        if not self._settings.reuse_port:
            require_free(wanted, "--listen")
        try:
            if self._credentials is None:
                port = self.server.add_insecure_port(str(wanted))
            else:
                port = self.server.add_secure_port(str(wanted), self._credentials)
        except RuntimeError as error:  # taken since we looked
            raise PortUnavailableError(wanted, "--listen", str(error)) from error
        self._warden.start()
        self.server.start()
        return Address(wanted.host, port)

    def close_port(self) -> None:
        """Takes no new connection and no new call; what runs has the drain time still."""
        self.server.stop(self._settings.drain_seconds)

    def drain(self) -> int:
        """Refuses new calls and lets running ones finish within the drain time; how many did not."""
        self._draining.set()
        self._warden.drain()
        self.pools.wait_until_idle(self._settings.drain_seconds)
        return self.pools.in_flight

    def stop(self) -> int:
        """Closes the port and cancels what still runs; how many calls hold a thread even so."""
        self.server.stop(_FLUSH_SECONDS).wait()
        self.pools.wait_until_idle(_FLUSH_SECONDS)
        self.pools.shutdown()
        self._warden.stop()
        self._count()
        return self.pools.in_flight

    def _count(self) -> None:
        self._metrics.count()
        for pool in self.pools.all:
            self._metrics.pool(pool.name, pool.in_flight, pool.waiting, pool.limit)


def options(settings: Settings) -> tuple[tuple[str, int], ...]:
    """What grpcio is told of connections and messages."""
    keepalive_millis = _MILLIS * settings.keepalive_seconds
    most_calls = settings.max_connections * settings.max_calls_per_connection
    return (
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_receive_message_length", _HEADROOM * settings.max_message_bytes),
        # A caller whose machine is gone says no goodbye: its calls end at their deadline, and by this where they have none.
        ("grpc.keepalive_time_ms", keepalive_millis),
        ("grpc.keepalive_permit_without_calls", 1),
        # Not grpc.keepalive_timeout_ms, which has no effect (grpc/grpc#39239).
        ("grpc.http2.ping_timeout_ms", keepalive_millis),
        # A caller that has so many calls open keeps the next ones to itself, which costs nobody anything.
        ("grpc.max_concurrent_streams", settings.max_calls_per_connection),
        # Beside them so many that have ended and are not yet cleared away. Without, two of three calls of a burst were reset
        # and not told why; without a bound, who opens calls and resets them at once fills the server.
        ("grpc.http2.max_deallocating_streams", _CLEARED_AWAY),
        ("grpc.max_allowed_incoming_connections", settings.max_connections),
        ("grpc.max_connection_idle_ms", _MILLIS * settings.max_connection_idle_seconds),
        ("grpc.max_connection_age_ms", _MILLIS * settings.max_connection_age_seconds),
        # So long as a call may last that began in the last moment.
        ("grpc.max_connection_age_grace_ms", _MILLIS * settings.max_connection_age_seconds),
        # Beyond a thousand calls that grpcio has yet to hand over it would begin to drop some, as CANCELLED and without a word.
        ("grpc.server.max_pending_requests", most_calls),
        ("grpc.server.max_pending_requests_hard_limit", most_calls),
        # One limit and no other above it: between two, grpcio throws dice.
        ("grpc.max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
        # Who resets a call is asked for a sign of life, and opens no others until it comes.
        ("grpc.http2.ping_on_rst_stream_percent", 100),
    )
