"""Policies that nobody wrote, of the further words as well: starts that are chosen, windows, weekdays, availability, and more.

The kept answers are of policies without them (:mod:`tests.strategies.any_policy_made_up`), which stay the same for them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.contract import FACTS
from tests.strategies.any_policy_limits import DAY, HOUR
from tests.strategies.any_policy_made_up import SCOPES, Maker, attribute
from tests.strategies.any_policy_made_up_values import MINUTE, OPS

AVAILABLE: Final = ("month", "billing cycle")
"""What a benefit is for each of, where there is an availability."""
AVAILABILITIES: Final = tuple(map(Fraction, ("0", "1/2", "9/10", "99/100", "999/1000", "1")))
INSTANTS: Final = ("known", "reported_at", "started_at", "announced_at", "ended_at")
"""From which the time of an outage may count."""


@dataclass(slots=True)
class FurtherMaker(Maker):
    """Makes one policy up, of every word of the language. ``begun``: its clocks so far, which a further one may leave out."""

    begun: list[rules.Clock] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------------- values, conditions

    def choice(self, case: Callable[[], Any], *, row: bool) -> rules.Value:
        """A choice, of a month or a billing cycle also by its availability."""
        if self.each not in AVAILABLE or not self.chance(4):
            return Maker.choice(self, case, row=row)
        ops = self.one(("less than", "at most"), ("more than", "at least"))
        limits = sorted(self.random.sample(AVAILABILITIES, self.one(1, 2)), reverse=ops[0] == "more than")
        steps = tuple((rules.Bound(self.one(*ops), rules.Constant(each)), case()) for each in limits)
        return rules.Ladder(rules.Availability(), steps, case())

    def condition(self, *, row: bool, time: bool = False, depth: int = 2) -> rules.Condition:
        """A condition, of a month or a billing cycle also on its availability; and on all codes but one: ``not`` that."""
        if self.each in AVAILABLE and self.chance(6):
            return rules.Compare(rules.Availability(), rules.Bound(self.one(*OPS), self.constant(AVAILABILITIES)))
        if self.chance(12):
            fact = self.fact("codes", row=row)
            left_out = self.random.choice(fact.codes)
            return rules.IsOneOf(fact, rules.Code(tuple(each for each in fact.codes if each != left_out)))
        return Maker.condition(self, row=row, time=time, depth=depth)

    def bands(self) -> tuple[rules.Band, ...]:
        """The same on all days, or others on some of the week."""
        if self.chance(2):
            return Maker.bands(self)
        some = set(self.random.sample(rules.EVERY_DAY, self.one(1, 2, 5)))
        weekdays = tuple(sorted(some)), tuple(each for each in rules.EVERY_DAY if each not in some)
        return tuple(replace(band, weekdays=days) for days in weekdays for band in Maker.bands(self))

    # ------------------------------------------------------------------------------------------------ clocks, benefits

    def clock(self, name: str) -> rules.Clock:
        """A clock that may start by a choice, pause in windows, and leave out what others keep."""
        made = Maker.clock(self, name)
        windows = self.window() if self.chance(3) else ()
        left_out = self.random.sample(self.begun, self.random.randrange(1, len(self.begun) + 1)) if self.begun else []
        made = replace(
            made,
            starts=self.start() if self.chance(3) else made.starts,
            minus=(*made.minus, *windows) if self.chance(2) else (*windows, *made.minus),
            without=tuple(left_out) if self.chance(2) else (),
        )
        self.begun.append(made)
        return made

    def start(self, depth: int = 2) -> rules.Value:
        """An instant of an outage: one, a figure, a choice, or the earliest or the latest of several."""
        match self.random.randrange(5 if depth else 1):
            case 1:
                return self.choice(lambda: self.start(depth - 1), row=self.chance(2))
            case 2 | 3:
                starts = tuple(self.start(depth - 1) for _ in range(self.one(2, 2, 3)))
                return rules.Extreme(self.one("earliest", "latest"), starts)
            case 4:
                figure = rules.Figure(f"f{len(self.figures)}", self.one(None, self.clause()), self.start(depth - 1), "")
                self.figures.append(figure)
                return rules.Named(figure)
        unit = self.one("seconds", "seconds", "local days", "working days")
        amount = self.one(0, 0, HOUR, 12 * HOUR) if unit == "seconds" else self.one(1, 2, 3)
        return rules.Start(amount, unit, self.facts[self.one(*INSTANTS)])

    def window(self) -> tuple[rules.Window, ...]:
        """A window of some days; over midnight it is two, as they are read."""
        days = tuple(sorted(self.random.sample(rules.EVERY_DAY, self.one(1, 2, 7))))
        first, until = (self.random.randrange(1, 24 * 4) * 15 * MINUTE for _ in range(2))
        if first < until:
            return (rules.Window(days, first, until),)
        following = tuple(sorted((day + 1) % 7 for day in days))
        return rules.Window(days, first, DAY), rules.Window(following, 0, until)

    def component(self, name: str, clocks: tuple[rules.Clock, ...]) -> rules.Component:
        """What a component pays, of some for each local day by its distance from an instant."""
        made = Maker.component(self, name, clocks)
        if made.clock is None or not self.chance(4):
            return made
        count = rules.Units(self.one("started", "full"), "local day", None, None, None)
        return replace(made, count=count, pay=self.by_day())

    def by_day(self) -> rules.Tiers:
        """A rate by the number of local days after an instant: of the request, or perhaps of the outage."""
        row = self.each != "outage"
        uppers = sorted(self.random.sample(range(6), self.one(1, 2)))
        steps = tuple((Fraction(each), self.amount(row=row, month=True, depth=1)) for each in uppers)
        return rules.Tiers("nth", steps, self.amount(row=row, month=True, depth=1), self.fact("instant", row=row))

    def benefit(self, name: str, each: rules.ForEach, clocks: tuple[rules.Clock, ...]) -> rules.Benefit:
        """A benefit, some granted on the amount and on facts or time together."""
        made = Maker.benefit(self, name, each, clocks)
        if made.granted.how != "automatically when" or self.chance(3):
            return made
        self.each, self.scopes = each, SCOPES[each]
        timed = any(component.clock is not None for component in made.components)
        amount = rules.AmountIs(self.one(*OPS), self.one(100, 1000))
        parts = amount, self.condition(row=each != "outage", time=timed, depth=1)
        self.each = ""
        return replace(made, granted=rules.Granted("automatically when", self.one(rules.AnyOf, rules.AllOf)(parts)))

    # ------------------------------------------------------------------------------------------------------- the whole

    def _declare(self) -> None:
        Maker._declare(self)
        self.facts["announced_at"] = FACTS["announced_at"]
        self.facts["joined_at"] = attribute("joined_at", "subscriber", "instant")

    def claims(self) -> rules.Claims:
        """Claims, some to be made within local days."""
        made = Maker.claims(self)
        days = self.one(0, 1, 3, 30)
        return replace(made, within_seconds=None, within_local_days=days) if self.chance(2) else made


def made_up_further(seed: str) -> rules.Version:
    """A policy of that seed, always the same."""
    return FurtherMaker(Random(seed)).version("made-up")
