"""Laying outages over one another, against counting second by second."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.facts import Row, View
from policy.calculator.overlay import Span, cut, overlay, union_length, without
from policy.calculator.request import Outage, Request, Subscriber

MINUTES = st.integers(0, 40)


@dataclass(frozen=True)
class Drawn:
    start: int
    end: int
    level: int
    outage_id: str


@st.composite
def drawn(draw: st.DrawFn) -> list[Drawn]:
    count = draw(st.integers(1, 6))
    found = []
    for number in range(count):
        start = draw(MINUTES)
        level = draw(st.integers(1, 3))
        found.append(Drawn(start, start + draw(st.integers(1, 15)), level, f"o{number}"))
    return draw(st.permutations(found))


def spans_of(given_outages: list[Drawn]) -> list[Span]:
    request = Request(Subscriber("s"), (), "AUTOMATIC", 1_000)
    row = Row(request, Subscriber("s"), [], 0)
    return [
        Span(each.start, each.end, View(row, number, Outage(each.outage_id, each.start, each.end), 0), each.level)
        for number, each in enumerate(given_outages)
    ]


def owner_by_second(given_outages: list[Drawn]) -> dict[int, str]:
    """Second by second: the greatest level, then the earliest start, then the smaller id."""
    owners = {}
    for second in range(60):
        covering = [each for each in given_outages if each.start <= second < each.end]
        if covering:
            owners[second] = min(covering, key=lambda each: (-each.level, each.start, each.outage_id)).outage_id
    return owners


@given(drawn())
def test_every_instant_counts_once_for_the_outage_with_the_greatest_level(outages: list[Drawn]) -> None:
    counted: dict[int, str] = {}
    for span in overlay(spans_of(outages)):
        for second in range(span.start, span.end):
            assert second not in counted
            counted[second] = span.view.outage.outage_id
    assert counted == owner_by_second(outages)


@given(drawn())
def test_spans_that_touch_are_one_interruption_and_a_gap_begins_the_next(outages: list[Drawn]) -> None:
    spans = overlay(spans_of(outages))
    for before, after in pairwise(spans):
        assert (before.interruption == after.interruption) == (before.end == after.start)


@given(drawn())
def test_the_order_of_outages_changes_nothing(outages: list[Drawn]) -> None:
    def said(spans: list[Span]) -> list[tuple[int, int, str, int, int]]:
        return [(each.start, each.end, each.view.outage.outage_id, each.level, each.interruption) for each in spans]

    in_order = sorted(outages, key=lambda each: each.outage_id)
    assert said(overlay(spans_of(outages))) == said(overlay(spans_of(in_order)))


SPANS = st.lists(st.tuples(MINUTES, st.integers(1, 15)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=5)


def seconds(spans: list[tuple[int, int]]) -> set[int]:
    return {second for start, end in spans for second in range(start, end)}


@given(SPANS, SPANS)
def test_pauses_are_cut_out_second_by_second(spans: list[tuple[int, int]], pauses: list[tuple[int, int]]) -> None:
    assert seconds(without(spans, tuple(pauses))) == seconds(spans) - seconds(pauses)


@given(SPANS, MINUTES, MINUTES)
def test_a_cut_keeps_what_lies_inside(spans: list[tuple[int, int]], start: int, end: int) -> None:
    assert seconds(cut(spans, start, end)) == {second for second in seconds(spans) if start <= second < end}


@given(SPANS)
def test_the_length_of_a_union_counts_no_second_twice(spans: list[tuple[int, int]]) -> None:
    assert union_length(spans) == len(seconds(spans))
