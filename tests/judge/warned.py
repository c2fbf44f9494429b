"""What a decision rests on that has to be warned of: years without a calendar, and rules that the source leaves open."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from policy.calculator import rules
from tests.judge.benefits import Worked
from tests.judge.facts import Unknown
from tests.judge.pieces import Lost, Piece, reads_working_days
from tests.judge.wall_clock import is_published
from tests.judge.work import Work


def unpublished_clauses(work: Work) -> frozenset[str]:
    """What of the policy asked which days are worked of a year for which that is not known, where any occasion reached amounts.

    A calendar that is not known did not matter, or there would be no answer.
    """
    calendar = work.almanac.calendar()
    if isinstance(calendar, Unknown) or not calendar or not any(each.reached_amounts for each in work.worked):
        return frozenset()
    measured = (_dates(each, pieces) for each, pieces in _measured(work, work.worked) if reads_working_days(each))
    asked = [*_days_asked(work, work.worked), *measured]
    return frozenset(clause for clause, days in asked if any(not is_published(day.year, calendar) for day in days))


def _dates(measure: rules.Measure, pieces: Sequence[Piece]) -> tuple[str, list[date]]:
    return measure.clause.id, [piece.day for piece in pieces]


def _days_asked(work: Work, worked: Iterable[Worked]) -> Iterator[tuple[str, Sequence[date]]]:
    """Where working days were counted: the clause, and the days of which it was asked whether they are worked."""
    for clock in work.clocks.values():
        yield from ((clock.rule.clause.id, each.lost.walked) for each in clock.met if isinstance(each.lost, Lost))
    for one in worked:
        for component in one.counted:
            if isinstance(component.count, rules.Units) and component.count.length == "working day":
                yield component.clause.id, [piece.day for piece in _time_of(one, component)]


def _measured(work: Work, worked: Iterable[Worked]) -> Iterator[tuple[rules.Measure, Sequence[Piece]]]:
    """Every measure that the answer rests on, with the time that was measured."""
    for one in worked:
        for clock in one.asked.values():
            if clock.merged:
                yield from ((each, clock.merged) for step in clock.rule.only for each in _measures_in(step))
        for component in one.counted:
            if isinstance(component.count, rules.Units) and component.count.measure is not None:
                yield component.count.measure, _time_of(one, component)
        if one.quantity and one.rule.granted.when is not None and work.request.claim is None:
            for component in (each for each in one.counted if each.clock is not None):
                yield from ((each, _time_of(one, component)) for each in _measures_in(one.rule.granted.when))


def _measures_in(condition: rules.Condition) -> Iterator[rules.Measure]:
    match condition:
        case rules.AllOf(conditions=conditions) | rules.AnyOf(conditions=conditions):
            for each in conditions:
                yield from _measures_in(each)
        case rules.TimeIn(measure=measure) if measure is not None:
            yield measure


def _time_of(worked: Worked, component: rules.Component) -> Sequence[Piece]:
    assert component.clock is not None
    return worked.asked[component.clock.name].kept


# -------------------------------------------------------------------------------------------- what the source leaves open


def unsettled_clauses(work: Work, *, recovers: bool) -> frozenset[str]:
    """Which of what the policy calls unsettled the answer rests on; all that is about no one rule, if it rests on any."""
    rests_on = frozenset(_rests_on(work, recovers=recovers))
    if not rests_on:
        return frozenset()
    of_rules = frozenset(_clauses(work.version))
    return frozenset(each.id for each in work.version.unsettled if each.id in rests_on or each.id not in of_rules)


def _rests_on(work: Work, *, recovers: bool) -> Iterator[str]:
    """The clauses of the rules that an answer for which nothing is missing rests on."""
    version, request = work.version, work.request
    yield from work.almanac.reader.used
    for clock in work.clocks.values():
        # One that is not known is left out by others, and what it keeps turned out not to matter.
        if clock.unknown is None and clock.refused not in ("SERVICE_NOT_COVERED", "NO_MATCHING_OUTAGE", "CLAIM_TOO_LATE"):
            yield clock.rule.clause.id
    yield from (component.clause.id for worked in work.worked for component in worked.counted)
    yield from (measure.clause.id for measure, _ in _measured(work, work.worked))
    if version.claims is not None and (request.claim is not None or any(each.claim_required for each in work.owed)):
        yield version.claims.clause.id
    if version.recourse is not None and recovers:
        yield version.recourse.clause.id


def _clauses(version: rules.Version) -> Iterator[str]:
    """Of every rule that has a clause."""
    yield from (each.clause.id for each in version.figures if each.clause is not None)
    yield from (measure.clause.id for measure in version.measures)
    yield from (clock.clause.id for clock in version.clocks)
    yield from (component.clause.id for benefit in version.benefits for component in benefit.components)
    for rule in (version.claims, version.recourse, version.notice):
        if rule is not None:
            yield rule.clause.id
