"""A caller that is slow, gives up, or vanishes costs the server a bounded amount, and nothing after its deadline."""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from policy import Decision, Request
from tests.server.blackhole import way_to
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, code_name, eventually, refused, running
from tests.server.samples import decision, question

STREAM = "makegood.v1.CompensationService/StreamCompute"
ROWS = 20
MESSAGES = 400
MESSAGE_BYTES = 100_000
"""By request ids of 5,000 letters, which come back: 40 MB each way, more than all buffers on the way."""


def message(rows: int = 1, padding: int = 0) -> service_pb.StreamComputeRequest:
    return service_pb.StreamComputeRequest(items=[question(f"{row}-" + "x" * padding) for row in range(rows)])


def settled(read: Callable[[], int]) -> bool:
    """Whether a count has stopped moving."""
    before = read()
    time.sleep(0.3)
    return read() == before


def calls(server: Running, code: str) -> float:
    return server.metric("makegood_grpc_call_duration_seconds_count", code=code)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


# ------------------------------------------------------------------------------------------------------------------ slow


def test_a_long_stream_takes_no_more_memory_than_a_short_one() -> None:
    sizes = []
    whole = message(100)
    with running(Rigged(lambda _: decision())) as server:
        for answer in server.compensation.StreamCompute(whole for _ in range(300)):
            assert len(answer.results) == 100
            sizes.append(resident_bytes())
    assert max(sizes[100:]) - max(sizes[:100]) < 6 * 2**20, "20,000 rows are some 12 MB asked and as much answered"


def test_a_reader_who_stops_reading_stops_the_server_and_the_sender() -> None:
    """Back-pressure in both directions; and all goes on, and arrives, when it reads again."""
    sent = decided = 0

    def decide(_: Request) -> Decision:
        nonlocal decided
        decided += 1
        return decision()

    def many() -> Iterator[service_pb.StreamComputeRequest]:
        nonlocal sent
        large = message(ROWS, padding=MESSAGE_BYTES // ROWS)
        for _ in range(MESSAGES):
            sent += 1
            yield large

    with running(Rigged(decide)) as server:
        before = resident_bytes()
        answers = server.compensation.StreamCompute(many())
        next(answers)
        eventually(lambda: settled(lambda: sent) and settled(lambda: decided))
        assert decided < MESSAGES * ROWS / 2
        assert sent < MESSAGES / 2
        assert resident_bytes() - before < MESSAGES * MESSAGE_BYTES / 2, "of server and client together"
        assert [len(answer.results) for answer in answers] == [ROWS] * (MESSAGES - 1)
        assert (sent, decided) == (MESSAGES, MESSAGES * ROWS)


def test_a_reader_who_never_reads_again_is_cut_at_its_deadline() -> None:
    def endless() -> Iterator[service_pb.StreamComputeRequest]:
        while not done.is_set():
            yield message(ROWS, padding=MESSAGE_BYTES // ROWS)

    done = Event()
    with running(Rigged(lambda _: decision()), max_concurrent_streams=1) as server:
        answers = server.compensation.StreamCompute(endless(), timeout=1)
        # Whose clock strikes first: the server's own, or that of the client, which then cancels.
        eventually(lambda: calls(server, "DEADLINE_EXCEEDED") + calls(server, "CANCELLED") == 1)
        eventually(lambda: answered_at_all(server))
        done.set()
        del answers


# ------------------------------------------------------------------------------------------------------------------ gone


def test_a_caller_that_cancels_mid_stream_frees_its_place() -> None:
    with running(Rigged(lambda _: decision()), max_concurrent_streams=1) as server:
        hold = Event()

        def endless() -> Iterator[service_pb.StreamComputeRequest]:
            yield message()
            hold.wait(PATIENCE_SECONDS)

        first = server.compensation.StreamCompute(endless())
        next(first)
        assert code_name(refused(lambda: list(server.compensation.StreamCompute(iter([message()]))))) == "RESOURCE_EXHAUSTED"
        first.cancel()
        hold.set()
        eventually(lambda: calls(server, "CANCELLED") == 1)
        eventually(lambda: answered_at_all(server))


def answered_at_all(server: Running) -> bool:
    try:
        return len(list(server.compensation.StreamCompute(iter([message()])))) == 1
    except grpc.RpcError:
        return False


def test_a_batch_whose_caller_has_gone_is_not_worked_to_its_end() -> None:
    decided = 0

    def decide(_: Request) -> Decision:
        nonlocal decided
        decided += 1
        if decided == 1:
            started.set()
            gone.wait(PATIENCE_SECONDS)
        return decision()

    started, gone = Event(), Event()
    with running(Rigged(decide)) as server:
        rows = [question(str(index)) for index in range(2_000)]
        pending = server.compensation.BatchCompute.future(service_pb.BatchComputeRequest(items=rows))
        assert started.wait(PATIENCE_SECONDS)
        pending.cancel()
        time.sleep(0.2)
        gone.set()
        eventually(lambda: calls(server, "CANCELLED") == 1)
    assert decided < 2_000


@pytest.mark.parametrize("reads", [True, False], ids=["while it waits", "while it is written to"])
@pytest.mark.parametrize(
    ("deadline_seconds", "keepalive_seconds", "code"), [(1, 3600, "DEADLINE_EXCEEDED"), (None, 1, "CANCELLED")]
)
def test_a_caller_that_vanishes_frees_its_place(
    deadline_seconds: int | None, keepalive_seconds: int, code: str, reads: bool
) -> None:
    """Without a goodbye, as when its machine loses its power: at its deadline, and without one by keepalive."""
    with (
        running(Rigged(lambda _: decision()), max_concurrent_streams=1, keepalive_seconds=keepalive_seconds) as server,
        way_to(server.address) as way,
    ):
        hold = Event()

        def asks() -> Iterator[service_pb.StreamComputeRequest]:
            yield message()
            if reads:
                hold.wait(PATIENCE_SECONDS)
            while not hold.is_set():
                yield message(ROWS, padding=MESSAGE_BYTES // ROWS)

        with grpc.insecure_channel(way.address) as channel:
            answers = compensation_grpc.CompensationServiceStub(channel).StreamCompute(asks(), timeout=deadline_seconds)
            next(answers)
            way.swallows.set()
            eventually(lambda: calls(server, code) == 1)
            assert not server.metric("makegood_grpc_calls_in_flight")
            eventually(lambda: answered_at_all(server))
            hold.set()
            answers.cancel()


def test_the_connection_of_a_caller_that_vanished_is_closed_though_it_has_no_call() -> None:
    with (
        running(Rigged(lambda _: decision()), keepalive_seconds=1) as server,
        way_to(server.address) as way,
        grpc.insecure_channel(way.address) as channel,
    ):
        compensation_grpc.CompensationServiceStub(channel).ComputeCompensation(question())
        assert not way.given_up.is_set()
        way.swallows.set()
        assert way.given_up.wait(PATIENCE_SECONDS)
