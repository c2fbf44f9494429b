"""``python -m tests.burst [KIND …]``: how long another caller waits while a thousand calls come at once.

The one asks one question after another over a connection of its own. Two seconds later 63 connections open 16 calls each, as
fast as they can, of one of the kinds below. Prints the longest waits of the one, and when they began, counted from the first of
these calls.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from typing import Final

import grpc

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.settings import Address
from tests.server.processes import ALL_POLICIES, started
from tests.server.raw import Raw
from tests.server.running import PATIENCE_SECONDS
from tests.server.samples import question
from tests.support.telling import tell

CONNECTIONS: Final = 63
CALLS: Final = 16
"""So many a connection may have open."""
WARM: Final = 50
QUIET_SECONDS, BURST_SECONDS = 2.0, 4.0
SHOWN: Final = 4


@dataclass(frozen=True)
class Kind:
    """``rows`` 0: calls whose message does not come. ``window_bytes``: of an answer that is not read."""

    method: str
    rows: int = 0
    window_bytes: int | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "half-open questions": Kind("ComputeCompensation"),
    "half-open batches": Kind("BatchCompute"),
    "silent streams": Kind("StreamCompute"),
    "unread batches of 40 rows": Kind("BatchCompute", 40, 1),
    "questions that are answered": Kind("ComputeCompensation", 1),
    "calls of a method that there is not": Kind("Nothing"),
}


def asking(address: str, waits: "Queue[tuple[float, float]]") -> None:
    """(when, how long) of each question, in seconds; the end of the wait is no answer where it is long."""
    with grpc.insecure_channel(address) as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        for _ in range(WARM):
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
        until = time.time() + QUIET_SECONDS + BURST_SECONDS
        waits.put((time.time(), 0.0))
        while time.time() < until:
            began = time.time()
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
            waits.put((began, time.time() - began))
            time.sleep(0.003)
    waits.put((0.0, -1.0))


def message_of(kind: Kind) -> bytes | None:
    """What each of its calls sends."""
    if not kind.rows:
        return None
    if kind.rows == 1:
        return question().SerializeToString()
    return service_pb.BatchComputeRequest(items=[question()] * kind.rows).SerializeToString()


def burst(address: Address, kind: Kind, at: float, began: "Queue[float]", at_once: bool) -> None:
    """Opens all calls, and keeps them open; ``at_once``: each connection all of its own in one piece."""
    message, path = message_of(kind), f"/makegood.v1.CompensationService/{kind.method}"
    callers = [Raw(address, kind.window_bytes) for _ in range(CONNECTIONS)]
    for caller in callers if at_once else ():
        for _ in range(CALLS):
            caller.open(path, message, ends=message is not None, waits=True)
    time.sleep(max(0.0, at - time.time()))
    began.put(time.time())
    for _ in range(CALLS):
        for caller in callers:
            if at_once:
                caller.send()
            else:
                caller.open(path, message, ends=message is not None)
    time.sleep(BURST_SECONDS)


def measured(kind: Kind, *, at_once: bool) -> tuple[float, list[tuple[float, float]]]:
    """(the longest wait before it, the longest since: when, how long)."""
    context = get_context("spawn")
    with started("--log-calls", "none", environment=ALL_POLICIES) as server:
        host, _, port = server.address.rpartition(":")
        waits: Queue[tuple[float, float]] = context.Queue()
        began: Queue[float] = context.Queue()
        one = context.Process(target=asking, args=(server.address, waits), daemon=True)
        one.start()
        at = waits.get()[0] + QUIET_SECONDS
        many = context.Process(target=burst, args=(Address(host, int(port)), kind, at, began, at_once), daemon=True)
        many.start()
        first = began.get()
        seen = list(iter(waits.get, (0.0, -1.0)))
        one.join()
        many.kill()
        many.join()
    before = max(wait for when, wait in seen if when + wait < first)
    since = sorted(((when - first, wait) for when, wait in seen if when + wait >= first), key=lambda each: -each[1])
    return before, since[:SHOWN]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.burst", description="What others wait when a thousand calls come at once."
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all where none is named")
    parser.add_argument("--at-once", action="store_true", help="each connection sends all of its calls in one piece")
    asked = parser.parse_args()
    for name in asked.kinds or KINDS:
        before, since = measured(KINDS[name], at_once=asked.at_once)
        told = ", ".join(f"{1000 * wait:,.0f} ms (from {1000 * when:,.0f} ms on)" for when, wait in since)
        tell(f"{name}: {1000 * before:,.0f} ms at most before; then {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
