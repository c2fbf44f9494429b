"""Recourse: whose the time was, of which third parties answer."""

from collections.abc import Mapping
from math import lcm

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED, Clock
from policy.calculator.lowering.context import OUTAGE_NAMES_PARTY
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, cited, gathered
from policy.calculator.memory import HERE, Memory


class Recourse:
    """Recourse and where its working is. ``asked``: 1 where there is time that weighs something, unknown if a fact lacks.

    Of each outage: its ``weight`` in the clock's time, and whether its party ``owes``. ``total``: of all outages.
    """

    def __init__(self, rule: rules.RecourseRule, clock: Clock, lower: Lower, calendars: Calendars, asm: Assembler) -> None:
        self.rule, self.clock, self._calendars, self._asm = rule, clock, calendars, asm
        self.owed_by = lower_test(rule.owed_by, lower)
        self.asked, self.unnamed = asm.reg(), asm.reg()
        self._claimed, self._per, self.total = asm.reg(), asm.reg(), asm.reg()  # in a row, as the evaluator takes them
        self.value, self.together, self.parties = asm.reg(), asm.reg(), asm.new_list()
        units = rule.value_minor_per_unit
        self.value_denominator = lcm(*(value.denominator for value in units.values()))
        self.value_numerators = {name: int(value * self.value_denominator) for name, value in units.items()}
        self.weight, self.owes = asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE)
        self._density = asm.const(0)

    def write(self) -> None:
        """Writes whose the time was."""
        asm, clock = self._asm, self.clock
        end, undecided = Label(), Label()
        with asm.at("recourse", self.rule.clause.id):
            clock.write()
            asm.op("JUMP_IF_UNKNOWN", undecided, clock.stage)
            left = asm.binary("EQUAL", clock.stage, asm.const(DECIDED), Bank.ROW)
            asm.op("JUMP_IF_FALSE", end, left)
            self._density = self._calendars.write_density(asm, self.rule.measure)
            asm.op("JUMP_IF_UNKNOWN", undecided, self._density)
            asm.op("OWN", self.weight, clock.spans, self._density)
            lacking = asm.reg()
            asm.op("MOVE", self.total, asm.const(0))
            asm.op("MOVE", lacking, asm.const(0))
            asm.op("MOVE", self.unnamed, asm.const(0))
            with asm.each("OUTAGE"):
                owned, skipped = Label(), Label()
                asm.op("JUMP_IF_TRUE", owned, self.weight)
                asm.op("JUMP", skipped)
                asm.put(owned)
                asm.op("ADD", self.total, self.total, self.weight)
                asm.op("MOVE", self.owes, self.owed_by.write(asm, Bank.OUTAGE))
                asm.op("TALLY_UNKNOWN", lacking, self.owes)
                named = Label()
                asm.op("JUMP_IF_TRUE", named, OUTAGE_NAMES_PARTY)
                asm.op("TALLY", self.unnamed, self.owes)
                asm.put(named)
                asm.put(skipped)
            asm.op("JUMP_IF_TRUE", undecided, lacking)
            asm.op("MORE", self.asked, self.total, asm.const(0))
            asm.op("JUMP", end)
            asm.put(undecided)
            asm.op("UNKNOWN", self.asked)
            asm.put(end)

    def write_outside(self, published: Reg) -> Reg:
        """Writes whether any time that was split lies in a year that is not published."""
        asm, outside, end, asked = self._asm, self._asm.reg(), Label(), Label()
        asm.op("MOVE", outside, asm.const(0))
        asm.op("JUMP_IF_TRUE", asked, self.asked)
        asm.op("JUMP", end)
        asm.put(asked)
        asm.op("OUTSIDE", outside, self.clock.spans, published)
        asm.put(end)
        return outside

    def write_claims(self, benefits: Mapping[str, Benefit]) -> None:
        """Writes what each party owes for what can be booked: ``share`` of its value times their part of the time.

        ``value`` is a numerator over ``value_denominator``; ``together`` what all owe, ``parties`` a list of an outage's index,
        which names the party, and its amount; both in minor units.
        """
        asm, rule, end, asked = self._asm, self.rule, Label(), Label()
        asm.op("JUMP_IF_TRUE", asked, self.asked)
        asm.op("JUMP", end)
        asm.put(asked)
        asm.op("MOVE", self.value, asm.const(0))
        for name, numerator in self.value_numerators.items():
            benefit, following = benefits[name], Label()
            asm.op("JUMP_IF_TRUE", following, benefit.claim_required)
            worth = asm.binary("MUL", benefit.quantity, asm.const(numerator), Bank.ROW)
            asm.op("ADD", self.value, self.value, worth)
            asm.put(following)
        asm.op("MUL", self._claimed, self.value, asm.const(rule.share.numerator))
        asm.op("MOVE", self._per, asm.const(self.value_denominator * rule.share.denominator * rule.unit_minor))
        terms = asm.table([("down", "half up", "up").index(rule.rounding), rule.unit_minor])
        asm.op("RECOVER", self.parties, self.together, self._claimed, self.owes, self.weight, terms)
        asm.put(end)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        if memory.unknown(self.clock.stage):
            return self.clock.lacks(memory)
        missing = self._calendars.density_lacks(memory, self.rule.measure)
        missing = missing or gathered(
            self.owed_by.lacks(memory, at) for at in memory.outages() if memory.unknown(self.owes, at)
        )
        return cited(missing, self.rule.clause.id)


__all__ = ["HERE", "Recourse"]
