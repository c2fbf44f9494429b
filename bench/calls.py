"""Calls to a server as a case that takes turns: what a call costs by the clock, and of the server's CPU."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.figures import Figure, number, per_second
from bench.load import Target, Traffic, run
from bench.servers import Server
from bench.stats import ratios, spread

_LOG_IS_WRITTEN_SECONDS: Final = 0.2
"""Lines of the access log are written up to 0.1 s after their calls, and belong to what these cost."""


@dataclass(frozen=True, slots=True)
class Reading:
    """µs for each call: from the first request to the last answer, and of the server's CPU."""

    wall: float
    cpu: float


def repeated(server: Server, target: Target, traffic: Traffic, seconds: float) -> Callable[[], Reading]:
    """A case that calls ``target`` for about ``seconds``."""
    calls = traffic.in_flight
    took = run(target, calls, traffic)  # what is made on first use is made here
    while took < seconds / 4:  # a short run says little of how many fit into a long one
        calls = min(16 * calls, math.ceil(calls * seconds / took))
        took = run(target, calls, traffic)
    calls = max(traffic.in_flight, round(calls * seconds / took))

    def read() -> Reading:
        before = server.cpu_seconds()
        took = run(target, calls, traffic)
        time.sleep(_LOG_IS_WRITTEN_SECONDS)
        return Reading(took / calls * 1e6, (server.cpu_seconds() - before) / calls * 1e6)

    return read


def cost(what: str, readings: Sequence[Reading]) -> Figure:
    """What a call costs."""
    wall, cpu = spread([each.wall for each in readings]).median, spread([each.cpu for each in readings]).median
    return Figure(what, f"{number(wall, 'µs')}, {per_second(wall)}", cpu=number(cpu, "µs"))


def against(what: str, readings: Sequence[Reading], floor: Sequence[Reading], to: str, target: str = "") -> Figure:
    """The same, held against another call in the same rounds."""
    alone = cost(what, readings)
    ratio = ratios([each.wall for each in readings], [each.wall for each in floor])
    cpu_ratio = ratios([each.cpu for each in readings], [each.cpu for each in floor])
    return Figure(what, alone.measured, ratio, alone.cpu, cpu_ratio, to, target)
