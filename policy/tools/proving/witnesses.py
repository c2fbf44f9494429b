"""Witnesses of a branch: facts that a request must give so that a value comes out, or a condition holds or fails.

An assignment holds facts by name, each in its base unit: 5899 minor units, a code, True. Nothing is decided here: what an
assignment leads to is seen by deciding a request with it.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, Final

from policy.calculator import rules

Assignment = dict[str, Any]

DENOMINATOR_VALUE: Final = 20 * 2**30
"""What stands below in a quotient: 20 GiB, of which every usual share is whole."""
MOST: Final = 64
"""So many witnesses of one value are tried; a policy has few."""


def joined(*parts: Assignment) -> Assignment | None:
    """All of them; None where two contradict each other."""
    whole: Assignment = {}
    for part in parts:
        for name, value in part.items():
            if whole.setdefault(name, value) != value:
                return None
    return whole


def product(choices: Iterable[Iterable[Assignment]]) -> Iterator[Assignment]:
    """One of each, together, where they do not contradict each other."""
    lists = [list(islice(each, MOST)) for each in choices]

    def from_(number: int, known: Assignment) -> Iterator[Assignment]:
        if number == len(lists):
            yield known
            return
        for each in lists[number]:
            whole = joined(known, each)
            if whole is not None:
                yield from from_(number + 1, whole)

    return from_(0, {})


def witnesses(value: rules.Value) -> Iterator[tuple[Assignment, rules.Value]]:
    """Each branch of a value with the facts that lead to it."""
    match value:
        case rules.Named(figure=figure):
            yield from witnesses(figure.value)
        case rules.CodeChoice():
            yield from _of_code_choice(value)
        case rules.Ladder():
            yield from _of_ladder(value)
        case rules.Larger(values=values):
            for each in values:
                yield from witnesses(each)
        case _:
            yield {}, value


def _of_code_choice(choice: rules.CodeChoice) -> Iterator[tuple[Assignment, rules.Value]]:
    for known, subject in witnesses(choice.subject):
        codes = subject.codes if isinstance(subject, rules.Fact | rules.Code) else ()
        taken: set[int] = set()
        for code in codes:
            number = next((number for number, (case, _) in enumerate(choice.cases) if code in case), len(choice.cases))
            branch = choice.cases[number][1] if number < len(choice.cases) else choice.otherwise
            if number in taken or branch is None:
                continue
            taken.add(number)
            asked: Assignment = {subject.name: code} if isinstance(subject, rules.Fact) else {}
            yield from _within(branch, known, asked)


def _of_ladder(ladder: rules.Ladder) -> Iterator[tuple[Assignment, rules.Value]]:
    """Each step by the value of it that is nearest to the next, and what stands otherwise by the nearest beyond all."""
    for bound, branch in ladder.steps:
        for asked in to_compare(ladder.subject, bound, wanted=True):
            yield from _within(branch, asked)
    for asked in to_compare(ladder.subject, ladder.steps[-1][0], wanted=False):
        yield from _within(ladder.otherwise, asked)


def _within(branch: rules.Value, *known: Assignment) -> Iterator[tuple[Assignment, rules.Value]]:
    for inner, leaf in witnesses(branch):
        whole = joined(*known, inner)
        if whole is not None:
            yield whole, leaf


def to_compare(subject: rules.Value, bound: rules.Bound, *, wanted: bool) -> Iterator[Assignment]:
    """Facts with which ``subject`` keeps ``bound``, or misses it by a unit."""
    while isinstance(subject, rules.Named):
        subject = subject.figure.value
    if not isinstance(bound.value, rules.Constant):
        yield {}
        return
    limit = bound.value.value
    holds_at_limit = bound.op in ("at most", "at least")
    upward = bound.op in ("less than", "at most")
    step = 0 if holds_at_limit == wanted else (-1 if upward == wanted else 1)
    match subject:
        case rules.Quotient(numerator=rules.Fact() as above, denominator=rules.Fact() as below):
            yield {below.name: DENOMINATOR_VALUE, above.name: int(limit * DENOMINATOR_VALUE) + step}
        case rules.Fact(type="yes or no"):
            yield {subject.name: wanted}
        case rules.Fact(type="instant" | "date") | rules.Length() | rules.Availability():
            yield {}  # dates are placed with the outage, and so is time
        case rules.Fact(type="ratio"):
            yield {subject.name: limit + Fraction(step, 1000)}
        case rules.Fact():
            yield {subject.name: int(limit) + step}
        case _:
            for known, leaf in witnesses(subject):
                if isinstance(leaf, rules.Fact):
                    for asked in to_compare(leaf, bound, wanted=wanted):
                        whole = joined(known, asked)
                        if whole is not None:
                            yield whole


def to_hold(condition: rules.Condition, *, wanted: bool = True) -> Iterator[Assignment]:
    """Facts with which ``condition`` holds, or fails; a condition on time asks for no fact."""
    match condition:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            if isinstance(condition, rules.AllOf) is wanted:
                yield from product([to_hold(part, wanted=wanted) for part in parts])
            else:
                for part in parts:
                    yield from to_hold(part, wanted=wanted)
        case rules.Compare(subject=subject, bound=bound):
            yield from to_compare(subject, bound, wanted=wanted)
        case rules.IsYes(subject=subject, yes=yes):
            yield from ({fact.name: yes is wanted} for fact in (subject,) if isinstance(fact, rules.Fact))
        case rules.IsOneOf(subject=subject, codes=codes):
            yield from _to_be_one_of(subject, {code for _, leaf in witnesses(codes) for code in _codes(leaf)}, wanted=wanted)
        case rules.OfOutages(condition=inner):
            yield from to_hold(inner, wanted=wanted)
        case rules.TimeIn():
            yield {}


def _to_be_one_of(subject: rules.Value, codes: set[str], *, wanted: bool) -> Iterator[Assignment]:
    for known, leaf in witnesses(subject):
        for code in _codes(leaf):
            if (code in codes) is wanted:
                yield known if isinstance(leaf, rules.Code) else {**known, getattr(leaf, "name", ""): code}


def _codes(leaf: rules.Value) -> tuple[str, ...]:
    return leaf.codes if isinstance(leaf, rules.Fact | rules.Code) else ()
