"""What somebody would write by hand for one amount of cn-standard: the floor that the calculator is compared with.

The data owed for one outage that has ended: bands, working days, liability, the plan's table, the caps. Left out is the rest
of a decision: validation, overlaps, other benefits, modes, keys, reasons, warnings, recourse, explanation, any other policy.
"""

from datetime import date
from functools import cache
from typing import Final

from chinese_calendar import is_workday

from policy.calculator.request import Outage, Request, Subscriber

MIB: Final = 2**20
DAY_SECONDS: Final = 86_400
SHANGHAI_SECONDS: Final = 8 * 3600
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
WORKING_DAY: Final = ((0, 6, 5), (6, 9, 10), (9, 18, 15), (18, 23, 12), (23, 24, 10))
"""From hour, to hour, tenths."""
OTHER_DAY: Final = ((0, 6, 5), (6, 9, 10), (9, 18, 10), (18, 23, 12), (23, 24, 10))
LIABILITY_HALVES: Final = {"EQUIPMENT_FAILURE": 2, "SOFTWARE_FAULT": 2, "CONSTRUCTION_DAMAGE": 2, "NATURAL_DISASTER": 1}
IMPACT_HALVES: Final = {"LOSS": 2, "DEGRADED": 1}
SHARE_TENTHS: Final = {"DATA": 10, "CONVERGED": 6, "VOICE": 3}
HEADROOM_TENTHS: Final = ((15, 18, 20), (12, 13, 15), (10, 11, 12))
MIB_PER_HOUR: Final = 200
CAP_BYTES: Final = 10 * 1024 * MIB
CYCLE_CAP_BYTES: Final = 30 * 1024 * MIB


def data_bytes(request: Request) -> int:
    """The data owed for the one outage of ``request``."""
    outage, subscriber = request.outages[0], request.subscriber
    assert subscriber is not None and outage.started_at is not None and outage.ended_at is not None  # INVARIANT: of this room
    if outage.ended_at - outage.started_at < 1800:
        return 0
    owed = -(-MIB_PER_HOUR * weighted_tenths(outage) * factor_400ths(request) // (3600 * 10 * 400)) * MIB
    before = sum([each.quantity for each in request.granted_before if each.benefit == "data"])
    owed = max(0, min(owed, CAP_BYTES) - request.already_granted.get("data", 0) - before)
    left = CYCLE_CAP_BYTES - (subscriber.granted_this_cycle or {}).get("data", 0)
    return owed if owed <= left else max(0, left // MIB * MIB)


def factor_400ths(request: Request) -> int:
    """What the weighted hours are multiplied with: liability, impact, the plan's share and its table."""
    outage, subscriber = request.outages[0], request.subscriber
    assert subscriber is not None  # INVARIANT: of this room
    halves = LIABILITY_HALVES[outage.cause] * IMPACT_HALVES[outage.impact]
    return halves * SHARE_TENTHS[subscriber.plan_type] * _headroom_tenths(subscriber)


def weighted_tenths(outage: Outage) -> int:
    """Tenths of weighted seconds of an outage that has ended."""
    assert outage.started_at is not None and outage.ended_at is not None  # INVARIANT: of this room
    start, end = outage.started_at + SHANGHAI_SECONDS, outage.ended_at + SHANGHAI_SECONDS
    tenths = 0
    for day in range(start // DAY_SECONDS, (end - 1) // DAY_SECONDS + 1):
        midnight = day * DAY_SECONDS
        for from_hour, to_hour, weight in WORKING_DAY if is_working(day) else OTHER_DAY:
            since, until = max(start, midnight + from_hour * 3600), min(end, midnight + to_hour * 3600)
            if since < until:
                tenths += weight * (until - since)
    return tenths


@cache
def is_working(day: int) -> bool:
    """Whether a day, counted from 1970, is one of work."""
    return bool(is_workday(date.fromordinal(day + EPOCH_DAY)))


def _headroom_tenths(subscriber: Subscriber) -> int:
    allowance, remaining, fee = subscriber.data_allowance_bytes, subscriber.data_remaining_bytes, subscriber.monthly_fee
    if subscriber.plan_type == "VOICE" or not allowance:
        return 10
    assert remaining is not None and fee is not None  # INVARIANT: of this room
    row = 0 if remaining * 10 < allowance else 1 if remaining * 2 < allowance else 2
    column = 0 if fee.amount_minor < 5900 else 1 if fee.amount_minor < 12_900 else 2
    return HEADROOM_TENTHS[row][column]
