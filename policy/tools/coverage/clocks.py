"""Clocks: what each of their words leaves out, and the boundaries of time."""

from collections.abc import Iterable, Iterator

from policy.calculator import rules
from policy.calculator.facts import View
from policy.calculator.local_time import DAY_SECONDS, EPOCH_DAY
from policy.calculator.lowering.only import Step
from policy.calculator.memory import HERE, Memory
from policy.calculator.trace import ClockRun, Run
from policy.tools.coverage.branches import condition_items, value_items
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.describing.values import length_text


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
            length_text(clock.starts.amount) if clock.starts.unit == "seconds" else f"{clock.starts.amount} {clock.starts.unit}"
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


def see_clock(seen: Seen, run: Run, known: ClockRun) -> None:
    """Marks what a clock did in one run."""
    clock, memory = known.clock, run.memory
    if clock.services is not None:
        seen.take(clock.services.taken(memory, HERE))
    if "services" in known.dropped.values():
        seen.rule(clock.rule, "services")
    for view in known.met:
        if clock.where is not None:
            seen.take(clock.where.taken(memory, view.at))
        if clock.where is None or clock.where.holds(memory, view.at):
            for factor in clock.factors:
                seen.take(factor.taken(memory, view.at))
    for view in known.liable:
        _see_starts(seen, memory, known, view)
    for step in clock.only.steps if clock.only is not None else ():
        see_step(seen, run, step)
    if known.refusal is None:
        seen.rule(clock.rule, "counts")


def _see_starts(seen: Seen, memory: Memory, known: ClockRun, view: View) -> None:
    clock = known.clock
    if clock.rule.starts is not None:
        seen.edge(clock.rule.starts, "at most", view.end, known.counts_from(view))
    for fact, lowered in zip(clock.rule.minus, clock.minus, strict=True):
        if any(start < view.end and end > view.start for start, end in memory.pairs(lowered.reg, view.at)):
            seen.rule(clock.rule, f"minus {fact.name}")


def see_step(seen: Seen, run: Run, step: Step) -> None:
    """Marks the sides at which time stands in one step of a condition on it, and the bands that it was measured by."""
    seen.take(step.taken(run.memory))
    for measure in step.measures if step.was_asked(run.memory) else ():
        see_bands(seen, run, measure, [(span.start, span.end) for span in run.spans(step.spans)])


def see_bands(seen: Seen, run: Run, measure: rules.Measure, times: Iterable[tuple[int, int]]) -> None:
    """Marks the bands in which time was counted."""
    local, days = seen.local, run.lowered.calendars.days_at_hand(run.memory)
    for start, end in times:
        for day in range(local.day_of(start), local.day_of(end - 1) + 1):
            kind = "working" if days is not None and days.is_working(day) else "other"
            for opens, closes, offset in local.segments(day):
                midnight = (day - EPOCH_DAY) * DAY_SECONDS - offset
                first, last = max(opens, start) - midnight, min(closes, end) - midnight
                for band in measure.bands:
                    if first < min(last, band.until_second) and band.from_second < last and first < last:
                        seen.rule(band, kind if band.working != band.other else "")


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"
