"""HTTP for probes and scrapes: as many connections as are of use, each for a few seconds, whoever is at their other end."""

import io
import socket
import ssl
from collections.abc import Callable
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock
from time import monotonic
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from server.settings import Address

CONNECTIONS: Final = 32
"""One more takes the place of the oldest, so that who holds connections open keeps no probe out."""
SECONDS_OF_A_CONNECTION: Final = 10
"""To send a request and to take its answer, however slowly either goes."""
CLIENT_CERTIFICATE: Final = "makegood.client_certificate"
"""Where an application finds the certificate that a client showed, DER; nothing where it showed none."""


class HttpServer(ThreadingMixIn, WSGIServer):
    """Runs a WSGI application, each request in a thread of its own. Raises OSError where ``listen`` is taken.

    ``tls``: what a connection that comes now is spoken to with; it gives None where that is in clear. ``failed`` hears of
    handshakes that fail.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        listen: Address,
        tls: Callable[[], ssl.SSLContext | None] = lambda: None,
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._tls = tls
        self._failed = failed
        if ":" in listen.host:
            self.address_family = socket.AF_INET6
        self._connections: dict[Any, float] = {}
        self._lock = Lock()
        super().__init__((listen.host, listen.port), _Handler)

    def server_bind(self) -> None:
        """Without the look-up of a name for the address, which takes seconds where nobody answers it."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def get_request(self) -> tuple[Any, Any]:
        """A connection, over which nothing has been said yet: this thread waits for no handshake."""
        connection, address = super().get_request()
        context = self._tls()
        if context is None:
            return connection, address
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Runs in a thread of the request's own."""
        if isinstance(request, ssl.SSLSocket):
            request.settimeout(SECONDS_OF_A_CONNECTION)
            try:
                request.do_handshake()
            except (OSError, ValueError) as error:
                self._failed(error)
                return
        super().finish_request(request, client_address)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Runs in the thread that accepts."""
        with self._lock:
            oldest = next(iter(self._connections), None) if len(self._connections) >= CONNECTIONS else None
            self._connections[request] = monotonic()
        if oldest is not None:
            self._cut(oldest)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Runs now and then in the thread that accepts."""
        with self._lock:
            late = monotonic() - SECONDS_OF_A_CONNECTION
            overdue = [connection for connection, since in self._connections.items() if since < late]
        for connection in overdue:
            self._cut(connection)

    def shutdown_request(self, request: Any) -> None:
        """It has been answered, or will not be."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone; that is no fault of ours, and nothing is printed."""

    def _cut(self, connection: Any) -> None:
        with self._lock:
            self._connections.pop(connection, None)
        try:
            # Its thread sees an end, and closes it. Not by TLS's own method: after that, a socket of TLS speaks in clear.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        except OSError:
            return


class _Handler(WSGIRequestHandler):
    timeout = SECONDS_OF_A_CONNECTION

    def get_environ(self) -> dict[str, Any]:
        """With the client's certificate."""
        environ = super().get_environ()
        if isinstance(self.connection, ssl.SSLSocket):
            environ["wsgi.url_scheme"] = "https"
            environ[CLIENT_CERTIFICATE] = self.connection.getpeercert(binary_form=True)
        return environ

    def log_message(self, *_: object) -> None:
        """Says nothing: a line for each scrape tells nobody anything."""

    def get_stderr(self) -> io.StringIO:
        """What the library has to say of callers who have gone, which goes nowhere."""
        return io.StringIO()
