"""Probes and scrapes over HTTP: what each path says, and that nobody who connects keeps others from being answered."""

import signal
import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from threading import Thread

import pytest

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from policy import PolicySet
from server import http_server
from server.http_server import CONNECTIONS
from server.settings import Address
from tests.server.processes import STOP_SECONDS, Served, refusal, started
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, eventually, running
from tests.server.samples import decision
from tests.server.two_workers import call

Answer = tuple[int, str]


def asked(address: Address | str, path: str, method: str = "GET") -> Answer:
    host, _, port = str(address).rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def metrics_address(server: Served) -> str:
    return server.metrics_url.removeprefix("http://").removesuffix("/metrics")


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/livez", 200, "alive\n"),
        ("/readyz", 200, "ready\n"),
        ("/", 404, "there are /metrics, /policies, /livez and /readyz\n"),
        ("/metrics/", 404, "there are /metrics, /policies, /livez and /readyz\n"),
        ("/livez/x", 404, "there are /metrics, /policies, /livez and /readyz\n"),
    ],
)
def test_each_path_says_what_it_is_for(server: Running, path: str, status: int, text: str) -> None:
    assert asked(server.metrics_address, path) == (status, text)
    assert asked(server.metrics_address, path, "HEAD") == (status, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "WHATEVER"])
@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/nowhere"])
def test_only_what_reads_is_taken(server: Running, path: str, method: str) -> None:
    assert asked(server.metrics_address, path, method) == (405, "use GET\n")


def test_the_head_of_the_metrics_is_that_of_their_page(server: Running) -> None:
    assert asked(server.metrics_address, "/metrics", "HEAD") == (200, "")
    assert asked(server.metrics_address, "/metrics?name[]=makegood_build_info")[1].count("makegood_build_info{") == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_goes_down_is_alive_and_not_ready_and_answers_until_the_delay_is_over(workers: str) -> None:
    with started("--workers", workers, "--drain-delay-seconds", "600") as server, server.channel() as channel:
        address = metrics_address(server)
        assert asked(address, "/readyz") == (200, "ready\n")
        server.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: asked(address, "/readyz") == (503, "draining\n"))
        assert asked(address, "/livez") == (200, "alive\n")
        assert refusal(compensation_grpc.CompensationServiceStub(channel)) is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOP_SECONDS) == -signal.SIGTERM


@pytest.mark.parametrize("workers", ["1", "2"])
def test_after_the_delay_it_drains(workers: str) -> None:
    with started("--workers", workers, "--drain-delay-seconds", "1") as server:
        call(server)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert server.process.wait(STOP_SECONDS) == 0
        assert time.monotonic() - began >= 1
        assert server.events("not serving")[0]["drains_after_seconds"] == 1
        assert server.lines()[-1]["event"] == "stopped"


# ------------------------------------------------------------------------------------------------------------ bad company


def test_connections_that_ask_nothing_keep_nobody_out(server: Running) -> None:
    with ExitStack() as stack:
        for _ in range(3 * CONNECTIONS):
            stack.enter_context(socket.create_connection((server.metrics_address.host, server.metrics_address.port)))
        assert asked(server.metrics_address, "/livez")[0] == 200
        assert "makegood_build_info" in asked(server.metrics_address, "/metrics")[1]


def test_a_request_that_never_ends_is_cut(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often another byte of it comes."""
    monkeypatch.setattr(http_server, "SECONDS_OF_A_CONNECTION", 1)
    with (
        running(policies) as server,
        socket.create_connection((server.metrics_address.host, server.metrics_address.port)) as slow,
    ):

        def cut() -> bool:
            try:
                slow.sendall(b"x")
            except OSError:
                return True
            return False

        eventually(cut)
        assert asked(server.metrics_address, "/livez")[0] == 200


def test_an_answer_that_nobody_takes_is_cut(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "SECONDS_OF_A_CONNECTION", 1)
    with running(policies) as server, ExitStack() as stack:
        unread = [socket.socket() for _ in range(8)]
        for each in unread:
            stack.enter_context(each)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            each.connect((server.metrics_address.host, server.metrics_address.port))
            each.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        http = server.process._metrics_endpoint._http
        eventually(lambda: not http._connections)
        assert asked(server.metrics_address, "/livez")[0] == 200


def test_scrapes_at_once_are_bounded_and_take_no_probe_their_turn() -> None:
    with running(Rigged(lambda _: decision())) as server:
        answers: list[Answer] = []
        threads = [Thread(target=lambda: answers.append(asked(server.metrics_address, "/metrics"))) for _ in range(24)]
        for thread in threads:
            thread.start()
        assert asked(server.metrics_address, "/readyz")[0] == 200
        for thread in threads:
            thread.join()
        assert {status for status, _ in answers} <= {200, 503}
        assert 200 in {status for status, _ in answers}
        assert asked(server.metrics_address, "/metrics")[0] == 200


def test_a_scrape_that_fails_is_told_to_the_log_and_not_to_who_asked(capfd: pytest.CaptureFixture[str]) -> None:
    secret = str(13_800_138_000)  # frames show the source

    class Broken:
        def collect(self) -> object:
            raise LookupError(secret)

    with running(Rigged(lambda _: decision())) as server:
        server.process._registry._collector_to_names[Broken()] = []  # type: ignore[index]  # as a defect would have it
        assert asked(server.metrics_address, "/metrics") == (500, "see the log of the server\n")
        (line,) = [line for line in server.lines() if line["event"] == "scrape failed"]
    assert line["exception"] == ["builtins.LookupError"]
    assert secret not in server.output.getvalue() + capfd.readouterr().err
