"""Giving facts to a request by their names in the policy: those that are asked for, and usual ones for the rest."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.contract import SUBSCRIBER
from policy.calculator.reads import facts_of
from policy.calculator.request import Instant, Interval, Money, Outage, Subscriber
from policy.language.currencies import DECIMALS
from policy.tools.proving.lengths import DAY_SECONDS
from policy.tools.proving.witnesses import DENOMINATOR_VALUE, Assignment

_LONG_AGO: Final = date(2000, 1, 1)
_USUAL: Final[Mapping[str, int]] = {
    "number": 10, "ratio": 1, "bytes": DENOMINATOR_VALUE, "seconds": DAY_SECONDS,
}  # fmt: skip
_USUAL_FEE_MINOR: Final = 6_000
"""60.00 where a currency has two decimals; where it has none, units are so small that ten times as many are usual."""


class FactBuilder:
    """Gives the facts that a version reads."""

    def __init__(self, version: rules.Version) -> None:
        self.version = version
        decimals = DECIMALS[version.currency_code]
        self._usual_fee = _USUAL_FEE_MINOR * 10 ** (decimals - 2 if decimals else 1)
        self.facts = {fact.name: fact for fact in (*version.facts, *facts_of(version).values())}

    def subscriber(self, known: Assignment, origin: int) -> Subscriber:
        """A subscriber of whom every fact that is read is given; the outage falls in the billing cycle from ``origin`` on."""
        given = {fact.name: self.value(fact, known.get(fact.name)) for fact in self.facts.values() if fact.of == "subscriber"}
        if "billing_cycle" in given:
            given["billing_cycle"] = Interval(origin - DAY_SECONDS, origin + 29 * DAY_SECONDS)
        core = {_FIELDS[name]: value for name, value in given.items() if not self.facts[name].attribute}
        if "value_added_services" in core:
            core["value_added_services"] = _services(core["value_added_services"])
        attributes = {name: value for name, value in given.items() if self.facts[name].attribute}
        return Subscriber("s-1", granted_this_cycle={}, attributes=attributes, **core)

    def with_fact(self, subscriber: Subscriber, fact: rules.Fact, value: Any) -> Subscriber:
        """``subscriber`` with another value of one fact, in its base unit."""
        given = self.value(fact, value)
        if fact.attribute:
            return replace(subscriber, attributes={**subscriber.attributes, fact.name: given})
        if fact.name == "value_added_services":
            given = _services(given)
        return replace(subscriber, **{_FIELDS[fact.name]: given})

    def usual_outage(self, origin: int) -> Outage:
        """An outage that was reported, and known, when it began; the operator's own fault, and all is lost."""
        facts = [fact for fact in self.facts.values() if fact.of == "outage" and fact.attribute and fact.type != "intervals"]
        attributes = {fact.name: self.value(fact, origin if fact.type == "instant" else None) for fact in facts}
        return Outage("o-1", origin, None, codes.CAUSES[0], codes.IMPACTS[0], reported_at=origin, attributes=attributes)

    def outage(self, outage: Outage, known: Assignment) -> Outage:
        """``outage`` with the facts of ``known`` that are facts of an outage."""
        for name, value in known.items():
            fact = self.facts.get(name)
            if name == "services":
                outage = replace(outage, services=(value,))
            elif fact is not None and fact.of == "outage" and fact.attribute:
                outage = replace(outage, attributes={**outage.attributes, name: self.value(fact, value)})
            elif name == "notice":
                assert outage.started_at is not None  # INVARIANT: outages that are told have a start
                outage = replace(outage, announced_at=max(outage.started_at - int(value), 0))
            elif name in ("cause", "impact", "responsible_party", "reported_at", "announced_at"):
                outage = replace(outage, **{name: value})
        return outage

    def value(self, fact: rules.Fact, given: Any) -> Any:
        """``given``, in base units, as a request says it; None: a usual value."""
        match fact.type:
            case "codes":
                return given if given is not None else (fact.codes or ("",))[0]
            case "yes or no":
                return True if given is None else given
            case "date":
                return _LONG_AGO if given is None else date.fromordinal(int(given))
            case "instant":
                return Instant(given)
            case "intervals":
                return ()
        number = self._usual(fact) if given is None else given
        if fact.type == "money":
            return Money(self.version.currency_code, int(number))
        return Fraction(number) if fact.type == "ratio" else int(number)

    def _usual(self, fact: rules.Fact) -> int:
        usual = self._usual_fee if fact.type == "money" else _USUAL[fact.type]
        if fact.name == "data_remaining":
            usual //= 2
        return usual if fact.at_most is None else min(usual, fact.at_most)


def _services(count: int) -> tuple[str, ...]:
    """So many value-added services."""
    return tuple(f"service-{number}" for number in range(1, count + 1))


_FIELDS: Final[Mapping[str, str]] = {each.fact: each.name for each in SUBSCRIBER if each.fact} | {
    "billing_cycle": "billing_cycle"
}
"""The contract's field for each fact of a subscriber."""
