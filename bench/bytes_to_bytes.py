"""A batch from its bytes to the bytes of its answer, against the least that any handler has to do with these bytes."""

from collections.abc import Callable
from typing import Final

from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, compared, number, per_second
from bench.handler import BatchHandler
from bench.rounds import interleaved, timed
from bench.rows import THIRD_PARTIES, Batch, explaining, own, shared
from bench.stats import spread
from makegood.v1 import compensation_service_pb2 as service_pb

ROWS: Final = 10_000
SHARED: Final = "one outage for all rows"
OWN: Final = "an outage of its own for each row"
THIRD_PARTY: Final = "the same, of third parties: with recourse"
FLOOR: Final = "parse and serialize by upb, {}"
TARGET_OF_NONE: Final = "≤ 5 ×, ≥ 400,000/s"
TARGET_OF_SUMMARY: Final = "≤ 2 ×"


def section(handler: BatchHandler, effort: Effort) -> Section:
    """Measures it. Raises NoFiguresError."""
    asked: dict[str, Batch] = {}
    work: dict[str, Callable[[], object]] = {}
    for which, batch in ((SHARED, shared(ROWS)), (OWN, own(ROWS)), (THIRD_PARTY, own(ROWS, THIRD_PARTIES))):
        asked[f"{which}, NONE"] = batch
        if which != THIRD_PARTY:
            asked[f"{which}, SUMMARY"] = explaining(batch, "SUMMARY")
        work[FLOOR.format(which)] = _floor(handler, batch)
    for name, batch in asked.items():
        work[name] = _handling(handler, batch.SerializeToString())
    readings = interleaved({name: timed(each, effort.seconds_of_calculation) for name, each in work.items()}, effort.rounds)
    by_row = {name: [each / ROWS for each in readings[name]] for name in readings}
    figures = []
    for which in (SHARED, OWN, THIRD_PARTY):
        floor, none, summary = FLOOR.format(which), f"{which}, NONE", f"{which}, SUMMARY"
        figures.append(Figure(floor, _measured(by_row[floor])))
        figures.append(_held_against(none, by_row, floor, "parse and serialize", TARGET_OF_NONE))
        if summary in by_row:
            figures.append(_held_against(summary, by_row, none, "the same, NONE", TARGET_OF_SUMMARY))
    note = (
        f"CPU time of one decision in a batch of {ROWS:,}, of all threads, without gRPC: from request bytes to response bytes, "
        "rows of all plans. The floor parses the same request and serializes the same response as protobuf's upb does."
    )
    return Section("a batch, bytes to bytes", note, figures)


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


def _held_against(what: str, by_row: dict[str, list[float]], floor: str, to: str, target: str) -> Figure:
    return compared(what, _measured(by_row[what]), by_row[what], by_row[floor], to, target)
