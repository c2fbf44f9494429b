"""Servers that know their callers, and callers with certificates and tokens."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, Final

import grpc

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from tests.access import jwt_tokens
from tests.access.pki import HOST, Pair, authority, written
from tests.server.running import PATIENCE_SECONDS, Running

METHODS: Final = "[ComputeCompensation, BatchCompute, StreamCompute, ListPolicies, GetPolicy, health, reflection, metrics]"
RULES: Final = f"""\
issuers:
  login:
    issuer: {jwt_tokens.ISSUER}
    audience: {jwt_tokens.AUDIENCE}
    keys: keys.json
    algorithms: [ES256, RS256]
    skew: {jwt_tokens.SKEW_SECONDS} s
identities:
  billing:
    certificates: [spiffe://makegood.example/billing, dns:billing.example]
    tokens: {{issuer: login, subject: billing}}
    methods: {METHODS}
    policies: any
  desk:
    certificates: dns:desk.example
    tokens: {{issuer: login, subject: desk}}
    methods: [ComputeCompensation, BatchCompute, StreamCompute, ListPolicies, GetPolicy]
    policies: [nl-7.1a, cn-standard/2026-01]
"""
BY_TOKEN: Final = RULES.replace("    certificates: [spiffe://makegood.example/billing, dns:billing.example]\n", "").replace(
    "    certificates: dns:desk.example\n", ""
)
"""The same for a server that asks no client for a certificate."""


def access_file(directory: Path, rules: str = BY_TOKEN, keys: bytes | None = None) -> Path:
    written(directory, "keys.json", keys or jwt_tokens.key_set())
    return written(directory, "access.yaml", rules.encode())


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@contextmanager
def channel(server: Any, client: Pair | None = None, trusted: Pair | None = None) -> Iterator[grpc.Channel]:
    """Over TLS, with the certificate of ``client``."""
    mine = (client.key_pem, client.pem) if client else (None, None)
    credentials = grpc.ssl_channel_credentials((trusted or authority()).pem, *mine)
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.ssl_target_name_override", HOST)]
    with grpc.secure_channel(str(server.address), credentials, options) as opened:
        yield opened


def stub(opened: grpc.Channel) -> compensation_grpc.CompensationServiceStub:
    return compensation_grpc.CompensationServiceStub(opened)


def asks(opened: grpc.Channel, question: service_pb.ComputeCompensationRequest, token: str = "") -> Callable[[], Any]:
    """A call, to be made."""
    metadata = bearer(token) if token else ()
    return lambda: stub(opened).ComputeCompensation(question, timeout=PATIENCE_SECONDS, metadata=metadata)


def scraped(
    server: Any,
    path: str = "/metrics",
    headers: dict[str, str] | None = None,
    client: tuple[Path, Path] | None = None,
    *,
    tls: bool = True,
) -> tuple[int, str, dict[str, str]]:
    """(status, body, headers) of a request over HTTP, over TLS unless it is said otherwise."""
    at = server.metrics_address
    connection: HTTPConnection
    if tls:
        context = ssl.create_default_context(cadata=(authority().pem + authority(1).pem).decode())
        context.check_hostname = False
        if client:
            context.load_cert_chain(client[0], client[1])
        connection = HTTPSConnection(at.host, at.port, timeout=PATIENCE_SECONDS, context=context)
    else:
        connection = HTTPConnection(at.host, at.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode(), dict(response.getheaders())
    finally:
        connection.close()


def metrics_of(server: Running) -> str:
    """The page, read by one who may."""
    return scraped(server, headers={"Authorization": f"Bearer {jwt_tokens.token()}"}, tls=False)[1]


def denials(server: Running, reason: str) -> list[dict[str, Any]]:
    """The log lines about it."""
    return [line for line in server.lines() if line["event"] == "access denied" and line["reason"] == reason]
