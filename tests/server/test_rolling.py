"""Servers and workers are replaced under load, gently and not, without a failed call for a client that follows our advice."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import grpc

from clients.errors import CallFailed
from clients.retry import within
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from tests.server.processes import STOP_SECONDS, lives, started
from tests.server.running import PATIENCE_SECONDS, eventually
from tests.server.samples import GRANTED_BYTES, minimal, question
from tests.server.two_workers import CALLERS, pids, two_workers

CALLS_BETWEEN = 20
TIMES = 3


class Client(Thread):
    """Asks one call after another, and again what may be repeated, as clients of ours do."""

    granted = frozenset({GRANTED_BYTES})
    """Amounts, one of which every answer has."""

    def __init__(self, address: str, enough: Event) -> None:
        super().__init__()
        self._address = address
        self._enough = enough
        self.answered = 0
        self.failed: list[str] = []

    def run(self) -> None:
        while not self._enough.is_set():
            # A new connection now and then, so that all who listen have some.
            with grpc.insecure_channel(self._address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                stub = compensation_grpc.CompensationServiceStub(channel)
                for _ in range(CALLS_BETWEEN):
                    self._ask(stub)

    def _ask(self, stub: compensation_grpc.CompensationServiceStub) -> None:
        try:
            answer = within(
                PATIENCE_SECONDS,
                lambda left: stub.ComputeCompensation(question(), timeout=left),
                address=self._address,
            )
        except CallFailed as error:
            self.failed.append(str(error))
            return
        outcome, quantity = minimal(answer.decision)
        assert outcome == "OUTCOME_GRANTED"
        assert quantity in self.granted
        self.answered += 1


@contextmanager
def asking(address: str, kind: type[Client] = Client) -> Iterator[list[Client]]:
    """Clients at work until the end of the block; none of them may have failed by then."""
    enough = Event()
    clients = [kind(address, enough) for _ in range(CALLERS)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        enough.set()
        for client in clients:
            client.join()
    assert [failed for client in clients for failed in client.failed] == []


def some_more(clients: list[Client]) -> None:
    """Waits until each has some more answers."""
    before = [client.answered for client in clients]
    eventually(lambda: all(client.answered >= then + CALLS_BETWEEN for client, then in zip(clients, before, strict=True)))


def test_a_server_that_is_replaced_by_another_on_its_port_costs_no_call() -> None:
    share = ("--reuse-port", "yes", "--log-calls", "none")
    with ExitStack() as stack:
        server = stack.enter_context(started(*share))
        with asking(server.address) as clients:
            some_more(clients)
            for _ in range(TIMES):
                successor = stack.enter_context(started(*share, "--listen", server.address))
                some_more(clients)
                server.process.send_signal(signal.SIGTERM)
                assert server.process.wait(STOP_SECONDS) == 0
                some_more(clients)
                server = successor


def test_a_server_that_is_killed_beside_another_on_its_port_costs_no_call() -> None:
    share = ("--reuse-port", "yes", "--log-calls", "none")
    with started(*share) as server, started(*share, "--listen", server.address), asking(server.address) as clients:
        some_more(clients)
        server.process.kill()
        some_more(clients)


def test_workers_that_are_renewed_and_killed_cost_no_call() -> None:
    with two_workers("--log-calls", "none") as server, asking(server.address) as clients:
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            some_more(clients)
            came_up = len(pids(server))
            os.kill(pids(server)[-1], number)
            eventually(lambda came_up=came_up: len(pids(server)) > came_up)  # type: ignore[misc]
        some_more(clients)


def test_workers_that_are_all_killed_at_once_and_again_cost_no_call() -> None:
    """Though those that live so short are replaced after a pause that grows: one of them comes back sooner."""
    with two_workers("--log-calls", "none") as server, asking(server.address) as clients:
        for _ in range(TIMES):
            some_more(clients)
            for pid in filter(lives, pids(server)):
                os.kill(pid, signal.SIGKILL)
        some_more(clients)
