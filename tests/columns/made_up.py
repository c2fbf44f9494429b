"""Policies that nobody wrote, of the words that have a column reading."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from policy.calculator import rules
from policy.calculator.program import Program
from policy.language.load import compile_versions
from tests.strategies.any_policy_made_up import Maker

MOST: int = 5000
"""What the facts of the contract may come to, so that products of them fit a column."""
Part = TypeVar("Part")


@dataclass(slots=True)
class ColumnMaker(Maker):
    """Makes one policy up; what it draws that has no column reading it draws again, or leaves out."""

    def _declare(self) -> None:
        Maker._declare(self)
        for name in ("ended_at", "as_of"):
            del self.facts[name]
        for name in ("monthly_fee", "data_remaining", "data_allowance"):
            self.facts[name] = replace(self.facts[name], at_most=MOST)

    def clock(self, name: str) -> rules.Clock:
        return replace(Maker.clock(self, name), minus=())

    def calendar(self) -> rules.Value:
        return _redrawn(lambda: Maker.calendar(self), lambda drawn: isinstance(drawn, rules.Code))

    def time_in(self) -> rules.TimeIn:
        return replace(_redrawn(lambda: Maker.time_in(self), lambda drawn: drawn.scope != "billing cycle"), measure=None)

    def count(self) -> rules.Count:
        return _redrawn(lambda: Maker.count(self), lambda drawn: getattr(drawn, "of_each", None) != "billing cycle")

    def condition(self, *, row: bool, time: bool = False, depth: int = 2) -> rules.Condition:
        return _redrawn(
            lambda: Maker.condition(self, row=row, time=time, depth=depth),
            lambda drawn: not (isinstance(drawn, rules.Compare) and getattr(drawn.subject, "type", "") == "instant"),
        )

    def amount(self, *, row: bool, month: bool = False, depth: int = 2) -> rules.Value:
        """A share of a month's days stands only by itself, as all that a component pays."""
        return _redrawn(
            lambda: Maker.amount(self, row=row, month=month and depth == 2, depth=depth),
            lambda drawn: not isinstance(drawn, rules.CycleShare) and not any(map(_by_month, _inner(drawn))),
        )

    def benefit(self, name: str, clocks: tuple[rules.Clock, ...]) -> rules.Benefit:
        return _redrawn(lambda: Maker.benefit(self, name, clocks), lambda drawn: drawn.granted.time is None)


def made_up_program(seed: str) -> Program:
    """A policy of that seed, always the same."""
    version = ColumnMaker(Random(seed)).version("made-up")
    return compile_versions((version,), version.policy_id).named(version.policy_id, version.version)


def _redrawn(draw: Callable[[], Part], fits: Callable[[Part], bool]) -> Part:
    while not fits(drawn := draw()):
        pass
    return drawn


def _inner(value: rules.Value) -> tuple[rules.Value, ...]:
    match value:
        case rules.Share(of=of):
            return (of,)
        case rules.Larger(values=values):
            return values
        case rules.CodeChoice(cases=cases, otherwise=otherwise):
            return (*(each for _, each in cases), *([] if otherwise is None else [otherwise]))
        case rules.Ladder(steps=steps, otherwise=otherwise):
            return (*(each for _, each in steps), otherwise)
    return ()


def _by_month(value: rules.Value) -> bool:
    return isinstance(value, rules.MonthShare) or any(map(_by_month, _inner(value)))
