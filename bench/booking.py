"""What it takes from a file to what is booked, held against what the server alone takes for the same questions."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import grpc

from bench.effort import Effort
from bench.figures import Figure, Section, compared
from bench.process import MIB
from bench.servers import RECEIVES, SERVICE_PATH, Server, makegood_with
from bench.weekend import city
from bench.weekend.filled import fill
from bench.weekend.living import City, Took
from makegood.v1 import compensation_service_pb2 as service_pb

ROWS_OF_A_MESSAGE: Final = 500
"""As the account asks."""
SERVER: Final = "the server alone"
BOOKED: Final = "file to booked"
ALONE: Final = "the same in one process"
FULL: Final = "into a full ledger"
AGAIN: Final = "the same again, nothing is new"
FILLED: Final = 20
"""Times as many bookings are in a full ledger before."""


def section(effort: Effort) -> Section:
    """Measures it, on the first day of the city weekend. Raises NoFiguresError, grpc.RpcError."""
    rows = effort.stream_rows // 10
    day = city.DAYS[0]
    took: dict[str, list[Took]] = {each: [] for each in (BOOKED, ALONE, FULL, AGAIN)}
    floor = []
    with makegood_with(1) as server, tempfile.TemporaryDirectory(prefix="makegood-") as folder:
        lived = City(Path(folder), server, rows)
        _, extract = lived.hear(day)
        empty, full = (Path(folder) / name for name in ("empty.sqlite", "full.sqlite"))
        for copy in (empty, full):
            shutil.copy(lived.ledger, copy)
        lived.settle(day, extract)
        there = fill(full, lived.ledger, FILLED)
        for _ in range(effort.starts):
            for what, ledger, more in ((ALONE, empty, ("--processes", "1")), (FULL, full, ()), (BOOKED, empty, ())):
                _put(ledger, lived.ledger)
                took[what].append(lived.settle(day, extract, *more))
            took[AGAIN].append(lived.settle(day, extract))
            floor.append(_asked(server, lived.ledger))
    seconds = [each for each, _ in floor]
    questions, bookings = floor[0][1], took[BOOKED][0].bookings
    names = {FULL: f"the same into a ledger that holds {there:,}"}
    figures = [Figure(SERVER, f"{questions / _middle(seconds):,.0f} questions/s")]
    for what, several in took.items():
        each = _middle([one.seconds for one in several])
        pace = f"{rows / each:,.0f} rows/s" + ("" if what == AGAIN else f", {bookings / each:,.0f} bookings/s")
        figures.append(compared(names.get(what, what), pace, [one.seconds for one in several], seconds, SERVER))
    most = max(one.peak_bytes for one in took[BOOKED])
    figures.append(Figure("the most memory of a run, all its processes", f"{most / MIB:,.0f} MiB"))
    note = (
        f"day 1 of bench/weekend: {rows:,} subscribers from Parquet, {questions:,} questions that were decided, "
        f"{bookings:,} bookings into SQLite, by `clients.account run` from its start to its end, processes that begin and all; "
        f"to the same questions in {SERVER}: as bytes that are ready, {ROWS_OF_A_MESSAGE} in a message, one after another over "
        "loopback; one worker."
    )
    return Section("from a file to what is booked", note, figures)


def _put(ledger: Path, into: Path) -> None:
    """A ledger in place of another."""
    for journal in ("-wal", "-shm"):
        into.with_name(into.name + journal).unlink(missing_ok=True)
    shutil.copy(ledger, into)


def _middle(several: Sequence[float]) -> float:
    return sorted(several)[len(several) // 2]


def _asked(server: Server, ledger: Path) -> tuple[float, int]:
    """Seconds in which the server answers all that a ledger asked, and how many questions that are."""
    messages, number = [], 0
    with closing(sqlite3.connect(ledger)) as connection:
        questions = (service_pb.ComputeCompensationRequest.FromString(row[0]) for row in connection.execute(_QUESTIONS))
        while some := list(islice(questions, ROWS_OF_A_MESSAGE)):
            messages.append(service_pb.BatchComputeRequest(items=some).SerializeToString())
            number += len(some)
    with grpc.insecure_channel(server.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"{SERVICE_PATH}/BatchCompute")
        began = time.perf_counter()
        for message in messages:
            call(message, timeout=60, metadata=(RECEIVES,))
        return time.perf_counter() - began, number


_QUESTIONS: Final = "select question from person_question order by subscriber_id, account_revision, number"
