"""The trace of a run: what its memory says of each clock, component and benefit. Nothing is worked out again."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from policy.calculator import codes
from policy.calculator.decision import Reason, Warn
from policy.calculator.facts import Row, View
from policy.calculator.lowering.answer import ITEM_PLACES
from policy.calculator.lowering.assembler import Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED
from policy.calculator.lowering.context import OUTAGE_INDEX
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import Memory
from policy.calculator.stages import Refusal
from policy.calculator.trace_clock import ClockRun, Span, refusal_of, spans_of
from policy.calculator.trace_missing import missing_of
from policy.calculator.trace_occasion import BenefitRun, ComponentRun, OccasionRun, Part, TimeRun, pieces_of

PARTY_PLACES: Final = 3
"""Of what is owed for an outage: its place by party and id, its address, and the amount."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A benefit that was refused for the request as a whole."""

    benefit: Benefit
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed for an outage, minor units."""

    view: View
    amount_minor: int


class Run:
    """A decision under way, read from the memory of its run.

    ``clocks`` by name, in the order in which they were needed; ``occasions`` in order of time; ``refused``: benefits that no
    occasion was there for; ``missing``: facts that are needed and absent, with the clause that needs them.
    """

    def __init__(self, lowered: Lowered, memory: Memory, row: Row) -> None:
        self.lowered, self.memory, self.row = lowered, memory, row
        memory.enter(0)
        asked = [clock for clock in lowered.clocks.values() if memory.known(clock.order)]
        asked.sort(key=lambda clock: memory.get(clock.order))
        clauses = lowered.clauses  # no part of a run names the run: the circle would wait for the garbage collector
        self.clocks = {clock.rule.name: ClockRun(clock, clauses, memory, row) for clock in asked}
        self.refused: list[Refused] = []
        self.occasions: list[OccasionRun] = []
        for of in lowered.occasions:
            memory.enter(0)
            for benefit in of.benefits:
                if not memory.unknown(benefit.row_stage) and memory.get(benefit.row_stage) != DECIDED:
                    refusal = refusal_of(memory, clauses, benefit.row_stage, benefit.row_refused_by)
                    assert refusal is not None
                    self.refused.append(Refused(benefit, refusal))
            self.occasions += [
                OccasionRun(of, address, lowered, memory, row, self.clocks) for address in memory.occasions(of.list)
            ]
        place = {id(of): number for number, of in enumerate(lowered.occasions)}
        self.occasions.sort(key=lambda each: (each.start, each.end, place[id(each.of)], each.outage_ids[:1]))
        self.missing = missing_of(lowered, memory, [each.missing for each in self.occasions])
        memory.enter(0)
        self.outcome = codes.OUTCOMES[memory.get(lowered.answer.outcome)]

    @property
    def begins_outside(self) -> list[int]:
        """Where occasions begin that are of another billing cycle than the one whose cap they ask."""
        self.memory.enter(0)
        return [start for _, start, _ in self.memory.items(self.lowered.answer.outside, ITEM_PLACES)]

    def benefits_in(self, occasion: OccasionRun) -> list[BenefitRun]:
        """Those of an occasion that could be decided, in the order of the policy."""
        memory, clauses = occasion.enter(), self.lowered.clauses
        return [BenefitRun(each, clauses, occasion) for each in occasion.of.benefits if not memory.unknown(each.stage)]

    @cached_property
    def benefits(self) -> list[BenefitRun]:
        """Those that could be decided, occasion by occasion, in the order of the policy in each."""
        return [benefit for occasion in self.occasions for benefit in self.benefits_in(occasion)]

    @cached_property
    def owed(self) -> list[BenefitRun]:
        """Those of which something is left; none while a fact is missing."""
        return [] if self.missing else [each for each in self.benefits if each.refusal is None]

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the outcome is what it is; where facts are missing, each of them."""
        if self.missing:
            return tuple(Reason("MISSING_FACT", clause, field) for field, clause in sorted(self.missing.items()))
        self.memory.enter(0)
        pieces = pieces_of(self.lowered, self.memory, self.lowered.answer.reasons)
        return tuple([piece for piece in pieces if isinstance(piece, Reason)])

    @cached_property
    def warnings(self) -> tuple[Warn, ...]:
        """What the reader should know besides, in the order of the contract's codes."""
        self.memory.enter(0)
        pieces = pieces_of(self.lowered, self.memory, self.lowered.answer.warnings)
        return tuple([piece for piece in pieces if isinstance(piece, Warn)])

    @cached_property
    def recourse(self) -> list[Owed]:
        """What is owed by third parties, outage by outage, in order of party and id."""
        memory, recourse = self.memory, self.lowered.recourse
        memory.enter(0)
        if self.missing or recourse is None or not memory.known(recourse.parties):
            return []
        by_address = self.row.by_address
        return [Owed(by_address[address], amount) for _, address, amount in memory.items(recourse.parties, PARTY_PLACES)]

    def times(self) -> Iterator[TimeRun]:
        """The clocks that could be decided, occasion by occasion."""
        for occasion in self.occasions:
            yield from (time for time in occasion.clocks.values() if not time.is_missing)

    def spans(self, reg: Reg) -> list[Span]:
        """The spans of a list."""
        return spans_of(self.memory, self.row, reg)

    def counted(self) -> Iterator[View]:
        """The outages that count for any clock that was needed, also for one that lacks a fact further on."""
        for known in self.clocks.values():
            yield from known.counted


__all__ = [
    "OUTAGE_INDEX",
    "BenefitRun",
    "ClockRun",
    "ComponentRun",
    "OccasionRun",
    "Owed",
    "Part",
    "Refused",
    "Run",
    "Span",
    "TimeRun",
]
