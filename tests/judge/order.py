"""The order of the answer: what is not known, then why nothing is owed, then what is; of all occasions, and of each."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.request import Outage, Request
from tests.judge.benefits import Worked, furthest
from tests.judge.clocks import Almanac, exceeds_record
from tests.judge.facts import Reader, Told, Unknown
from tests.judge.keys import grant_key
from tests.judge.occasions import Occasion
from tests.judge.pieces import seconds_of
from tests.judge.recourse import ask_third_parties, owed_by_party, parts_of
from tests.judge.there import There
from tests.judge.values import all_unknown
from tests.judge.verdict import Because, Decided, Granted, Quoted, Verdict
from tests.judge.wall_clock import zone_of
from tests.judge.warned import unpublished_clauses, unsettled_clauses
from tests.judge.work import Work, begins_outside_the_cycle, benefit_of

REVIEWED = ("NO_MATCHING_OUTAGE", "AMOUNT_AT_DISCRETION")
OF_A_BENEFIT = ("NOTHING_TO_COUNT", "ROUNDS_TO_ZERO", "ALREADY_GRANTED", "CAP_EXHAUSTED", "AMOUNT_AT_DISCRETION")
CORRECTIONS = {"set off": "SET_OFF", "claw back": "CLAW_BACK"}
OUTSIDE_THE_CYCLE = Verdict(error="malformed: subscriber.billing_cycle")


def decide(version: rules.Version, request: Request) -> Verdict:
    """What a version says of a well-formed request."""
    told = [
        Told(index, outage, outage.started_at or 0, request.as_of if outage.ended_at is None else outage.ended_at)
        for index, outage in _distinct(request.outages)
    ]
    work = Work(version, Almanac(version, Reader(request, zone_of(version.zone))), told)
    work.benefits = [benefit_of(each, work) for each in version.benefits]
    if begins_outside_the_cycle(work):
        return OUTSIDE_THE_CYCLE
    recovers = version.recourse is not None and ask_third_parties(work, version.recourse)
    refused = [(each.rule.name, each.refused) for each in work.benefits if each.refused]
    outcome, reasons = _answer(work, work.worked, refused, [each.unknown for each in work.benefits])
    known = outcome != "CANNOT_DECIDE"
    unpublished = unpublished_clauses(work) if known else frozenset[str]()
    unsettled = unsettled_clauses(work, recovers=recovers) if known else frozenset[str]()
    places = _places(work)
    grants = tuple(_grants(work, places)) if known else ()
    return Verdict(
        outcome=outcome,
        reasons=reasons,
        warnings=frozenset((*_ongoing(work), *(_warnings(work, unpublished, unsettled) if known else ()))),
        unpublished=unpublished,
        unsettled=unsettled,
        grants=grants,
        quotes=tuple(_quotes(work, places)) if known else (),
        occasions=tuple(_decided(work, each) for each in places),
        recourse=_recourse(work, grants),
        clock_seconds=_clock_seconds(work),
        weighted_seconds=_weighted_seconds(work) if known else None,
        corrections=CORRECTIONS[version.corrections.how],
    )


def _distinct(outages: Sequence[Outage]) -> Iterator[tuple[int, Outage]]:
    """Each outage once, at its first place: repeats of a record are one outage."""
    seen: set[str] = set()
    for index, outage in enumerate(outages):
        if outage.outage_id not in seen:
            seen.add(outage.outage_id)
            yield index, outage


def _unknown(work: Work) -> Unknown | None:
    return all_unknown((*(each.unknown for each in work.benefits), *(each.unknown for each in work.worked)))


# ------------------------------------------------------------------------------------------------- outcome and reasons


def _answer(
    work: Work, worked: list[Worked], refused: Sequence[tuple[str, str]] = (), unknown: Sequence[Unknown | None] = ()
) -> tuple[str, frozenset[Because]]:
    """Of all benefits and occasions, or of some of them alone: those of which nothing is lacking, where something is elsewhere.

    ``refused``: benefits that have no occasion, and why; ``unknown``: what is lacking of them.
    """
    unknown = [*unknown, *(each.unknown for each in worked)]
    if _unknown(work) is not None:
        fields = (each.fields for each in unknown if each is not None)
        return "CANNOT_DECIDE", frozenset(Because("MISSING_FACT", path) for each in fields for path in each)
    if any(each.quantity for each in worked):
        granted = any(each.is_grant for each in worked)
        return "GRANTED" if granted else "PROVISIONAL", frozenset(_beside(work, worked))
    met = [*refused, *((each.rule.name, each.refused) for each in worked)]
    code = furthest([each for _, each in met])
    about = [name for name, each in met if each == code] if code in OF_A_BENEFIT else [""]
    return "NEEDS_REVIEW" if code in REVIEWED else "NOT_ELIGIBLE", frozenset(Because(code, each) for each in about)


def _beside(work: Work, worked: list[Worked]) -> Iterator[Because]:
    """Reasons beside something owed."""
    claims, claim = work.version.claims, work.request.claim
    if claims is not None and claim is not None and claims.warn_below is not None:
        counted = [each.clock for one in worked if one.quantity for each in one.counted if each.clock is not None]
        for clock in map(work.clock, counted):
            if exceeds_record(clock, work.told, claim, claims.warn_below):
                yield Because("CLAIM_EXCEEDS_RECORD")
    for each in worked:
        facts = {"CAPPED": each.capped, "CLAIM_REQUIRED": each.claim_required, "AMOUNT_AT_DISCRETION": each.at_discretion}
        yield from (Because(code, each.rule.name) for code, applies in facts.items() if applies)


def _ongoing(work: Work) -> Iterator[str]:
    if any(each.outage.ended_at is None for clock in work.clocks.values() for each in clock.counted):
        yield "OUTAGE_ONGOING"


def _warnings(work: Work, unpublished: frozenset[str], unsettled: frozenset[str]) -> Iterator[str]:
    subscriber = work.request.subscriber
    assert subscriber is not None
    parties = {each.outage.outage_id: each.outage.responsible_party for each in work.told}
    facts = {
        "CALENDAR_NOT_PUBLISHED": bool(unpublished),
        "CYCLE_TOTAL_UNKNOWN": subscriber.granted_this_cycle is None and any(each.asked_the_cycle for each in work.worked),
        "CYCLE_TOTAL_UNKNOWN by month": any(each.month_asked not in {"", *subscriber.granted_by_month} for each in work.worked),
        "RESPONSIBLE_PARTY_UNKNOWN": any(owing and not parties[each] for each, owing in work.owing.items()),
        "RULE_UNSETTLED": bool(unsettled),
    }
    return (code for code, applies in facts.items() if applies)


# ------------------------------------------------------------------------------------------------------------ occasions


Group = tuple[str | rules.ForEach, ...]
"""What benefits have in common that have their occasions together."""
Place = tuple[Group, Occasion]
"""An occasion of the benefits of a group."""


def _places(work: Work) -> list[Place]:
    """The occasions, each once for the benefits that share it, in order."""
    found: dict[tuple[object, ...], tuple[tuple[int, int, int, str], Place]] = {}
    groups = list(dict.fromkeys(_group(each.rule) for each in work.benefits))
    for benefit in work.benefits:
        group = _group(benefit.rule)
        for each in (worked.occasion for worked in benefit.worked):
            order = each.started_at, each.ended_at, groups.index(group), min(each.ids, default="")
            found.setdefault((group, _like(each)), (order, (group, each)))
    return [place for _, place in sorted(found.values(), key=lambda known: known[0])]


def _group(rule: rules.Benefit) -> Group:
    """What it is for, and its clocks in order; and itself, where a component has a condition of its own."""
    clocks = dict.fromkeys("" if each.clock is None else each.clock.name for each in rule.components)
    alone = (rule.name,) if any(each.when is not None for each in rule.components) else ()
    return rule.for_each, *clocks, "/", *alone


def _like(occasion: Occasion) -> tuple[object, ...]:
    return occasion.started_at, occasion.ended_at, occasion.ids, occasion.month, occasion.place


def _in(work: Work, place: Place) -> list[Worked]:
    """What was worked out in an occasion, in the order of the file."""
    group, occasion = place
    return [each for each in work.worked if _group(each.rule) == group and _like(each.occasion) == _like(occasion)]


def _decided(work: Work, place: Place) -> Decided:
    group, occasion = place
    mine = [each for each in work.benefits if _group(each.rule) == group]
    outcome, reasons = _answer(work, _in(work, place), unknown=[each.unknown for each in mine])
    cycle = (occasion.cycle.started_at, occasion.cycle.ended_at) if occasion.cycle and occasion.place == "in" else None
    return Decided(
        started_at=occasion.started_at,
        ended_at=occasion.ended_at,
        outage_ids=occasion.ids,
        month=occasion.month,
        cycle=cycle,
        outcome=outcome,
        reasons=reasons,
        benefits=tuple(each.rule.name for each in mine),
    )


def _grants(work: Work, places: list[Place]) -> Iterator[Granted]:
    subscriber = work.request.subscriber
    assert subscriber is not None
    for place, shared in enumerate(places):
        for each in (each for each in _in(work, shared) if each.is_grant):
            where, rank = each.occasion.where, each.occasion.rank
            ids, before = each.occasion.ids, each.granted_before
            key = grant_key(work.version.policy_id, subscriber.subscriber_id, ids, each.rule.name, before, where, rank)
            yield Granted(place, each.rule.name, each.quantity, key, tuple(sorted(parts_of(each).items())))


def _quotes(work: Work, places: list[Place]) -> Iterator[Quoted]:
    for place, shared in enumerate(places):
        for each in (each for each in _in(work, shared) if each.quantity and not each.is_grant):
            yield Quoted(place, each.rule.name, each.quantity)


def _recourse(work: Work, grants: Sequence[Granted]) -> dict[str, dict[str, int]]:
    if work.version.recourse is None:
        return {}
    parties = {
        each.outage.outage_id: each.outage.responsible_party for each in work.told if work.owing.get(each.outage.outage_id)
    }
    return owed_by_party(work.version.recourse, [(each.benefit, dict(each.parts)) for each in grants], parties)


# ----------------------------------------------------------------------------------------------------------------- time


def _of_first_clock(work: Work) -> list[There]:
    """The first clock in the occasions that asked it, of the first benefits that together had time of it, or may have."""
    name = work.version.clocks[0].name if work.version.clocks else ""
    places = _places(work)
    for group in dict.fromkeys(map(_group, work.version.benefits)):
        asked = [[each.asked[name] for each in _in(work, place) if name in each.asked] for place in places if place[0] == group]
        times = [each[0] for each in asked if each]
        if any(each.merged or each.unknown is not None for each in times):
            return times
    return []


def _clock_seconds(work: Work) -> int | None:
    """Of the time kept; where it was refused in all occasions, of the time before ``only``."""
    times = _of_first_clock(work)
    if not times or any(each.unknown is not None for each in times):
        return None
    kept, merged = ([piece for each in times for piece in getattr(each, name)] for name in ("kept", "merged"))
    return seconds_of(kept or merged)


def _weighted_seconds(work: Work) -> Fraction | None:
    """Of the time kept, by the measure that it is counted by; by how far the operator answers where there is none."""
    kept = [piece for each in _of_first_clock(work) for piece in each.kept]
    if not kept:
        return None
    clock, components = (
        work.version.clocks[0],
        [component for benefit in work.version.benefits for component in benefit.components],
    )
    counts = [each.count for each in components if isinstance(each.count, rules.Units) and each.clock is clock]
    if not counts or counts[0].measure is None:
        return sum((piece.liable * piece.seconds for piece in kept), Fraction(0))
    weighted = work.almanac.measured(kept, counts[0].measure)
    return None if isinstance(weighted, Unknown) else weighted
