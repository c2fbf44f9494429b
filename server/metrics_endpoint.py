"""/metrics over HTTP on its own port and threads, so that no gRPC work stands in its way."""

from prometheus_client import CollectorRegistry, start_http_server

from server.ports import PortUnavailableError, require_free
from server.settings import Address


class MetricsEndpoint:
    """Serves ``registry`` from construction to :meth:`close`. Raises PortUnavailableError."""

    def __init__(self, registry: CollectorRegistry, listen: Address) -> None:
        require_free(listen, "--metrics-listen")
        try:
            self._http, self._thread = start_http_server(listen.port, listen.host, registry)
        except OSError as error:  # taken since we looked
            raise PortUnavailableError(listen, "--metrics-listen", str(error)) from error
        self.address = Address(listen.host, self._http.server_port)

    def close(self) -> None:
        """Stops answering and frees the port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
