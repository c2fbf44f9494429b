"""Clocks: the set of time that is left when every condition has narrowed it."""

from dataclasses import dataclass
from typing import Literal

from policy.calculator.rules.conditions import Condition
from policy.calculator.rules.values import Clause, Fact, Value


@dataclass(frozen=True, slots=True)
class Start:
    """``2 working days after reported_at``: the earliest counted instant of an outage.

    ``amount`` seconds after the instant, or the end of the ``amount``-th local or working day after the instant's own day.
    """

    amount: int
    unit: Literal["seconds", "local days", "working days"]
    after: Fact


@dataclass(frozen=True, slots=True)
class Clock:
    """The set of time that is left when every condition has narrowed it.

    ``services``: codes that count (an outage that names none names all); ``where``: which outages count; ``liable``: how far
    the operator answers, a product, 0 drops the outage, an overlap takes the largest; ``starts`` and ``minus``: when counting
    begins and pauses; ``only``: what time is kept, step by step.
    """

    name: str
    clause: Clause
    services: Value | None
    where: Condition | None
    liable: tuple[Value, ...]
    starts: Start | None
    minus: tuple[Fact, ...]
    only: tuple[Condition, ...]
