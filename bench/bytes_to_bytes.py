"""A batch from its bytes to the bytes of its answer, against the least that any handler has to do with these bytes."""

from collections.abc import Callable
from typing import Final

from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, compared, number, per_second
from bench.handler import BatchHandler
from bench.mixes import MIXES
from bench.rounds import interleaved, timed
from bench.rows import THIRD_PARTIES, Batch, explaining, of_a_newer_contract, own, shared
from bench.stats import spread
from makegood.v1 import compensation_service_pb2 as service_pb

ROWS: Final = 10_000
SIZES: Final = (1, 50, ROWS)
SHARED: Final = "one outage for all rows"
OWN: Final = "an outage of its own for each row"
THIRD_PARTY: Final = "the same, of third parties: with recourse"
NEWER: Final = "the same, with a field of a newer contract in each row"
FLOOR: Final = "parse and serialize by upb, {}"
TARGETS: Final = {"NONE": "≤ 3 ×", "SUMMARY": "≤ 3 ×", "FULL": "≤ 8 ×"}
TARGET_OF_ONE: Final = "≤ 6 µs"


def section(handler: BatchHandler, effort: Effort) -> Section:
    """Measures it. Raises NoFiguresError."""
    asked: dict[str, Batch] = {}
    for name, batch_of in MIXES.items():
        for rows in SIZES:
            asked[f"{name}, {rows:,} rows, NONE" if rows > 1 else f"{name}, 1 row, NONE"] = batch_of(rows)
        asked[f"{name}, {ROWS:,} rows, SUMMARY"] = explaining(batch_of(ROWS), "SUMMARY")
    asked[f"{OWN}, {ROWS:,} rows, NONE"] = own(ROWS)
    asked[f"{THIRD_PARTY}, {ROWS:,} rows, NONE"] = own(ROWS, THIRD_PARTIES)
    asked[f"{NEWER}, {ROWS:,} rows, NONE"] = of_a_newer_contract(own(ROWS))
    asked[f"{OWN}, 500 rows, FULL"] = explaining(own(500), "FULL")
    work: dict[str, Callable[[], object]] = {}
    for name, batch in asked.items():
        work[name] = _handling(handler, batch.SerializeToString())
        work[FLOOR.format(name)] = _floor(handler, batch)
    readings = interleaved({name: timed(each, effort.seconds_of_calculation) for name, each in work.items()}, effort.rounds)
    by_row = {name: [each / len(batch.items) for each in readings[name]] for name, batch in asked.items()}
    floors = {name: [each / len(batch.items) for each in readings[FLOOR.format(name)]] for name, batch in asked.items()}
    figures = [
        compared(name, _measured(by_row[name]), by_row[name], floors[name], "parse and serialize", _target(name))
        for name in asked
    ]
    note = (
        "CPU time of one decision, of all threads, without gRPC: from request bytes to response bytes. The floor parses the "
        "same request and serializes the same response as protobuf's upb does. Mixes are of what a month at an operator brings."
    )
    return Section("a batch, bytes to bytes", note, figures)


def _target(name: str) -> str:
    return TARGET_OF_ONE if ", 1 row," in name else TARGETS[name.rpartition(", ")[2]]


def answered(handler: BatchHandler, batch: Batch) -> service_pb.BatchComputeResponse:
    """The answer to ``batch``. Raises NoFiguresError unless each row is decided."""
    response = service_pb.BatchComputeResponse.FromString(handler(batch.SerializeToString()))
    decided = sum(result.HasField("decision") for result in response.results)
    if decided != len(batch.items):
        raise NoFiguresError(f"{decided} of {len(batch.items)} rows were decided")
    return response


def _floor(handler: BatchHandler, batch: Batch) -> Callable[[], object]:
    request, response = batch.SerializeToString(), answered(handler, batch)

    def work() -> None:
        Batch.FromString(request)
        response.SerializeToString()

    return work


def _handling(handler: BatchHandler, request: bytes) -> Callable[[], object]:
    return lambda: handler(request)


def _measured(micros: list[float]) -> str:
    middle = spread(micros).median
    return f"{number(middle, 'µs')}, {per_second(middle)}"


__all__ = ["OWN", "ROWS", "SHARED", "Figure", "answered", "section", "shared"]
