"""Certificates and keys in PEM form: read, and held against each other and the clock."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from server.access.files import UnusableFiles

E = TypeVar("E", bound=x509.ExtensionType)

RSA_BITS: Final = 2048
CURVES: Final = ("secp256r1", "secp384r1")
"""With a key of another kind gRPC's TLS starts, and fails at each handshake."""


def certificates(content: bytes, where: str) -> list[x509.Certificate]:
    """All certificates of a file, at least one. Raises UnusableFiles."""
    try:
        found = x509.load_pem_x509_certificates(content)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        if b"PRIVATE KEY-----" in content and b"BEGIN CERTIFICATE" not in content:
            raise UnusableFiles(
                [f"{where}: is a private key; give the certificate here, and the key in the other file"]
            ) from error
        raise UnusableFiles(
            [f"{where}: no certificate in PEM form (-----BEGIN CERTIFICATE-----) can be read from it"]
        ) from error
    return found


def fits(key_content: bytes, certificate: x509.Certificate, where: str, other: str) -> None:
    """Raises UnusableFiles unless ``key_content`` is the private key of ``certificate``, of a kind that TLS takes."""
    try:
        key = load_pem_private_key(key_content, None)
    except TypeError as error:  # the library's way to say so
        raise UnusableFiles([f"{where}: has a passphrase; write it without one: openssl pkey -in OLD -out NEW"]) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableFiles([f"{where}: no private key in PEM form can be read from it"]) from error
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < RSA_BITS:
            raise UnusableFiles([f"{where}: an RSA key of {key.key_size} bits is too weak; take {RSA_BITS} or more, or P-256"])
    elif not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in CURVES:
        raise UnusableFiles([f"{where}: is of a kind that TLS does not take here; take P-256, P-384 or RSA of {RSA_BITS}"])
    if _public_bytes(key.public_key()) != _public_bytes(certificate.public_key()):
        raise UnusableFiles(
            [f"{where}: is not the key of the first certificate in {other}; give the pair that belongs together"]
        )


def chain_problems(chain: Sequence[x509.Certificate], where: str, now: int | None) -> list[str]:
    """What is wrong with a server's certificate and those that stand after it; ``now`` None: whatever the time is."""
    leaf = chain[0]
    problems = [
        problem for number, each in enumerate(chain, 1) if (problem := _out_of_time(each, f"{where}: {_nth(number)}", now))
    ]
    if not names(leaf):
        problems.append(
            f"{where}: names no host (subjectAltName); clients would refuse it, have it issued with the host's name"
        )
    usage = _extension(leaf, x509.ExtendedKeyUsage)
    if usage is not None and not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(usage):
        problems.append(f"{where}: is not for servers (extendedKeyUsage lacks serverAuth); have it issued for a server")
    for number, (below, above) in enumerate(pairwise(chain), 1):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature):
            text = f"{_nth(number + 1)} did not issue {_nth(number)}; put the server's own first, then each one's issuer"
            problems.append(f"{where}: {text}")
            break
    return problems


def authority_problems(authorities: Sequence[x509.Certificate], where: str, now: int | None) -> list[str]:
    """What is wrong with the authorities that may vouch for clients. In a bundle, some may be out of time."""
    problems = []
    for number, each in enumerate(authorities, 1):
        constraints = _extension(each, x509.BasicConstraints)
        if constraints is not None and not constraints.ca:
            problems.append(
                f"{where}: {_nth(number)} is no authority (CA:FALSE); give that of who issues the clients' certificates"
            )
    late = [
        problem
        for number, each in enumerate(authorities, 1)
        if (problem := _out_of_time(each, f"{where}: {_nth(number)}", now))
    ]
    return problems + (late if len(late) == len(authorities) else [])


def names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names that it was issued for, as the authorisation file writes them: ``dns:host`` in lower case, and URIs."""
    found = _extension(certificate, x509.SubjectAlternativeName)
    if found is None:
        return ()
    hosts = tuple(f"dns:{host.lower()}" for host in found.get_values_for_type(x509.DNSName))
    addresses = tuple(f"ip:{address}" for address in found.get_values_for_type(x509.IPAddress))
    # A URI that looks like one of the others is none of them, and must not be taken for it.
    uris = (uri for uri in found.get_values_for_type(x509.UniformResourceIdentifier) if not uri.startswith(("dns:", "ip:")))
    return (*hosts, *uris, *addresses)


def seconds_of(at: datetime) -> int:
    """Seconds since 1970 UTC."""
    return int(at.timestamp())


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return None


def _out_of_time(certificate: x509.Certificate, which: str, now: int | None) -> str:
    if now is None:
        return ""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now >= seconds_of(ends):
        return f"{which} has expired on {_day(ends)}; give one that is valid"
    if now < seconds_of(begins):
        return f"{which} is not valid before {_day(begins)}; give one that is valid, or set the clock of this machine"
    return ""


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _nth(number: int) -> str:
    return f"certificate {number}"


def _public_bytes(key: "object") -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
