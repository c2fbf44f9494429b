"""Whole requests for cn-standard that are well formed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from policy.calculator.codes import CLAIM_CHANNELS, EXPLAINS
from policy.calculator.request import Claim, GrantedBefore, Interval, Outage, Request
from tests.reference import Expected, decide
from tests.strategies.any_policy_granted import consistent
from tests.strategies.moments import DAY, FIRST_INSTANT, HOUR, instants, lengths, near
from tests.strategies.outages import outage_sets
from tests.strategies.people import amounts, subscribers

MARGIN: Final = 900
CLAIM_LIMIT: Final = 30 * DAY


def latest(outages: tuple[Outage, ...], claim: Claim | None) -> int:
    """The earliest as_of under which nothing of the request lies in the future."""
    ends = [outage.ended_at or 0 for outage in outages]
    starts = [(outage.started_at or 0) + 1 for outage in outages]
    claimed = [claim.claimed_at or 0, claim.ended_at or 0, (claim.started_at or 0) + 1] if claim else []
    earlier = [each.ended_at for each in claim.earlier] if claim else []
    return max([*ends, *starts, *claimed, *earlier])


@st.composite
def claims(draw: st.DrawFn, outages: tuple[Outage, ...]) -> Claim:
    """A claim around the outages: its ends around theirs and the margins, covered around 90 %, made around 30 days after."""
    anchors = [at for outage in outages for at in (outage.started_at, outage.ended_at) if at is not None]
    anchor = st.sampled_from(anchors) if anchors else instants()
    widened = st.builds(lambda at, by, margin: at + by + margin, anchor, near(), st.sampled_from((-MARGIN, 0, 0, MARGIN)))
    started_at = max(draw(widened), FIRST_INSTANT)  # with no outage at all the claim picks the version
    ended_at = draw(st.one_of(widened, lengths().map(lambda length: started_at + length)))
    if draw(st.booleans()) and anchors:  # the record covers about nine tenths of it
        recorded = max(anchors) - started_at
        ended_at = started_at + recorded * 10 // 9 + draw(near())
    ended_at = ended_at if ended_at > started_at else started_at + draw(lengths())
    made = st.builds(lambda at, by: at + CLAIM_LIMIT + by, anchor, near())
    claimed_at = draw(st.one_of(made, made, st.just(ended_at), lengths().map(lambda length: ended_at + length)))
    spans = st.builds(
        lambda at, length: Interval(at, at + length), widened, st.one_of(st.sampled_from((1, 1800, HOUR)), lengths())
    )
    earlier = draw(st.lists(spans, max_size=2)) if draw(st.booleans()) else []
    return Claim(draw(st.sampled_from(CLAIM_CHANNELS)), claimed_at, started_at, ended_at, tuple(earlier))


@st.composite
def cycles(draw: st.DrawFn, outages: tuple[Outage, ...]) -> Interval | None:
    """A billing cycle: not given, or about the outages, more often so that they begin in it."""
    anchors = sorted(at for outage in outages for at in (outage.started_at, outage.ended_at) if at is not None)
    if not anchors or draw(st.integers(0, 2)) == 0:
        return None
    first = anchors[0] if draw(st.integers(0, 3)) else draw(st.sampled_from(anchors))
    start = first - draw(st.sampled_from((0, 0, -1, 1, DAY)))
    return Interval(start, start + draw(st.sampled_from((31 * DAY, 31 * DAY, DAY, HOUR, max(anchors[-1] - start, 1)))))


@st.composite
def granted_before(draw: st.DrawFn, outages: tuple[Outage, ...]) -> tuple[GrantedBefore, ...]:
    """Around the caps and odd ones, of some of the outages."""
    ids = sorted({outage.outage_id for outage in outages})
    told = [(outage_id, draw(amounts())) for outage_id in ids if draw(st.booleans())]
    entries = [GrantedBefore(outage_id, name, quantity) for outage_id, each in told for name, quantity in each.items()]
    return tuple(draw(st.permutations(entries)))


@st.composite
def untuned_requests(draw: st.DrawFn) -> Request:
    """A well-formed request in any mode."""
    mode = draw(st.sampled_from(("AUTOMATIC", "AUTOMATIC", "PROACTIVE_NOTICE", "APPLICATION", "APPLICATION")))
    nothing_recorded = mode == "APPLICATION" and draw(st.integers(0, 19)) == 0
    outages = () if nothing_recorded else draw(outage_sets())
    claim = draw(claims(outages)) if mode == "APPLICATION" else None
    later = draw(st.sampled_from((0, 0, 1, 1799, 1800, HOUR, DAY, 40 * DAY)))
    by_outage = draw(granted_before(outages)) if draw(st.booleans()) else ()
    of_only: Mapping[str, int] = {}
    if not by_outage and len({outage.outage_id for outage in outages}) == 1:
        of_only = draw(st.one_of(st.just({}), amounts()))
    request = Request(
        subscriber=replace(draw(subscribers()), billing_cycle=draw(cycles(outages))),
        outages=outages,
        mode=mode,
        as_of=latest(outages, claim) + later,
        claim=claim,
        already_granted=of_only,
        granted_before=by_outage,
        explain=draw(st.sampled_from(EXPLAINS)),
    )
    return consistent(request)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A well-formed request; every third one with what was granted before tuned to just what is owed, or one unit beside it."""
    request = draw(untuned_requests())
    if draw(st.integers(0, 2)):
        return request
    owed = owed_by_outage(decide(replace(request, already_granted={}, granted_before=())))
    told = [GrantedBefore(*key, max(0, amount + draw(near()))) for key, amount in owed.items()]
    return consistent(
        replace(request, already_granted={}, granted_before=tuple(each for each in told if draw(st.integers(0, 3))))
    )


def owed_by_outage(expected: Expected) -> dict[tuple[str, str], int]:
    """What is owed by outage and benefit; a quote is taken for that of the first outage of its interruption."""
    owed: dict[tuple[str, str], int] = {}
    for each in expected.interruptions:
        quoted = ((name, {each.outage_ids[0]: quantity}) for name, quantity in each.quotes.items())
        for name, parts in (*each.grants.items(), *quoted):
            for outage_id, part in parts.items():
                owed[outage_id, name] = owed.get((outage_id, name), 0) + part
    return owed


def automatic_requests() -> st.SearchStrategy[Request]:
    """Well-formed requests without a claim."""
    return requests().filter(lambda request: request.mode != "APPLICATION")
