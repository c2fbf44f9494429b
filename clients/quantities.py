"""Quantities of benefits as people say them: 600, 10min, 1000MiB, 2days, 5.00 CNY, 10%.

A plain number is in the benefit's base unit. A unit fits benefits of its own kinds only, and of which kind a benefit is, the
server's policy says: 10 MiB of voice would otherwise be taken for ten million seconds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from clients import enums, parsing
from clients.errors import BadInput
from clients.units import BYTES_PER_UNIT
from makegood.v1 import decision_pb2, policy_service_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

_NUMBER_AND_UNIT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+|%)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_UNITS: dict[str, tuple[int, tuple[str, ...]]] = {
    **{unit: (size, ("DATA_BYTES",)) for unit, size in BYTES_PER_UNIT.items()},
    **{unit: (seconds, ("VOICE_SECONDS", "UNLIMITED_DATA")) for unit, seconds in (("s", 1), ("min", 60), ("h", 3600))},
    **dict.fromkeys(("day", "days"), (1, ("VALUE_ADDED_DAYS", "VALIDITY_DAYS"))),
    "%": (100, ("TOP_UP_BONUS",)),
}
"""Base units in a unit, and the benefit kinds that are counted in it."""
_VOLUMES = frozenset(("K", "G", "T", "KB", "MB", "GB", "TB"))
"""Units that count by 1000 or by 1024."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity that was written with a unit. ``kinds`` it fits; ``currency_code`` "" where it is no amount."""

    benefit: str
    text: str
    kinds: tuple[str, ...]
    currency_code: str = ""


def read(pair: str) -> tuple[str, int, Measured | None]:
    """BENEFIT=QUANTITY: the benefit, the quantity in its base unit, and what a unit says of it. Raises ValueError."""
    benefit, equals, text = (part.strip() for part in pair.partition("="))
    if not (equals and benefit and text):
        raise ValueError(f"{pair!r} is not BENEFIT=QUANTITY, for example data=1000MiB or voice=10min")
    match = _NUMBER_AND_UNIT.fullmatch(text)
    number, unit = match.groups() if match else ("", "")
    if unit is None:
        return benefit, parsing.whole(number), None
    unit = next((known for known in _UNITS if known.casefold() == unit.casefold()), unit)
    if unit in _UNITS:
        size, kinds = _UNITS[unit]
        exact = Decimal(number) * size
        if exact != exact.to_integral_value() or exact >= 2**63:
            raise ValueError(f"{pair!r} is not a whole number of bytes, seconds, days or hundredths of a percent in 64 bits")
        return benefit, int(exact), Measured(benefit, text, kinds)
    if unit.upper() in _VOLUMES:
        parsing.volume(text)  # says which volume may be meant
    if _CURRENCY.fullmatch(unit):
        return benefit, parsing.amount_minor(number, unit), Measured(benefit, text, ("CREDIT",), unit)
    raise ValueError(f"{pair!r}: a quantity has one of the units {', '.join(_UNITS)}, a currency (5.00 CNY), or none")


def policy_wanted(request: ComputeCompensationRequest) -> policy_service_pb2.GetPolicyRequest:
    """Asks for the policy that decides ``request``: where it names no version, the one in force when the first outage began."""
    wanted = policy_service_pb2.GetPolicyRequest(policy_id=request.policy.policy_id, version=request.policy.version)
    if request.outages and not wanted.version:
        began = datetime.fromtimestamp(min(outage.started_at.seconds for outage in request.outages), UTC)
        wanted.on.year, wanted.on.month, wanted.on.day = began.year, began.month, began.day
    return wanted


def check(measured: Iterable[Measured], policy: policy_service_pb2.GetPolicyResponse) -> None:
    """Hold units against what the policy grants. Raises BadInput; a benefit that it does not know is the server's to refuse."""
    benefits = {benefit.name: benefit for benefit in policy.benefits}
    problems: list[str] = []
    for each in measured:
        benefit = benefits.get(each.benefit)
        if benefit is None:
            continue
        kind = enums.code(decision_pb2.BenefitKind.DESCRIPTOR, benefit.kind)
        if kind not in each.kinds or benefit.currency_code != each.currency_code:
            counted = " ".join(filter(None, (kind, benefit.currency_code)))
            problems.append(f"  {each.benefit}={each.text}: {policy.policy_id} counts {each.benefit} as {counted}")
    if problems:
        raise BadInput("these quantities do not fit their benefits; write them in units that do, or as plain numbers", problems)
