"""What Prometheus hears of TLS and authorisation. Label values are of closed sets, and all are there from the start."""

from time import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.access.denials import REASONS, Reason

TLS: Final = "tls"
ACCESS: Final = "access"
WHAT: Final = (TLS, ACCESS)


class ReloadMetrics:
    """How the files are. ``registry`` None: a parent of workers looks too, and they tell."""

    def __init__(self, registry: CollectorRegistry | None) -> None:
        self._reloads = Counter(
            "makegood_security_reloads",
            "Times that files of TLS or authorisation came into use (ok) or could not (failed); the first time counts.",
            ("what", "result"),
            registry=registry,
        )
        self._failing = Gauge(
            "makegood_security_reload_failing",
            "1 while what stands in the files cannot be used, and the last good ones are.",
            ("what",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._loaded_at = Gauge(
            "makegood_security_last_successful_load_timestamp_seconds",
            "When the files in use were loaded; a load that fails does not move it.",
            ("what",),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._expires_at = Gauge(
            "makegood_tls_certificate_expires_timestamp_seconds",
            "When the certificate in use expires, or the first of its chain.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def expect(self, what: str) -> None:
        """There are such files."""
        for result in ("ok", "failed"):
            self._reloads.labels(what, result)

    def loaded(self, what: str) -> None:
        """They came into use."""
        self._reloads.labels(what, "ok").inc()
        self._failing.labels(what).set(0)
        self._loaded_at.labels(what).set(int(time()))

    def failed(self, what: str) -> None:
        """They cannot be used."""
        self._reloads.labels(what, "failed").inc()
        self._failing.labels(what).set(1)

    def expires(self, at: int) -> None:
        """The certificate in use does, ``at`` seconds since 1970 UTC."""
        self._expires_at.set(at)


class DenialMetrics:
    """What was not let in, by reason."""

    def __init__(
        self,
        registry: CollectorRegistry,
        name: str = "makegood_access_denied",
        what: str = "Calls, messages of streams and rows",
    ) -> None:
        self._denied = Counter(
            name, f"{what} that the authorisation file did not let in, by reason.", ("reason",), registry=registry
        )
        for reason in REASONS:
            self._denied.labels(reason)

    def denied(self, reason: Reason) -> None:
        """One more."""
        self._denied.labels(reason).inc()
