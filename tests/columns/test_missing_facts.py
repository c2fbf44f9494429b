"""Rows that miss facts are decided together with the others, and told what is missing and where."""

from dataclasses import replace
from typing import Final

import pytest

from policy import Decision, PolicySet, Request
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.program import Program
from policy.calculator.request import Instant, Outage, Subscriber
from tests.columns.answering import answers_to
from tests.support.cases import load_cases

HOUR: Final = 3600
NOON: Final = 1_772_337_600
"""On a day of March 2026."""


@pytest.fixture
def program(policies: PolicySet) -> Program:
    """What the default policy was in that spring."""
    return policies.named("cn-standard", "2026-01")


def plain() -> Request:
    """A data plan, and an outage of which all is known."""
    return next(case.request for case in load_cases("cn_standard") if case.id == "worked_example_3")


def about(outages: tuple[Outage, ...], program: Program) -> Request:
    """A consumer, and some outages, looked at two days later."""
    version, consumer = program.version, Subscriber("s", plan_type="DATA", customer_type="CONSUMER")
    return Request(consumer, outages, "AUTOMATIC", NOON + 48 * HOUR, version.policy_id, version.version)


def without_allowance(request: Request, subscriber_id: str) -> Request:
    assert request.subscriber is not None
    missing = replace(request.subscriber, subscriber_id=subscriber_id, data_allowance_bytes=None, monthly_fee=None)
    return replace(request, subscriber=missing)


def decided(answers: Answers, row: int) -> Decision:
    assert not answers.hard[row]
    return answers.decision(row)


def test_rows_that_miss_the_same_facts_are_of_one_shape(program: Program) -> None:
    requests = [without_allowance(plain(), f"s-{number}") for number in range(50)]
    answers = answers_to(requests, program, ColumnProgram(program))
    assert len(answers.shapes) == 1
    assert {decided(answers, row).outcome for row in range(50)} == {"CANNOT_DECIDE"}
    assert [decided(answers, row) for row in range(50)] == [program.decide(each) for each in requests]


def test_rows_that_miss_facts_do_not_keep_the_others_from_being_decided(program: Program) -> None:
    requests = [plain(), without_allowance(plain(), "s")]
    answers = answers_to(requests, program, ColumnProgram(program))
    assert [decided(answers, row).outcome for row in range(2)] == ["GRANTED", "CANNOT_DECIDE"]


def test_it_is_told_apart_which_outage_misses_the_fact(policies: PolicySet) -> None:
    program = policies.named("uk-water", "2008")
    known = {"known_at": Instant(NOON)}
    outages = [
        Outage(f"o-{number}", NOON + number * 9 * HOUR, NOON + (number * 9 + 5) * HOUR, "EQUIPMENT_FAILURE", "LOSS")
        for number in range(3)
    ]
    requests = []
    for lacking in ((0,), (1,), (2,), (0, 2), ()):
        told = tuple(replace(each, attributes={} if n in lacking else known) for n, each in enumerate(outages))
        requests.append(about(told, program))
    answers = answers_to(requests, program, ColumnProgram(program))
    missing = [{each.field.split(".")[0] for each in decided(answers, row).reasons if each.field} for row in range(5)]
    assert missing == [{"outages[0]"}, {"outages[1]"}, {"outages[2]"}, {"outages[0]", "outages[2]"}, set()]
    assert [decided(answers, row) for row in range(5)] == [program.decide(each) for each in requests]


def test_an_outage_that_is_named_twice_counts_once_and_keeps_the_places_of_the_others(program: Program) -> None:
    first, second = (
        Outage(name, NOON + at * HOUR, NOON + (at + 5) * HOUR, "EQUIPMENT_FAILURE", "LOSS") for name, at in (("a", 0), ("b", 9))
    )
    ongoing = replace(second, ended_at=None)
    requests = [about((first, first, ongoing), program)]
    answers = answers_to(requests, program, ColumnProgram(program))
    decision = decided(answers, 0)
    assert decision == program.decide(requests[0])
    assert [each.field for each in decision.warnings if each.code == "OUTAGE_ONGOING"] == ["outages[2].ended_at"]
