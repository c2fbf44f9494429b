"""Recourse: what third parties owe the operator for grants made. The customer's grant never waits for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import lcm

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.benefit import round_to
from policy.calculator.clock import ClockRun, measured_time
from policy.calculator.conditions import compile_condition
from policy.calculator.counting import plain_time
from policy.calculator.facts import Missing, Row
from policy.calculator.overlay import Span
from policy.calculator.values import Values


@dataclass(frozen=True, slots=True)
class Shares:
    """Measured time by liable third party (outages of one party together), and of all outages, over one denominator."""

    by_party: Mapping[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class RecourseRun:
    """What the parties owe together, in minor units, and each, by name; claims of 0 are left out."""

    shares: Shares
    value_numerator: int
    value_denominator: int
    together_minor: int
    by_party_minor: Mapping[str, int]


class Recourse:
    """Compiled recourse."""

    def __init__(self, rule: rules.RecourseRule, values: Values, almanac: Almanac) -> None:
        self.rule = rule
        self._almanac = almanac
        self._owed_by = compile_condition(rule.owed_by, values, of_outage=True)
        self.value_denominator = lcm(*(value.denominator for value in rule.value_minor_per_unit.values()))
        self.value_numerators = {name: int(value * self.value_denominator) for name, value in rule.value_minor_per_unit.items()}

    def shares(self, row: Row, clock: ClockRun) -> Shares:
        """Who of the third parties owns how much of the clock's time; the empty name is a party that was not named.

        Raises Missing where it is not known whose time it was.
        """
        by_party: dict[str, int] = {}
        total = 0
        missing: dict[str, str] = {}
        for spans in self._by_owner(clock):
            weight = self._weight(row, clock, spans)
            total += weight
            view = spans[0].view
            try:
                if weight and self._owed_by(view):
                    party = view.outage.responsible_party
                    by_party[party] = by_party.get(party, 0) + weight
            except Missing as unknown:
                missing |= unknown.fields
        if missing:
            raise Missing(missing)
        return Shares(by_party, total)

    @staticmethod
    def _by_owner(clock: ClockRun) -> Iterable[list[Span]]:
        if len(clock.liable) == 1:
            return [clock.spans]
        owned: dict[int, list[Span]] = {}
        for span in clock.spans:
            owned.setdefault(span.view.index, []).append(span)
        return owned.values()

    def _weight(self, row: Row, clock: ClockRun, spans: list[Span]) -> int:
        measure = self.rule.measure
        if measure is None:
            return plain_time(spans)
        density = self._almanac.density(row, measure)
        return clock.measured(density, measure) if spans is clock.spans else measured_time(density, spans)

    def run(self, shares: Shares, quantities: Mapping[str, int]) -> RecourseRun:
        """The claims for ``quantities`` granted, by benefit name, in base units."""
        rule = self.rule
        value = sum(quantity * self.value_numerators.get(name, 0) for name, quantity in quantities.items())
        third = sum(shares.by_party.values())
        if not third:
            return RecourseRun(shares, value, self.value_denominator, 0, {})
        numerator = value * rule.share.numerator * third
        denominator = self.value_denominator * rule.share.denominator * shares.total * rule.unit_minor
        units = round_to(numerator, denominator, rule.rounding)
        split = largest_remainder(units, shares.by_party)
        owed = {party: split[party] * rule.unit_minor for party in sorted(split) if split[party]}
        return RecourseRun(shares, value, self.value_denominator, units * rule.unit_minor, owed)


def largest_remainder(units: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``units`` split in proportion to ``weights``, so that the parts sum to the total; ties go to the smaller name."""
    total = sum(weights.values())
    parts = {name: units * weight // total for name, weight in weights.items()}
    left = units - sum(parts.values())
    for name in sorted(weights, key=lambda name: (-(units * weights[name] % total), name))[:left]:
        parts[name] += 1
    return parts
