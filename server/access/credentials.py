"""What a caller shows: a certificate, a token, or neither; and which identity of the authorisation file that makes it.

A token, where one is sent, decides alone: a gateway with a certificate of its own may call for others, each with its own token.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final

from cryptography import x509

from server.access import pem
from server.access.denials import Forbidden, Unauthenticated
from server.access.rules import Access, Identity
from server.access.tokens import Tokens, denied

AUTHORIZATION: Final = "authorization"
_SCHEME: Final = "bearer "
_SPIFFE: Final = "spiffe://"
_REMEMBERED: Final = 1024
_HASH_CHARACTERS: Final = 16
_NOBODY: Final = "nobody of the names in the client's certificate may call here; ask the operator"


@dataclass(frozen=True, slots=True)
class Credentials:
    """``certificate``: PEM or DER, verified by TLS; b"": none. ``authorization``: what was sent under that name, each time."""

    certificate: bytes = b""
    authorization: tuple[str, ...] = ()


def authorization_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> tuple[str, ...]:
    """From the metadata of a call."""
    return tuple(value if isinstance(value, str) else "" for key, value in metadata or () if key == AUTHORIZATION)


@dataclass(frozen=True, slots=True)
class _Certificate:
    names: tuple[str, ...]
    begins_at: int
    ends_at: int


class Callers:
    """Tells who of ``access`` calls."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._tokens = Tokens(access.issuers)
        self._certificates: dict[bytes, _Certificate] = {}
        self._lock = Lock()

    def identity(self, shown: Credentials, now: int) -> Identity:
        """Who that is ``now``, seconds since 1970 UTC. Raises Denied."""
        if shown.authorization:
            return self._by_token(shown.authorization, now)
        if shown.certificate:
            return self._by_certificate(shown.certificate, now)
        raise Unauthenticated("NO_CREDENTIALS", self._how_to_be_known())

    def _by_token(self, sent: tuple[str, ...], now: int) -> Identity:
        if len(sent) > 1 or sent[0][: len(_SCHEME)].lower() != _SCHEME:
            raise denied("TOKEN_MALFORMED")
        token = self._tokens.verified(sent[0][len(_SCHEME) :].strip(" "), now)
        identity = self.access.by_subject.get((token.issuer, token.subject))
        if identity is None:
            raise Forbidden(
                "UNKNOWN_SUBJECT", "the token is good, and nobody of its subject (sub) may call here; ask the operator"
            )
        return identity

    def _by_certificate(self, shown: bytes, now: int) -> Identity:
        certificate = self._certificates.get(shown) or self._read(shown)
        if not certificate.begins_at <= now < certificate.ends_at:
            raise Unauthenticated("CERTIFICATE_EXPIRED", "the client's certificate has expired since it connected; renew it")
        names = certificate.names
        uris = [name for name in names if not name.startswith(("dns:", "ip:"))]
        if len(uris) > 1 and any(uri.startswith(_SPIFFE) for uri in uris):
            text = "the client's certificate has a SPIFFE id and a URI beside it; have it issued with the SPIFFE id alone"
            raise Unauthenticated("CERTIFICATE_AMBIGUOUS", text)
        found = {identity.name: identity for name in names if (identity := self.access.by_certificate.get(name)) is not None}
        if len(found) > 1:
            text = "the client's certificate has the names of several callers; have it issued with one of them"
            raise Unauthenticated("CERTIFICATE_AMBIGUOUS", text)
        for identity in found.values():
            return identity
        raise Forbidden("UNKNOWN_CERTIFICATE", _NOBODY)

    def _read(self, shown: bytes) -> _Certificate:
        load = x509.load_pem_x509_certificate if shown.startswith(b"-----") else x509.load_der_x509_certificate
        try:
            certificate = load(shown)
            begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (ValueError, x509.InvalidVersion) as error:  # TLS took it; who issued it is less strict than we are
            raise Forbidden("UNKNOWN_CERTIFICATE", _NOBODY) from error
        read = _Certificate(pem.names(certificate), pem.seconds_of(begins), pem.seconds_of(ends))
        with self._lock:
            if len(self._certificates) >= _REMEMBERED:
                del self._certificates[next(iter(self._certificates))]
            self._certificates[shown] = read
        return read

    def _how_to_be_known(self) -> str:
        ways = ["a certificate"] * bool(self.access.by_certificate) + ["a token (authorization: Bearer TOKEN)"] * bool(
            self.access.by_subject
        )
        return f"only known callers are answered here; call with {' or '.join(ways)}"


def hashed(shown: Credentials) -> str:
    """For a log line about somebody who is not in the file: the same for the same credentials, and nothing that they hold."""
    data = "\0".join(shown.authorization).encode("utf-8", "replace") if shown.authorization else shown.certificate
    if not data:
        return ""
    kind = "token" if shown.authorization else "certificate"
    return f"{kind}-sha256:{sha256(data).hexdigest()[:_HASH_CHARACTERS]}"
