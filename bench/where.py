"""Where the time of a batch goes: functions by the share of CPU time in which they, or libraries for them, were at work.

The process is interrupted by its own CPU clock, and the innermost function of ours is noted. That slows nothing down and needs
no names of what there is, so that it stays right when the rooms that it looks at are built anew.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Final

from bench.bytes_to_bytes import OWN, ROWS, SHARED
from bench.effort import Effort
from bench.figures import Figure, Section, number
from bench.handler import BatchHandler
from bench.rows import own, shared

_ROOMS: Final = ("policy.", "server.")
_EVERY_SECONDS: Final = 0.004
"""Linux looks at such a clock at its own ticks, which are about as far apart."""
_AT_LEAST: Final = 0.03
"""Share of the whole under which a function is told with the rest."""


def section(handler: BatchHandler, effort: Effort) -> Section:
    """Measures it."""
    figures = []
    for which, batch in ((SHARED, shared(ROWS)), (OWN, own(ROWS))):
        request = batch.SerializeToString()
        handler(request)
        micros, counted = _sampled(lambda request=request: handler(request), 2 * effort.seconds_of_calls)  # type: ignore[misc]
        figures += _figures(which, micros / ROWS, counted)
    note = (
        f"CPU time of one decision in a batch of {ROWS:,}, bytes to bytes, explain NONE, by the function of ours that was at "
        f"work when the clock of the process struck, each {_EVERY_SECONDS * 1e3:.0f} ms; a library counts for its caller."
    )
    return Section("where the time of a batch goes", note, figures)


def _figures(which: str, micros: float, counted: Counter[str]) -> list[Figure]:
    total = counted.total()
    figures = [Figure(which, number(micros, "µs"))]
    told = [(name, count) for name, count in counted.most_common() if count >= _AT_LEAST * total]
    told.append(("all others", total - sum(count for _, count in told)))
    for name, count in told:
        share = count / total
        figures.append(Figure(f"  {name}", f"{number(share * micros, 'µs')}, {share:.0%}"))
    return figures


def _sampled(work: Callable[[], object], seconds: float) -> tuple[float, Counter[str]]:
    """Repeats ``work`` for about so many seconds of CPU time: µs of each, and how often which function was found at work."""
    found: Counter[str] = Counter()

    def note(_: int, frame: FrameType | None) -> None:
        found[whose(frame)] += 1

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    times, began = 0, time.process_time()
    try:
        while time.process_time() - began < seconds:
            work()
            times += 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return (time.process_time() - began) / times * 1e6, found


def whose(frame: FrameType | None) -> str:
    """The innermost function of ours, as "module: function"."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_ROOMS):
            function = frame.f_code.co_qualname.partition(".<locals>")[0]
            return f"{module}: {function}"
        frame = frame.f_back
    return "bench"
