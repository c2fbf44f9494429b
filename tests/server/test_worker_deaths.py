"""A worker that dies is replaced; whoever is told to stop stops all; nothing is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from tests.server.processes import ROOT, START_SECONDS, STOP_SECONDS, Served, ended, lives
from tests.server.running import LOOPBACK, PATIENCE_SECONDS, code_name, eventually, refused
from tests.server.samples import question

# --------------------------------------------------------------------------------------------------------------- deaths
from tests.server.two_workers import (
    CALLERS,
    CALLS_OF_A_CHANNEL,
    TWO,
    answering,
    breaking,
    call,
    calls_until,
    counted,
    handed,
    of,
    pids,
    two_workers,
)


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


def seconds_of_work() -> service_pb.BatchComputeRequest:
    """Four hundred rows of which something is wrong, which is looked for in a thousand outages of each."""
    asked = question(subscriber_id="longer than an id may be" * 20)
    (outage,) = asked.outages
    del asked.outages[:]
    for number in range(1_000):
        asked.outages.add().CopyFrom(outage)
        asked.outages[number].outage_id = str(number)
    return service_pb.BatchComputeRequest(items=[asked] * 400)


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
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 0)  # those of the dead one are none
        assert server.metric("makegood_decisions_total") >= sum(caller.answered for caller in callers)


def test_batches_and_streams_that_a_killed_worker_had_taken_are_told_so() -> None:
    """With the code that may be repeated; an answer that had come was whole."""
    with two_workers() as server, server.channel() as channel:
        stub, hold = compensation_grpc.CompensationServiceStub(channel), Event()

        def endless() -> Iterator[service_pb.StreamComputeRequest]:
            yield service_pb.StreamComputeRequest(items=[question()])
            hold.wait(PATIENCE_SECONDS)

        answers = stub.StreamCompute(endless(), timeout=PATIENCE_SECONDS)
        assert len(next(answers).results) == 1
        batch = stub.BatchCompute.future(seconds_of_work(), timeout=PATIENCE_SECONDS)
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 2)
        for pid in pids(server):  # one of them has both
            os.kill(pid, signal.SIGKILL)
        assert code_name(refused(lambda: list(answers))) == "UNAVAILABLE"
        assert code_name(refused(batch.result)) == "UNAVAILABLE"
        hold.set()


def test_what_a_worker_counted_stays_when_it_is_gone_and_is_counted_on() -> None:
    """Whether it was killed, or an operator stopped it: then it drains, and workers can be renewed one by one."""
    with two_workers() as server:
        made = calls_until(server, lambda: answering(server) == set(pids(server)))
        eventually(lambda: counted(server) == of(made))  # calls are counted a moment after they end
        killed, stopped = pids(server)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: replaced(server))
        eventually(lambda: counted(server) == of(made))
        os.kill(stopped, signal.SIGTERM)
        eventually(lambda: replaced(server, times=2))
        eventually(lambda: counted(server) == of(made))
        eventually(lambda: len(pids(server)) == 4)
        made += calls_until(server, lambda: set(pids(server)[2:]) <= answering(server))
        eventually(lambda: counted(server) == of(made))
        assert [line["ended"] for line in server.events("worker died")] == ["signal SIGKILL", "status 0"]
        assert [line["pid"] for line in server.events("stopped")] == [stopped]


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


def test_where_no_worker_is_left_one_comes_up_before_its_pause_is_over(tmp_path: Path) -> None:
    """However often they died: a caller who asks again for half a minute is answered."""
    with two_workers(environment=breaking(tmp_path)) as server:
        broken = Path(tmp_path, "broken")
        broken.touch()
        for pid in pids(server):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: max((line["replaced_after_seconds"] for line in server.events("worker died")), default=0) >= 15)
        broken.unlink()
        eventually(lambda: len(pids(server)) == 3)
        came_up = server.events("worker ready")[-1]
        death = [line for line in server.events("worker died") if line["worker"] == came_up["worker"]][-1]
        waited = datetime.fromisoformat(came_up["timestamp"]) - datetime.fromisoformat(death["timestamp"])
        assert waited.total_seconds() < death["replaced_after_seconds"]
        assert call(server)


def started_at(pid: int) -> float:
    """Seconds since the machine started."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def test_where_all_workers_died_one_has_the_machine_until_it_answers() -> None:
    """All at once would answer no sooner than after the work of all."""
    with two_workers() as server:
        for pid in pids(server):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(pids(server)) == 4)
        first, second = map(started_at, pids(server)[2:])
        assert second - first > 0.2, "it takes longer to come up"


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


def test_a_parent_that_is_killed_leaves_the_port_to_the_next_while_its_calls_end() -> None:
    """They have the drain time still; the port is free at once."""
    go_on = Event()

    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        go_on.wait(PATIENCE_SECONDS)
        yield service_pb.StreamComputeRequest(items=[question("b")])

    with two_workers("--drain-seconds", "600") as server, server.channel() as channel:
        workers = pids(server)
        answers = compensation_grpc.CompensationServiceStub(channel).StreamCompute(held())
        next(answers)
        server.process.kill()
        eventually(lambda: [pid for pid in workers if lives(pid)] != workers)
        with two_workers("--listen", server.address) as successor:
            assert call(successor) == CALLS_OF_A_CHANNEL
            assert any(lives(pid) for pid in workers)
            go_on.set()
            assert [answer.results[0].request_id for answer in answers] == ["b"]
        eventually(lambda: not any(lives(pid) for pid in workers))


def test_a_parent_that_is_killed_while_they_come_up_leaves_no_worker_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "server.workers", "0", str(tmp_path), "2"], cwd=ROOT, stdin=subprocess.PIPE
    ) as worker:
        assert worker.stdin is not None
        worker.stdin.write(handed(LOOPBACK)[:1000])
        worker.stdin.close()
        assert worker.wait(START_SECONDS) == 0
