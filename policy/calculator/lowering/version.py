"""A version, lowered whole: its benefits, occasion by occasion, what third parties owe for them, and the answer."""

from array import array
from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass, field

from policy.calculator import rules
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.answer import Answer
from policy.calculator.lowering.assembler import LARGEST, Assembler, Label, Place, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import Clauses, Clock
from policy.calculator.lowering.context import Codes, Facts
from policy.calculator.lowering.encoding import encoded, layout_of
from policy.calculator.lowering.lower import Lowering
from policy.calculator.lowering.occasion_list import Shared
from policy.calculator.lowering.occasions import Occasions, occasions_of
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.time_of_decision import TimeOfDecision
from policy.calculator.lowering.values import (
    Fact,
    Named,
)
from policy.calculator.memory import Layout
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
    pinned_by: Reg
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
    pinned_by = lowering.facts.reg(version.pinned_by)  # an explanation says what picked the version, whatever rules read
    layout = layout_of(asm)
    weight_scale = time.level_denominator * (1 if time.measure is None else times.scale(time.measure))
    lowered = Lowered(
        version, local, asm, lowering.codes, lowering.facts, request, times, clauses, clocks, occasions,
        recourse, time, answer, lowering.figures, lowering.cycle, layout, pinned_by, weight_scale, choosing.at,
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
