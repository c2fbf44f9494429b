"""What the image calls healthy is a server that answers, with TLS and without."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import trustme

from tests.deploy import files

COMMAND: Final = json.loads(dict(files.instructions())["HEALTHCHECK"].partition("CMD ")[2])
PORT: Final = ":9464"
READY_WORDS: Final = "metrics on http"


def is_healthy(port: str, environment: dict[str, str]) -> bool:
    """What the command of the image says of the server at ``port``."""
    [python, *arguments] = [word.replace(PORT, f":{port}") for word in COMMAND]
    assert python == "python"
    ran = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, timeout=60, check=False)
    return ran.returncode == 0


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "TLS"])
def test_a_server_that_answers_is_healthy_and_one_that_has_ended_is_not(tls: bool, tmp_path: Path) -> None:
    environment = {"MAKEGOOD_LISTEN": "127.0.0.1:0", "MAKEGOOD_METRICS_LISTEN": "127.0.0.1:0", "MAKEGOOD_LOG_CALLS": "none"}
    if tls:
        issued = trustme.CA().issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(str(tmp_path / "key"))
        issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert"))
        (tmp_path / "key").chmod(0o600)
        environment |= {"MAKEGOOD_TLS_CERT": str(tmp_path / "cert"), "MAKEGOOD_TLS_KEY": str(tmp_path / "key")}
    command = [sys.executable, "-m", "server"]
    with subprocess.Popen(command, cwd=files.ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        assert READY_WORDS in said
        port = said.rpartition(":")[2].partition("/")[0]
        assert is_healthy(port, environment)
        server.terminate()
        server.communicate(timeout=60)
    assert not is_healthy(port, environment)
