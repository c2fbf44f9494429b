"""Tiers, marginal and by bracket, and the split of recourse."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import rules
from policy.calculator.benefit import round_to
from policy.calculator.facts import Row
from policy.calculator.paying import compile_pay
from policy.calculator.recourse import largest_remainder
from policy.calculator.request import Request, Subscriber
from policy.calculator.values import Values

ROW = Row(Request(Subscriber("s"), (), "AUTOMATIC", 0), Subscriber("s"), [], 0)


def tiers(by: str, *steps: tuple[int, str], last: str) -> rules.Tiers:
    inner = tuple((Fraction(upper), rules.Constant(Fraction(rate))) for upper, rate in steps)
    return rules.Tiers("nth" if by == "nth" else "count", inner, rules.Constant(Fraction(last)))


def paid(pay: rules.Tiers, units: int, units_denominator: int = 1) -> Fraction:
    payer = compile_pay(pay, units_denominator, Values(lambda day: day))
    return Fraction(payer.pay(ROW, units), payer.denominator)


GERMAN = tiers("nth", (2, "5"), last="10")


def test_each_unit_is_paid_by_its_own_number() -> None:
    """The rate changes with the third unit: one below, at and above."""
    assert [paid(GERMAN, units) for units in range(5)] == [0, 5, 10, 20, 30]


def test_a_first_tier_that_pays_nothing_still_uses_up_its_units() -> None:
    """Four hours free, the next four 35, then 20 for each four."""
    dutch = tiers("nth", (1, "0"), (2, "35"), last="20")
    assert [paid(dutch, units) for units in range(5)] == [0, 0, 35, 55, 75]


def test_a_bracket_pays_all_units_at_the_rate_that_their_total_falls_in() -> None:
    """300 minutes is still the first bracket; a second more is the next, for every minute."""
    peru = tiers("count", (300, "5/2"), last="3")
    assert paid(peru, 300 * 60, 60) == 750
    assert paid(peru, 300 * 60 + 1, 60) == Fraction(18_001, 60) * 3


@given(st.integers(0, 30), st.integers(0, 10))
def test_marginal_tiers_are_the_sum_over_the_units(units: int, edge: int) -> None:
    pay = tiers("nth", (edge, "7/3"), (edge + 4, "11"), last="1/2")
    each = [Fraction(7, 3) if n <= edge else Fraction(11) if n <= edge + 4 else Fraction(1, 2) for n in range(1, units + 1)]
    assert paid(pay, units) == sum(each, Fraction(0))


WEIGHTS = st.dictionaries(st.text("abc", max_size=3), st.integers(1, 50), min_size=1, max_size=6)


@given(st.integers(0, 500), WEIGHTS)
def test_claims_on_third_parties_sum_to_the_total_and_none_is_off_by_a_unit(units: int, weights: dict[str, int]) -> None:
    parts = largest_remainder(units, weights)
    total = sum(weights.values())
    assert sum(parts.values()) == units
    assert all(0 <= abs(part - Fraction(units * weights[name], total)) < 1 for name, part in parts.items())


def test_a_tie_in_the_remainder_goes_to_the_smaller_name() -> None:
    assert largest_remainder(1, {"grid": 1, "contractor": 1}) == {"contractor": 1, "grid": 0}
    assert largest_remainder(1, {"b": 1, "": 1}) == {"": 1, "b": 0}


def test_rounding_is_exact_at_a_half_and_a_unit_beside_it() -> None:
    halves = {"up": (1, 1, 1), "down": (0, 0, 0), "half up": (0, 1, 1)}
    for rounding, expected in halves.items():
        got = tuple(round_to(number, 200, rounding) for number in (99, 100, 101))  # type: ignore[arg-type]
        assert got == expected
    assert round_to(0, 200, "up") == 0
    assert round_to(200, 200, "up") == 1
