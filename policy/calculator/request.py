"""The question that the calculator answers, as plain facts.

Instants are whole seconds since 1970-01-01T00:00:00Z; intervals are half-open, [started_at, ended_at).
A code is one of the words of :mod:`policy.calculator.codes`; "" means that it was not given.
None means not known. Nothing here is checked on construction: :mod:`policy.calculator.validate` reports every
offending field at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of its currency."""

    currency_code: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Instant:
    """An attribute's instant, seconds since 1970 UTC; wrapped, so that it is no plain number."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open span of time in seconds since 1970 UTC."""

    started_at: int
    ended_at: int


AttributeValue = int | Fraction | str | bool | Money | Instant | date | tuple[Interval, ...]
"""What an attribute can hold; the policy that reads it declares which."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The subscriber, as at the start of the outage. Field by field as the contract's message of that name.

    ``granted_by_month``: by local month, "2026-03"; a month that is no key is not known, one with nothing in it was granted
    nothing.
    """

    subscriber_id: str
    plan_type: str = ""
    monthly_fee: Money | None = None
    data_allowance_bytes: int | None = None
    data_remaining_bytes: int | None = None
    value_added_services: tuple[str, ...] = ()
    customer_type: str = ""
    payment: str = ""
    time_zone: str = ""
    billing_cycle: Interval | None = None
    granted_this_cycle: Mapping[str, int] | None = None
    granted_by_month: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    attributes: Mapping[str, AttributeValue | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage as recorded. ``started_at`` None is malformed; ``ended_at`` None means ongoing."""

    outage_id: str
    started_at: int | None
    ended_at: int | None = None
    cause: str = ""
    impact: str = ""
    services: tuple[str, ...] = ()
    responsible_party: str = ""
    reported_at: int | None = None
    announced_at: int | None = None
    areas: tuple[str, ...] = ()
    time_source: str = ""
    attributes: Mapping[str, AttributeValue | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A customer's application: how, when, and for which interval. ``earlier``: the intervals of claims accepted before."""

    channel: str
    claimed_at: int | None
    started_at: int | None
    ended_at: int | None
    earlier: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantedBefore:
    """What was granted before for an outage. ``month``, "2026-03": only of a benefit that is for each month."""

    outage_id: str
    benefit: str
    quantity: int
    month: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRequest:
    """Which messages to write; "" and () mean all that the policy has templates for."""

    channel: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A question about one subscriber.

    ``as_of`` is the instant at which the facts are looked at; the caller of the calculator supplies it, for the
    calculator has no clock. ``already_granted``, by benefit, is what was granted before for the only outage of the request;
    ``granted_before`` says it by outage. ``explain`` never changes the answer, nor does ``expected_sha256``, the digest of the
    version that is expected to decide ("": whichever does).
    """

    subscriber: Subscriber | None
    outages: tuple[Outage, ...]
    mode: str
    as_of: int
    policy_id: str = ""
    version: str = ""
    claim: Claim | None = None
    notice: NoticeRequest | None = None
    already_granted: Mapping[str, int] = field(default_factory=dict)
    granted_before: tuple[GrantedBefore, ...] = ()
    explain: str = "NONE"
    expected_sha256: str = ""
