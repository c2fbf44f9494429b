"""Section 1: the order of the answer. The first line that applies decides; amounts are computed only on the last."""

from collections.abc import Mapping

from tests.reference.benefits import missing_facts, rounded_benefits
from tests.reference.caps import Capped, capped_benefits
from tests.reference.claims import cut_to_claim, exceeds_record, is_too_late
from tests.reference.expected import Because, Expected
from tests.reference.facts import Outage, Request, given
from tests.reference.malformed import malformed_fields
from tests.reference.measure import (
    Piece,
    Stretch,
    clock_seconds,
    counted_outages,
    measured_an_unpublished_year,
    recorded_stretch,
    union_pieces,
    weighted_seconds,
    without_excluded,
)
from tests.reference.recourse import recourse_fen, weighted_seconds_by_party

MINIMUM_SECONDS = 30 * 60


def decide(request: Request) -> Expected:
    """1, lines 1 to 6; the lines after them need amounts."""
    if fields := malformed_fields(request):
        return Expected(malformed=fields)
    counted = counted_outages(request.outages, given(request.subscriber))
    if request.outages and not counted:
        return _refused("SERVICE_NOT_COVERED", counted)
    stretches = [recorded_stretch(outage, request.as_of) for outage in counted]
    left = stretches if request.claim is None else cut_to_claim(stretches, request.claim)
    if request.claim is not None and not left:
        return _refused("NO_MATCHING_OUTAGE", counted, outcome="NEEDS_REVIEW")
    if request.claim is not None and is_too_late(left, request.claim):
        return _refused("CLAIM_TOO_LATE", counted)
    remaining = without_excluded(left)
    if not remaining:
        return _refused("EXCLUDED_CAUSE", counted)
    pieces = union_pieces(remaining)
    if clock_seconds(pieces) < MINIMUM_SECONDS:
        return _refused("BELOW_MINIMUM_DURATION", counted, clock=clock_seconds(pieces))
    if missing := missing_facts(given(request.subscriber)):
        reasons = tuple(Because("MISSING_FACT", field=path) for path in missing)
        return Expected(
            outcome="CANNOT_DECIDE", reasons=reasons, warnings=outage_ongoing(counted), clock_seconds=clock_seconds(pieces)
        )
    return _amounts(request, counted, stretches, remaining, pieces)


def _amounts(
    request: Request, counted: list[Outage], stretches: list[Stretch], remaining: list[Stretch], pieces: list[Piece]
) -> Expected:
    """1, lines 8 to 11."""
    subscriber = given(request.subscriber)
    clock, weighted = clock_seconds(pieces), weighted_seconds(pieces)
    rounded = rounded_benefits(subscriber, clock, weighted)
    benefits = capped_benefits(rounded, request.already_granted, subscriber.granted_this_cycle or {})
    grants = {name: each.after_cycle_cap for name, each in benefits.items() if each.after_cycle_cap > 0}
    warnings = (*outage_ongoing(counted), *warnings_of_amounts(request, pieces))
    if not grants:
        reason = Because("ALREADY_GRANTED" if all_granted_before(benefits) else "CAP_EXHAUSTED")
        return Expected(
            outcome="NOT_ELIGIBLE", reasons=(reason,), warnings=warnings, clock_seconds=clock, weighted_seconds=weighted
        )
    ongoing = any(each.outage.ended_at is None for each in remaining)
    return Expected(
        outcome="PROVISIONAL" if ongoing else "GRANTED",
        reasons=reasons_beside_a_grant(request, stretches, benefits),
        warnings=warnings,
        grants=grants,
        recourse={} if ongoing else recourse_fen(grants, pieces),
        clock_seconds=clock,
        weighted_seconds=weighted,
        bookable=not ongoing,
    )


def all_granted_before(benefits: Mapping[str, Capped]) -> bool:
    """1 line 8: all benefits zero because they were granted before for these outages."""
    return all(each.after_already_granted == 0 for each in benefits.values())


def reasons_beside_a_grant(request: Request, stretches: list[Stretch], benefits: Mapping[str, Capped]) -> tuple[Because, ...]:
    """1, "reasons beside a grant": the claim exceeds the record (7); a cap lowered a benefit (5)."""
    exceeds = request.claim is not None and exceeds_record(stretches, request.claim)
    lowered = (Because("CAPPED", benefit=name) for name, each in benefits.items() if each.lowered_by_a_cap)
    return (*((Because("CLAIM_EXCEEDS_RECORD"),) if exceeds else ()), *lowered)


def outage_ongoing(counted: list[Outage]) -> tuple[str, ...]:
    """1, warnings: a counted outage has no end."""
    return ("OUTAGE_ONGOING",) if any(outage.ended_at is None for outage in counted) else ()


def warnings_of_amounts(request: Request, pieces: list[Piece]) -> tuple[str, ...]:
    """1, warnings: calendar not published (3), cycle total unknown, responsible party unknown (6)."""
    warnings = {
        "CALENDAR_NOT_PUBLISHED": measured_an_unpublished_year(pieces),
        "CYCLE_TOTAL_UNKNOWN": given(request.subscriber).granted_this_cycle is None,
        "RESPONSIBLE_PARTY_UNKNOWN": "" in weighted_seconds_by_party(pieces),
    }
    return tuple(code for code, applies in warnings.items() if applies)


def _refused(code: str, counted: list[Outage], *, outcome: str = "NOT_ELIGIBLE", clock: int | None = None) -> Expected:
    return Expected(outcome=outcome, reasons=(Because(code),), warnings=outage_ongoing(counted), clock_seconds=clock)
