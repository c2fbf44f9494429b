"""Claims that the desk filed: each with a number, by which a customer asks for it, and with what became of it, step by step.

A claim's outcome is what the account did: nothing is said to be granted that is not booked in the same transaction.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from clients.account.records import Account, Answer, Claim, Settlement
from clients.account.register import Said
from clients.account.tables import ACCOUNT, CANNOT_DECIDE, DESK_CLAIM, NEEDS_REVIEW, PERSON_CLAIM
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import decision_pb2

GRANTED: Final = "GRANTED"
NOT_ELIGIBLE: Final = "NOT_ELIGIBLE"
ALREADY_GRANTED: Final = "ALREADY_GRANTED"
NO_MATCHING_OUTAGE: Final = "NO_MATCHING_OUTAGE"
BY_A_PERSON: Final = "DECIDED_BY_A_PERSON"


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a claim or a quote. ``outcome`` and ``reasons``: codes of the contract, or what is missing in words."""

    outcome: str
    reasons: tuple[str, ...]
    outages: tuple[str, ...]


def reference(number: int) -> str:
    """As people write it."""
    return f"C{number}"


def became(account: Account, settlement: Settlement, outages: Collection[str]) -> Became:
    """What a settlement did for ``outages``. ``account``: as it was before."""
    ids = {*outages, *(place.outage_id for place in settlement.bookings)}
    waits = tuple(dict.fromkeys(settlement.waiting[each] for each in sorted(ids & set(settlement.waiting))))
    if any(quantity > 0 for quantity in settlement.bookings.values()):
        return Became(GRANTED, (), tuple(sorted(ids)))
    if waits:
        return Became(CANNOT_DECIDE, waits, tuple(sorted(ids)))
    if reviews := ids & set(settlement.reviews):
        reasons = dict.fromkeys(reason for each in sorted(reviews) for reason in settlement.reviews[each].split(", "))
        return Became(NEEDS_REVIEW, tuple(reasons), tuple(sorted(ids)))
    return Became(*_nothing_new(account, settlement, ids), tuple(sorted(ids)))


def _nothing_new(account: Account, settlement: Settlement, ids: Collection[str]) -> tuple[str, tuple[str, ...]]:
    if any(place.outage_id in ids for place in account.booked):
        return NOT_ELIGIBLE, (ALREADY_GRANTED,)
    if any(each in account.verdicts for each in ids):
        return NOT_ELIGIBLE, (BY_A_PERSON,)
    if about := [each for each in settlement.decisions if concerns(each, ids)]:
        last = about[-1]
        if last.outcome == GRANTED:  # all of it was set off against what is over-granted in the cycle
            return NOT_ELIGIBLE, (ALREADY_GRANTED,)
        return last.outcome, last.reasons
    return NOT_ELIGIBLE, (NO_MATCHING_OUTAGE,)


def concerns(answer: Answer, ids: Collection[str]) -> bool:
    """Whether a decision is about any of some outages."""
    request = service_pb2.ComputeCompensationRequest.FromString(answer.question)
    return any(each.outage_id in ids for each in request.outages)


def decision(answer: Answer) -> decision_pb2.Decision:
    """As the service gave it."""
    return decision_pb2.Decision.FromString(answer.answer)


def filed(connection: Connection, subscriber_id: str, wanted: Claim) -> Claim | None:
    """The claim of the same time that was filed before, by the same channel."""
    at = PERSON_CLAIM.c
    same = (at.subscriber_id == subscriber_id) & (at.channel == wanted.channel)
    same &= (at.started_at == wanted.started_at) & (at.ended_at == wanted.ended_at)
    row = connection.execute(select(PERSON_CLAIM).where(same).order_by(at.claim_number)).first()
    if row is None:
        return None
    return Claim(reference(row.claim_number), row.channel, row.claimed_at, row.started_at, row.ended_at)


def next_reference(connection: Connection) -> str:
    """Of a claim that is filed now."""
    return reference((connection.execute(select(func.max(DESK_CLAIM.c.claim_number))).scalar_one() or 0) + 1)


def note(connection: Connection, subscriber_id: str, claim: Claim, what: Became, said: Said) -> None:
    """Write what became of a claim, where it is not what became of it before."""
    number = int(claim.claim_id[1:])
    steps = list(connection.execute(select(DESK_CLAIM).where(DESK_CLAIM.c.claim_number == number).order_by(DESK_CLAIM.c.step)))
    if not steps:
        person = {**claim._asdict(), "claim_number": number, "subscriber_id": subscriber_id, "kept_at": said.at}
        del person["claim_id"]
        connection.execute(insert(PERSON_CLAIM), person)
    elif (steps[-1].outcome, steps[-1].reasons) == (what.outcome, json.dumps(what.reasons)):
        return
    elif what.reasons == (ALREADY_GRANTED,) and any(each.outcome == GRANTED for each in steps):
        return  # it was filed again, and is what it was
    revision = connection.execute(select(ACCOUNT.c.revision).where(ACCOUNT.c.subscriber_id == subscriber_id)).scalar()
    row = {
        "claim_number": number,
        "step": len(steps) + 1,
        "subscriber_id": subscriber_id,
        "outcome": what.outcome,
        "reasons": json.dumps(what.reasons),
        "outages": json.dumps(what.outages),
        "account_revision": revision or 0,
    }
    connection.execute(insert(DESK_CLAIM), {**row, "said_by": said.by, "reason": said.reason, "said_at": said.at})


def of_subscriber(connection: Connection, subscriber_id: str) -> list[Any]:
    """All steps of a subscriber's claims, with ``claim`` the times where they are not erased."""
    at = DESK_CLAIM.c
    of_id = select(DESK_CLAIM).where(at.subscriber_id == subscriber_id).order_by(at.claim_number, at.step)
    return list(connection.execute(of_id))


def times(connection: Connection, subscriber_id: str) -> dict[int, Claim]:
    """Of each claim of a subscriber that was not erased, by number."""
    rows = connection.execute(select(PERSON_CLAIM).where(PERSON_CLAIM.c.subscriber_id == subscriber_id))
    return {
        row.claim_number: Claim(reference(row.claim_number), row.channel, row.claimed_at, row.started_at, row.ended_at)
        for row in rows
    }
