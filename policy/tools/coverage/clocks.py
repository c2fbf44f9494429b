"""Clocks: what each of their words leaves out, and the boundaries of time."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.facts import Missing, Row, View
from policy.calculator.local_time import DAY_SECONDS, EPOCH_DAY
from policy.calculator.only import compile_only, label_in
from policy.calculator.overlay import Span
from policy.tools.coverage.conditions import condition_items, see_condition
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.coverage.values import see_value, value_items
from policy.tools.describing.values import length_said

Steps = tuple[rules.Condition, ...]


def clock_items(clock: rules.Clock, place: Place) -> Iterator[Item]:
    """The items of a clock."""
    yield place.rule(clock, "counts", "one in which this clock counts some time")
    if clock.services is not None:
        yield place.at("services").rule(clock, "services", "one with an outage of other services only")
        yield from value_items(clock.services, place.at("services"))
    yield from condition_items(clock.where, place.at("where"))
    for value in clock.liable:
        yield from value_items(value, place.at("liable"))
    if clock.starts is not None:
        amount = (
            length_said(clock.starts.amount) if clock.starts.unit == "seconds" else f"{clock.starts.amount} {clock.starts.unit}"
        )
        said = f"{amount} after {clock.starts.after.name}"
        yield from place.at("starts").edges(clock.starts, "at most", "one with an outage that ends", said, "a second")
    for fact in clock.minus:
        yield place.at("minus").rule(clock, f"minus {fact.name}", f"one in which {fact.name} takes time away")
    for condition in clock.only:
        yield from condition_items(condition, place.at("only"))


def band_items(measure: rules.Measure, place: Place) -> Iterator[Item]:
    """The bands of a measure, and the kinds of day where they weigh differently."""
    for band in measure.bands:
        key = f"{_time(band.from_second)} to {_time(band.until_second)}"
        kinds = ("working", "other") if band.working != band.other else ("",)
        for kind in kinds:
            day = f" on {'a working' if kind == 'working' else 'an other'} day" if kind else ""
            yield place.at(key).rule(band, kind, f"one with counted time between {key}{day}")


def see_clock(seen: Seen, row: Row, clock: Clock, run: ClockRun) -> None:
    """Marks what a clock did in one run."""
    rule = clock.rule
    see_value(seen, rule.services, row)
    if "services" in run.dropped.values():
        seen.rule(rule, "services")
    for view in run.met:
        if see_condition(seen, rule.where, view) is True:
            for value in rule.liable:
                see_value(seen, value, view)
    for view in run.liable:
        _see_starts(seen, row, clock, view)
    if run.merged:
        see_only(seen, row, clock, rule.only, run.merged)
    if run.refusal is None:
        seen.rule(rule, "counts")


def _see_starts(seen: Seen, row: Row, clock: Clock, view: View) -> None:
    rule = clock.rule
    if rule.starts is not None:
        seen.edge(rule.starts, "at most", view.end, clock.counts_from(row, view))
    for fact in rule.minus:
        pauses = seen.values.compiled(fact).read(view)
        if any(start < view.end and end > view.start for start, end in pauses):
            seen.rule(rule, f"minus {fact.name}")


def see_only(seen: Seen, row: Row, clock: Clock, steps: Steps, spans: list[Span]) -> None:
    """Marks the sides at which the clock's time stands, step by step as the clock narrows it."""
    only = compile_only(steps, seen.values, clock.almanac, clock.level_denominator)
    spans = only.split(spans)
    for step, judge in zip(steps, only.judges, strict=True):
        _see_step(seen, row, clock, step, spans)
        verdicts = judge(row, spans)
        if any(isinstance(verdict, Missing) for verdict in verdicts):
            return
        spans = [span for span, kept in zip(spans, verdicts, strict=True) if kept]


def _see_step(seen: Seen, row: Row, clock: Clock, step: rules.Condition, spans: list[Span]) -> None:
    match step:
        case rules.TimeIn():
            label, totals = label_in(step.scope, seen.local), dict[int, Fraction]()
            if step.scope == "billing cycle" and row.subscriber.billing_cycle is None:
                return  # something else decides
            for span in spans:
                key = label(span)
                totals[key] = totals.get(key, Fraction(0)) + time_of(row, clock, step.measure, [span])
            if step.measure is not None:
                see_bands(seen, row, clock, step.measure, spans)
            for total in totals.values():
                seen.edge(step, step.op, total, step.seconds, heaviest(step.measure))
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            for part in parts:
                _see_step(seen, row, clock, part, spans)
        case _:
            for span in spans:
                see_condition(seen, step, span.view)


def time_of(row: Row, clock: Clock, measure: rules.Measure | None, spans: list[Span]) -> Fraction:
    """Plain or measured time, seconds; measured time is times the level at which the operator answers for it."""
    if measure is None:
        return Fraction(sum(span.end - span.start for span in spans))
    density = clock.almanac.density(row, measure)
    weighed = sum(span.level * density.between(span.start, span.end) for span in spans)
    return Fraction(weighed, density.scale * clock.level_denominator)


def heaviest(measure: rules.Measure | None) -> Fraction:
    """What one second comes to at most."""
    return Fraction(1) if measure is None else max(max(band.working, band.other) for band in measure.bands)


def see_bands(seen: Seen, row: Row, clock: Clock, measure: rules.Measure, spans: list[Span]) -> None:
    """Marks the bands in which time was counted."""
    local, is_working = seen.local, clock.almanac.working_days(row).is_working
    for span in spans:
        for day in range(local.day_of(span.start), local.day_of(span.end - 1) + 1):
            kind = "working" if is_working(day) else "other"
            for start, end, offset in local.segments(day):
                midnight = (day - EPOCH_DAY) * DAY_SECONDS - offset
                first, last = max(start, span.start) - midnight, min(end, span.end) - midnight
                for band in measure.bands:
                    if first < min(last, band.until_second) and band.from_second < last and first < last:
                        seen.rule(band, kind if band.working != band.other else "")


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"
