"""What benefits are worked out for, each by itself: an interruption, an outage, a month, a billing cycle, or all together.

Benefits that are for each the same, and count by the same clocks, share their occasions. A benefit with components that have a
``when`` of their own has occasions of its own: a clock that no component asks joins nothing.
"""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START
from policy.calculator.lowering.assembler import (
    OCCASION_AVAILABLE,
    OCCASION_LABEL,
    OCCASION_LENGTH,
    OCCASION_PERIOD,
    Bank,
    Label,
    Reg,
)
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.occasion_list import OccasionList, Shared, count_of
from policy.calculator.lowering.values import Missing, gathered
from policy.calculator.memory import At, Memory
from policy.calculator.stages import Stage


class Occasions:
    """The occasions of some benefits. ``list``: of the occasions; ``stage``: unknown where they cannot be told, else DECIDED.

    All is written in one loop: what an occasion is granted counts for the caps of those after it.
    """

    def __init__(self, kind: rules.ForEach, benefits: Sequence[tuple[int, rules.Benefit]], shared: Shared) -> None:
        """``benefits`` with their places in the policy."""
        self.kind, self._shared, self._asm = kind, shared, shared.asm
        asm = shared.asm
        components = [each for _, benefit in benefits for each in benefit.components]
        self.clocks = list({each.clock.name: shared.clocks[each.clock.name] for each in components if each.clock}.values())
        self._has_no_clock = all(each.clock is None for each in components)
        self._asked: dict[str, Reg] = {}
        for name in [clock.rule.name for clock in self.clocks] or [""]:
            named = [each for each in components if (each.clock.name if each.clock else "") == name]
            if all(each.when is not None for each in named):
                self._asked[name] = asm.reg()
        self._occasions = OccasionList(kind, self.clocks, shared, self._asked)
        self.list, self.times, self.stage = self._occasions.list, self._occasions.times, asm.reg()
        self.benefits = [
            Benefit(
                rule, number, self.times, shared.lower, shared.calendars, shared.request, shared.recourse, shared.clauses, asm
            )
            for number, rule in benefits
        ]
        self._pairs = asm.new_list(Bank.OCCASION)

    def write(self) -> None:
        """Writes them, and the benefits in each."""
        asm, end, needed, some, unknown = self._asm, Label(), Label(), Label(), Label()
        for benefit in self.benefits:
            benefit.write_request()
        asm.op("NEW_LIST", self.list)
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        for benefit in self.benefits:
            asm.op("JUMP_IF_TRUE", needed, self._is_decided(benefit.row_stage))
        asm.op("JUMP", end)
        asm.put(needed)
        with asm.at("for each", ""):
            self._write_list(unknown)
            asm.op("JUMP_IF_TRUE", some, count_of(self.list))
            self._write_none()
            asm.op("JUMP", end)
            asm.put(unknown)
            asm.op("UNKNOWN", self.stage)
            asm.op("NEW_LIST", self.list)
            self._write_unknown()
            asm.op("JUMP", end)
            asm.put(some)
        with asm.each("OCCASION", self.list):
            if self._shared.reads_length:
                self._write_length()
            if self._shared.reads_availability:
                self._write_available()
            for benefit in self.benefits:
                benefit.write(self.list)
            self._write_who_owes()
        asm.put(end)

    def _is_decided(self, reg: Reg) -> Reg:
        return self._asm.binary("EQUAL", reg, self._asm.const(DECIDED), Bank.ROW)

    def _write_list(self, unknown: Label) -> None:
        """The clocks that are asked, and what occasions their time makes. What one lacks does not hide what another lacks."""
        asm = self._asm
        for name, asked in self._asked.items():
            self._write_asked(name, asked)
        for asked in self._asked.values():
            asm.op("JUMP_IF_UNKNOWN", unknown, asked)
        for clock in self.clocks:
            following = Label()
            self._occasions.skip_unless_asked(clock, following)
            clock.write()
            asm.put(following)
        for clock in self.clocks:
            following = Label()
            self._occasions.skip_unless_asked(clock, following)
            asm.op("JUMP_IF_UNKNOWN", unknown, clock.stage)
            asm.put(following)
        self._occasions.write(unknown)
        if self._has_no_clock:
            self._write_only_occasion(unknown)

    def _write_only_occasion(self, unknown: Label) -> None:
        """What counts by no clock has one occasion, of all outages, where any of it is for this request."""
        asm, end = self._asm, Label()
        if "" in self._asked:
            asked = self._asked[""]
            asm.op("JUMP_IF_FALSE", end, asked)
        if self.kind == "billing cycle":
            asm.op("JUMP_IF_UNKNOWN", unknown, CYCLE_START)
        asm.op("EVERY_OUTAGE", self.list, self._shared.request.as_of, asm.zone)
        asm.put(end)

    def _write_asked(self, name: str, asked: Reg) -> None:
        """Whether any component counts by a clock, as far as that is the same for every occasion."""
        asm, of_request = self._asm, [each.when for each in self._components_of(name) if each.when is not None]
        if any(each.bank != Bank.ROW for each in of_request):
            asm.op("MOVE", asked, asm.const(1))
            return
        asm.op("MOVE", asked, asm.const(0))
        for each in of_request:
            asm.op("OR", asked, each.write(asm, Bank.ROW))

    def _components_of(self, name: str) -> list[Component]:
        return [
            each
            for benefit in self.benefits
            for each in benefit.components
            if (each.clock.rule.name if each.clock else "") == name
        ]

    def _write_unknown(self) -> None:
        asm = self._asm
        for benefit in self.benefits:
            following = Label()
            asm.op("JUMP_UNLESS", following, self._is_decided(benefit.row_stage))
            asm.op("UNKNOWN", benefit.row_stage)
            asm.put(following)

    def _write_none(self) -> None:
        """Without any occasion, a benefit says what the component says that came furthest, of several the first."""
        asm = self._asm
        for benefit in self.benefits:
            following = Label()
            asm.op("JUMP_UNLESS", following, self._is_decided(benefit.row_stage))
            for component in benefit.components:
                self._write_refusal(benefit, component)
            asm.put(following)

    def _write_refusal(self, benefit: Benefit, component: Component) -> None:
        asm, asked, nearer = self._asm, Label(), Label()
        if component.when is not None and component.when.bank == Bank.ROW:
            asm.op("JUMP_IF_TRUE", asked, component.when.write(asm, Bank.ROW))
            asm.op("JUMP_IF_TRUE", nearer, asm.binary("AT_LEAST", benefit.row_stage, asm.const(Stage.WHEN), Bank.ROW))
            asm.op("MOVE", benefit.row_stage, asm.const(Stage.WHEN))
            asm.op("MOVE", benefit.row_refused_by, asm.const(self._shared.clauses.number(component.rule.clause.id)))
            asm.op("JUMP", nearer)
        asm.put(asked)
        if component.clock is not None:
            clock = component.clock.clock
            asm.op("JUMP_UNLESS", nearer, asm.binary("MORE", clock.stage, benefit.row_stage, Bank.ROW))
            asm.op("MOVE", benefit.row_stage, clock.stage)
            asm.op("MOVE", benefit.row_refused_by, clock.refused_by)
        asm.put(nearer)

    def _write_length(self) -> None:
        """Of the time of all clocks, each instant once."""
        asm, times = self._asm, list(self.times.values())
        if not times:
            asm.op("MOVE", OCCASION_LENGTH, asm.const(0))
            return
        lacking, known, end = asm.reg(Bank.OCCASION), Label(), Label()
        for time in times:
            following = Label()
            self._occasions.skip_unless_asked(time.clock, following)
            time.write_uncounted(lacking)
            asm.put(following)
        asm.op("JUMP_UNLESS", known, lacking)
        asm.op("UNKNOWN", OCCASION_LENGTH)
        asm.op("JUMP", end)
        asm.put(known)
        self._write_known_length(times)
        asm.put(end)

    def _write_known_length(self, times: Sequence[ClockTime]) -> None:
        asm = self._asm
        if len(times) == 1:
            times[0].write_time()
            asm.op("MOVE", OCCASION_LENGTH, times[0].merged_seconds)
            return
        for time in times:
            following = Label()
            self._occasions.skip_unless_asked(time.clock, following)
            time.write_time()
            asm.put(following)
        asm.op("NEW_LIST", self._pairs)  # INVARIANT: no other list is made until it is whole
        for time in times:
            following = Label()
            self._occasions.skip_unless_asked(time.clock, following)
            asm.op("PAIR_UP", self._pairs, time.merged)
            asm.put(following)
        asm.op("UNITE", self._pairs)
        asm.op("PAIRS_LENGTH", OCCASION_LENGTH, self._pairs)

    def _write_available(self) -> None:
        """How much of the month or the cycle service was there; around the cycle that is given, all of it."""
        asm, end = self._asm, Label()
        if self.kind == "month":
            asm.op("MONTH_LENGTH", OCCASION_PERIOD, asm.zone)
        else:
            asm.op("MOVE", OCCASION_PERIOD, asm.const(1))
            asm.op("MOVE", OCCASION_AVAILABLE, OCCASION_PERIOD)
            asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", OCCASION_LABEL, asm.const(1), Bank.OCCASION))
            asm.op("SUB", OCCASION_PERIOD, CYCLE_END, CYCLE_START)
        asm.op("SUB", OCCASION_AVAILABLE, OCCASION_PERIOD, OCCASION_LENGTH)
        asm.put(end)

    def _write_who_owes(self) -> None:
        """It is asked whose the time was where a benefit came to amounts that a third party may owe."""
        asm, recourse = self._asm, self._shared.recourse
        for benefit in self.benefits if recourse is not None else ():
            if recourse is None or not recourse.worth_of(benefit.rule.name):
                continue
            reached, end = Label(), Label()
            asm.op("JUMP_IF_TRUE", reached, asm.binary("AT_LEAST", benefit.stage, asm.const(Stage.COUNT), Bank.OCCASION))
            asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", benefit.stage, asm.const(DECIDED), Bank.OCCASION))
            asm.put(reached)
            for time in benefit.times:
                following = Label()
                benefit.skip_unless_counted(time, following)
                recourse.write_asked(time)
                asm.put(following)
            asm.put(end)

    def asked_who_owes(self, memory: Memory) -> list[At]:
        """The outages of which it was asked in the occasion at hand whether a third party owes for them."""
        recourse = self._shared.recourse
        worth = [] if recourse is None else [each for each in self.benefits if recourse.worth_of(each.rule.name)]
        return [at for benefit in worth for time in benefit.times_counted(memory) for at in memory.spans(time.spans)]

    def lacks_length(self, memory: Memory) -> Missing:
        """What is lacking to know how long the occasion at hand is, if it is one of these."""
        if memory.m[5] not in memory.occasions(self.list):
            return {}
        return gathered(time.lacks_time(memory) for time in self.times.values())

    def lacks(self, memory: Memory) -> Missing:
        """What cannot be told of them, where it is unknown what they are."""
        unknown = [name for name, asked in self._asked.items() if memory.unknown(asked)]
        asking = (each for name in unknown for each in self._components_of(name))
        missing = gathered(each.lacks_when(memory) for each in asking)
        return missing or self._occasions.lacks(memory)


def occasions_of(version: rules.Version, shared: Shared) -> list[Occasions]:
    """All occasions of a version, in the order of the first benefit that has each."""
    groups: dict[tuple[str, ...], list[tuple[int, rules.Benefit]]] = {}
    for number, benefit in enumerate(version.benefits):
        clocks = dict.fromkeys("" if each.clock is None else each.clock.name for each in benefit.components)
        own = benefit.name if any(each.when is not None for each in benefit.components) else ""
        groups.setdefault((benefit.for_each, own, *clocks), []).append((number, benefit))
    return [Occasions(benefits[0][1].for_each, benefits, shared) for benefits in groups.values()]
