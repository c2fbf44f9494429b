"""The answer: what is owed, why, and under which clause.

Quantities are in the unit that the benefit's kind fixes: bytes, seconds, days, minor units, seconds, basis points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from policy.calculator.request import Interval


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the outcome is what it is. ``field`` is a path in the request; ``benefit`` a name in the policy; "" none."""

    code: str
    clause: str = ""
    field: str = ""
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class Warn:
    """What the reader of a decision should know besides."""

    code: str
    clause: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class OutagePart:
    """An outage's part of a grant, in the grant's unit; 0 where all its time counts for another."""

    outage_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing to book; ``quantity`` is above 0.

    ``occasion`` is a place in :attr:`Decision.occasions`; ``parts``: of each of its outages, by id; they sum to the quantity.
    ``granted_before``: what of what was granted before was used up in the occasion.
    """

    grant_key: str
    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    window: Interval | None
    clause: str
    occasion: int
    parts: tuple[OutagePart, ...]
    granted_before: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What would be owed, but cannot be booked: an outage of its occasion goes on, or it is owed on a claim only."""

    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    window: Interval | None
    clause: str
    occasion: int


@dataclass(frozen=True, slots=True)
class Occasion:
    """What some benefits were worked out for, and what became of it.

    ``started_at`` and ``ended_at`` (so far, while it goes on) are of the time that counts; ``outage_ids`` of all outages that
    have time in it, by id. ``month``, "2026-03", and ``billing_cycle`` only where that is the occasion.
    """

    started_at: int
    ended_at: int
    outage_ids: tuple[str, ...]
    month: str
    billing_cycle: Interval | None
    outcome: str
    reasons: tuple[Reason, ...]
    benefits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutageAmount:
    """What is owed for one outage, minor units."""

    outage_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Recourse:
    """What a third party owes for grants made, minor units of ``currency_code``, above 0; and for which outages, by id."""

    responsible_party: str
    amount_minor: int
    currency_code: str
    outages: tuple[OutageAmount, ...]


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """One message to send; ``segments`` and ``encoding`` only for a short message."""

    channel: str
    language: str
    title: str
    body: str
    segments: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Input:
    """A named input of an explanation line, its exact value as text."""

    name: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One step: the rule's place in the policy, its clause, what it read, and the exact result as text."""

    rule: str
    clause: str
    applied: bool
    inputs: tuple[Input, ...]
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The steps in the order taken, and the clause texts they cite: id to text by language tag."""

    lines: tuple[Line, ...]
    clauses: tuple[tuple[str, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which policy decided: id, version, digest of the version's canonical form, version of the engine and its data."""

    policy_id: str
    version: str
    sha256: str
    engine_version: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision.

    ``reasons`` are of all occasions together. ``corrections``: a word of :data:`policy.calculator.codes.CORRECTIONS`.
    ``clock_seconds`` and ``weighted_seconds`` are None where the decision ended before measuring.
    """

    decision_id: str
    outcome: str
    reasons: tuple[Reason, ...]
    warnings: tuple[Warn, ...]
    grants: tuple[Grant, ...]
    quotes: tuple[Quote, ...]
    occasions: tuple[Occasion, ...]
    recourse: tuple[Recourse, ...]
    notice: tuple[NoticeMessage, ...]
    explanation: Explanation | None
    policy: Stamp
    as_of: int
    clock_seconds: int | None
    weighted_seconds: Fraction | None
    corrections: str

    @property
    def owed(self) -> tuple[Grant | Quote, ...]:
        """What is granted, and then what is quoted."""
        return (*self.grants, *self.quotes)
