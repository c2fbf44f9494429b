"""What the trace of a run says of a clock, of the request as a whole."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final, NamedTuple

from policy.calculator.facts import Row, View
from policy.calculator.lowering.assembler import Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.values import Missing
from policy.calculator.memory import HERE, Memory
from policy.calculator.stages import Refusal, Stage


class Span(NamedTuple):
    """Time of one outage, [start, end) in seconds UTC, with the level at which the operator answers for it.

    ``interruption`` numbers the unbroken runs of time.
    """

    start: int
    end: int
    view: View
    level: int
    interruption: int = 0


_STAGES: Final = tuple(Stage)


def refusal_of(memory: Memory, clauses: Clauses, stage: Reg, refused_by: Reg) -> Refusal | None:
    """Where something was refused, and by which clause; None where it was not."""
    number = memory.get(stage)
    return None if number == DECIDED else Refusal(_STAGES[number], clauses.ids[memory.get(refused_by)])


def spans_of(memory: Memory, row: Row, reg: Reg) -> list[Span]:
    """The spans of a list."""
    m, by_address = memory.m, row.by_address
    return [
        Span(m[at.span], m[at.span + 1], by_address[at.outage], m[at.span + 3], m[at.span + 4])
        for at in memory.spans(reg, HERE)
    ]


class ClockRun:
    """What a clock came to, of the request as a whole.

    ``counted``: outages that hit a covered service; ``met``: those of them that something is left of after the cut to the
    claim; ``liable``: those that the operator answers for. ``dropped``: the word that dropped an outage, by its index.
    ``merged``: the time that is left before ``only``, disjoint and in order.
    """

    def __init__(self, clock: Clock, clauses: Clauses, memory: Memory, row: Row) -> None:
        self.clock, self._memory, self._row = clock, memory, row
        self.refusal = None if self.is_missing else refusal_of(memory, clauses, clock.stage, clock.refused_by)

    @property
    def is_missing(self) -> bool:
        """Whether a fact is missing that it needs."""
        return self._memory.unknown(self.clock.stage)

    @cached_property
    def missing(self) -> Missing:
        """What it lacks."""
        return self.clock.lacks(self._memory) if self.is_missing else {}

    def _views(self, reg: Reg) -> list[View]:
        memory = self._memory
        return [view for view in self._row.views if memory.known(reg, view.at) and memory.get(reg, view.at)]

    @cached_property
    def counted(self) -> list[View]:
        return self._views(self.clock.counted)

    @cached_property
    def met(self) -> list[View]:
        return self._views(self.clock.met)

    @cached_property
    def liable(self) -> list[View]:
        return self._views(self.clock.level)

    @cached_property
    def dropped(self) -> Mapping[int, str]:
        found = {}
        for view in self._row.views:
            for word, reg in (
                ("services", self.clock.counted),
                ("widen", self.clock.met),
                ("where", self.clock.kept),
                ("liable", self.clock.level),
                ("starts", self.clock.opened),
            ):
                if self._memory.known(reg, view.at) and not self._memory.get(reg, view.at):
                    found[view.index] = word
                    break
        return found

    @cached_property
    def merged(self) -> list[Span]:
        return spans_of(self._memory, self._row, self.clock.merged) if self.refusal is None and not self.is_missing else []

    def counts_from(self, view: View) -> int:
        """The earliest instant of a liable outage that counts."""
        return self._memory.get(self.clock.counts_from, view.at)

    @property
    def recorded_share(self) -> tuple[int, int]:
        """(seconds, of seconds): how much of the claimed interval itself the counted outages of any cause cover."""
        return self._memory.get(self.clock.recorded), self._memory.get(self.clock.claimed)
