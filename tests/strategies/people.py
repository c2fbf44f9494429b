"""Subscribers around the limits of cn-standard's table and caps."""

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st

from policy.calculator.request import Money, Subscriber
from tests.strategies.moments import NEAR

MIB: Final = 2**20
GIB: Final = 2**30
MINUTE: Final = 60
PLANS: Final = ("DATA", "VOICE", "CONVERGED")

FEES_FEN: Final = (0, 3900, 5899, 5900, 5901, 12899, 12900, 12901, 19900)
ALLOWANCES: Final = (0, 1, 3, 10, 10 * GIB, 20 * GIB, 2**55)
AMOUNTS: Final[Mapping[str, tuple[int, ...]]] = {
    "data": (0, 1, MIB, 600 * MIB, 10 * GIB, 29 * GIB, 30 * GIB - 600 * MIB, 30 * GIB - MIB, 30 * GIB, 31 * GIB),
    "voice": (0, 1, MINUTE, 30 * MINUTE, 300 * MINUTE, 570 * MINUTE, 599 * MINUTE, 600 * MINUTE, 700 * MINUTE),
    "value_added": (0, 1, 2, 30, 31, 32, 400),
}


def amounts() -> st.SearchStrategy[Mapping[str, int]]:
    """Quantities by benefit name, around the caps and odd ones; any of them may be absent."""
    each = {
        name: st.sampled_from([max(0, amount + by) for amount in choices for by in NEAR]) for name, choices in AMOUNTS.items()
    }
    return st.fixed_dictionaries({}, optional=each)


@st.composite
def remaining(draw: st.DrawFn, allowance: int | None) -> int | None:
    """Data left: around 10 % and 50 % and all of the allowance, none, more than all, or not known."""
    base = allowance or 0
    limits = (0, base // 10, base // 2, base, base * 5 // 4 if base < 2**55 else 2 * base - 2)
    around = [max(0, limit + by) for limit in limits for by in (*NEAR, 2)]
    return None if draw(rarely()) else draw(st.sampled_from(around))


def rarely() -> st.SearchStrategy[bool]:
    """Yes about once in twelve."""
    return st.integers(0, 11).map(lambda number: number == 0)


@st.composite
def subscribers(draw: st.DrawFn) -> Subscriber:
    """Any subscriber that is well formed, facts missing now and then; the billing cycle depends on the outages."""
    allowance = None if draw(rarely()) else draw(st.sampled_from(ALLOWANCES))
    fee = None if draw(rarely()) else Money("CNY", draw(st.sampled_from(FEES_FEN)))
    return Subscriber(
        subscriber_id=draw(st.sampled_from(("s-1", "用户-2"))),
        plan_type=draw(st.sampled_from(PLANS)),
        monthly_fee=fee,
        data_allowance_bytes=allowance,
        data_remaining_bytes=draw(remaining(allowance)),
        value_added_services=draw(st.sampled_from(((), ("MUSIC",), ("MUSIC", "VIDEO")))),
        customer_type=draw(st.sampled_from(("", "CONSUMER", "BUSINESS"))),
        payment=draw(st.sampled_from(("", "POSTPAID", "PREPAID"))),
        time_zone=draw(st.sampled_from(("", "Asia/Urumqi"))),
        granted_this_cycle=draw(st.one_of(st.none(), st.just({}), amounts())),
    )
