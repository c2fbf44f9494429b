"""How requests over HTTP come in: over TLS where gRPC is, and to /metrics whoever the authorisation file lets in."""

import ssl
from typing import Final
from wsgiref.types import WSGIEnvironment

from prometheus_client import CollectorRegistry, Counter

from server.access.credentials import Credentials
from server.access.denials import Denied, RateExceeded, Unauthenticated
from server.access.guard import Guard
from server.access.metrics import DenialMetrics
from server.access.rules import METRICS
from server.access.security import Security
from server.http_server import CLIENT_CERTIFICATE
from server.log import Log
from server.metrics_endpoint import Entrance, Turned

_MILLIS: Final = 1000


def entrance_of(security: Security, registry: CollectorRegistry) -> Entrance:
    """By what ``security`` has in use; ``registry`` is told."""
    guard = security.guard
    gate = None if guard is None else _Gate(guard, DenialMetrics(registry, "makegood_scrapes_denied", "Scrapes of /metrics"))
    if security.tls is None:
        return Entrance(turned_away=None if gate is None else gate.turned_away)
    failed = _Failed(security.log, registry)
    return Entrance(security.http_context, failed.tell, None if gate is None else gate.turned_away)


class _Failed:
    def __init__(self, log: Log, registry: CollectorRegistry) -> None:
        self._log = log
        self._failed = Counter(
            "makegood_http_tls_handshakes_failed", "TLS handshakes over HTTP that failed.", registry=registry
        )

    def tell(self, error: Exception) -> None:
        """A client could not be spoken TLS with."""
        self._failed.inc()
        why = error.reason if isinstance(error, ssl.SSLError) and error.reason else type(error).__name__
        self._log.warning("TLS handshake failed", over="HTTP", why=why)


class _Gate:
    def __init__(self, guard: Guard, metrics: DenialMetrics) -> None:
        self._guard = guard
        self._metrics = metrics

    def turned_away(self, environ: WSGIEnvironment) -> Turned | None:
        """Why this request for /metrics is not answered; None: it is."""
        sent = environ.get("HTTP_AUTHORIZATION")
        shown = Credentials(environ.get(CLIENT_CERTIFICATE) or b"", (sent,) if sent else ())
        try:
            self._guard.admit(METRICS, shown, self._metrics)
        except Unauthenticated as denied:
            return Turned("401 Unauthorized", denied.text, ("WWW-Authenticate", 'Bearer realm="makegood"'))
        except RateExceeded as denied:
            return Turned("429 Too Many Requests", denied.text, ("Retry-After", str(-(-denied.wait_millis // _MILLIS))))
        except Denied as denied:
            return Turned("403 Forbidden", denied.text)
        return None
