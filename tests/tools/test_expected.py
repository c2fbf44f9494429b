"""What a case states of occasions, quotes, parts and recourse is compared, and what it does not say of them is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from policy.calculator.request import Interval
from policy.tools.cases.answer import Answer, Because, Decided
from policy.tools.cases.expected import Expected, ExpectedOccasion

FIRST: Final = Decided(
    3600, 7200, ("a", "b"), "2026-03", Interval(0, 9000), "GRANTED", frozenset({Because("CAPPED", "credit")}),
    ("credit", "data"), {"credit": 35}, {},
)  # fmt: skip
SECOND: Final = Decided(8000, 9000, ("c",), "", None, "PROVISIONAL", frozenset(), ("credit",), {}, {"credit": 7})
ANSWER: Final = Answer(
    outcome="GRANTED",
    grants={"credit": (35, 40)},
    quotes={"credit": (7,)},
    parts={"a": {"credit": 35}, "c": {"credit": 40}},
    recourse={"grid": {"a": 10, "c": 20}},
    occasions=(FIRST, SECOND),
)
EXPECTED: Final = Expected(
    outcome="GRANTED",
    grants={"credit": 75},
    quotes={"credit": 7},
    recourse={"grid": 30},
    kinds={"credit": "CREDIT"},
    currency_code="EUR",
)
OCCASIONS: Final = (
    ExpectedOccasion(
        3600, 7200, ("b", "a"), "2026-03", Interval(0, 9000), "GRANTED", (Because("CAPPED"),), ("data", "credit"),
        {"credit": 35}, {},
    ),
    ExpectedOccasion(quotes={"credit": 7}),
)  # fmt: skip


def told(expected: Expected) -> list[str]:
    return [str(each) for each in expected.differences(ANSWER)]


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"grants": {"credit": (35, 40)}},
        {"recourse": {"grid": {"a": 10, "c": 20}}},
        {"parts": {"a": {"credit": 35}, "b": {"credit": 0}, "c": {"credit": 40}}},
        {"occasions": OCCASIONS},
        {"occasions": (ExpectedOccasion(), ExpectedOccasion())},
    ],
)
def test_what_is_as_stated_does_not_differ(stated: dict[str, Any]) -> None:
    assert told(replace(EXPECTED, **stated)) == []


def occasion(**changes: Any) -> Callable[[], tuple[ExpectedOccasion, ...]]:
    return lambda: (replace(OCCASIONS[0], **changes), OCCASIONS[1])


@pytest.mark.parametrize(
    ("stated", "difference"),
    [
        ({"grants": {"credit": 74}}, "grants.credit: expected 0.74 EUR, given 0.35 EUR, 0.40 EUR"),
        ({"grants": {"credit": (40, 35)}}, "grants.credit: expected 0.40 EUR, 0.35 EUR, given 0.35 EUR, 0.40 EUR"),
        ({"grants": {}}, "grants.credit: expected none, given 0.35 EUR, 0.40 EUR"),
        ({"quotes": {}}, "quotes.credit: expected none, given 0.07 EUR"),
        ({"quotes": {"credit": (7, 7)}}, "quotes.credit: expected 0.07 EUR, 0.07 EUR, given 0.07 EUR"),
        ({"recourse": {"grid": 29}}, "recourse.grid: expected 0.29 EUR, given 0.30 EUR"),
        ({"recourse": {"grid": {"a": 30}}}, "recourse.grid: expected a 0.30 EUR, given a 0.10 EUR, c 0.20 EUR"),
        ({"recourse": {}}, "recourse.grid: expected none, given a 0.10 EUR, c 0.20 EUR"),
        ({"parts": {"a": {"credit": 75}}}, "parts.a.credit: expected 0.75 EUR, given 0.35 EUR"),
        ({"parts": {}}, "parts.c.credit: expected none, given 0.40 EUR"),
        (
            {"occasions": OCCASIONS[:1]},
            "occasions: expected 1, given 1970-01-01T01:00:00Z to 1970-01-01T02:00:00Z, 1970-01-01T02:13:20Z to 1970",
        ),
        (occasion(started_at=3601), "occasions.1.from: expected 1970-01-01T01:00:01Z, given 1970-01-01T01:00:00Z"),
        (occasion(ended_at=7201), "occasions.1.to: expected 1970-01-01T02:00:01Z, given 1970-01-01T02:00:00Z"),
        (occasion(outage_ids=("a",)), "occasions.1.outages: expected a, given a, b"),
        (occasion(month="2026-04"), "occasions.1.month: expected 2026-04, given 2026-03"),
        (
            occasion(billing_cycle=Interval(0, 8999)),
            "occasions.1.billing: expected 1970-01-01T00:00:00Z to 1970-01-01T02:29:59Z, given 1970-01-01T00:00:00Z to",
        ),
        (occasion(outcome="NOT_ELIGIBLE"), "occasions.1.outcome: expected NOT_ELIGIBLE, given GRANTED"),
        (occasion(reasons=()), "occasions.1.reasons: expected none, given CAPPED of credit"),
        (occasion(benefits=("credit",)), "occasions.1.benefits: expected credit, given credit, data"),
        (occasion(grants={"credit": 34}), "occasions.1.grants.credit: expected 0.34 EUR, given 0.35 EUR"),
        (occasion(quotes={"credit": 1}), "occasions.1.quotes.credit: expected 0.01 EUR, given none"),
    ],
)
def test_each_field_in_which_an_answer_is_another_is_said(stated: Any, difference: str) -> None:
    found = told(replace(EXPECTED, **({"occasions": stated()} if callable(stated) else stated)))
    assert [each for each in found if each.startswith(difference)], found
