"""The public keys that tokens are verified with, from a file: a key set (JWKS), or one key or certificate in PEM form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from server.access.files import UnusableFiles
from server.access.pem import RSA_BITS

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_EC: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
ALGORITHMS: Final = (*_RSA, *_EC.values(), "EdDSA")
"""Of public keys alone: who verifies with a shared secret (HS256) could as well sign."""
_MAX_KEYS: Final = 100
_PRIVATE: Final = ("d", "p", "q", "dp", "dq", "qi", "oth")
_KINDS: Final = ("RSA", "EC", "OKP")


@dataclass(frozen=True, slots=True)
class Key:
    """``key_id`` "": it has none. ``algorithms``: those that it may sign with."""

    key_id: str
    algorithms: frozenset[str]
    key: PublicKey


def read_keys(content: bytes, where: str) -> tuple[Key, ...]:
    """The keys of a file, at least one. Raises UnusableFiles."""
    if b"PRIVATE KEY-----" in content:
        raise UnusableFiles([f"{where}: holds a private key; write the public one: openssl pkey -in KEY -pubout"])
    if content.lstrip().startswith(b"-----BEGIN"):
        key = _of_pem(content, where)
        return (Key("", _algorithms_of(key, where), key),)
    return _of_set(content, where)


def _of_pem(content: bytes, where: str) -> Any:
    try:
        if b"BEGIN CERTIFICATE" in content:
            return x509.load_pem_x509_certificate(content).public_key()
        return load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise UnusableFiles([f"{where}: no public key in PEM form can be read from it"]) from error


def _of_set(content: bytes, where: str) -> tuple[Key, ...]:
    try:
        found = json.loads(content, object_pairs_hook=_no_pair_twice)
    except (ValueError, RecursionError) as error:
        raise UnusableFiles([f'{where}: is neither a key set in JSON, as in {{"keys": [...]}}, nor PEM']) from error
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not keys:
        raise UnusableFiles([f'{where}: has no keys; a key set is {{"keys": [...]}}'])
    if len(keys) > _MAX_KEYS:
        raise UnusableFiles([f"{where}: has {len(keys)} keys; at most {_MAX_KEYS} are read"])
    read = [key for number, each in enumerate(keys, 1) if (key := _of_entry(each, f"{where}: key {number}")) is not None]
    if not read:
        raise UnusableFiles(
            [f"{where}: has no key that signs tokens; keys with use: enc and kinds other than {', '.join(_KINDS)} are left out"]
        )
    ids = [key.key_id for key in read]
    again = next((each for each in ids if ids.count(each) > 1), None)
    if again is not None:
        raise UnusableFiles([f"{where}: two keys have the id {again!r}; give each its own (kid)"])
    return tuple(read)


def _of_entry(entry: Any, where: str) -> Key | None:
    """None: it is for something else."""
    if not isinstance(entry, dict):
        raise UnusableFiles([f"{where}: is no object"])
    if entry.get("kty") == "oct":
        raise UnusableFiles(
            [f"{where}: is a shared secret (oct), with which who verifies could sign; let the issuer sign with a key pair"]
        )
    if any(name in entry for name in _PRIVATE):
        raise UnusableFiles(
            [f"{where}: holds a private key; leave out {', '.join(name for name in _PRIVATE if name in entry)}"]
        )
    if (
        entry.get("kty") not in _KINDS
        or entry.get("use", "sig") != "sig"
        or entry.get("crv") in ("X25519", "X448", "Ed448", "secp256k1")
    ):
        return None
    key_id = entry.get("kid", "")
    if not isinstance(key_id, str):
        raise UnusableFiles([f"{where}: its id (kid) is no text"])
    named = entry.get("alg")
    try:
        key = PyJWK(entry, _any_algorithm(entry)).key
    except (PyJWTError, ValueError, TypeError, UnsupportedAlgorithm, AttributeError) as error:
        raise UnusableFiles([f"{where}: cannot be read as a public key"]) from error
    algorithms = _algorithms_of(key, where)
    if named is not None and named not in algorithms:
        raise UnusableFiles([f"{where}: says alg {named!r}, and such a key signs with {', '.join(sorted(algorithms))}"])
    return Key(key_id, frozenset((named,)) if named else algorithms, key)


def _any_algorithm(entry: Mapping[str, Any]) -> str:
    return {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[str(entry["kty"])]


def _algorithms_of(key: Any, where: str) -> frozenset[str]:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < RSA_BITS:
            raise UnusableFiles([f"{where}: an RSA key of {key.key_size} bits is too weak; take {RSA_BITS} or more"])
        return frozenset(_RSA)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _EC:
        return frozenset((_EC[key.curve.name],))
    if isinstance(key, ed25519.Ed25519PublicKey):
        return frozenset(("EdDSA",))
    raise UnusableFiles([f"{where}: is of a kind that signs no tokens here; take RSA, P-256, P-384, P-521 or Ed25519"])


def _no_pair_twice(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
