"""The clients' own flags against a server that knows its callers."""

from pathlib import Path
from typing import Any

import pytest

from clients.errors import ExitCode
from policy import PolicySet
from tests.access.jwt_tokens import token
from tests.access.pki import HOST, authority, of_client, server_files, written
from tests.access.secure import RULES, access_file
from tests.clients.conftest import Run
from tests.server.running import running

QUOTE = ("quote", "--subscriber", "138", "--plan-type", "DATA", "--outage", "2026-03-04T08:00Z/2026-03-04T09:00Z,UNKNOWN")


@pytest.mark.parametrize("by", ["certificate", "token"])
def test_the_desk_is_known_by_its_certificate_or_by_its_token(run: Run, policies: PolicySet, tmp_path: Path, by: str) -> None:
    client = of_client("dns:desk.example" if by == "certificate" else "dns:gateway.example")
    files: dict[str, Any] = server_files(tmp_path, mutual=True).settings
    own = ("--tls-cert", written(tmp_path, "own.pem", client.pem), "--tls-key", written(tmp_path, "own.key", client.key_pem))
    trust = ("--tls-ca", written(tmp_path, "ca.pem", authority().pem), "--tls-server-name", HOST)
    sent = token(sub="desk").encode() if by == "token" else b""
    with running(policies, access_file=str(access_file(tmp_path, RULES)), **files) as server:
        at: tuple[str | Path, ...] = ("--address", str(server.address), *trust, *own)
        if sent:
            refused = run("crm", *QUOTE, *at)
            assert refused.returncode == ExitCode.REFUSED
            assert "nobody of the names in the client's certificate may call here" in refused.stderr
            at = (*at, "--token-file", written(tmp_path, "token", sent))
        done = run("crm", *QUOTE, *at)
        assert done.returncode == ExitCode.DONE, done.stderr
