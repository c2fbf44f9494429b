"""Tiers, marginal and by bracket, and the split of recourse."""

from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import rules
from policy.calculator.lowering.assembler import Bank
from policy.calculator.lowering.pay import Pay
from policy.calculator.lowering.values import Constant, Value
from policy.calculator.memory import At
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import SmallProgram, TestOutage


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


ROUNDINGS: Final = ("down", "half up", "up")


def recovered(
    evaluator: Evaluator, weights: dict[str, int], claimed: int, per: int = 1, rounding: str = "down", of_all: int = 0
) -> tuple[int, dict[str, int]]:
    """What parties owe together and each, of ``claimed / per`` for their part of the time ``of_all`` (theirs, if 0)."""
    small = SmallProgram()
    asm = small.asm
    parties, together = asm.new_list(), asm.reg()
    terms = (asm.reg(), asm.reg(), asm.reg())
    table = asm.table([ROUNDINGS.index(rounding), 1])
    asm.op("RECOVER", parties, together, terms[0], small.level, small.level, table)
    outages = [TestOutage(0, 1, weight, name, party=name) for name, weight in weights.items()]
    facts = dict(zip(terms, (claimed, per, of_all or sum(weights.values())), strict=True))
    memory = small.run(evaluator, outages, facts)
    names = list(weights)
    return memory.get(together), {names[index]: amount for _, index, amount, _ in memory.items(parties, 4)}


WEIGHTS = st.dictionaries(st.text("abc", max_size=3), st.integers(1, 50), min_size=1, max_size=6)


@given(st.integers(0, 500), WEIGHTS)
def test_claims_on_third_parties_sum_to_the_total_and_none_is_off_by_a_unit(
    evaluator: Evaluator, units: int, weights: dict[str, int]
) -> None:
    together, parts = recovered(evaluator, weights, units)
    total = sum(weights.values())
    assert together == sum(parts.values()) == units
    assert all(0 <= abs(parts.get(name, 0) - Fraction(units * weight, total)) < 1 for name, weight in weights.items())
    assert 0 not in parts.values(), "claims of nothing are left out"


@pytest.mark.parametrize("names", [("grid", "contractor"), ("b", "")])
def test_a_tie_in_the_remainder_goes_to_the_smaller_name(evaluator: Evaluator, names: tuple[str, str]) -> None:
    assert recovered(evaluator, dict.fromkeys(names, 1), 1) == (1, {min(names): 1})


@pytest.mark.parametrize(("rounding", "expected"), [("up", (1, 1, 1)), ("down", (0, 0, 0)), ("half up", (0, 1, 1))])
def test_rounding_is_exact_at_a_half_and_a_unit_beside_it(
    evaluator: Evaluator, rounding: str, expected: tuple[int, int, int]
) -> None:
    assert tuple(recovered(evaluator, {"a": 3}, number, 200, rounding)[0] for number in (99, 100, 101)) == expected
    assert recovered(evaluator, {"a": 3}, 0, 200, rounding)[0] == 0
    assert recovered(evaluator, {"a": 3}, 200, 200, rounding)[0] == 1


@given(st.integers(0, 2**62), st.integers(1, 2**40), WEIGHTS, st.integers(0, 2**20), st.sampled_from(ROUNDINGS))
def test_what_is_claimed_is_divided_once_however_wide_the_product(
    evaluator: Evaluator, claimed: int, per: int, weights: dict[str, int], own: int, rounding: str
) -> None:
    """The product of the claim and the time of third parties is wider than 64 bits."""
    third = sum(weights.values())
    exact = Fraction(claimed * third, per * (third + own))
    expected = {"down": exact // 1, "up": -(-exact // 1), "half up": (2 * exact + 1) // 2}[rounding]
    together, parts = recovered(evaluator, weights, claimed, per, rounding, third + own)
    assert together == expected == sum(parts.values())
