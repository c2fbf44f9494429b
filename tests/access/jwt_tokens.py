"""Tokens, good and bad, and the key files of who signs them."""

import base64
import json
import time
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER: Final = "https://login.example"
AUDIENCE: Final = "makegood"
SKEW_SECONDS: Final = 30


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def jwk(key: Any, **more: Any) -> dict[str, Any]:
    """The public part."""
    of = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**json.loads(of.to_jwk(key.public_key())), **more}


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys or [jwk(ec_key(), kid="k1", use="sig")]}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    """Those of a good token, changed; None leaves one out."""
    now = int(time.time())
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "billing", "exp": now + 600, "iat": now, "nbf": now} | changes
    return {name: value for name, value in made.items() if value is not None}


def token(key: Any = None, algorithm: str = "ES256", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    headers = {"kid": "k1"} if headers is None else headers
    return jwt.encode(claims(**changes), ec_key() if key is None else key, algorithm, headers)


def part(of: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(of).encode()).rstrip(b"=").decode()


def unsigned(header: Any, **changes: Any) -> str:
    """A token that nobody signed, with any header."""
    return f"{part(header)}.{part(claims(**changes))}."
