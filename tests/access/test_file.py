"""The authorisation file: what it may say, and what is said of each slip, with its place."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from server.access.files import Disk, UnusableFiles
from server.access.guard import method_words
from server.access.rates import Rate
from server.access.reader import read_access
from server.access.rules import Access
from server.access.schema import schema_text
from tests.access.jwt_tokens import ec_key, jwk, key_set, rsa_key
from tests.access.pki import of_client, written
from tests.access.secure import RULES
from tests.language.test_schema import document
from tests.server.processes import ended

WHOLE = """\
open: [health, reflection]
issuers:
  login:
    issuer: https://login.example
    audience: makegood
    keys: keys.json
    algorithms: [ES256, EdDSA]
    skew: 30 s
identities:
  billing:
    certificates: ["spiffe://makegood.example/billing", "dns:billing.example", "ip:192.0.2.1", "urn:x:y"]
    tokens: [{issuer: login, subject: billing}]
    methods: [BatchCompute, StreamCompute]
    policies: [cn-standard, nl-telecom/2026]
    rate: {calls: 10 per second, rows: 600000 per minute, burst: 5 s}
  prometheus:
    tokens: {issuer: login, subject: prometheus}
    methods: metrics
"""


def read(directory: Path, content: str | bytes, keys: bytes | None = None) -> Access:
    written(directory, "keys.json", keys or key_set())
    return read_access(
        written(directory, "access.yaml", content if isinstance(content, bytes) else content.encode()), Disk(), method_words()
    )


def problems(directory: Path, content: str | bytes, keys: bytes | None = None) -> list[str]:
    """What is wrong, without the directory."""
    with pytest.raises(UnusableFiles) as refused:
        read(directory, content, keys)
    return [problem.removeprefix(f"{directory}/") for problem in refused.value.problems]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    access = read(tmp_path, WHOLE)
    billing, prometheus = access.identities
    assert access.open == {"health", "reflection"}
    assert billing.methods == {"BatchCompute", "StreamCompute"}
    assert (billing.calls, billing.rows) == (Rate(10, 1, 5), Rate(600_000, 60, 5))
    assert prometheus.policies == frozenset()
    assert access.by_certificate["dns:billing.example"] is billing
    assert access.by_subject["login", "prometheus"] is prometheus
    assert access.issuers["https://login.example"].skew_seconds == 30


def test_a_version_is_let_in_where_it_or_all_of_its_policy_is_named(tmp_path: Path) -> None:
    billing = read(tmp_path, WHOLE).identities[0]
    assert billing.may_use("cn-standard", "") and billing.may_use("cn-standard", "2019")
    assert billing.may_use("nl-telecom", "") and billing.may_use("nl-telecom", "2026")
    assert not billing.may_use("nl-telecom", "2025")
    assert not billing.may_use("nl", "") and not billing.may_use("", "")
    assert not billing.may_use("cn", "standard")


@dataclass(frozen=True)
class Slip:
    old: str
    new: str
    says: str


SLIPS = [
    Slip(
        "open: [health, reflection]",
        "opne: [health]",
        "access.yaml:1:1: an authorisation file knows no word 'opne' (did you mean open?)",
    ),
    Slip(
        "open: [health, reflection]",
        "open: [healt]",
        "access.yaml:1:8: there is no thing to open 'healt' (did you mean health?)",
    ),
    Slip("open: [health, reflection]", "open: [ComputeCompensation]", "access.yaml:1:8: there is no thing to open"),
    Slip("open: [health, reflection]", "open: []", "access.yaml:1:7: open: is empty"),
    Slip("    audience: makegood\n", "", "an issuer lacks audience:"),
    Slip("    skew: 30 s\n", "", "an issuer lacks skew:"),
    Slip("skew: 30 s", "skew: 30", "access.yaml:8:11: skew: '30' is not of that form (whole seconds, as in 30 s)"),
    Slip("skew: 30 s", "skew: 301 s", "at most 300 s"),
    Slip("[ES256, EdDSA]", "[HS256]", "access.yaml:7:18: there is no algorithm 'HS256'"),
    Slip("[ES256, EdDSA]", "[none]", "access.yaml:7:18: there is no algorithm 'none'"),
    Slip("[ES256, EdDSA]", "[RS256]", "no key of keys: signs with one of algorithms: (they sign with ES256)"),
    Slip("[ES256, EdDSA]", "[ES256, ES256]", "algorithms: has this twice"),
    Slip("keys: keys.json", "keys: nowhere.json", "nowhere.json: no such file or directory"),
    Slip(
        "issuer: login, subject: billing", "issuer: logon, subject: billing", "there is no issuer 'logon' (did you mean login?)"
    ),
    Slip("issuer: login, subject: billing", "issuer: login", "a token lacks subject:"),
    Slip("subject: prometheus", "subject: billing", "prometheus is known by billing of login, and so is billing"),
    Slip("dns:billing.example", "dns:Billing.example", "a name 'dns:Billing.example' is not of that form"),
    Slip("dns:billing.example", "billing.example", "is not of that form (dns:HOST in lower case"),
    Slip("methods: metrics", "methods: [Compute]", "there is no method 'Compute'"),
    Slip("methods: metrics", "methods: GetPolicy", "prometheus may use no policy (give policies:"),
    Slip("    methods: metrics\n", "", "an identity lacks methods:"),
    Slip("    tokens: {issuer: login, subject: prometheus}\n", "", "prometheus is known by nothing"),
    Slip("cn-standard, nl-telecom/2026", "any, cn-standard", "any stands beside others"),
    Slip("cn-standard, nl-telecom/2026", "CN", "a policy 'CN' is not of that form"),
    Slip("10 per second", "10/s", "a rate '10/s' is not of that form (as in 100 per second"),
    Slip("10 per second", "0 per second", "a rate of 0 lets nothing in"),
    Slip("burst: 5 s", "burst: 0 s", "from 1 s to 3600 s"),
    Slip("calls: 10 per second, rows: 600000 per minute, burst", "burst", "a rate lacks calls: or rows:"),
    Slip("  prometheus:", "  billing:", "billing stands here again"),
    Slip("  prometheus:", "  Prometheus:", "'Prometheus' is no name"),
    Slip("open: [health, reflection]", "open: &a [health]", "an anchor (&) is not taken"),
    Slip("open: [health, reflection]", "open: !!python/object:os.system [health]", "a tag"),
    Slip("open: [health, reflection]\n", "open: [health\n", "this is not YAML"),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.new.strip() or f"without {slip.old.strip()}")
def test_a_slip_is_told_with_its_place_and_what_to_write(slip: Slip, tmp_path: Path) -> None:
    assert slip.old in WHOLE
    told = problems(tmp_path, WHOLE.replace(slip.old, slip.new))
    assert any(slip.says in problem for problem in told), told
    assert all(problem.startswith("access.yaml:") for problem in told)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"identities: {}\n", "identities: is empty"),
        (b"identities:\n", "is a map"),
        (b"- a\n", "an authorisation file is a map of words"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a" * (2**20 + 1), "at most"),
        (b"identities: " + b"[" * 50 + b"]" * 50, "nested deeper"),
        (b"open: health\n", "an authorisation file lacks identities:"),
    ],
)
def test_what_is_no_such_file_lets_nobody_in(content: bytes, says: str, tmp_path: Path) -> None:
    if len(content) > 2**20:
        says = "has more than"
    told = "".join(problems(tmp_path, content) if content else problems(tmp_path, b" "))
    assert says in told or (not content and "empty" in told)


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    wrong = WHOLE.replace("skew: 30 s", "skew: 1 h").replace("methods: metrics", "methods: metric").replace("10 per", "x per")
    told = problems(tmp_path, wrong)
    assert [problem.split(":")[1] for problem in told] == ["8", "15", "18"]


BAD_KEYS = {
    "no JSON": (b"keys", "is neither a key set in JSON"),
    "no keys": (b'{"keys": []}', "has no keys"),
    "a list": (b"[]", "has no keys"),
    "a name twice": (b'{"keys": [], "keys": []}', "is neither a key set"),
    "a private key": (key_set({**jwk(ec_key(), kid="a"), "d": "AAAA"}), "holds a private key; leave out d"),
    "a private key in PEM": (of_client("dns:a").key_pem, "holds a private key"),
    "a shared secret": (key_set({"kty": "oct", "k": "AAAA", "kid": "a"}), "is a shared secret (oct)"),
    "two of one id": (key_set(jwk(ec_key(), kid="a"), jwk(ec_key(1), kid="a")), "two keys have the id 'a'"),
    "two of which one has no id": (key_set(jwk(ec_key(), kid="a"), jwk(ec_key(1))), "a key of keys: has no id"),
    "a weak one": (key_set(jwk(rsa_key(1024), kid="a")), "RSA key of 1024 bits is too weak"),
    "one broken": (
        key_set({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "a"}),
        "cannot be read as a public key",
    ),
    "one of another algorithm": (key_set(jwk(ec_key(), kid="a", alg="ES512")), "says alg 'ES512'"),
    "only one for encryption": (key_set(jwk(ec_key(), kid="a", use="enc")), "has no key that signs tokens"),
    "an id that is no text": (key_set(jwk(ec_key(), kid=1)), "its id (kid) is no text"),
    "no object": (b'{"keys": [1]}', "is no object"),
    "too many": (key_set(*[jwk(ec_key(), kid=str(number)) for number in range(101)]), "has 101 keys"),
    "a certificate cut off": (of_client("dns:a").pem[:100], "no public key in PEM form"),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_keys_that_cannot_verify_are_refused_where_the_file_names_them(name: str, tmp_path: Path) -> None:
    keys, says = BAD_KEYS[name]
    told = problems(tmp_path, WHOLE, keys)
    assert any(says in problem for problem in told), told
    assert all(problem.startswith("access.yaml:6:") or "has no id" in problem or "issuers" in problem for problem in told)


def test_keys_may_be_a_set_a_public_key_or_a_certificate(tmp_path: Path) -> None:
    pair = of_client("dns:a")
    for keys in (key_set(), key_set(jwk(ec_key())), pair.public_pem, pair.pem):
        (key,) = read(tmp_path, WHOLE, keys).issuers["https://login.example"].keys
        assert isinstance(key.key, ec.EllipticCurvePublicKey)
        assert key.algorithms == {"ES256"}


def test_what_an_issuer_publishes_beside_its_signing_keys_is_left_out(tmp_path: Path) -> None:
    """A key set of an identity provider holds more than is of use here."""
    keys = key_set(jwk(ec_key(), kid="a"), jwk(ec_key(1), kid="b", use="enc"), {"kty": "AKP", "kid": "c"})
    assert [key.key_id for key in read(tmp_path, WHOLE, keys).issuers["https://login.example"].keys] == ["a"]


# ---------------------------------------------------------------------------------------------------- schema and command


@pytest.fixture(scope="module")
def accept() -> Callable[[Any], Any]:
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema_text()))
    return compiled


@pytest.mark.parametrize("content", [WHOLE, RULES], ids=["whole", "rules"])
def test_the_schema_for_editors_takes_what_the_reader_takes(content: str, accept: Callable[[Any], Any]) -> None:
    accept(document(content))


@pytest.mark.parametrize(
    "slip",
    [
        slip
        for slip in SLIPS
        if any(word in slip.new for word in ("opne", "HS256", "10/s", "skew: 30", "ComputeComp", "Billing."))
    ],
    ids=lambda slip: slip.new,
)
def test_the_schema_refuses_a_slip_that_a_table_of_words_can_see(slip: Slip, accept: Callable[[Any], Any]) -> None:
    if slip.new.startswith("skew: 301"):
        return
    with pytest.raises(fastjsonschema.JsonSchemaException):
        accept(document(WHOLE.replace(slip.old, slip.new)))


def test_the_command_judges_a_file_and_says_whom_it_lets_do_what(tmp_path: Path) -> None:
    written(tmp_path, "keys.json", key_set())
    path = written(tmp_path, "access.yaml", WHOLE.replace("cn-standard", "cn-standart").encode())
    done = ended("check-access", str(path))
    assert done.returncode == 0, done.stderr
    assert "open to everybody: health, reflection\nbilling\n  known by spiffe://makegood.example/billing" in done.stdout
    assert "10 calls in 1 s, 600000 rows in 60 s" in done.stdout
    assert "has none of cn-standart, nl-telecom/2026" in done.stdout


def test_the_command_tells_slips_and_that_by_its_exit_status(tmp_path: Path) -> None:
    path = written(tmp_path, "access.yaml", WHOLE.encode())
    done = ended("check-access", str(path))
    assert done.returncode == 2
    assert f"{path}:6:11: keys: {tmp_path / 'keys.json'}: no such file" in done.stderr
    assert json.loads(ended("check-access", "--schema").stdout) == json.loads(schema_text())
