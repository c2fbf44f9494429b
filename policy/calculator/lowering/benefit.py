"""A benefit: components joined, set off, rounded once, bounded."""

from collections.abc import Mapping
from math import lcm
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.only import Step, time_tests, write_split
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.tests import COMPARES, lower_test
from policy.calculator.lowering.values import Lower, Missing, Value, cited, gathered
from policy.calculator.memory import HERE, Memory
from policy.calculator.request import Interval
from policy.calculator.stages import Stage

NO_CYCLE: Final = -1


class Benefit:
    """A benefit and where its working is, step by step, in base units. ``window``: the fixed span in which grants can be used.

    ``joined`` and ``set_off`` are numerators over ``denominator``; from ``rounded`` on, all is whole. ``stage`` and
    ``refused_by`` as of a clock; ``capped``: a cap lowered it; ``claim_required``: owed, but only on a claim.
    """

    def __init__(
        self,
        rule: rules.Benefit,
        clocks: Mapping[str, Clock],
        lower: Lower,
        calendars: Calendars,
        request: RequestRegs,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        self.rule, self._asm, self._request, self._calendars, self._lower = rule, asm, request, calendars, lower
        self.clause = rule.components[0].clause.id  # what grants it
        self._clause = clauses.number(self.clause)
        self.components = [
            Component(each, None if each.clock is None else clocks[each.clock.name], lower, calendars, request, clauses, asm)
            for each in rule.components
        ]
        self.when = None if rule.when is None else lower_test(rule.when, lower)
        self.minus = None if rule.minus is None else lower(rule.minus)
        self.at_least, self.at_most, self.per_cycle = (
            None if each is None else lower(each) for each in (rule.at_least, rule.at_most, rule.at_most_per_cycle)
        )
        self.window: Interval | None = None
        if rule.usable is not None:
            first, end = (calendars.local.starts_at(day.toordinal()) for day in rule.usable)
            self.window = Interval(first, end)
        self.denominator = lcm(*(each.denominator for each in self.components), self.minus.denominator if self.minus else 1)
        self.stage, self.refused_by = asm.reg(), asm.reg()
        self.joined, self.set_off, self.owed, self.rounded = asm.reg(), asm.reg(), asm.reg(), asm.reg()
        self.after_minimum, self.after_cap, self.after_granted = asm.reg(), asm.reg(), asm.reg()
        self.cycle_left, self.quantity, self.capped, self.claim_required = asm.reg(), asm.reg(), asm.reg(), asm.reg()
        self.owed_when: dict[str, Step] = {}
        tests = [] if rule.granted.time is None else time_tests(rule.granted.time)
        self.automatic_measures = tuple(
            {test.measure.name: test.measure for test in tests if test.measure is not None}.values()
        )
        self._automatic = asm.reg()

    def write(self) -> None:
        """Writes it."""
        asm = self._asm
        end, undecided = Label(), Label()
        path = f"benefits.{self.rule.name}"
        with asm.at(path, self.clause):
            for reg in (self.capped, self.claim_required, self.quantity):
                asm.op("MOVE", reg, asm.const(0))
            asm.op("MOVE", self.stage, asm.const(DECIDED))
            if self.when is not None:
                covered, holds = Label(), self.when.write(asm, Bank.ROW)
                asm.op("JUMP_IF_UNKNOWN", undecided, holds)
                asm.op("JUMP_IF_TRUE", covered, holds)
                self._refuse(Stage.WHEN)
                asm.op("JUMP", end)
                asm.put(covered)
            for component in self.components:
                inner = path if len(self.components) == 1 else f"{path}.{component.rule.name}"
                with asm.at(inner, component.rule.clause.id):
                    component.write()
            for component in self.components:
                asm.op("JUMP_IF_UNKNOWN", undecided, component.stage)
            self._write_refusal(end)
            self._write_settling(end, undecided)
            asm.op("JUMP", end)
            asm.put(undecided)
            asm.op("UNKNOWN", self.stage)
            asm.put(end)

    def _refuse(self, stage: Stage) -> None:
        self._asm.op("MOVE", self.stage, self._asm.const(stage))
        self._asm.op("MOVE", self.refused_by, self._asm.const(self._clause))

    def _write_refusal(self, end: Label) -> None:
        """Where every component is refused, so is the benefit: by the one that came furthest, of several the first."""
        asm, owed = self._asm, Label()
        for component in self.components:
            left = asm.binary("EQUAL", component.stage, asm.const(DECIDED), Bank.ROW)
            asm.op("JUMP_IF_TRUE", owed, left)
        for component in self.components:
            following = Label()
            further = asm.binary("MORE", component.stage, self.stage, Bank.ROW)
            asm.op("JUMP_IF_FALSE", following, further)
            asm.op("MOVE", self.stage, component.stage)
            asm.op("MOVE", self.refused_by, component.refused_by)
            asm.put(following)
        asm.op("JUMP", end)
        asm.put(owed)

    def _write_settling(self, end: Label, undecided: Label) -> None:
        """Joins, sets off, rounds, bounds; the first step that leaves nothing refuses."""
        asm, rule, unit = self._asm, self.rule, self.rule.unit
        asm.op("MOVE", self.joined, asm.const(0))
        for component in self.components:
            following = Label()
            left = asm.binary("EQUAL", component.stage, asm.const(DECIDED), Bank.ROW)
            asm.op("JUMP_IF_FALSE", following, left)
            amount = component.amount
            if self.denominator != component.denominator:
                amount = asm.binary("MUL", amount, asm.const(self.denominator // component.denominator), Bank.ROW)
            asm.op("ADD" if rule.join == "sum" else "GREATEST", self.joined, self.joined, amount)
            asm.put(following)
        asm.op("MOVE", self.owed, self.joined)
        asm.op("MOVE", self.set_off, asm.const(0))
        if self.minus is not None:
            asm.op("MOVE", self.set_off, self.minus.scaled(asm, self.denominator))
            asm.op("JUMP_IF_UNKNOWN", undecided, self.set_off)
            asm.op("SUB", self.owed, self.joined, self.set_off)
            asm.op("GREATEST", self.owed, self.owed, asm.const(0))
        self._write_rounding(unit)
        nothing, settled = Label(), Label()
        asm.op("JUMP_IF_FALSE", nothing, self.rounded)
        self._write_bounds(unit, undecided)
        asm.op("JUMP", settled)
        asm.put(nothing)
        self._refuse(Stage.ROUND)
        asm.put(settled)
        asm.op("JUMP_IF_TRUE", end, self.quantity)
        for component in self.components:  # beside what comes to nothing by a formula, what a person has to set still stands
            if isinstance(component.rule.pay, rules.Discretion):
                following = Label()
                at_discretion = asm.binary("EQUAL", component.stage, asm.const(Stage.DISCRETION), Bank.ROW)
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
                twice = asm.binary("ADD", owed, owed, Bank.ROW)
                more = asm.binary("ADD", twice, asm.const(whole), Bank.ROW)
                asm.op("DIVIDE_DOWN", self.rounded, more, asm.const(2 * whole))
        if unit != 1:
            asm.op("MUL", self.rounded, self.rounded, asm.const(unit))

    def _whole(self, value: Value, unit: int, division: str) -> Reg:
        """A bound as a multiple of the unit."""
        asm, denominator = self._asm, value.denominator * unit
        if value.constant is not None:
            units = value.constant // denominator if division == "DIVIDE_DOWN" else -(-value.constant // denominator)
            return asm.const(units * unit)
        taken = asm.binary(division, value.write(asm), asm.const(denominator), Bank.ROW)
        return taken if unit == 1 else asm.binary("MUL", taken, asm.const(unit), Bank.ROW)

    def _write_bounds(self, unit: int, undecided: Label) -> None:
        asm, request, name = self._asm, self._request, self.rule.name
        minimum = None if self.at_least is None else self._whole(self.at_least, unit, "DIVIDE_UP")
        cap = None if self.at_most is None else self._whole(self.at_most, unit, "DIVIDE_DOWN")
        cycle = None if self.per_cycle is None else self.per_cycle.scaled(asm, self.per_cycle.denominator)
        for bound in (minimum, cap, cycle):
            if bound is not None:
                asm.op("JUMP_IF_UNKNOWN", undecided, bound)
        asm.op("MOVE", self.after_minimum, self.rounded)
        if minimum is not None:
            asm.op("GREATEST", self.after_minimum, self.rounded, minimum)
        asm.op("MOVE", self.after_cap, self.after_minimum)
        if cap is not None:
            asm.op("LEAST", self.after_cap, self.after_minimum, cap)
            asm.op("LESS", self.capped, self.after_cap, self.after_minimum)
        self._refuse_if_nothing(self.after_cap, Stage.CAP)
        asm.op("SUB", self.after_granted, self.after_cap, request.granted_before[name])
        asm.op("GREATEST", self.after_granted, self.after_granted, asm.const(0))
        self._refuse_if_nothing(self.after_granted, Stage.GRANTED_BEFORE)
        asm.op("MOVE", self.quantity, self.after_granted)
        if self.per_cycle is not None and cycle is not None:
            denominator = self.per_cycle.denominator
            used = request.granted_in_cycle[name]
            if denominator != 1:
                used = asm.binary("MUL", used, asm.const(denominator), Bank.ROW)
            left = asm.binary("SUB", cycle, used, Bank.ROW)
            asm.op("DIVIDE_DOWN", self.cycle_left, left, asm.const(denominator * unit))
            if unit != 1:
                asm.op("MUL", self.cycle_left, self.cycle_left, asm.const(unit))
            asm.op("GREATEST", self.cycle_left, self.cycle_left, asm.const(0))
            lowered = asm.binary("LESS", self.cycle_left, self.after_granted, Bank.ROW)
            asm.op("OR", self.capped, lowered)
            asm.op("LEAST", self.quantity, self.after_granted, self.cycle_left)
            self._refuse_if_nothing(self.quantity, Stage.CAP)
        self._write_granted(undecided)

    def _refuse_if_nothing(self, quantity: Reg, stage: Stage) -> None:
        """Refuses where ``quantity`` is 0, unless that was done before."""
        asm, going_on = self._asm, Label()
        asm.op("JUMP_IF_TRUE", going_on, quantity)
        refused = asm.binary("AT_LEAST", self.stage, asm.const(0), Bank.ROW)
        asm.op("JUMP_IF_TRUE", going_on, refused)
        self._refuse(stage)
        asm.put(going_on)

    def _write_granted(self, undecided: Label) -> None:
        """Whether what is owed waits for a claim."""
        asm, granted, request = self._asm, self.rule.granted, self._request
        if granted.how == "automatically":
            return
        end = Label()
        asm.op("JUMP_IF_FALSE", end, self.quantity)
        asm.op("JUMP_IF_TRUE", end, request.is_application)
        if granted.how == "on claim":
            asm.op("MOVE", self._automatic, asm.const(0))
        elif granted.amount is not None:
            asm.op(COMPARES[granted.amount[0]], self._automatic, self.quantity, asm.const(granted.amount[1]))
        else:
            self._write_automatic_by_time()
            asm.op("JUMP_IF_UNKNOWN", undecided, self._automatic)
        asm.op("EQUAL", self.claim_required, self._automatic, asm.const(0))
        asm.put(end)

    def _write_automatic_by_time(self) -> None:
        """Whether the condition holds of any time that was counted; where it does, it matters not what the rest lacks."""
        asm, time = self._asm, self.rule.granted.time
        assert time is not None
        asm.op("MOVE", self._automatic, asm.const(0))
        for component in self.components:
            clock = component.clock
            if clock is None:
                continue
            following = Label()
            refused = asm.binary("LESS", component.stage, asm.const(Stage.COUNT), Bank.ROW)
            decided = asm.binary("EQUAL", component.stage, asm.const(DECIDED), Bank.ROW)
            counted = asm.binary("SUB", asm.const(1), refused, Bank.ROW)
            asm.op("OR", counted, decided)
            asm.op("JUMP_IF_FALSE", following, counted)
            step = Step(time, self._lower, self._calendars, clock.level_denominator)
            self.owed_when[component.rule.name] = step
            spans = write_split(asm, {test.scope for test in time_tests(time)}, clock.spans)
            step.write(asm, spans)
            with asm.each("SPAN", spans):
                asm.op("OR", self._automatic, step.verdict)
            asm.put(following)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        return cited(self._lacks(memory), self.clause)

    def _lacks(self, memory: Memory) -> Missing:
        if self.when is not None and memory.unknown(self.when.reg):
            return self.when.lacks(memory, HERE)
        of_components = gathered(each.lacks(memory) for each in self.components if memory.unknown(each.stage))
        if of_components:
            return of_components
        if self.minus is not None and memory.unknown(self.set_off):
            return self.minus.lacks(memory, HERE)
        bounds = [each for each in (self.at_least, self.at_most, self.per_cycle) if each is not None]
        return gathered(each.lacks(memory, HERE) for each in bounds) or gathered(
            step.lacks(memory) for step in self.owed_when.values() if memory.known(step.spans)
        )
