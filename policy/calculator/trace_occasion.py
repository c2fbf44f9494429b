"""What the trace of a run says of one occasion: its clocks, components and benefits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from policy.calculator import codes
from policy.calculator.decision import OutagePart, Reason
from policy.calculator.facts import Row
from policy.calculator.lowering.answer import ITEM_PLACES, Piece
from policy.calculator.lowering.assembler import PART_START, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import Clauses
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.values import Missing
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import At, Memory
from policy.calculator.request import Interval
from policy.calculator.stages import Stage
from policy.calculator.trace_clock import ClockRun, Span, refusal_of, spans_of
from policy.calculator.trace_missing import missing_in

SHARE_PLACES: Final = 4
"""Of an outage's part of a grant: its address, its weight, the part, and the remainder."""
OCCASION_FIELDS: Final = 9
"""What an occasion's record begins with: see :mod:`policy.calculator.machine_occasions`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a clock: where it begins, its units as a numerator over the component's, and where its values are."""

    start: int
    units: int
    at: At


class _InOccasion:
    """Reads registers of one occasion: it is made the one at hand before each reading."""

    def __init__(self, memory: Memory, address: int) -> None:
        self.memory, self._address = memory, address

    def enter(self) -> Memory:
        """The memory, with the occasion at hand."""
        self.memory.enter(self._address)
        return self.memory

    def _get(self, reg: Reg) -> int:
        return self.enter().get(reg)

    def _at(self, reg: Reg) -> int:
        return self._get(reg) if self.enter().known(reg) else 0


class TimeRun(_InOccasion):
    """What a clock came to in an occasion. ``spans``: what is left, apart and in order; ``merged``: before ``only``."""

    def __init__(self, time: ClockTime, of_request: ClockRun, clauses: Clauses, occasion: "OccasionRun") -> None:
        super().__init__(occasion.memory, occasion.address)
        self.time, self.of_request, self._row = time, of_request, occasion.row
        self.refusal = None if self.is_missing else refusal_of(self.enter(), clauses, time.stage, time.refused_by)

    @property
    def is_missing(self) -> bool:
        """Whether a fact is missing that it needs."""
        return self.enter().unknown(self.time.stage)

    @cached_property
    def missing(self) -> Missing:
        """What it lacks."""
        return self.time.lacks(self.enter()) if self.is_missing else {}

    @cached_property
    def merged(self) -> list[Span]:
        return spans_of(self.enter(), self._row, self.time.merged) if self.enter().known(self.time.merged) else []

    @cached_property
    def spans(self) -> list[Span]:
        return spans_of(self.enter(), self._row, self.time.spans) if self.refusal is None and not self.is_missing else []

    @cached_property
    def seconds(self) -> int:
        return self._get(self.time.seconds) if self.refusal is None else 0


class ComponentRun(_InOccasion):
    """What a component came to in an occasion: ``amount`` is a numerator over the component's denominator."""

    def __init__(self, component: Component, clauses: Clauses, occasion: "OccasionRun") -> None:
        super().__init__(occasion.memory, occasion.address)
        self.component, self._occasion = component, occasion
        self.refusal = refusal_of(self.enter(), clauses, component.stage, component.refused_by)

    @property
    def clock(self) -> TimeRun | None:
        """The run of its clock, where it got as far as asking it."""
        clock = self.component.clock
        if clock is None or (self.refusal is not None and self.refusal.stage == Stage.WHEN):
            return None
        return self._occasion.clocks[clock.rule.name]

    @cached_property
    def parts(self) -> list[Part]:
        if self.refusal is not None and self.refusal.stage < Stage.COUNT:
            return []
        memory, component = self.enter(), self.component
        ats = [component.at(memory, part) for part in memory.parts(component.parts)]
        return [Part(memory.get(PART_START, at), memory.get(component.part_units, at), at) for at in ats]

    def time_of(self, part: Part) -> Fraction:
        """The time of a part in seconds, measured where the units are."""
        return Fraction(self.enter().get(self.component.time, part.at), self.component.scale)

    @property
    def paid(self) -> list[int]:
        return [self.memory.get(self.component.paid, part.at) for part in self.parts]

    @property
    def amount(self) -> int:
        return self._get(self.component.amount) if self.refusal is None else 0


class BenefitRun(_InOccasion):
    """What a benefit came to in an occasion, step by step, in base units.

    ``joined`` and ``set_off`` are exact, as numerators over the benefit's denominator; from ``rounded`` on, all is whole.
    ``claim_required``: owed, but only on a claim; ``granted``: what can be booked, all of
    ``quantity`` or nothing.
    """

    def __init__(self, benefit: Benefit, clauses: Clauses, occasion: "OccasionRun") -> None:
        super().__init__(occasion.memory, occasion.address)
        self.benefit, self._clauses, self.occasion = benefit, clauses, occasion
        memory = self.enter()
        self.refusal = refusal_of(memory, clauses, benefit.stage, benefit.refused_by)
        self.quantity, self.granted = memory.get(benefit.bounds.quantity), memory.get(benefit.granted)
        self.claim_required = bool(memory.get(benefit.automatic.claim_required))

    @cached_property
    def components(self) -> list[ComponentRun]:
        if (
            self.refusal is not None
            and self.refusal.stage == Stage.WHEN
            and not self.enter().known(self.benefit.components[0].stage)
        ):
            return []
        return [ComponentRun(each, self._clauses, self.occasion) for each in self.benefit.components]

    @property
    def joined(self) -> int:
        return self._at(self.benefit.joined)

    @property
    def set_off(self) -> int:
        return self._at(self.benefit.set_off)

    @property
    def rounded(self) -> int:
        return self._at(self.benefit.rounded)

    @property
    def after_minimum(self) -> int:
        return self._at(self.benefit.bounds.after_minimum)

    @property
    def after_cap(self) -> int:
        return self._at(self.benefit.bounds.after_cap)

    @property
    def before(self) -> int:
        """What of it was granted before."""
        return self._at(self.benefit.bounds.before)

    @property
    def after_granted(self) -> int:
        return self._at(self.benefit.bounds.after_granted)

    @property
    def cycle_left(self) -> int | None:
        return self._get(self.benefit.bounds.cycle_left) if self.enter().known(self.benefit.bounds.cycle_left) else None

    @property
    def month_left(self) -> int | None:
        return self._get(self.benefit.bounds.month_left) if self.enter().known(self.benefit.bounds.month_left) else None

    @property
    def parts(self) -> tuple[OutagePart, ...]:
        """Each outage's part of what is granted, by id."""
        by_address = self.occasion.row.by_address
        items = self.enter().items(self.benefit.shares, SHARE_PLACES) if self.granted else []
        return tuple(OutagePart(by_address[address].outage.outage_id, part) for address, _, part, _ in items)


class OccasionRun(_InOccasion):
    """An occasion: when it was, of which outages, and what its clocks and benefits came to.

    ``label`` is its month, or 1 for the billing cycle that is given; ``rank`` its place among those of the same outages. It
    does not name its benefits, which name it: the circle would wait for the garbage collector.
    """

    def __init__(
        self, of: Occasions, address: int, lowered: Lowered, memory: Memory, row: Row, clocks: Mapping[str, ClockRun]
    ) -> None:
        super().__init__(memory, address)
        self.of, self.address, self.row, self._lowered = of, address, row, lowered
        start, end, _, _, _, label, goes_on, rank, month = memory.m[address : address + OCCASION_FIELDS]
        self.start, self.end, self.label, self.rank, self.month = start, end, label, rank, month
        self.goes_on = bool(goes_on)
        self.views = [row.by_address[at.outage] for at in self.enter().members_at_hand()]
        clauses = lowered.clauses
        self.clocks = {
            name: TimeRun(time, clocks[name], clauses, self)
            for name, time in of.times.items()
            if memory.known(time.stage) or memory.unknown(time.stage)
        }

    @cached_property
    def missing(self) -> Missing:
        """What its benefits lack."""
        return missing_in(self.of, self._lowered.recourse, self.enter())

    @property
    def outage_ids(self) -> tuple[str, ...]:
        """Of its outages, by id."""
        return tuple(view.outage.outage_id for view in self.views)

    @property
    def month_text(self) -> str:
        """Its month, "2026-03", where that is the occasion."""
        return f"{self.month // 12:04}-{self.month % 12 + 1:02}" if self.of.kind == "month" else ""

    @property
    def cycle(self) -> Interval | None:
        """The billing cycle, where that is the occasion and it is the one that is given."""
        return self.row.subscriber.billing_cycle if self.of.kind == "billing cycle" and self.label == 1 else None

    @cached_property
    def outcome(self) -> str:
        """What became of it; nothing is decided of any while a fact is missing."""
        return codes.OUTCOMES[self._get(self._lowered.answer.occasion_outcome)]

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why."""
        return tuple(
            [
                piece
                for piece in pieces_of(self._lowered, self.enter(), self._lowered.answer.occasion_reasons)
                if isinstance(piece, Reason)
            ]
        )


def pieces_of(lowered: Lowered, memory: Memory, reg: Reg) -> Iterator[Piece]:
    """The reasons or warnings of a list."""
    return (lowered.answer.piece_of((kind, first, second)) for kind, first, second in memory.items(reg, ITEM_PLACES))
