"""Policies that nobody wrote: every word of the language in combinations that no file of the catalogue has."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from types import MappingProxyType
from typing import Any, Final, get_args

from policy.calculator import rules
from policy.calculator.codes import CAUSES, SERVICES
from policy.calculator.contract import FACTS
from tests.strategies.any_policy_limits import DAY, HOUR
from tests.strategies.any_policy_made_up_values import MINUTE, OPS, ValueMaker

ZONES: Final = (
    "Europe/London", "America/Santiago", "America/Havana", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Asia/Beirut",
)  # fmt: skip
"""With clocks that are changed at midnight, by half an hour, or never."""
SCOPES: Final[dict[str, tuple[rules.Scope, ...]]] = {
    "interruption": ("interruption", "local day", "total"),
    "outage": ("interruption", "local day", "total"),
    "month": ("interruption", "local day", "month", "total"),
    "billing cycle": ("interruption", "local day", "billing cycle", "total"),
    "all together": get_args(rules.Scope),
}
"""What may be looked at in each occasion: nothing wider than it."""
OF_A_CYCLE: Final = ("billing cycle", "all together")
"""Where facts of the subscriber may be counted or set off."""
CALENDARS: Final = ("CN", "GB-SCT", "GB-EAW", "AU-NSW", "DE")


@dataclass(slots=True)
class Maker(ValueMaker):
    """Makes one policy up."""

    # ------------------------------------------------------------------------------------------------ clocks, benefits

    def clock(self, name: str) -> rules.Clock:
        services: rules.Value | None = None
        if self.chance(3):
            services = rules.Code(tuple(self.random.sample(SERVICES, 3)))
        elif self.chance(4):
            codes = (rules.Code((each,)) for each in self.random.sample(SERVICES, 3))
            services = rules.CodeChoice(self.facts["plan"], (((("A"),), next(codes)), ((("B"),), next(codes))), next(codes))
        start = None
        if self.chance(3):
            unit = self.one("seconds", "local days", "working days")
            amount = self.one(HOUR, 12 * HOUR) if unit == "seconds" else self.one(1, 2, 3)
            start = rules.Start(amount, unit, self.one(self.facts["known"], self.facts["reported_at"]))
        return rules.Clock(
            name=name,
            clause=self.clause(),
            services=services,
            where=self.condition(row=False) if self.chance(3) else None,
            liable=tuple(self.factor(row=False) for _ in range(self.one(0, 0, 1, 2))),
            starts=start,
            minus=(self.facts["delays"],) if self.chance(3) else (),
            only=tuple(self.condition(row=False, time=True) for _ in range(self.one(0, 1, 1, 2))),
        )

    def component(self, name: str, clocks: tuple[rules.Clock, ...]) -> rules.Component:
        count = self.count()
        row = self.each != "outage"
        timed = not isinstance(count, rules.Number)
        exact = isinstance(count, rules.Units) and count.rounding == "exact"
        pay: rules.Value | rules.Tiers | rules.Discretion = self.amount(row=row, month=timed)
        if not isinstance(count, rules.Once) and self.chance(3):
            uppers = sorted(self.random.sample(range(1, 9), self.one(1, 2)))
            steps = tuple((Fraction(each), self.amount(row=row, month=timed, depth=1)) for each in uppers)
            pay = rules.Tiers("count" if exact else self.one("nth", "count"), steps, self.amount(row=row, month=timed, depth=1))
        return rules.Component(
            name=name,
            clause=self.clause(),
            clock=self.random.choice(clocks) if timed else None,
            when=self.condition(row=row, depth=1) if self.chance(4) else None,
            count=count,
            pay=rules.Discretion() if self.chance(12) else pay,
            times=tuple(self.factor(row=row) for _ in range(self.one(0, 0, 1, 2))),
        )

    def count(self) -> rules.Count:
        match self.random.randrange(8):
            case 0:
                return rules.Once()
            case 1 if self.each in OF_A_CYCLE:
                return rules.Number(self.facts["calls"])
        parts = [each for each in get_args(rules.Part) if each in SCOPES[self.each]]
        of_each = self.one(None, None, *parts)
        if self.chance(4):
            return rules.Units(self.one("started", "full"), self.one("local day", "working day"), None, None, of_each)
        rounding = self.one("exact", "started", "full")
        length = self.one(HOUR, 6 * HOUR, DAY)
        rest = (self.one("more than", "at least"), length // 3) if rounding == "full" and self.chance(2) else None
        return rules.Units(rounding, length, self.measure(), rest, of_each)

    def benefit(self, name: str, each: rules.ForEach, clocks: tuple[rules.Clock, ...]) -> rules.Benefit:
        self.each, row = each, each != "outage"
        components = tuple(self.component(f"k{number}", clocks) for number in range(self.one(1, 1, 2, 3)))
        granted = rules.Granted(self.one("automatically", "automatically", "on claim"))
        if self.chance(3):
            granted = rules.Granted("automatically when", rules.AmountIs(self.one(*OPS), self.one(100, 1000)))
            if any(each.clock for each in components) and self.chance(2):
                self.scopes = SCOPES[each]
                granted = rules.Granted("automatically when", self.condition(row=row, time=True, depth=1))
        bounds = [self.amount(row=row, depth=1) if self.chance(4) else None for _ in range(4)]
        made = rules.Benefit(
            name=name,
            kind=self.one("CREDIT", "DATA_BYTES", "VALIDITY_DAYS"),
            for_each=each,
            currency_code="",
            when=self.condition(row=row, depth=1) if self.chance(3) else None,
            join=self.one("sum", "larger"),
            components=components,
            minus=self.set_off() if self.chance(5) else None,
            rounding=self.one(*get_args(rules.Rounding)),
            unit=self.one(1, 1, 10, 7),
            at_least=bounds[0],
            at_most=bounds[1],
            at_most_per_cycle=bounds[2],
            at_most_per_month=bounds[3],
            valid_for_seconds=0,
            usable=None,
            granted=granted,
        )
        self.each = ""
        return made

    def set_off(self) -> rules.Value:
        return self.amount(row=True, depth=1) if self.each in OF_A_CYCLE else self.constant()

    # ------------------------------------------------------------------------------------------------------- the whole

    def version(self, name: str) -> rules.Version:
        """The policy."""
        self._declare()
        self.measures += [rules.Measure(f"m{number}", self.clause(), self.bands()) for number in range(self.one(0, 1, 2))]
        for number in range(4):
            row = number % 2 == 0
            clause = None if self.chance(4) else self.clause()
            self.figures.append(rules.Figure(f"f{number}", clause, self.factor(row=row), "row" if row else "outage"))
        each: rules.ForEach = self.one(*get_args(rules.ForEach))
        for_each = [self.one(each, each, *get_args(rules.ForEach)) for _ in range(self.one(1, 2, 3))]
        self.scopes = tuple(scope for scope in get_args(rules.Scope) if all(scope in SCOPES[each] for each in for_each))
        clocks = tuple(self.clock(f"clock{number}") for number in range(self.one(1, 2, 3)))
        benefits = tuple(self.benefit(f"b{number}", each, clocks) for number, each in enumerate(for_each))
        first = date(2025, 1, 1) + timedelta(days=self.random.randrange(700))
        return rules.Version(
            policy_id=name,
            title=name,
            source="made up",
            confidence="",
            version="1",
            in_force_from=first,
            in_force_until=first + timedelta(days=730),
            pinned_by=FACTS[self.one("started_at", "reported_at")],
            for_each=each,
            zone=self.one(*ZONES),
            currency_code="EUR",
            calendar=self.calendar(),
            facts=tuple(each for each in self.facts.values() if each.attribute),
            figures=tuple(self.figures),
            measures=tuple(self.measures),
            clocks=clocks,
            benefits=benefits,
            claims=self.claims() if self.chance(2) else None,
            recourse=self.recourse(benefits) if self.chance(2) else None,
            corrections=rules.Corrections(self.one("set off", "claw back"), None),
            notice=None,
            unsettled=tuple(rules.Clause(f"c{number}", {"en": "?"}) for number in self.random.sample(range(14), 3)),
            sha256="0" * 64,
            text="",
        )

    def _declare(self) -> None:
        for name in (
            "data_remaining",
            "data_allowance",
            "monthly_fee",
            "reported_at",
            "started_at",
            "as_of",
            "claimed_at",
            "claim",
        ):
            self.facts[name] = FACTS[name]
        for name in ("cause", "impact", "notice", "payment", "ended_at", "value_added_services"):
            self.facts[name] = FACTS[name]
        abc = ("A", "B", "C")
        own = (
            attribute("plan", "subscriber", "codes", codes=abc, if_absent=self.one(None, "A")),
            attribute("nation", "subscriber", "codes", codes=abc),
            attribute("fee", "subscriber", "money", at_most=100_000, if_absent=self.one(None, 0)),
            attribute("calls", "subscriber", "number", at_most=50),
            attribute("member", "subscriber", "yes or no", if_absent=self.one(None, True, False)),
            attribute("joined", "subscriber", "date"),
            attribute("kind", "outage", "codes", codes=abc, if_absent=self.one(None, "B")),
            attribute("towers", "outage", "number", at_most=200),
            attribute("felt", "outage", "yes or no", if_absent=self.one(None, True)),
            attribute("known", "outage", "instant"),
            attribute("delays", "outage", "intervals", if_absent=self.one(None, ())),
        )
        self.facts |= {each.name: each for each in own}

    def calendar(self) -> rules.Value:
        names = self.random.sample(CALENDARS, 2)
        if self.chance(2):
            return rules.Code((names[0],))
        return rules.CodeChoice(self.facts["nation"], ((("A", "C"), rules.Code((names[0],))),), rules.Code((names[1],)))

    def claims(self) -> rules.Claims:
        before = date(2026, 6, 1) if self.chance(4) else None
        within, widen = self.one(None, 30 * DAY), self.one(None, 0, 15 * MINUTE)
        return rules.Claims(self.clause(), ("WEB", "APP"), within, before, widen, self.one(None, Fraction(9, 10)))

    def recourse(self, benefits: tuple[rules.Benefit, ...]) -> rules.RecourseRule:
        owed_by = rules.IsOneOf(FACTS["cause"], rules.Code(CAUSES[:8])) if self.chance(2) else self.condition(row=False)
        valued = self.random.sample(benefits, self.random.randrange(1, len(benefits) + 1))
        worth = {each.name: self.one(Fraction(1), Fraction(2, 7), Fraction(50)) for each in valued}
        rounding, unit = self.one(*get_args(rules.Rounding)), self.one(1, 1, 10)
        share = self.one(Fraction(1), Fraction(1, 2))
        return rules.RecourseRule(self.clause(), owed_by, share, MappingProxyType(worth), rounding, unit)


def attribute(name: str, of: rules.Of, kind: rules.FactType, **more: Any) -> rules.Fact:
    owner = "outages[]" if of == "outage" else "subscriber"
    return rules.Fact(name, of, kind, f'{owner}.attributes["{name}"]', attribute=True, **more)


def made_up(seed: str) -> rules.Version:
    """A policy of that seed, always the same."""
    return Maker(Random(seed)).version("made-up")
