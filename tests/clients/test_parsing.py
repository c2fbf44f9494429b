"""What people and files write is read exactly or refused."""

from fractions import Fraction

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from clients import parsing, units
from makegood.v1 import facts_pb2


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1,000", "1_000", "1.0", "1e3", "٣", "+1", "9223372036854775808", "--1"])
def test_whole_number_is_digits_and_nothing_else(text: str) -> None:
    """What Python's int() would take and a reader would not is refused."""
    with pytest.raises(ValueError, match="whole number"):
        parsing.whole(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_number_is_read_exactly(number: int) -> None:
    """Every number that fits 64 bits survives being written."""
    assert parsing.whole(str(number)) == number


def test_instant_is_the_moment_and_not_the_wall_clock() -> None:
    """The same wall clock under another offset is another instant; seconds may be left out."""
    assert parsing.instant("1970-01-01T08:00+08:00") == 0
    assert parsing.instant("1970-01-01 00:00:01Z") == 1
    assert parsing.instant("1969-12-31T23:59:59+00:00") == -1


@pytest.mark.parametrize(
    "text", ["2026-03-04T08:00", "2026-03-04", "20260304T080000Z", "now", "2026-02-30T08:00Z", "2026-03-04T08:00:00.5Z", ""]
)
def test_instant_that_is_not_one_moment_is_refused(text: str) -> None:
    """No offset, no such day, a part of a second: nothing is guessed."""
    with pytest.raises(ValueError, match=r"2026|is not a time"):
        parsing.instant(text)


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("0", 0), ("21474836480", 20 * 2**30), ("20GiB", 20 * 2**30), ("1.5 GiB", 3 * 2**29), ("512KiB", 2**19), ("7 B", 7)],
)
def test_volume_is_whole_bytes(text: str, size_bytes: int) -> None:
    """Binary units and decimals of them are exact."""
    assert parsing.volume(text) == size_bytes


@pytest.mark.parametrize("text", ["20GB", "20 G", "0.3 B", "0.0001 KiB", "-1", "1e3", "GiB", "16777216TiB"])
def test_volume_that_means_two_things_or_none_is_refused(text: str) -> None:
    """GB is 1000 or 1024 MB, by whom you ask."""
    with pytest.raises(ValueError, match="bytes"):
        parsing.volume(text)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("129.00", "CNY", 12900), ("129", "CNY", 12900), ("980", "JPY", 980), ("1.234", "KWD", 1234)],
)
def test_amount_is_read_in_the_minor_unit_of_its_currency(text: str, currency: str, minor: int) -> None:
    """A yen has no decimals and a dinar has three."""
    assert parsing.amount_minor(text, currency) == minor
    assert Fraction(units.money_decimal(minor, currency)) == Fraction(text)


@pytest.mark.parametrize(
    ("text", "currency"), [("129.005", "CNY"), ("980.5", "JPY"), ("NaN", "CNY"), ("1e30", "CNY"), ("12 9", "CNY")]
)
def test_amount_is_never_rounded(text: str, currency: str) -> None:
    """An amount finer than its currency is refused."""
    with pytest.raises(ValueError, match="is not an amount"):
        parsing.amount_minor(text, currency)


def test_attribute_takes_the_kind_of_its_form() -> None:
    """Each kind of value of the contract has one way to be written."""
    day = facts_pb2.Date(year=2026, month=3, day=4)
    interval = facts_pb2.Interval(started_at=Timestamp(seconds=0), ended_at=Timestamp(seconds=60))
    for text, value in (
        ("12", facts_pb2.Value(integer=12)),
        ("-3/2", facts_pb2.Value(ratio=facts_pb2.Ratio(numerator=-3, denominator=2))),
        ("yes", facts_pb2.Value(yes_or_no=True)),
        ("no", facts_pb2.Value(yes_or_no=False)),
        ("4.30 CNY", facts_pb2.Value(money=facts_pb2.Money(currency_code="CNY", amount_minor=430))),
        ("2026-03-04", facts_pb2.Value(date=day)),
        ("1970-01-01T00:00Z", facts_pb2.Value(instant=Timestamp(seconds=0))),
        ("1970-01-01T00:00Z/1970-01-01T00:01Z", facts_pb2.Value(intervals=facts_pb2.IntervalList(intervals=[interval]))),
        ("GROSS", facts_pb2.Value(text="GROSS")),
        ("NO", facts_pb2.Value(text="NO")),
    ):
        assert parsing.attribute(text) == value, text


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-03-04T08:00", "4.305 CNY", "99999999999999999999/2", "1.5", "2026-03-04T08:00Z/x"]
)
def test_attribute_that_fails_its_form_is_no_code(text: str) -> None:
    """A date that does not exist, or a number that is not exact, is a mistake and not a text."""
    with pytest.raises(ValueError, match=r".+"):
        parsing.attribute(text)


@given(st.integers(0, 2**62))
def test_units_for_people_lose_nothing(size_bytes: int) -> None:
    """A volume and a span of time are shown in a unit in which they are whole, so what is read is what is granted."""
    number, unit = units.volume(size_bytes).split(" ")
    assert int(number) * units.BYTES_PER_UNIT[unit] == size_bytes
    assert parsing.volume(units.volume(size_bytes)) == size_bytes
    seconds = {"day": 86400, "h": 3600, "min": 60, "s": 1}
    assert sum(length * seconds[unit] for length, unit in units.duration(size_bytes)) == size_bytes


@pytest.mark.parametrize(
    ("kind", "quantity", "currency", "text"),
    [
        ("DATA_BYTES", 1900 * 2**20, "", "1900 MiB"),
        ("DATA_BYTES", 5 * 2**30, "", "5 GiB"),
        ("DATA_BYTES", 1001, "", "1001 B"),
        ("VOICE_SECONDS", 4260, "", "71 min"),
        ("VOICE_SECONDS", 36000, "", "600 min"),
        ("VOICE_SECONDS", 61, "", "61 s"),
        ("VALUE_ADDED_DAYS", 1, "", "1 day"),
        ("VALIDITY_DAYS", 2, "", "2 days"),
        ("CREDIT", 500, "CNY", "5.00 CNY"),
        ("CREDIT", 500, "JPY", "500 JPY"),
        ("UNLIMITED_DATA", 86400, "", "1 day"),
        ("TOP_UP_BONUS", 1050, "", "10.5 %"),
        ("9", 3, "", "3"),
    ],
)
def test_quantities_read_as_a_person_says_them(kind: str, quantity: int, currency: str, text: str) -> None:
    """Each kind has its unit, and none is rounded."""
    assert units.plain(kind, quantity, currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [("19/4", "4.75"), ("1/3", "1/3"), ("2", "2"), ("-95/2", "-47.5"), ("1/128", "1/128")]
)
def test_ratio_is_a_decimal_only_where_that_is_exact(value: str, text: str) -> None:
    """A third stays a third."""
    assert units.decimal(Fraction(value)) == text
