"""Laying outages over one another, and taking pauses out of them, against counting second by second."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.lowering.context import OUTAGE_END, OUTAGE_START
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import Interval, Laid, SmallProgram, TestOutage, laid

MINUTES = st.integers(0, 40)


@st.composite
def drawn(draw: st.DrawFn, most: int = 6) -> list[TestOutage]:
    count = draw(st.integers(1, most))
    found = []
    for number in range(count):
        start = draw(MINUTES)
        found.append(TestOutage(start, start + draw(st.integers(1, 15)), draw(st.integers(1, 3)), f"o{number}"))
    return draw(st.permutations(found))


def overlay(evaluator: Evaluator, outages: list[TestOutage]) -> list[Laid]:
    """The time of outages, less the pauses of each, each instant of one of them."""
    small = SmallProgram()
    asm = small.asm
    opening, pauses, opened, merged = asm.new_list(), asm.new_list(), asm.reg(), asm.new_list()
    asm.op("NEW_LIST", pauses)
    asm.op("NEW_LIST", opening)
    with asm.each("OUTAGE"):
        asm.op("OPEN", opening, OUTAGE_START, OUTAGE_END, small.level, small.pauses, opened)
    asm.op("OVERLAY", merged, opening)
    return laid(small.run(evaluator, outages), merged)


def owner_by_second(outages: list[TestOutage]) -> dict[int, str]:
    """Second by second: the greatest level, then the earliest start, then the smaller id."""
    owners = {}
    for second in range(60):
        covering = [each for each in outages if each.start <= second < each.end]
        if covering:
            owners[second] = min(covering, key=lambda each: (-each.level, each.start, each.outage_id)).outage_id
    return owners


@given(drawn(12))
def test_every_instant_counts_once_for_the_outage_with_the_greatest_level(
    evaluator: Evaluator, outages: list[TestOutage]
) -> None:
    counted: dict[int, str] = {}
    for span in overlay(evaluator, outages):
        for second in range(span.start, span.end):
            assert second not in counted
            counted[second] = outages[span.outage].outage_id
    assert counted == owner_by_second(outages)


@given(drawn())
def test_spans_that_touch_are_one_interruption_and_a_gap_begins_the_next(
    evaluator: Evaluator, outages: list[TestOutage]
) -> None:
    for before, after in pairwise(overlay(evaluator, outages)):
        assert (before.interruption == after.interruption) == (before.end == after.start)


@given(drawn())
def test_the_order_of_outages_changes_nothing(evaluator: Evaluator, outages: list[TestOutage]) -> None:
    def by_id(told: list[TestOutage]) -> list[tuple[Laid, str]]:
        return [(replace(each, outage=0), told[each.outage].outage_id) for each in overlay(evaluator, told)]

    assert by_id(outages) == by_id(sorted(outages, key=lambda each: each.outage_id))


SPANS = st.lists(st.tuples(MINUTES, st.integers(1, 15)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=5)


def seconds(spans: list[Interval]) -> set[int]:
    return {second for start, end in spans for second in range(start, end)}


def union(evaluator: Evaluator, spans: list[Interval]) -> list[Interval]:
    """The intervals of a fact, joined where they overlap or touch."""
    small = SmallProgram()
    asm, together = small.asm, small.asm.new_list()
    asm.op("NEW_LIST", together)
    with asm.each("OUTAGE"):
        asm.op("PAUSES", together, small.pauses)
    asm.op("UNITE", together)
    return small.run(evaluator, [TestOutage(0, 1, pauses=tuple(spans))]).pairs(together)


@given(SPANS)
def test_a_union_has_every_second_once_in_order_and_apart(evaluator: Evaluator, spans: list[Interval]) -> None:
    joined = union(evaluator, spans)
    assert seconds(joined) == seconds(spans)
    assert all(before[1] < after[0] for before, after in pairwise(joined))


@given(MINUTES, st.integers(1, 15), SPANS)
def test_pauses_are_cut_out_second_by_second(evaluator: Evaluator, start: int, length: int, pauses: list[Interval]) -> None:
    outage = TestOutage(start, start + length, pauses=tuple(union(evaluator, pauses)))
    left = [(span.start, span.end) for span in overlay(evaluator, [outage])]
    assert seconds(left) == set(range(start, start + length)) - seconds(pauses)
    assert all(opens < closes for opens, closes in left)


@given(SPANS, MINUTES, st.integers(1, 40))
def test_how_much_of_an_interval_outages_cover_counts_no_second_twice(
    evaluator: Evaluator, spans: list[Interval], start: int, length: int
) -> None:
    """And leaves out what lies outside of it, and the outages that do not count."""
    small = SmallProgram()
    asm = small.asm
    first, end, covered = asm.reg(), asm.reg(), asm.reg()
    asm.op("COVER", covered, first, end, small.level)
    outages = [TestOutage(a, b, number % 3, f"o{number}") for number, (a, b) in enumerate(spans)]
    memory = small.run(evaluator, outages, {first: start, end: start + length})
    counted = [(each.start, each.end) for each in outages if each.level]
    assert memory.get(covered) == len(seconds(counted) & set(range(start, start + length)))
