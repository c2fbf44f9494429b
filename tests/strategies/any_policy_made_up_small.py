"""Policies that nobody wrote, whose numbers fit 64 bits more often than not."""

from dataclasses import dataclass, replace
from random import Random

from policy.calculator import rules
from tests.strategies.any_policy_made_up import Maker

MOST: int = 5000
"""What the facts of the contract may come to, so that products of them fit 64 bits."""


@dataclass(slots=True)
class SmallMaker(Maker):
    """Makes one policy up, of every word of the language."""

    def _declare(self) -> None:
        Maker._declare(self)
        for name in ("monthly_fee", "data_remaining", "data_allowance"):
            self.facts[name] = replace(self.facts[name], at_most=MOST)

    def amount(self, *, row: bool, month: bool = False, depth: int = 2) -> rules.Value:
        """Not a share by days of a share by days: that has too many denominators."""
        drawn = Maker.amount(self, row=row, month=month, depth=depth)
        while _shares_by_days(drawn) > 1:
            drawn = Maker.amount(self, row=row, month=month, depth=depth)
        return drawn


def made_up_small(seed: str) -> rules.Version:
    """A policy of that seed, always the same."""
    return SmallMaker(Random(seed)).version("made-up")


def _shares_by_days(value: rules.Value) -> int:
    """How many shares by the days of a month or a cycle stand in one another."""
    return isinstance(value, rules.MonthShare | rules.CycleShare) + max(map(_shares_by_days, _inner(value)), default=0)


def _inner(value: rules.Value) -> tuple[rules.Value, ...]:
    match value:
        case rules.Share(of=of) | rules.MonthShare(of=of) | rules.CycleShare(of=of):
            return (of,)
        case rules.Larger(values=values):
            return values
        case rules.CodeChoice(cases=cases, otherwise=otherwise):
            return (*(each for _, each in cases), *([] if otherwise is None else [otherwise]))
        case rules.Ladder(steps=steps, otherwise=otherwise):
            return (*(each for _, each in steps), otherwise)
    return ()
