"""A full server says so at once, and what is not work still goes through; a server that goes down lets work end."""

from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from grpc_health.v1 import health_pb2
from grpc_status import rpc_status

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, Request
from server.pool import CallPool
from tests.server.gates import Gate, full, stopping
from tests.server.messages import details_of
from tests.server.running import METHODS, PATIENCE_SECONDS, Rigged, code_name, ended, eventually, refused, running
from tests.server.samples import decision, question


def test_a_call_over_the_limit_is_refused_at_once() -> None:
    """Before work, and without a place in the queue: the one that is in its way does not move meanwhile."""
    with full() as (server, gate, first):
        status = refused(lambda: server.compensation.ComputeCompensation(question()))
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        assert gate.inside == 2
        assert not first.done()


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if not method.server_streaming])
def test_every_method_is_refused_over_the_limit_with_a_time_to_try_again(method: str) -> None:
    with full() as (server, _, __):
        status = rpc_status.from_call(ended(server, method))
        assert status is not None
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        assert details_of(status)["RetryInfo"].retry_delay.ToMilliseconds() > 0


def test_a_place_that_becomes_free_is_given_away() -> None:
    with full() as (server, gate, first):
        refused(lambda: server.compensation.ComputeCompensation(question()))
        gate.opened.set()
        assert first.result().decision.grants
        eventually(lambda: server.compensation.ComputeCompensation(question()).decision.grants)


def test_calls_up_to_the_limit_queue_and_are_answered() -> None:
    gate = Gate()
    with running(Rigged(gate.decide), threads=1, max_concurrent_calls=4) as server:
        pending = [server.compensation.ComputeCompensation.future(question(str(index))) for index in range(4)]
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 4)
        assert code_name(refused(lambda: server.compensation.ComputeCompensation(question()))) == "RESOURCE_EXHAUSTED"
        gate.opened.set()
        assert [call.result().request_id for call in pending] == ["0", "1", "2", "3"]


def test_a_full_server_answers_probes_and_metrics() -> None:
    with full() as (server, _, __):
        assert server.health() == health_pb2.HealthCheckResponse.SERVING
        assert server.metric("makegood_grpc_calls_in_flight") == 2


def test_batches_do_not_take_the_place_of_calls() -> None:
    """They take long, and calls are short."""
    gate = Gate()

    def decide(request: Request) -> Decision:
        assert request.subscriber is not None
        return gate.decide(request) if request.subscriber.subscriber_id == "batch" else decision()

    with running(Rigged(decide), threads=1) as server:
        held = [
            server.compensation.BatchCompute.future(service_pb.BatchComputeRequest(items=[question("x", "batch")]))
            for _ in range(4)
        ]
        eventually(lambda: gate.inside)
        assert server.compensation.ComputeCompensation(question(), timeout=PATIENCE_SECONDS).decision.grants
        gate.opened.set()
        assert [len(batch.result().results) for batch in held] == [1] * 4


def test_streams_do_not_take_the_place_of_calls() -> None:
    hold = Event()

    def endless() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question()])
        hold.wait(PATIENCE_SECONDS)

    with running(Rigged(lambda _: decision()), threads=1, max_concurrent_calls=1, max_concurrent_streams=2) as server:
        streams = [server.compensation.StreamCompute(endless()) for _ in range(2)]
        for stream in streams:
            next(stream)
        assert server.compensation.ComputeCompensation(question(), timeout=PATIENCE_SECONDS).decision.grants
        third = refused(lambda: list(server.compensation.StreamCompute(iter(()))))
        assert code_name(third) == "RESOURCE_EXHAUSTED"
        hold.set()
        assert [len(list(stream)) for stream in streams] == [0, 0]


def test_calls_that_are_given_up_in_the_queue_free_their_place() -> None:
    gate = Gate()
    with running(Rigged(gate.decide), threads=1, max_concurrent_calls=2) as server:
        first = server.compensation.ComputeCompensation.future(question())
        eventually(lambda: gate.inside == 1)
        refused(lambda: server.compensation.ComputeCompensation(question(), timeout=0.05))
        gate.opened.set()
        first.result()
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 0)
        both = [server.compensation.ComputeCompensation.future(question()) for _ in range(2)]
        assert all(call.result().decision.grants for call in both)


# ------------------------------------------------------------------------------------------------------------- draining


def test_a_draining_server_refuses_new_calls_and_ends_running_ones() -> None:
    with full() as (server, gate, first):
        thread = stopping(server)
        for method in METHODS:
            status = rpc_status.from_call(ended(server, method))
            assert status is not None
            assert (method, code_name(status)) == (method, "UNAVAILABLE")
            assert details_of(status)["RetryInfo"].retry_delay.ToMilliseconds() > 0
            assert server.metric("makegood_grpc_call_duration_seconds_count", method=method, code="UNAVAILABLE") == 1
        gate.opened.set()
        assert first.result().decision.grants
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_a_draining_server_is_not_serving_to_probes() -> None:
    with full() as (server, gate, _):
        thread = stopping(server)
        for service in ("", "makegood.v1.CompensationService", "makegood.v1.PolicyService"):
            assert server.health(service) == health_pb2.HealthCheckResponse.NOT_SERVING
        gate.opened.set()
        thread.join()


def test_a_stream_ends_in_order_while_the_server_drains() -> None:
    go_on = Event()

    def two() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        assert go_on.wait(PATIENCE_SECONDS)
        yield service_pb.StreamComputeRequest(items=[question("b")])

    with running(Rigged(lambda _: decision())) as server:
        answers = server.compensation.StreamCompute(two())
        assert next(answers).results[0].request_id == "a"
        thread = stopping(server)
        go_on.set()
        assert [answer.results[0].request_id for answer in answers] == ["b"]
        thread.join()


def test_after_the_drain_time_a_stream_is_cut_with_a_code_that_may_be_repeated() -> None:
    hold = Event()

    def endless() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest(items=[question("a")])
        hold.wait(PATIENCE_SECONDS)

    with running(Rigged(lambda _: decision()), drain_seconds=0) as server:
        answers = server.compensation.StreamCompute(endless())
        next(answers)
        assert server.stop() == 0
        assert code_name(refused(lambda: list(answers))) == "UNAVAILABLE"
        hold.set()


def test_a_call_that_never_ends_does_not_hold_up_the_stop() -> None:
    gate = Gate()
    with running(Rigged(gate.decide), drain_seconds=0) as server:
        pending = server.compensation.ComputeCompensation.future(question())
        eventually(lambda: gate.inside == 1)
        assert server.stop() == 1, "the call holds its thread: it did not end, and was not waited for"
        assert code_name(refused(pending.result)) == "UNAVAILABLE"
        gate.opened.set()


def test_an_idle_server_stops_at_once() -> None:
    """It waits for what runs, not for the drain time."""
    with running(Rigged(lambda _: decision()), drain_seconds=600) as server:
        thread = Thread(target=server.stop)
        thread.start()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


# ----------------------------------------------------------------------------------------------------------- call pools


def test_a_pool_counts_what_fails_too() -> None:
    def fail() -> None:
        raise LookupError

    ended: list[object] = []
    calls: list[Callable[[], None]] = [fail, lambda: None, fail]
    pool = CallPool("test", threads=1, limit=5)
    tasks = [pool.submit(call) for call in calls]
    for task in tasks:
        task.add_done_callback(ended.append)
    eventually(lambda: pool.in_flight == 0)
    eventually(lambda: ended == tasks)
    pool.shutdown()


def test_who_asks_late_is_told_of_an_end_too() -> None:
    pool = CallPool("test", threads=1, limit=5)
    task = pool.submit(lambda: None)
    eventually(lambda: pool.in_flight == 0)
    ended = Event()
    task.add_done_callback(lambda _: ended.set())
    assert ended.wait(PATIENCE_SECONDS)
    pool.shutdown()


def test_a_pool_runs_as_many_calls_at_once_as_it_has_threads() -> None:
    go_on, pool = Event(), CallPool("test", threads=2, limit=5)
    inside: list[int] = []

    def hold(index: int) -> None:
        inside.append(index)
        go_on.wait(PATIENCE_SECONDS)

    for index in range(3):
        pool.submit(hold, index)
    eventually(lambda: inside == [0, 1])
    assert pool.in_flight == 3
    go_on.set()
    eventually(lambda: pool.in_flight == 0)
    assert inside == [0, 1, 2]
    pool.shutdown()


def test_a_pool_that_is_shut_down_drops_what_queues_and_counts_what_runs() -> None:
    go_on, pool = Event(), CallPool("test", threads=1, limit=5)
    running_call = pool.submit(go_on.wait, PATIENCE_SECONDS)
    eventually(pool._queue.empty)
    ended: list[object] = []
    for _ in range(3):
        pool.submit(lambda: None).add_done_callback(ended.append)
    pool.shutdown()
    assert len(ended) == 3
    assert pool.in_flight == 1
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(lambda: None)
    assert pool.in_flight == 1
    running_call.add_done_callback(ended.append)
    go_on.set()
    eventually(lambda: len(ended) == 4)
    assert pool.in_flight == 0
