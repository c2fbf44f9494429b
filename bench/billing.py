"""What it takes from a file of subscribers to a file of results, held against what the server alone takes for the same rows."""

import tempfile
import time
from pathlib import Path
from typing import Final

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from bench.effort import Effort
from bench.figures import Figure, Section, compared, number
from bench.process import MIB
from bench.servers import RECEIVES, SERVICE_PATH, Server, makegood_with
from bench.weekend import city
from bench.weekend.living import City, Took
from clients import parsing
from clients.billing import outages
from clients.billing.questions import Asking
from clients.billing.subscribers import SubscriberReader
from clients.tables import opening
from clients.tables.options import TableOptions
from makegood.v1 import compensation_service_pb2 as service_pb

ROWS_OF_A_MESSAGE: Final = 500
"""As billing asks."""
SERVER: Final = "the server alone"
RUN: Final = "Parquet to Parquet"


def section(effort: Effort) -> Section:
    """Measures it, on the first day of the city weekend. Raises NoFiguresError, grpc.RpcError."""
    rows = effort.stream_rows
    day = city.DAYS[0]
    took: list[Took] = []
    floor = []
    with makegood_with(1) as server, tempfile.TemporaryDirectory(prefix="makegood-") as folder:
        lived = City(Path(folder), server, rows)
        of_outages, extract = lived.hear(day)
        messages = _messages(extract, of_outages, day.as_of)
        for _ in range(effort.starts // 2 + 1):
            files = ("--subscribers", str(extract), "--outages", str(of_outages), "--out", str(Path(folder) / "r.parquet"))
            took.append(lived.command("clients.billing", "run", *files, "--as-of", day.as_of, "--restart", rows_may_fail=True))
            floor.append(_streamed(server, messages))
    asked = sum(len(service_pb.StreamComputeRequest.FromString(each).items) for each in messages)
    seconds, cpu, of_server = (
        [getattr(each, name) for each in took] for name in ("seconds", "cpu_seconds", "server_cpu_seconds")
    )
    figures = [
        Figure(SERVER, f"{asked / sorted(floor)[len(floor) // 2]:,.0f} rows/s"),
        compared(RUN, f"{rows / sorted(seconds)[len(seconds) // 2]:,.0f} rows/s", seconds, floor, SERVER),
        Figure("CPU of the run, all its processes", number(min(cpu) / rows * 1e6, "µs a row")),
        Figure("CPU of the server meanwhile", number(min(of_server) / rows * 1e6, "µs a row")),
        Figure("the most memory of the run, all its processes", f"{max(each.peak_bytes for each in took) / MIB:,.0f} MiB"),
    ]
    note = (
        f"{rows:,} subscribers of day 1 of bench/weekend, of whom outages hit {asked:,}, from Parquet to Parquet, by "
        f"`clients.billing run` from its start to its end, processes that begin and all; {SERVER}: the messages of that run as "
        "bytes that are ready, through one StreamCompute; one worker."
    )
    return Section("from a file to a file of results", note, figures)


def _messages(extract: Path, of_outages: Path, as_of: str) -> list[bytes]:
    """What a run asks, as bytes."""
    options = TableOptions()
    found, table = outages.load(of_outages, options), opening.open_table(extract, options)
    defaults = service_pb.BatchDefaults(mode=service_pb.MODE_AUTOMATIC, as_of=Timestamp(seconds=parsing.instant(as_of)))
    asking = Asking(SubscriberReader(table, str(extract), options, found), found, defaults, ROWS_OF_A_MESSAGE)
    chunks = table.chunks(table.start, 10_000)
    return [message for chunk in chunks for message in asking.questions(chunk).messages]


def _streamed(server: Server, messages: list[bytes]) -> float:
    """Seconds in which the server answers them."""
    with grpc.insecure_channel(server.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        call: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(f"{SERVICE_PATH}/StreamCompute")
        began = time.perf_counter()
        for _ in call(iter(messages), timeout=600, metadata=(RECEIVES,)):
            pass
        return time.perf_counter() - began
