"""What a run finds: figures, each with its ratio to another one of the same run, in sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.stats import Spread, ratios


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``ratio`` and ``cpu_ratio`` are to what ``to`` names; None where there is nothing to compare.

    ``cpu`` is the server's own share of ``measured``, where calls are measured from outside. ``target`` is what we want of it.
    """

    what: str
    measured: str
    ratio: Spread | None = None
    cpu: str = ""
    cpu_ratio: Spread | None = None
    to: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Figures under a title; ``note`` says how they were measured."""

    title: str
    note: str
    figures: Sequence[Figure]


def number(value: float, unit: str) -> str:
    """Three digits that mean something, and the unit: 0.123 ms, 12.3 µs, 1,230 MiB."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{round(value, -1) if value >= 10_000 else value:,.{digits}f} {unit}"


def per_second(micros: float) -> str:
    """How many fit into a second when one takes so many µs."""
    return f"{1e6 / micros:,.0f}/s"


def compared(what: str, measured: str, readings: Sequence[float], floor: Sequence[float], to: str, target: str = "") -> Figure:
    """A figure whose readings are held against those of ``to`` in the same rounds."""
    return Figure(what, measured, ratios(readings, floor), to=to, target=target)


def left_out(what: str, why: str) -> Figure:
    """A line that says why there is no figure."""
    return Figure(what, f"left out: {why}")
