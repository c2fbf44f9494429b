"""What is cut out of outages, and which working days pass meanwhile, over columns as one by one."""

from random import Random
from typing import Final

import numpy as np
import pytest

from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.intervals import Pauses, texts_of, without
from policy.calculator.columns.questions import Intervals, Ints
from policy.calculator.columns.working_days import ColumnDays
from policy.calculator.overlay import without as without_one
from policy.language.calendars import working_days, zone

VIEWS: Final = 300
Spans = list[tuple[int, int]]


def ints(numbers: list[int]) -> Ints:
    return np.array(numbers, np.int64)


def pauses_drawn(random: Random, most: int, until: int) -> Spans:
    """Some that overlap, touch, repeat, or lie outside of everything."""
    starts = [random.randrange(until) for _ in range(random.randrange(most))]
    return sorted((start, start + random.choice((1, 2, 5, until // 3))) for start in starts)


def together(pauses: list[Spans]) -> tuple[Ints, Ints, Ints]:
    """(line, start, end) of all."""
    told = [(line, *span) for line, spans in enumerate(pauses) for span in spans]
    line, start, end = (ints([each[place] for each in told]) for place in range(3))
    return line, start, end


def test_pauses_are_cut_out_of_each_outage_as_out_of_one() -> None:
    random = Random(4)
    times = [(at, at + 1 + random.randrange(40)) for at in random.choices(range(40), k=VIEWS)]
    pauses = [pauses_drawn(random, 6, 90) for _ in range(VIEWS)]
    views = ints([2 * view for view in range(VIEWS)])  # the others have been dropped, and their pauses say nothing
    of_all = together([spans for each in pauses for spans in (each, [(0, 100)])])
    left = without(views, ints([a for a, _ in times]), ints([b for _, b in times]), Pauses(*of_all))
    expected = [
        (2 * view, *span)
        for view, (time, of) in enumerate(zip(times, pauses, strict=True))
        for span in without_one([time], tuple(of))
    ]
    assert list(zip(*(each.tolist() for each in left), strict=True)) == expected


@pytest.mark.parametrize(("name", "calendar"), [("Pacific/Apia", "AU-NSW"), ("Asia/Shanghai", "CN")])
@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_working_days_pass_as_they_do_for_one(name: str, calendar: str, n: int) -> None:
    """Around the date that Samoa skipped, and the long holidays of China."""
    random, local, days = Random(n), zone(name), working_days(calendar)
    first = local.day_of(1_324_000_000)  # in December 2011
    after = [first + random.randrange(60) for _ in range(VIEWS)]
    paused = [[(first + a, first + b) for a, b in pauses_drawn(random, 5, 90)] for _ in range(VIEWS)]
    ends = ColumnDays(days, ColumnTime(local)).end_of_nth(ints(after), n, together(paused))
    for line, (day, spans) in enumerate(zip(after, paused, strict=True)):
        held = frozenset(each for a, b in spans for each in range(a, b + 1))
        assert ends[line] == days.end_of_nth_working_day(day, n, local, held)


def test_intervals_stand_in_keys_in_order_of_time_and_none_is_not_an_empty_list() -> None:
    held = Intervals(np.array([True, False, True]), ints([0, 2, 2, 2]), ints([50, 7]), ints([60, 9]))
    assert texts_of(held) == [b"[7-9,50-60]", b"", b"[]"]
