"""The bounds of numbers are bounds: what the calculator forms is never wider, and its denominators are the ones assumed."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from policy.calculator import rules
from policy.calculator.checks import MAX_QUANTITY
from policy.calculator.request import Money, Outage, Request, Subscriber
from policy.language.catalog import load_policy
from policy.language.load import compile_versions
from policy.language.proofs.names import NUMBERS
from policy.language.proofs.widths import MAX_TIME_SECONDS, Widths, largest, numbers
from tests.proofs.small_schemes import by_name, scheme, version_of
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"
POLICIES: Final = (*sorted(path for path in CATALOG.iterdir() if path.is_dir()), EVERY_WORD)


@pytest.mark.parametrize("directory", POLICIES, ids=lambda path: path.name)
def test_the_denominators_are_those_that_the_calculator_compiles(directory: Path) -> None:
    versions = load_policy(directory)
    policies = compile_versions(versions, directory.name)
    for version in versions:
        widths = Widths(version)
        for benefit in policies.named(directory.name, version.version).lowered.benefits:
            for component in benefit.components:
                assert widths.counted(component.rule).denominator == component.units_denominator
                assert widths.component_denominator(component.rule) == (component.pay.denominator, component.denominator)


def test_the_widest_request_of_the_default_policy_stays_within_the_bounds() -> None:
    """Four hundred days from a Friday evening, everything lost, on the dearest row of the table."""
    (version,) = load_policy(CATALOG / "cn-standard")
    policies = compile_versions([version], "cn-standard")
    bounds = {".".join(width.path): width.largest for width in Widths(version).all()}
    outage = Outage("o-1", 1_767_225_600, 1_767_225_600 + MAX_TIME_SECONDS, "EQUIPMENT_FAILURE", "LOSS")
    subscriber = Subscriber("s-1", "DATA", Money("CNY", 12_900), MAX_QUANTITY, MAX_QUANTITY // 11, granted_this_cycle={})
    request = Request(subscriber, (outage,), "AUTOMATIC", 1_900_000_000)
    run = policies.named("cn-standard", "2026-01").work(replace(request, version="2026-01"))
    data = next(each for each in run.benefits if each.benefit.rule.name == "data")
    (component,) = data.components
    assert component.amount <= bounds["benefits.data.times"]
    assert component.amount * 8 > bounds["benefits.data.times"], "the bound is near to what can be"
    assert sum(component.paid) <= bounds["benefits.data.pay"]
    assert sum(part.units for part in component.parts) <= bounds["benefits.data.count"]


def test_the_default_policy_fits_with_the_figures_that_are_told() -> None:
    (version,) = load_policy(CATALOG / "cn-standard")
    told = numbers(version)
    assert told.proved
    assert told.because == "the widest number is 2^59.4 at figures.headroom, for 400 days"
    assert {".".join(width.path): width.said for width in Widths(version).all()}["benefits.data.round"].startswith("2^54.6 ")


def test_a_factor_that_rates_and_units_have_in_common_is_divided_out() -> None:
    """200 MiB for each of 3,600 x 10 x 4 parts of an hour: both have 3,200 in common, and 45 parts are left."""
    policies = compile_versions(load_policy(CATALOG / "cn-standard"), "cn-standard")
    lowered = policies.named("cn-standard", "2026-01").lowered
    (data,) = (each for each in lowered.benefits if each.rule.name == "data")
    (component,) = data.components
    assert (component.units_denominator, component.pay.denominator) == (144_000, 45)


def test_a_fee_without_a_bound_is_told_as_too_wide_and_a_bound_mends_it() -> None:
    open_fee = scheme("{exact: 1 h}", "1/720 of monthly_fee").replace("facts:\n  monthly_fee: {at most: 10000.00 EUR}\n", "")
    wide = by_name(version_of(open_fee))[NUMBERS]
    assert not wide.proved
    assert "worked out in Python's integers" in wide.because
    assert {".".join(doubt.path) for doubt in wide.doubts} == {
        "benefits.credit.pay",
        "benefits.credit.times",
        "benefits.credit.round",
    }
    assert by_name(version_of(scheme("{exact: 1 h}", "1/720 of monthly_fee")))[NUMBERS].proved


def test_the_largest_value_of_a_choice_is_that_of_its_largest_branch() -> None:
    fee = rules.Fact("fee", "subscriber", "money", "subscriber.monthly_fee", attribute=False, at_most=1000)
    half = rules.Share(ratio=Fraction(1, 2), of=fee)
    month = rules.MonthShare(3, fee)
    assert largest(rules.Larger((half, month))) == 500
    assert largest(month) == Fraction(3000, 28)
