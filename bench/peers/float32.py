"""The amounts of the default policy as OpenFisca would have them: a formula for each variable, over float32 columns.

Left out is what makes a decision of them: validation, overlaps, claims, reasons, keys, recourse, explanation, any other policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.handwritten import CAP_BYTES, DAY_SECONDS, MIB, OTHER_DAY, SHANGHAI_SECONDS, WORKING_DAY, is_working
from policy import Request

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]

DATA, VOICE, CONVERGED = range(3)
PLANS: Final = ("DATA", "VOICE", "CONVERGED")
LIABILITY: Final = {"EQUIPMENT_FAILURE": 1.0, "SOFTWARE_FAULT": 1.0, "NATURAL_DISASTER": 0.5}
SEVERITY: Final = {"LOSS": 1.0, "DEGRADED": 0.5}
_ONE: Final = np.float32(1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the formulas read. Times are local seconds since 1970, whole: as float32 they would be off by a minute."""

    plan: Codes
    fee: Floats
    allowance: Floats
    remaining: Floats
    services: Floats
    liability: Floats
    severity: Floats
    start: Codes
    end: Codes
    first_day: int
    working: NDArray[np.bool_]


def facts_of(requests: Sequence[Request]) -> Facts:
    """The facts of requests with one outage each that has ended."""
    rows = []
    for request in requests:
        subscriber, outage = request.subscriber, request.outages[0]
        assert subscriber is not None and subscriber.monthly_fee is not None  # INVARIANT: of this room
        assert outage.started_at is not None and outage.ended_at is not None  # INVARIANT: of this room
        rows.append(
            (
                PLANS.index(subscriber.plan_type),
                subscriber.monthly_fee.amount_minor,
                subscriber.data_allowance_bytes or 0,
                subscriber.data_remaining_bytes or 0,
                len(subscriber.value_added_services),
                LIABILITY[outage.cause],
                SEVERITY[outage.impact],
                outage.started_at + SHANGHAI_SECONDS,
                outage.ended_at + SHANGHAI_SECONDS,
            )
        )
    plan, *facts, start, end = zip(*rows, strict=True)
    first, last = min(start) // DAY_SECONDS, max(end) // DAY_SECONDS
    fee, allowance, remaining, services, liability, severity = (np.array(column, np.float32) for column in facts)
    return Facts(
        np.array(plan, np.int64),
        *(fee, allowance, remaining, services, liability, severity),
        *(np.array(start, np.int64), np.array(end, np.int64)),
        first,
        np.array([is_working(day) for day in range(first, last + 1)], np.bool_),
    )


def amounts(facts: Facts) -> dict[str, Floats]:
    """MiB of data, minutes of calls and days of value-added services; 0 where there is none."""
    hours = weighted_hours(facts) * facts.liability * facts.severity
    clock_hours = (facts.end - facts.start).astype(np.float32) / np.float32(3600)
    counts = clock_hours >= np.float32(0.5)
    share = np.choose(facts.plan, np.array([1, 0.3, 0.6], np.float32))
    minutes = np.choose(facts.plan, np.array([0, 10, 5], np.float32))
    has_services = (facts.plan != DATA) & (facts.services >= 1)
    data = np.minimum(np.ceil(np.float32(200) * hours * share * headroom(facts)), np.float32(CAP_BYTES / MIB))
    voice = np.minimum(np.ceil(minutes * hours), np.float32(300))
    days = np.minimum(np.ceil(clock_hours / np.float32(24)), np.float32(31))
    return {"data": data * counts, "voice": voice * counts, "value_added": days * (counts & has_services)}


def weighted_hours(facts: Facts) -> Floats:
    """Hours weighted by time of day, on working days and others."""
    first_days = facts.start // DAY_SECONDS
    weighted = np.zeros(len(first_days), np.float32)
    for later in range(int(((facts.end - 1) // DAY_SECONDS - first_days).max()) + 1):
        day = first_days + later
        working = facts.working[np.minimum(day - facts.first_day, len(facts.working) - 1)]
        for (since, until, on_working), (_, _, on_other) in zip(WORKING_DAY, OTHER_DAY, strict=True):
            begins = np.maximum(facts.start, day * DAY_SECONDS + since * 3600)
            ends = np.minimum(facts.end, day * DAY_SECONDS + until * 3600)
            hours = np.maximum(ends - begins, 0).astype(np.float32) / np.float32(3600)
            weighted += hours * np.where(working, np.float32(on_working / 10), np.float32(on_other / 10))
    return weighted


def headroom(facts: Facts) -> Floats:
    """The plan's table: by what was left when the outage began, and by the fee."""
    has_table = (facts.plan != VOICE) & (facts.allowance > 0)
    left = facts.remaining / np.where(has_table, facts.allowance, _ONE)
    row = np.select([left < np.float32(0.1), left < np.float32(0.5)], [0, 1], 2)
    column = np.select([facts.fee < 5900, facts.fee < 12_900], [0, 1], 2)
    table = np.array([[1.5, 1.8, 2.0], [1.2, 1.3, 1.5], [1.0, 1.1, 1.2]], np.float32)
    found: Floats = np.where(has_table, table[row, column], _ONE)
    return found
