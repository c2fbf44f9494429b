"""How calls of gRPC come in: over TLS, as the files say when a connection begins, and by whom, as they say at each call."""

from collections.abc import Callable
from typing import Final

import grpc
from prometheus_client import CollectorRegistry, Counter

from server.access.credentials import Credentials, authorization_of
from server.access.guard import Caller, Guard
from server.access.metrics import DenialMetrics
from server.access.security import Security
from server.access.tls import Tls
from server.frame import Entry

_CERTIFICATE: Final = "x509_pem_cert"


def entry_of(security: Security, registry: CollectorRegistry) -> Entry:
    """By what ``security`` has in use; ``registry`` is told."""
    tls, guard = security.tls, security.guard
    return Entry(
        None if tls is None else _credentials(tls, registry), None if guard is None else _admit(guard, DenialMetrics(registry))
    )


def _credentials(tls: Callable[[], Tls], registry: CollectorRegistry) -> grpc.ServerCredentials:
    """With authorities for clients, each has to show a certificate."""
    handshakes = Counter(
        "makegood_tls_handshakes",
        "TLS handshakes of gRPC that began. One that fails is a line in the log and UNAVAILABLE to its client.",
        registry=registry,
    )
    used = [tls()]

    def changed() -> grpc.ServerCertificateConfiguration | None:
        handshakes.inc()
        now = tls()
        if now is used[0]:
            return None
        used[0] = now
        return _configuration(now)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(used[0]),
        changed,  # type: ignore[arg-type]  # of no change it hears by None
        require_client_authentication=used[0].client_ca is not None,
    )


def _configuration(tls: Tls) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(tls.key, tls.chain)], tls.client_ca)


def _admit(guard: Guard, metrics: DenialMetrics) -> Callable[[str, grpc.ServicerContext, str], Caller]:
    def admit(method: str, context: grpc.ServicerContext, request_id: str) -> Caller:
        shown = context.auth_context().get(_CERTIFICATE)
        certificate = shown[0] if shown else b""
        assert isinstance(certificate, bytes)
        credentials = Credentials(certificate, authorization_of(context.invocation_metadata()))
        return guard.admit(method, credentials, metrics, request_id)

    return admit
