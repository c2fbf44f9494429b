"""Calls over TLS: who is let in, and what happens when the files change while the server runs."""

import os
import signal
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from policy import PolicySet
from tests.access.pki import HOST, Pair, authority, issued, of_client, of_server, server_files, written
from tests.access.secure import asks, channel, scraped
from tests.server.processes import STOP_SECONDS, Served, started
from tests.server.running import Running, code_name, eventually, health_of, refusal_or, refused, running
from tests.server.samples import question
from tests.server.two_workers import pids

UNAVAILABLE = "UNAVAILABLE"


def code_of_call(server: object, client: Pair | None = None, trusted: Pair | None = None) -> str:
    """OK, or the code that a call on a new connection ends with."""
    with channel(server, client, trusted) as opened:
        answer = refusal_or(asks(opened, question()))
        return "OK" if hasattr(answer, "decision") else code_name(answer)


@pytest.mark.parametrize("key", [ec.SECP256R1(), ec.SECP384R1(), 2048], ids=["P-256", "P-384", "RSA"])
def test_a_key_of_each_kind_that_is_taken_is_one_that_serves(policies: PolicySet, tmp_path: Path, key: Any) -> None:
    own = rsa.generate_private_key(65537, key) if isinstance(key, int) else ec.generate_private_key(key)
    pair = issued(f"dns:{HOST}", "ip:127.0.0.1", by=authority(), key=own)
    with running(policies, **server_files(tmp_path, pair).settings) as server:
        assert code_of_call(server) == "OK"
        assert scraped(server, "/livez")[0] == 200


def test_over_tls_calls_are_answered_and_in_clear_none_is(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies, **server_files(tmp_path).settings) as server:
        assert code_of_call(server) == "OK"
        assert code_name(refused(asks(server.channel, question()))) == UNAVAILABLE
        assert scraped(server)[0] == 200
        with pytest.raises(OSError, match=r"."):
            scraped(server, tls=False)
        eventually(lambda: [line for line in server.lines() if line["event"] == "TLS handshake failed"])
        assert "makegood_http_tls_handshakes_failed_total 1.0" in scraped(server)[1]


MISTAKES = {
    "no certificate": None,
    "one of another authority": of_client("dns:a", by=authority(1)),
    "one that expired": of_client("dns:a", ends=-authority().certificate.not_valid_after_utc.resolution),
    "one that it issued itself": of_client("dns:a", by=of_client("dns:b", by=authority(2))),
}


def test_of_clients_that_have_to_show_a_certificate_only_a_good_one_is_let_in(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies, **server_files(tmp_path, mutual=True).settings) as server:
        assert code_of_call(server, of_client("dns:a")) == "OK"
        before = server_handshakes(server)
        assert {name: code_of_call(server, client) for name, client in MISTAKES.items()} == dict.fromkeys(MISTAKES, UNAVAILABLE)
        assert server_handshakes(server) >= before + len(MISTAKES)
        assert code_of_call(server, of_client("dns:a"), authority(1)) == UNAVAILABLE  # the client does not trust the server


def server_handshakes(server: Running) -> float:
    (line,) = [line for line in scraped(server)[1].splitlines() if line.startswith("makegood_tls_handshakes_total ")]
    return float(line.split()[1])


# ------------------------------------------------------------------------------------------------------------ they change


def test_files_that_change_come_into_use_for_connections_that_come_then(policies: PolicySet, tmp_path: Path) -> None:
    files = server_files(tmp_path)
    with running(policies, **files.settings) as server, channel(server) as before:
        assert hasattr(refusal_or(asks(before, question())), "decision")
        files.replace(of_server(authority(1)))
        eventually(lambda: code_of_call(server, trusted=authority(1)) == "OK")
        assert code_of_call(server) == UNAVAILABLE
        assert hasattr(refusal_or(asks(before, question())), "decision")  # who is connected stays so
        assert [line["what"] for line in server.lines() if line["event"] == "reloaded"] == ["tls"]


def test_authorities_that_change_let_others_in(policies: PolicySet, tmp_path: Path) -> None:
    files = server_files(tmp_path, mutual=True)
    assert files.client_ca is not None
    with running(policies, **files.settings) as server:
        files.client_ca.write_bytes(authority(1).pem)
        eventually(lambda: code_of_call(server, of_client("dns:a", by=authority(1))) == "OK")
        assert code_of_call(server, of_client("dns:a")) == UNAVAILABLE


def test_a_link_that_turns_to_other_files_is_a_change(policies: PolicySet, tmp_path: Path) -> None:
    """As mounted secrets change."""
    for name, pair in (("one", of_server()), ("two", of_server(authority(1)))):
        (tmp_path / name).mkdir()
        server_files(tmp_path / name, pair)
    (tmp_path / "now").symlink_to("one")
    settings: dict[str, Any] = {
        "tls_cert": str(tmp_path / "now" / "server.pem"),
        "tls_key": str(tmp_path / "now" / "server.key"),
    }
    with running(policies, **settings) as server:
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").replace(tmp_path / "now")
        eventually(lambda: code_of_call(server, trusted=authority(1)) == "OK")


def failing(server: Running) -> bool:
    return 'makegood_security_reload_failing{what="tls"} 1.0' in scraped(server)[1]


def test_a_bad_change_keeps_the_last_good_files_and_says_so_once(policies: PolicySet, tmp_path: Path) -> None:
    files = server_files(tmp_path)
    with running(policies, **files.settings) as server:
        loaded = [line for line in scraped(server)[1].splitlines() if "last_successful_load" in line and "security" in line]
        files.key.write_bytes(of_server().key_pem)
        eventually(lambda: failing(server))
        assert code_of_call(server) == "OK"
        (line,) = [line for line in server.lines() if line["event"] == "not reloaded"]
        assert "is not the key of the first certificate" in line["problems"][0]
        assert [each for each in scraped(server)[1].splitlines() if each in loaded] == loaded  # success is not moved
        files.cert.unlink()
        eventually(lambda: len([line for line in server.lines() if line["event"] == "not reloaded"]) == 2)
        files.replace(of_server(authority(1)))
        eventually(lambda: not failing(server))
        assert code_of_call(server, trusted=authority(1)) == "OK"


def test_when_the_certificate_expires_can_be_alerted_on(policies: PolicySet, tmp_path: Path) -> None:
    pair = of_server()
    with running(policies, **server_files(tmp_path, pair).settings) as server:
        expires_at = pair.certificate.not_valid_after_utc.timestamp()
        (line,) = [line for line in scraped(server)[1].splitlines() if line.startswith("makegood_tls_certificate_expires")]
        assert float(line.split()[1]) == expires_at


# --------------------------------------------------------------------------------------------------------------- workers


class _At:
    def __init__(self, served: Served) -> None:
        self.address = served.address


def test_workers_speak_tls_and_one_that_is_replaced_has_the_last_good_files(tmp_path: Path) -> None:
    files = server_files(tmp_path)
    with started(*files.flags, "--workers", "2") as served:
        assert served.metrics_url.startswith("https://")
        at = _At(served)
        assert code_of_call(at) == "OK"
        eventually(lambda: served.events("settings"))
        written(tmp_path, "server.key", b"none")
        eventually(lambda: len(served.events("not reloaded")) == 3)  # both, and their parent
        for pid in pids(served):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(pids(served)) == 4)
        assert code_of_call(at) == "OK"
        with channel(at) as opened:
            assert health_of(opened) == 1
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(STOP_SECONDS) == 0


def test_a_handshake_that_fails_is_a_line_in_the_log_also_of_workers(tmp_path: Path) -> None:
    with started(*server_files(tmp_path, mutual=True).flags, "--workers", "2") as served:
        assert code_of_call(_At(served)) == UNAVAILABLE
        (line, *_) = eventually(lambda: served.events("native message"))
        assert "Handshake failed" in line["message"]


def test_files_that_are_only_touched_are_no_change(policies: PolicySet, tmp_path: Path) -> None:
    files = server_files(tmp_path)
    with running(policies, **files.settings) as server:
        kept = server.process._security._tls  # type: ignore[union-attr]
        assert kept is not None
        files.cert.touch()
        for _ in range(4):
            kept.look()
        assert not [line for line in server.lines() if line["event"] in {"reloaded", "not reloaded"}]


def test_a_client_that_speaks_in_clear_holds_up_nobody_over_tls(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies, **server_files(tmp_path).settings) as server:
        silent = [grpc.insecure_channel(str(server.address)) for _ in range(20)]
        for each in silent:
            grpc.channel_ready_future(each)
        assert code_of_call(server) == "OK"
        for each in silent:
            each.close()
