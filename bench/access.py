"""What TLS, authorisation and the decision log cost, each beside the same calls in clear of which nothing is kept."""

import json
import os
import time
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from bench.calls import against, cost, repeated
from bench.effort import Effort
from bench.figures import Section
from bench.load import INSTALL, Traffic
from bench.questions import data_plan
from bench.rounds import interleaved
from bench.servers import MAKEGOOD, serving
from bench.unary import METHOD
from server.decision_log.sealing import KEY_BYTES

TRAFFIC: Final = Traffic(in_flight=16)
TO: Final = "in clear, whoever calls"
CLEAR: Final = "ComputeCompensation in clear, whoever calls"
TOKEN: Final = "the same by a token, of a caller who may use one policy"  # noqa: S105  # what is measured
TLS: Final = "the same over TLS"
BOTH: Final = "the same over TLS by a token"
RECORDED: Final = "the same in clear, each decision recorded"
TITLE: Final = "who may call, and what is kept"
_RULES: Final = """\
issuers:
  bench: {issuer: bench, audience: makegood, keys: keys.json, algorithms: ES256, skew: 30 s}
identities:
  bench:
    tokens: {issuer: bench, subject: bench}
    methods: ComputeCompensation
    policies: [cn-standard]
    rate: {calls: 1000000 per second, rows: 1000000 per second}
"""


def section(effort: Effort) -> Section:
    """Measures it. Of connections that last, as callers keep them: what a handshake costs is not in it."""
    note = (
        f"for each call, with {TRAFFIC.in_flight} in flight over two connections that last; a signature is verified once; "
        "the decision log keeps every fact, seals what names a subscriber, and lies where temporary files do"
    )
    if which("h2load") is None:
        return Section(TITLE, f"not measured: {INSTALL}", [])
    with TemporaryDirectory() as directory, ExitStack() as stack:
        token = _files(Path(directory))
        access = ("--access-file", str(Path(directory, "access.yaml")))
        tls = ("--tls-cert", str(Path(directory, "server.pem")), "--tls-key", str(Path(directory, "server.key")))
        log = ("--decision-log", str(Path(directory, "log")), "--decision-log-key-file", str(Path(directory, "keys")))
        started = [(*MAKEGOOD, *flags) for flags in ((), access, tls, (*access, *tls), log)]
        servers = stack.enter_context(serving(*started))
        target = servers[0].target(METHOD, data_plan().SerializeToString())
        headers = (f"authorization: Bearer {token}",)
        told = {
            CLEAR: ("http", ()),
            TOKEN: ("http", headers),
            TLS: ("https", ()),
            BOTH: ("https", headers),
            RECORDED: ("http", ()),
        }
        cases = {}
        for server, (name, (scheme, sent)) in zip(servers, told.items(), strict=True):
            there = replace(target, address=server.address, scheme=scheme, headers=sent)
            cases[name] = repeated(server, there, TRAFFIC, effort.seconds_of_calls)
        readings = interleaved(cases, effort.rounds)
    figures = [cost(CLEAR, readings[CLEAR])]
    figures += [against(name, readings[name], readings[CLEAR], TO) for name in (TOKEN, TLS, BOTH, RECORDED)]
    return Section(TITLE, note, figures)


def _files(directory: Path) -> str:
    """Writes certificate, key, authorisation file, key set and the key that seals; a token of theirs."""
    server = trustme.CA().issue_cert("127.0.0.1")
    Path(directory, "server.pem").write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    key_file = Path(directory, "server.key")
    key_file.touch(mode=0o600)
    key_file.write_bytes(server.private_key_pem.bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    Path(directory, "keys.json").write_text(json.dumps({"keys": [ECAlgorithm.to_jwk(key.public_key(), as_dict=True)]}))
    Path(directory, "access.yaml").write_text(_RULES)
    sealing = Path(directory, "keys")
    sealing.touch(mode=0o600)
    sealing.write_text(f"bench {b64encode(os.urandom(KEY_BYTES)).decode()}\n")
    claims = {"iss": "bench", "aud": "makegood", "sub": "bench", "exp": int(time.time()) + 86_400}
    return jwt.encode(claims, key, "ES256")


if __name__ == "__main__":
    from rich.console import Console

    from bench.effort import USUAL
    from bench.table import to_terminal

    to_terminal([section(replace(USUAL, rounds=5, seconds_of_calls=1.0))], Console(width=190))
