"""Columns decide as the reading for one request does, to the last field, under every version that has a column reading."""

from dataclasses import replace
from random import Random
from typing import Final

import pytest

from policy import Decision, PolicySet, Request
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.gathering import gathered
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.program import Program
from policy.calculator.validate import violations_of
from policy.language.calendars import zone_names
from tests.columns.drawing import PROGRAMS, generator_of

ROWS: Final = 200
WITHOUT_COLUMNS: Final = frozenset({"de-tkg58", "es-rd899", "pt-129", "uk-ofcom-repair"})
"""They pause the clock, share by billing cycles, or count by a calendar that a fact chooses."""


def valid_requests(program: Program, count: int) -> list[Request]:
    """Requests that are valid for the version, around its limits."""
    generator, random, zones = generator_of(program), Random(11), zone_names()
    found: list[Request] = []
    while len(found) < count:
        request = replace(generator.request(random), explain=random.choice(("NONE", "SUMMARY")))
        if not violations_of(request, zones) and not program.violations_of(request):
            found.append(request)
    return found


def columns_of(program: Program) -> ColumnProgram | None:
    """The column reading of a version, if it has one."""
    try:
        return ColumnProgram(program)
    except NoColumns:
        return None


def needs_to_be_alone(request: Request, decision: Decision) -> bool:
    """A row that misses a fact, or tells an outage twice."""
    ids = [outage.outage_id for outage in request.outages]
    return decision.outcome == "CANNOT_DECIDE" or len(set(ids)) < len(ids)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.version.policy_id} {program.version.version}")
def test_columns_decide_as_the_reading_for_one_request(program: Program) -> None:
    columns = columns_of(program)
    assert (columns is None) == (program.version.policy_id in WITHOUT_COLUMNS)
    if columns is None:
        return
    requests = valid_requests(program, ROWS)
    questions = gathered(requests, program.reads, [benefit.name for benefit in program.version.benefits])
    answers = columns.decide(questions, lambda row: requests[row])
    assert not (answers.hard & (answers.shape >= 0)).any(), "a shape was doubted"
    alone = 0
    for row, request in enumerate(requests):
        decision = program.decide(request)
        if answers.hard[row]:
            alone += not needs_to_be_alone(request, decision)
        else:
            assert answers.decision(row) == decision
    assert alone < ROWS / 4


def test_a_row_is_decided_alike_whatever_rows_stand_beside_it(policies: PolicySet) -> None:
    program = policies.named("cn-standard", "2026-01")
    columns = ColumnProgram(program)
    requests = valid_requests(program, ROWS)
    names = [benefit.name for benefit in program.version.benefits]
    together = columns.decide(gathered(requests, program.reads, names), lambda row: requests[row])
    for row in range(0, ROWS, 7):
        alone = columns.decide(gathered([requests[row]], program.reads, names), [requests[row]].__getitem__)
        assert alone.hard[0] == together.hard[row]
        if not alone.hard[0]:
            assert alone.decision(0) == together.decision(row)
