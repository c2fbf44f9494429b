"""The server as a process: it opens its ports only when it can decide, says what to type next, and goes down in order."""

import dataclasses
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import grpc
import pytest
from google.rpc import status_pb2
from grpc_health.v1.health_pb2 import HealthCheckResponse

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from policy import PolicySet
from server.app import UNUSABLE, main
from server.settings import SHIPPED_CATALOG, Settings
from tests.server.messages import details_of
from tests.server.running import PATIENCE_SECONDS, code_name, eventually, health_of, refusal_or, running
from tests.server.samples import GRANTED_BYTES, minimal, question

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
STOP_SECONDS = 10
FREE_PORTS = ("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
COMMANDS = ("MAKEGOOD_ADDRESS=", "curl ")
Process = subprocess.Popen[str]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server", *arguments]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[Process, str, str]]:
    """A server process that is ready, its address, and where its metrics are."""
    process = subprocess.Popen(
        command(*FREE_PORTS, *arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        match = re.fullmatch(r"makegood is ready: gRPC on (\S+), metrics on (http://\S+/metrics)\n", ready)
        assert match, ready + process.communicate()[1]
        yield process, match[1], match[2]
    finally:
        process.kill()
        process.communicate()


def said(process: Process) -> tuple[str, str]:
    """What a process that has ended said on stdout after its first line, and on stderr."""
    assert process.stdout is not None
    assert process.stderr is not None
    # Not communicate(): it reads past the text that readline() has taken in and not given out.
    return process.stdout.read(), process.stderr.read()


def refusal(stub: compensation_grpc.CompensationServiceStub) -> status_pb2.Status | None:
    """The status of a call, if it is not answered."""
    answer = refusal_or(lambda: stub.ComputeCompensation(question()))
    return answer if isinstance(answer, status_pb2.Status) else None


def not_serving(channel: grpc.Channel) -> bool:
    return health_of(channel) == HealthCheckResponse.NOT_SERVING


def ended(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False)


def test_it_starts_answers_and_goes_down_with_status_0() -> None:
    with started() as (process, address, metrics):
        with grpc.insecure_channel(address) as channel:
            stub = compensation_grpc.CompensationServiceStub(channel)
            answered = stub.ComputeCompensation(question()).decision
        assert minimal(answered) == ("OUTCOME_GRANTED", GRANTED_BYTES)
        with urlopen(metrics, timeout=PATIENCE_SECONDS) as response:
            granted = [line for line in response.read().decode().splitlines() if line.startswith("makegood_granted_data")]
        assert len(granted) == 1, "the total alone, without a second series for its time of creation"
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        _, log = said(process)
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in lines] == ["settings", "call", "draining", "stopped"]
    assert {each.name for each in dataclasses.fields(Settings)} <= set(lines[0]), "every setting is told when it starts"


def test_what_it_says_to_type_next_can_be_typed() -> None:
    """The quote of a published outage, and what it granted, with the python of this test in the place of .venv's."""
    with started() as (process, _, __):
        assert process.stdout is not None
        shown = [process.stdout.readline().strip() for _ in range(4)]
        quote, metrics = (line.replace(".venv/bin/python", sys.executable) for line in shown if line.startswith(COMMANDS))
        quoted = subprocess.run(quote, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=True)
        assert "cn-standard" in quoted.stdout
        url = re.fullmatch(r"curl -s (\S+) \| grep '\^makegood_granted'", metrics)
        assert url
        with urlopen(url[1], timeout=PATIENCE_SECONDS) as response:
            assert "makegood_granted_data_bytes_total{" in response.read().decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_calls_end_and_new_ones_are_refused_after_a_signal(number: signal.Signals) -> None:
    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        assert go_on.wait(START_SECONDS)
        yield service_pb.StreamComputeRequest(items=[question("b")])

    go_on = Event()
    with started() as (process, address, _), grpc.insecure_channel(address) as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        answers = stub.StreamCompute(held())
        next(answers)
        process.send_signal(number)
        eventually(lambda: not_serving(channel))
        status = eventually(lambda: refusal(stub))
        assert code_name(status) == "UNAVAILABLE"
        assert details_of(status)["RetryInfo"]
        go_on.set()
        assert [answer.results[0].request_id for answer in answers] == ["b"]
        assert process.wait(STOP_SECONDS) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    """Though a stream is open and the drain time is far off."""
    release = Event()

    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        release.wait(START_SECONDS)

    with started("--drain-seconds", "600") as (process, address, _), grpc.insecure_channel(address) as channel:
        # Kept: a call that nobody holds is cancelled.
        answers = compensation_grpc.CompensationServiceStub(channel).StreamCompute(held())
        next(answers)
        process.send_signal(number)
        eventually(lambda: not_serving(channel))
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(STOP_SECONDS) == -number
        release.set()


def refused_to_start(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it says instead of starting, in this process. (Where it is not about a port, it gets no further than this.)"""
    assert main([*FREE_PORTS, *arguments], {}) == UNUSABLE == 2
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_a_policy_that_cannot_be_read_is_told_by_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every slip of a file, each by line and column."""
    shutil.copytree(SHIPPED_CATALOG / "cn-standard", tmp_path / "cn-standard")
    source = tmp_path / "cn-standard" / "2026-01.yaml"
    text = source.read_text(encoding="utf-8")
    source.write_text(f"no_such_key: 1\n{text}no_other_key: 2\n", encoding="utf-8")
    told = refused_to_start(capsys, "--catalog", str(tmp_path))
    for line, key in ((1, "no_such_key"), (len(text.splitlines()) + 2, "no_other_key")):
        assert re.search(rf"cn-standard/2026-01\.yaml:{line}:1: .*{key}", told)


def test_a_default_that_is_not_in_the_catalogue_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    told = refused_to_start(capsys, "--default-policy", "nobody's")
    assert "nobody's" in told
    assert "cn-standard" in told
    assert "--default-policy" in told


def test_every_bad_setting_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    told = refused_to_start(capsys, "--threads", "0", "--log-level", "loud")
    assert "--threads 0: " in told
    assert "--log-level loud: " in told


@pytest.mark.parametrize("taken", ["--listen", "--metrics-listen"])
def test_a_port_that_is_taken_is_told_and_not_shared(taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        other = "--metrics-listen" if taken == "--listen" else "--listen"
        done = ended(taken, f"127.0.0.1:{port}", other, "127.0.0.1:0")
    assert done.returncode == UNUSABLE
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in done.stderr
    assert taken in done.stderr
    assert "Traceback" not in done.stderr


def test_two_servers_do_not_share_a_port(policies: PolicySet) -> None:
    """Though gRPC would let them by default, and each would get a part of the calls."""
    with running(policies) as first:
        done = ended("--listen", str(first.address), "--metrics-listen", "127.0.0.1:0")
    assert done.returncode == UNUSABLE
    assert f"cannot listen on {first.address}: address already in use" in done.stderr


def test_two_servers_share_a_port_when_both_are_told_to(policies: PolicySet) -> None:
    with (
        running(policies, reuse_port=True) as first,
        started("--reuse-port", "yes", "--listen", str(first.address)) as (_, second, __),
    ):
        assert second == str(first.address)
