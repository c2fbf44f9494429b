"""Rows as a month at an operator brings them: shared outages or many, automatic or with a notice, claims, and all mixed.

Numbers that go through all rows are made by multiplying with primes, so that every run asks the same.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bench.questions import AS_OF, HOUR_SECONDS, shanghai
from bench.rows import Batch, shared, subscribers
from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb

OUTAGES_OF_A_MONTH: Final = 200
_MONTH_SECONDS: Final = 28 * 24 * HOUR_SECONDS
_CAUSES: Final = tuple(range(1, len(facts_pb.Cause.values())))
_CHANNELS: Final = tuple(range(1, len(facts_pb.ClaimChannel.values())))


def with_notice(batch: Batch) -> Batch:
    """The same, with the message to send for each."""
    asked = Batch()
    asked.CopyFrom(batch)
    asked.defaults.mode = service_pb.MODE_PROACTIVE_NOTICE
    return asked


def month(rows: int) -> Batch:
    """Each row hit by one of two hundred outages of a month, of all causes."""
    message = subscribers(rows)
    for number, item in enumerate(message.items):
        _add(item, number * 7 % OUTAGES_OF_A_MONTH, 1)
    return message


def claims(rows: int) -> Batch:
    """Applications, each for some hours around an outage on record."""
    message = subscribers(rows)
    message.defaults.mode = service_pb.MODE_APPLICATION
    for number, item in enumerate(message.items):
        _add(item, number * 7 % OUTAGES_OF_A_MONTH, 1)
        _claim(item, number)
    return message


def dense(rows: int) -> Batch:
    """One to three outages, all causes, claims, notices, caps and what was granted before: hardly two rows alike."""
    message = subscribers(rows)
    for number, item in enumerate(message.items):
        for place in range(1 + number % 3):
            _add(item, number * 104_729 + place * 7_919, place + 1)
        subscriber = item.subscriber
        subscriber.granted_this_cycle.quantities["data"] = number * 15_485_863 % (30 << 30)
        if number % 4 == 1:
            before = item.granted_before.add(outage_id=item.outages[0].outage_id, benefit="data")
            before.quantity = number * 32_452_843 % (2 << 30)
            subscriber.granted_this_cycle.quantities["data"] += before.quantity
        if number % 5 == 2:
            item.mode = service_pb.MODE_APPLICATION
            _claim(item, number)
        elif number % 5 == 3:
            item.mode = service_pb.MODE_PROACTIVE_NOTICE
    return message


def _add(item: service_pb.ComputeCompensationRequest, seed: int, place: int) -> None:
    start = shanghai(2026, 3, 1, 0) + seed * 86_413 % _MONTH_SECONDS
    outage = item.outages.add(outage_id=f"outage-{seed}-{place}", impact=facts_pb.Impact.Value("IMPACT_LOSS"))
    outage.cause = _CAUSES[seed % len(_CAUSES)]  # type: ignore[assignment]
    if seed % 3 == 0:
        outage.impact = facts_pb.IMPACT_DEGRADED
    outage.started_at.seconds = start
    outage.ended_at.seconds = start + HOUR_SECONDS // 2 + seed * 611_953 % (20 * HOUR_SECONDS)
    if outage.cause in (facts_pb.CAUSE_CONSTRUCTION_DAMAGE, facts_pb.CAUSE_POWER_SUPPLY, facts_pb.CAUSE_UPSTREAM_CARRIER):
        outage.responsible_party = f"contractor-{seed % 10}"


def _claim(item: service_pb.ComputeCompensationRequest, number: int) -> None:
    outage, claim = item.outages[0], item.claim
    claim.channel = _CHANNELS[number % len(_CHANNELS)]  # type: ignore[assignment]
    claim.started_at.seconds = outage.started_at.seconds - number * 601 % (2 * HOUR_SECONDS)
    claim.ended_at.seconds = outage.ended_at.seconds - number * 307 % (HOUR_SECONDS // 4)
    claim.claimed_at.seconds = min(outage.ended_at.seconds + 86_400 * (number % 40), AS_OF)


MIXES: Final[Mapping[str, Callable[[int], Batch]]] = MappingProxyType(
    {
        "one outage for all": shared,
        "one outage for all, with notice": lambda rows: with_notice(shared(rows)),
        "a month of 200 outages": month,
        "a month of 200 outages, with notice": lambda rows: with_notice(month(rows)),
        "claims": claims,
        "all mixed": dense,
    }
)
"""By name, what makes so many rows of each."""
