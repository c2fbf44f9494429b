"""The answer in comparable form, whoever gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import NamedTuple


class Because(NamedTuple):
    """A reason: its code, and the field or the benefit that it is about."""

    code: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, by what it means: ``bookable`` are the benefits that can be booked, ``error`` a refusal in its place.

    ``unpublished`` and ``unsettled``: the clauses that CALENDAR_NOT_PUBLISHED and RULE_UNSETTLED cite.
    """

    error: str = ""
    outcome: str = ""
    reasons: frozenset[Because] = frozenset()
    warnings: frozenset[str] = frozenset()
    unpublished: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    grants: Mapping[str, int] = field(default_factory=dict)
    bookable: frozenset[str] = frozenset()
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None


def differences(one: Verdict, other: Verdict) -> dict[str, tuple[object, object]]:
    """The fields in which two answers differ."""
    pairs = {each.name: (getattr(one, each.name), getattr(other, each.name)) for each in fields(Verdict)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
