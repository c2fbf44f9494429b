"""A benefit in an occasion: components joined, set off, rounded once, bounded, and split over the outages."""

from collections.abc import Mapping
from math import lcm

from policy.calculator import rules
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START, Calendars
from policy.calculator.lowering.assembler import (
    OCCASION_GOES_ON,
    OCCASION_LABEL,
    OCCASION_START,
    Assembler,
    Bank,
    Label,
    Reg,
)
from policy.calculator.lowering.automatic import Automatic
from policy.calculator.lowering.bounds import Bounds
from policy.calculator.lowering.clock import DECIDED, Clauses
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.component import Component, came_to_count
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, Test, cited, gathered
from policy.calculator.memory import HERE, Memory
from policy.calculator.reads import facts_read
from policy.calculator.request import Interval
from policy.calculator.stages import Stage


class Benefit:
    """A benefit and where its working is, step by step, in base units. ``window``: the fixed span in which grants can be used.

    Of the request: ``row_stage`` and ``row_refused_by``, where it is refused or unknown before there are occasions, else
    DECIDED. Of the occasion: ``joined`` and ``set_off`` are numerators over ``denominator``; ``rounded`` is whole, and what
    ``bounds`` leave of it. ``stage``, ``refused_by`` as of a clock. ``quoted``: it cannot be booked; ``granted``: what can;
    ``shares``: a list, whose it is; ``out_of_cycle``: the occasion begins in another cycle than the one whose cap is asked.
    """

    def __init__(
        self,
        rule: rules.Benefit,
        number: int,
        times: Mapping[str, ClockTime],
        lower: Lower,
        calendars: Calendars,
        request: RequestRegs,
        recourse: Recourse | None,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        """``number`` is its place in the policy; ``times`` are its clocks in its occasions, by name."""
        self.rule, self._asm, self._request, self._calendars, self._recourse = rule, asm, request, calendars, recourse
        self.number = number
        self.clause = rule.components[0].clause.id  # what grants it
        self._clause = clauses.number(self.clause)
        self.components = [
            Component(
                each,
                None if each.clock is None else times[each.clock.name],
                rule.for_each,
                lower,
                calendars,
                request,
                clauses,
                asm,
            )
            for each in rule.components
        ]
        self.times = list({each.clock.rule.name: each.clock for each in self.components if each.clock is not None}.values())
        self.when = None if rule.when is None else lower_test(rule.when, lower)
        self.minus = None if rule.minus is None else lower(rule.minus)
        self.bounds = Bounds(rule, number, lower, request, asm)
        self.automatic = Automatic(rule.granted, self.bounds.after_cap, lower, calendars, asm)
        self.window: Interval | None = None
        if rule.usable is not None:
            first, end = (calendars.local.starts_at(day.toordinal()) for day in rule.usable)
            self.window = Interval(first, end)
        self.denominator = lcm(*(each.denominator for each in self.components), self.minus.denominator if self.minus else 1)
        self.row_stage, self.row_refused_by = asm.reg(), asm.reg()
        self.stage, self.refused_by, self.joined, self.set_off = (asm.reg(Bank.OCCASION) for _ in range(4))
        self.owed, self.rounded, self.quoted, self.granted, self.out_of_cycle = (asm.reg(Bank.OCCASION) for _ in range(5))
        self.shares = asm.new_list(Bank.OCCASION)

    @property
    def path(self) -> str:
        """The path of its rule in the policy."""
        return f"benefits.{self.rule.name}"

    @property
    def when_of_request(self) -> Test | None:
        """``when``, where it is the same for every occasion."""
        return self.when if self.when is not None and self.when.bank == Bank.ROW else None

    @property
    def _sets_off_once(self) -> bool:
        """Whether what it sets off is of the billing cycle that the request gives, as what a subscriber's fact says is."""
        of_subscriber = any(fact.of == "subscriber" for fact in facts_read(self.rule.minus).values())
        return self.rule.for_each == "billing cycle" and of_subscriber

    def write_request(self) -> None:
        """Writes what is decided of the request as a whole: for whom it is, and what the cycle was granted."""
        asm, end = self._asm, Label()
        with asm.at(self.path, self.clause):
            asm.op("MOVE", self.row_stage, asm.const(DECIDED))
            self.bounds.write_request()
            if self.when_of_request is not None:
                unknown, holds = Label(), self.when_of_request.write(asm, Bank.ROW)
                asm.op("JUMP_IF_UNKNOWN", unknown, holds)
                asm.op("JUMP_IF_TRUE", end, holds)
                asm.op("MOVE", self.row_stage, asm.const(Stage.WHEN))
                asm.op("MOVE", self.row_refused_by, asm.const(self._clause))
                asm.op("JUMP", end)
                asm.put(unknown)
                asm.op("UNKNOWN", self.row_stage)
                asm.put(end)

    def write(self, occasions: Reg) -> None:
        """Writes it for the occasion at hand, one of the list ``occasions``."""
        asm = self._asm
        end, undecided = Label(), Label()
        with asm.at(self.path, self.clause):
            bounds, waits = self.bounds, self.automatic.claim_required
            for reg in (bounds.capped, waits, self.quoted, bounds.quantity, self.granted, self.out_of_cycle):
                asm.op("MOVE", reg, asm.const(0))
            asm.op("MOVE", self.stage, self.row_stage)
            asm.op("MOVE", self.refused_by, self.row_refused_by)
            asm.op("JUMP_IF_UNKNOWN", end, self.stage)
            asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION))
            if self.when is not None and self.when_of_request is None:
                covered, unknown, holds = Label(), Label(), self.when.write(asm, self.when.bank)
                asm.op("JUMP_IF_UNKNOWN", unknown, holds)
                asm.op("JUMP_IF_TRUE", covered, holds)
                self._refuse(Stage.WHEN)
                asm.op("JUMP", end)
                asm.put(unknown)
                for component in self.components:
                    component.write_time()
                asm.op("JUMP", undecided)
                asm.put(covered)
            for component in self.components:
                inner = self.path if len(self.components) == 1 else f"{self.path}.{component.rule.name}"
                with asm.at(inner, component.rule.clause.id):
                    component.write()
            self._write_out_of_cycle()
            for component in self.components:
                asm.op("JUMP_IF_UNKNOWN", undecided, component.stage)
            self._write_refusal(end)
            self._write_settling(occasions, end, undecided)
            asm.op("JUMP", end)
            asm.put(undecided)
            asm.op("UNKNOWN", self.stage)
            asm.put(end)

    def _write_out_of_cycle(self) -> None:
        """An occasion belongs to the cycle in which it begins, and only the cap of the cycle that is given can be asked."""
        if self.bounds.per_cycle is None:
            return
        asm, end, kept = self._asm, Label(), Label()
        for time in self.times:
            asm.op("JUMP_IF_TRUE", kept, asm.binary("EQUAL", time.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("JUMP", end)
        asm.put(kept)
        self._write_begins_elsewhere()
        asm.put(end)

    def _write_begins_elsewhere(self) -> None:
        asm, end = self._asm, Label()
        if not self.times:
            return
        asm.op("JUMP_IF_UNKNOWN", end, CYCLE_START)
        asm.op("LESS", self.out_of_cycle, OCCASION_START, CYCLE_START)
        after = asm.binary("AT_LEAST", OCCASION_START, CYCLE_END, Bank.OCCASION)
        asm.op("OR", self.out_of_cycle, after)
        asm.put(end)

    def _refuse(self, stage: Stage) -> None:
        self._asm.op("MOVE", self.stage, self._asm.const(stage))
        self._asm.op("MOVE", self.refused_by, self._asm.const(self._clause))

    def _write_refusal(self, end: Label) -> None:
        """Where every component is refused, so is the benefit: by the one that came furthest, of several the first."""
        asm, owed = self._asm, Label()
        for component in self.components:
            left = asm.binary("EQUAL", component.stage, asm.const(DECIDED), Bank.OCCASION)
            asm.op("JUMP_IF_TRUE", owed, left)
        for component in self.components:
            following = Label()
            further = asm.binary("MORE", component.stage, self.stage, Bank.OCCASION)
            asm.op("JUMP_IF_FALSE", following, further)
            asm.op("MOVE", self.stage, component.stage)
            asm.op("MOVE", self.refused_by, component.refused_by)
            asm.put(following)
        asm.op("JUMP", end)
        asm.put(owed)

    def _write_settling(self, occasions: Reg, end: Label, undecided: Label) -> None:
        """Joins, sets off, rounds, bounds; the first step that leaves nothing refuses."""
        asm, rule, unit = self._asm, self.rule, self.rule.unit
        asm.op("MOVE", self.joined, asm.const(0))
        for component in self.components:
            following = Label()
            left = asm.binary("EQUAL", component.stage, asm.const(DECIDED), Bank.OCCASION)
            asm.op("JUMP_IF_FALSE", following, left)
            amount = component.amount
            if self.denominator != component.denominator:
                amount = asm.binary("MUL", amount, asm.const(self.denominator // component.denominator), Bank.OCCASION)
            asm.op("ADD" if rule.join == "sum" else "GREATEST", self.joined, self.joined, amount)
            asm.put(following)
        asm.op("MOVE", self.owed, self.joined)
        asm.op("MOVE", self.set_off, asm.const(0))
        if self.minus is not None:
            elsewhere = Label()
            if self._sets_off_once:
                asm.op("JUMP_UNLESS", elsewhere, asm.binary("EQUAL", OCCASION_LABEL, asm.const(1), Bank.OCCASION))
            asm.op("MOVE", self.set_off, self.minus.scaled(asm, self.denominator))
            asm.op("JUMP_IF_UNKNOWN", undecided, self.set_off)
            asm.op("SUB", self.owed, self.joined, self.set_off)
            asm.op("GREATEST", self.owed, self.owed, asm.const(0))
            asm.put(elsewhere)
        self._write_rounding(unit)
        nothing, settled = Label(), Label()
        asm.op("JUMP_IF_FALSE", nothing, self.rounded)
        granted = occasions, self.granted
        self.bounds.write(self.rounded, granted, undecided, self._refuse_if_nothing, self._write_begins_elsewhere)
        self.automatic.write(self.bounds.quantity, self._request.is_application, self.components, undecided)
        self._write_booked()
        asm.op("JUMP", settled)
        asm.put(nothing)
        self._refuse(Stage.ROUND)
        asm.put(settled)
        asm.op("JUMP_IF_TRUE", end, self.bounds.quantity)
        self._write_discretion(end)

    def _write_discretion(self, end: Label) -> None:
        """Beside what comes to nothing by a formula, what a person has to set still stands."""
        asm = self._asm
        for component in self.components:
            if isinstance(component.rule.pay, rules.Discretion):
                following = Label()
                at_discretion = asm.binary("EQUAL", component.stage, asm.const(Stage.DISCRETION), Bank.OCCASION)
                asm.op("JUMP_IF_FALSE", following, at_discretion)
                asm.op("MOVE", self.stage, component.stage)
                asm.op("MOVE", self.refused_by, component.refused_by)
                asm.op("JUMP", end)
                asm.put(following)

    def _write_rounding(self, unit: int) -> None:
        """The only division of an amount."""
        asm, whole = self._asm, self.denominator * unit
        owed = self.owed
        match self.rule.rounding:
            case "up":
                asm.op("DIVIDE_UP", self.rounded, owed, asm.const(whole))
            case "down":
                asm.op("DIVIDE_DOWN", self.rounded, owed, asm.const(whole))
            case "half up":
                twice = asm.binary("ADD", owed, owed, Bank.OCCASION)
                more = asm.binary("ADD", twice, asm.const(whole), Bank.OCCASION)
                asm.op("DIVIDE_DOWN", self.rounded, more, asm.const(2 * whole))
        if unit != 1:
            asm.op("MUL", self.rounded, self.rounded, asm.const(unit))

    def _write_booked(self) -> None:
        """What can be booked: nothing while an outage of the occasion goes on. It takes from the cycle, and is split."""
        asm, end, quantity = self._asm, Label(), self.bounds.quantity
        asm.op("JUMP_IF_FALSE", end, quantity)
        asm.op("MOVE", self.quoted, OCCASION_GOES_ON)
        asm.op("OR", self.quoted, self.automatic.claim_required)
        asm.op("JUMP_IF_TRUE", end, self.quoted)
        asm.op("MOVE", self.granted, quantity)
        self.bounds.write_booked(quantity)
        self._write_shares()
        if self._recourse is not None and (worth := self._recourse.worth_of(self.rule.name)):
            asm.op("OWE", self._recourse.due, self.shares, asm.const(worth))
        asm.put(end)

    def _write_shares(self) -> None:
        """By the measure that the one component counts by, else by plain counted time."""
        asm = self._asm
        units = self.components[0].units if len(self.components) == 1 else None
        density = self._calendars.write_density(asm, None if units is None else units.measure)
        asm.op("SHARES", self.shares)
        for time in self.times:
            following = Label()
            self.skip_unless_counted(time, following)
            asm.op("ADD_SHARES", self.shares, time.spans, density)
            asm.put(following)
        asm.op("APPORTION", self.shares, self.bounds.quantity)

    def skip_unless_counted(self, time: ClockTime, following: Label) -> None:
        """Writes that what follows is skipped unless a component came to count by a clock, where the benefit came so far."""
        counted = Label()
        for component in self.components:
            if component.clock is time:
                component.jump_if_counted(counted)
        self._asm.op("JUMP", following)
        self._asm.put(counted)

    def times_counted(self, memory: Memory) -> list[ClockTime]:
        """The clocks by which a component came to count in the occasion at hand; none where it did not come so far."""
        if not came_to_count(memory, self.stage):
            return []
        counted = [each.clock for each in self.components if came_to_count(memory, each.stage)]
        return [each for each in self.times if each in counted]

    def _refuse_if_nothing(self, quantity: Reg, stage: Stage) -> None:
        """Refuses where ``quantity`` is 0, unless that was done before."""
        asm, going_on = self._asm, Label()
        asm.op("JUMP_IF_TRUE", going_on, quantity)
        refused = asm.binary("AT_LEAST", self.stage, asm.const(0), Bank.OCCASION)
        asm.op("JUMP_IF_TRUE", going_on, refused)
        self._refuse(stage)
        asm.put(going_on)

    def lacks_of_request(self, memory: Memory) -> Missing:
        """What it lacks to be asked at all."""
        if self.when_of_request is None or not memory.unknown(self.when_of_request.reg):
            return {}
        return cited(self.when_of_request.lacks(memory, HERE), self.clause)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided for the occasion at hand."""
        return cited(self._lacks(memory), self.clause)

    def _lacks(self, memory: Memory) -> Missing:
        if self.when is not None and memory.unknown(self.when.reg):
            return self.when.lacks(memory, HERE)
        of_components = gathered(each.lacks(memory) for each in self.components if memory.unknown(each.stage))
        if of_components:
            return of_components
        if self.minus is not None and memory.unknown(self.set_off):
            return self.minus.lacks(memory, HERE)
        return self.bounds.lacks(memory) or self.automatic.lacks(memory)
