"""What the account says of outages and subscribers, as objects for a program; a line of words goes with each."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from google.protobuf import json_format
from sqlalchemy import Connection, Table, select

from clients import enums
from clients.account import erasing, reading, register, tables
from clients.account.records import Cycle
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
    sums: dict[tuple[str, str, str], tuple[int, set[str]]] = {}
    for row in connection.execute(select(tables.BOOKING).where(tables.BOOKING.c.outage_id == outage_id)):
        total, who = sums.get((row.benefit, row.kind, row.currency_code), (0, set()))
        sums[row.benefit, row.kind, row.currency_code] = (total + row.quantity, who | {row.subscriber_id})
    for (benefit, kind, currency), (total, who) in sorted(sums.items()):
        fields = {"outage_id": outage_id, "benefit": benefit, "kind": kind, "currency_code": currency, "quantity": total}
        whom, quantity = words.several(len(who), "subscriber"), words.quantity(kind, total, currency)
        yield Told({**fields, "subscribers": len(who)}, words("booked for", benefit=benefit, quantity=quantity, whom=whom))


def added(revision: Revision, words: Words) -> Told:
    """What the register was told."""
    fields = {"outage_id": revision.outage_id, "revision": revision.revision, "what": revision.what}
    return Told(fields, words("added", outage=revision.outage_id, what=revision.what, revision=revision.revision))


def audit(connection: Connection, subscriber_id: str, words: Words) -> Iterator[Told]:
    """All of a subscriber: every decision and booking in order, recourse, what is over-granted, what waits, and the sums."""
    account = reading.account(connection, subscriber_id)
    for number in range(1, account.revision + 1):
        decisions = list(_decisions(connection, subscriber_id, number, words))
        booked = [
            *_bookings(connection, subscriber_id, number, words),
            *_recourse(connection, subscriber_id, number, words),
        ]
        if booked and not decisions:  # nothing was left to be asked about
            said = booked[0].fields
            line = words("settled", when=said["booked_at"], who=said["said_by"], reason=said["reason"])
            yield Told({"account_revision": number, "settled_at": said["booked_at"]}, line)
        yield from (*decisions, *booked)
    for row in _of(connection, tables.TOMBSTONE, subscriber_id):
        what = "" if row.outage_id == erasing.EVERYTHING else words("erased of", outage=row.outage_id)
        fields = {"erased": row.outage_id or "everything", "erased_at": when(row.erased_at)}
        line = words("erased", when=when(row.erased_at), what=what, who=row.said_by, reason=row.reason)
        yield Told({**fields, "said_by": row.said_by, "reason": row.reason}, line)
    told = reading.over_granted(connection, [subscriber_id]).get(subscriber_id, {})
    for place, quantity in sorted(told.items()):
        of = account.benefits[place.benefit]
        fields = {"over_granted": quantity, "outage_id": place.outage_id, "benefit": place.benefit, **_cycle(place.cycle)}
        shown = words.quantity(of.kind, quantity, of.currency_code)
        named = {"benefit": place.benefit, "outage": place.outage_id, "cycle": _in(place.cycle, words)}
        yield Told(fields, words("over-granted", quantity=shown, **named))
    for row in _of(connection, tables.WAITING, subscriber_id):
        fields = {"waits": row.outage_id, "outcome": row.outcome, "why": row.why, "since": when(row.since)}
        yield Told(fields, words("waits", outage=row.outage_id, outcome=row.outcome, why=row.why))
    sums: dict[tuple[str, str, str], int] = {}
    for row in _of(connection, tables.BOOKING, subscriber_id):
        key = (row.benefit, row.kind, row.currency_code)
        sums[key] = sums.get(key, 0) + row.quantity
    for (benefit, kind, currency), total in sorted(sums.items()):
        fields = {"benefit": benefit, "kind": kind, "currency_code": currency, "balance": total}
        yield Told(fields, words("balance", benefit=benefit, quantity=words.quantity(kind, total, currency)))


def queue(connection: Connection, words: Words) -> Iterator[Told]:
    """What waits for a person, of all subscribers: the longest first."""
    at = tables.WAITING.c
    for row in connection.execute(select(tables.WAITING).order_by(at.since, at.subscriber_id, at.outage_id)):
        fields = {
            "outcome": row.outcome,
            "subscriber_id": row.subscriber_id,
            "outage_id": row.outage_id,
            "why": row.why,
            "since": when(row.since),
        }
        named = {"subscriber": row.subscriber_id, "outage": row.outage_id, "outcome": row.outcome, "why": row.why}
        yield Told(fields, words("queued", since=when(row.since), **named))


def when(seconds: int) -> str:
    """An instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _decisions(connection: Connection, subscriber_id: str, number: int, words: Words) -> Iterator[Told]:
    asked = {row.number for row in _of(connection, tables.PERSON_QUESTION, subscriber_id, number)}
    for row in _of(connection, tables.DECISION, subscriber_id, number):
        reasons = json.loads(row.reasons)
        fields = {
            "account_revision": number,
            "decision": row.number,
            "outcome": row.outcome,
            "reasons": reasons,
            "policy": {"id": row.policy_id, "version": row.policy_version, "sha256": row.policy_sha256},
            "engine_version": row.engine_version,
            "question_sha256": row.question_sha256,
            "question_is_kept": row.number in asked,
            "as_of": when(row.as_of),
            "decided_at": when(row.decided_at),
            "said_by": row.said_by,
            "reason": row.reason,
        }
        line = words(
            "decision",
            when=when(row.decided_at),
            outcome=row.outcome,
            why=f" ({', '.join(reasons)})" if reasons else "",
            policy=f"{row.policy_id} {row.policy_version}".strip(),
            as_of=when(row.as_of),
            who=row.said_by,
            reason=row.reason,
        )
        yield Told(fields, line + ("" if row.number in asked else words("facts gone")))


def _bookings(connection: Connection, subscriber_id: str, number: int, words: Words) -> Iterator[Told]:
    for row in _of(connection, tables.BOOKING, subscriber_id, number):
        cycle = Cycle(row.cycle_started_at, row.cycle_ended_at)
        fields = {
            "account_revision": number,
            "booking": row.quantity,
            "outage_id": row.outage_id,
            "benefit": row.benefit,
            "kind": row.kind,
            "currency_code": row.currency_code,
            **_cycle(cycle),
            **_said(row),
        }
        shown = words.quantity(row.kind, abs(row.quantity), row.currency_code)
        named = {"benefit": row.benefit, "outage": row.outage_id, "cycle": _in(cycle, words)}
        yield Told(fields, words("booked" if row.quantity > 0 else "reversed", quantity=shown, **named))


def _recourse(connection: Connection, subscriber_id: str, number: int, words: Words) -> Iterator[Told]:
    for row in _of(connection, tables.RECOURSE, subscriber_id, number):
        fields = {
            "account_revision": number,
            "recourse": row.amount_minor,
            "responsible_party": row.party,
            "outage_id": row.outage_id,
            "currency_code": row.currency_code,
            **_said(row),
        }
        shown = words.money(abs(row.amount_minor), row.currency_code)
        did = "claimed from" if row.amount_minor > 0 else "credited to"
        yield Told(fields, words(did, party=row.party or words("no name"), amount=shown, outage=row.outage_id))


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


def _of(connection: Connection, table: Table, subscriber_id: str, number: int | None = None) -> list[Any]:
    query = select(table).where(table.c.subscriber_id == subscriber_id)
    if number is not None:
        query = query.where(table.c.account_revision == number)
    return list(connection.execute(query.order_by(*table.primary_key.columns)))


def _said(row: Any) -> dict[str, Any]:
    instants = {"booked_at": when(row.booked_at), "effective_at": when(row.effective_at)}
    run = {"run_id": row.run_id} if row.run_id else {}
    return {**instants, **run, "said_by": row.said_by, "reason": row.reason}


def _cycle(cycle: Cycle) -> dict[str, Any]:
    if not cycle.end:
        return {"billing_cycle": None}
    return {"billing_cycle": {"started_at": when(cycle.start), "ended_at": when(cycle.end)}}


def _in(cycle: Cycle, words: Words) -> str:
    return words("in cycle", start=when(cycle.start)) if cycle.end else ""
