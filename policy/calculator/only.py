"""``only``: what time is kept, step by step, by how much of it falls in an interruption, a day, a month, a cycle, or in all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.compiled import compare
from policy.calculator.conditions import compile_condition
from policy.calculator.cycle import cycle_of, number_in, start_of
from policy.calculator.facts import Missing, Row
from policy.calculator.local_time import LocalTime
from policy.calculator.overlay import Span
from policy.calculator.values import Values

Verdict = bool | Missing
"""Whether a span is kept; Missing where that hangs on a fact that was not given."""

Judge = Callable[[Row, list[Span]], list[Verdict]]
Label = Callable[[Span], int]


@dataclass(frozen=True, slots=True)
class Only:
    """The steps of one clock. ``split`` cuts time at the edges of the days, months and cycles that the steps look at."""

    split: Callable[[list[Span]], list[Span]]
    judges: tuple[Judge, ...]

    def keep(self, row: Row, spans: list[Span]) -> list[Span]:
        """The spans that pass every step in turn. Raises Missing where a step cannot be decided."""
        spans = self.split(spans)
        for judge in self.judges:
            verdicts = judge(row, spans)
            raise_missing(verdicts)
            spans = [span for span, kept in zip(spans, verdicts, strict=True) if kept]
        return spans


def raise_missing(verdicts: Iterable[Verdict]) -> None:
    """Raises Missing with all that any of ``verdicts`` misses."""
    missing: dict[str, str] = {}
    for verdict in verdicts:
        if isinstance(verdict, Missing):
            missing |= verdict.fields
    if missing:
        raise Missing(missing)


def compile_only(steps: tuple[rules.Condition, ...], values: Values, almanac: Almanac, level_denominator: int) -> Only:
    """The steps of a clock whose levels are numerators over ``level_denominator``."""
    scopes = {test.scope for step in steps for test in time_tests(step)}
    judges = tuple(_judge(step, values, almanac, level_denominator) for step in steps)
    return Only(lambda spans: split_for(scopes, spans, almanac.local), judges)


def time_tests(condition: rules.Condition) -> list[rules.TimeIn]:
    """Every condition on time inside ``condition``."""
    match condition:
        case rules.TimeIn():
            return [condition]
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            return [test for part in parts for test in time_tests(part)]
        case _:
            return []


def split_for(scopes: set[rules.Scope], spans: list[Span], local: LocalTime) -> list[Span]:
    """``spans`` cut so that each lies in one of each of ``scopes``; day edges are month edges as well.

    A cycle that was not given cuts nothing: what asks for it is Missing.
    """
    if "local day" in scopes:
        spans = split(spans, local.day_of, local.starts_at)
    elif "month" in scopes:
        spans = split(spans, local.month_of, local.month_starts_at)
    if "billing cycle" in scopes and spans:
        cycle = spans[0].view.row.subscriber.billing_cycle
        if cycle is not None:
            spans = split(spans, partial(number_in, cycle), partial(start_of, cycle))
    return spans


def split(spans: list[Span], label_of: Callable[[int], int], starts_at: Callable[[int], int]) -> list[Span]:
    """``spans`` cut where the label of time changes: at midnights, at the first of months, at the edges of a cycle."""
    pieces: list[Span] = []
    for span in spans:
        first, last = label_of(span.start), label_of(span.end - 1)
        if first == last:
            pieces.append(span)
            continue
        edges = [span.start, *(starts_at(label) for label in range(first + 1, last + 1)), span.end]
        pieces.extend(span._replace(start=a, end=b) for a, b in pairwise(edges) if a < b)
    return pieces


def _judge(condition: rules.Condition, values: Values, almanac: Almanac, level_denominator: int) -> Judge:
    match condition:
        case rules.TimeIn():
            return _time_judge(condition, almanac, level_denominator)
        case rules.AllOf(conditions=parts):
            return _joined([_judge(part, values, almanac, level_denominator) for part in parts], decisive=False)
        case rules.AnyOf(conditions=parts):
            return _joined([_judge(part, values, almanac, level_denominator) for part in parts], decisive=True)
    test = compile_condition(condition, values, of_outage=True)

    def of_fact(_: Row, spans: list[Span]) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for span in spans:
            try:
                verdicts.append(test(span.view))
            except Missing as missing:
                verdicts.append(missing)
        return verdicts

    return of_fact


def _joined(judges: list[Judge], *, decisive: bool) -> Judge:
    """Any of (decisive True) or all of (decisive False): one decisive verdict decides, whatever the others miss."""

    def joined(row: Row, spans: list[Span]) -> list[Verdict]:
        return [_join(verdicts, decisive) for verdicts in zip(*(judge(row, spans) for judge in judges), strict=True)]

    return joined


def _join(verdicts: tuple[Verdict, ...], decisive: bool) -> Verdict:
    missing: dict[str, str] = {}
    for verdict in verdicts:
        if isinstance(verdict, Missing):
            missing |= verdict.fields
        elif verdict is decisive:
            return decisive
    return Missing(missing) if missing else not decisive


def _time_judge(test: rules.TimeIn, almanac: Almanac, level_denominator: int) -> Judge:
    label = label_in(test.scope, almanac.local)
    numerator, denominator, measure, op = test.seconds.numerator, test.seconds.denominator, test.measure, test.op

    def judge(row: Row, spans: list[Span]) -> list[Verdict]:
        amount: Callable[[Span], int]
        if measure is None:
            amount, scale = _length, 1
        else:
            try:
                density = almanac.density(row, measure)
            except Missing as missing:
                return [missing] * len(spans)
            amount, scale = _weighed(density.between), density.scale * level_denominator
        totals: dict[int, int] = {}
        try:
            keys = [label(span) for span in spans]
        except Missing as missing:
            return [missing] * len(spans)
        for key, span in zip(keys, spans, strict=True):
            totals[key] = totals.get(key, 0) + amount(span)
        kept = {key: compare(op, total * denominator, numerator * scale) for key, total in totals.items()}
        return [kept[key] for key in keys]

    return judge


def label_in(scope: rules.Scope, local: LocalTime) -> Label:
    """Which interruption, local day, month or billing cycle a span lies in; one and the same for ``total``.

    The label of a cycle raises Missing where the request gives none.
    """
    match scope:
        case "interruption":
            return lambda span: span.interruption
        case "local day":
            return lambda span: local.day_of(span.start)
        case "month":
            return lambda span: local.month_of(span.start)
        case "billing cycle":
            return lambda span: number_in(cycle_of(span.view.row), span.start)
        case "total":
            return lambda span: 0


def _length(span: Span) -> int:
    return span.end - span.start


def _weighed(between: Callable[[int, int], int]) -> Callable[[Span], int]:
    """Measured time is always times the level at which the operator answers for it."""
    return lambda span: span.level * between(span.start, span.end)
