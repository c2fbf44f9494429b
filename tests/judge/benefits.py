"""Benefits: components joined, less what is set off, rounded once, then bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from policy.calculator import rules
from tests.judge.amounts import ClockOf, Paid, component_amount
from tests.judge.clocks import Almanac, which_pass
from tests.judge.facts import Unknown
from tests.judge.values import all_unknown, amount_of, any_holds, compare, holds

ORDER: Final = (
    "CUSTOMER_NOT_COVERED", "SERVICE_NOT_COVERED", "NO_MATCHING_OUTAGE", "CLAIM_TOO_LATE", "OUTAGE_NOT_COVERED",
    "EXCLUDED_CAUSE", "WITHIN_GRACE", "BELOW_MINIMUM_DURATION", "NOTHING_TO_COUNT", "ROUNDS_TO_ZERO", "ALREADY_GRANTED",
    "CAP_EXHAUSTED", "AMOUNT_AT_DISCRETION",
)  # fmt: skip
"""Reasons for nothing, in the order in which a benefit meets them."""


@dataclass(slots=True)
class Benefit:
    """A benefit as far as it came: ``quantity`` above 0, or ``refused``, or ``unknown``.

    ``counted``: the components of which some units were counted. ``asked_the_cycle``: it came to its cap per cycle.
    """

    rule: rules.Benefit
    quantity: int = 0
    refused: str = ""
    unknown: Unknown | None = None
    capped: bool = False
    claim_required: bool = False
    at_discretion: bool = False
    asked_the_cycle: bool = False
    counted: Sequence[rules.Component] = ()

    @property
    def reached_amounts(self) -> bool:
        """Whether anything was counted, or found not to be there to count."""
        return bool(self.quantity) or (self.refused != "" and ORDER.index(self.refused) >= ORDER.index("NOTHING_TO_COUNT"))


def furthest(reasons: Sequence[str]) -> str:
    """The reason that stands last in the order."""
    return max(reasons, key=ORDER.index)


def benefit_of(rule: rules.Benefit, clock_of: ClockOf, almanac: Almanac) -> Benefit:
    """A benefit."""
    benefit = Benefit(rule)
    meant = True if rule.when is None else holds(rule.when, almanac.reader)
    if isinstance(meant, Unknown):
        benefit.unknown = meant
    elif not meant:
        benefit.refused = "CUSTOMER_NOT_COVERED"
    else:
        paid = [component_amount(each, clock_of, almanac) for each in rule.components]
        _join(benefit, paid, almanac)
        if benefit.quantity:
            _grant(benefit, clock_of, almanac)
    return benefit


def _join(benefit: Benefit, paid: list[Paid], almanac: Almanac) -> None:
    if unknown := all_unknown(paid):
        benefit.unknown = unknown
        return
    rule = benefit.rule
    reasons = [each for each in paid if isinstance(each, str)]
    amounts = [each for each in paid if isinstance(each, Fraction)]
    benefit.at_discretion = "AMOUNT_AT_DISCRETION" in reasons
    benefit.counted = [
        component
        for component, each in zip(rule.components, paid, strict=True)
        if isinstance(each, Fraction) or each in ("NOTHING_TO_COUNT", "AMOUNT_AT_DISCRETION")
    ]
    if not amounts:
        benefit.refused = furthest(reasons)
        return
    joined = max(amounts) if rule.join == "larger" else sum(amounts, Fraction(0))
    set_off = Fraction(0) if rule.minus is None else amount_of(rule.minus, almanac.reader)
    if isinstance(set_off, Unknown):
        benefit.unknown = set_off
        return
    _bound(benefit, rounded(max(joined - set_off, Fraction(0)), rule.rounding, rule.unit), almanac)
    if benefit.refused and benefit.at_discretion:
        benefit.refused = "AMOUNT_AT_DISCRETION"


def rounded(amount: Fraction, how: rules.Rounding, unit: int) -> int:
    """Up, down or half up to a multiple of a unit."""
    steps = amount / unit
    return {"up": ceil(steps), "down": floor(steps), "half up": floor(steps + Fraction(1, 2))}[how] * unit


def _bound(benefit: Benefit, quantity: int, almanac: Almanac) -> None:
    """The minimum, the cap of a decision, what was granted before, the cap of a cycle. The last three can leave nothing."""
    rule, reader = benefit.rule, almanac.reader
    if quantity == 0:
        benefit.refused = "ROUNDS_TO_ZERO"
        return
    benefit.asked_the_cycle = rule.at_most_per_cycle is not None
    least, most, cycle = (
        None if each is None else amount_of(each, reader) for each in (rule.at_least, rule.at_most, rule.at_most_per_cycle)
    )
    benefit.unknown = all_unknown((least, most, cycle))
    if isinstance(least, Fraction):
        quantity = max(quantity, rounded(least, "up", rule.unit))
    if isinstance(most, Fraction):
        quantity = _capped(benefit, quantity, rounded(most, "down", rule.unit))
    left = max(0, quantity - reader.request.already_granted.get(rule.name, 0))
    if quantity and not left:
        benefit.refused = "ALREADY_GRANTED"
    if isinstance(cycle, Fraction):
        assert reader.request.subscriber is not None
        granted = (reader.request.subscriber.granted_this_cycle or {}).get(rule.name, 0)
        left = _capped(benefit, left, rounded(max(cycle - granted, Fraction(0)), "down", rule.unit))
    if not left:
        benefit.refused = benefit.refused or "CAP_EXHAUSTED"
    benefit.quantity = 0 if benefit.unknown else left


def _capped(benefit: Benefit, quantity: int, cap: int) -> int:
    benefit.capped = benefit.capped or cap < quantity
    return min(quantity, cap)


def _grant(benefit: Benefit, clock_of: ClockOf, almanac: Almanac) -> None:
    """``granted``: whether a claim is needed that was not made."""
    granted = benefit.rule.granted
    if granted.how == "automatically" or almanac.reader.request.claim is not None:
        return
    if granted.how == "on claim":
        benefit.claim_required = True
    elif granted.amount is not None:
        op, limit = granted.amount
        benefit.claim_required = not compare(benefit.quantity, limit, op)
    elif granted.time is not None:
        clocks = {each.clock.name: each.clock for each in benefit.counted if each.clock is not None}
        kept = [list(clock_of(each).kept) for each in clocks.values()]
        met = any_holds(known for pieces in kept for known in which_pass(granted.time, pieces, almanac))
        if isinstance(met, Unknown):
            benefit.unknown, benefit.quantity = met, 0
        else:
            benefit.claim_required = not met
