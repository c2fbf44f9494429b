"""Values and conditions of the language, for one reader. Unknown is a value too, and the third answer of a condition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from policy.calculator import rules
from policy.calculator.request import Interval
from tests.judge.facts import Absent, Known, Moment, Reader, Unknown, read_fact
from tests.judge.wall_clock import local


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient of two amounts that is compared and never divided; over 0 it is above every bound."""

    numerator: Fraction
    denominator: Fraction


Value = Known | Ratio


def value_of(value: rules.Value, reader: Reader) -> Value | Unknown:
    """What a value comes to."""
    match value:
        case rules.Fact():
            return read_fact(value, reader)
        case rules.Length():
            assert reader.length is not None
            return reader.length
        case rules.Availability():
            return _availability(reader)
        case rules.Start():
            assert reader.begins is not None
            return reader.begins(value)
        case rules.Extreme():
            return _extreme(value, reader)
        case rules.Constant(value=number):
            return number
        case rules.Code(codes=codes):
            return codes
        case rules.Named(figure=figure):
            known = value_of(figure.value, reader)
            if figure.clause is not None and not isinstance(known, Unknown):
                reader.used.add(figure.clause.id)
            return known
        case rules.CodeChoice() | rules.Ladder():
            return _choice(value, reader)
        case rules.Quotient(numerator=one, denominator=other):
            parts = amounts_of((one, other), reader)
            return parts if isinstance(parts, Unknown) else Ratio(*parts)
        case _:
            return _computed(value, reader)


def amount_of(value: rules.Value, reader: Reader) -> Fraction | Unknown:
    """What a value comes to that is an amount."""
    known = value_of(value, reader)
    if isinstance(known, Unknown):
        return known
    assert isinstance(known, int | Fraction), known
    return Fraction(known)


def amounts_of(values: Iterable[rules.Value], reader: Reader) -> list[Fraction] | Unknown:
    """Several amounts, all of which are needed."""
    known = [amount_of(each, reader) for each in values]
    return all_unknown(known) or [each for each in known if not isinstance(each, Unknown)]


def codes_of(value: rules.Value, reader: Reader) -> tuple[str, ...] | Unknown:
    """What a value comes to that is a code or several."""
    known = value_of(value, reader)
    assert isinstance(known, Unknown | tuple), known
    return known  # type: ignore[return-value]


def words_of(part: object) -> Iterator[object]:
    """Everything that a value or a condition is made of."""
    if isinstance(part, tuple):
        for each in part:
            yield from words_of(each)
    elif is_dataclass(part):
        yield part
        for each in fields(part):
            yield from words_of(getattr(part, each.name))


def all_unknown(parts: Iterable[object]) -> Unknown | None:
    """What all of ``parts`` that are not known need together; None where all are known."""
    unknown = [part.fields for part in parts if isinstance(part, Unknown)]
    return Unknown(frozenset().union(*unknown)) if unknown else None


def _availability(reader: Reader) -> Fraction | Unknown:
    """1 less the length over that of the month or cycle; what lies before or after the cycle is of none."""
    length = reader.length
    assert length is not None
    if reader.whole is None or isinstance(length, Unknown):
        return length if reader.whole is not None and isinstance(length, Unknown) else Fraction(1)
    return 1 - length / reader.whole


def _extreme(value: rules.Extreme, reader: Reader) -> Moment | Unknown:
    """The latest needs every start; the earliest is of those whose instants are given, and absent where none is."""
    known = [value_of(each, reader) for each in value.starts]
    absent = [each for each in known if isinstance(each, Absent)]
    unknown = [each for each in known if isinstance(each, Unknown) and not isinstance(each, Absent)]
    given = [each.seconds for each in known if isinstance(each, Moment)]
    if value.which == "latest":
        if needed := all_unknown((*unknown, *absent)):
            return Absent(needed.fields) if absent else needed
        return Moment(max(given))
    if unknown or not given:
        needed = all_unknown(unknown or absent)
        assert needed is not None
        return needed if unknown else Absent(needed.fields)
    return Moment(min(given))


def _computed(value: rules.Value, reader: Reader) -> Value | Unknown:
    match value:
        case rules.Share(ratio=ratio, of=of):
            amount = amount_of(of, reader)
            return amount if isinstance(amount, Unknown) else ratio * amount
        case rules.MonthShare(numerator=numerator, of=of):
            amount = amount_of(of, reader)
            assert reader.days_in_month is not None
            return amount if isinstance(amount, Unknown) else Fraction(numerator, reader.days_in_month) * amount
        case rules.CycleShare(numerator=numerator, of=of):
            amount, days = amount_of(of, reader), days_in_cycle(reader)
            unknown = all_unknown((amount, days))
            return unknown or Fraction(numerator, days) * amount  # type: ignore[arg-type, operator]
        case rules.Larger(values=values):
            amounts = amounts_of(values, reader)
            return amounts if isinstance(amounts, Unknown) else max(amounts)
    raise AssertionError(f"no such value: {value}")


CYCLE: Final = "subscriber.billing_cycle"


def cycle_of(reader: Reader) -> Interval | Unknown:
    """The billing cycle that the request gives."""
    assert reader.request.subscriber is not None
    return reader.request.subscriber.billing_cycle or Unknown(frozenset({CYCLE}))


def days_in_cycle(reader: Reader) -> int | Unknown:
    """The local dates from the one on which the cycle begins until before the one on which it ends."""
    cycle = cycle_of(reader)
    if isinstance(cycle, Unknown):
        return cycle
    return (local(cycle.ended_at, reader.zone).date() - local(cycle.started_at, reader.zone).date()).days


def _choice(choice: rules.CodeChoice | rules.Ladder, reader: Reader) -> Value | Unknown:
    """The case that holds. Where that is not known: what tells it, and what every case needs that might hold."""
    subject = value_of(choice.subject, reader)
    if isinstance(choice, rules.CodeChoice):
        every: list[rules.Value] = [case for _, case in choice.cases]
        if choice.otherwise is not None:
            every.append(choice.otherwise)
        if isinstance(subject, Unknown):
            return _one_of(subject, every, reader)
        [code] = subject  # type: ignore[misc]
        listed = [case for codes, case in choice.cases if code in codes] or every[-1:]
        return value_of(listed[0], reader)
    cases = [case for _, case in choice.steps] + [choice.otherwise]
    if isinstance(subject, Unknown):
        return _one_of(subject, cases, reader)
    for number, (bound, case) in enumerate(choice.steps):
        holds = _passes(subject, bound, reader)
        if isinstance(holds, Unknown):
            return _one_of(holds, cases[number:], reader)
        if holds:
            return value_of(case, reader)
    return value_of(choice.otherwise, reader)


def _one_of(unknown: Unknown, cases: list[rules.Value], reader: Reader) -> Unknown:
    # What is looked at here is not what the answer rests on: there is none.
    needs = [value_of(case, reader) for case in cases]
    fields = [each.fields if isinstance(each, Unknown) else frozenset[str]() for each in needs]
    return Unknown(unknown.fields | frozenset.intersection(*fields))


def one_of(cases: Iterable[rules.Value], reader: Reader) -> Unknown:
    """What every one of several values needs, where it is not known which of them is meant."""
    return _one_of(Unknown(frozenset()), list(cases), reader)


def holds(condition: rules.Condition, reader: Reader) -> bool | Unknown:
    """Whether a condition on facts holds; one on time is for :mod:`tests.judge.there`."""
    match condition:
        case rules.AllOf(conditions=conditions):
            return all_hold(holds(each, reader) for each in conditions)
        case rules.AnyOf(conditions=conditions):
            return any_holds(holds(each, reader) for each in conditions)
        case rules.OfOutages(which=which, condition=inner):
            assert reader.outages is not None
            each_of = [holds(inner, reader.of(told)) for told in reader.outages]
            return any_holds(each_of) if which == "any" else all_hold(each_of)
        case rules.IsYes(subject=subject, yes=yes):
            known = value_of(subject, reader)
            return known if isinstance(known, Unknown) else known is yes
        case rules.IsOneOf(subject=subject, codes=codes):
            one, others = codes_of(subject, reader), codes_of(codes, reader)
            return all_unknown((one, others)) or set(one) <= set(others)  # type: ignore[arg-type]
        case rules.Compare(subject=subject, bound=bound):
            known = value_of(subject, reader)
            if isinstance(known, Unknown):
                return all_unknown((known, value_of(bound.value, reader))) or known
            return _passes(known, bound, reader)
    raise AssertionError(f"a condition on time stands where none can be tested: {condition}")


def all_hold(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """And, with the third answer: one that fails settles it."""
    unknown = []
    for answer in answers:
        if answer is False:
            return False
        unknown.append(answer)
    return all_unknown(unknown) or True


def any_holds(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """Or, with the third answer: one that holds settles it."""
    unknown = []
    for answer in answers:
        if answer is True:
            return True
        unknown.append(answer)
    return all_unknown(unknown) or False


def _passes(subject: Value, bound: rules.Bound, reader: Reader) -> bool | Unknown:
    limit = value_of(bound.value, reader)
    if isinstance(limit, Unknown):
        return limit
    return compare(*_comparable(subject, limit, reader), bound.op)


def compare(one: Fraction | int, other: Fraction | int, op: rules.Op) -> bool:
    """Less than is <, at most ≤, more than >, at least ≥."""
    return {"less than": one < other, "at most": one <= other, "more than": one > other, "at least": one >= other}[op]


def _comparable(one: Value, other: Value, reader: Reader) -> tuple[Fraction | int, Fraction | int]:
    """Two numbers for two values. A date beside an instant means the local date of the instant; dates are day numbers."""
    if isinstance(one, Ratio):
        assert isinstance(other, int | Fraction)
        return (one.numerator, other * one.denominator) if one.denominator else (1, 0)
    if isinstance(one, Moment) and isinstance(other, Moment):
        return one.seconds, other.seconds
    return _number(one, reader), _number(other, reader)


def _number(value: Value, reader: Reader) -> Fraction | int:
    match value:
        case Moment(seconds=seconds):
            return local(seconds, reader.zone).date().toordinal()
        case date():
            return value.toordinal()
        case int() | Fraction():
            return value
    raise AssertionError(f"not to be compared: {value}")
