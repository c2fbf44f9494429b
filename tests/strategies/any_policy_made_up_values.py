"""Values and conditions of policies that nobody wrote."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any, Final, Literal, get_args

from policy.calculator import rules
from tests.strategies.any_policy_limits import DAY, HOUR

OPS: Final[tuple[rules.Op, ...]] = get_args(rules.Op)
FACTORS: Final = tuple(map(Fraction, ("0", "1", "1/2", "3/2", "1/3", "7/5")))
RATES: Final = tuple(map(Fraction, (1, 3, 50, 100, 365, 1000)))
MINUTE: Final = 60
LENGTHS: Final = (30 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY)


@dataclass(slots=True)
class ValueMaker:
    """Makes values and conditions up, of the facts, figures and measures that it knows.

    ``each``: what the benefit under way is worked out for; "" while there is none. ``scopes``: what ``only`` may look at.
    """

    random: Random
    each: rules.ForEach | Literal[""] = ""
    scopes: tuple[rules.Scope, ...] = get_args(rules.Scope)
    facts: dict[str, rules.Fact] = field(default_factory=dict)
    figures: list[rules.Figure] = field(default_factory=list)
    measures: list[rules.Measure] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------------------------- values

    def one(self, *choices: Any) -> Any:
        """Any of them."""
        return self.random.choice(choices)

    def chance(self, times: int) -> bool:
        """Yes about once in so many times."""
        return self.random.randrange(times) == 0

    def clause(self) -> rules.Clause:
        return rules.Clause(f"c{self.random.randrange(12)}", {"en": "…"})

    def fact(self, *kinds: rules.FactType, row: bool) -> rules.Fact:
        """A fact of one of these types, of the request if ``row``, else perhaps of an outage."""
        known = [each for each in self.facts.values() if each.type in kinds and not (row and each.of == "outage")]
        return self.random.choice(known)

    def constant(self, of: tuple[Fraction, ...] = RATES) -> rules.Constant:
        return rules.Constant(self.random.choice(of))

    def amount(self, *, row: bool, month: bool = False, depth: int = 2) -> rules.Value:
        """A number."""
        match self.random.randrange(9 if depth else 3):
            case 0 | 1:
                return self.constant()
            case 2:
                return self.fact("money", "bytes", "number", row=row)
            case 3:
                return rules.Share(self.random.choice(FACTORS[1:]), self.amount(row=row, month=month, depth=depth - 1))
            case 4:
                return rules.Larger(tuple(self.amount(row=row, month=month, depth=depth - 1) for _ in range(2)))
            case 5 if month:
                return rules.MonthShare(self.one(1, 5), self.amount(row=row, depth=depth - 1))
            case 6:
                return rules.CycleShare(self.one(1, 2), self.amount(row=row, depth=depth - 1))
        return self.choice(lambda: self.amount(row=row, month=month, depth=depth - 1), row=row)

    def factor(self, *, row: bool, depth: int = 2) -> rules.Value:
        """A ratio."""
        named = [each for each in self.figures if each.unit == ("row" if row else "outage")]
        if named and self.chance(3):
            return rules.Named(self.random.choice(named))
        if depth and self.chance(2):
            return self.choice(lambda: self.factor(row=row, depth=depth - 1), row=row)
        return self.constant(FACTORS)

    def choice(self, case: Any, *, row: bool) -> rules.Value:
        """A choice by a code or by an amount, whose cases are made by ``case``."""
        if self.chance(2):
            fact = self.fact("codes", row=row)
            codes = list(fact.codes)
            self.random.shuffle(codes)
            cut = self.random.randrange(1, len(codes))
            if self.chance(2):
                return rules.CodeChoice(fact, ((tuple(codes[:cut]), case()),), case())
            return rules.CodeChoice(fact, ((tuple(codes[:cut]), case()), (tuple(codes[cut:]), case())), None)
        subject: rules.Value = self.fact("money", "number", "bytes", "seconds", row=row)
        limits = [Fraction(each) for each in self.random.sample((0, 1, 2, 100, 3600, 5000), self.one(1, 2))]
        if self.each and self.chance(3):
            subject = rules.Length()
            limits = [Fraction(each) for each in self.random.sample(LENGTHS, self.one(1, 2))]
        elif self.chance(3):
            subject = rules.Quotient(self.facts["data_remaining"], self.facts["data_allowance"])
            limits = [Fraction(each, 10) for each in self.random.sample((1, 5, 10), 2)]
        ops = self.one(("less than", "at most"), ("more than", "at least"))
        limits.sort(reverse=ops[0] == "more than")
        steps = [rules.Bound(self.one(*ops), rules.Constant(each)) for each in limits]
        return rules.Ladder(subject, tuple((bound, case()) for bound in steps), case())

    # ------------------------------------------------------------------------------------------------------ conditions

    def condition(self, *, row: bool, time: bool = False, depth: int = 2) -> rules.Condition:
        """A condition on facts, and on time where it may be."""
        if depth and self.chance(3):
            parts = tuple(self.condition(row=row, time=time, depth=depth - 1) for _ in range(2))
            return rules.AnyOf(parts) if self.chance(2) else rules.AllOf(parts)
        if time and not self.chance(3):
            return self.time_in()
        if self.each and self.chance(5):
            length = rules.Constant(Fraction(self.random.choice(LENGTHS)))
            return rules.Compare(rules.Length(), rules.Bound(self.one(*OPS), length))
        if self.each not in ("", "outage") and self.chance(3):
            return self.of_outages(depth)
        match self.random.randrange(4):
            case 0:
                fact = self.fact("codes", row=row)
                codes = tuple(self.random.sample(fact.codes, self.random.randrange(1, len(fact.codes))))
                return rules.IsOneOf(fact, rules.Code(codes))
            case 1:
                return rules.IsYes(self.fact("yes or no", row=row), self.chance(2))
            case 2:
                instant = self.fact("instant", row=row)
                day = rules.Constant(Fraction(date(2026, self.one(2, 3, 6), 1).toordinal()))
                return rules.Compare(
                    instant, rules.Bound(self.one("less than", "at least"), self.one(day, self.facts["joined"]))
                )
        limit = self.one(self.constant(), self.constant(), self.fact("number", row=row))
        return rules.Compare(self.fact("money", "number", "seconds", row=row), rules.Bound(self.one(*OPS), limit))

    def of_outages(self, depth: int) -> rules.OfOutages:
        """Of any or of every outage of the occasion: what a condition on one of them says."""
        each, self.each = self.each, ""
        inner = self.condition(row=False, depth=max(depth - 1, 0))
        self.each = each
        return rules.OfOutages(self.one("any", "every"), inner)

    def time_in(self) -> rules.TimeIn:
        scope: rules.Scope = self.one(*self.scopes, "interruption", "local day")
        length = self.one(30 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY)
        return rules.TimeIn(scope, self.one(*OPS, "more than", "at least"), Fraction(length), self.measure())

    def measure(self) -> rules.Measure | None:
        """Clock time as often as not."""
        return self.random.choice(self.measures) if self.measures and self.chance(2) else None

    def bands(self) -> tuple[rules.Band, ...]:
        cuts = sorted({0, DAY, *(self.random.randrange(0, 24 * 12) * 300 for _ in range(self.one(0, 1, 3)))})
        weights = [(self.random.choice(FACTORS), self.random.choice(FACTORS)) for _ in cuts]
        alike = self.chance(2)
        return tuple(
            rules.Band(first, until, working, working if alike else other)
            for first, until, (working, other) in zip(cuts, cuts[1:], weights, strict=False)
        )
