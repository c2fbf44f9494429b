"""Authorities and certificates of any kind, as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
HOST = "makegood.example"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def key_pem_with_passphrase(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    @property
    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def issued(
    *names: str,
    by: Pair | None = None,
    key: PrivateKey | None = None,
    begins: timedelta = -DAY,
    ends: timedelta = DAY,
    is_authority: bool = False,
    for_clients: bool = False,
) -> Pair:
    """A certificate for names as an authorisation file writes them; ``by`` None: self-signed."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {x509.random_serial_number()}")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    if not is_authority:
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if for_clients else ExtendedKeyUsageOID.SERVER_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    signer = by.key if by else own
    return Pair(builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()), own)


def _name(name: str) -> x509.GeneralName:
    kind, _, rest = name.partition(":")
    match kind:
        case "dns":
            return x509.DNSName(rest)
        case "ip":
            return x509.IPAddress(ip_address(rest))
        case "raw-uri":
            return x509.UniformResourceIdentifier(rest)
        case _:
            return x509.UniformResourceIdentifier(name)


@cache
def authority(number: int = 0) -> Pair:
    """One of several that know nothing of each other."""
    return issued(is_authority=True)


def of_server(by: Pair | None = None) -> Pair:
    return issued(f"dns:{HOST}", "ip:127.0.0.1", by=by or authority())


def of_client(*names: str, by: Pair | None = None, ends: timedelta = DAY) -> Pair:
    return issued(*names, by=by or authority(), for_clients=True, ends=ends)


def written(directory: Path, name: str, content: bytes, mode: int = 0o600) -> Path:
    path = directory / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


@dataclass(frozen=True)
class ServerFiles:
    """What the settings of TLS name."""

    cert: Path
    key: Path
    client_ca: Path | None

    @property
    def settings(self) -> dict[str, Any]:
        given = {"tls_cert": self.cert, "tls_key": self.key, "tls_client_ca": self.client_ca}
        return {name: str(path) for name, path in given.items() if path is not None}

    @property
    def flags(self) -> Sequence[str]:
        return [part for name, path in self.settings.items() for part in (f"--{name.replace('_', '-')}", path)]

    def replace(self, pair: Pair) -> None:
        """Key and certificate, one after the other, as a tool that renews them does."""
        self.key.write_bytes(pair.key_pem)
        self.cert.write_bytes(pair.pem)


def server_files(directory: Path, pair: Pair | None = None, *, mutual: bool = False) -> ServerFiles:
    pair = pair or of_server()
    return ServerFiles(
        written(directory, "server.pem", pair.pem),
        written(directory, "server.key", pair.key_pem),
        written(directory, "clients.pem", authority().pem) if mutual else None,
    )
