"""The trace of a run: what its memory says of each clock, component and benefit. Nothing is worked out again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from policy.calculator import codes, rules
from policy.calculator.decision import Input, Reason, Warn
from policy.calculator.facts import Row, View
from policy.calculator.lowering.answer import ITEM_PLACES, Piece
from policy.calculator.lowering.assembler import PART_START, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.context import OUTAGE_INDEX
from policy.calculator.lowering.values import Missing
from policy.calculator.lowering.version import Lowered
from policy.calculator.measure import Density
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.stages import Refusal, Stage

PARTY_PLACES: Final = 4
"""Of what a party owes: its place by name, the index of an outage that names it, the amount, and one that means nothing."""


class Span(NamedTuple):
    """Time of one outage, [start, end) in seconds UTC, with the level at which the operator answers for it.

    ``interruption`` numbers the unbroken runs of time.
    """

    start: int
    end: int
    view: View
    level: int
    interruption: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a clock: where it begins, its units as a numerator over the component's, and where its values are."""

    start: int
    units: int
    at: At


_STAGES: Final = tuple(Stage)


def _refusal(memory: Memory, clauses: Clauses, stage: Reg, refused_by: Reg) -> Refusal | None:
    number = memory.get(stage)
    return None if number == DECIDED else Refusal(_STAGES[number], clauses.ids[memory.get(refused_by)])


def spans_of(memory: Memory, row: Row, reg: Reg) -> list[Span]:
    """The spans of a list."""
    m, by_address = memory.m, {view.address: view for view in row.views}
    return [
        Span(m[at.span], m[at.span + 1], by_address[at.outage], m[at.span + 3], m[at.span + 4])
        for at in memory.spans(reg, HERE)
    ]


class ClockRun:
    """What a clock came to.

    ``counted``: outages that hit a covered service; ``met``: those of them that something is left of after the cut to the
    claim; ``liable``: those that the operator answers for. ``dropped``: the word that dropped an outage, by its index.
    ``spans``: the time that is left, disjoint and in order; ``merged``: the same before ``only``.
    """

    def __init__(self, clock: Clock, clauses: Clauses, memory: Memory, row: Row) -> None:
        self.clock, self._memory, self._row = clock, memory, row
        self.refusal = None if self.is_missing else _refusal(memory, clauses, clock.stage, clock.refused_by)

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
    def levels(self) -> Mapping[int, int]:
        return {view.index: self._memory.get(self.clock.level, view.at) for view in self.liable}

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
        reached = self.refusal is None or self.refusal.stage >= Stage.ONLY
        return spans_of(self._memory, self._row, self.clock.merged) if reached and not self.is_missing else []

    @cached_property
    def spans(self) -> list[Span]:
        return spans_of(self._memory, self._row, self.clock.spans) if self.refusal is None and not self.is_missing else []

    def counts_from(self, view: View) -> int:
        """The earliest instant of a liable outage that counts."""
        return self._memory.get(self.clock.counts_from, view.at)

    @property
    def claim_exceeds_record(self) -> bool:
        """Whether less of the claimed interval is on record than the policy asks."""
        reg = self.clock.exceeds_record
        return self._memory.known(reg) and bool(self._memory.get(reg))

    @property
    def recorded_share(self) -> tuple[int, int]:
        """(seconds, of seconds): how much of the claimed interval itself the counted outages of any cause cover."""
        return self._memory.get(self.clock.recorded), self._memory.get(self.clock.claimed)

    @cached_property
    def seconds(self) -> int:
        return self._memory.get(self.clock.seconds) if self.refusal is None else 0


class ComponentRun:
    """What a component came to: ``amount`` is a numerator over the component's denominator."""

    def __init__(self, component: Component, clauses: Clauses, memory: Memory, clocks: Mapping[str, ClockRun]) -> None:
        self.component, self._memory, self._clocks = component, memory, clocks
        self.refusal = _refusal(memory, clauses, component.stage, component.refused_by)

    @property
    def clock(self) -> ClockRun | None:
        """The run of its clock, where it got as far as asking it."""
        clock = self.component.clock
        if clock is None or (self.refusal is not None and self.refusal.stage == Stage.WHEN):
            return None
        return self._clocks[clock.rule.name]

    @cached_property
    def parts(self) -> list[Part]:
        if self.refusal is not None and self.refusal.stage < Stage.COUNT:
            return []
        memory, component = self._memory, self.component
        ats = [component.at(memory, part) for part in memory.parts(component.parts)]
        return [Part(memory.get(PART_START, at), memory.get(component.part_units, at), at) for at in ats]

    def time_of(self, part: Part) -> Fraction:
        """The time of a part in seconds, measured where the units are."""
        return Fraction(self._memory.get(self.component.time, part.at), self.component.scale)

    @property
    def paid(self) -> list[int]:
        return [self._memory.get(self.component.paid, part.at) for part in self.parts]

    @property
    def times(self) -> list[int]:
        return [self._memory.get(reg) for reg in self.component.times_regs]

    @property
    def amount(self) -> int:
        return self._memory.get(self.component.amount) if self.refusal is None else 0


class BenefitRun:
    """What a benefit came to, step by step, in base units.

    ``joined`` and ``set_off`` are exact, as numerators over the benefit's denominator; from ``rounded`` on, all is whole.
    ``capped``: a cap lowered it. ``claim_required``: owed, but only on a claim.
    """

    def __init__(self, benefit: Benefit, clauses: Clauses, memory: Memory, clocks: Mapping[str, ClockRun]) -> None:
        self.benefit, self._clauses, self._memory, self._clocks = benefit, clauses, memory, clocks
        self.refusal = _refusal(memory, clauses, benefit.stage, benefit.refused_by)
        self.quantity = memory.get(benefit.quantity)
        self.capped = bool(memory.get(benefit.capped))
        self.claim_required = bool(memory.get(benefit.claim_required))

    @cached_property
    def components(self) -> list[ComponentRun]:
        if self.benefit.when is not None and self.refusal is not None and not self._memory.get(self.benefit.when.reg):
            return []
        return [ComponentRun(each, self._clauses, self._memory, self._clocks) for each in self.benefit.components]

    def _at(self, reg: Reg) -> int:
        return self._memory.get(reg) if self._memory.known(reg) else 0

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
        return self._at(self.benefit.after_minimum)

    @property
    def after_cap(self) -> int:
        return self._at(self.benefit.after_cap)

    @property
    def after_granted(self) -> int:
        return self._at(self.benefit.after_granted)

    @property
    def cycle_left(self) -> int | None:
        reg = self.benefit.cycle_left
        return self._memory.get(reg) if self._memory.known(reg) else None


@dataclass(frozen=True, slots=True)
class RecourseRun:
    """What third parties owe for ``value`` (minor units) of grants: ``weights``, the time that each answers for, of ``total``.

    ``together_minor`` is what all owe, ``by_party_minor`` what each does, by name; claims of 0 are left out.
    """

    weights: Mapping[str, int]
    total: int
    value: Fraction
    together_minor: int
    by_party_minor: Mapping[str, int]


class Run:
    """A decision under way, read from the memory of its run.

    ``clocks`` by name, in the order in which they were needed; ``benefits``: those that could be decided, in the order of the
    policy; ``missing``: facts that are needed and absent, with the clause that needs them; ``owed``: the benefits of which
    something is left; ``provisional``: an outage that the operator answers for goes on.
    """

    def __init__(self, lowered: Lowered, memory: Memory, row: Row, choose: Callable[[], object]) -> None:
        """``choose`` works out in ``memory`` which calendar holds."""
        self.lowered, self.memory, self.row, self._choose = lowered, memory, row, choose
        asked = [clock for clock in lowered.clocks.values() if memory.known(clock.order)]
        asked.sort(key=lambda clock: memory.get(clock.order))
        clauses = lowered.clauses  # no part of a run names the run: the circle would wait for the garbage collector
        self.clocks = {clock.rule.name: ClockRun(clock, clauses, memory, row) for clock in asked}
        self.missing: Missing = {}
        self.benefits: list[BenefitRun] = []
        for benefit in lowered.benefits:
            if memory.unknown(benefit.stage):
                self.missing |= benefit.lacks(memory)
            else:
                self.benefits.append(BenefitRun(benefit, clauses, memory, self.clocks))
        recourse = lowered.recourse
        if recourse is not None and memory.unknown(recourse.asked):
            self.missing |= recourse.lacks(memory)
        self.outcome = codes.OUTCOMES[memory.get(lowered.answer.outcome)]
        self.owed = [] if self.missing else [each for each in self.benefits if each.refusal is None]

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the outcome is what it is; where facts are missing, each of them."""
        if self.missing:
            return tuple(Reason("MISSING_FACT", clause, field) for field, clause in sorted(self.missing.items()))
        return tuple([piece for piece in self._pieces(self.lowered.answer.reasons) if isinstance(piece, Reason)])

    @cached_property
    def warnings(self) -> tuple[Warn, ...]:
        """What the reader should know besides, in the order of the contract's codes."""
        return tuple([piece for piece in self._pieces(self.lowered.answer.warnings) if isinstance(piece, Warn)])

    def _pieces(self, reg: Reg) -> Iterator[Piece]:
        items = self.memory.items(reg, ITEM_PLACES)
        return (self.lowered.answer.piece_of((kind, first, second)) for kind, first, second in items)

    @cached_property
    def recourse(self) -> RecourseRun | None:
        """What third parties owe; None where nothing is booked that could be recovered."""
        memory, recourse = self.memory, self.lowered.recourse
        if recourse is None or not memory.known(recourse.parties):
            return None
        by_party: dict[str, int] = {}
        for view in self.row.views:
            if memory.known(recourse.owes, view.at) and memory.get(recourse.owes, view.at):
                party = view.outage.responsible_party
                by_party[party] = by_party.get(party, 0) + memory.get(recourse.weight, view.at)
        party_of = {view.index: view.outage.responsible_party for view in self.row.views}
        owed = {party_of[index]: amount for _, index, amount, _ in memory.items(recourse.parties, PARTY_PLACES)}
        value = Fraction(memory.get(recourse.value), recourse.value_denominator)
        return RecourseRun(by_party, memory.get(recourse.total), value, memory.get(recourse.together), owed)

    @property
    def provisional(self) -> bool:
        """Whether an outage goes on that a benefit asked about: then all is a quote."""
        return bool(self.memory.get(self.lowered.answer.goes_on))

    def density(self, measure: rules.Measure) -> Density | None:
        """A measure over the calendar of this request; None where it is not known which that is."""
        self._choose()
        return self.lowered.calendars.density_at_hand(self.memory, measure)

    def cycle_inputs(self, is_read: bool) -> tuple[Input, ...]:
        """The billing cycle, where it is read and the request gives it."""
        if not is_read or self.row.subscriber.billing_cycle is None:
            return ()
        return tuple(self.lowered.cycle.inputs(self.memory, HERE))

    def spans(self, reg: Reg) -> list[Span]:
        """The spans of a list."""
        return spans_of(self.memory, self.row, reg)

    def clock_runs(self) -> list[ClockRun]:
        """The clocks that could be decided, in the order in which they were needed."""
        return [run for run in self.clocks.values() if not run.is_missing]

    def clocks_of_what_is_owed(self) -> list[ClockRun]:
        """The clocks that something owed was counted by: another one's record says nothing of it."""
        components = [each for benefit in self.owed for each in benefit.components if each.parts]
        names = {each.component.clock.rule.name for each in components if each.component.clock is not None}
        return [known for known in self.clock_runs() if known.clock.rule.name in names]

    def counted(self) -> Iterator[View]:
        """The outages that count for any clock that was needed, also for one that lacks a fact further on."""
        for known in self.clocks.values():
            yield from known.counted


__all__ = ["OUTAGE_INDEX", "BenefitRun", "ClockRun", "ComponentRun", "Part", "Run", "Span"]
