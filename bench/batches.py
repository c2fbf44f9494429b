"""Many decisions in one call, over loopback."""

from typing import Final

from bench.calls import Reading, repeated
from bench.effort import Effort
from bench.figures import Figure, Section, number, per_second
from bench.load import Traffic
from bench.questions import data_plan
from bench.rounds import interleaved
from bench.rows import shared
from bench.servers import SERVICE_PATH, Server
from bench.stats import ratios, spread
from bench.unary import METHOD as UNARY
from server.settings import Settings

METHOD: Final = f"{SERVICE_PATH}/BatchCompute"
ROWS: Final = (1, 10, 50, 1_000, 10_000, 100_000)
ROWS_OF_SOURCE: Final = 1_000
"""Of a worker that runs the source as it stands."""
TRAFFIC: Final = Traffic(in_flight=2)
TARGETS: Final = {10_000: "≥ 200,000/s"}


def section(makegood: Server, raised: Server, uncompiled: Server, effort: Effort) -> Section:
    """Measures it; on ``raised``, whose limits are raised, what is over the limits of ``makegood``."""
    most = Settings().max_batch_rows
    unary = makegood.target(UNARY, data_plan().SerializeToString())
    cases = {0: repeated(makegood, unary, TRAFFIC, effort.seconds_of_calls)}
    for rows in ROWS:
        server = makegood if rows <= most else raised
        target = server.target(METHOD, shared(rows).SerializeToString())
        cases[rows] = repeated(server, target, TRAFFIC, effort.seconds_of_calls)
    source = uncompiled.target(METHOD, shared(ROWS_OF_SOURCE).SerializeToString())
    cases[-1] = repeated(uncompiled, source, TRAFFIC, effort.seconds_of_calls)
    readings = interleaved({str(rows): case for rows, case in cases.items()}, effort.rounds)
    figures = [decision_figure("ComputeCompensation", readings["0"], 1, readings["0"], "unary")]
    for rows in ROWS:
        what = f"BatchCompute, {rows:,} row{'s'[: rows > 1]}"
        figures.append(decision_figure(what, readings[str(rows)], rows, readings["0"], "unary", TARGETS.get(rows, "")))
    figures.append(
        decision_figure(
            f"BatchCompute, {ROWS_OF_SOURCE:,} rows, not compiled",
            *(readings["-1"], ROWS_OF_SOURCE, readings["0"], "unary", "server CPU ≤ 60 µs"),
        )
    )
    note = (
        f"for each decision, one worker, {TRAFFIC.in_flight} calls in flight; rows of all plans, one outage for all of them, "
        f"explain NONE. Over {most:,} rows by a worker whose limits are raised."
    )
    return Section("batches over loopback", note, figures)


def decision_figure(
    what: str, readings: list[Reading], rows: int, floor: list[Reading], to: str, target: str = "", floor_rows: int = 1
) -> Figure:
    """What a decision costs in calls of ``rows`` of them, against one in calls of ``floor_rows``."""
    wall, cpu = [each.wall / rows for each in readings], [each.cpu / rows for each in readings]
    middle = spread(wall).median
    return Figure(
        what,
        f"{number(middle, 'µs')}, {per_second(middle)}",
        ratios(wall, [each.wall / floor_rows for each in floor]),
        number(spread(cpu).median, "µs"),
        ratios(cpu, [each.cpu / floor_rows for each in floor]),
        to,
        target,
    )
