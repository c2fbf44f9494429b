"""One decision under way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.request import Request
from tests.judge.benefits import Benefit
from tests.judge.clocks import Almanac, Clock, narrowed
from tests.judge.facts import Told


@dataclass(slots=True)
class Work:
    """One decision under way. ``clocks`` by name, as far as they were needed; ``of_benefits``: those that benefits asked."""

    version: rules.Version
    almanac: Almanac
    told: Sequence[Told]
    clocks: dict[str, Clock] = field(default_factory=dict)
    benefits: list[Benefit] = field(default_factory=list)
    of_benefits: tuple[str, ...] = ()
    parties: dict[str, Fraction] | None = None

    def clock(self, rule: rules.Clock) -> Clock:
        """A clock, each once."""
        if rule.name not in self.clocks:
            self.clocks[rule.name] = narrowed(rule, self.told, self.almanac)
        return self.clocks[rule.name]

    @property
    def request(self) -> Request:
        return self.almanac.reader.request

    @property
    def owed(self) -> list[Benefit]:
        return [each for each in self.benefits if each.quantity]

    @property
    def reached_amounts(self) -> bool:
        return any(each.reached_amounts for each in self.benefits)
