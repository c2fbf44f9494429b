"""Servers that are kept busy for as long as a test likes."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import grpc

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, Request
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, eventually, running
from tests.server.samples import decision, question


class Gate:
    """A calculator that lets nobody out until it is opened."""

    def __init__(self) -> None:
        self.opened = Event()
        self.inside = 0

    def decide(self, _: Request) -> Decision:
        self.inside += 1
        assert self.opened.wait(PATIENCE_SECONDS)
        return decision()


@contextmanager
def full() -> Iterator[tuple[Running, Gate, "grpc.Future[service_pb.ComputeCompensationResponse]"]]:
    """A server whose one place for a call is taken, and that for a batch."""
    gate = Gate()
    # What is asked of it while it drains is scraped too, and scrapes wait for each other.
    with running(Rigged(gate.decide), threads=1, max_concurrent_calls=1, drain_seconds=20) as server:
        first = server.compensation.ComputeCompensation.future(question())
        batch = server.compensation.BatchCompute.future(service_pb.BatchComputeRequest(items=[question()]))
        eventually(lambda: gate.inside == 2)
        yield server, gate, first
        gate.opened.set()
        batch.exception()


def stopping(server: Running) -> Thread:
    thread = Thread(target=server.stop)
    thread.start()
    eventually(lambda: '"event":"draining"' in server.output.getvalue())
    return thread
