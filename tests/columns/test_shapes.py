"""Rows that agree in all that is told of them are of one shape; one that is known is decided no more than is needed."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from policy.calculator.columns.shapes import DECIDED_ANEW, KnownShapes, told_apart
from policy.calculator.columns.telling import Told
from policy.calculator.decision import Decision, Explanation, Grant, Line, NoticeMessage, Recourse, Stamp

STAMP = Stamp("p", "1", "", "1")


class Decides:
    """Decides rows, and remembers which."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def __call__(self, row: int) -> Decision:
        self.rows.append(row)
        return Decision("id", f"of row {row}", (), (), (), (), (), None, STAMP, 0, None, None)


def test_nothing_of_its_subscriber_is_kept_of_a_shape() -> None:
    """Nor of a row that lacks a fact, which is not kept at all."""
    grant = Grant("key-of-s-1", "data", "DATA_BYTES", 4711, "", 0, None, "1")
    message = NoticeMessage("SMS", "en", "", "Dear s-1", 1, "GSM_7")
    decision = replace(
        Decides()(0),
        grants=(grant,),
        recourse=(Recourse("grid", 12, "CNY"),),
        notice=(message,),
        as_of=1_780_000_000,
        clock_seconds=815,
        weighted_seconds=Fraction(815, 2),
        explanation=Explanation((Line("clocks.c", "1", True, (), "815", "s", ""),), ()),
    )
    shapes = KnownShapes()
    kept = shapes.of(np.arange(1), told(1), {}, lambda _: decision).decisions[0]
    for own in ("key-of-s-1", "4711", "Dear", "grid", "178000", "815"):
        assert own not in repr(kept)
    assert (kept.grants[0].grant_key != "", kept.clock_seconds is None, kept.weighted_seconds is None) == (True, False, False)


def told(*numbers: int) -> Told:
    """One thing, told of each row."""
    return {"refused": np.array(numbers, np.int64)}


def test_rows_that_agree_in_every_line_are_of_one_shape() -> None:
    first, shape = told_apart(np.array([[1, 2, 1, 2, 1], [7, 7, 7, 7, 8]]))
    assert shape.tolist()[0] == shape.tolist()[2] != shape.tolist()[4]
    assert sorted(first.tolist()) == [0, 1, 4]


def test_numbers_that_fill_a_column_are_told_apart_in_any_company() -> None:
    """Three columns of 60 bits each do not fit one number."""
    high = 1 << 60
    matrix = np.array([[0, high, high, 0, high], [high, 0, high, 0, high], [5, 5, 5, high, 5], range(5)])
    assert len(told_apart(matrix)[0]) == 5
    assert len(told_apart(matrix[:3])[0]) == 4


def test_a_known_shape_is_taken_as_it_is_known() -> None:
    shapes, decides = KnownShapes(), Decides()
    rows = np.arange(3)
    first = shapes.of(rows, told(1, 1, 2), {}, decides)
    assert decides.rows == [0, 2]
    again = shapes.of(rows, told(2, 1, 1), {}, decides)
    assert decides.rows == [0, 2]
    assert again.decided == []
    by_number = dict(zip([1, 2], first.decisions, strict=True))
    assert [again.decisions[shape] for shape in again.of_row.tolist()] == [by_number[2], by_number[1], by_number[1]]


def test_a_large_batch_decides_a_row_of_each_of_its_shapes_anew() -> None:
    shapes, decides = KnownShapes(), Decides()
    numbers = [1] * DECIDED_ANEW
    shapes.of(np.arange(DECIDED_ANEW - 1), told(*numbers), {}, decides)
    shapes.of(np.arange(DECIDED_ANEW - 1), told(*numbers), {}, decides)
    assert decides.rows == [0]
    anew = shapes.of(np.arange(DECIDED_ANEW), told(*numbers), {}, decides)
    assert decides.rows == [0, 0]
    assert [(number, row) for number, row, _ in anew.decided] == [(0, 0)]


def test_what_is_told_under_another_name_is_another_shape() -> None:
    shapes, decides = KnownShapes(), Decides()
    shapes.of(np.arange(1), told(1), {}, decides)
    shapes.of(np.arange(1), {"capped": np.array([1])}, {}, decides)
    assert decides.rows == [0, 0]


def test_a_row_that_lacks_a_fact_is_decided_each_time() -> None:
    shapes, decides = KnownShapes(), Decides()
    lacking = {"0 subscriber.payment": np.array([0, 3])}
    for _ in range(2):
        shapes.of(np.arange(2), told(1, 1), lacking, decides)
    assert decides.rows == [0, 1, 1]
