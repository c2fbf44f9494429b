"""Clocks: the set of time that is left when every condition has narrowed it."""

from dataclasses import dataclass

from policy.calculator.rules.conditions import Condition
from policy.calculator.rules.values import Clause, Fact, Value


@dataclass(frozen=True, slots=True)
class Window:
    """``{every: SUNDAY, from: 02:00, to: 06:00}``: time that repeats by the wall clock, as the bands of a measure do.

    ``weekdays``: 0 is Monday. [from, until) in seconds after local midnight of one day: over midnight it is two of them.
    """

    weekdays: tuple[int, ...]
    from_second: int
    until_second: int


@dataclass(frozen=True, slots=True)
class Clock:
    """The set of time that is left when every condition has narrowed it.

    ``services``: codes that count (an outage that names none names all); ``where``: which outages count; ``liable``: how far
    the operator answers, a product, 0 drops the outage, an overlap takes the largest; ``starts`` and ``minus``: when counting
    begins and pauses; ``without``: clocks whose time is left out; ``only``: what time is kept, step by step.

    ``starts`` is a Start, or a figure, a choice or an extreme of them. What a clock of ``without`` keeps is what it would keep
    after its own ``only`` in a benefit of its own, for each the same: its occasions are made of its time alone.
    """

    name: str
    clause: Clause
    services: Value | None
    where: Condition | None
    liable: tuple[Value, ...]
    starts: Value | None
    minus: tuple[Fact | Window, ...]
    only: tuple[Condition, ...]
    without: tuple["Clock", ...] = ()
