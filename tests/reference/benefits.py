"""Section 4: what the measured time is worth, before caps. Whole MiB, minutes and days; in bytes, seconds and days."""

from fractions import Fraction
from math import ceil

from tests.reference.facts import Subscriber, given

MIB = 2**20
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR

DATA_MIB_PER_WEIGHTED_HOUR = 200
PLAN_SHARE = {"DATA": Fraction(1), "CONVERGED": Fraction("0.6"), "VOICE": Fraction("0.3")}
FEES_FEN = (5900, 12900)
TABLE = (  # columns: under 59.00, under 129.00, from 129.00
    (Fraction("1.5"), Fraction("1.8"), Fraction("2.0")),  # r under 10 %
    (Fraction("1.2"), Fraction("1.3"), Fraction("1.5")),  # r under 50 %
    (Fraction("1.0"), Fraction("1.1"), Fraction("1.2")),  # r from 50 %
)
REMAINDERS = (Fraction(10, 100), Fraction(50, 100))
PLANS_WITH_TABLE = ("DATA", "CONVERGED")
VOICE_MINUTES_PER_WEIGHTED_HOUR = {"VOICE": 10, "CONVERGED": 5, "DATA": 0}
PLANS_WITH_VALUE_ADDED = ("VOICE", "CONVERGED")


def missing_facts(subscriber: Subscriber) -> list[str]:
    """1 line 7 with 4: the absent facts that the plan's table needs; whether it applies needs the allowance first."""
    if subscriber.plan_type not in PLANS_WITH_TABLE or subscriber.data_allowance_bytes == 0:
        return []
    if subscriber.data_allowance_bytes is None:
        return ["subscriber.data_allowance_bytes"]
    needed = {
        "subscriber.data_remaining_bytes": subscriber.data_remaining_bytes,
        "subscriber.monthly_fee": subscriber.monthly_fee,
    }
    return [path for path, fact in needed.items() if fact is None]


def table_factor(subscriber: Subscriber) -> Fraction:
    """4: the table applies to DATA and CONVERGED plans with an allowance above 0, else 1."""
    if subscriber.plan_type not in PLANS_WITH_TABLE or subscriber.data_allowance_bytes == 0:
        return Fraction(1)
    remaining = Fraction(given(subscriber.data_remaining_bytes), given(subscriber.data_allowance_bytes))
    row = sum(remaining >= limit for limit in REMAINDERS)
    column = sum(given(subscriber.monthly_fee).amount_minor >= limit for limit in FEES_FEN)
    return TABLE[row][column]


def data_bytes(subscriber: Subscriber, weighted_seconds: Fraction) -> int:
    """4, data: 200 MiB per weighted hour × plan share × table, rounded up to whole MiB."""
    mib = DATA_MIB_PER_WEIGHTED_HOUR * weighted_seconds / HOUR * PLAN_SHARE[subscriber.plan_type] * table_factor(subscriber)
    return ceil(mib) * MIB


def voice_seconds(subscriber: Subscriber, weighted_seconds: Fraction) -> int:
    """4, voice: 10 or 5 min per weighted hour, rounded up to whole minutes; a DATA plan has none."""
    return ceil(VOICE_MINUTES_PER_WEIGHTED_HOUR[subscriber.plan_type] * weighted_seconds / HOUR) * MINUTE


def value_added_days(subscriber: Subscriber, clock_seconds: int) -> int:
    """4, value-added services: one day per started 24 h of clock time, for VOICE and CONVERGED plans with any of them."""
    if subscriber.plan_type not in PLANS_WITH_VALUE_ADDED or not subscriber.value_added_services:
        return 0
    return ceil(Fraction(clock_seconds, DAY))


def rounded_benefits(subscriber: Subscriber, clock_seconds: int, weighted_seconds: Fraction) -> dict[str, int]:
    """4: the benefits above 0, each rounded once, by name."""
    amounts = {
        "data": data_bytes(subscriber, weighted_seconds),
        "voice": voice_seconds(subscriber, weighted_seconds),
        "value_added": value_added_days(subscriber, clock_seconds),
    }
    return {name: amount for name, amount in amounts.items() if amount > 0}
