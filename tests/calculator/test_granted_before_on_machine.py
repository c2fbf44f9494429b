"""What was granted before: used up once, in the order in which records end; and what a month has had."""

from collections.abc import Sequence
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.lowering.assembler import Bank, Reg
from policy.calculator.memory import Memory
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import TestOutage
from tests.calculator.test_occasions_on_machine import FEBRUARY, INTERRUPTION, MARCH, MONTH, Occasions, outage

BENEFIT, OTHER_BENEFIT = 3, 4
ANY_MONTH: Final = -1

Item = tuple[int, str, int, int]
"""Benefit, outage id, month, quantity."""


def used(
    evaluator: Evaluator, outages: list[TestOutage], held: Sequence[Item], limit: int, kind: int = INTERRUPTION
) -> tuple[list[int], list[int]]:
    """What each occasion uses up, at most ``limit``; and what is left of each item."""
    program = Occasions(kind)
    asm, before, most = program.small.asm, program.small.asm.new_list(), program.small.asm.reg()
    taken = asm.reg(Bank.OCCASION)
    with asm.each("OCCASION", program.list):
        asm.op("USE_UP", taken, most, before, BENEFIT)

    def items(memory: Memory) -> dict[Reg, list[tuple[int, ...]]]:
        at = {each.outage_id: place.outage for each, place in zip(outages, memory.outages(), strict=True)}
        return {before: [(benefit, at[name], month, quantity) for benefit, name, month, quantity in held]}

    memory = program.run(evaluator, outages, (), {most: limit}, items)
    taken_by = []
    for x in memory.occasions(program.list):
        memory.enter(x)
        taken_by.append(memory.get(taken))
    return taken_by, [each[3] for each in memory.items(before, 4)]


ONE_RUN: Final = [outage(0, 6, "a"), outage(1, 4, "b"), outage(2, 4, "c")]
"""The records of b and c end together, and first."""


def test_first_is_used_what_was_granted_for_the_record_that_ends_first_then_for_the_smaller_id(evaluator: Evaluator) -> None:
    held = [(BENEFIT, name, ANY_MONTH, 10) for name in "acb"]
    left = {limit: used(evaluator, ONE_RUN, held, limit) for limit in (0, 9, 10, 11, 25, 30, 31)}
    assert left == {
        0: ([0], [10, 10, 10]),
        9: ([9], [10, 10, 1]),
        10: ([10], [10, 10, 0]),
        11: ([11], [10, 9, 0]),
        25: ([25], [5, 0, 0]),
        30: ([30], [0, 0, 0]),
        31: ([30], [0, 0, 0]),
    }


def test_a_record_over_the_end_of_a_month_is_cut_to_the_month(evaluator: Evaluator) -> None:
    """In February both end with it, so that the smaller id goes first, though its record ends later."""
    outages = [outage(0, 24, "a"), outage(0, 22, "b")]
    held = [(BENEFIT, "b", ANY_MONTH, 10), (BENEFIT, "a", ANY_MONTH, 10)]
    assert used(evaluator, outages, held, 10, MONTH) == ([10, 10], [0, 0])
    assert used(evaluator, outages, held, 4, MONTH) == ([4, 4], [6, 6])


def test_what_was_granted_for_a_month_is_used_in_that_month_alone(evaluator: Evaluator) -> None:
    outages = [outage(0, 24, "a")]
    held = [(BENEFIT, "a", MARCH, 5), (BENEFIT, "a", FEBRUARY, 7)]
    assert used(evaluator, outages, held, 100, MONTH) == ([7, 5], [0, 0])


def test_nothing_is_used_of_another_benefit_or_of_an_outage_of_another_occasion(evaluator: Evaluator) -> None:
    outages = [outage(0, 2, "a"), outage(4, 6, "b")]
    held = [(OTHER_BENEFIT, "a", ANY_MONTH, 10), (BENEFIT, "b", ANY_MONTH, 10)]
    assert used(evaluator, outages, held, 100) == ([0, 10], [10, 0])


def test_what_the_first_occasion_used_is_gone_for_the_next(evaluator: Evaluator) -> None:
    outages = [outage(0, 24, "a")]
    assert used(evaluator, outages, [(BENEFIT, "a", ANY_MONTH, 10)], 6, MONTH) == ([6, 4], [0])


@given(st.permutations("abc"), st.lists(st.integers(0, 9), min_size=3, max_size=3), st.integers(0, 30))
def test_as_much_is_used_as_is_needed_and_there_is(
    evaluator: Evaluator, order: list[str], quantities: list[int], limit: int
) -> None:
    held = [(BENEFIT, name, ANY_MONTH, quantity) for name, quantity in zip(order, quantities, strict=True)]
    [taken], left = used(evaluator, ONE_RUN, held, limit)
    assert taken == min(limit, sum(quantities))
    assert taken + sum(left) == sum(quantities)


def test_a_month_has_had_what_is_told_of_it_and_what_began_in_it_before(evaluator: Evaluator) -> None:
    """The third begins in February and ends in March: it is of February."""
    outages = [outage(0, 1, "a"), outage(2, 3, "b"), outage(19, 21, "c"), outage(22, 23, "d"), outage(24, 25, "e")]
    program = Occasions(INTERRUPTION)
    asm, had, granted = program.small.asm, program.small.asm.reg(Bank.OCCASION), program.small.asm.reg(Bank.OCCASION)
    told = asm.new_list()
    with asm.each("OCCASION", program.list):
        asm.op("IN_MONTH", had, told, program.list, granted, BENEFIT)
        asm.op("MOVE", granted, asm.const(100))
    rows = [(BENEFIT, FEBRUARY, 7), (OTHER_BENEFIT, FEBRUARY, 1000), (BENEFIT, MARCH, 3), (BENEFIT, MARCH, 30)]
    memory = program.run(evaluator, outages, (), {}, lambda _: {told: rows})
    found = []
    for x in memory.occasions(program.list):
        memory.enter(x)
        found.append(memory.get(had))
    assert found == [7, 107, 207, 33, 133]
