"""The frame that every service of this process stands in: pools, interceptors, options, port; listen, drain, stop."""

from collections.abc import Iterable
from threading import Event
from typing import Final

import grpc

from server.access_log import AccessLog
from server.faults import Faults
from server.interceptors.admit import Admit
from server.interceptors.answer import Answer
from server.interceptors.observe import Observe
from server.log import Log
from server.metrics import CallMetrics
from server.pool import CallPool, Pools
from server.ports import PortUnavailableError, require_free
from server.settings import Address, Settings

_BATCH_THREADS: Final = 2
_CONTROL_THREADS: Final = 2
_FLUSH_SECONDS: Final = 0.5
"""An answered call leaves its pool a moment before its last bytes leave the server."""
_HEADROOM: Final = 2
"""Up to so many times our limit of bytes we refuse a message ourselves, with INVALID_ARGUMENT and both numbers.

One over grpcio's own limit it drops unread, as RESOURCE_EXHAUSTED without details, its text naming both. A higher limit would
be told better and paid in memory by whoever is sent it: grpcio holds each message whole before a call is even admitted (eight
of 60 MiB took 320 MiB more, and 6 MiB where they were dropped).
"""


class Frame:
    """A gRPC server without services. ``methods`` are the names that metrics may show, as "package.Service/Method"."""

    def __init__(self, settings: Settings, log: Log, metrics: CallMetrics, methods: Iterable[str]) -> None:
        self._settings = settings
        self._draining = Event()
        self._pools = Pools(
            calls=CallPool("call", settings.threads, settings.max_concurrent_calls),
            batches=CallPool("batch", _BATCH_THREADS, settings.max_concurrent_calls),
            streams=CallPool("stream", settings.max_concurrent_streams, settings.max_concurrent_streams),
            control=CallPool("control", _CONTROL_THREADS, settings.max_concurrent_calls),
        )
        self.faults = Faults(log)
        self.server = grpc.server(
            self._pools.calls,
            interceptors=[
                Observe(metrics, AccessLog(log, settings.log_calls), methods),
                Admit(self.faults, self._pools, self._draining),
                Answer(self.faults, self._pools, settings.max_message_bytes),
            ],
            options=_options(settings),
        )

    def listen(self) -> Address:
        """Opens the port and answers calls. Raises PortUnavailableError."""
        wanted = self._settings.listen
        if not self._settings.reuse_port:
            require_free(wanted, "--listen")
        try:
            port = self.server.add_insecure_port(str(wanted))
        except RuntimeError as error:  # taken since we looked
            raise PortUnavailableError(wanted, "--listen", str(error)) from error
        self.server.start()
        return Address(wanted.host, port)

    def close_port(self) -> None:
        """Takes no new connection and no new call; what runs has the drain time still."""
        self.server.stop(self._settings.drain_seconds)

    def drain(self) -> int:
        """Refuses new calls and lets running ones finish within the drain time; how many did not."""
        self._draining.set()
        self._pools.wait_until_idle(self._settings.drain_seconds)
        return self._pools.in_flight

    def stop(self) -> int:
        """Closes the port and cancels what still runs; how many calls hold a thread even so."""
        self.server.stop(_FLUSH_SECONDS).wait()
        self._pools.wait_until_idle(_FLUSH_SECONDS)
        self._pools.shutdown()
        return self._pools.in_flight


def _options(settings: Settings) -> tuple[tuple[str, int], ...]:
    keepalive_millis = 1000 * settings.keepalive_seconds
    return (
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_receive_message_length", _HEADROOM * settings.max_message_bytes),
        # A caller whose machine is gone says no goodbye: its calls end at their deadline, and by this where they have none.
        ("grpc.keepalive_time_ms", keepalive_millis),
        ("grpc.keepalive_permit_without_calls", 1),
        # Not grpc.keepalive_timeout_ms, which has no effect (grpc/grpc#39239).
        ("grpc.http2.ping_timeout_ms", keepalive_millis),
    )
