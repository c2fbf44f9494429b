"""Section 7: what an application changes."""

from collections.abc import Iterable
from fractions import Fraction

from tests.reference.facts import Claim, given
from tests.reference.measure import Stretch

MARGIN_SECONDS = 15 * 60
LATEST_CLAIM_SECONDS = 30 * 24 * 3600
RECORDED_SHARE = Fraction(90, 100)

Window = tuple[int, int]


def window(started_at: int, ended_at: int) -> Window:
    """7: a claimed interval widened by 15 min on each side."""
    return started_at - MARGIN_SECONDS, ended_at + MARGIN_SECONDS


def new_window(claim: Claim) -> Window:
    """7: of the new claim, which lines 3 and 4 look at alone."""
    return window(given(claim.started_at), given(claim.ended_at))


def union_of_windows(claim: Claim) -> list[Window]:
    """7: of the new claim and the earlier ones, each widened; where they overlap or touch they are one."""
    joined: list[Window] = []
    for first, last in sorted([new_window(claim), *(window(each.started_at, each.ended_at) for each in claim.earlier)]):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def cut_to(stretches: list[Stretch], windows: Iterable[Window]) -> list[Stretch]:
    """7: outages cut to what is claimed; those of which something is left, an outage in as many parts as are left of it."""
    cut = (
        Stretch(each.outage, max(each.started_at, first), min(each.ended_at, last))
        for first, last in windows
        for each in stretches
    )
    return [each for each in cut if each.started_at < each.ended_at]


def is_too_late(meeting: list[Stretch], claim: Claim) -> bool:
    """1 line 4: claimed later than 30 × 24 h after the latest recorded end among the outages that meet the new claim.

    An ongoing outage has no recorded end, so that a claim on it is not too late.
    """
    ends = [each.outage.ended_at for each in meeting]
    if None in ends:
        return False
    return given(claim.claimed_at) > max(given(end) for end in ends) + LATEST_CLAIM_SECONDS


def exceeds_record(counted: list[Stretch], claim: Claim) -> bool:
    """7: under 90 % of the newly claimed interval itself (not widened) is covered by counted outages of any cause."""
    first, last = given(claim.started_at), given(claim.ended_at)
    return covered_seconds(counted, first, last) < RECORDED_SHARE * (last - first)


def covered_seconds(stretches: list[Stretch], first: int, last: int) -> int:
    """How much of [first, last) the stretches cover together."""
    covered, reached = 0, first
    for each in sorted(stretches, key=lambda stretch: stretch.started_at):
        started_at, ended_at = max(each.started_at, reached), min(each.ended_at, last)
        if started_at < ended_at:
            covered += ended_at - started_at
            reached = ended_at
    return covered
