"""Unary calls at all that a server can take, and how long each waits at half of that; with one worker and with two."""

import math
import shutil
from contextlib import AbstractContextManager, ExitStack
from typing import Final

from bench.calls import repeated
from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, compared, left_out, number
from bench.load import INSTALL, Target, Traffic, run_steadily
from bench.questions import data_plan
from bench.rounds import interleaved
from bench.servers import Server, empty_with, makegood_with
from bench.stats import spread
from bench.unary import METHOD

WORKERS: Final = (1, 2)
TRAFFIC: Final = Traffic(in_flight=32, connections=32)
"""As many connections as calls: the kernel spreads connections over workers, and with few of them one may get them all."""
EMPTY: Final = "empty call, grpcio alone"
DECISION: Final = "ComputeCompensation, NONE"
PERCENTILES: Final = (50, 99)
TARGETS: Final = {"rate": "≥ 0.8 ×", 99: "≤ 1.3 ×"}
_TITLE: Final = "unary calls at saturation and at half of it"


def section(effort: Effort) -> Section:
    """Measures it, on servers of its own."""
    note = (
        f"calls over {TRAFFIC.connections} connections. Saturation: {TRAFFIC.in_flight} calls in flight. Half: so many calls a "
        "second as are half of the server's own saturation, sent at their time whether or not earlier ones are answered. With "
        "two workers and the sender on two cores, three processes share them."
    )
    if shutil.which("h2load") is None:
        return Section(_TITLE, note, [left_out("all of it", INSTALL)])
    figures = []
    for workers in WORKERS:
        try:
            figures += _figures(workers, effort)
        except NoFiguresError as error:
            figures.append(left_out(_with(DECISION, workers), str(error)))
    return Section(_TITLE, note, figures)


def _figures(workers: int, effort: Effort) -> list[Figure]:
    request = data_plan().SerializeToString()
    servers: dict[str, AbstractContextManager[Server]] = {EMPTY: empty_with(workers), DECISION: makegood_with(workers)}
    with ExitStack() as stack:
        running = {name: stack.enter_context(server) for name, server in servers.items()}
        targets = {name: server.target(METHOD, request) for name, server in running.items()}
        saturated = interleaved(
            {name: repeated(running[name], targets[name], TRAFFIC, effort.seconds_of_calls) for name in targets}, effort.rounds
        )
        rates = {name: [1e6 / each.wall for each in readings] for name, readings in saturated.items()}
        halves = {name: spread(each).median / 2 for name, each in rates.items()}
        waits = interleaved(
            {name: _Waits(target, effort.seconds_of_calls, halves[name]) for name, target in targets.items()}, effort.rounds
        )
    figures = []
    for name in targets:
        measured = f"{spread(rates[name]).median:,.0f}/s"
        figures.append(
            compared(
                *(_with(name, workers), measured, rates[name], rates[EMPTY], EMPTY), TARGETS["rate"] if name == DECISION else ""
            )
        )
        for place, percent in enumerate(PERCENTILES):
            these, those = ([each[place] for each in waits[which]] for which in (name, EMPTY))
            measured = number(spread(these).median / 1e3, "ms")
            target = TARGETS.get(percent, "") if name == DECISION else ""
            figures.append(compared(f"  p{percent} at half, {halves[name]:,.0f}/s", measured, these, those, EMPTY, target))
    return figures


class _Waits:
    """A case whose reading are the percentiles of how long calls take, in µs."""

    def __init__(self, target: Target, seconds: float, per_second: float) -> None:
        self._target, self._seconds, self._per_second = target, seconds, per_second

    def __call__(self) -> list[float]:
        taken = run_steadily(self._target, self._seconds, self._per_second, TRAFFIC.connections)
        return [percentile(taken, percent) for percent in PERCENTILES]


def percentile(ascending: list[int], percent: int) -> float:
    """The least number that so many of a hundred do not exceed."""
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]


def _with(name: str, workers: int) -> str:
    return f"{name}, {workers} worker{'s'[: workers > 1]}"
