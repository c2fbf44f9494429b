"""Tokens: who is believed, and why not."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from server.access import tokens
from server.access.denials import Denied
from server.access.tokens import Tokens
from tests.access.jwt_tokens import (
    AUDIENCE,
    ISSUER,
    SKEW_SECONDS,
    claims,
    ec_key,
    jwk,
    key_set,
    part,
    rsa_key,
    token,
    unsigned,
)
from tests.access.secure import BY_TOKEN
from tests.access.test_file import read


def of(directory: Path, keys: bytes | None = None) -> Tokens:
    return Tokens(read(directory, BY_TOKEN, keys).issuers)


def reason(verifier: Tokens, sent: str, now: int | None = None) -> str:
    try:
        verifier.verified(sent, int(time.time()) if now is None else now)
    except Denied as denied:
        said = denied
    else:
        return "OK"
    assert said.text
    assert not sent or sent not in said.text
    return said.reason


NOW = int(time.time())


@dataclass(frozen=True)
class Sent:
    name: str
    token: str
    reason: str


def signed(header: dict[str, Any], **changes: Any) -> str:
    """By the right key, with any header."""
    return jwt.encode(claims(**changes), ec_key(), "ES256", header)


SENT = [
    Sent("a good one", token(), "OK"),
    Sent("for several services", token(aud=["other", AUDIENCE]), "OK"),
    Sent("without nbf and iat", token(nbf=None, iat=None), "OK"),
    Sent("empty", "", "TOKEN_MALFORMED"),
    Sent("one part", "abc", "TOKEN_MALFORMED"),
    Sent("no base64", "!.!.!", "TOKEN_MALFORMED"),
    Sent("a header that is no object", f"{part([])}.{part({})}.", "TOKEN_MALFORMED"),
    Sent("claims that are no object", f"{part({'alg': 'ES256'})}.{part([])}.", "TOKEN_MALFORMED"),
    Sent("far too long", token(more="x" * 8192), "TOKEN_MALFORMED"),
    Sent("with a critical header", signed({"kid": "k1", "crit": ["exp"]}), "TOKEN_MALFORMED"),
    Sent("unsigned", unsigned({"alg": "none", "kid": "k1"}), "TOKEN_ALGORITHM"),
    Sent("unsigned, with no algorithm", unsigned({"kid": "k1"}), "TOKEN_ALGORITHM"),
    Sent("unsigned, in other letters", unsigned({"alg": "NoNe", "kid": "k1"}), "TOKEN_ALGORITHM"),
    Sent("its algorithm a list", unsigned({"alg": ["ES256"], "kid": "k1"}), "TOKEN_ALGORITHM"),
    Sent("by a shared secret", jwt.encode(claims(), "s" * 32, "HS256", {"kid": "k1"}), "TOKEN_ALGORITHM"),
    Sent("by an algorithm of no key here", token(rsa_key(), "RS256"), "TOKEN_KEY"),
    Sent("by an algorithm not allowed", token(rsa_key(), "PS256"), "TOKEN_ALGORITHM"),
    Sent("by Ed25519, not allowed", token(ed25519.Ed25519PrivateKey.generate(), "EdDSA"), "TOKEN_ALGORITHM"),
    Sent("by another key of that name", token(ec_key(1)), "TOKEN_SIGNATURE"),
    Sent("by a key of another name", token(headers={"kid": "k2"}), "TOKEN_KEY"),
    Sent("its signature cut off", token().rpartition(".")[0] + ".", "TOKEN_SIGNATURE"),
    Sent("of another issuer", token(iss="https://evil.example"), "TOKEN_ISSUER"),
    Sent("of an issuer that begins alike", token(iss=ISSUER + "/"), "TOKEN_ISSUER"),
    Sent("of no issuer", token(iss=None), "TOKEN_ISSUER"),
    Sent("for another service", token(aud="other"), "TOKEN_AUDIENCE"),
    Sent("for a service that begins alike", token(aud=AUDIENCE + "2"), "TOKEN_AUDIENCE"),
    Sent("for no service", token(aud=None), "TOKEN_CLAIMS"),
    Sent("without an end", token(exp=None), "TOKEN_CLAIMS"),
    Sent("about nobody", token(sub=None), "TOKEN_CLAIMS"),
    Sent("about an empty name", token(sub=""), "TOKEN_CLAIMS"),
    Sent("that ends never", token(exp=2**60), "TOKEN_CLAIMS"),
    Sent("that ended", token(exp=NOW - 600), "TOKEN_EXPIRED"),
    Sent("that begins later", token(nbf=NOW + 600), "TOKEN_NOT_YET_VALID"),
    Sent("that was issued later", token(iat=NOW + 600), "TOKEN_NOT_YET_VALID"),
]


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.name)
def test_a_token_is_believed_or_not_for_a_reason(sent: Sent, tmp_path: Path) -> None:
    assert reason(of(tmp_path), sent.token) == sent.reason


def test_claims_of_another_under_a_good_signature_are_not_believed(tmp_path: Path) -> None:
    header, _, signature = token().split(".")
    assert reason(of(tmp_path), f"{header}.{part(claims(sub='desk'))}.{signature}") == "TOKEN_SIGNATURE"


def test_a_public_key_is_no_secret_to_sign_with(tmp_path: Path) -> None:
    """The old trick: HS256 with the bytes of the key file."""
    sent = jwt.encode(claims(), "k" * 32, "HS256", {"kid": "k1"})
    assert reason(of(tmp_path, key_set(jwk(rsa_key(), kid="k1"))), sent) == "TOKEN_ALGORITHM"


def test_the_skew_counts_at_both_ends_to_the_second(tmp_path: Path) -> None:
    verifier, begins, ends = of(tmp_path), NOW, NOW + 600
    sent = token(nbf=begins, exp=ends, iat=None)
    at = {
        begins - SKEW_SECONDS - 1: "TOKEN_NOT_YET_VALID",
        begins - SKEW_SECONDS: "OK",
        ends + SKEW_SECONDS - 1: "OK",
        ends + SKEW_SECONDS: "TOKEN_EXPIRED",
    }
    assert {now: reason(verifier, sent, now) for now in at} == at


def test_with_one_key_a_token_need_not_name_it_and_with_several_it_must(tmp_path: Path) -> None:
    one, two = of(tmp_path), of(tmp_path, key_set(jwk(ec_key(), kid="k1"), jwk(rsa_key(), kid="k2")))
    assert reason(one, token(headers={})) == "OK"
    assert reason(two, token(headers={})) == "TOKEN_KEY"
    assert reason(two, token()) == "OK"
    assert reason(two, token(rsa_key(), "RS256", {"kid": "k2"})) == "OK"
    assert reason(two, token(rsa_key(), "RS256", {"kid": "k1"})) == "TOKEN_KEY"


def test_a_key_that_says_its_algorithm_takes_no_other(tmp_path: Path) -> None:
    verifier = of(tmp_path, key_set(jwk(rsa_key(), kid="k1", alg="RS512"), jwk(ec_key(), kid="k2")))
    assert reason(verifier, token(rsa_key(), "RS256")) == "TOKEN_KEY"


def test_what_is_remembered_is_bounded_and_still_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    verifier = of(tmp_path)
    first = token()
    for number in range(5):
        assert reason(verifier, token(number=number)) == "OK"
    assert reason(verifier, first) == "OK"
    assert len(verifier._remembered) == 3
    assert reason(verifier, first, NOW + 10_000) == "TOKEN_EXPIRED"
    assert not any(first.encode() in key for key in verifier._remembered)


def test_what_is_not_believed_is_not_remembered(tmp_path: Path) -> None:
    verifier = of(tmp_path)
    for sent in SENT:
        if sent.reason != "OK":
            reason(verifier, sent.token)
    assert verifier._remembered == {}
