"""Several workers on one port: all answer, one that dies is replaced, and what is told and counted is of all together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import grpc
import pytest

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from policy.language.catalog import load_versions
from server.settings import SHIPPED_CATALOG, Address, Settings
from server.workers.handover import Handover, packed, unpacked
from tests.server.processes import ROOT, START_SECONDS, STOP_SECONDS, Served, ended, lives, started
from tests.server.running import LOOPBACK, PATIENCE_SECONDS, eventually
from tests.server.samples import GRANTED_BYTES, question

TWO = ("--workers", "2")
CALLS_OF_A_CHANNEL = 5
CALLERS = 4
WORKER_BYTES = 180 * 2**20
"""What a worker may take, loaded and warm."""


def call(server: Served, times: int = CALLS_OF_A_CHANNEL) -> int:
    """Calls over a new connection; how many."""
    with server.channel() as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        for _ in range(times):
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
    return times


def pids(server: Served) -> list[int]:
    """Of all workers that ever answered, in the order in which they came up."""
    return [line["pid"] for line in server.events("worker ready")]


def answering(server: Served) -> set[int]:
    """Of the workers that answered a call."""
    return {line["pid"] for line in server.events("call")}


def calls_until(server: Served, holds: Callable[[], bool]) -> int:
    """Calls over one connection after another until ``holds``; how many. The kernel chooses the worker of a connection."""
    made = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        made += call(server)
    return made


def counted(server: Served) -> dict[str, float]:
    return {
        "calls": server.metric("makegood_grpc_call_duration_seconds_count"),
        "decisions": server.metric("makegood_decisions_total"),
        "bytes": server.metric("makegood_granted_data_bytes_total"),
    }


def of(calls: int) -> dict[str, float]:
    return {"calls": calls, "decisions": calls, "bytes": calls * GRANTED_BYTES}


@contextmanager
def two_workers(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Ready, and known by their lines, which come a moment later."""
    with started(*TWO, *arguments, environment=environment) as server:
        eventually(lambda: server.events("settings"))
        yield server


@pytest.fixture(scope="module")
def two() -> Iterator[Served]:
    with two_workers() as server:
        yield server


def test_all_answer_and_what_is_counted_is_of_all_together(two: Served) -> None:
    made = calls_until(two, lambda: answering(two) == set(pids(two)))
    assert len(pids(two)) == two.metric("makegood_workers") == two.metric("makegood_workers_configured") == 2
    assert counted(two) == of(made)
    assert two.metric("makegood_grpc_calls_in_flight") == 0
    assert two.metric("makegood_worker_restarts_total") == 0


def test_what_holds_for_all_is_told_once(two: Served) -> None:
    assert two.samples("makegood_build_info") == [1]
    assert two.samples("makegood_policy_info", policy="cn-standard", version="2026-01") == [1]
    assert len(two.samples("makegood_policies_last_successful_load_timestamp_seconds")) == 1
    assert len(two.events("settings")) == 1


def test_each_worker_is_no_larger_than_one_alone_may_be(two: Served) -> None:
    call(two)
    sizes = two.samples("process_resident_memory_bytes")
    assert len(sizes) == 2
    assert max(sizes) < WORKER_BYTES


def test_the_parent_carries_nothing_that_only_workers_need() -> None:
    heavy = "{'grpc', 'google.protobuf', 'numpy', 'pyarrow'} & set(sys.modules)"
    code = f"import sys, server.app, server.workers.supervisor; sys.exit(str({heavy}) if {heavy} else 0)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=START_SECONDS, check=True)


def test_no_two_of_them_share_the_port_with_others(two: Served) -> None:
    done = ended("--listen", two.address, "--metrics-listen", "127.0.0.1:0", *TWO)
    assert done.returncode == 2
    assert f"cannot listen on {two.address}: address already in use" in done.stderr


# --------------------------------------------------------------------------------------------------------------- deaths


class Caller(Thread):
    """Calls without a pause; repeats what ends with UNAVAILABLE, as the contract allows."""

    def __init__(self, server: Served, enough: Event) -> None:
        super().__init__()
        self._server = server
        self._enough = enough
        self.answered = 0
        self.told: set[str] = set()

    def run(self) -> None:
        while not self._enough.is_set():
            with self._server.channel() as channel:  # a new connection for each few calls, so that all workers have some
                for _ in range(20):
                    self._once(compensation_grpc.CompensationServiceStub(channel))

    def _once(self, stub: compensation_grpc.CompensationServiceStub) -> None:
        try:
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS, wait_for_ready=True)
            self.answered += 1
        except grpc.RpcError as error:
            self.told.add(error.code().name)


@contextmanager
def under_load(server: Served) -> Iterator[list[Caller]]:
    enough = Event()
    callers = [Caller(server, enough) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        yield callers
    finally:
        enough.set()
        for caller in callers:
            caller.join()


def replaced(server: Served, times: int = 1) -> bool:
    return server.metric("makegood_workers") == 2 and server.metric("makegood_worker_restarts_total") == times


def test_a_worker_that_is_killed_under_load_costs_nobody_more_than_a_repeat() -> None:
    with two_workers("--log-calls", "none") as server:
        with under_load(server) as callers:
            eventually(lambda: all(caller.answered > CALLS_OF_A_CHANNEL for caller in callers))
            killed = pids(server)[0]
            os.kill(killed, signal.SIGKILL)
            eventually(lambda: replaced(server))
            before = [caller.answered for caller in callers]
            eventually(lambda: all(caller.answered > then for caller, then in zip(callers, before, strict=True)))
        assert set().union(*(caller.told for caller in callers)) <= {"UNAVAILABLE"}
        death = eventually(lambda: server.events("worker died"))[0]
        assert (death["pid"], death["ended"]) == (killed, "signal SIGKILL")
        eventually(lambda: len(set(pids(server))) == 3)
        assert server.metric("makegood_grpc_calls_in_flight") == 0, "those of the dead one are none"
        assert server.metric("makegood_decisions_total") >= sum(caller.answered for caller in callers)


def test_what_a_worker_counted_stays_when_it_is_gone_and_is_counted_on() -> None:
    """Whether it was killed, or an operator stopped it: then it drains, and workers can be renewed one by one."""
    with two_workers() as server:
        made = calls_until(server, lambda: answering(server) == set(pids(server)))
        killed, stopped = pids(server)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: replaced(server))
        assert counted(server) == of(made)
        os.kill(stopped, signal.SIGTERM)
        eventually(lambda: replaced(server, times=2))
        assert counted(server) == of(made)
        eventually(lambda: len(pids(server)) == 4)
        made += calls_until(server, lambda: set(pids(server)[2:]) <= answering(server))
        assert counted(server) == of(made)
        assert [line["ended"] for line in server.events("worker died")] == ["signal SIGKILL", "status 0"]
        assert [line["pid"] for line in server.events("stopped")] == [stopped]


BROKEN_WORKER = """\
import os, sys
if "server.workers" in sys.orig_argv and os.path.exists(os.environ["BREAK_WORKERS"]):
    os._exit(3)
"""
"""A sitecustomize.py, which python runs before all else."""


def breaking(directory: Path) -> dict[str, str]:
    """An environment in which workers die at birth while the file "broken" is there."""
    Path(directory, "sitecustomize.py").write_text(BROKEN_WORKER)
    return {"PYTHONPATH": str(directory), "BREAK_WORKERS": str(directory / "broken")}


def test_a_worker_that_cannot_come_up_keeps_all_from_starting(tmp_path: Path) -> None:
    environment = breaking(tmp_path)
    Path(tmp_path, "broken").touch()
    done = ended("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", *TWO, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("makegood does not start") == done.stderr.count("a worker did not come up: status 3") == 1
    assert "Traceback" not in done.stderr


def test_a_worker_that_dies_again_and_again_is_replaced_with_a_growing_pause(tmp_path: Path) -> None:
    """And the other one answers meanwhile."""
    with two_workers(environment=breaking(tmp_path)) as server:
        broken = Path(tmp_path, "broken")
        broken.touch()
        os.kill(pids(server)[0], signal.SIGKILL)
        eventually(lambda: len(server.events("worker died")) == 2)
        assert server.metric("makegood_workers") == 1
        assert call(server)
        broken.unlink()
        eventually(lambda: replaced(server, times=2))
        first, second = [line["replaced_after_seconds"] for line in server.events("worker died")]
        assert 0 < first < second
        assert server.events("worker does not start")[0]["problems"]


# ------------------------------------------------------------------------------------------------------------------ end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_processes_stops_them_like_one_to_the_parent(number: signal.Signals, tmp_path: Path) -> None:
    """As a terminal and a service manager send it. Each worker drains, and nothing is left of what they shared."""
    with two_workers(environment={"TMPDIR": str(tmp_path)}) as server:
        assert len(list(tmp_path.iterdir())) == 1
        os.killpg(server.process.pid, number)
        assert server.process.wait(STOP_SECONDS) == 0
        assert {line["pid"] for line in server.events("stopped") if "pid" in line} == set(pids(server))
        assert not server.events("worker died"), "they were told to end"
        assert not list(tmp_path.iterdir())


def test_a_parent_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    with two_workers(environment={"TMPDIR": str(tmp_path)}) as server:
        assert len(list(tmp_path.iterdir())) == 1
        workers = pids(server)
        assert all(lives(pid) for pid in workers)
        server.process.kill()
        eventually(lambda: not any(lives(pid) for pid in workers))
        assert {line["pid"] for line in server.events("stopped")} == set(workers), "they drained"
        assert not list(tmp_path.iterdir())


def test_a_parent_that_is_killed_while_they_come_up_leaves_no_worker_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "server.workers", "0", str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE
    ) as worker:
        assert worker.stdin is not None
        worker.stdin.write(handed(LOOPBACK)[:1000])
        worker.stdin.close()
        assert worker.wait(START_SECONDS) == 0


# -------------------------------------------------------------------------------------------------------------- handover


def handed(listen: Address) -> bytes:
    settings = replace(Settings(), listen=listen, reuse_port=True)
    return packed(Handover(settings, load_versions(SHIPPED_CATALOG), 1_772_640_000))


def test_what_is_handed_over_arrives(tmp_path: Path) -> None:
    data = tmp_path / "handed"
    data.write_bytes(handed(LOOPBACK) + b"more")
    with data.open("rb") as stream:
        handover = unpacked(stream)
        assert stream.read() == b"more"
    assert handover.versions == load_versions(SHIPPED_CATALOG)
    assert (handover.settings.listen, handover.loaded_at) == (LOOPBACK, 1_772_640_000)


def test_a_worker_that_cannot_listen_tells_its_parent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        taken = Address("127.0.0.1", there.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "server.workers", "0", str(tmp_path)],
            cwd=ROOT,
            input=handed(taken),
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
        )
    assert done.returncode == 2
    assert f"cannot listen on {taken}".encode() in done.stdout
