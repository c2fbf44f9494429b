"""Values, bounds and conditions in words. Names of facts and figures stay as they are; a table says elsewhere what each is."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from policy.calculator import rules
from policy.language.problems import listed
from policy.tools.cases.formatting import bytes_text, money_text, seconds_text

DAY_SECONDS: Final = 86_400
WEEK_SECONDS: Final = 7 * DAY_SECONDS

OPPOSITE: Final[Mapping[rules.Op, rules.Op]] = MappingProxyType(
    {"less than": "at least", "at most": "more than", "more than": "at most", "at least": "less than"}
)
"""What holds where a bound does not."""
_OF_DATES: Final[Mapping[str, str]] = MappingProxyType({"less than": "before", "at least": "on or after"})


def length_text(seconds: Fraction | int) -> str:
    """A length of time; from a week on in days where it is a whole number of them."""
    return f"{seconds // DAY_SECONDS} days" if seconds >= WEEK_SECONDS and seconds % DAY_SECONDS == 0 else seconds_text(seconds)


def time_text(second: int) -> str:
    """A time of day, by the wall clock."""
    return f"{second // 3600:02}:{second // 60 % 60:02}"


class Wording:
    """Says values of one version; amounts of money are in its currency."""

    def __init__(self, version: rules.Version) -> None:
        self._currency = version.currency_code

    def unit(self, value: rules.Value) -> str:
        """What a value is counted in: the type of a fact, or ``ratio``, ``code``, ``percentage`` of a quotient."""
        match value:
            case rules.Fact(type=kind):
                return kind
            case rules.Named(figure=figure):
                known = {self._currency: "money", "B": "bytes", "s": "seconds", "days": "days"}
                return known.get(figure.unit) or self.unit(figure.value)
            case rules.Share(of=of) | rules.MonthShare(of=of) | rules.CycleShare(of=of):
                return self.unit(of)
            case rules.Larger(values=values):
                return self.unit(values[0])
            case rules.CodeChoice(cases=cases):
                return self.unit(cases[0][1])
            case rules.Ladder(otherwise=otherwise):
                return self.unit(otherwise)
            case rules.Quotient() | rules.Availability():
                return "percentage"
            case rules.Length():
                return "seconds"
            case rules.Code():
                return "codes"
            case _:
                return "ratio"

    def amount(self, amount: Fraction | int, unit: str) -> str:
        """A number in the base unit of ``unit``."""
        exact = Fraction(amount)
        if unit == "percentage":
            return f"{exact * 100} %"
        if unit == "basis points":
            return f"{exact / 100} %"
        if exact.denominator != 1:
            return str(exact)
        whole = exact.numerator
        match unit:
            case "money":
                return money_text(whole, self._currency)
            case "bytes":
                return bytes_text(whole)
            case "seconds":
                return length_text(whole)
            case "days":
                return f"{whole} day{'' if whole == 1 else 's'}"
            case "instant" | "date":
                return str(date.fromordinal(whole))
            case _:
                return str(whole)

    def value(self, value: rules.Value, unit: str) -> str:
        """A value that is counted in ``unit``, in one line."""
        match value:
            case rules.Constant(value=amount):
                return self.amount(amount, unit)
            case rules.Code(codes=codes):
                return " or ".join(codes)
            case rules.Fact(name=name):
                return name
            case rules.Named(figure=figure):
                return figure.name
            case rules.Share(ratio=ratio, of=of):
                return f"{ratio} of {self.value(of, unit)}"
            case rules.MonthShare(numerator=numerator, of=of):
                return f"{numerator}/days_in_month of {self.value(of, unit)}"
            case rules.CycleShare(numerator=numerator, of=of):
                return f"{numerator}/days_in_cycle of {self.value(of, unit)}"
            case rules.Quotient(numerator=above, denominator=below):
                return f"{self.value(above, unit)} / {self.value(below, unit)}"
            case rules.Larger(values=values):
                return f"the larger of {listed([self.value(each, unit) for each in values])}"
            case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
                said = [f"{' or '.join(codes)}: {self.value(each, unit)}" for codes, each in cases]
                rest = [] if otherwise is None else [f"otherwise: {self.value(otherwise, unit)}"]
                return f"by {self.value(subject, '')} ({'; '.join([*said, *rest])})"
            case rules.Ladder(subject=subject, steps=steps, otherwise=otherwise):
                said = [f"{self.bound(bound, subject)}: {self.value(each, unit)}" for bound, each in steps]
                return f"by {self.value(subject, '')} ({'; '.join([*said, f'otherwise: {self.value(otherwise, unit)}'])})"
            case _:
                return self._of_time(value, unit)

    def _of_time(self, value: rules.Value, unit: str) -> str:
        """What is known of an occasion, and from when an outage counts."""
        match value:
            case rules.Length():
                return "the length of the occasion"
            case rules.Availability():
                return "the availability"
            case rules.Start(amount=0, unit="seconds", after=after):
                return after.name
            case rules.Start(amount=amount, unit="seconds", after=after):
                return f"{length_text(amount)} after {after.name}"
            case rules.Start(amount=amount, unit=days, after=after):
                return f"the end of {amount} {days if amount != 1 else days.removesuffix('s')} after the day of {after.name}"
            case rules.Extreme(which=which, starts=starts):
                return f"the {which} of {listed([self.value(each, unit) for each in starts])}"
            case _:
                raise AssertionError(value)  # INVARIANT: every other value is said above

    def bound(self, bound: rules.Bound, subject: rules.Value) -> str:
        """A bound of ``subject``: ``less than 59.00 CNY``, ``on or after 2026-01-01``, yes."""
        unit = self.unit(subject)
        if unit == "yes or no":
            return "yes" if bound.op == "at least" else "no"
        word = _OF_DATES[bound.op] if unit in ("instant", "date") else bound.op
        return f"{word} {self.value(bound.value, unit)}"

    def condition(self, condition: rules.Condition, paid_in: str = "") -> str:
        """What has to hold; ``paid_in``: the unit of an amount that is tested."""
        match condition:
            case rules.Compare(subject=subject, bound=bound):
                return f"{self.value(subject, '')} is {self.bound(bound, subject)}"
            case rules.IsOneOf(subject=subject, codes=codes):
                return f"{self.value(subject, '')} is {self.value(codes, '')}"
            case rules.IsYes(subject=subject, yes=yes):
                return f"{self.value(subject, '')} is {'yes' if yes else 'no'}"
            case rules.AnyOf(conditions=conditions):
                return " or ".join(self._inner(each, paid_in) for each in conditions)
            case rules.AllOf(conditions=conditions):
                return " and ".join(self._inner(each, paid_in) for each in conditions)
            case rules.OfOutages(which=which, condition=inner):
                return f"of {which} outage of it, {self._inner(inner)}"
            case rules.AmountIs(op=op, quantity=quantity):
                return f"the amount is {op} {self.amount(quantity, paid_in)}"
            case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
                of = f" of {measure.name} time" if measure else ""
                return f"{_SCOPES[scope]} has {op} {seconds_text(seconds)}{of}"

    def _inner(self, condition: rules.Condition, paid_in: str = "") -> str:
        said = self.condition(condition, paid_in)
        return f"({said})" if isinstance(condition, rules.AnyOf | rules.AllOf) else said


_SCOPES: Final[Mapping[rules.Scope, str]] = MappingProxyType(
    {
        "interruption": "the interruption that it is part of",
        "local day": "its local day",
        "month": "its month",
        "billing cycle": "its billing cycle",
        "total": "the whole",
    }
)
