"""Tiers, marginal and by bracket."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import rules
from policy.calculator.lowering.assembler import Bank
from policy.calculator.lowering.pay import Pay
from policy.calculator.lowering.values import Constant, Value
from policy.calculator.memory import At
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import SmallProgram


def tiers(by: str, *steps: tuple[int, str], last: str) -> rules.Tiers:
    inner = tuple((Fraction(upper), rules.Constant(Fraction(rate))) for upper, rate in steps)
    return rules.Tiers("nth" if by == "nth" else "count", inner, rules.Constant(Fraction(last)))


def constant(value: rules.Value) -> Value:
    assert isinstance(value, rules.Constant)
    return Constant(value.value)


def paid(evaluator: Evaluator, rule: rules.Tiers, units: int, units_denominator: int = 1) -> Fraction:
    small = SmallProgram()
    asm, pay = small.asm, Pay(rule, units_denominator, constant)
    parts, start, counted = asm.new_list(), asm.reg(), asm.reg()
    of_part, amount = asm.reg(Bank.PART), asm.reg(Bank.PART)
    asm.op("PART_AT", parts, start)
    with asm.each("PART", parts):
        asm.op("MOVE", of_part, counted)
        pay.write(asm, of_part, amount)
    memory = small.run(evaluator, [], {start: 0, counted: units})
    (part,) = memory.parts(parts)
    return Fraction(memory.get(amount, At(part=part)), pay.denominator)


GERMAN = tiers("nth", (2, "5"), last="10")


def test_each_unit_is_paid_by_its_own_number(evaluator: Evaluator) -> None:
    """The rate changes with the third unit: one below, at and above."""
    assert [paid(evaluator, GERMAN, units) for units in range(5)] == [0, 5, 10, 20, 30]


def test_a_first_tier_that_pays_nothing_still_uses_up_its_units(evaluator: Evaluator) -> None:
    """Four hours free, the next four 35, then 20 for each four."""
    dutch = tiers("nth", (1, "0"), (2, "35"), last="20")
    assert [paid(evaluator, dutch, units) for units in range(5)] == [0, 0, 35, 55, 75]


def test_a_bracket_pays_all_units_at_the_rate_that_their_total_falls_in(evaluator: Evaluator) -> None:
    """300 minutes is still the first bracket; a second more is the next, for every minute."""
    peru = tiers("count", (300, "5/2"), last="3")
    assert paid(evaluator, peru, 300 * 60, 60) == 750
    assert paid(evaluator, peru, 300 * 60 + 1, 60) == Fraction(18_001, 60) * 3


@given(st.integers(0, 30), st.integers(0, 10))
def test_marginal_tiers_are_the_sum_over_the_units(evaluator: Evaluator, units: int, edge: int) -> None:
    pay = tiers("nth", (edge, "7/3"), (edge + 4, "11"), last="1/2")
    each = [Fraction(7, 3) if n <= edge else Fraction(11) if n <= edge + 4 else Fraction(1, 2) for n in range(1, units + 1)]
    assert paid(evaluator, pay, units) == sum(each, Fraction(0))
