"""What third parties owe: of each outage that one answers for, the value of its parts of what is booked."""

from collections.abc import Sequence
from math import lcm

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.context import OUTAGE_NAMES_PARTY
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, cited, gathered
from policy.calculator.memory import At, Memory


class Recourse:
    """Recourse and where its working is.

    Of each outage: ``asked_of``, whether it is asked who answers for it, ``owes``, whether a third party does, ``due``, what
    its parts are worth as a numerator over ``denominator``, and the ``amount`` that is owed. Of the request: ``asked``, unknown
    where it cannot be told of an outage; ``unnamed``, how many third parties are not named; ``parties``, a list.
    """

    def __init__(self, rule: rules.RecourseRule, lower: Lower, asm: Assembler) -> None:
        self.rule, self._asm = rule, asm
        self.test = lower_test(rule.owed_by, lower)
        worth = {name: value * rule.share for name, value in rule.value_minor_per_unit.items()}
        self.denominator = lcm(*(each.denominator for each in worth.values()))
        self._worth = {name: int(each * self.denominator) for name, each in worth.items()}
        self.asked_of, self.owes, self.due, self.amount = (asm.reg(Bank.OUTAGE) for _ in range(4))
        self.asked, self.unnamed = asm.reg(), asm.reg()
        self.parties = asm.new_list()

    def worth_of(self, benefit: str) -> int:
        """What a base unit of a benefit is worth, over the denominator; 0: nothing is recovered for it."""
        return self._worth.get(benefit, 0)

    def write_start(self) -> None:
        """Writes what goes before all occasions."""
        asm = self._asm
        with asm.at("recourse", self.rule.clause.id):
            asm.op("MOVE", self.asked, asm.const(0))
            asm.op("MOVE", self.unnamed, asm.const(0))
            with asm.each("OUTAGE"):
                asm.op("MOVE", self.due, asm.const(0))
                asm.op("MOVE", self.asked_of, asm.const(0))

    def write_asked(self, time: ClockTime) -> None:
        """Writes that it is asked of the outages whose time a clock kept in the occasion at hand."""
        asm = self._asm
        with asm.each("SPAN", time.spans):
            asm.op("MOVE", self.asked_of, asm.const(1))

    def write(self) -> None:
        """Writes it, after all occasions."""
        asm, rule, lacking, known = self._asm, self.rule, self._asm.reg(), Label()
        with asm.at("recourse", rule.clause.id):
            asm.op("MOVE", lacking, asm.const(0))
            with asm.each("OUTAGE"):
                skipped = Label()
                asm.op("MOVE", self.amount, asm.const(0))
                asm.op("JUMP_IF_FALSE", skipped, self.asked_of)
                asm.op("MOVE", self.asked, asm.const(1))
                asm.op("MOVE", self.owes, self.test.write(asm, Bank.OUTAGE))
                asm.op("TALLY_UNKNOWN", lacking, self.owes)
                asm.op("JUMP_IF_UNKNOWN", skipped, self.owes)
                asm.op("JUMP_IF_FALSE", skipped, self.owes)
                asm.op("TALLY", self.unnamed, asm.binary("EQUAL", OUTAGE_NAMES_PARTY, asm.const(0), Bank.OUTAGE))
                self._write_rounding(rule.unit_minor)
                asm.put(skipped)
            asm.op("BY_PARTY", self.parties, self.amount)
            asm.op("JUMP_IF_FALSE", known, lacking)
            asm.op("UNKNOWN", self.asked)
            asm.put(known)

    def _write_rounding(self, unit: int) -> None:
        asm, whole = self._asm, self.denominator * unit
        match self.rule.rounding:
            case "up":
                asm.op("DIVIDE_UP", self.amount, self.due, asm.const(whole))
            case "down":
                asm.op("DIVIDE_DOWN", self.amount, self.due, asm.const(whole))
            case "half up":
                twice = asm.binary("ADD", self.due, self.due, Bank.OUTAGE)
                more = asm.binary("ADD", twice, asm.const(whole), Bank.OUTAGE)
                asm.op("DIVIDE_DOWN", self.amount, more, asm.const(2 * whole))
        if unit != 1:
            asm.op("MUL", self.amount, self.amount, asm.const(unit))

    def lacks(self, memory: Memory, outages: Sequence[At]) -> Missing:
        """What it lacks where it cannot be told of some outages who answers for them."""
        unknown = (self.test.lacks(memory, at) for at in outages if memory.unknown(self.owes, at))
        return cited(gathered(unknown), self.rule.clause.id)
