"""The server as a process: it opens its ports only when it can decide, says what to type next, and goes down in order."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.settings import SHIPPED_CATALOG
from tests.server.messages import details_of
from tests.server.running import code_name, eventually, refused
from tests.server.samples import GRANTED_BYTES, minimal, question

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
FREE_PORTS = ("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
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


def ended(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False)


def test_it_starts_answers_and_goes_down_with_status_0() -> None:
    with started() as (process, address, metrics):
        with grpc.insecure_channel(address) as channel:
            stub = compensation_grpc.CompensationServiceStub(channel)
            answered = stub.ComputeCompensation(question()).decision
        assert minimal(answered) == ("OUTCOME_GRANTED", GRANTED_BYTES)
        with urlopen(metrics, timeout=5) as response:
            granted = [line for line in response.read().decode().splitlines() if line.startswith("makegood_granted_data")]
        assert len(granted) == 1, "the total alone, without a second series for its time of creation"
        process.send_signal(signal.SIGTERM)
        output, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "-m clients.crm quote examples/" in output
    assert f"curl -s {metrics} | grep makegood_granted" in output
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == ["settings", "call", "draining", "stopped"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_calls_end_and_new_ones_are_refused_after_a_signal(number: signal.Signals) -> None:
    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        eventually(lambda: refusals)
        yield service_pb.StreamComputeRequest(items=[question("b")])

    refusals: list[str] = []
    with started() as (process, address, _), grpc.insecure_channel(address) as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        answers = stub.StreamCompute(held())
        next(answers)
        process.send_signal(number)
        deadline = time.monotonic() + 5
        while not refusals and time.monotonic() < deadline:
            try:
                stub.ComputeCompensation(question())
            except grpc.RpcError:
                status = refused(lambda: stub.ComputeCompensation(question()))
                assert details_of(status)["RetryInfo"]
                refusals.append(code_name(status))
        assert refusals == ["UNAVAILABLE"]
        assert [answer.results[0].request_id for answer in answers] == ["b"]
        assert process.wait(10) == 0


def test_a_second_signal_ends_it_at_once() -> None:
    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        process.wait(10)

    with started("--drain-seconds", "60") as (process, address, _), grpc.insecure_channel(address) as channel:
        next(compensation_grpc.CompensationServiceStub(channel).StreamCompute(held()))
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == -signal.SIGTERM


def test_a_policy_that_cannot_be_read_is_told_by_place_and_nothing_opens(tmp_path: Path) -> None:
    broken = tmp_path / "catalog" / "cn-standard"
    broken.mkdir(parents=True)
    (source,) = (SHIPPED_CATALOG / "cn-standard").glob("*.yaml")
    (broken / source.name).write_text(source.read_text(encoding="utf-8") + "\nno_such_key: 1\n", encoding="utf-8")
    done = ended(*FREE_PORTS, "--catalog", str(tmp_path / "catalog"))
    assert done.returncode == 2
    assert re.search(rf"{re.escape(source.name)}:\d+:\d+: .*no_such_key", done.stderr)
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_default_that_is_not_in_the_catalogue_is_told() -> None:
    done = ended(*FREE_PORTS, "--default-policy", "nobody's")
    assert done.returncode == 2
    assert "nobody's" in done.stderr
    assert "cn-standard" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_bad_setting_is_told_and_nothing_opens() -> None:
    done = ended("--threads", "0", "--listen", "here")
    assert done.returncode == 2
    assert "--threads 0: " in done.stderr
    assert "--listen here: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("taken", ["--listen", "--metrics-listen"])
def test_a_port_that_is_taken_is_told_and_not_shared(taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        other = "--metrics-listen" if taken == "--listen" else "--listen"
        done = ended(taken, f"127.0.0.1:{port}", other, "127.0.0.1:0")
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in done.stderr
    assert taken in done.stderr
    assert "Traceback" not in done.stderr


def test_two_servers_do_not_share_a_port_unless_both_are_told_to() -> None:
    with started() as (_, address, __):
        done = ended("--listen", address, "--metrics-listen", "127.0.0.1:0")
        assert done.returncode == 2
        assert "address already in use" in done.stderr
    with (
        started("--reuse-port", "yes") as (_, address, __),
        started("--reuse-port", "yes", "--listen", address) as (___, second, ____),
    ):
        assert second == address


def test_help_names_every_flag_and_exits_with_0() -> None:
    done = ended("--help")
    assert done.returncode == 0
    assert "--max-batch-rows" in done.stdout
