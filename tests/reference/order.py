"""Section 1: the order of the answer. The first line that applies decides; amounts are computed only on the last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.benefits import missing_facts, rounded_benefits
from tests.reference.caps import Account, Capped, account
from tests.reference.claims import cut_to, exceeds_record, is_too_late, new_window, union_of_windows
from tests.reference.expected import Because, Expected, Interrupted
from tests.reference.facts import Outage, Request, given
from tests.reference.interruptions import Interruption, interruptions
from tests.reference.liability import THIRD_PARTY, liability_class
from tests.reference.malformed import malformed_fields
from tests.reference.measure import (
    Stretch,
    counted_outages,
    measured_an_unpublished_year,
    recorded_stretch,
    without_excluded,
)
from tests.reference.parts import parts
from tests.reference.recourse import recourse_fen

MINIMUM_SECONDS = 30 * 60


def decide(request: Request) -> Expected:
    """1, lines 1 to 6; the lines after them are about the interruptions that are kept."""
    if fields := malformed_fields(request):
        return Expected(malformed=fields)
    counted = counted_outages(request.outages, given(request.subscriber))
    if request.outages and not counted:
        return _refused("SERVICE_NOT_COVERED", counted)
    stretches = [recorded_stretch(outage, request.as_of) for outage in counted]
    left = stretches
    if request.claim is not None:
        meeting = cut_to(stretches, [new_window(request.claim)])
        if not meeting:
            return _refused("NO_MATCHING_OUTAGE", counted, outcome="NEEDS_REVIEW")
        if is_too_late(meeting, request.claim):
            return _refused("CLAIM_TOO_LATE", counted)
        left = cut_to(stretches, union_of_windows(request.claim))
    remaining = without_excluded(left)
    if not remaining:
        return _refused("EXCLUDED_CAUSE", counted)
    every = interruptions(remaining)
    kept = [each for each in every if each.clock_seconds >= MINIMUM_SECONDS]
    if not kept:
        return Expected(
            outcome="NOT_ELIGIBLE",
            reasons=(Because("BELOW_MINIMUM_DURATION"),),
            warnings=outage_ongoing(counted),
            interruptions=tuple(map(_dropped, every)),
            clock_seconds=sum(each.clock_seconds for each in every),
        )
    return _of_kept(request, counted, stretches, every, kept)


def _of_kept(
    request: Request, counted: list[Outage], stretches: list[Stretch], every: list[Interruption], kept: list[Interruption]
) -> Expected:
    """1, lines 6a and 7; the rest need amounts."""
    subscriber = given(request.subscriber)
    cycle = subscriber.billing_cycle
    if cycle is not None and not all(cycle.started_at <= each.started_at < cycle.ended_at for each in kept):
        return Expected(malformed=frozenset({"subscriber.billing_cycle"}))
    clock = sum(each.clock_seconds for each in kept)
    if missing := missing_facts(subscriber):
        reasons = tuple(Because("MISSING_FACT", field=path) for path in missing)
        return Expected(
            outcome="CANNOT_DECIDE",
            reasons=reasons,
            warnings=outage_ongoing(counted),
            interruptions=tuple(_undecided(each, reasons) if each in kept else _dropped(each) for each in every),
            clock_seconds=clock,
        )
    exceeds = request.claim is not None and exceeds_record(stretches, request.claim)
    ids = (outage.outage_id for outage in request.outages)
    booked = account(request.granted_before, request.already_granted, ids, subscriber.granted_this_cycle or {})
    turns = [_turn(request, each, booked) for each in kept]
    told = {turn.interruption: turn.told(exceeds=exceeds) for turn in turns}
    outcome, all_reasons = _outcome(turns, exceeds=exceeds)
    weighted = sum((each.weighted_seconds for each in kept), Fraction(0))
    every_outage = {outage_id: outage for each in kept for outage_id, outage in each.outages.items()}
    return Expected(
        outcome=outcome,
        reasons=all_reasons,
        warnings=(*outage_ongoing(counted), *warnings_of_amounts(request, kept)),
        interruptions=tuple(told.get(each) or _dropped(each) for each in every),
        recourse=recourse_fen([grant for each in told.values() for grant in each.grants.items()], every_outage),
        clock_seconds=clock,
        weighted_seconds=weighted,
    )


@dataclass(frozen=True)
class Turn:
    """An interruption that was kept, and its benefits above 0 before the caps."""

    interruption: Interruption
    benefits: Mapping[str, Capped]

    @property
    def amounts(self) -> dict[str, int]:
        """What is not zero."""
        return {name: each.after_cycle_cap for name, each in self.benefits.items() if each.after_cycle_cap > 0}

    @property
    def grants(self) -> dict[str, Mapping[str, int]]:
        """1 line 11 and 5b: what is owed for an interruption that has ended, by outage."""
        if self.interruption.goes_on:
            return {}
        return {name: parts(name, amount, self.interruption) for name, amount in self.amounts.items()}

    def told(self, *, exceeds: bool) -> Interrupted:
        """1, lines 8 to 11, of this interruption alone."""
        outcome, reasons = _outcome([self], exceeds=exceeds)
        return Interrupted(
            started_at=self.interruption.started_at,
            ended_at=self.interruption.ended_at,
            outage_ids=tuple(self.interruption.outages),
            outcome=outcome,
            reasons=reasons,
            grants=self.grants,
            quotes=self.amounts if self.interruption.goes_on else {},
            granted_before={name: each.granted_before for name, each in self.benefits.items() if name in self.amounts},
        )


def _turn(request: Request, interruption: Interruption, booked: Account) -> Turn:
    """4 and 5: what an interruption comes to."""
    rounded = rounded_benefits(given(request.subscriber), interruption.clock_seconds, interruption.weighted_seconds)
    return Turn(interruption, {name: booked.capped(name, amount, interruption) for name, amount in rounded.items()})


def _outcome(turns: list[Turn], *, exceeds: bool) -> tuple[str, tuple[Because, ...]]:
    """1, lines 8 to 11: of all interruptions, or of one alone."""
    if any(turn.grants for turn in turns):
        return "GRANTED", reasons_beside(turns, exceeds=exceeds)
    if any(turn.amounts for turn in turns):
        return "PROVISIONAL", reasons_beside(turns, exceeds=exceeds)
    benefits = [each for turn in turns for each in turn.benefits.values()]
    before = all(each.after_granted_before == 0 for each in benefits)
    return "NOT_ELIGIBLE", (Because("ALREADY_GRANTED" if before else "CAP_EXHAUSTED"),)


def reasons_beside(turns: list[Turn], *, exceeds: bool) -> tuple[Because, ...]:
    """1, "reasons beside a grant or quote": the claim exceeds the record (7); a cap lowered a benefit (5)."""
    lowered = {name: None for turn in turns for name, each in turn.benefits.items() if each.lowered_by_a_cap}
    return (*((Because("CLAIM_EXCEEDS_RECORD"),) if exceeds else ()), *(Because("CAPPED", benefit=name) for name in lowered))


def outage_ongoing(counted: list[Outage]) -> tuple[str, ...]:
    """1, warnings: an outage that counts by 3.1 has no end, whatever its cause or the claim."""
    return ("OUTAGE_ONGOING",) if any(outage.ended_at is None for outage in counted) else ()


def warnings_of_amounts(request: Request, kept: Iterable[Interruption]) -> tuple[str, ...]:
    """1, warnings: calendar not published (3), cycle total unknown, responsible party unknown (6)."""
    pieces = [piece for each in kept for piece in each.pieces]
    third_parties = [piece.outage for piece in pieces if liability_class(piece.outage) == THIRD_PARTY]
    warnings = {
        "CALENDAR_NOT_PUBLISHED": measured_an_unpublished_year(pieces),
        "CYCLE_TOTAL_UNKNOWN": given(request.subscriber).granted_this_cycle is None,
        "RESPONSIBLE_PARTY_UNKNOWN": any(not outage.responsible_party for outage in third_parties),
    }
    return tuple(code for code, applies in warnings.items() if applies)


def _dropped(interruption: Interruption) -> Interrupted:
    """1 line 6: under 30 min."""
    return _told(interruption, "NOT_ELIGIBLE", (Because("BELOW_MINIMUM_DURATION"),))


def _undecided(interruption: Interruption, reasons: tuple[Because, ...]) -> Interrupted:
    """1 line 7."""
    return _told(interruption, "CANNOT_DECIDE", reasons)


def _told(interruption: Interruption, outcome: str, reasons: tuple[Because, ...]) -> Interrupted:
    ids = tuple(interruption.outages)
    return Interrupted(interruption.started_at, interruption.ended_at, ids, outcome, reasons)


def _refused(code: str, counted: list[Outage], *, outcome: str = "NOT_ELIGIBLE") -> Expected:
    return Expected(outcome=outcome, reasons=(Because(code),), warnings=outage_ongoing(counted))
