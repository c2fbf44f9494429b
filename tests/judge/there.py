"""A clock in one occasion: what of its time counts there, and what ``only`` keeps of it."""

from dataclasses import dataclass, replace
from fractions import Fraction

from policy.calculator import rules
from tests.judge.clocks import Almanac, Clock
from tests.judge.facts import Reader, Spans, Unknown
from tests.judge.occasions import Occasion
from tests.judge.pieces import Piece, by_group, inside, joined, less, seconds_of
from tests.judge.values import all_hold, all_unknown, any_holds, compare, cycle_of, holds


@dataclass(frozen=True, slots=True)
class There:
    """A clock in an occasion. ``refused`` "" and ``unknown`` None: it has time left, which is ``kept``.

    ``uncounted``: what has to be known to tell which of its time counts; ``merged``: its time before ``only``.
    """

    rule: rules.Clock
    refused: str = ""
    unknown: Unknown | None = None
    uncounted: Unknown | None = None
    merged: tuple[Piece, ...] = ()
    kept: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What other clocks keep, which a clock leaves out; and time of theirs of which that is not known."""

    kept: Spans = ()
    unknown: tuple[tuple[Spans, Unknown], ...] = ()


def there(clock: Clock, occasion: Occasion, almanac: Almanac, left_out: LeftOut) -> There:
    """What a clock that was refused for the whole request, or is not known there, says of an occasion; else its time."""
    found = There(clock.rule)
    if clock.refused or clock.unknown is not None:
        return replace(found, refused=clock.refused, unknown=clock.unknown)
    met = [each for each in clock.met if inside(each.spans, occasion.spans)]
    lost = all_unknown(each.lost for each in met)
    pieces = occasion.of(clock.pieces)
    spans = [(each.started_at, each.ended_at) for each in pieces]
    others = all_unknown(needed for of, needed in left_out.unknown if inside(spans, of))
    if unknown := all_unknown((lost, others)):
        return replace(found, unknown=unknown, uncounted=unknown)
    pieces = less(pieces, left_out.kept)
    if not pieces:
        return replace(found, refused="WITHIN_GRACE")
    return _kept(replace(found, merged=tuple(pieces)), pieces, almanac)


def length_of(clocks: list[There]) -> Fraction | Unknown:
    """The plain time of an occasion: of the union of what its clocks count in it, before ``only``."""
    unknown = all_unknown(each.uncounted for each in clocks)
    union = joined((piece.started_at, piece.ended_at) for each in clocks for piece in each.merged)
    return unknown or Fraction(sum(last - first for first, last in union))


def kept_by_outage(clocks: list[There], occasion: Occasion) -> dict[str, int]:
    """The plain time that was kept and counts for each outage of an occasion, over all clocks."""
    pieces = [piece for each in clocks for piece in each.kept]
    return {
        told.outage.outage_id: seconds_of(each for each in pieces if each.told.index == told.index) for told in occasion.outages
    }


def _kept(found: There, pieces: list[Piece], almanac: Almanac) -> There:
    """``only``: the time that passes each step in turn."""
    for step in found.rule.only:
        passes = which_pass(step, pieces, almanac, almanac.reader)
        if unknown := all_unknown(passes):
            return replace(found, unknown=unknown)
        pieces = [piece for piece, known in zip(pieces, passes, strict=True) if known is True]
        if not pieces:
            return replace(found, refused="BELOW_MINIMUM_DURATION")
    return replace(found, kept=tuple(pieces))


def which_pass(
    step: rules.Condition, pieces: list[Piece], almanac: Almanac, reader: Reader, amount: int = 0
) -> list[bool | Unknown]:
    """For each piece of some time, whether a condition on time and facts holds of it; ``amount``: what is owed by it."""

    def of_parts(conditions: tuple[rules.Condition, ...]) -> list[tuple[bool | Unknown, ...]]:
        return list(zip(*(which_pass(each, pieces, almanac, reader, amount) for each in conditions), strict=True))

    match step:
        case rules.AllOf(conditions=conditions):
            return [all_hold(row) for row in of_parts(conditions)]
        case rules.AnyOf(conditions=conditions):
            return [any_holds(row) for row in of_parts(conditions)]
        case rules.AmountIs(op=op, quantity=quantity):
            return [compare(amount, quantity, op)] * len(pieces)
        case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
            if scope == "billing cycle" and isinstance(cycle := cycle_of(reader), Unknown):
                return [cycle] * len(pieces)
            group = None if scope == "total" else scope
            there = {key: almanac.measured(parts, measure) for key, parts in by_group(pieces, group).items()}
            known = {key: each if isinstance(each, Unknown) else compare(each, seconds, op) for key, each in there.items()}
            return [known[piece.group(group)] for piece in pieces]
        case _:
            return [holds(step, reader.of(piece.told)) for piece in pieces]


def holds_without_time(condition: rules.Condition, reader: Reader, amount: int) -> bool | Unknown:
    """Whether a condition on time, facts and an amount holds whatever of time there is."""
    match condition:
        case rules.AllOf(conditions=conditions):
            return all_hold(holds_without_time(each, reader, amount) for each in conditions)
        case rules.AnyOf(conditions=conditions):
            return any_holds(holds_without_time(each, reader, amount) for each in conditions)
        case rules.AmountIs(op=op, quantity=quantity):
            return compare(amount, quantity, op)
        case rules.TimeIn():
            return False
    return holds(condition, reader)
