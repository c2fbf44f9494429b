"""How readings are taken in turn and summed up; nothing here waits or measures."""

import pytest

from bench.rounds import interleaved
from bench.stats import Spread, ratios, spread


def test_every_case_has_its_turn_in_every_round_and_each_round_begins_with_another_one() -> None:
    turns: list[str] = []
    cases = {name: lambda name=name: turns.append(name) for name in "abc"}
    readings = interleaved(cases, 4)
    assert [turns[start : start + 3] for start in range(0, 12, 3)] == [list("abc"), list("bca"), list("cab"), list("abc")]
    assert {name: len(each) for name, each in readings.items()} == {"a": 4, "b": 4, "c": 4}


def test_readings_stand_in_the_order_of_the_rounds() -> None:
    numbers = iter(range(100))
    assert interleaved({"a": lambda: next(numbers), "b": lambda: next(numbers)}, 3) == {"a": [0, 3, 4], "b": [1, 2, 5]}


def test_the_middle_half_lies_between_the_quartiles() -> None:
    assert spread([5.0, 1.0, 3.0, 2.0, 400.0]) == Spread(median=3.0, low=2.0, high=5.0)


def test_one_reading_spreads_over_nothing() -> None:
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0)


def test_a_slow_round_does_not_move_a_ratio() -> None:
    quiet, disturbed = [2.0, 2.0, 2.0], [2.0, 20.0, 2.0]
    assert ratios([each * 3 for each in disturbed], disturbed) == ratios([each * 3 for each in quiet], quiet) == Spread(3, 3, 3)


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])
