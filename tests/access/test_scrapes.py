"""/metrics is bound by the file, over TLS and in clear; probes are open."""

import signal
from pathlib import Path
from typing import Any

import pytest

from policy import PolicySet
from server.settings import Address
from tests.access.jwt_tokens import token
from tests.access.pki import of_client, server_files, written
from tests.access.secure import BY_TOKEN, RULES, access_file, asks, scraped
from tests.server.processes import STOP_SECONDS, started
from tests.server.running import code_name, eventually, refused, running
from tests.server.samples import question


def authorized(**changes: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(**changes)}"}


def test_a_scrape_needs_an_identity_that_may_and_probes_need_none(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies, access_file=str(access_file(tmp_path))) as server:
        status, text, headers = scraped(server, tls=False)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer realm="makegood"')
        assert "call with a token" in text
        assert scraped(server, headers=authorized(sub="desk"), tls=False)[0] == 403
        assert scraped(server, headers=authorized(sub="mallory"), tls=False)[0] == 403
        assert scraped(server, headers={"Authorization": "Bearer x"}, tls=False)[0] == 401
        assert scraped(server, "/livez", tls=False)[0] == scraped(server, "/readyz", tls=False)[0] == 200
        status, text, _ = scraped(server, headers=authorized(), tls=False)
        assert status == 200
        assert 'makegood_scrapes_denied_total{reason="NO_CREDENTIALS"} 1.0' in text
        assert 'makegood_scrapes_denied_total{reason="METHOD_FORBIDDEN"} 1.0' in text
        lines = [line for line in server.lines() if line["event"] == "access denied"]
        assert [(line["method"], line["reason"]) for line in lines] == [
            ("metrics", "NO_CREDENTIALS"),
            ("metrics", "METHOD_FORBIDDEN"),
            ("metrics", "UNKNOWN_SUBJECT"),
            ("metrics", "TOKEN_MALFORMED"),
        ]
        assert [line["caller"] for line in lines][:2] == ["", "desk"]


def test_over_tls_a_certificate_may_be_shown_and_probes_need_none(policies: PolicySet, tmp_path: Path) -> None:
    billing, other = of_client("dns:billing.example"), of_client("dns:other.example")
    shown = {
        name: (written(tmp_path, f"{name}.pem", pair.pem), written(tmp_path, f"{name}.key", pair.key_pem))
        for name, pair in (
            ("billing", billing),
            ("other", other),
            ("stranger", of_client("dns:billing.example", by=of_client())),
        )
    }
    settings = server_files(tmp_path, mutual=True).settings
    with running(policies, access_file=str(access_file(tmp_path, RULES)), **settings) as server:
        assert scraped(server, client=shown["billing"])[0] == 200
        assert scraped(server, client=shown["other"])[0] == 403
        assert scraped(server)[0] == 401
        assert scraped(server, "/livez")[0] == 200
        with pytest.raises(OSError, match=r"."):
            scraped(server, client=shown["stranger"])
        assert scraped(server, headers=authorized())[0] == 200


def test_a_rate_holds_for_scrapes(policies: PolicySet, tmp_path: Path) -> None:
    rules = BY_TOKEN.replace("    policies: any\n", "    policies: any\n    rate: {calls: 60 per hour}\n")
    with running(policies, access_file=str(access_file(tmp_path, rules))) as server:
        assert scraped(server, headers=authorized(), tls=False)[0] == 200
        status, _, headers = scraped(server, headers=authorized(), tls=False)
        assert (status, headers["Retry-After"]) == (429, "60")


def test_workers_and_their_parent_know_their_callers(tmp_path: Path) -> None:
    with started("--workers", "2", "--access-file", str(access_file(tmp_path))) as served:

        class At:
            host, _, port = served.metrics_url.removeprefix("http://").removesuffix("/metrics").rpartition(":")
            metrics_address = Address(host, int(port))

        assert scraped(At, tls=False)[0] == 401
        with served.channel() as opened:
            assert asks(opened, question(), token())().request_id == "r-1"
            assert code_name(refused(asks(opened, question()))) == "UNAUTHENTICATED"
        text = scraped(At, headers=authorized(), tls=False)[1]
        assert 'makegood_access_denied_total{reason="NO_CREDENTIALS"} 1.0' in text
        assert 'makegood_scrapes_denied_total{reason="NO_CREDENTIALS"} 1.0' in text
        assert text.count("# TYPE makegood_access_denied_total ") == 1
        eventually(lambda: served.events("access denied"))
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(STOP_SECONDS) == 0
