"""Clocks: what each of their words leaves out, and the boundaries of time."""

from collections.abc import Iterable, Iterator

from policy.calculator import rules
from policy.calculator.facts import View
from policy.calculator.lowering.only import Step
from policy.calculator.memory import HERE, Memory
from policy.calculator.trace import ClockRun, Run, TimeRun
from policy.calculator.wall_clock import DAY_SECONDS, EPOCH_DAY
from policy.language.proofs.walk import inner_values
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
    yield from value_items(clock.starts, place.at("starts"))
    for start in starts_in(clock):
        amount = length_text(start.amount) if start.unit == "seconds" else f"{start.amount} {start.unit}"
        said = f"{amount} after {start.after.name}"
        yield from place.at("starts").edges(start, "at most", "one with an outage that ends", said, "a second")
    for number, pause in enumerate(clock.minus):
        said = pause.name if isinstance(pause, rules.Fact) else "a window that repeats"
        yield place.at("minus").rule(clock, f"minus {number}", f"one in which {said} takes time away")
    for other in clock.without:
        yield place.at("without").rule(clock, f"without {other.name}", f"one in which time of {other.name} is left out")
    for condition in clock.only:
        yield from condition_items(condition, place.at("only"))


def starts_in(clock: rules.Clock) -> list[rules.Start]:
    """The single starts that the time of an outage may count from."""
    return [each for each in inner_values(clock.starts) if isinstance(each, rules.Start)] if clock.starts is not None else []


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


def see_time(seen: Seen, run: Run, known: TimeRun) -> None:
    """Marks what a clock did in one occasion of a run."""
    known.enter()
    for step in known.time.only.steps if known.time.only is not None else ():
        see_step(seen, run, step)
    if known.refusal is None and not known.is_missing:
        seen.rule(known.time.rule, "counts")
    kept = [(span.start, span.end) for span in known.merged]
    for other in known.time.rule.without:
        lost = [span for each in run.times() if each.time.rule is other for span in each.spans]
        if any(span.end == start or span.start == end for start, end in kept for span in lost):
            seen.rule(known.time.rule, f"without {other.name}")


def _see_starts(seen: Seen, memory: Memory, known: ClockRun, view: View) -> None:
    clock = known.clock
    if clock.starts is not None:
        seen.take(clock.starts.taken(memory, view.at))
        for leaf in clock.starts.leaves:
            if memory.known(leaf.reg, view.at):
                seen.edge(leaf.rule, "at most", view.end, memory.get(leaf.reg, view.at))
    lowered = iter(clock.minus)
    for number, pause in enumerate(clock.rule.minus):
        pairs = (
            memory.pairs(next(lowered).reg, view.at) if isinstance(pause, rules.Fact) else memory.pairs(clock.left_out, view.at)
        )
        if any(start < view.end and end > view.start for start, end in pairs):
            seen.rule(clock.rule, f"minus {number}")


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
