"""What it takes from a file to what is booked, held against what the server alone takes for the same questions."""

import sqlite3
import tempfile
import time
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
from bench.weekend.living import City
from makegood.v1 import compensation_service_pb2 as service_pb

ROWS_OF_A_MESSAGE: Final = 500
"""As the account asks."""
SERVER: Final = "the server alone"


def section(effort: Effort) -> Section:
    """Measures it, on the first day of the city weekend. Raises NoFiguresError, grpc.RpcError."""
    rows = effort.stream_rows // 10
    alone, booked, again = [], [], []
    with makegood_with(1) as server:
        for _ in range(effort.starts):
            with tempfile.TemporaryDirectory(prefix="makegood-") as folder:
                lived = City(Path(folder), server, rows)
                day = city.DAYS[0]
                _, extract = lived.hear(day)
                booked.append(lived.settle(day, extract))
                again.append(lived.settle(day, extract))
                alone.append(_asked(server, lived.ledger))
    floor = [seconds for seconds, _ in alone]
    (_, questions), *_ = alone
    first = booked[0]
    each = sorted(each.seconds for each in booked)[len(booked) // 2]
    figures = [
        Figure(SERVER, f"{questions / sorted(floor)[len(floor) // 2]:,.0f} questions/s"),
        compared(
            "file to booked",
            f"{rows / each:,.0f} rows/s, {first.bookings / each:,.0f} bookings/s",
            [each.seconds for each in booked],
            floor,
            SERVER,
        ),
        compared(
            "the same again, nothing is new",
            f"{rows / sorted(each.seconds for each in again)[len(again) // 2]:,.0f} rows/s",
            [each.seconds for each in again],
            floor,
            SERVER,
        ),
        Figure("the most memory of a run", f"{max(each.peak_bytes for each in booked) / MIB:,.0f} MiB"),
    ]
    note = (
        f"day 1 of bench/weekend: {rows:,} subscribers from Parquet, {questions:,} questions that were decided, "
        f"{first.bookings:,} bookings into SQLite, by `clients.account run` from its start to its end; to the same questions "
        f"in {SERVER}: as bytes that are ready, {ROWS_OF_A_MESSAGE} in a message, one after another over loopback; one worker."
    )
    return Section("from a file to what is booked", note, figures)


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
