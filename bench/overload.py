"""What is still answered when more is asked than can be: 2, 4 and 8 times as many calls a second as the server's peak.

The server has one core to itself and the sender the other one, so that the sender takes nothing away. Calls are sent at their
time, whether or not earlier ones are answered (open loop), as far as their connections let them through.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.errors import NoFiguresError
from bench.figures import Figure, Section, left_out, number
from bench.load import INSTALL, Target, goodput
from bench.questions import data_plan
from bench.servers import MAKEGOOD, serving
from bench.stats import Spread
from bench.steady import percentile
from bench.unary import METHOD

CONNECTIONS: Final = 50
TIMES: Final = (1, 2, 4, 8)
TARGET: Final = "≥ 0.8 ×"
_TITLE: Final = "unary calls under overload"
_PEAK: Final = "peak, 8 connections, 4 calls in flight on each"


def section(seconds: float) -> Section:
    """Measures it, each for so many seconds."""
    note = (
        f"calls of one data plan over {CONNECTIONS} connections, so many times the peak a second, sent at their time whether "
        "or not earlier ones are answered. Server and sender have a core each. Answered: with a decision; times are from when "
        "a connection let the call through."
    )
    if shutil.which("h2load") is None:
        return Section(_TITLE, note, [left_out("all of it", INSTALL)])
    if len(os.sched_getaffinity(0)) < 2:
        return Section(_TITLE, note, [left_out("all of it", "there is one core, and it takes two")])
    try:
        return Section(_TITLE, note, list(_figures(seconds)))
    except NoFiguresError as error:
        return Section(_TITLE, note, [left_out("all of it", str(error))])


def _figures(seconds: float) -> Iterator[Figure]:
    for_server, for_sender = sorted(os.sched_getaffinity(0))[:2]
    with _on(for_server), serving((*MAKEGOOD, "--log-calls", "none")) as (server,), _on(for_sender):
        target = server.target(METHOD, data_plan().SerializeToString())
        _measured(target, seconds / 4, None)  # what is made on first use is made here
        peak, taken = _measured(target, seconds, None)
        yield Figure(_PEAK, f"{peak:,.0f}/s, p99 {number(percentile(taken, 99) / 1e3, 'ms')}")
        for times in TIMES:
            rate, taken = _measured(target, seconds, times * peak)
            share = rate / peak
            measured = f"{rate:,.0f}/s, p99 {number(percentile(taken, 99) / 1e3, 'ms')}"
            yield Figure(f"{times} × the peak asked", measured, Spread(share, share, share), to=_PEAK, target=TARGET)


def _measured(target: Target, seconds: float, per_second: float | None) -> tuple[float, list[int]]:
    """Answers a second, and how long each call took, in µs, ascending; ``per_second`` None: as many as are answered."""
    if per_second is None:
        return goodput(target, seconds, connections=8, streams=4)
    return goodput(target, seconds, connections=CONNECTIONS, streams=400, per_second=per_second)


@contextmanager
def _on(core: int) -> Iterator[None]:
    """What this thread starts meanwhile runs on ``core`` alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
