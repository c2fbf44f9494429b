"""(e) Many decisions in one call."""

from typing import Final

from bench.calls import Reading, repeated
from bench.effort import Effort
from bench.figures import Figure, Section, number
from bench.questions import batch, data_plan
from bench.rounds import interleaved
from bench.servers import Server
from bench.stats import ratios, spread
from bench.unary import METHOD as UNARY

METHOD: Final = "BatchCompute"
ROWS: Final = (1, 10, 50, 1_000, 10_000)
IN_FLIGHT: Final = 2


def section(makegood: Server, effort: Effort) -> Section:
    """Measures it."""
    unary = makegood.target(UNARY, data_plan().SerializeToString())
    cases = {0: repeated(makegood, unary, IN_FLIGHT, effort.seconds_of_calls)}
    for rows in ROWS:
        target = makegood.target(METHOD, batch(rows).SerializeToString())
        cases[rows] = repeated(makegood, target, IN_FLIGHT, effort.seconds_of_calls)
    readings = interleaved({str(rows): case for rows, case in cases.items()}, effort.rounds)
    figures = [_figure("ComputeCompensation", readings["0"], 1, readings["0"])]
    figures += [
        _figure(f"BatchCompute, {rows:,} row{'s'[: rows > 1]}", readings[str(rows)], rows, readings["0"]) for rows in ROWS
    ]
    note = f"for each decision, {IN_FLIGHT} calls in flight; rows of all plans, one outage for all of them, explain NONE."
    return Section("e  batches", note, figures)


def _figure(what: str, readings: list[Reading], rows: int, unary: list[Reading]) -> Figure:
    wall, cpu = [each.wall / rows for each in readings], [each.cpu / rows for each in readings]
    middle = spread(wall).median
    return Figure(
        what,
        f"{number(middle, 'µs')}, {1e6 / middle:,.0f}/s",
        ratios(wall, [each.wall for each in unary]),
        number(spread(cpu).median, "µs"),
        ratios(cpu, [each.cpu for each in unary]),
        "unary",
    )
