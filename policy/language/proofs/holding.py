"""Whether conditions can hold together: for each fact that they ask about, whether any value is left.

By their form: a fact is looked at by itself, so "can hold" only means that no single fact stands against it. Outages of an
occasion are looked at in the same way: what holds of every one holds of any one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Final, Literal

from policy.calculator import rules
from policy.language.proofs.walk import figure_value

_MOST_WAYS: Final = 512
"""In how many ways conditions may be met that are looked at; beyond that they are taken for such as can be."""
_FLIPPED: Final[dict[rules.Op, rules.Op]] = {
    "less than": "at least", "at least": "less than", "more than": "at most", "at most": "more than",
}  # fmt: skip

Subject = rules.Fact | rules.Length | rules.Availability | tuple[str, str]
"""What has a value: a fact, the length of an occasion, its availability; time by scope and measure; the amount."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """``subject`` is from ``low`` to ``high``, both among them; None: no end."""

    subject: Subject
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True, slots=True)
class _Codes:
    """``subject`` is one of ``codes``; "yes" and "no" are such as well."""

    subject: rules.Fact
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Outages:
    """One way in which conditions of any, or of every outage of an occasion are met."""

    which: Literal["any", "every"]
    literals: tuple["_Literal", ...]


_Literal = _Numbers | _Codes | _Outages


def can_hold(conditions: Iterable[rules.Condition]) -> bool:
    """Whether a request may meet all of ``conditions``, as far as single facts show."""
    ways = _ways(rules.AllOf(tuple(conditions)))
    return ways is None or any(_is_open(way) for way in ways)


def always_holds(condition: rules.Condition) -> bool:
    """Whether every request meets it that gives what it asks for."""
    against = _against(condition)
    return against is not None and not can_hold((against,))


def _ways(condition: rules.Condition) -> list[tuple[_Literal, ...]] | None:
    """The ways in which it is met, each a conjunction; None: too many to look at. What cannot be looked at is met by ()."""
    match condition:
        case rules.AllOf(conditions=parts):
            each = [_ways(part) for part in parts]
            known = [ways for ways in each if ways is not None]
            if len(known) < len(each):
                return None
            ways: list[tuple[_Literal, ...]] = [()]
            for more in known:
                if len(ways) * len(more) > _MOST_WAYS:
                    return None
                ways = [(*one, *other) for one, other in product(ways, more)]
            return ways
        case rules.AnyOf(conditions=parts):
            each = [_ways(part) for part in parts]
            return None if any(ways is None for ways in each) else [way for ways in each if ways is not None for way in ways]
        case rules.OfOutages(which=which, condition=inner):
            met = _ways(inner)
            if met is None or (which == "every" and len(met) > 1):  # each outage may meet it in its own way
                return [()] if met is None or any(_is_open(way) for way in met) else [(_Outages(which, _NEVER),)]
            return [(_Outages(which, way),) for way in met]
    literal = _literal(condition)
    return [()] if literal is None else [(literal,)]


def _literal(condition: rules.Condition) -> _Literal | None:
    match condition:
        case rules.IsYes(subject=subject, yes=yes):
            found = figure_value(subject)
            return _Codes(found, frozenset(["yes" if yes else "no"])) if isinstance(found, rules.Fact) else None
        case rules.IsOneOf(subject=subject, codes=codes):
            return _one_of(figure_value(subject), figure_value(codes))
        case rules.Compare(subject=subject, bound=bound):
            limit, found = figure_value(bound.value), figure_value(subject)
            if isinstance(limit, rules.Constant) and isinstance(found, rules.Fact | rules.Length | rules.Availability):
                return _numbers(found, bound.op, limit.value, whole=_is_whole(found))
        case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
            return _numbers((scope, "" if measure is None else measure.name), op, seconds, whole=measure is None)
        case rules.AmountIs(op=op, quantity=quantity):
            return _numbers(("amount", ""), op, Fraction(quantity), whole=True)
    return None


def _one_of(subject: rules.Value, codes: rules.Value) -> _Codes | None:
    """Also of a choice by the codes of a fact: those which come to one of ``codes``."""
    if not isinstance(codes, rules.Code):
        return None
    wanted = frozenset(codes.codes)
    if isinstance(subject, rules.Fact):
        return _Codes(subject, wanted)
    if not isinstance(subject, rules.CodeChoice):
        return None
    asked = figure_value(subject.subject)
    if not isinstance(asked, rules.Fact) or not asked.codes:
        return None
    taken: set[str] = set()
    left = set(asked.codes)
    cases = [*subject.cases, *([] if subject.otherwise is None else [((), subject.otherwise)])]
    for keys, value in cases:
        to = figure_value(value)
        if not isinstance(to, rules.Code) or len(to.codes) != 1:
            return None
        among = set(keys) or set(left)
        left -= among
        taken |= among if to.codes[0] in wanted else set()
    return _Codes(asked, frozenset(taken))


def _is_whole(subject: Subject) -> bool:
    """Whether it comes in whole base units."""
    return not isinstance(subject, rules.Availability) and not (isinstance(subject, rules.Fact) and subject.type == "ratio")


def _numbers(subject: Subject, op: rules.Op, limit: Fraction, *, whole: bool) -> _Numbers | None:
    """What ``op`` leaves, with what can be at all. Of what is not whole, the limit itself is counted in."""
    low, high = _range(subject)
    if op in ("at least", "more than"):
        bound = limit if not whole else Fraction(ceil(limit) if op == "at least" else floor(limit) + 1)
        low = bound if low is None else max(low, bound)
    else:
        bound = limit if not whole else Fraction(floor(limit) if op == "at most" else ceil(limit) - 1)
        high = bound if high is None else min(high, bound)
    return _Numbers(subject, low, high)


def _range(subject: Subject) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most that it can be."""
    zero = Fraction(0)
    if isinstance(subject, rules.Availability):
        return zero, Fraction(1)
    if not isinstance(subject, rules.Fact):
        return zero, None
    if subject.type in ("instant", "date") or (subject.name == "notice" and not subject.attribute):
        return None, None
    return zero, None if subject.at_most is None else Fraction(subject.at_most)


def _against(condition: rules.Condition) -> rules.Condition | None:
    """What holds where ``condition`` does not; None: not to be said."""
    match condition:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            others = [_against(part) for part in parts]
            found = tuple(each for each in others if each is not None)
            if len(found) < len(others):
                return None
            return rules.AnyOf(found) if isinstance(condition, rules.AllOf) else rules.AllOf(found)
        case rules.OfOutages(which=which, condition=inner):
            other = _against(inner)
            return None if other is None else rules.OfOutages("every" if which == "any" else "any", other)
        case rules.IsYes(subject=subject, yes=yes):
            return rules.IsYes(subject, not yes)
        case rules.IsOneOf(subject=subject, codes=codes):
            known, taken = figure_value(subject), figure_value(codes)
            if not isinstance(known, rules.Fact) or not known.codes or not isinstance(taken, rules.Code):
                return None
            return rules.IsOneOf(subject, rules.Code(tuple(code for code in known.codes if code not in taken.codes)))
        case rules.Compare(subject=subject, bound=bound):
            return rules.Compare(subject, rules.Bound(_FLIPPED[bound.op], bound.value))
        case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
            return rules.TimeIn(scope, _FLIPPED[op], seconds, measure)
        case rules.AmountIs(op=op, quantity=quantity):
            return rules.AmountIs(_FLIPPED[op], quantity)


def _is_open(way: Iterable[_Literal]) -> bool:
    """Whether each subject has a value left."""
    codes: dict[rules.Fact, frozenset[str]] = {}
    numbers: dict[Subject, tuple[Fraction | None, Fraction | None]] = {}
    every: list[_Literal] = []
    some: list[tuple[_Literal, ...]] = []
    for literal in way:
        match literal:
            case _Codes(subject=fact, codes=wanted):
                codes[fact] = codes.get(fact, wanted) & wanted
            case _Numbers(subject=subject, low=low, high=high):
                numbers[subject] = _narrowed(numbers.get(subject, (None, None)), low, high)
            case _Outages(which="every", literals=literals):
                every += literals
            case _Outages(literals=literals):
                some.append(literals)
    if not all(codes.values()) or any(low is not None and high is not None and low > high for low, high in numbers.values()):
        return False
    return all(_is_open((*every, *literals)) for literals in (some or [()])) if every or some else True


def _narrowed(
    had: tuple[Fraction | None, Fraction | None], low: Fraction | None, high: Fraction | None
) -> tuple[Fraction | None, Fraction | None]:
    lows, highs = ([each for each in pair if each is not None] for pair in ((had[0], low), (had[1], high)))
    return max(lows, default=None), min(highs, default=None)


def _nothing() -> Iterator[_Literal]:
    yield _Numbers(("", ""), Fraction(1), Fraction(0))


_NEVER: Final[tuple[_Literal, ...]] = tuple(_nothing())
"""What no outage meets."""
