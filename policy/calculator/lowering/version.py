"""A version, lowered whole: its benefits, occasion by occasion, what third parties owe for them, and the answer."""

from array import array
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field

from policy.calculator import rules
from policy.calculator.cycle import BILLING_CYCLE
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START, Calendars
from policy.calculator.lowering.answer import Answer
from policy.calculator.lowering.assembler import LARGEST, Assembler, Bank, Label, Place
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import Clauses, Clock
from policy.calculator.lowering.context import OUTAGE_PLACES, Codes, Facts
from policy.calculator.lowering.encoding import encoded, layout_of
from policy.calculator.lowering.occasion_list import Shared
from policy.calculator.lowering.occasions import Occasions, occasions_of
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.tests import lower_comparison
from policy.calculator.lowering.time_of_decision import TimeOfDecision
from policy.calculator.lowering.values import (
    Available,
    CodeChoice,
    CodeSet,
    Constant,
    DaysInCycle,
    DaysInMonth,
    DaysShare,
    Fact,
    Ladder,
    Larger,
    Length,
    Missing,
    Named,
    Period,
    Share,
    Value,
    gathered,
)
from policy.calculator.memory import Layout, Memory
from policy.calculator.reads import reads_availability, reads_length
from policy.calculator.working_days import WorkingDays


@dataclass(slots=True)
class Lowered:
    """A version as a program: its operations and tables, and where the working of each rule is.

    From ``choosing`` on it works out which calendar holds, for an explanation that shows what nothing had asked for.
    """

    version: rules.Version
    local: LocalTime
    asm: Assembler
    codes: Codes
    facts: Facts
    request: RequestRegs
    calendars: Calendars
    clauses: Clauses
    clocks: dict[str, Clock]
    occasions: list[Occasions]
    recourse: Recourse | None
    time: TimeOfDecision
    answer: Answer
    figures: dict[str, Named]
    cycle: Fact
    layout: Layout
    weight_scale: int
    choosing: int
    code: MutableSequence[int] = field(default_factory=list)
    tables: MutableSequence[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def fits(self) -> bool:
        """Whether all that the program itself holds fits 64 bits; else it runs as it stands."""
        return isinstance(self.code, array) and isinstance(self.tables, array) and max(self.layout.constants) <= LARGEST

    @property
    def benefits(self) -> list[Benefit]:
        """In the order of the policy."""
        return sorted((benefit for each in self.occasions for benefit in each.benefits), key=lambda each: each.number)

    def lay_out_year(self, density: int, year: int) -> None:
        """Adds a year of a measure to the tables, for all who run the program from now on."""
        tables = self.tables[:]
        listed = density + 2 + tables[density] + year
        tables[listed] = len(tables)
        tables.extend(self.calendars.year_table(density, year))
        self.tables = tables


class Lowering:
    """Lowers the values of one version, each once."""

    def __init__(self, version: rules.Version) -> None:
        self._version = version
        self.asm = Assembler()
        self.asm.counts[Bank.OUTAGE] = OUTAGE_PLACES
        self.codes = Codes()
        self.facts = Facts(self.asm, self.codes)
        self.figures: dict[str, Named] = {}
        self._values: dict[int, tuple[rules.Value, Value]] = {}
        self.cycle = Fact(BILLING_CYCLE, self.facts, version.currency_code)
        self._days_in_cycle = DaysInCycle(self.cycle, CYCLE_START, CYCLE_END)
        self._days_in_month: DaysInMonth | None = None
        self.occasions: Sequence[Occasions] = ()

    def lacks_length(self, memory: Memory) -> Missing:
        """What the length of the occasion at hand lacks."""
        return gathered(each.lacks_length(memory) for each in self.occasions)

    def value(self, value: rules.Value) -> Value:
        """The lowered form of ``value``; the same object gives the same form."""
        known = self._values.get(id(value))
        if known is None:
            known = self._values[id(value)] = (value, self._lower(value))  # the value is kept, so that its id stays its own
            known[1].rule = value
        return known[1]

    def _lower(self, value: rules.Value) -> Value:
        match value:
            case rules.Constant(value=number):
                return Constant(number)
            case rules.Code(codes=held):
                return CodeSet(held, self.codes)
            case rules.Fact():
                return Fact(value, self.facts, self._version.currency_code)
            case rules.Named(figure=figure):
                return self._named(figure)
            case rules.Share(ratio=ratio, of=of):
                return Share(ratio, self.value(of))
            case rules.MonthShare(numerator=numerator, of=of):
                if self._days_in_month is None:
                    self._days_in_month = DaysInMonth()
                    self.asm.counts[Bank.MONTH] = 1
                return DaysShare(numerator, self.value(of), self._days_in_month)
            case rules.CycleShare(numerator=numerator, of=of):
                return DaysShare(numerator, self.value(of), self._days_in_cycle)
            case rules.Length():
                return Length(self.lacks_length)
            case rules.Larger(values=values):
                return Larger([self.value(each) for each in values])
            case rules.CodeChoice() | rules.Ladder():
                return self._choice(value)
            case rules.Availability():
                return Available(self.lacks_length)
            case rules.Start() | rules.Extreme():
                raise AssertionError("a start stands only under `starts`")  # the language sees to it
            case rules.Quotient():
                raise AssertionError("a quotient stands only as the subject of a choice")  # the language sees to it

    def _choice(self, value: rules.CodeChoice | rules.Ladder) -> Value:
        match value:
            case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
                branches = [self.value(branch) for _, branch in cases]
                branches += [] if otherwise is None else [self.value(otherwise)]
                masks = [self.codes.mask(held) for held, _ in cases]
                return CodeChoice(self.value(subject), masks, branches, self._codes_of(branches))
            case rules.Ladder(subject=subject, steps=steps, otherwise=otherwise):
                tests = [lower_comparison(subject, bound, self.value) for bound, _ in steps]
                branches = [self.value(branch) for branch in (*(branch for _, branch in steps), otherwise)]
                return Ladder(self._asked(subject), tests, branches, self._codes_of(branches))

    def _asked(self, subject: rules.Value) -> list[Value]:
        """What a ladder asks, for those who explain it."""
        match subject:
            case rules.Quotient(numerator=numerator, denominator=denominator):
                return [self.value(numerator), self.value(denominator)]
            case rules.Availability():
                return [self.value(subject), Period()]
        return [self.value(subject)]

    def _named(self, figure: rules.Figure) -> Named:
        if figure.name not in self.figures:
            currency = self._version.currency_code
            unit = f"minor units of {currency}" if figure.unit == currency else figure.unit
            self.figures[figure.name] = Named(figure, self.value(figure.value), unit, self.asm)
        return self.figures[figure.name]

    def _codes_of(self, branches: list[Value]) -> Codes | None:
        return self.codes if any(_yields_codes(branch) for branch in branches) else None


def _yields_codes(value: Value) -> bool:
    match value:
        case CodeSet():
            return True
        case Fact():
            return value.is_code
        case CodeChoice() | Ladder():
            return any(_yields_codes(branch) for branch in value.branches)
        case Named():
            return _yields_codes(value.inner)
    return False


def lower_version(version: rules.Version, local: LocalTime, calendars: Mapping[str, WorkingDays]) -> Lowered:
    """The program of a version."""
    lowering = Lowering(version)
    asm, clauses = lowering.asm, Clauses()
    chosen_by = None if version.calendar is None else lowering.value(version.calendar)
    times = Calendars(asm, version, local, calendars, chosen_by, lowering.codes)
    request = RequestRegs.of(asm, version)
    clocks = {rule.name: Clock(rule, version.claims, lowering.value, times, request, clauses, asm) for rule in version.clocks}
    recourse = None if version.recourse is None else Recourse(version.recourse, lowering.value, asm)
    shared = Shared(
        clocks, lowering.value, times, request, recourse, clauses, asm, reads_length(version), reads_availability(version)
    )
    lowering.occasions = occasions = occasions_of(version, shared)
    if recourse is not None:
        recourse.write_start()
    for each in occasions:
        each.write()
    if recourse is not None:
        recourse.write()
    time = TimeOfDecision(version, occasions, asm)
    time.write()
    answer = Answer(version, clocks, occasions, recourse, lowering.figures, times, request, clauses, asm)
    answer.write()
    asm.op("HALT")
    choosing = Label()
    asm.put(choosing)
    times.write_choice(asm)
    asm.op("HALT")
    asm.write_blocks()
    layout = layout_of(asm)
    weight_scale = time.level_denominator * (1 if time.measure is None else times.scale(time.measure))
    lowered = Lowered(
        version, local, asm, lowering.codes, lowering.facts, request, times, clauses, clocks, occasions,
        recourse, time, answer, lowering.figures, lowering.cycle, layout, weight_scale, choosing.at,
    )  # fmt: skip
    lowered.places += [place for _, _, place, _ in asm.code]
    lowered.code, lowered.tables = as_numbers(encoded(asm, layout)), as_numbers(asm.tables)
    return lowered


def as_numbers(numbers: list[int]) -> MutableSequence[int]:
    """In 64 bits where they fit."""
    try:
        return array("q", numbers)
    except OverflowError:
        return numbers
