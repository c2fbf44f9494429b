"""/metrics over HTTP on its own port and threads, so that no gRPC work stands in its way."""

import socket
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from server.ports import PortUnavailableError, require_free
from server.settings import Address

_LOOK_FOR_CLOSE_SECONDS: Final = 0.05


class MetricsEndpoint:
    """Serves ``registry`` from construction to :meth:`close`. Raises PortUnavailableError."""

    def __init__(self, registry: CollectorRegistry, listen: Address) -> None:
        require_free(listen, "--metrics-listen")
        try:
            self._http = _HttpServerV6(listen) if ":" in listen.host else _HttpServer(listen)
        except OSError as error:  # taken since we looked
            raise PortUnavailableError(listen, "--metrics-listen", str(error)) from error
        self._http.set_app(make_wsgi_app(registry))
        self._thread = Thread(target=self._http.serve_forever, args=(_LOOK_FOR_CLOSE_SECONDS,), name="metrics", daemon=True)
        self._thread.start()
        self.address = Address(listen.host, self._http.server_port)

    def close(self) -> None:
        """Stops answering and frees the port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Quiet(WSGIRequestHandler):
    timeout = 10
    """Seconds that a reader may take to send its request."""

    def log_message(self, *_: object) -> None:
        """Says nothing: a line for each scrape tells nobody anything."""


class _HttpServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, listen: Address) -> None:
        super().__init__((listen.host, listen.port), _Quiet)


class _HttpServerV6(_HttpServer):
    address_family = socket.AF_INET6
