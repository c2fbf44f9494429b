"""Values over columns: what a figure, a rate or a factor comes to for every row, or for every view of an outage.

A value is read under a mask of those that need it (``live``); elsewhere its number means nothing. A fact that is not given
where it is needed is noted as unknown, and so is what rests on it. Numbers are numerators over one denominator; ``bound`` is as
far as they can go, so that no product overflows: a version for which that cannot be said has no column reading.
"""

from functools import cache, cached_property
from math import lcm
from typing import Final

import numpy as np

from policy.calculator import codes, rules
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.column import (
    Branches,
    Column,
    Test,
    axis_of,
    choice_of,
    compared,
    constant,
    fits,
    holds_on,
    on,
)
from policy.calculator.columns.cycle import cycle_share, month_share
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.unknown import UNCLAIMED, cited, somewhere
from policy.calculator.compiled import compare, compares_dates
from policy.calculator.conditions import as_set
from policy.calculator.facts import RATIO_DENOMINATOR

Held = str | frozenset[str]
"""A code, or a set of several."""

LARGEST_FACTS: Final = (2**52, 2**46, 2**40, 2**36)
"""What facts may come to in columns, if the policy puts no lower bound; a row that holds more is hard.

The first by which a version's numbers fit is its own: petabytes for most; hundreds of millions of money for one that divides by
the days of months and of cycles at once.
"""

CORE_CODES: Final = {
    "plan_type": codes.PLAN_TYPES,
    "customer_type": codes.CUSTOMER_TYPES,
    "payment": codes.PAYMENTS,
    "cause": codes.CAUSES,
    "impact": codes.IMPACTS,
    "claim": ("NONE", "MADE"),
}


class ColumnValues:
    """Compiles the values of one version, each once."""

    def __init__(self, time: ColumnTime, largest: int) -> None:
        """``time`` is the zone's: instants are compared with dates by their local dates. Facts go up to ``largest``."""
        self._time, self._largest = time, largest
        self._numbers: dict[Held, int] = {}
        self.figure_axis: dict[str, Axis] = {}
        self._clause_number: dict[str, int] = {"": UNCLAIMED}
        self._known: dict[int, tuple[rules.Value, Column]] = {}

    def number_of(self, held: Held) -> int:
        """The number of a code, or of a set of codes."""
        return self._numbers.setdefault(held, len(self._numbers))

    @cached_property
    def services_of(self) -> Ints:
        """By the number of a code or set, once all are compiled: the services that it is or holds, as bits."""
        return np.array(
            [sum((code in as_set(held)) << place for place, code in enumerate(codes.SERVICES)) for held in self._numbers],
            np.int64,
        )

    @cached_property
    def is_in(self) -> Mask:
        """By the numbers of a code and of a code or set, once all are compiled: whether the one is in the other."""
        return np.array([[code in as_set(held) for held in self._numbers] for code in self._numbers], np.bool_)

    def column(self, value: rules.Value) -> Column:
        """The column reading of a number, or of a code or a set of codes by its number. Raises NoColumns."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, self._compile(value))
        return known[1]

    def _compile(self, value: rules.Value) -> Column:
        match value:
            case rules.Constant(value=number):
                return constant(number.numerator, number.denominator)
            case rules.Code(codes=held):
                return constant(self.number_of(held[0] if len(held) == 1 else frozenset(held)), 1)
            case rules.Fact():
                return self._fact(value)
            case rules.Named(figure=figure):
                return self._named(figure, self.column(figure.value))
            case rules.Share(ratio=ratio, of=of):
                inner, numerator = self.column(of), ratio.numerator
                read = inner.read
                bound = fits(inner.bound * numerator)
                denominator = inner.denominator * ratio.denominator
                return Column(lambda frame, live: read(frame, live) * numerator, inner.axis, denominator, bound)
            case rules.Larger(values=parts):
                return self._larger([self.column(part) for part in parts])
            case rules.MonthShare(numerator=numerator, of=of):
                return month_share(numerator, self.column(of))
            case rules.CycleShare(numerator=numerator, of=of):
                return cycle_share(numerator, self.column(of), self._time)
            case rules.CodeChoice():
                return self._code_choice(value)
            case rules.Ladder():
                return self._ladder(value)
            case rules.Quotient():
                raise AssertionError("a quotient stands only as the subject of a choice")  # the language sees to it

    def _fact(self, fact: rules.Fact) -> Column:
        axis: Axis = "view" if fact.of == "outage" else "row"
        name, field, if_absent = fact.name, fact.field, fact.if_absent
        places = fact.codes if fact.attribute else CORE_CODES.get(name, ())
        known = np.array([self.number_of(code) for code in places], np.int64) if places else None
        absent = None if if_absent is None else self._absent(fact)
        limit = self._largest if fact.at_most is None else min(fact.at_most, self._largest)
        limit *= RATIO_DENOMINATOR if fact.type == "ratio" else 1

        def read(frame: Frame, live: Mask) -> Ints:
            fact_given = frame.fact(name, axis)
            numbers, given = fact_given.numbers, fact_given.given
            everywhere = given.all()
            if known is not None:
                numbers = known[numbers if everywhere else np.where(given, numbers, 0)]
            if not everywhere:
                if absent is None:
                    frame.note({field: (live & ~given) * np.int64(UNCLAIMED)})
                    live = live & given
                else:
                    numbers = np.where(given, numbers, absent)
            if known is None:
                frame.mark_hard(live & (numbers > limit), axis)
            return numbers

        return Column(read, axis, RATIO_DENOMINATOR if fact.type == "ratio" else 1, fits(limit))

    def _absent(self, fact: rules.Fact) -> int:
        absent = fact.if_absent
        if isinstance(absent, str):
            return self.number_of(absent)
        assert absent is not None and not isinstance(absent, tuple)  # INVARIANT: intervals are read as such
        return int(absent * RATIO_DENOMINATOR) if fact.type == "ratio" else int(absent)

    def _named(self, figure: rules.Figure, inner: Column) -> Column:
        name, read, axis = figure.name, inner.read, inner.axis
        self.figure_axis[name] = axis
        clause = figure.clause.id if figure.clause else ""
        number = self._clause_number.setdefault(clause, UNCLAIMED + len(self._clause_number))

        def remembered(frame: Frame, live: Mask) -> Ints:
            numbers, unknown = frame.apart(read, live)
            if unknown:
                frame.note(cited(unknown, number))
                live = live & ~somewhere(unknown)
            before = frame.read_live.get(name)
            frame.read_live[name] = live if before is None else before | live
            return numbers

        return Column(remembered, axis, inner.denominator, inner.bound)

    def _larger(self, parts: list[Column]) -> Column:
        denominator = lcm(*(part.denominator for part in parts))
        axis = axis_of(parts)
        reads = [on(axis, part, part.over(denominator)) for part in parts]

        def largest(frame: Frame, live: Mask) -> Ints:
            numbers = reads[0](frame, live)
            for read in reads[1:]:
                numbers = np.maximum(numbers, read(frame, live))
            return numbers

        bound = max(part.bound * (denominator // part.denominator) for part in parts)
        return Column(largest, axis, denominator, bound)

    def _code_choice(self, choice: rules.CodeChoice) -> Column:
        subject = self.column(choice.subject)
        branches = [self.column(value) for _, value in choice.cases]
        if choice.otherwise is not None:
            branches.append(self.column(choice.otherwise))
        places = {self.number_of(code): number for number, (held, _) in enumerate(choice.cases) for code in held}
        rest = len(branches) - 1
        axis = axis_of([subject, *branches])
        read_subject = on(axis, subject, subject.read)
        by_branch = Branches(axis, branches)

        @cache
        def table() -> Ints:
            """The branch of each code, once all have their numbers."""
            return np.array([places.get(number, rest) for number in range(len(self._numbers))], np.int64)

        def chosen(frame: Frame, live: Mask) -> Ints:
            codes, unknown = frame.apart(read_subject, live)
            if unknown:
                frame.note(unknown)
                undecided = somewhere(unknown)
                by_branch.unknown_to_all(frame, undecided)
                live = live & ~undecided
            return by_branch.read(frame, live, table()[codes])

        return choice_of(chosen, axis, branches)

    def _ladder(self, ladder: rules.Ladder) -> Column:
        tests = [self.comparison(ladder.subject, bound) for bound, _ in ladder.steps]
        branches = [*(self.column(value) for _, value in ladder.steps), self.column(ladder.otherwise)]
        axis: Axis = "view" if axis_of(branches) == "view" or any(of == "view" for _, of in tests) else "row"
        holds = [holds_on(axis, test, test_axis) for test, test_axis in tests]
        by_branch = Branches(axis, branches)

        def chosen(frame: Frame, live: Mask) -> Ints:
            taken = np.full(frame.size(axis), len(holds), np.int64)
            undecided = live
            for number, test in enumerate(holds):
                found, unknown = frame.apart(test, undecided)
                if unknown:
                    frame.note(unknown)
                    unasked = somewhere(unknown)
                    by_branch.unknown_to_all(frame, unasked)
                    undecided, live = undecided & ~unasked, live & ~unasked
                found = undecided & found
                taken[found] = number
                undecided = undecided & ~found
            return by_branch.read(frame, live, taken)

        return choice_of(chosen, axis, branches)

    def comparison(self, subject: rules.Value, bound: rules.Bound) -> tuple[Test, Axis]:
        """Whether ``subject`` keeps ``bound``, and over which axis."""
        op = bound.op
        if isinstance(subject, rules.Quotient):
            return self._quotient_comparison(subject, bound)
        left, right = self.column(subject), self.column(bound.value)
        axis = axis_of([left, right])
        fits(left.bound * right.denominator)
        fits(right.bound * left.denominator)
        read_left, read_right = on(axis, left, left.read), on(axis, right, right.read)
        left_scale, right_scale = right.denominator, left.denominator
        if compares_dates(subject, bound):
            day_of, instants = self._time.day_of, read_left
            return lambda frame, live: compared(op, day_of(instants(frame, live)), read_right(frame, live)), axis

        scaled = read_left if left_scale == 1 else lambda frame, live: read_left(frame, live) * left_scale
        if right.held is not None:  # most bounds: nothing on the right is left to read
            limit = right.held * right_scale
            return lambda frame, live: compared(op, scaled(frame, live), limit), axis
        return lambda frame, live: compared(op, scaled(frame, live), read_right(frame, live) * right_scale), axis

    def _quotient_comparison(self, subject: rules.Quotient, bound: rules.Bound) -> tuple[Test, Axis]:
        parts = [self.column(each) for each in (subject.numerator, subject.denominator, bound.value)]
        above, below, right = parts
        axis, op = axis_of(parts), bound.op
        left_scale, right_scale = below.denominator * right.denominator, above.denominator
        fits(above.bound * left_scale)
        fits(right.bound * below.bound * right_scale)
        reads = [on(axis, part, part.read) for part in parts]

        def holds(frame: Frame, live: Mask) -> Mask:
            numerator, denominator, limit = (read(frame, live) for read in reads)
            within = compared(op, numerator * left_scale, limit * denominator * right_scale)
            return np.where(denominator == 0, compare(op, 1, 0), within)  # a quotient over 0 is above every bound

        return holds, axis
