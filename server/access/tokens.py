"""Bearer tokens (JWT): verified by PyJWT with the keys of the authorisation file, and remembered until they expire.

A token is believed when the issuer that it names is in the file, one of that issuer's keys signed it by an algorithm that the
file allows, it is for this service (aud), and the time is between nbf and exp, give or take the issuer's skew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, Final

import jwt
from jwt import exceptions

from server.access.denials import Reason, Unauthenticated
from server.access.keys import Key
from server.access.rules import Issuer

MAX_CHARACTERS: Final = 8192
REMEMBERED: Final = 4096
_LATEST: Final = 2**53
"""Of an instant in a token; JSON's numbers are exact so far."""

_TEXTS: Final[Mapping[Reason, str]] = {
    "TOKEN_MALFORMED": "what stands behind Bearer is no token (JWT) that can be read; send it as its issuer gave it",
    "TOKEN_ISSUER": "the token's issuer (iss) is not one whose tokens are taken here; ask the operator which are",
    "TOKEN_ALGORITHM": "the token is signed by an algorithm (alg) that its issuer may not use here; ask the operator which",
    "TOKEN_KEY": "the token names no key (kid) that is known here; get a new one, or tell the operator that keys changed",
    "TOKEN_SIGNATURE": "the token's signature is not its issuer's; send it as its issuer gave it",
    "TOKEN_CLAIMS": "the token lacks one of exp, iss, aud and sub, or one of them is not of its kind; have it issued with them",
    "TOKEN_AUDIENCE": "the token is for another service (aud); have it issued for this one",
    "TOKEN_EXPIRED": "the token has expired (exp); get a new one",
    "TOKEN_NOT_YET_VALID": "the token is not valid yet (nbf or iat); look whether clocks differ",
}
_BY_ERROR: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (exceptions.ExpiredSignatureError, "TOKEN_EXPIRED"),
    (exceptions.ImmatureSignatureError, "TOKEN_NOT_YET_VALID"),
    (exceptions.InvalidAudienceError, "TOKEN_AUDIENCE"),
    (exceptions.MissingRequiredClaimError, "TOKEN_CLAIMS"),
    (exceptions.InvalidIssuedAtError, "TOKEN_CLAIMS"),
    (exceptions.InvalidSubjectError, "TOKEN_CLAIMS"),
    (exceptions.InvalidIssuerError, "TOKEN_ISSUER"),
    (exceptions.InvalidAlgorithmError, "TOKEN_ALGORITHM"),
    (exceptions.InvalidSignatureError, "TOKEN_SIGNATURE"),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that was believed. ``issuer``: its name in the file. From ``begins_at`` until ``ends_at``, skew included."""

    issuer: str
    subject: str
    begins_at: int
    ends_at: int


class Tokens:
    """Verifies tokens of ``issuers``, which are by what tokens say in iss."""

    def __init__(self, issuers: Mapping[str, Issuer]) -> None:
        self._issuers = issuers
        self._remembered: dict[bytes, Verified] = {}
        self._lock = Lock()

    def verified(self, token: str, now: int) -> Verified:
        """What ``token`` says, if it is to be believed ``now``, seconds since 1970 UTC. Raises Unauthenticated."""
        key = sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._remembered.get(key)
        if found is None:
            found = self._looked_at(token)
            with self._lock:
                if len(self._remembered) >= REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
                self._remembered[key] = found
        if now >= found.ends_at:
            raise denied("TOKEN_EXPIRED")
        if now < found.begins_at:
            raise denied("TOKEN_NOT_YET_VALID")
        return found

    def _looked_at(self, token: str) -> Verified:
        if len(token) > MAX_CHARACTERS:
            raise denied("TOKEN_MALFORMED")
        try:
            return self._believed(token)
        except Unauthenticated:
            raise
        except Exception as error:  # whatever a library makes of what anybody sends, it is not believed
            raise denied(_reason(error)) from error

    def _believed(self, token: str) -> Verified:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
        header, claims = unverified["header"], unverified["payload"]
        said = claims.get("iss")
        issuer = self._issuers.get(said) if isinstance(said, str) else None
        if issuer is None:
            raise denied("TOKEN_ISSUER")
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            raise denied("TOKEN_ALGORITHM")
        if "crit" in header or "b64" in header:
            raise denied("TOKEN_MALFORMED")
        key = _key(issuer, header.get("kid"), algorithm)
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=issuer.audience,
            issuer=issuer.issuer,
            leeway=issuer.skew_seconds,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        subject = claims["sub"]
        begins, ends = _instant(claims.get("nbf", 0)), _instant(claims["exp"])
        if not isinstance(subject, str) or not subject:
            raise denied("TOKEN_CLAIMS")
        return Verified(issuer.name, subject, begins - issuer.skew_seconds, ends + issuer.skew_seconds)


def denied(reason: Reason) -> Unauthenticated:
    """With what the caller is told."""
    return Unauthenticated(reason, _TEXTS[reason])


def _reason(error: Exception) -> Reason:
    return next((reason for kind, reason in _BY_ERROR if isinstance(error, kind)), "TOKEN_MALFORMED")


def _key(issuer: Issuer, key_id: Any, algorithm: str) -> Key:
    """The key that a token names, or the only one there is; in any case one that signs by ``algorithm``."""
    if key_id is None:
        keys = list(issuer.keys) if len(issuer.keys) == 1 else []
    else:
        # A key without an id may have signed whatever the token says.
        keys = [key for key in issuer.keys if key.key_id == key_id or not key.key_id]
    for key in keys:
        if algorithm in key.algorithms:
            return key
    raise denied("TOKEN_KEY")


def _instant(value: Any) -> int:
    """Whole seconds. Raises Unauthenticated where it is no number, or none that a clock shows."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise denied("TOKEN_CLAIMS")
    return int(value)
