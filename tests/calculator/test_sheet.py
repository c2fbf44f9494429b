"""What a teller writes on says numbers, dates and instants as Python does, and fields as protobuf has them."""

from datetime import date
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.checks import MAX_INSTANT
from policy.calculator.sheet import Sheet
from policy.calculator.texts import instant_text

WHOLE: Final = st.integers(-(2**63), 2**63 - 1)
TAG: Final = 10
"""Of field 1 of a line, which is its rule."""


@given(number=WHOLE)
def test_whole_numbers_are_said_in_digits(number: int) -> None:
    sheet = Sheet()
    sheet.number(number)
    assert sheet.written().decode() == str(number)


@given(numerator=WHOLE, denominator=st.integers(1, 2**63 - 1))
def test_ratios_are_said_in_lowest_terms(numerator: int, denominator: int) -> None:
    sheet = Sheet()
    sheet.exact(numerator, denominator)
    assert sheet.written().decode() == str(Fraction(numerator, denominator))


@given(day=st.integers(1, date.max.toordinal()))
def test_days_are_said_as_dates(day: int) -> None:
    sheet = Sheet()
    sheet.date(day)
    assert sheet.written().decode() == str(date.fromordinal(day))


@pytest.mark.parametrize("day", [0, date.max.toordinal() + 1])
def test_a_day_of_no_year_of_four_digits_is_none(day: int) -> None:
    with pytest.raises(OverflowError):
        Sheet().date(day)


@given(seconds=st.integers(-MAX_INSTANT, 2 * MAX_INSTANT))
def test_instants_are_said_in_utc(seconds: int) -> None:
    sheet = Sheet()
    sheet.instant(seconds)
    assert sheet.written().decode() == instant_text(seconds)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 100_000])
def test_a_field_stands_behind_its_tag_and_its_length(length: int) -> None:
    """One byte below, at, and above what each byte of a length can say."""
    sheet = Sheet()
    text = "é" * (length // 2) + "x" * (length % 2)
    for _ in range(2):
        start = sheet.at
        sheet.copy(text.encode(), 0, length)
        sheet.close_text(start, TAG)
    assert sheet.written() == decision_pb.ExplanationLine(rule=text).SerializeToString() * 2
    assert decision_pb.ExplanationLine.FromString(sheet.written()).rule == text


def test_a_field_is_repeated_where_one_like_it_stands_before() -> None:
    sheet, fields = Sheet(), []
    for text in (b"a", b"b" * 200, b"a", b"b" * 200, b"b" * 199, b"", b"ab"):
        start = sheet.at
        sheet.copy(text, 0, len(text))
        sheet.close(start, TAG)
        fields.append(sheet.is_repeated(0, start))
    assert fields == [0, 0, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(("first", "length"), [(-1, 1), (0, 4), (3, 1), (2, 2)])
def test_what_is_not_there_is_not_copied(first: int, length: int) -> None:
    with pytest.raises(IndexError):
        Sheet().copy(b"abc", first, length)
