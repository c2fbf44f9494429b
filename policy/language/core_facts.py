"""The words that are no facts though they stand where facts do, and the facts that a policy declares for itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policy.calculator import rules

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
        "length": "by: length chooses a value of a benefit by it, {length: at least 4 h} tests it under when: and granted:",
        "availability": "by: availability chooses a value of a benefit for each month or billing cycle by it",
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
