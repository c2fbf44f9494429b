"""Time by a measure over columns: the same whatever years were asked for before."""

from datetime import UTC, datetime
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from policy.calculator.columns.calendar import ColumnDensity, ColumnTime
from policy.calculator.local_time import LocalTime
from policy.calculator.measure import Density
from policy.calculator.rules import Band
from policy.calculator.working_days import MONDAY_TO_FRIDAY
from policy.language.calendars import zone

BANDS = (Band(0, 32_400, Fraction(1, 2), Fraction(1, 3)), Band(32_400, 86_400, Fraction(1), Fraction(2)))
SPANS = ((2026, 2026), (1999, 2003), (2010, 2010), (2030, 2099))


def new_year(year: int) -> int:
    return int(datetime(year, 1, 1, 7, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("asked", list(permutations(SPANS, 3)))
def test_which_years_were_asked_for_before_changes_no_number(asked: tuple[tuple[int, int], ...]) -> None:
    local: LocalTime = zone("Europe/London")
    one_by_one = Density(BANDS, local, MONDAY_TO_FRIDAY)
    columns = ColumnDensity(Density(BANDS, local, MONDAY_TO_FRIDAY), ColumnTime(local))
    for first, last in asked:
        start, end = new_year(first), new_year(last + 1)
        found = columns.between(np.array([start, start + 90]), np.array([end, start + 12_345_678]))
        assert found.tolist() == [one_by_one.between(start, end), one_by_one.between(start + 90, start + 12_345_678)]
