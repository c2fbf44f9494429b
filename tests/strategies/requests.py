"""Whole requests for cn-standard that are well formed."""

from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from policy.calculator.codes import CLAIM_CHANNELS, EXPLAINS
from policy.calculator.request import Claim, Outage, Request
from tests.reference import decide
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
    return max([*ends, *starts, *claimed])


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
    return Claim(draw(st.sampled_from(CLAIM_CHANNELS)), claimed_at, started_at, ended_at)


@st.composite
def untuned_requests(draw: st.DrawFn) -> Request:
    """A well-formed request in any mode."""
    mode = draw(st.sampled_from(("AUTOMATIC", "AUTOMATIC", "PROACTIVE_NOTICE", "APPLICATION", "APPLICATION")))
    nothing_recorded = mode == "APPLICATION" and draw(st.integers(0, 19)) == 0
    outages = () if nothing_recorded else draw(outage_sets())
    claim = draw(claims(outages)) if mode == "APPLICATION" else None
    later = draw(st.sampled_from((0, 0, 1, 1799, 1800, HOUR, DAY, 40 * DAY)))
    return Request(
        subscriber=draw(subscribers()),
        outages=outages,
        mode=mode,
        as_of=latest(outages, claim) + later,
        claim=claim,
        already_granted=draw(st.one_of(st.just({}), amounts())),
        explain=draw(st.sampled_from(EXPLAINS)),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A well-formed request; every third one with what was granted before tuned to just what is owed, or one unit beside it."""
    request = draw(untuned_requests())
    if draw(st.integers(0, 2)):
        return request
    owed = decide(replace(request, already_granted={})).grants
    return replace(request, already_granted={name: max(0, amount + draw(near())) for name, amount in owed.items()})


def automatic_requests() -> st.SearchStrategy[Request]:
    """Well-formed requests without a claim."""
    return requests().filter(lambda request: request.mode != "APPLICATION")
