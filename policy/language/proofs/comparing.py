"""Comparing two values for every request at once: by their form, so "no" only means that the form does not show it."""

from collections.abc import Iterable
from fractions import Fraction

from policy.calculator import rules
from policy.language.proofs.walk import figure_value, inner_values

_ONE = Fraction(1)


def never_below(value: rules.Value, other: rules.Value, times: Fraction = _ONE) -> bool:
    """Whether ``value`` is at least ``times`` the ``other``, whatever the request says; neither is ever negative."""
    value, other = figure_value(value), figure_value(other)
    if not times or (value == other and times <= 1) or _is_zero(other):
        return True
    alike = _case_by_case(value, other, times)
    if alike is not None:
        return alike
    if isinstance(other, rules.Larger | rules.CodeChoice | rules.Ladder):
        return all(never_below(value, each, times) for each in branches(other))
    if isinstance(value, rules.Larger):
        return any(never_below(each, other, times) for each in value.values)
    if isinstance(value, rules.CodeChoice | rules.Ladder):
        return all(never_below(each, other, times) for each in branches(value))
    if isinstance(value, rules.Constant) and isinstance(other, rules.Constant):
        return value.value >= times * other.value
    return _share_never_below(value, other, times)


def _case_by_case(value: rules.Value, other: rules.Value, times: Fraction) -> bool | None:
    """Two choices that are taken alike; None: they are not."""
    match value, other:
        case rules.CodeChoice(), rules.CodeChoice() if value.subject == other.subject:
            keys = [[codes for codes, _ in each.cases] for each in (value, other)]
            if keys[0] == keys[1] and (value.otherwise is None) is (other.otherwise is None):
                return _all_never_below(value, other, times)
        case rules.Ladder(), rules.Ladder() if value.subject == other.subject:
            if [bound for bound, _ in value.steps] == [bound for bound, _ in other.steps]:
                return _all_never_below(value, other, times)
    return None


def _all_never_below(value: rules.Value, other: rules.Value, times: Fraction) -> bool:
    return all(never_below(a, b, times) for a, b in zip(branches(value), branches(other), strict=True))


def _share_never_below(value: rules.Value, other: rules.Value, times: Fraction) -> bool:
    """Two shares of one thing; a fact is a whole share of itself."""
    match value, other:
        case rules.MonthShare(), rules.MonthShare():
            return _scaled(value.numerator, value.of, other.numerator, other.of, times)
        case rules.CycleShare(), rules.CycleShare():
            return _scaled(value.numerator, value.of, other.numerator, other.of, times)
        case (rules.Share() | rules.Fact(), rules.Share() | rules.Fact()):
            (a, of), (b, other_of) = _share(value), _share(other)
            return _scaled(a, of, b, other_of, times)
    return False


def _scaled(a: Fraction | int, of: rules.Value, b: Fraction | int, other: rules.Value, times: Fraction) -> bool:
    if isinstance(of, rules.Fact) and isinstance(other, rules.Fact):
        return of == other and a >= times * b
    return bool(a) and never_below(of, other, times * b / a)


def _share(value: rules.Share | rules.Fact) -> tuple[Fraction, rules.Value]:
    return (_ONE, value) if isinstance(value, rules.Fact) else (value.ratio, figure_value(value.of))


def branches(value: rules.Value) -> tuple[rules.Value, ...]:
    """What a choice or a maximum comes to in one case or another; any other value is its own only branch."""
    match value:
        case rules.Larger(values=values):
            return values
        case rules.CodeChoice(cases=cases, otherwise=rest):
            return (*(each for _, each in cases), *(() if rest is None else (rest,)))
        case rules.Ladder(steps=steps, otherwise=rest):
            return (*(each for _, each in steps), rest)
    return (value,)


def _is_zero(value: rules.Value) -> bool:
    return isinstance(value, rules.Constant) and not value.value


def is_never_negative(what: rules.Value | rules.Tiers) -> bool:
    """Whether every number in ``what`` is at least 0; facts are, for a request that gives less is malformed."""
    return all(each.value >= 0 for each in inner_values(what, through_names=True) if isinstance(each, rules.Constant))


def reads_month(what: rules.Value | rules.Tiers) -> bool:
    """Whether ``what`` is a share by the days of the month in which a part begins."""
    return any(isinstance(each, rules.MonthShare) for each in inner_values(what, through_names=True))


def facts_of_outage(what: Iterable[rules.Value | rules.Condition]) -> tuple[rules.Fact, ...]:
    """The facts of one outage that are read, each once."""
    found = [each for part in what for each in inner_values(part, through_names=True) if isinstance(each, rules.Fact)]
    return tuple(dict.fromkeys(fact for fact in found if fact.of == "outage"))
