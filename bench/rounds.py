"""Cases in turn, round after round: what disturbs the machine for a while then disturbs all of them alike."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


def interleaved(cases: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """The readings of every case by round. Each round begins with another case, so that none is always first or last."""
    names = list(cases)
    readings: dict[str, list[T]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            readings[name].append(cases[name]())
    return readings


def timed(work: Callable[[], object], seconds: float) -> Callable[[], float]:
    """A case that takes about ``seconds`` and reads the µs of one run of ``work``, which must leave nothing behind.

    The reading is of this process's CPU time, so that other work on the machine does not count.
    """
    once = _cpu_seconds(work, 1)  # what is made on first use is made here
    if once < seconds:
        once = _cpu_seconds(work, 1)
    times = max(1, int(seconds / once))
    return lambda: _cpu_seconds(work, times) / times * 1e6


def _cpu_seconds(work: Callable[[], object], times: int) -> float:
    began = time.process_time_ns()
    for _ in range(times):
        work()
    return (time.process_time_ns() - began) / 1e9
