"""Making a claim stand at its deadline, at its last day, at the margin of the record, at the part that is on record."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from policy.calculator import codes, rules
from policy.calculator.request import Claim, Request
from policy.tools.boundaries import Boundary
from policy.tools.boundary_cases.context import STAMP, Base, Context, Row, Rows, beside

HOUR_SECONDS = 3600
YEAR_SECONDS = 366 * 86_400

Claimed = Callable[[str, int, int, int], Row]
"""Makes a row of a claim: what is said, when it is made, and the interval that it is about."""


def rows_of_claim(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """The base as an application, moved to the boundary."""
    claims, request = boundary.holder, base.request
    assert isinstance(claims, rules.Claims)
    start, until = min(each.started_at or 0 for each in request.outages), base.until
    channel = (claims.channels or codes.CLAIM_CHANNELS)[0]

    def claimed(said: str, at: int, first: int, last: int) -> Row:
        claim = Claim(channel, at, first, last)
        as_of = max(at, last, until) + YEAR_SECONDS
        return Row(said, replace(request, mode=codes.APPLICATION, claim=claim, notice=None, as_of=as_of))

    def at_instant(instant: int) -> Row:
        return claimed(f"claimed at {context.local.format(instant, STAMP)}", instant, start, until)

    if boundary.part == "within" and claims.within_seconds is not None:
        deadline = until + claims.within_seconds
        return beside(lambda by: at_instant(deadline + by))
    if boundary.part == "within" and claims.within_local_days is not None:
        too_late = context.local.starts_at(context.local.day_of(until) + claims.within_local_days + 1)
        return beside(lambda by: at_instant(too_late + by))
    if boundary.part == "before" and claims.before is not None:
        last_day = context.local.starts_at(claims.before.toordinal())
        return beside(lambda by: at_instant(last_day + by)) if last_day > until + 1 else []
    if boundary.part == "widen" and claims.widen_seconds is not None:
        edge = until + claims.widen_seconds
        return beside(lambda by: _about(context, claimed, edge + by, edge + by + HOUR_SECONDS))
    if boundary.part == "warn below" and claims.warn_below is not None:
        recorded = Fraction(recorded_seconds(request)) / claims.warn_below
        return beside(lambda by: _about(context, claimed, start, start + int(recorded) - by))
    return []


def _about(context: Context, claimed: Claimed, first: int, last: int) -> Row:
    said = f"claimed for {context.local.format(first, STAMP)} to {context.local.format(last, STAMP)}"
    return claimed(said, last + HOUR_SECONDS, first, last)


def recorded_seconds(request: Request) -> int:
    """Time on record, where the outages do not overlap."""
    return sum((each.ended_at or each.started_at or 0) - (each.started_at or 0) for each in request.outages)
