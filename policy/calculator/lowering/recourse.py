"""Recourse: whose the time was, of which third parties answer."""

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label
from policy.calculator.lowering.clock import DECIDED, Clock
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, cited, gathered
from policy.calculator.memory import HERE, Memory


class Recourse:
    """Recourse and where its working is. ``asked``: 1 where there is time that weighs something, unknown where a fact is missing.

    Of each outage: its ``weight`` in the clock's time, and whether its party ``owes``. ``total``: of all outages.
    ``order``: a clock with a greater one was worked out for recourse alone.
    """

    def __init__(self, rule: rules.RecourseRule, clock: Clock, lower: Lower, calendars: Calendars, asm: Assembler) -> None:
        self.rule, self.clock, self._calendars, self._asm = rule, clock, calendars, asm
        self._owed_by = lower_test(rule.owed_by, lower)
        self.asked, self.total, self.order = asm.reg(), asm.reg(), asm.reg()
        self.weight, self.owes = asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE)
        self._density = asm.const(0)

    def write(self) -> None:
        """Writes whose the time was."""
        asm, clock = self._asm, self.clock
        end, undecided = Label(), Label()
        with asm.at("recourse", self.rule.clause.id):
            asm.op("NUMBER", self.order)
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
            with asm.each("OUTAGE"):
                owned, skipped = Label(), Label()
                asm.op("JUMP_IF_TRUE", owned, self.weight)
                asm.op("JUMP", skipped)
                asm.put(owned)
                asm.op("ADD", self.total, self.total, self.weight)
                asm.op("MOVE", self.owes, self._owed_by.write(asm, Bank.OUTAGE))
                asm.op("TALLY_UNKNOWN", lacking, self.owes)
                asm.put(skipped)
            asm.op("JUMP_IF_TRUE", undecided, lacking)
            asm.op("MORE", self.asked, self.total, asm.const(0))
            asm.op("JUMP", end)
            asm.put(undecided)
            asm.op("UNKNOWN", self.asked)
            asm.put(end)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        if memory.unknown(self.clock.stage):
            return self.clock.lacks(memory)
        missing = self._calendars.density_lacks(memory, self.rule.measure)
        missing = missing or gathered(self._owed_by.lacks(memory, at) for at in memory.outages() if memory.unknown(self.owes, at))
        return cited(missing, self.rule.clause.id)


__all__ = ["HERE", "Recourse"]
