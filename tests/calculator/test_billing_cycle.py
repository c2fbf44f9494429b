"""Time by the billing cycle that a request gives: one cycle, what lies before it, and what lies after it."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import Decision, Interval, InvalidRequest, Money, Outage, PolicySet, Request, Subscriber
from policy.language.load import compile_versions
from policy.language.policy_file import read_policy
from policy.language.problems import Report
from policy.language.proofs.names import MORE
from tests.support.examples import examples

few: Final = examples(share=0.2)
HOUR: Final = 3600
DAY: Final = 24 * HOUR
START: Final = 1_772_323_200
"""2026-03-01T00:00:00Z, when the cycle of the subscriber begins."""
CYCLE: Final = Interval(START, START + 30 * DAY)
SUBSCRIBER: Final = Subscriber("s-1", monthly_fee=Money("EUR", 30_00), billing_cycle=CYCLE)
FIELD: Final = "subscriber.billing_cycle"
MISSING: Final = [("MISSING_FACT", FIELD)]

POLICY: Final = """
policy: cycles
title: What is paid by the billing cycle
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: all together
clocks:
  outage: {clause: {t: "What time counts."}, only: ONLY}
benefits:
  credit:
    clause: {p: "What is paid."}
    kind: CREDIT
    count: COUNT
    pay: PAY
    round: {down: 0.01 EUR}
    granted: GRANTED
claims: {clause: {w: "Claims are made at any time."}, within: open}
"""


@cache
def policies(
    only: str = "{total: at least 1 s}",
    count: str = "{exact: 1 h}",
    pay: str = "1.00 EUR",
    granted: str = "automatically",
) -> PolicySet:
    """The policy with these words in it."""
    text = POLICY.replace("ONLY", only).replace("COUNT", count).replace("PAY", pay).replace("GRANTED", granted)
    report = Report("1.yaml")
    held = read_policy("cycles", text.encode(), report)
    assert report.problems == ()
    return compile_versions([each.version for each in held if each.version is not None], "cycles")


def asked(*spans: tuple[int, int], subscriber: Subscriber = SUBSCRIBER) -> Request:
    """A request about outages, in hours from the start of the cycle."""
    outages = [
        Outage(f"o-{number}", START + start * HOUR, START + end * HOUR, "EQUIPMENT_FAILURE", "LOSS")
        for number, (start, end) in enumerate(spans)
    ]
    return Request(subscriber, tuple(outages), mode="AUTOMATIC", as_of=START + 1000 * DAY)


def without_cycle(request: Request) -> Request:
    """The same request of a subscriber whose cycle is not known."""
    return replace(request, subscriber=replace(SUBSCRIBER, billing_cycle=None))


def credit(decision: Decision) -> int:
    """What is granted, in minor units."""
    return sum(grant.quantity for grant in decision.grants)


def reasons(decision: Decision) -> list[tuple[str, str]]:
    """Codes with the fields that they are about."""
    return [(reason.code, reason.field) for reason in decision.reasons]


# ---------------------------------------------------------------------------------------------- what is one cycle

END: Final = 30 * 24
"""The hour at which the cycle ends."""


@pytest.mark.parametrize(
    ("spans", "hours"),
    [
        ([(0, 13), (100, 113)], 26),
        ([(END - 12, END), (0, 13)], 25),
        ([(END - 13, END + 13)], 0),
        ([(-13, 13)], 0),
        ([(-24, 1)], 0),
        ([(-25, 0)], 25),
        ([(-30, 25)], 55),
        ([(-3000, -2987), (-13, 0)], 26),
        ([(END, END + 13), (END + 3000, END + 3013)], 26),
        ([(-13, 0), (END, END + 13)], 0),
        ([(-25, END + 25)], END + 50),
        ([(-10, END + 10)], END),
    ],
    ids=[
        "hours of one cycle add up",
        "its first and its last hour are in it",
        "its end parts time",
        "its start parts time",
        "a day before and an hour in it",
        "the time before it is one cycle",
        "before it and in it",
        "however long before it",
        "however long after it",
        "before it and after it are two",
        "an outage over all three",
        "only what is in it",
    ],
)
def test_time_is_kept_where_its_cycle_has_enough_of_it(spans: list[tuple[int, int]], hours: int) -> None:
    decision = policies(only="{billing cycle: more than 24 h}").decide(asked(*spans))
    assert credit(decision) == 100 * hours
    assert (decision.outcome == "NOT_ELIGIBLE") == (hours == 0)


def test_days_are_tested_before_the_cycles_that_they_lie_in() -> None:
    """A cycle may begin at noon: the day is one, its two halves are of two cycles."""
    only = "[{local day: more than 12 h}, {billing cycle: more than 10 h}]"
    noon = Interval(START + 12 * HOUR, START + 30 * DAY + 12 * HOUR)
    decision = policies(only=only).decide(asked((3, 20), subscriber=replace(SUBSCRIBER, billing_cycle=noon)))
    assert credit(decision) == 0  # 17 h of a day, 9 h before noon and 8 h after it
    decision = policies(only=only).decide(asked((1, 20), subscriber=replace(SUBSCRIBER, billing_cycle=noon)))
    assert credit(decision) == 1100


@pytest.mark.parametrize(
    ("count", "units"),
    [
        ("{started: 24 h, of each: billing cycle}", 3),
        ("{started: 24 h}", 2),
        ("{full: 24 h, of each: billing cycle}", 0),
        ("{full: 24 h}", 1),
        ("{full: 12 h, of each: billing cycle}", 3),
        ("{started: 24 h, of each: interruption}", 3),
    ],
)
def test_units_are_counted_cycle_by_cycle(count: str, units: int) -> None:
    """An outage of 26 h across the start of the cycle, and one of 13 h after its end."""
    assert credit(policies(count=count).decide(asked((-13, 13), (END, END + 13)))) == 100 * units


def test_a_rest_is_of_each_cycle() -> None:
    count = "{full: 24 h, rest: more than 6 h, of each: billing cycle}"
    assert credit(policies(count=count).decide(asked((-7, 0), (0, 7), (END, END + 6)))) == 200


# --------------------------------------------------------------------------------------- where the cycle is missing


@pytest.mark.parametrize(
    "words",
    [
        {"only": "{billing cycle: more than 24 h}"},
        {"only": "{any of: [{billing cycle: more than 24 h}, {month: more than 24 h}]}"},
        {"count": "{started: 24 h, of each: billing cycle}"},
        {"pay": "1/days_in_cycle of monthly_fee"},
        {"granted": "{automatically when: {billing cycle: more than 6 h}}"},
    ],
    ids=lambda words: next(iter(words)),
)
def test_without_its_cycle_a_request_is_not_decided(words: dict[str, str]) -> None:
    """No month stands in for it, not even where the cycle could only be one."""
    request = asked((0, 10))
    assert policies(**words).decide(request).outcome != "CANNOT_DECIDE"
    decision = policies(**words).decide(without_cycle(request))
    assert (decision.outcome, decision.grants, reasons(decision)) == ("CANNOT_DECIDE", (), MISSING)
    assert all(reason.clause for reason in decision.reasons)


def test_where_something_else_decides_the_cycle_is_not_asked_for() -> None:
    only = "{any of: [{billing cycle: more than 24 h}, {interruption: more than 3 h}]}"
    request = without_cycle(asked((0, 10)))
    assert credit(policies(only=only).decide(request)) == 1000
    assert reasons(policies(only=only).decide(without_cycle(asked((0, 10), (20, 21))))) == MISSING


def test_every_fact_that_is_missing_is_named_at_once() -> None:
    nothing = replace(asked((0, 10)), subscriber=Subscriber("s-1"))
    decision = policies(pay="1/days_in_cycle of monthly_fee").decide(nothing)
    assert reasons(decision) == [("MISSING_FACT", FIELD), ("MISSING_FACT", "subscriber.monthly_fee")]


# ------------------------------------------------------------------------------------------------ days of the cycle


@few
@given(hours=st.integers(1, 28 * 24), days=st.integers(28, 31), start=st.integers(-20, 0))
def test_a_share_by_the_days_of_the_cycle_is_exact(hours: int, days: int, start: int) -> None:
    cycle = Interval(START + start * DAY, START + (start + days) * DAY)
    words = policies(count="{exact: 24 h}", pay="1/days_in_cycle of monthly_fee")
    decision = words.decide(asked((0, hours), subscriber=replace(SUBSCRIBER, billing_cycle=cycle)))
    assert credit(decision) == int(Fraction(3000 * hours, 24 * days))


@pytest.mark.parametrize("days", [1, 7, 27, 32, 365])
def test_a_cycle_that_no_month_is_as_long_as_cannot_divide(days: int) -> None:
    request = asked((0, 10), subscriber=replace(SUBSCRIBER, billing_cycle=Interval(START, START + days * DAY)))
    with pytest.raises(InvalidRequest) as refused:
        policies(pay="1/days_in_cycle of monthly_fee").decide(request)
    assert [violation.field for violation in refused.value.violations] == [FIELD]
    assert policies(only="{billing cycle: more than 1 h}").decide(request).outcome == "GRANTED"  # time adds up in any cycle


def test_a_cycle_that_ends_before_it_begins_is_malformed_once() -> None:
    request = asked((0, 10), subscriber=replace(SUBSCRIBER, billing_cycle=Interval(START, START - 30 * DAY)))
    with pytest.raises(InvalidRequest) as refused:
        policies(pay="1/days_in_cycle of monthly_fee").decide(request)
    assert [violation.field for violation in refused.value.violations] == [f"{FIELD}.ended_at"]


# ------------------------------------------------------------------------------------------- explanation, keys, proof


def test_an_explanation_shows_the_cycle_wherever_it_was_read() -> None:
    words = policies(
        "{billing cycle: more than 24 h}", "{exact: 24 h, of each: billing cycle}", "1/days_in_cycle of monthly_fee"
    )
    explanation = words.decide(replace(asked((-30, 30)), explain="FULL")).explanation
    assert explanation is not None
    shown = [
        (line.rule, each.value)
        for line in explanation.lines
        for each in line.inputs
        if each.name in (FIELD, "days_in_cycle")
    ]  # fmt: skip
    cycle = "2026-03-01T00:00:00Z/2026-03-31T00:00:00Z"
    part = [("benefits.credit.count", cycle), ("benefits.credit.pay", cycle), ("benefits.credit.pay", "30")]
    assert shown == [("clocks.outage.only", cycle), *part, *part]
    assert [line.value for line in explanation.lines if line.rule == "benefits.credit.count"] == ["5/4", "5/4"]


def test_both_ends_of_the_cycle_have_a_part_in_the_id_of_a_decision_that_reads_it() -> None:
    cycles = (CYCLE, Interval(START - 1, CYCLE.ended_at), Interval(START, CYCLE.ended_at + 1), None)
    requests = [asked((0, 10), subscriber=replace(SUBSCRIBER, billing_cycle=each)) for each in cycles]
    reading = policies(only="{billing cycle: more than 1 h}")
    assert len({reading.decide(each).decision_id for each in requests}) == len(cycles)
    assert len({policies().decide(each).decision_id for each in requests}) == 1


def test_a_correction_of_the_cycle_keeps_the_key_of_a_grant() -> None:
    """What was booked must be found, whatever else was corrected since."""
    reading = policies(only="{billing cycle: more than 1 h}")
    other = replace(SUBSCRIBER, billing_cycle=Interval(START - DAY, START + 29 * DAY))
    [one], [two] = (reading.decide(asked((0, 10), subscriber=each)).grants for each in (SUBSCRIBER, other))
    assert one.grant_key == two.grant_key


def test_a_version_says_that_it_reads_the_cycle() -> None:
    for words in ({"only": "{billing cycle: more than 1 h}"}, {"count": "{started: 1 h, of each: billing cycle}"}):
        [version] = policies(**words).versions("cycles")
        assert FIELD in [fact.field for fact in version.facts]
    [version] = policies().versions("cycles")
    assert FIELD not in [fact.field for fact in version.facts]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ({"only": "{billing cycle: more than 24 h}", "count": "{started: 24 h, of each: billing cycle}"}, True),
        ({"count": "{exact: 24 h, of each: billing cycle}", "pay": "1/days_in_cycle of monthly_fee"}, True),
        ({"count": "{exact: 24 h, of each: billing cycle}", "pay": "1/days_in_month of monthly_fee"}, False),
        ({"only": "{billing cycle: less than 24 h}"}, False),
    ],
    ids=["fixed parts", "fixed days", "days of the month in which a part begins", "less than"],
)
def test_cycles_are_fixed_parts_so_more_time_pays_no_less(words: dict[str, str], kept: bool) -> None:
    [version] = policies(**words).versions("cycles")
    [more] = [each for each in version.properties if each.name == MORE]
    assert more.proved is kept


def test_a_part_of_a_cycle_that_begins_in_a_longer_month_is_paid_less() -> None:
    """Why the days of a month are in doubt there: a second of January makes all of the part January's."""
    cycle = Interval(START - 40 * DAY, START - 12 * DAY)
    words = policies(count="{exact: 24 h, of each: billing cycle}", pay="1/days_in_month of monthly_fee")
    february = -28 * 24

    def paid(start: int) -> int:
        return credit(words.decide(asked((start, february + 240), subscriber=replace(SUBSCRIBER, billing_cycle=cycle))))

    assert paid(february - 1) < paid(february)
