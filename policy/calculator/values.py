"""Values: what a figure, a rate or a factor comes to for one request.

Every value compiles to a function that returns the numerator over a denominator that is fixed when the policy is loaded:
the tables of a policy are scaled by their own common denominator once, so a decision multiplies integers and divides once
at the end. Codes compile to functions that return the code, or the set of codes.
"""

from collections.abc import Callable
from fractions import Fraction
from math import lcm
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.compiled import (
    TESTS,
    Axis,
    Compiled,
    Read,
    bind,
    common_factor,
    compares_dates,
    missed_by_all,
    on_axis,
)
from policy.calculator.cycle import cycle_of, days_in
from policy.calculator.facts import (
    RATIO_DENOMINATOR,
    Missing,
    Row,
    View,
    gather,
    getter,
)

MONTH_LENGTHS: Final = range(28, 32)
"""Days that a month can have, and a billing cycle that a policy divides by."""
DAYS_IN_MONTH_DENOMINATOR: Final = lcm(*MONTH_LENGTHS)
"""1/days_in_month is an integer over this, whatever the month; and so is 1/days_in_cycle."""


class Values:
    """Compiles values, each once; figures get a slot in the row (or the view) in which their value is remembered."""

    def __init__(self, local_day: Callable[[int], int]) -> None:
        """``local_day`` gives the local date of an instant, as an ordinal: instants are compared with dates by it."""
        self.local_day = local_day
        self.slots: dict[str, int] = {}
        self._compiled: dict[int, tuple[rules.Value, Compiled]] = {}

    def compiled(self, value: rules.Value) -> Compiled:
        """The compiled form of ``value``; the same object gives the same form."""
        known = self._compiled.get(id(value))
        if known is None:
            known = (value, self._compile(value))  # the value is kept, so that its id stays its own
            self._compiled[id(value)] = known
        return known[1]

    def _compile(self, value: rules.Value) -> Compiled:
        match value:
            case rules.Constant(value=number):
                numerator = number.numerator
                return Compiled(lambda _: numerator, number.denominator, common=numerator)
            case rules.Code(codes=codes):
                held: str | frozenset[str] = codes[0] if len(codes) == 1 else frozenset(codes)
                return Compiled(lambda _: held)
            case rules.Fact():
                return Compiled(getter(value), RATIO_DENOMINATOR if value.type == "ratio" else 1, value.of == "outage")
            case rules.Named(figure=figure):
                return self._named(figure)
            case rules.Share(ratio=ratio, of=of):
                return self._share(ratio, self.compiled(of))
            case rules.MonthShare(numerator=numerator, of=of):
                return self._month_share(numerator, self.compiled(of))
            case rules.CycleShare(numerator=numerator, of=of):
                return self._cycle_share(numerator, self.compiled(of))
            case rules.Larger(values=values):
                return self._larger([self.compiled(each) for each in values])
            case rules.CodeChoice():
                return self._code_choice(value)
            case rules.Ladder():
                return self._ladder(value)
            case rules.Quotient():
                raise AssertionError("a quotient stands only as the subject of a choice")  # the language sees to it

    def _named(self, figure: rules.Figure) -> Compiled:
        inner = self.compiled(figure.value)
        clause = figure.clause.id if figure.clause else ""
        read = inner.read

        if inner.by_month:  # changes from part to part, so it is read anew each time

            def cited(ctx: Any) -> Any:
                try:
                    return read(ctx)
                except Missing as missing:
                    raise missing.cited(clause) from None

            return Compiled(cited, inner.denominator, inner.of_outage, True, inner.pick, inner.common)
        slot = self.slots.setdefault(figure.name, len(self.slots))

        def remembered(ctx: Row | View) -> Any:
            value = ctx.figures[slot]
            if value is None:
                try:
                    value = ctx.figures[slot] = read(ctx)
                except Missing as missing:
                    raise missing.cited(clause) from None
            return value

        return Compiled(remembered, inner.denominator, inner.of_outage, False, inner.pick, inner.common)

    def _share(self, ratio: Fraction, of: Compiled) -> Compiled:
        read, numerator, denominator = of.read, ratio.numerator, of.denominator * ratio.denominator
        common = numerator * of.common
        return Compiled(lambda ctx: numerator * read(ctx), denominator, of.of_outage, of.by_month, common=common)

    def _month_share(self, numerator: int, of: Compiled) -> Compiled:
        read, scale, denominator = of.read, numerator * DAYS_IN_MONTH_DENOMINATOR, of.denominator * DAYS_IN_MONTH_DENOMINATOR
        common = numerator * of.common  # the shares of a day, over all lengths of a month, have no factor in common
        return Compiled(lambda row: scale // row.days_in_month * read(row), denominator, of.of_outage, True, common=common)

    def _cycle_share(self, numerator: int, of: Compiled) -> Compiled:
        read, scale, denominator = of.read, numerator * DAYS_IN_MONTH_DENOMINATOR, of.denominator * DAYS_IN_MONTH_DENOMINATOR
        local_day = self.local_day

        def shared(ctx: Row | View) -> Any:
            row = ctx.row if isinstance(ctx, View) else ctx
            try:
                return scale // days_in(cycle_of(row), local_day) * read(ctx)
            except Missing:
                raise Missing(gather((bind(cycle_of, row), bind(read, ctx)))) from None

        common = numerator * of.common  # as of a month's
        return Compiled(shared, denominator, of.of_outage, of.by_month, common=common)

    def _larger(self, values: list[Compiled]) -> Compiled:
        denominator = lcm(*(each.denominator for each in values))
        of_outage = any(each.of_outage for each in values)
        reads = [on_axis(each, of_outage, each.scaled_to(denominator)) for each in values]

        def largest(ctx: Any) -> Any:
            try:
                return max(read(ctx) for read in reads)
            except Missing:
                raise Missing(gather(bind(read, ctx) for read in reads)) from None

        common = common_factor(values, denominator)
        return Compiled(largest, denominator, of_outage, any(each.by_month for each in values), common=common)

    def _code_choice(self, choice: rules.CodeChoice) -> Compiled:
        branches = [self.compiled(value) for _, value in choice.cases]
        index = {code: number for number, (codes, _) in enumerate(choice.cases) for code in codes}
        rest = len(branches)
        if choice.otherwise is not None:
            branches.append(self.compiled(choice.otherwise))
        subject = self.compiled(choice.subject)
        axis = Axis.of(subject.of_outage, branches)
        code_of, reads = axis.read(subject), axis.reads
        by_code, otherwise = {code: reads[number] for code, number in index.items()}, reads[-1]

        def choose(ctx: Any) -> Any:
            try:
                code = code_of(ctx)
            except Missing as missing:
                raise Missing(missing.fields | missed_by_all(reads, ctx)) from None
            return by_code.get(code, otherwise)(ctx)

        return axis.compiled(choose, lambda ctx: index.get(code_of(ctx), rest))

    def _ladder(self, ladder: rules.Ladder) -> Compiled:
        branches = [self.compiled(value) for _, value in ladder.steps] + [self.compiled(ladder.otherwise)]
        tests = [self.comparison(ladder.subject, bound) for bound, _ in ladder.steps]
        axis = Axis.of(any(test.of_outage for test in tests), branches)
        holds, reads = [axis.read(test) for test in tests], axis.reads
        steps, otherwise = list(zip(holds, reads, strict=False)), reads[-1]

        def choose(ctx: Any) -> Any:
            read = otherwise
            try:
                for test, branch in steps:
                    if test(ctx):
                        read = branch
                        break
            except Missing as missing:
                raise Missing(missing.fields | missed_by_all(reads, ctx)) from None
            return read(ctx)

        def pick(ctx: Any) -> int:
            return next((number for number, test in enumerate(holds) if test(ctx)), len(holds))

        return axis.compiled(choose, pick)

    def comparison(self, subject: rules.Value, bound: rules.Bound) -> Compiled:
        """Whether ``subject`` keeps ``bound``: cross-multiplied, never divided.

        An instant is compared with a date by its own local date. A quotient over 0 is above every bound.
        """
        if isinstance(subject, rules.Quotient):
            return self._quotient_comparison(subject, bound)
        left, right = self.compiled(subject), self.compiled(bound.value)
        of_outage = left.of_outage or right.of_outage
        read_left, read_right = on_axis(left, of_outage, left.read), on_axis(right, of_outage, right.read)
        if compares_dates(subject, bound):
            read_left = _then(self.local_day, read_left)
        left_scale, right_scale, test = right.denominator, left.denominator, TESTS[bound.op]
        if isinstance(bound.value, rules.Constant):  # most bounds: nothing on the right is left to read
            limit = right.read(None) * right_scale
            if left_scale == 1:
                return Compiled(lambda ctx: test(read_left(ctx), limit), 1, of_outage)
            return Compiled(lambda ctx: test(read_left(ctx) * left_scale, limit), 1, of_outage)

        def holds(ctx: Any) -> bool:
            try:
                return test(read_left(ctx) * left_scale, read_right(ctx) * right_scale)
            except Missing:
                raise Missing(gather(bind(read, ctx) for read in (read_left, read_right))) from None

        return Compiled(holds, 1, of_outage)

    def _quotient_comparison(self, subject: rules.Quotient, bound: rules.Bound) -> Compiled:
        parts = [self.compiled(each) for each in (subject.numerator, subject.denominator, bound.value)]
        of_outage = any(part.of_outage for part in parts)
        above, below, right = (on_axis(part, of_outage, part.read) for part in parts)
        left_scale = parts[1].denominator * parts[2].denominator
        right_scale, test = parts[0].denominator, TESTS[bound.op]

        def holds(ctx: Any) -> bool:
            try:
                numerator, denominator, limit = above(ctx), below(ctx), right(ctx)
            except Missing:
                raise Missing(gather(bind(read, ctx) for read in (above, below, right))) from None
            return test(numerator * left_scale, limit * denominator * right_scale) if denominator else test(1, 0)

        return Compiled(holds, 1, of_outage)


def _then(after: Callable[[int], int], read: Read) -> Read:
    return lambda ctx: after(read(ctx))
