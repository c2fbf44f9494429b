"""The order of the answer: what is not known, then why nothing is owed, then what is."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.request import Outage, Request
from tests.judge.benefits import benefit_of, furthest
from tests.judge.clocks import Almanac, exceeds_record
from tests.judge.facts import Reader, Told, Unknown
from tests.judge.pieces import seconds_of
from tests.judge.recourse import owed_by_party, time_by_party
from tests.judge.values import all_unknown
from tests.judge.verdict import Because, Verdict
from tests.judge.wall_clock import local, zone_of
from tests.judge.warned import unpublished_clauses, unsettled_clauses
from tests.judge.work import Work

REVIEWED = ("NO_MATCHING_OUTAGE", "AMOUNT_AT_DISCRETION")
OF_A_BENEFIT = ("NOTHING_TO_COUNT", "ROUNDS_TO_ZERO", "ALREADY_GRANTED", "CAP_EXHAUSTED", "AMOUNT_AT_DISCRETION")


def decide(version: rules.Version, request: Request) -> Verdict:
    """What a version says of a well-formed request."""
    told = [
        Told(index, outage, outage.started_at or 0, request.as_of if outage.ended_at is None else outage.ended_at)
        for index, outage in _distinct(request.outages)
    ]
    work = Work(version, Almanac(version, Reader(request, zone_of(version.zone))), told)
    work.benefits = [benefit_of(each, work.clock, work.almanac) for each in version.benefits]
    work.of_benefits = tuple(work.clocks)
    unknown = all_unknown(each.unknown for each in work.benefits)
    if unknown is None and version.recourse is not None and work.reached_amounts:
        unknown = _ask_third_parties(work, version.recourse)
    if unknown is not None:
        return _cannot_decide(work, unknown)
    return _owed(work) if work.owed else _refused(work)


def _ask_third_parties(work: Work, rule: rules.RecourseRule) -> Unknown | None:
    """Whose time it was, where the clock has any that weighs something; what that needs to know."""
    clock = work.clock(rule.clock)
    if clock.unknown is not None or not clock.kept:
        return clock.unknown
    parties = time_by_party(rule, clock, work.almanac)
    if isinstance(parties, Unknown):
        return parties
    work.parties = parties if work.almanac.measured(clock.kept, rule.measure) else None
    return None


def version_for(versions: Sequence[rules.Version], request: Request) -> rules.Version | None:
    """The version that decides: the named one, or the one in force on the local date of the earliest instant that pins it.

    An application that no outage is on record for is about the day on which the claimed interval begins.
    """
    if request.version:
        return next((each for each in versions if each.version == request.version), None)
    instants = [getattr(outage, versions[-1].pinned_by.name) for outage in request.outages]
    if not request.outages and request.claim is not None:
        instants = [request.claim.started_at]
    given = [each for each in instants if each is not None]
    if not given:
        return None
    for version in versions:
        day = local(min(given), zone_of(version.zone)).date()
        if version.in_force_from <= day and (version.in_force_until is None or day < version.in_force_until):
            return version
    return None


def _distinct(outages: Sequence[Outage]) -> Iterator[tuple[int, Outage]]:
    """Each outage once, at its first place: repeats of a record are one outage."""
    seen: set[str] = set()
    for index, outage in enumerate(outages):
        if outage.outage_id not in seen:
            seen.add(outage.outage_id)
            yield index, outage


def _cannot_decide(work: Work, unknown: Unknown) -> Verdict:
    return Verdict(
        outcome="CANNOT_DECIDE",
        reasons=frozenset(Because("MISSING_FACT", path) for path in unknown.fields),
        warnings=frozenset(_ongoing(work)),
        clock_seconds=_clock_seconds(work),
    )


def _refused(work: Work) -> Verdict:
    code = furthest([each.refused for each in work.benefits])
    refused = [each.rule.name for each in work.benefits if each.refused == code]
    about = refused if code in OF_A_BENEFIT else [""]
    unsettled, unpublished = unsettled_clauses(work, granted=False), unpublished_clauses(work)
    return Verdict(
        outcome="NEEDS_REVIEW" if code in REVIEWED else "NOT_ELIGIBLE",
        reasons=frozenset(Because(code, each) for each in about),
        warnings=_warnings(work, unpublished, unsettled),
        unpublished=unpublished,
        unsettled=unsettled,
        clock_seconds=_clock_seconds(work),
        weighted_seconds=_weighted_seconds(work),
    )


def _owed(work: Work) -> Verdict:
    """A quote while an outage goes on for which the operator answers, or where all of it has to be claimed first."""
    clocks = [work.clocks[name] for name in work.of_benefits]
    goes_on = any(each.outage.ended_at is None for clock in clocks for each in clock.answered)
    granted = not goes_on and not all(each.claim_required for each in work.owed)
    bookable = {each.rule.name: each.quantity for each in work.owed if granted and not each.claim_required}
    unsettled, unpublished = unsettled_clauses(work, granted=False), unpublished_clauses(work)
    return Verdict(
        outcome="GRANTED" if granted else "PROVISIONAL",
        reasons=frozenset(_beside(work)),
        warnings=_warnings(work, unpublished, unsettled),
        unpublished=unpublished,
        unsettled=unsettled,
        grants={each.rule.name: each.quantity for each in work.owed},
        bookable=frozenset(bookable),
        recourse=_recourse(work, bookable) if granted else {},
        clock_seconds=_clock_seconds(work),
        weighted_seconds=_weighted_seconds(work),
    )


def _beside(work: Work) -> Iterator[Because]:
    """Reasons beside something owed."""
    claims, claim = work.version.claims, work.request.claim
    if claims is not None and claim is not None and claims.warn_below is not None:
        counted = [each.clock for benefit in work.owed for each in benefit.counted if each.clock is not None]
        for clock in map(work.clock, counted):
            if exceeds_record(clock, work.told, claim, claims.warn_below):
                yield Because("CLAIM_EXCEEDS_RECORD")
    for each in work.benefits:
        facts = {"CAPPED": each.capped, "CLAIM_REQUIRED": each.claim_required, "AMOUNT_AT_DISCRETION": each.at_discretion}
        yield from (Because(code, each.rule.name) for code, applies in facts.items() if applies)


def _recourse(work: Work, grants: dict[str, int]) -> dict[str, int]:
    rule = work.version.recourse
    if rule is None or not work.parties:
        return {}
    time = work.almanac.measured(work.clock(rule.clock).kept, rule.measure)
    assert isinstance(time, Fraction)
    return owed_by_party(rule, work.parties, time, grants)


def _ongoing(work: Work) -> Iterator[str]:
    if any(each.outage.ended_at is None for clock in work.clocks.values() for each in clock.counted):
        yield "OUTAGE_ONGOING"


def _warnings(work: Work, unpublished: frozenset[str], unsettled: frozenset[str]) -> frozenset[str]:
    subscriber = work.request.subscriber
    assert subscriber is not None
    facts = {
        "CALENDAR_NOT_PUBLISHED": bool(unpublished),
        "CYCLE_TOTAL_UNKNOWN": subscriber.granted_this_cycle is None and any(each.asked_the_cycle for each in work.benefits),
        "RESPONSIBLE_PARTY_UNKNOWN": "" in (work.parties or {}),
        "RULE_UNSETTLED": bool(unsettled),
    }
    return frozenset((*_ongoing(work), *(code for code, applies in facts.items() if applies)))


def _clock_seconds(work: Work) -> int | None:
    """Of the first clock, where some time was left to test."""
    clock = work.clocks.get(work.version.clocks[0].name) if work.version.clocks else None
    if clock is None or not clock.merged or clock.unknown is not None:
        return None
    return seconds_of(clock.merged if clock.refused else clock.kept)


def _weighted_seconds(work: Work) -> Fraction | None:
    """Of the first clock, by the measure that it is counted by; by how far the operator answers where there is none."""
    clock = work.clocks.get(work.version.clocks[0].name) if work.version.clocks else None
    if clock is None or not clock.kept:
        return None
    components = [component for benefit in work.version.benefits for component in benefit.components]
    counts = [each.count for each in components if isinstance(each.count, rules.Units) and each.clock is clock.rule]
    if not counts or counts[0].measure is None:
        return sum((piece.liable * piece.seconds for piece in clock.kept), Fraction(0))
    weighted = work.almanac.measured(clock.kept, counts[0].measure)
    return None if isinstance(weighted, Unknown) else weighted
