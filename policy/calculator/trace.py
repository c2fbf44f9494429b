"""The trace of a run: what its memory says of each clock, component and benefit. Nothing is worked out again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from policy.calculator import codes, rules
from policy.calculator.decision import Input, OutagePart, Reason, Warn
from policy.calculator.facts import Row, View
from policy.calculator.lowering.answer import ITEM_PLACES, Piece
from policy.calculator.lowering.assembler import PART_START, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.context import OUTAGE_INDEX
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.values import Missing
from policy.calculator.lowering.version import Lowered
from policy.calculator.measure import Density
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.request import Interval
from policy.calculator.stages import Refusal, Stage

PARTY_PLACES: Final = 3
"""Of what is owed for an outage: its place by party and id, its address, and the amount."""
SHARE_PLACES: Final = 4
"""Of an outage's part of a grant: its address, its weight, the part, and the remainder."""
OCCASION_FIELDS: Final = 9
"""What an occasion's record begins with: see :mod:`policy.calculator.machine_occasions`."""


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
    """What a clock came to, of the request as a whole.

    ``counted``: outages that hit a covered service; ``met``: those of them that something is left of after the cut to the
    claim; ``liable``: those that the operator answers for. ``dropped``: the word that dropped an outage, by its index.
    ``merged``: the time that is left before ``only``, disjoint and in order.
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
        return spans_of(self._memory, self._row, self.clock.merged) if self.refusal is None and not self.is_missing else []

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
    """What a clock came to in an occasion. ``spans``: the time that is left, disjoint and in order; ``merged``: before ``only``."""

    def __init__(self, time: ClockTime, of_request: ClockRun, clauses: Clauses, occasion: "OccasionRun") -> None:
        super().__init__(occasion.memory, occasion.address)
        self.time, self.of_request, self._row = time, of_request, occasion.row
        self.refusal = None if self.is_missing else _refusal(self.enter(), clauses, time.stage, time.refused_by)

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
        self.refusal = _refusal(self.enter(), clauses, component.stage, component.refused_by)

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
    def times(self) -> list[int]:
        return [self._get(reg) for reg in self.component.times_regs]

    @property
    def amount(self) -> int:
        return self._get(self.component.amount) if self.refusal is None else 0


class BenefitRun(_InOccasion):
    """What a benefit came to in an occasion, step by step, in base units.

    ``joined`` and ``set_off`` are exact, as numerators over the benefit's denominator; from ``rounded`` on, all is whole.
    ``capped``: a cap lowered it. ``claim_required``: owed, but only on a claim; ``granted``: what of ``quantity`` can be booked,
    all or nothing.
    """

    def __init__(self, benefit: Benefit, clauses: Clauses, occasion: "OccasionRun") -> None:
        super().__init__(occasion.memory, occasion.address)
        self.benefit, self._clauses, self.occasion = benefit, clauses, occasion
        memory = self.enter()
        self.refusal = _refusal(memory, clauses, benefit.stage, benefit.refused_by)
        self.quantity, self.granted = memory.get(benefit.quantity), memory.get(benefit.granted)
        self.capped = bool(memory.get(benefit.capped))
        self.claim_required = bool(memory.get(benefit.claim_required))

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
        return self._at(self.benefit.after_minimum)

    @property
    def after_cap(self) -> int:
        return self._at(self.benefit.after_cap)

    @property
    def before(self) -> int:
        """What of it was granted before."""
        return self._at(self.benefit.before)

    @property
    def after_granted(self) -> int:
        return self._at(self.benefit.after_granted)

    @property
    def cycle_left(self) -> int | None:
        return self._get(self.benefit.cycle_left) if self.enter().known(self.benefit.cycle_left) else None

    @property
    def month_left(self) -> int | None:
        return self._get(self.benefit.month_left) if self.enter().known(self.benefit.month_left) else None

    @property
    def parts(self) -> tuple[OutagePart, ...]:
        """Each outage's part of what is granted, by id."""
        by_address = {view.address: view.outage.outage_id for view in self.occasion.row.views}
        items = self.enter().items(self.benefit.shares, SHARE_PLACES) if self.granted else []
        return tuple(OutagePart(by_address[address], part) for address, _, part, _ in items)


class OccasionRun(_InOccasion):
    """An occasion: when it was, of which outages, and what its clocks and benefits came to.

    ``label`` is its month, or 1 for the billing cycle that is given; ``rank`` its place among those of the same outages. It does
    not name its benefits, which name it: the circle would wait for the garbage collector.
    """

    def __init__(
        self, of: Occasions, address: int, lowered: Lowered, memory: Memory, row: Row, clocks: Mapping[str, ClockRun]
    ) -> None:
        super().__init__(memory, address)
        self.of, self.address, self.row, self._lowered = of, address, row, lowered
        start, end, _, _, _, label, goes_on, rank, month = memory.m[address : address + OCCASION_FIELDS]
        self.start, self.end, self.label, self.rank, self.month = start, end, label, rank, month
        self.goes_on = bool(goes_on)
        by_address = {view.address: view for view in row.views}
        self.views = [by_address[at.outage] for at in self.enter().members_at_hand()]
        clauses = lowered.clauses
        self.clocks = {
            name: TimeRun(time, clocks[name], clauses, self)
            for name, time in of.times.items()
            if memory.known(time.stage) or memory.unknown(time.stage)
        }

    @cached_property
    def missing(self) -> Missing:
        """What its benefits lack."""
        found: Missing = {}
        for benefit in self.of.benefits:
            if self.enter().unknown(benefit.stage):
                found |= benefit.lacks(self.memory)
        return found

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


@dataclass(frozen=True, slots=True)
class Refused:
    """A benefit that was refused for the request as a whole."""

    benefit: Benefit
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed for an outage: ``worth``, minor units, of its parts by the policy's share, and the ``amount_minor`` of it."""

    view: View
    worth: Fraction
    amount_minor: int


class Run:
    """A decision under way, read from the memory of its run.

    ``clocks`` by name, in the order in which they were needed; ``occasions`` in order of time; ``refused``: benefits that no
    occasion was there for; ``missing``: facts that are needed and absent, with the clause that needs them.
    """

    def __init__(self, lowered: Lowered, memory: Memory, row: Row, choose: Callable[[], object]) -> None:
        """``choose`` works out in ``memory`` which calendar holds."""
        self.lowered, self.memory, self.row, self._choose = lowered, memory, row, choose
        memory.enter(0)
        asked = [clock for clock in lowered.clocks.values() if memory.known(clock.order)]
        asked.sort(key=lambda clock: memory.get(clock.order))
        clauses = lowered.clauses  # no part of a run names the run: the circle would wait for the garbage collector
        self.clocks = {clock.rule.name: ClockRun(clock, clauses, memory, row) for clock in asked}
        self.missing: Missing = {}
        self.refused: list[Refused] = []
        self.occasions: list[OccasionRun] = []
        for of in lowered.occasions:
            memory.enter(0)
            for benefit in of.benefits:
                if memory.unknown(benefit.row_stage):
                    self.missing |= benefit.lacks_of_request(memory) or of.lacks(memory)
                elif memory.get(benefit.row_stage) != DECIDED:
                    refusal = _refusal(memory, clauses, benefit.row_stage, benefit.row_refused_by)
                    assert refusal is not None
                    self.refused.append(Refused(benefit, refusal))
            self.occasions += [
                OccasionRun(of, address, lowered, memory, row, self.clocks) for address in memory.occasions(of.list)
            ]
        place = {id(of): number for number, of in enumerate(lowered.occasions)}
        self.occasions.sort(key=lambda each: (each.start, each.end, place[id(each.of)], each.outage_ids[:1]))
        memory.enter(0)
        for each in self.occasions:
            self.missing |= each.missing
        recourse = lowered.recourse
        memory.enter(0)
        if recourse is not None and memory.unknown(recourse.asked):
            self.missing |= recourse.lacks(memory)
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
        by_address = {view.address: view for view in self.row.views}
        return [
            Owed(by_address[address], Fraction(recourse.due_of(memory, address), recourse.denominator), amount)
            for _, address, amount in memory.items(recourse.parties, PARTY_PLACES)
        ]

    def density(self, measure: rules.Measure) -> Density | None:
        """A measure over the calendar of this request; None where it is not known which that is."""
        self._choose()
        return self.lowered.calendars.density_at_hand(self.memory, measure)

    def cycle_inputs(self, is_read: bool) -> tuple[Input, ...]:
        """The billing cycle, where it is read and the request gives it."""
        if not is_read or self.row.subscriber.billing_cycle is None:
            return ()
        return tuple(self.lowered.cycle.inputs(self.memory, HERE))

    def times(self) -> Iterator[TimeRun]:
        """The clocks that could be decided, occasion by occasion."""
        for occasion in self.occasions:
            yield from (time for time in occasion.clocks.values() if not time.is_missing)

    def spans(self, reg: Reg) -> list[Span]:
        """The spans of a list."""
        return spans_of(self.memory, self.row, reg)

    def times_of_what_is_owed(self) -> list[TimeRun]:
        """The clocks, by occasion, that something owed was counted by: another one's record says nothing of it."""
        found: dict[int, TimeRun] = {}
        for benefit in self.owed:
            for each in benefit.components:
                if each.parts and each.clock is not None:
                    found.setdefault(id(each.clock), each.clock)
        return list(found.values())

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
