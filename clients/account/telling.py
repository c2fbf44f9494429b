"""What the account says of outages and of what waits, as objects for a program; a line of words goes with each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from google.protobuf import json_format
from sqlalchemy import Connection, func, select

from clients import enums
from clients.account import desk_claims, register, reviewing, tables
from clients.account.register import EVERYWHERE, Revision
from clients.account.words import Words
from makegood.v1 import facts_pb2


class Told(NamedTuple):
    """One thing that is said."""

    fields: dict[str, Any]
    line: str


def outage(connection: Connection, outage_id: str, words: Words) -> Iterator[Told]:
    """An outage: its revisions, what it took the place of, and what is booked for it by benefit."""
    for each in register.history(connection, outage_id):
        yield _revision(each, words)
    for before in register.replaced(connection).get(outage_id, ()):
        yield Told({"outage_id": outage_id, "takes_the_place_of": before}, words("takes the place of", before=before))
    at = tables.BOOKING.c
    key = (at.benefit, at.kind, at.currency_code)
    sums = select(*key, func.sum(at.quantity), func.count(at.subscriber_id.distinct())).where(at.outage_id == outage_id)
    for benefit, kind, currency, total, who in sorted(map(tuple, connection.execute(sums.group_by(*key)))):
        fields = {"outage_id": outage_id, "benefit": benefit, "kind": kind, "currency_code": currency, "quantity": int(total)}
        whom, quantity = words.several(who, "subscriber"), words.quantity(kind, int(total), currency)
        yield Told({**fields, "subscribers": who}, words("booked for", benefit=benefit, quantity=quantity, whom=whom))


def added(revision: Revision, words: Words) -> Told:
    """What the register was told."""
    fields = {"outage_id": revision.outage_id, "revision": revision.revision, "what": revision.what}
    return Told(fields, words("added", outage=revision.outage_id, what=revision.what, revision=revision.revision))


def queue(connection: Connection, words: Words) -> Iterator[Told]:
    """What waits for a person, of all subscribers: the longest first."""
    for each in reviewing.items(connection):
        entered, claims = sorted(each.entered_by), [desk_claims.reference(number) for number in each.claims]
        fields = {
            "reference": each.reference,
            "outcome": each.outcome,
            "subscriber_id": each.subscriber_id,
            "outage_id": each.outage_id,
            "why": each.why,
            "since": when(each.since),
            "entered_by": entered,
            "claims": claims,
        }
        named = {"subscriber": each.subscriber_id, "outage": each.outage_id, "outcome": each.outcome, "why": each.why}
        named |= {"reference": each.reference, "since": when(each.since), "who": ", ".join(entered)}
        of_claims = words("of claims", claims=", ".join(claims)) if claims else ""
        yield Told(fields, words("queued for", claims=of_claims, **named))


def when(seconds: int) -> str:
    """An instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _revision(revision: Revision, words: Words) -> Told:
    message = facts_pb2.Outage.FromString(revision.message)
    ends = {area: None if end is None else when(end) for area, end in revision.ends.items()}
    fields = {
        "outage_id": revision.outage_id,
        "revision": revision.revision,
        "state": revision.state,
        "what": revision.what,
        "said_by": revision.said_by,
        "reason": revision.reason,
        "known_at": when(revision.known_at),
        "outage": json_format.MessageToDict(message, preserving_proto_field_name=True),
        "ends": [{"area": area, "ended_at": end} for area, end in ends.items()],
    }
    shown = [
        words("until", area=words("everywhere") if area == EVERYWHERE else area, end=end or words("now"))
        for area, end in ends.items()
    ]
    line = words(
        "revision",
        outage=revision.outage_id,
        revision=revision.revision,
        state=revision.state,
        what=revision.what,
        cause=enums.code(facts_pb2.Cause.DESCRIPTOR, message.cause),
        start=when(message.started_at.seconds),
        ends="; ".join(shown),
        when=when(revision.known_at),
        who=revision.said_by,
        why=revision.reason,
    )
    return Told(fields, line)
