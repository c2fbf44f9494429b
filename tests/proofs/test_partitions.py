"""The second look at tables, bands and caps sees what a reader that slept would let through."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import pytest

from policy.calculator import rules
from policy.language.catalog import load_policy
from policy.language.proofs.partitions import caps, tables, week
from tests.proofs.small_schemes import scheme, version_of
from tests.support.library import CATALOG

VERSION: Final = version_of(scheme("{started: 24 h}", more="    at most: monthly_fee"))
CAUSE: Final = rules.Fact("cause", "outage", "codes", "outages[].cause", attribute=False, codes=("A", "B", "C"))
FEE: Final = rules.Fact("fee", "subscriber", "money", "subscriber.monthly_fee", attribute=False, at_most=5000)
ONE: Final = rules.Constant(Fraction(1))


def with_figure(value: rules.Value) -> rules.Version:
    """A version in which a figure has this value."""
    return replace(VERSION, figures=(rules.Figure("spoilt", None, value, ""),))


def ladder(*bounds: tuple[rules.Op, int]) -> rules.Ladder:
    steps = tuple((rules.Bound(op, rules.Constant(Fraction(limit))), ONE) for op, limit in bounds)
    return rules.Ladder(FEE, steps, ONE)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (rules.CodeChoice(CAUSE, ((("A", "B"), ONE),), None), "stands in no case"),
        (rules.CodeChoice(CAUSE, ((("A", "B"), ONE), (("B", "C"), ONE)), None), "stands in two cases"),
        (ladder(("less than", 200), ("less than", 100)), "is not the narrowest bound"),
        (ladder(("at most", 100), ("less than", 100)), "is not the narrowest bound"),
        (ladder(("less than", 100), ("less than", 100)), "is not the narrowest bound"),
        (ladder(("less than", 100), ("more than", 50)), "looks the other way than another bound"),
    ],
)
def test_a_table_with_a_hole_or_an_overlap_is_seen(value: rules.Value, why: str) -> None:
    spoilt = tables(with_figure(value))
    assert not spoilt.proved
    assert [(doubt.path, doubt.why) for doubt in spoilt.doubts] == [(("figures", "spoilt"), why)]


def test_a_step_that_no_request_reaches_is_named() -> None:
    told = tables(with_figure(ladder(("less than", 100), ("less than", 6000))))
    assert told.proved
    assert told.because.endswith("never reached: figures.spoilt: what is not less than 6000, for fee is at most 5000")
    assert "never reached" not in tables(with_figure(ladder(("less than", 5000)))).because


def bands(*edges: int) -> tuple[rules.Band, ...]:
    return tuple(rules.Band(a, b, Fraction(1), Fraction(1)) for a, b in zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize(
    ("measured", "proved"),
    [
        (bands(0, 3600, 3600, 86_400), True),
        (bands(0, 3600, 7200, 86_400), False),
        (bands(0, 7200, 3600, 86_400), False),
        (bands(0, 3600), False),
        (bands(3600, 86_400), False),
    ],
)
def test_bands_that_do_not_make_up_a_day_are_seen(measured: Sequence[rules.Band], proved: bool) -> None:
    clause = rules.Clause("1", {"en": "How time weighs."})
    assert week(replace(VERSION, measures=(rules.Measure("spoilt", clause, tuple(measured)),))).proved is proved


@pytest.mark.parametrize("spoilt", [{"unit": 0}, {"at_most": rules.Constant(Fraction(-1))}])
def test_a_cap_that_could_not_hold_is_seen(spoilt: dict[str, Any]) -> None:
    assert caps(VERSION).proved
    assert not caps(replace(VERSION, benefits=(replace(VERSION.benefits[0], **spoilt),))).proved


def test_what_is_proved_is_counted_for_the_report() -> None:
    (version,) = load_policy(CATALOG / "cn-standard")
    assert tables(version).because == "13 choices, one answer to every value of what is asked"
    assert week(version).because == "5 bands of 1 measure, 00:00 to 24:00 on every kind of day"
    assert caps(version).because == "5 caps, taken down to the unit of rounding and applied after it"
