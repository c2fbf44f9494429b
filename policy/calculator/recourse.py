"""Recourse: what third parties owe the operator for grants made. The customer's grant never waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm

from policy.calculator import rules


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


class Claims:
    """What is claimed of third parties for what was granted."""

    def __init__(self, rule: rules.RecourseRule) -> None:
        self.rule = rule
        self.value_denominator = lcm(*(value.denominator for value in rule.value_minor_per_unit.values()))
        self.value_numerators = {name: int(value * self.value_denominator) for name, value in rule.value_minor_per_unit.items()}

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


def round_to(numerator: int, denominator: int, rounding: rules.Rounding) -> int:
    """``numerator / denominator``, not negative, as a whole number: up, down, or half up."""
    match rounding:
        case "up":
            return -(-numerator // denominator)
        case "down":
            return numerator // denominator
        case "half up":
            return (2 * numerator + denominator) // (2 * denominator)
