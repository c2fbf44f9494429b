"""The server as a process: it opens its ports only when it can decide, says what to type next, and goes down in order."""

import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from native.mode import VARIABLE, mode_of
from policy import PolicySet
from server.app import UNUSABLE, main
from server.settings import SHIPPED_CATALOG, Settings
from tests.server.messages import details_of
from tests.server.processes import FREE_PORTS, ROOT, START_SECONDS, STOP_SECONDS, ended, lives, not_serving, refusal, started
from tests.server.running import code_name, eventually, running
from tests.server.samples import GRANTED_BYTES, minimal, question

COMMANDS = ("MAKEGOOD_ADDRESS=", "curl ")
WORKERS = ("1", "2")
"""One process is another program than several: what is claimed of its start and its end is tried with both."""


def test_it_starts_answers_and_goes_down_with_status_0() -> None:
    with started() as server:
        with server.channel() as channel:
            answered = compensation_grpc.CompensationServiceStub(channel).ComputeCompensation(question()).decision
        assert minimal(answered) == ("OUTCOME_GRANTED", GRANTED_BYTES)
        granted = [line for line in server.scrape().splitlines() if line.startswith("makegood_granted_data")]
        assert all("_total{" in line for line in granted), "the totals alone, without second series for their times of creation"
        assert len([line for line in granted if not line.endswith(" 0.0")]) == 1
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOP_SECONDS) == 0
        lines = server.lines()
    assert [line["event"] for line in lines] == ["settings", "call", "draining", "stopped"]
    assert {each.name for each in dataclasses.fields(Settings)} <= set(lines[0]), "every setting is told when it starts"


def test_what_it_says_to_type_next_can_be_typed() -> None:
    """The quote of a published outage, and that it was one, with the python of this test in the place of .venv's."""
    with started() as server:
        assert server.process.stdout is not None
        shown = [server.process.stdout.readline().strip() for _ in range(4)]
        quote, metrics = (line.replace(".venv/bin/python", sys.executable) for line in shown if line.startswith(COMMANDS))
        quoted = subprocess.run(quote, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=True)
        assert "cn-standard" in quoted.stdout
        url = re.fullmatch(r"curl -s (\S+) \| grep -E '(.+)'", metrics)
        assert url
        assert url[1] == server.metrics_url
        told = [line for line in server.scrape().splitlines() if re.search(url[2], line)]
        assert told == ['makegood_quotes_total{outcome="GRANTED"} 1.0']


@pytest.mark.parametrize(("workers", "number"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("2", signal.SIGTERM)])
def test_running_calls_end_and_new_ones_are_refused_after_a_signal(number: signal.Signals, workers: str) -> None:
    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        assert go_on.wait(START_SECONDS)
        yield service_pb.StreamComputeRequest(items=[question("b")])

    go_on = Event()
    with started("--workers", workers) as server, server.channel() as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        answers = stub.StreamCompute(held())
        next(answers)
        server.process.send_signal(number)
        eventually(lambda: not_serving(channel))
        status = eventually(lambda: refusal(stub))
        assert code_name(status) == "UNAVAILABLE"
        assert details_of(status)["RetryInfo"]
        go_on.set()
        assert [answer.results[0].request_id for answer in answers] == ["b"]
        assert server.process.wait(STOP_SECONDS) == 0


@pytest.mark.parametrize(("workers", "number"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("2", signal.SIGTERM)])
def test_a_second_signal_ends_it_at_once(number: signal.Signals, workers: str) -> None:
    """Though a stream is open and the drain time is far off."""
    release = Event()

    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        release.wait(START_SECONDS)

    with started("--drain-seconds", "600", "--workers", workers) as server, server.channel() as channel:
        # Kept: a call that nobody holds is cancelled.
        answers = compensation_grpc.CompensationServiceStub(channel).StreamCompute(held())
        next(answers)
        server.process.send_signal(number)
        eventually(lambda: not_serving(channel))
        assert server.process.poll() is None
        server.process.send_signal(number)
        assert server.process.wait(STOP_SECONDS) == -number
        assert not [line["pid"] for line in server.events("worker ready") if lives(line["pid"])]
        release.set()


def refused_to_start(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it says instead of starting, in this process. (Where it is not about a port, it gets no further than this.)"""
    assert main([*FREE_PORTS, *arguments], {VARIABLE: mode_of(os.environ)}) == UNUSABLE == 2
    said = capfd.readouterr()
    assert not said.out
    line = json.loads(said.err)
    assert (line["event"], line["level"]) == ("makegood does not start", "error")
    return "\n".join(line["problems"])


@pytest.mark.parametrize("workers", WORKERS)
def test_a_policy_that_cannot_be_read_is_told_by_place(tmp_path: Path, capfd: pytest.CaptureFixture[str], workers: str) -> None:
    """Every slip of a file, each by line and column, and each once."""
    shutil.copytree(SHIPPED_CATALOG / "cn-standard", tmp_path / "cn-standard")
    source = tmp_path / "cn-standard" / "2026-01.yaml"
    text = source.read_text(encoding="utf-8")
    source.write_text(f"no_such_key: 1\n{text}no_other_key: 2\n", encoding="utf-8")
    told = refused_to_start(capfd, "--catalog", str(tmp_path), "--workers", workers)
    for line, key in ((1, "no_such_key"), (len(text.splitlines()) + 2, "no_other_key")):
        assert len(re.findall(rf"cn-standard/2026-01\.yaml:{line}:1: .*{key}", told)) == 1


def test_a_default_that_is_not_in_the_catalog_is_told_with_those_that_are(capfd: pytest.CaptureFixture[str]) -> None:
    told = refused_to_start(capfd, "--default-policy", "nobody's")
    assert "nobody's" in told
    assert "cn-standard" in told
    assert "--default-policy" in told


def test_every_bad_setting_is_told_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    told = refused_to_start(capfd, "--threads", "0", "--log-level", "loud")
    assert "--threads 0: " in told
    assert "--log-level loud: " in told


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("taken", ["--listen", "--metrics-listen"])
def test_a_port_that_is_taken_is_told_and_not_shared(taken: str, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        other = "--metrics-listen" if taken == "--listen" else "--listen"
        done = ended(taken, f"127.0.0.1:{port}", other, "127.0.0.1:0", "--workers", workers)
    assert done.returncode == UNUSABLE
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in done.stderr
    assert taken in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", WORKERS)
def test_two_servers_do_not_share_a_port(policies: PolicySet, workers: str) -> None:
    """Though gRPC would let them by default, and each would get a part of the calls."""
    with running(policies) as first:
        done = ended("--listen", str(first.address), "--metrics-listen", "127.0.0.1:0", "--workers", workers)
    assert done.returncode == UNUSABLE
    assert f"cannot listen on {first.address}: address already in use" in done.stderr


def test_two_servers_share_a_port_when_both_are_told_to(policies: PolicySet) -> None:
    with (
        running(policies, reuse_port=True) as first,
        started("--reuse-port", "yes", "--listen", str(first.address)) as second,
    ):
        assert second.address == str(first.address)
