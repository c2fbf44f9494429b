"""Numbers at and beside the limits of requests, of 32 and of 64 bits, and far beyond, wherever a request holds one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, Final

from policy.calculator.request import AttributeValue, Instant, Interval, Money, Request

TAKEN: Final = (2**31 - 1, 2**31, 2**32, 2**53, 2**56 - 1, 2**56)
"""Taken from a caller, so that what comes of them is wide."""
NUMBERS: Final = (*TAKEN, 2**56 + 1, 2**62, 2**63 - 1, 2**63, 2**64, 10**25, -1, -(2**31), -(2**63), -(2**63) - 1)
INSTANTS: Final = (0, 1, 2**31, 2**32, 4_102_444_799, 4_102_444_800, 4_102_444_801, *NUMBERS)
OF_ATTRIBUTES: Final = tuple(each for each in INSTANTS if -(2**63) <= each < 2**63)
"""Farther off than 64 bits, an attribute's instant breaks the decision's id today; no message can hold one."""
Widening = Callable[[Request, str, Random, Sequence[int]], Request]


def widened(request: Request, benefit: str, random: Random) -> Request:
    """The request with one to three numbers of it replaced or added; ``benefit``: a name that quantities may go by.

    Every other time only with numbers that are taken, but for instants.
    """
    numbers = random.choice((TAKEN, NUMBERS))
    for _ in range(random.choice((1, 1, 2, 3))):
        request = random.choice(WIDENINGS)(request, benefit, random, numbers)
    return request


def _granted(request: Request, benefit: str, random: Random, numbers: Sequence[int]) -> Request:
    return replace(request, already_granted={**request.already_granted, benefit: random.choice(numbers)})


def _cycle(request: Request, benefit: str, random: Random, numbers: Sequence[int]) -> Request:
    granted = (request.subscriber and request.subscriber.granted_this_cycle) or {}
    return _of_subscriber(request, granted_this_cycle={**granted, benefit: random.choice(numbers)})


def _fee(request: Request, _: str, random: Random, numbers: Sequence[int]) -> Request:
    fee = request.subscriber and request.subscriber.monthly_fee
    return _of_subscriber(request, monthly_fee=replace(fee, amount_minor=random.choice(numbers)) if fee else None)


def _bytes(request: Request, _: str, random: Random, numbers: Sequence[int]) -> Request:
    names = ("data_allowance_bytes", "data_remaining_bytes")
    return _of_subscriber(request, **{random.choice(names): random.choice(numbers) for _ in range(2)})


def _attributes(request: Request, _: str, random: Random, numbers: Sequence[int]) -> Request:
    """Of the subscriber, and of every outage."""
    outages = tuple(replace(each, attributes=_all_wide(each.attributes, random, numbers)) for each in request.outages)
    told = request.subscriber.attributes if request.subscriber else {}
    return _of_subscriber(replace(request, outages=outages), attributes=_all_wide(told, random, numbers))


def _instants(request: Request, _: str, random: Random, __: Sequence[int]) -> Request:
    """An instant of an outage, of the claim or of the cycle, or the one at which all is looked at."""
    at = random.choice(INSTANTS)
    match random.randrange(4):
        case 0 if request.outages:
            index = random.randrange(len(request.outages))
            changes: dict[str, Any] = {random.choice(("started_at", "ended_at", "reported_at", "announced_at")): at}
            changed = replace(request.outages[index], **changes)
            return replace(request, outages=(*request.outages[:index], changed, *request.outages[index + 1 :]))
        case 1 if request.claim is not None:
            changes = {random.choice(("started_at", "ended_at", "claimed_at")): at}
            return replace(request, claim=replace(request.claim, **changes))
        case 2:
            cycle = (request.subscriber and request.subscriber.billing_cycle) or Interval(0, 1)
            changed_cycle = random.choice((replace(cycle, started_at=at), replace(cycle, ended_at=at)))
            return _of_subscriber(request, billing_cycle=changed_cycle)
    return replace(request, as_of=at)


WIDENINGS: Final[tuple[Widening, ...]] = (_granted, _cycle, _fee, _bytes, _attributes, _attributes, _instants)


def _of_subscriber(request: Request, **changes: Any) -> Request:
    return replace(request, subscriber=request.subscriber and replace(request.subscriber, **changes))


def _all_wide(
    attributes: Mapping[str, AttributeValue | None], random: Random, numbers: Sequence[int]
) -> Mapping[str, AttributeValue | None]:
    return {name: _wide(value, random, numbers) if random.randrange(2) else value for name, value in attributes.items()}


def _wide(value: AttributeValue | None, random: Random, numbers: Sequence[int]) -> AttributeValue | None:
    """The same kind of value; a code, a date, yes and no stay as they are."""
    match value:
        case bool():
            return value
        case int():
            return random.choice(numbers)
        case Fraction():
            return Fraction(random.choice(numbers), random.choice((1, 3, 2**62, 2**63 - 1, 10**30)))
        case Money(currency_code=currency_code):
            return Money(currency_code, random.choice(numbers))
        case Instant():
            return Instant(random.choice(OF_ATTRIBUTES))
        case tuple():
            start = random.choice(INSTANTS)
            return (*value, Interval(start, random.choice((start, start + 1, random.choice(INSTANTS)))))
        case _:
            return value
