"""Columns decide as the reading for one request does, to the last field, under every version that has a column reading."""

from collections.abc import Sequence
from typing import Final

import pytest

from policy import PolicySet, Request
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.counting import LONGEST_COUNTED_SECONDS
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.program import Program
from policy.calculator.request import Money
from policy.language.load import compile_versions
from tests.columns.answering import answers_to
from tests.columns.drawing import PROGRAMS, Change, as_it_is, forgetful, valid_requests
from tests.strategies.any_policy_made_up_small import made_up_small

ROWS: Final = 200
MADE_UP: Final = 100
MADE_UP_ROWS: Final = 60
MOST_ALONE: Final = 0.1
"""Of generated rows, which go to limits that real ones never see."""


def made_up_program(seed: str) -> Program:
    """A policy of that seed, always the same."""
    version = made_up_small(seed)
    return compile_versions((version,), version.policy_id).named(version.policy_id, version.version)


def columns_of(program: Program) -> ColumnProgram | None:
    """The column reading of a version, if it has one."""
    try:
        return ColumnProgram(program)
    except NoColumns:
        return None


def goes_too_far(request: Request, largest: int) -> bool:
    """Whether a number is too large for a column, or a time too long."""
    told = request.subscriber
    assert told is not None
    attributes = (told.attributes, *(outage.attributes for outage in request.outages))
    amounts = [told.monthly_fee, *(value for each in attributes for value in each.values())]
    numbers = [told.data_allowance_bytes or 0, told.data_remaining_bytes or 0]
    numbers += [amount.amount_minor for amount in amounts if isinstance(amount, Money)]
    numbers += [amount for amount in amounts if isinstance(amount, int)]
    seconds = sum((outage.ended_at or request.as_of) - (outage.started_at or 0) for outage in request.outages)
    return max(numbers) > largest or seconds > LONGEST_COUNTED_SECONDS


@pytest.mark.parametrize("change", [as_it_is, forgetful], ids=["as it is", "forgetful"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.version.policy_id} {program.version.version}")
def test_columns_decide_as_the_reading_for_one_request(program: Program, change: Change) -> None:
    assert_decided_alike(valid_requests(program, ROWS, 11, change), program, ColumnProgram(program))


def assert_decided_alike(requests: Sequence[Request], program: Program, columns: ColumnProgram) -> None:
    """Each as it is decided alone, and practically all of them in columns."""
    answers = answers_to(requests, program, columns)
    assert not (answers.hard & (answers.shape >= 0)).any(), "a shape was doubted"
    for row, request in enumerate(requests):
        if answers.hard[row]:
            assert goes_too_far(request, columns.largest_fact)
        else:
            assert answers.decision(row) == program.decide(request)
    assert answers.hard.mean() < MOST_ALONE


@pytest.mark.parametrize("tenth", range(10))
def test_columns_decide_alike_what_policies_say_that_nobody_wrote(tenth: int) -> None:
    programs = [made_up_program(f"{tenth}/{number}") for number in range(MADE_UP // 10)]
    read = [(program, columns) for program in programs if (columns := columns_of(program)) is not None]
    assert len(read) > len(programs) / 4, "for most of the others it cannot be said that their numbers fit 64 bits"
    for number, (program, columns) in enumerate(read):
        assert_decided_alike(valid_requests(program, MADE_UP_ROWS, number, forgetful), program, columns)


def test_a_row_is_decided_alike_whatever_rows_stand_beside_it(policies: PolicySet) -> None:
    program = policies.named("cn-standard", "2026-01")
    columns = ColumnProgram(program)
    requests = valid_requests(program, ROWS, 11, forgetful)
    together = answers_to(requests, program, columns)
    for row in range(0, ROWS, 7):
        alone = answers_to([requests[row]], program, columns)
        assert alone.hard[0] == together.hard[row]
        if not alone.hard[0]:
            assert alone.decision(0) == together.decision(row)
