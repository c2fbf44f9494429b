"""Writes deploy/capacity.md: how many workers and how much memory, worked out from the figures that bench/RESULTS.md has.

    python -m bench.capacity

No figure is typed here but how far a worker is loaded and how much is kept free; tests/deploy holds the page to both files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "bench" / "RESULTS.md"
PAGE: Final = ROOT / "deploy" / "capacity.md"

PLANNED_FOR_ONE_IN: Final = 2
"""Of the questions that saturate a worker: there the bench measures how long calls take."""
MEMORY_FACTOR: Final = 2
"""Requested for each byte of a warm worker: messages and answers in flight come on top."""
MEMORY_STEP_MIB: Final = 64
SPARE_REPLICAS: Final = 1
"""One may be lost, or be replaced, while the others carry the peak."""
PEAKS_PER_SECOND: Final = (500, 2_000, 10_000, 50_000)
SUBSCRIBERS: Final = (1_000_000, 30_000_000, 300_000_000)
WORKERS_OF_A_RUN: Final = (1, 4, 16)

_IN_CLEAR: Final = "in clear, whoever calls"
_OF_THE_PEAK: Final = " × the peak asked"
_NUMBER: Final = r"([\d,]+(?:\.\d+)?)"


class NotThere(LookupError):
    """bench/RESULTS.md has no such row, or it does not hold such a figure."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page is made of. Rates are per second, times in milliseconds, memory in MiB; all as printed by the bench."""

    date: str
    processor: str
    unary_per_second: Decimal
    p50_at_half_millis: Decimal
    p99_at_half_millis: Decimal
    two_workers_per_second: Decimal
    batch_rows_per_second: Decimal
    stream_rows_per_second: Decimal
    ready_mib: Decimal
    warm_mib: Decimal
    most_mib: Decimal
    overloads: tuple[tuple[str, str, str], ...]
    """(what was asked, what was answered as a ratio to the peak, p99), as printed."""
    costs: tuple[tuple[str, str], ...]
    """(what a call has beside, its CPU time as a ratio to that of a call in clear), as printed."""

    @property
    def planned_per_second(self) -> int:
        """Questions that one worker is planned for."""
        return int(self.unary_per_second // PLANNED_FOR_ONE_IN)

    @property
    def in_flight(self) -> int:
        """Questions in flight on a worker at its planned load: Little's law, with the median for the mean."""
        return int(self.planned_per_second * self.p50_at_half_millis / 1000)

    @property
    def memory_request_mib(self) -> int:
        """For one worker."""
        return ceil(self.warm_mib * MEMORY_FACTOR / MEMORY_STEP_MIB) * MEMORY_STEP_MIB


def read(text: str) -> Figures:
    """The figures of a RESULTS.md. Raises NotThere."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    one_worker = "ComputeCompensation, NONE, 1 worker"
    return Figures(
        date=_stated(text, "date"),
        processor=_stated(text, "processor"),
        unary_per_second=_figure(rows, one_worker, "/s"),
        p50_at_half_millis=_figure(rows, "p50 at half", " ms", after=one_worker),
        p99_at_half_millis=_figure(rows, "p99 at half", " ms", after=one_worker),
        two_workers_per_second=_figure(rows, "ComputeCompensation, NONE, 2 workers", "/s"),
        batch_rows_per_second=_figure(rows, "BatchCompute, 10,000 rows", "/s"),
        stream_rows_per_second=_figure(rows, "rows through one stream", "/s"),
        ready_mib=_figure(rows, "worker, ready", " MiB"),
        warm_mib=_figure(rows, "worker, warm", " MiB"),
        most_mib=_figure(rows, "worker with raised limits, after batches of 100,000 rows", " MiB"),
        overloads=tuple(
            (row[0].removesuffix(_OF_THE_PEAK) + " ×", row[2], row[1].rpartition("p99 ")[2])
            for row in rows
            if row[0].endswith(_OF_THE_PEAK)
        ),
        costs=tuple((row[0].removeprefix("the same "), row[5]) for row in rows if row[6] == _IN_CLEAR),
    )


def _stated(text: str, what: str) -> str:
    found = re.search(rf"^- {what}: (.+)$", text, re.MULTILINE)
    if found is None:
        raise NotThere(what)
    return found[1]


def _figure(rows: Sequence[Sequence[str]], case: str, unit: str, after: str = "") -> Decimal:
    """The figure with ``unit`` in the first row of ``case``, or in the first one after that of another case."""
    names = [row[0] for row in rows]
    start = names.index(after) if after in names else 0
    for name, measured in ((row[0], row[1]) for row in rows[start:]):
        found = re.search(_NUMBER + re.escape(unit), measured)
        if (name == case or name.startswith(f"{case}, ")) and found:
            return Decimal(found[1].replace(",", ""))
    raise NotThere(case)


def page(figures: Figures) -> str:
    """The page."""
    planned, request = figures.planned_per_second, figures.memory_request_mib
    return f"""\
# How many, and how large

Written by `python -m bench.capacity` from [bench/RESULTS.md](../bench/RESULTS.md) of {figures.date}, on {figures.processor}.
Other machines and later versions have other figures: run `make bench` on yours, then `python -m bench.capacity`.

## Questions, one by one

A worker uses one core. Saturated, one answered {_shown(figures.unary_per_second)} questions a second, and two together
{_shown(figures.two_workers_per_second)}, where the caller shared their two cores. Plan for half of what saturates it:
{_shown(figures.unary_per_second)} ÷ {PLANNED_FOR_ONE_IN} = **{planned:,} a second for each worker**. At that load half of the
calls took {_shown(figures.p50_at_half_millis)} ms at most, and 99 % {_shown(figures.p99_at_half_millis)} ms.

Workers = peak ÷ {planned:,}, rounded up, and {SPARE_REPLICAS} more to lose:

| peak, questions a second | workers |
|---|---|
{_peaks(planned)}

In flight at that load: {planned:,}/s × {_shown(figures.p50_at_half_millis)} ms = {figures.in_flight}. The autoscaler in
[kubernetes/monitoring](kubernetes/monitoring/autoscaler.yaml) holds `makegood_pool_calls` to that.

### More than it can

Asked so many times its peak, whether or not earlier calls were answered, a worker answered

| asked, of the peak | answered, of the peak | 99 % of the calls took at most |
|---|---|---|
{_lines(figures.overloads)}

and held back or refused the others, with RESOURCE_EXHAUSTED and a time to come back at. That is what is left where a plan was
wrong, and nothing to plan by.

### What security takes

CPU time of a question beside that of one in clear that nothing is kept of; divide the {planned:,} by it.

| a question | server CPU |
|---|---|
{_lines(figures.costs)}

## A run over all subscribers

A worker decided {_shown(figures.batch_rows_per_second)} rows a second in batches of 10,000, and
{_shown(figures.stream_rows_per_second)} through a stream in messages of 1,000, its caller's writing and reading included.
By `StreamCompute` a run takes subscribers ÷ {_shown(figures.stream_rows_per_second)} ÷ workers:

| subscribers | {" | ".join(f"{workers} {'worker' if workers == 1 else 'workers'}" for workers in WORKERS_OF_A_RUN)} |
|---|{"---|" * len(WORKERS_OF_A_RUN)}
{_runs(figures.stream_rows_per_second)}

A stream stays with one worker: open one for each.

## Memory

A worker that is ready holds {_shown(figures.ready_mib)} MiB, a warm one {_shown(figures.warm_mib)} MiB, and one whose limits
were raised {_shown(figures.most_mib)} MiB after batches of 100,000 rows. Request {MEMORY_FACTOR} × {_shown(figures.warm_mib)}
MiB, rounded up to the next {MEMORY_STEP_MIB}: **{request} MiB for each worker**. Messages and answers in flight come on top of
what is held at rest, each message up to twice `--max-message-bytes`, from as many callers as send at once. Over five eighths of
the limit that the cgroup sets, or over `--max-memory-bytes`, calls are refused and those on their way end, so that the system
does not end the worker. The manifests, the compose file and the unit in deploy/ set one; elsewhere, do.
"""


def _shown(figure: Decimal) -> str:
    return f"{figure:,}"


def _peaks(planned: int) -> str:
    return "\n".join(f"| {peak:,} | {ceil(Fraction(peak, planned))} + {SPARE_REPLICAS} |" for peak in PEAKS_PER_SECOND)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _runs(per_second: Decimal) -> str:
    def row(subscribers: int) -> str:
        return " | ".join(_duration(ceil(subscribers / Fraction(per_second) / workers)) for workers in WORKERS_OF_A_RUN)

    return "\n".join(f"| {subscribers:,} | {row(subscribers)} |" for subscribers in SUBSCRIBERS)


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 600 else f"{ceil(Fraction(seconds, 60))} min"


if __name__ == "__main__":
    PAGE.write_text(page(read(RESULTS.read_text("utf-8"))), encoding="utf-8")
