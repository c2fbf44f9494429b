"""The facts that every policy can read by name, because the contract has a field for them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policy.calculator import codes, rules


def _core(name: str, of: rules.Of, kind: rules.FactType, field: str, known: tuple[str, ...] = ()) -> rules.Fact:
    return rules.Fact(name=name, of=of, type=kind, field=field, attribute=False, codes=known)


CORE_FACTS: Final[Mapping[str, rules.Fact]] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            _core("monthly_fee", "subscriber", "money", "subscriber.monthly_fee"),
            _core("data_allowance", "subscriber", "bytes", "subscriber.data_allowance_bytes"),
            _core("data_remaining", "subscriber", "bytes", "subscriber.data_remaining_bytes"),
            _core("plan_type", "subscriber", "codes", "subscriber.plan_type", codes.PLAN_TYPES),
            _core("customer_type", "subscriber", "codes", "subscriber.customer_type", codes.CUSTOMER_TYPES),
            _core("payment", "subscriber", "codes", "subscriber.payment", codes.PAYMENTS),
            _core("value_added_services", "subscriber", "number", "subscriber.value_added_services"),
            _core("cause", "outage", "codes", "outages[].cause", codes.CAUSES),
            _core("impact", "outage", "codes", "outages[].impact", codes.IMPACTS),
            _core("started_at", "outage", "instant", "outages[].started_at"),
            _core("ended_at", "outage", "instant", "outages[].ended_at"),
            _core("reported_at", "outage", "instant", "outages[].reported_at"),
            _core("announced_at", "outage", "instant", "outages[].announced_at"),
            _core("notice", "outage", "seconds", "outages[].announced_at"),
            _core("claim", "claim", "codes", "claim", ("MADE", "NONE")),
            _core("claimed_at", "claim", "instant", "claim.claimed_at"),
            _core("as_of", "request", "instant", "as_of"),
        )
    }
)
"""By name. ``value_added_services`` is read as their number; ``notice`` is start less announcement, 0 where there is none."""

SPECIAL_SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "time_of_day": "it is the subject of by: in a measure",
        "day_kind": "it is the subject of by: in a measure",
        "nth": "it is the subject of by: directly under pay",
        "count": "it is the subject of by: directly under pay",
        "days_in_month": "it divides, as in 1/days_in_month of monthly_fee",
        "days_in_cycle": "it divides, as in 1/days_in_cycle of monthly_fee",
        "billing_cycle": "time is looked at by it: only: {billing cycle: more than 24 h}, of each: billing cycle",
        "amount": "it is tested under granted: {automatically when: ...}",
    }
)
"""Built-in names that are no facts, and where each stands."""


def attribute(
    name: str,
    of: rules.Of,
    kind: rules.FactType,
    known: tuple[str, ...] = (),
) -> rules.Fact:
    """A fact that a policy declares for itself; the request carries it as an attribute."""
    owner = "outages[]" if of == "outage" else "subscriber"
    return rules.Fact(name=name, of=of, type=kind, field=f'{owner}.attributes["{name}"]', attribute=True, codes=known)
