"""Paying: what the counted units of a component come to, part by part, before factors."""

from fractions import Fraction
from math import gcd, lcm

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.taken import Branch, Compared, Taken
from policy.calculator.lowering.values import Lower, Value, common_factor
from policy.calculator.memory import At, Memory


class Pay:
    """A flat rate, or tiers by the number of the unit or by the total count, over one denominator.

    Rates are divided by the factor that all have in common with the units. It keeps products small: 200 MiB for each of 144,000
    parts of an hour is 65,536 for each of 45.
    """

    def __init__(self, rule: rules.Value | rules.Tiers | rules.Discretion, units_denominator: int, lower: Lower) -> None:
        """``units_denominator``: units are numerators over it. What is at discretion is never paid by itself."""
        self._rule = rule
        self.rates: list[Value] = []
        self._bounds: list[int] = []
        self._folded = self.denominator = self._rate_denominator = 1
        if isinstance(rule, rules.Discretion):
            return
        if isinstance(rule, rules.Tiers):
            self.rates = [lower(value) for _, value in rule.steps] + [lower(rule.last)]
            self._bounds = [units_at_most(upper, units_denominator) for upper, _ in rule.steps]
        else:
            self.rates = [lower(rule)]
        self._rate_denominator = lcm(*(rate.denominator for rate in self.rates))
        self._folded = gcd(common_factor(self.rates, self._rate_denominator), units_denominator)
        self.denominator = self._rate_denominator * (units_denominator // self._folded)

    @property
    def by_month(self) -> bool:
        """Whether a rate goes by the month in which the part begins."""
        return any(rate.bank in (Bank.MONTH, Bank.PART) for rate in self.rates)

    def write(self, asm: Assembler, units: Reg, paid: Reg) -> None:
        """Writes what ``units`` are ``paid``."""
        if not isinstance(self._rule, rules.Tiers):
            asm.op("MUL", paid, units, self._rate(asm, self.rates[0]))
        elif self._rule.by == "nth":
            self._write_marginal(asm, units, paid)
        else:
            self._write_bracket(asm, units, paid)

    def _rate(self, asm: Assembler, rate: Value) -> Reg:
        return rate.scaled(asm, self._rate_denominator, self._folded)

    def _write_marginal(self, asm: Assembler, units: Reg, paid: Reg) -> None:
        """Each unit is paid by its own number: the first tier's units at the first rate, the next at the next."""
        below, reached, here = asm.reg(Bank.PART), asm.reg(Bank.PART), asm.reg(Bank.PART)
        asm.op("MOVE", paid, asm.const(0))
        asm.op("MOVE", below, asm.const(0))
        for number, rate in enumerate(self.rates):
            following = Label()
            if number < len(self._bounds):
                asm.op("LEAST", reached, units, asm.const(self._bounds[number]))
            else:
                asm.op("MOVE", reached, units)
            more = asm.binary("MORE", reached, below, Bank.PART)
            asm.op("JUMP_IF_FALSE", following, more)
            asm.op("SUB", here, reached, below)
            asm.op("MUL", here, here, self._rate(asm, rate))
            asm.op("ADD", paid, paid, here)
            asm.op("MOVE", below, reached)
            asm.put(following)

    def _write_bracket(self, asm: Assembler, units: Reg, paid: Reg) -> None:
        """All units are paid at the rate of the bracket that their total falls in."""
        end = Label()
        asm.op("MOVE", paid, asm.const(0))
        asm.op("JUMP_IF_FALSE", end, units)
        for rate, upper in zip(self.rates, self._bounds, strict=False):
            following = Label()
            within = asm.binary("AT_MOST", units, asm.const(upper), Bank.PART)
            asm.op("JUMP_IF_FALSE", following, within)
            asm.op("MUL", paid, units, self._rate(asm, rate))
            asm.op("JUMP", end)
            asm.put(following)
        asm.op("MUL", paid, units, self._rate(asm, self.rates[-1]))
        asm.put(end)

    def tiers_taken(self, units: Fraction) -> list[tuple[Fraction, Value]]:
        """How many of ``units`` are paid at which rate."""
        return [(paid, self.rates[number]) for number, paid in self._tiers_reached(units).items()]

    def _tiers_reached(self, units: Fraction) -> dict[int, Fraction]:
        """How many of ``units`` are paid by which tier."""
        rule = self._rule
        if not isinstance(rule, rules.Tiers):
            return {0: units}
        reached, below = dict[int, Fraction](), Fraction(0)
        for number, upto in enumerate([*(upper for upper, _ in rule.steps), units]):
            if rule.by == "count" and 0 < units <= upto:
                return {number: units}
            if rule.by == "nth" and (paid := min(units, upto) - below) > 0:
                reached[number] = paid
                below += paid
        return reached

    def taken(self, memory: Memory, at: At, units: Fraction, step: Fraction) -> Taken:
        """The tiers by which ``units`` of a part were paid, and how. ``step``: the least by which they could be more."""
        rule = self._rule
        for number, (upper, _) in enumerate(rule.steps if isinstance(rule, rules.Tiers) else ()):
            yield Compared(rule, "at most", units, upper, step, str(number))
        for number in self._tiers_reached(units):
            if isinstance(rule, rules.Tiers):
                yield Branch(rule, str(number))
            yield from self.rates[number].taken(memory, at)

    def highest_rate(self, memory: Memory, at: At) -> Fraction:
        """The highest of the rates that are known of a part."""
        return max((known for rate in self.rates if (known := rate.number(memory, at)) is not None), default=Fraction(0))


def units_at_most(upper: Fraction, units_denominator: int) -> int:
    """The greatest numerator that is still at most ``upper`` units."""
    return upper.numerator * units_denominator // upper.denominator
