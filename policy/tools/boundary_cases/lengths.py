"""Making the time that is told stand at a boundary of time: a scope, a unit, a rest, a tier, a start."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Final

from policy.calculator import rules
from policy.language.proofs.walk import inner_values
from policy.tools.boundaries import Boundary
from policy.tools.boundary_cases.context import STAMP, Base, Context, Row, Rows, beside, lasting
from policy.tools.boundary_cases.facts import given
from policy.tools.boundary_cases.threshold_search import threshold
from policy.tools.proving.lengths import DAY_SECONDS, origins_of, wait_of
from policy.tools.proving.scenes import OutageSpan

MOST_UNITS: Final = 4
MOST_SECONDS: Final = 60 * DAY_SECONDS


def rows_of_scope(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """Time in a scope: of one outage; of several on days of their own; of a day into which a longer outage reaches."""
    test = boundary.holder
    assert isinstance(test, rules.TimeIn)
    wait = wait_of(clock_of(boundary))
    others = [each for parent in boundary.parents if isinstance(parent, rules.Clock) for each in _tests(parent) if each != test]
    found = []
    for start, length in _starts(context, base, test.measure, test.seconds):
        found += beside(partial(lasting, context, base, start, wait + length))
        if test.scope in ("month", "billing cycle", "total") and others:
            piece = max(int(min(each.seconds for each in others)) // 2, 1)
            found += beside(partial(_in_pieces, context, base, start, piece, length))
        if test.scope == "local day" and others:
            before = int(max(each.seconds for each in others)) + DAY_SECONDS
            found += beside(partial(_into_a_day, context, base, before, length))
    return found


def rows_of_length(context: Context, boundary: Boundary, base: Base, seconds: Fraction) -> list[Rows]:
    """One outage whose occasion is a second shorter than ``seconds``, just as long, and a second longer."""
    benefit = next(each for each in boundary.parents if isinstance(each, rules.Benefit))
    found = []
    for start in (base.scene.origin, origins_of(context.version, context.local)[0]):

        def lasts(length: int, start: int = start) -> bool:
            row = lasting(context, base, start, length)
            return row is not None and context.length(benefit, row.request) >= seconds

        length = threshold(lasts, 1, MOST_SECONDS)
        if length is not None:
            found += beside(partial(lasting, context, base, start, length))
    return found


def _tests(clock: rules.Clock) -> Iterator[rules.TimeIn]:
    yield from (each for step in clock.only for each in inner_values(step) if isinstance(each, rules.TimeIn))


def _starts(context: Context, base: Base, measure: rules.Measure | None, seconds: Fraction) -> Iterator[tuple[int, int]]:
    """Where an outage can begin, and how long it lasts until its time has come to ``seconds``."""
    midnight = origins_of(context.version, context.local)[0]
    if measure is None:
        yield base.scene.origin, ceil(seconds)
        yield midnight, ceil(seconds)
        return
    for band in measure.bands:
        for weight in {band.working, band.other} - {0}:
            for day in range(7):  # some of them are working days, and some are not
                yield midnight + day * DAY_SECONDS + band.from_second, ceil(seconds / weight)


def _in_pieces(context: Context, base: Base, start: int, piece: int, length: int, by: int) -> Row | None:
    """Several outages that last so long together, each on a day of its own."""
    length += by
    if length <= 0:
        return None
    told = []
    while length > 0:
        told.append(OutageSpan(start, start + min(piece, length)))
        start, length = start + DAY_SECONDS, length - piece
    said = ", ".join(f"{context.local.format(each.start, STAMP)} to {context.local.format(each.end, STAMP)}" for each in told)
    return Row(said, base.told(*told))


def _into_a_day(context: Context, base: Base, before: int, length: int, by: int) -> Row | None:
    """One outage that lasts so long into a local day, and began long before it."""
    midnight = origins_of(context.version, context.local)[0]
    return lasting(context, base, midnight - before, before + length, by)


def rows_of_units(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """Time a second around one or more whole units, or around those and a rest."""
    count, component = boundary.holder, component_of(boundary)
    assert isinstance(count, rules.Units) and isinstance(count.length, int)
    rest = count.rest[1] if boundary.part == "rest" and count.rest is not None else 0
    found = []
    for units in range(0 if rest else 1, MOST_UNITS + 1):
        for start, length in _starts(context, base, count.measure, Fraction(units * count.length + rest)):
            found += beside(partial(lasting, context, base, start, wait_of(component.clock) + length))
    midnight = origins_of(context.version, context.local)[0]
    for units in range(1, MOST_UNITS + 1):  # where not all time is kept: whole days, and what counts as so many units
        turn = _length_of(context, component, base, units) or DAY_SECONDS
        for length in (units * DAY_SECONDS, turn, turn - 1):
            found += beside(partial(lasting, context, base, midnight, length))
    return found


def rows_of_tier(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """As many units as a tier reaches, one less and one more; of exact units, a second less and more."""
    pay, component = boundary.holder, component_of(boundary)
    assert isinstance(pay, rules.Tiers)
    upper, count = int(pay.steps[int(boundary.part)][0]), component.count
    if isinstance(count, rules.Number):
        fact = count.fact
        return beside(lambda by: Row(f"{fact.name} {upper + by}", given(context, base.request, fact, upper + by)))
    if not isinstance(count, rules.Units):
        return []
    if count.rounding == "exact" and isinstance(count.length, int):
        starts = _starts(context, base, count.measure, Fraction(upper * count.length))
        return [rows for start, length in starts for rows in beside(partial(lasting, context, base, start, length))]
    return beside(partial(_counting, context, component, base, upper))


def _counting(context: Context, component: rules.Component, base: Base, units: int, by: int) -> Row | None:
    """One outage that lasts just so long that so many units are counted."""
    length = _length_of(context, component, base, units + by)
    return None if length is None else lasting(context, base, origins_of(context.version, context.local)[0], length)


def _length_of(context: Context, component: rules.Component, base: Base, units: int) -> int | None:
    """How long one outage has to last for so many units to be counted."""
    start = origins_of(context.version, context.local)[0]

    def counts(length: int) -> bool:
        row = lasting(context, base, start, length)
        return row is not None and context.units(component, row.request) >= units

    return threshold(counts, 1, MOST_SECONDS)


def clock_of(boundary: Boundary) -> rules.Clock | None:
    """The clock whose time a boundary is about: the one around it, or that of the benefit's first component with one."""
    for parent in reversed(boundary.parents):
        if isinstance(parent, rules.Clock):
            return parent
        if isinstance(parent, rules.Benefit):
            return next((each.clock for each in parent.components if each.clock is not None), None)
    return None


def component_of(boundary: Boundary) -> rules.Component:
    """The component that a boundary is one of."""
    return next(parent for parent in boundary.parents if isinstance(parent, rules.Component))


def rows_of_start(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """An outage that ends a second before counting begins, as it begins, and a second after."""
    clock, start = clock_of(boundary), base.scene.origin

    def counts(length: int) -> bool:
        row = lasting(context, base, start, length)
        return row is not None and context.begins(clock, row.request)

    length = threshold(counts, 1, MOST_SECONDS)
    return [] if length is None else beside(partial(lasting, context, base, start, length - 1))
