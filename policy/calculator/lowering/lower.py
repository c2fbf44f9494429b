"""Lowers the values of a version, each once: the same rule is worked out once, however many rules read it."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.cycle import BILLING_CYCLE
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START
from policy.calculator.lowering.assembler import Assembler, Bank
from policy.calculator.lowering.context import OUTAGE_PLACES, Codes, Facts
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.tests import lower_comparison
from policy.calculator.lowering.values import (
    Available,
    CodeChoice,
    CodeSet,
    Constant,
    DaysInCycle,
    DaysInMonth,
    DaysShare,
    Fact,
    Ladder,
    Larger,
    Length,
    Missing,
    Named,
    Period,
    Share,
    Value,
    gathered,
)
from policy.calculator.memory import Memory


class Lowering:
    """Lowers the values of one version, each once."""

    def __init__(self, version: rules.Version) -> None:
        self._version = version
        self.asm = Assembler()
        self.asm.counts[Bank.OUTAGE] = OUTAGE_PLACES
        self.codes = Codes()
        self.facts = Facts(self.asm, self.codes)
        self.figures: dict[str, Named] = {}
        self._values: dict[int, tuple[rules.Value, Value]] = {}
        self.cycle = Fact(BILLING_CYCLE, self.facts, version.currency_code)
        self._days_in_cycle = DaysInCycle(self.cycle, CYCLE_START, CYCLE_END)
        self._days_in_month: DaysInMonth | None = None
        self.occasions: Sequence[Occasions] = ()

    def lacks_length(self, memory: Memory) -> Missing:
        """What the length of the occasion at hand lacks."""
        return gathered(each.lacks_length(memory) for each in self.occasions)

    def value(self, value: rules.Value) -> Value:
        """The lowered form of ``value``; the same object gives the same form."""
        known = self._values.get(id(value))
        if known is None:
            known = self._values[id(value)] = (value, self._lower(value))  # the value is kept, so that its id stays its own
            known[1].rule = value
        return known[1]

    def _lower(self, value: rules.Value) -> Value:
        match value:
            case rules.Constant(value=number):
                return Constant(number)
            case rules.Code(codes=held):
                return CodeSet(held, self.codes)
            case rules.Fact():
                return Fact(value, self.facts, self._version.currency_code)
            case rules.Named(figure=figure):
                return self._named(figure)
            case rules.Share() | rules.MonthShare() | rules.CycleShare():
                return self._share(value)
            case rules.Length():
                return Length(self.lacks_length)
            case rules.Larger(values=values):
                return Larger([self.value(each) for each in values])
            case rules.CodeChoice() | rules.Ladder():
                return self._choice(value)
            case rules.Availability():
                return Available(self.lacks_length)
            case rules.Start() | rules.Extreme():
                raise AssertionError("a start stands only under `starts`")  # the language sees to it
            case rules.Quotient():
                raise AssertionError("a quotient stands only as the subject of a choice")  # the language sees to it

    def _share(self, value: rules.Share | rules.MonthShare | rules.CycleShare) -> Value:
        of = self.value(value.of)
        match value:
            case rules.Share(ratio=ratio):
                return Share(ratio, of)
            case rules.CycleShare(numerator=numerator):
                return DaysShare(numerator, of, self._days_in_cycle)
        if self._days_in_month is None:
            self._days_in_month = DaysInMonth()
            self.asm.counts[Bank.MONTH] = 1
        return DaysShare(value.numerator, of, self._days_in_month)

    def _choice(self, value: rules.CodeChoice | rules.Ladder) -> Value:
        match value:
            case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
                branches = [self.value(branch) for _, branch in cases]
                branches += [] if otherwise is None else [self.value(otherwise)]
                masks = [self.codes.mask(held) for held, _ in cases]
                return CodeChoice(self.value(subject), masks, branches, self._codes_of(branches))
            case rules.Ladder(subject=subject, steps=steps, otherwise=otherwise):
                tests = [lower_comparison(subject, bound, self.value) for bound, _ in steps]
                branches = [self.value(branch) for branch in (*(branch for _, branch in steps), otherwise)]
                return Ladder(self._asked(subject), tests, branches, self._codes_of(branches))

    def _asked(self, subject: rules.Value) -> list[Value]:
        """What a ladder asks, for those who explain it."""
        match subject:
            case rules.Quotient(numerator=numerator, denominator=denominator):
                return [self.value(numerator), self.value(denominator)]
            case rules.Availability():
                return [self.value(subject), Period()]
        return [self.value(subject)]

    def _named(self, figure: rules.Figure) -> Named:
        if figure.name not in self.figures:
            currency = self._version.currency_code
            unit = f"minor units of {currency}" if figure.unit == currency else figure.unit
            self.figures[figure.name] = Named(figure, self.value(figure.value), unit, self.asm)
        return self.figures[figure.name]

    def _codes_of(self, branches: list[Value]) -> Codes | None:
        return self.codes if any(_yields_codes(branch) for branch in branches) else None


def _yields_codes(value: Value) -> bool:
    match value:
        case CodeSet():
            return True
        case Fact():
            return value.is_code
        case CodeChoice() | Ladder():
            return any(_yields_codes(branch) for branch in value.branches)
        case Named():
            return _yields_codes(value.inner)
    return False
