"""A component in an occasion: units of each part × pay, added, × factors."""

from fractions import Fraction

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import OCCASION_LABEL, PART_START, PART_TIME, Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.only import SCOPES, write_split
from policy.calculator.lowering.pay import Pay
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.tests import COMPARES, lower_test
from policy.calculator.lowering.values import Lower, Missing, cited, gathered
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.stages import Stage


def came_to_count(memory: Memory, stage: Reg) -> bool:
    """Whether what has this stage came to count in the occasion at hand: it was decided, or refused then or later."""
    return memory.known(stage) and (memory.get(stage) == DECIDED or memory.get(stage) >= Stage.COUNT)


class Component:
    """A component and where its working is.

    ``stage`` and ``refused_by`` as of a clock; of the request ``reached``, how often it came to count. ``parts`` is a list; of
    each part ``units`` and what it is ``paid``, numerators over ``units_denominator`` and ``pay.denominator``. ``times``: the
    factors. ``amount`` is over ``denominator``.
    """

    def __init__(
        self,
        rule: rules.Component,
        clock: ClockTime | None,
        for_each: rules.ForEach,
        lower: Lower,
        calendars: Calendars,
        request: RequestRegs,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        self.rule, self.clock, self._calendars, self._request, self._asm = rule, clock, calendars, request, asm
        self._for_each = for_each
        self._clause = clauses.number(rule.clause.id)
        self.when = None if rule.when is None else lower_test(rule.when, lower)
        self.number = lower(rule.count.fact) if isinstance(rule.count, rules.Number) else None
        units = rule.count if isinstance(rule.count, rules.Units) else None
        self.units = units
        self.scale = 1
        if units is not None and units.measure is not None:
            assert clock is not None  # INVARIANT: units of time are of a clock
            self.scale = calendars.scale(units.measure) * clock.level_denominator
        exact = units is not None and units.rounding == "exact" and isinstance(units.length, int)
        self.units_denominator = units.length * self.scale if exact and units and isinstance(units.length, int) else 1
        self.pay = Pay(rule.pay, self.units_denominator, lower)
        self.times = [lower(factor) for factor in rule.times]
        self.denominator = self.pay.denominator
        for factor in self.times:
            self.denominator *= factor.denominator
        self.stage, self.refused_by, self.counted = (asm.reg(Bank.OCCASION) for _ in range(3))
        self.parts, self.amount, self._paid_in_all = asm.new_list(Bank.OCCASION), asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        self.reached = asm.reg()
        self.part_units, self.paid = asm.reg(Bank.PART), asm.reg(Bank.PART)
        self.times_regs: list[Reg] = []
        self.time = PART_TIME
        self._calendar: Reg | None = None

    def write_time(self) -> None:
        """Writes the time of its clock, unless it is not meant: known also where it is not known whether it counts."""
        if self.clock is None:
            return
        asm, end = self._asm, Label()
        if self.when is not None:
            asm.op("JUMP_IF_FALSE", end, self.when.write(asm, self.when.bank))
        self.clock.write()
        asm.put(end)

    def write(self) -> None:
        """Writes it."""
        asm, rule = self._asm, self.rule
        end, undecided = Label(), Label()
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        if self.when is not None:
            covered, unknown, holds = Label(), Label(), self.when.write(asm, self.when.bank)
            asm.op("JUMP_IF_UNKNOWN", unknown, holds)
            asm.op("JUMP_IF_TRUE", covered, holds)
            self._refuse(Stage.WHEN, end)
            asm.put(unknown)
            self.write_time()
            asm.op("JUMP", undecided)
            asm.put(covered)
        if self.clock is not None:
            self.clock.write()
            going_on = Label()
            asm.op("MOVE", self.stage, self.clock.stage)
            asm.op("JUMP_IF_UNKNOWN", undecided, self.stage)
            left = asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION)
            asm.op("JUMP_IF_TRUE", going_on, left)
            asm.op("MOVE", self.refused_by, self.clock.refused_by)
            asm.op("JUMP", end)
            asm.put(going_on)
        self._write_count(undecided)
        counted = Label()
        asm.op("JUMP_IF_TRUE", counted, self.counted)
        self._refuse(Stage.COUNT, end)
        asm.put(counted)
        if isinstance(rule.pay, rules.Discretion):
            self._refuse(Stage.DISCRETION, end)
        else:
            self._write_pay()
            asm.op("JUMP_IF_UNKNOWN", undecided, self.amount)
            asm.op("JUMP", end)
        asm.put(undecided)
        asm.op("UNKNOWN", self.stage)
        asm.put(end)
        asm.op("TALLY", self.reached, asm.binary("AT_LEAST", self.stage, asm.const(Stage.COUNT), Bank.OCCASION))
        asm.op("TALLY", self.reached, asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION))

    def _refuse(self, stage: Stage, end: Label) -> None:
        asm = self._asm
        asm.op("MOVE", self.stage, asm.const(stage))
        asm.op("MOVE", self.refused_by, asm.const(self._clause))
        asm.op("JUMP", end)

    def _write_count(self, undecided: Label) -> None:
        """Parts with their units; ``counted`` says how many have any."""
        asm, units = self._asm, self.units
        asm.op("MOVE", self.counted, asm.const(0))
        if units is None:
            self._write_plain_count(undecided)
            return
        assert self.clock is not None
        spans = self.clock.spans
        if units.of_each == "billing cycle":
            asm.op("JUMP_IF_UNKNOWN", undecided, self._calendars.cycle_start)
        if units.of_each is not None:
            spans = write_split(asm, {units.of_each}, spans)
            asm.op("LABEL", spans, SCOPES[units.of_each], asm.zone)
        asm.op("PARTS", self.parts, spans, int(units.of_each is not None))
        if isinstance(units.length, str):
            self._calendar = self._calendars.write_calendar(asm) if units.length == "working day" else asm.const(0)
            asm.op("JUMP_IF_UNKNOWN", undecided, self._calendar)
            self.pay.set_days(self._calendar, full=units.rounding == "full")
            with asm.each("PART", self.parts):
                asm.op("DAYS", self.part_units, int(units.rounding == "full"), self._calendar, asm.zone)
                asm.op("TALLY", self.counted, self.part_units)
            return
        density = self._calendars.write_density(asm, units.measure)
        asm.op("JUMP_IF_UNKNOWN", undecided, density)
        together = self.clock.measured(units.measure) if units.measure is not None and units.of_each is None else None
        self.time = PART_TIME if together is None else together
        with asm.each("PART", self.parts):
            if together is None:
                asm.op("TOTAL", density)
            self._write_units(units, self.time)
            asm.op("TALLY", self.counted, self.part_units)

    def _write_plain_count(self, undecided: Label) -> None:
        """One part: a number that the request gives, or 1; of the time that is left, or of none.

        A number is of the billing cycle that the request gives: where that is the occasion, it is not of what lies around it.
        """
        asm, elsewhere = self._asm, Label()
        if self.number is not None and self._for_each == "billing cycle":
            asm.op("JUMP_IF_FALSE", elsewhere, asm.binary("EQUAL", OCCASION_LABEL, asm.const(1), Bank.OCCASION))
        if self.number is not None:
            asm.op("JUMP_IF_UNKNOWN", undecided, self.number.write(asm))
        if self.clock is not None:
            asm.op("PARTS", self.parts, self.clock.spans, 0)
        else:
            asm.op("PART_AT", self.parts, self._request.as_of)
        with asm.each("PART", self.parts):
            asm.op("MOVE", self.part_units, asm.const(1) if self.number is None else self.number.write(asm))
            asm.op("TALLY", self.counted, self.part_units)
        asm.put(elsewhere)

    def _write_units(self, units: rules.Units, time: Reg) -> None:
        asm = self._asm
        assert isinstance(units.length, int)
        if units.rounding == "exact":
            asm.op("MOVE", self.part_units, time)
            return
        length = asm.const(units.length * self.scale)
        if units.rounding == "started":
            asm.op("DIVIDE_UP", self.part_units, time, length)
            return
        asm.op("DIVIDE_DOWN", self.part_units, time, length)
        if units.rest is not None:
            rest = asm.binary("REMAINDER", time, length, Bank.PART)
            more = asm.binary(COMPARES[units.rest[0]], rest, asm.const(units.rest[1] * self.scale), Bank.PART)
            asm.op("ADD", self.part_units, self.part_units, more)

    def _write_pay(self) -> None:
        """What each part is paid, their sum, and the factors. What several lack is named together, so all are worked out."""
        asm = self._asm
        asm.op("MOVE", self._paid_in_all, asm.const(0))
        with asm.each("PART", self.parts):
            if self.pay.by_month:
                asm.op("MONTH", asm.zone)
            self.pay.write(asm, self.part_units, self.paid)
            asm.op("ADD", self._paid_in_all, self._paid_in_all, self.paid)
        asm.op("MOVE", self.amount, self._paid_in_all)
        for factor in self.times:
            reg = factor.write(asm)
            self.times_regs.append(reg)
            asm.op("MUL", self.amount, self.amount, reg)

    def write_outside(self, outside: Reg, published: Reg, unless: Reg | None = None, only_if: Reg | None = None) -> None:
        """Writes whether any time that it counted in the occasion lies in a year that is not published.

        Nothing is added ``unless``, or not ``only_if``.
        """
        asm, beyond, end, counted = self._asm, self._asm.reg(Bank.OCCASION), Label(), Label()
        assert self.clock is not None  # INVARIANT: what is measured is time of a clock
        if unless is not None:
            asm.op("JUMP_IF_TRUE", end, unless)
        if only_if is not None:
            asm.op("JUMP_IF_FALSE", end, only_if)
        self.jump_if_counted(counted)
        asm.op("JUMP", end)
        asm.put(counted)
        asm.op("OUTSIDE", beyond, self.clock.spans, published)
        asm.op("TALLY", outside, beyond)
        asm.put(end)

    def jump_if_counted(self, to: Label) -> None:
        """Where it came to count in the occasion: it has parts."""
        asm = self._asm
        asm.op("JUMP_IF_TRUE", to, asm.binary("AT_LEAST", self.stage, asm.const(Stage.COUNT), Bank.OCCASION))
        asm.op("JUMP_IF_TRUE", to, asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION))

    def at(self, memory: Memory, part: int) -> At:
        """Where a part's values are: with the month in which it begins."""
        layout = memory.layout
        if not layout.month_places:
            return At(part=part)
        local = self._calendars.local
        days = local.days_in_month(local.month_of(memory.get(PART_START, At(part=part))))
        return At(month=layout.first_month + (days - 28) * layout.month_places, part=part)

    def lacks_when(self, memory: Memory) -> Missing:
        """What it lacks to know whether it is meant."""
        if self.when is None or not memory.unknown(self.when.reg):
            return {}
        return cited(self.when.lacks(memory, HERE), self.rule.clause.id)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        clause = self.rule.clause.id
        if self.when is not None and memory.unknown(self.when.reg):
            return self.lacks_when(memory)
        if self.clock is not None and memory.unknown(self.clock.stage):
            return self.clock.lacks(memory)
        if not memory.known(self.counted) or not memory.get(self.counted):
            return cited(self._count_lacks(memory), clause)
        return cited(self._pay_lacks(memory), clause)

    def _count_lacks(self, memory: Memory) -> Missing:
        units = self.units
        if units is None:
            return {} if self.number is None else self.number.lacks(memory, HERE)
        missing = self._calendars.cycle_lacks(memory) if units.of_each == "billing cycle" else {}
        missing |= self._calendars.density_lacks(memory, units.measure)
        return missing | (self._calendars.lacks(memory) if units.length == "working day" else {})

    def _pay_lacks(self, memory: Memory) -> Missing:
        missing = Missing()
        for part in memory.parts(self.parts):
            at = self.at(memory, part)
            units = Fraction(memory.get(self.part_units, at), self.units_denominator)
            if self.pay.day_from is not None:
                missing |= self.pay.day_from.lacks(memory, at)
            missing |= gathered(rate.lacks(memory, at) for _, rate in self.pay.tiers_taken(memory, at, units))
        return missing | gathered(factor.lacks(memory, HERE) for factor in self.times)
