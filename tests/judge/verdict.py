"""The answer in comparable form, whoever gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import NamedTuple


class Because(NamedTuple):
    """A reason: its code, and the field or the benefit that it is about."""

    code: str
    about: str = ""


class Granted(NamedTuple):
    """One grant: the place of its occasion, its key, and its parts by outage."""

    occasion: int
    benefit: str
    quantity: int
    key: str
    parts: tuple[tuple[str, int], ...]


class Quoted(NamedTuple):
    """One quote."""

    occasion: int
    benefit: str
    quantity: int


class Decided(NamedTuple):
    """One occasion, and what became of it."""

    started_at: int
    ended_at: int
    outage_ids: tuple[str, ...]
    month: str
    cycle: tuple[int, int] | None
    outcome: str
    reasons: frozenset[Because]
    benefits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, by what it means; or ``error``, a refusal in its place.

    ``unpublished`` and ``unsettled``: the clauses that CALENDAR_NOT_PUBLISHED and RULE_UNSETTLED cite. ``recourse`` by party and
    outage.
    """

    error: str = ""
    outcome: str = ""
    reasons: frozenset[Because] = frozenset()
    warnings: frozenset[str] = frozenset()
    unpublished: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    grants: tuple[Granted, ...] = ()
    quotes: tuple[Quoted, ...] = ()
    occasions: tuple[Decided, ...] = ()
    recourse: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    corrections: str = ""


def differences(one: Verdict, other: Verdict) -> dict[str, tuple[object, object]]:
    """The fields in which two answers differ."""
    pairs = {each.name: (getattr(one, each.name), getattr(other, each.name)) for each in fields(Verdict)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
