"""Benefits: worked out for each occasion by itself; components joined, less what is set off, rounded once, then bounded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Final

from policy.calculator import rules
from tests.judge.account import Account
from tests.judge.amounts import Here, Paid, component_amount
from tests.judge.facts import Unknown
from tests.judge.occasions import Occasion
from tests.judge.there import There, holds_without_time, which_pass
from tests.judge.values import all_unknown, amount_of, any_holds, holds, words_of

ORDER: Final = (
    "CUSTOMER_NOT_COVERED", "SERVICE_NOT_COVERED", "NO_MATCHING_OUTAGE", "CLAIM_TOO_LATE", "OUTAGE_NOT_COVERED",
    "EXCLUDED_CAUSE", "WITHIN_GRACE", "BELOW_MINIMUM_DURATION", "NOTHING_TO_COUNT", "ROUNDS_TO_ZERO", "ALREADY_GRANTED",
    "CAP_EXHAUSTED", "AMOUNT_AT_DISCRETION",
)  # fmt: skip
"""Reasons for nothing, in the order in which a benefit meets them."""


@dataclass(slots=True)
class Worked:
    """A benefit in an occasion as far as it came: ``quantity`` above 0, or ``refused``, or ``unknown``.

    ``counted``: the components of which some units were counted. ``asked_the_cycle``: it came to that cap.
    ``month_asked``: of what month it came to the cap. ``granted_before``: what of that was used up here. ``meant``: its
    ``when`` holds here; ``asked``: the clocks of the components that are meant here.
    """

    rule: rules.Benefit
    here: Here
    quantity: int = 0
    refused: str = ""
    unknown: Unknown | None = None
    granted_before: int = 0
    capped: bool = False
    claim_required: bool = False
    at_discretion: bool = False
    asked_the_cycle: bool = False
    month_asked: str = ""
    meant: bool = False
    counted: Sequence[rules.Component] = ()
    asked: Mapping[str, There] = field(default_factory=dict)

    @property
    def occasion(self) -> Occasion:
        return self.here.occasion

    @property
    def reached_amounts(self) -> bool:
        """Whether anything was counted, or found not to be there to count."""
        return bool(self.quantity) or (self.refused != "" and ORDER.index(self.refused) >= ORDER.index("NOTHING_TO_COUNT"))

    @property
    def is_grant(self) -> bool:
        """Not a quote: it has ended, and need not be claimed first."""
        return self.quantity > 0 and not self.occasion.goes_on and not self.claim_required

    def clocks(self) -> list[There]:
        """Those of the components that came to count."""
        names = {each.clock.name: each.clock for each in self.counted if each.clock is not None}
        return [self.here.clocks[name] for name in names]

    def kept(self) -> bool:
        """Whether a clock that was asked keeps time in the occasion."""
        return any(each.kept for each in self.asked.values())


def furthest(reasons: Sequence[str]) -> str:
    """The reason that stands last in the order."""
    return max(reasons, key=ORDER.index)


def worked_out(rule: rules.Benefit, here: Here, account: Account) -> Worked:
    """A benefit in one occasion; ``account`` is what its earlier occasions left."""
    worked = Worked(rule, here)
    meant = True if rule.when is None else holds(rule.when, here.reader)
    if meant is False:
        worked.refused = "CUSTOMER_NOT_COVERED"
        return worked
    worked.asked = dict(_asked(rule, here))
    if isinstance(meant, Unknown):
        worked.unknown = meant
        return worked
    worked.meant = True
    _join(worked, [component_amount(each, here) for each in rule.components], account)
    return worked


def _asked(rule: rules.Benefit, here: Here) -> Iterator[tuple[str, There]]:
    """The clocks of components that are meant here, or of which that is not known."""
    for component in rule.components:
        if component.clock is not None and (component.when is None or holds(component.when, here.reader) is not False):
            yield component.clock.name, here.clocks[component.clock.name]


def _join(worked: Worked, paid: list[Paid], account: Account) -> None:
    if unknown := all_unknown(paid):
        worked.unknown = unknown
        return
    rule, reader = worked.rule, worked.here.reader
    reasons = [each for each in paid if isinstance(each, str)]
    amounts = [each for each in paid if isinstance(each, Fraction)]
    worked.at_discretion = "AMOUNT_AT_DISCRETION" in reasons
    worked.counted = [
        component
        for component, each in zip(rule.components, paid, strict=True)
        if isinstance(each, Fraction) or each in ("NOTHING_TO_COUNT", "AMOUNT_AT_DISCRETION")
    ]
    if not amounts:
        worked.refused = furthest(reasons)
        return
    joined = max(amounts) if rule.join == "larger" else sum(amounts, Fraction(0))
    set_off = Fraction(0) if rule.minus is None or not _is_set_off(rule.minus, worked) else amount_of(rule.minus, reader)
    if isinstance(set_off, Unknown):
        worked.unknown = set_off
        return
    _bound(worked, rounded(max(joined - set_off, Fraction(0)), rule.rounding, rule.unit), account)
    if worked.refused and worked.at_discretion:
        worked.refused = "AMOUNT_AT_DISCRETION"


def _is_set_off(value: rules.Value, worked: Worked) -> bool:
    """What a fact of the subscriber says is of the request's cycle: it is not set off before or after it."""
    words = list(words_of(value))
    facts = [each for each in words if isinstance(each, rules.Fact) and each.of == "subscriber"]
    of_subscriber = bool(facts) or any(isinstance(each, rules.CycleShare) for each in words)
    return not (of_subscriber and worked.occasion.place in ("before", "after"))


def rounded(amount: Fraction, how: rules.Rounding, unit: int) -> int:
    """Up, down or half up to a multiple of a unit."""
    steps = amount / unit
    return {"up": ceil(steps), "down": floor(steps), "half up": floor(steps + Fraction(1, 2))}[how] * unit


def _bound(worked: Worked, quantity: int, account: Account) -> None:
    """The minimum, the cap, what was granted before, the caps of a cycle and a month. All but the first can leave nothing."""
    rule, reader = worked.rule, worked.here.reader
    if quantity == 0:
        worked.refused = "ROUNDS_TO_ZERO"
        return
    worked.asked_the_cycle = rule.at_most_per_cycle is not None
    worked.month_asked = account.month_of(worked.occasion) if rule.at_most_per_month is not None else ""
    bounds = (rule.at_least, rule.at_most, rule.at_most_per_cycle, rule.at_most_per_month)
    least, most, cycle, month = (None if each is None else amount_of(each, reader) for each in bounds)
    if unknown := all_unknown((least, most, cycle, month)):
        worked.unknown = unknown
        return
    if isinstance(least, Fraction):
        quantity = max(quantity, rounded(least, "up", rule.unit))
    if isinstance(most, Fraction):
        quantity = _capped(worked, quantity, most)
    worked.granted_before = account.use_up(worked.occasion, quantity)
    left = quantity - worked.granted_before
    if quantity and not left:
        worked.refused = "ALREADY_GRANTED"
    if isinstance(cycle, Fraction):
        left = _capped(worked, left, cycle - account.this_cycle)
    if isinstance(month, Fraction):
        left = _capped(worked, left, month - account.in_month_of(worked.occasion))
    if not left:
        worked.refused = worked.refused or "CAP_EXHAUSTED"
        return
    worked.quantity = left
    _grant(worked, quantity)
    if worked.is_grant:
        account.book(worked.occasion, left)


def _capped(worked: Worked, quantity: int, cap: Fraction) -> int:
    """A cap is taken down to the unit, and not below 0."""
    whole = rounded(max(cap, Fraction(0)), "down", worked.rule.unit)
    worked.capped = worked.capped or whole < quantity
    return min(quantity, whole)


def _grant(worked: Worked, amount: int) -> None:
    """``granted``: whether a claim is needed that was not made. ``amount``: what is owed in all, granted before or not."""
    granted, almanac = worked.rule.granted, worked.here.almanac
    if granted.how == "automatically" or almanac.reader.request.claim is not None:
        return
    if granted.how == "on claim":
        worked.claim_required = True
    elif granted.when is not None:
        clocks = worked.clocks()
        reader, bound = worked.here.reader, granted.when
        of_time = [known for each in clocks for known in which_pass(bound, list(each.kept), almanac, reader, amount)]
        met = any_holds((holds_without_time(bound, reader, amount), *of_time))
        if isinstance(met, Unknown):
            worked.unknown, worked.quantity = met, 0
        else:
            worked.claim_required = not met
