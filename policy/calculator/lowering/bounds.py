"""What bounds a rounded amount of an occasion: the minimum, the cap, what was granted before, caps over several."""

from collections.abc import Callable

from policy.calculator import rules
from policy.calculator.lowering.assembler import OCCASION_LABEL, Assembler, Bank, Label, Reg
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.values import Lower, Missing, Value, gathered
from policy.calculator.memory import HERE, Memory
from policy.calculator.stages import Stage


class Bounds:
    """The bounds of one benefit and what each leaves, in base units.

    Of the request: ``used_in_cycle``; ``cycle_untold`` and ``month_untold``: a cap was asked of which it is not told what was
    granted before. Of the occasion: ``before`` is what of that was used up; ``quantity`` what is left in the end; ``capped``: a
    cap lowered it.
    """

    def __init__(self, rule: rules.Benefit, number: int, lower: Lower, request: RequestRegs, asm: Assembler) -> None:
        """``number`` is the benefit's place in the policy."""
        self._rule, self._number, self._request, self._asm = rule, number, request, asm
        self.at_least, self.at_most, self.per_cycle, self.per_month = (
            None if each is None else lower(each)
            for each in (rule.at_least, rule.at_most, rule.at_most_per_cycle, rule.at_most_per_month)
        )
        self.used_in_cycle, self.cycle_untold, self.month_untold = (asm.reg() for _ in range(3))
        self.after_minimum, self.after_cap, self.before, self.after_granted = (asm.reg(Bank.OCCASION) for _ in range(4))
        self.cycle_left, self.month_left, self.quantity, self.capped = (asm.reg(Bank.OCCASION) for _ in range(4))

    def write_request(self) -> None:
        """Writes what the cycle was granted before this request."""
        self._asm.op("MOVE", self.used_in_cycle, self._request.granted_in_cycle[self._rule.name])

    def write(
        self,
        rounded: Reg,
        granted: tuple[Reg, Reg],
        undecided: Label,
        refuse_if_nothing: Callable[[Reg, Stage], None],
        write_begins_elsewhere: Callable[[], None],
    ) -> None:
        """Writes them. ``granted``: the list of occasions, and what each of them was granted.

        ``refuse_if_nothing`` writes a refusal where a quantity is 0; ``write_begins_elsewhere``, where the cap of the cycle is
        asked, whether the occasion begins in another.
        """
        asm, unit = self._asm, self._rule.unit
        minimum = None if self.at_least is None else self._whole(self.at_least, unit, "DIVIDE_UP")
        cap = None if self.at_most is None else self._whole(self.at_most, unit, "DIVIDE_DOWN")
        cycle, month = (
            None if each is None else each.scaled(asm, each.denominator) for each in (self.per_cycle, self.per_month)
        )
        for bound in (minimum, cap, cycle, month):
            if bound is not None:
                asm.op("JUMP_IF_UNKNOWN", undecided, bound)
        asm.op("MOVE", self.after_minimum, rounded)
        if minimum is not None:
            asm.op("GREATEST", self.after_minimum, rounded, minimum)
        asm.op("MOVE", self.after_cap, self.after_minimum)
        if cap is not None:
            asm.op("LEAST", self.after_cap, self.after_minimum, cap)
            asm.op("LESS", self.capped, self.after_cap, self.after_minimum)
        refuse_if_nothing(self.after_cap, Stage.CAP)
        self._write_before()
        asm.op("SUB", self.after_granted, self.after_cap, self.before)
        refuse_if_nothing(self.after_granted, Stage.GRANTED_BEFORE)
        asm.op("MOVE", self.quantity, self.after_granted)
        if self.per_cycle is not None and cycle is not None:
            self._write_untold(self.cycle_untold, self._request.cycle_told)
            write_begins_elsewhere()
            self._write_running(self.per_cycle, cycle, self.used_in_cycle, self.cycle_left)
            refuse_if_nothing(self.quantity, Stage.CAP)
        if self.per_month is not None and month is not None:
            self._write_running(self.per_month, month, self._write_in_month(*granted), self.month_left)
            refuse_if_nothing(self.quantity, Stage.CAP)

    def write_booked(self, quantity: Reg) -> None:
        """Writes that what was granted takes from the cycle."""
        if self.per_cycle is not None:
            self._asm.op("ADD", self.used_in_cycle, self.used_in_cycle, quantity)

    def _whole(self, value: Value, unit: int, division: str) -> Reg:
        """A bound as a multiple of the unit."""
        asm, denominator = self._asm, value.denominator * unit
        if value.constant is not None:
            units = value.constant // denominator if division == "DIVIDE_DOWN" else -(-value.constant // denominator)
            return asm.const(units * unit)
        taken = asm.binary(division, value.write(asm), asm.const(denominator), Bank.OCCASION)
        return taken if unit == 1 else asm.binary("MUL", taken, asm.const(unit), Bank.OCCASION)

    def _write_before(self) -> None:
        """How much of it was granted before for the outages of the occasion; of a cycle, for those of the one that is given."""
        asm, end = self._asm, Label()
        asm.op("MOVE", self.before, asm.const(0))
        if self._rule.for_each == "billing cycle":
            asm.op("JUMP_IF_FALSE", end, asm.binary("EQUAL", OCCASION_LABEL, asm.const(1), Bank.OCCASION))
        asm.op("USE_UP", self.before, self.after_cap, self._request.granted_before, self._number)
        asm.put(end)

    def _write_in_month(self, occasions: Reg, granted: Reg) -> Reg:
        """What the month in which the occasion begins was granted so far."""
        asm, by_month = self._asm, self._request.granted_by_month
        told, used = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        asm.op("MONTH_TOLD", told, by_month)
        self._write_untold(self.month_untold, told)
        asm.op("IN_MONTH", used, by_month, occasions, granted, self._number)
        return used

    def _write_untold(self, untold: Reg, told: Reg) -> None:
        """Remembers that a cap was asked of which it is not told what was granted before."""
        asm, end = self._asm, Label()
        asm.op("JUMP_IF_TRUE", end, told)
        asm.op("MOVE", untold, asm.const(1))
        asm.put(end)

    def _write_running(self, cap: Value, limit: Reg, used: Reg, left: Reg) -> None:
        """Takes it down to what a cap of several occasions leaves, in whole units."""
        asm, unit, before = self._asm, self._rule.unit, self._asm.reg(Bank.OCCASION)
        if cap.denominator != 1:
            used = asm.binary("MUL", used, asm.const(cap.denominator), Bank.OCCASION)
        rest = asm.binary("SUB", limit, used, Bank.OCCASION)
        asm.op("DIVIDE_DOWN", left, rest, asm.const(cap.denominator * unit))
        if unit != 1:
            asm.op("MUL", left, left, asm.const(unit))
        asm.op("GREATEST", left, left, asm.const(0))
        asm.op("MOVE", before, self.quantity)
        lowered = asm.binary("LESS", left, before, Bank.OCCASION)
        asm.op("OR", self.capped, lowered)
        asm.op("LEAST", self.quantity, before, left)

    def lacks(self, memory: Memory) -> Missing:
        """What the bounds lack."""
        bounds = (self.at_least, self.at_most, self.per_cycle, self.per_month)
        return gathered(each.lacks(memory, HERE) for each in bounds if each is not None)
