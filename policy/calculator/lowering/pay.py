"""Paying: what the counted units of a component come to, part by part, before factors."""

from fractions import Fraction
from math import gcd, lcm
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.taken import Branch, Compared, Taken
from policy.calculator.lowering.values import Lower, Value, common_factor
from policy.calculator.memory import At, Memory
from policy.calculator.sentences import Sentences, Spot
from policy.calculator.told import WORKED_OUT_LAST, exact, plain


class Pay:
    """A flat rate, or tiers by the number of the unit or by the total count, over one denominator.

    Rates are divided by the factor that all have in common with the units. It keeps products small: 200 MiB for each of 144,000
    parts of an hour is 65,536 for each of 45.
    """

    def __init__(self, rule: rules.Value | rules.Tiers | rules.Discretion, units_denominator: int, lower: Lower) -> None:
        """``units_denominator``: units are numerators over it. What is at discretion is never paid by itself."""
        self._rule = rule
        self.rates: list[Value] = []
        self.day_from = lower(rule.day_from) if isinstance(rule, rules.Tiers) and rule.day_from is not None else None
        self.by_tier: list[Reg] = []
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
        elif self.day_from is not None:
            self._write_by_day(asm, paid)
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

    def _write_by_day(self, asm: Assembler, paid: Reg) -> None:
        """Each local day is paid by its number from the day of an instant on, whether or not those between are paid."""
        assert self.day_from is not None
        first, below, reached, here = (asm.reg(Bank.PART) for _ in range(4))
        asm.op("DAY_OF", first, self.day_from.write(asm), asm.zone)
        asm.op("MOVE", paid, asm.const(0))
        asm.op("MOVE", below, asm.const(0))
        for number, rate in enumerate(self.rates):
            if number < len(self._bounds):
                last = asm.binary("ADD", first, asm.const(self._bounds[number]), Bank.PART)
            else:
                last = asm.binary("ADD", first, asm.const(_NO_DAY_IS_LATER), Bank.PART)
            asm.op("DAYS_UNTIL", reached, self._is_full, self._calendar, last, asm.zone)
            asm.op("SUB", here, reached, below)
            asm.op("MOVE", below, reached)
            self.by_tier.append(asm.reg(Bank.PART))
            asm.op("MOVE", self.by_tier[number], here)
            none = Label()
            asm.op("JUMP_IF_FALSE", none, here)
            asm.op("MUL", here, here, self._rate(asm, rate))
            asm.op("ADD", paid, paid, here)
            asm.put(none)

    def set_days(self, calendar: Reg, *, full: bool) -> None:
        """Says of which local days the units are, for tiers by the number of the day."""
        self._calendar, self._is_full = calendar, int(full)

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

    def write_rates(self, to: Sentences, part_units: Reg, units_denominator: int, unit: str) -> None:
        """Writes the rates at which units of a part are paid, as inputs of a line, each with what it read."""
        rule = self._rule
        if not isinstance(rule, rules.Tiers):
            self._write_rate(to, 0, unit)
        elif self.day_from is not None:
            for tier, reg in enumerate(self.by_tier):
                with to.when("TRUE", reg):
                    to.work_out("LOAD", part_units)
                    to.work_out("STORE", _ALL)
                    to.work_out("LOAD", reg)
                    self._write_tier(to, tier, 1, unit)
        elif rule.by == "nth":
            self._write_marginal_rates(to, rule, part_units, units_denominator, unit)
        else:
            self._write_bracket_rate(to, rule, part_units, units_denominator, unit)

    def _write_marginal_rates(
        self, to: Sentences, rule: rules.Tiers, part_units: Reg, units_denominator: int, unit: str
    ) -> None:
        denominator = lcm(units_denominator, *(upper.denominator for upper, _ in rule.steps))
        to.work_out("LOAD", part_units)
        to.work_out("MUL_CONSTANT", denominator // units_denominator)
        to.work_out("STORE", _ALL)
        to.work_out("CONSTANT", 0)
        to.work_out("STORE", _BELOW)
        for tier in range(len(self.rates)):
            to.work_out("LOAD_STORED", _ALL)
            if tier < len(rule.steps):
                to.work_out("LEAST_CONSTANT", int(rule.steps[tier][0] * denominator))
            to.work_out("SUB_STORED", _BELOW)
            following = Spot()
            with to.when("LESS", WORKED_OUT_LAST, 1):
                to.go(following)
            to.work_out("STORE", _HERE)
            self._write_tier(to, tier, denominator, unit)
            to.work_out("LOAD_STORED", _BELOW)
            to.work_out("ADD_STORED", _HERE)
            to.work_out("STORE", _BELOW)
            to.put(following)

    def _write_bracket_rate(self, to: Sentences, rule: rules.Tiers, part_units: Reg, units_denominator: int, unit: str) -> None:
        end = Spot()
        with to.when("LESS", part_units, 1):
            to.go(end)
        for tier, (upper, _) in enumerate(rule.steps):
            following = Spot()
            to.unless(following, "LESS", part_units, units_at_most(upper, units_denominator) + 1)
            self._write_rate(to, tier, unit)
            to.go(end)
            to.put(following)
        self._write_rate(to, len(rule.steps), unit)
        to.put(end)

    def _write_tier(self, to: Sentences, tier: int, denominator: int, unit: str) -> None:
        """The rate of a tier by which as many units are paid as were worked out last, of all those that are stored."""
        rate = self.rates[tier]
        with to.when("IS_STORED", 0, _ALL) as all_of_them:
            self._write_rate(to, tier, unit)
        with to.otherwise(all_of_them):
            with to.named(rate.text, unit):
                to.text(plain("rate of "))
                to.text(exact(WORKED_OUT_LAST, denominator))
                to.text(plain(" of them"))
            with to.once_each():
                rate.write_inputs(to)

    def _write_rate(self, to: Sentences, tier: int, unit: str) -> None:
        to.input("rate", self.rates[tier].text, unit)
        with to.once_each():
            self.rates[tier].write_inputs(to)

    def tiers_taken(self, memory: Memory, at: At, units: Fraction) -> list[tuple[Fraction, Value]]:
        """How many of ``units`` of a part are paid at which rate."""
        return [(paid, self.rates[number]) for number, paid in self._tiers_reached(memory, at, units).items()]

    def _tiers_reached(self, memory: Memory, at: At, units: Fraction) -> dict[int, Fraction]:
        """How many of ``units`` of a part are paid by which tier."""
        rule = self._rule
        if not isinstance(rule, rules.Tiers):
            return {0: units}
        if self.day_from is not None:
            known = {number: memory.get(reg, at) for number, reg in enumerate(self.by_tier) if memory.known(reg, at)}
            return {number: Fraction(days) for number, days in known.items() if days}
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
        steps = rule.steps if isinstance(rule, rules.Tiers) and self.day_from is None else ()
        for number, (upper, _) in enumerate(steps):
            yield Compared(rule, "at most", units, upper, step, str(number))
        for number in self._tiers_reached(memory, at, units):
            if isinstance(rule, rules.Tiers):
                yield Branch(rule, str(number))
            yield from self.rates[number].taken(memory, at)

    def highest_rate(self, memory: Memory, at: At) -> Fraction:
        """The highest of the rates that are known of a part."""
        return max((known for rate in self.rates if (known := rate.number(memory, at)) is not None), default=Fraction(0))


_ALL, _BELOW, _HERE = 1, 2, 3
"""Where a teller keeps the units of a part, and how many of them are paid by tiers before, and by the one at hand."""
_NO_DAY_IS_LATER: Final = 1 << 32


def units_at_most(upper: Fraction, units_denominator: int) -> int:
    """The greatest numerator that is still at most ``upper`` units."""
    return upper.numerator * units_denominator // upper.denominator
