"""The standard health service: one answer for the whole server and one for each service."""

from collections.abc import Iterable

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import HealthServicer


class Health:
    """SERVING or NOT_SERVING, told to probes. NOT_SERVING until it is said otherwise."""

    def __init__(self, services: Iterable[str]) -> None:
        self.servicer = HealthServicer()
        self._names = ("", *services)
        self.serving(False)

    def serving(self, ready: bool) -> None:
        """Says for the server and for each service whether it answers calls."""
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in self._names:
            self.servicer.set(name, status)
