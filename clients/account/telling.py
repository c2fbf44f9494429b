"""What the account says of itself, as objects for a program; a line of words goes with each."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from google.protobuf import json_format
from sqlalchemy import Connection, Table, select

from clients import enums, units
from clients.account import register, store, tables
from clients.account.records import Cycle
from clients.account.register import EVERYWHERE, Revision
from makegood.v1 import facts_pb2

GONE: Final = "the facts of this person were erased"


class Told(NamedTuple):
    """One thing that is said."""

    fields: dict[str, Any]
    line: str


def outage(connection: Connection, outage_id: str) -> Iterator[Told]:
    """An outage: its revisions, what it took the place of, and what is booked for it by benefit."""
    revisions = register.history(connection, outage_id)
    for each in revisions:
        yield _revision(each)
    for before in register.replaced(connection).get(outage_id, ()):
        yield Told({"outage_id": outage_id, "takes_the_place_of": before}, f"  takes the place of {before}")
    sums: dict[tuple[str, str, str], tuple[int, set[str]]] = {}
    for row in connection.execute(select(tables.BOOKING).where(tables.BOOKING.c.outage_id == outage_id)):
        total, who = sums.get((row.benefit, row.kind, row.currency_code), (0, set()))
        sums[row.benefit, row.kind, row.currency_code] = (total + row.quantity, who | {row.subscriber_id})
    for (benefit, kind, currency), (total, who) in sorted(sums.items()):
        fields = {"outage_id": outage_id, "benefit": benefit, "kind": kind, "currency_code": currency, "quantity": total}
        line = f"  {benefit}: {units.plain(kind, total, currency)} are booked for {units.several(len(who), 'subscriber')}"
        yield Told({**fields, "subscribers": len(who)}, line)


def added(revision: Revision) -> Told:
    """What the register was told."""
    fields = {"outage_id": revision.outage_id, "revision": revision.revision, "what": revision.what}
    return Told(fields, f"{revision.outage_id}: {revision.what} (revision {revision.revision})")


def audit(connection: Connection, subscriber_id: str) -> Iterator[Told]:
    """All of a subscriber: every decision and booking in order, recourse, what is over-granted, what waits, and the sums."""
    for number in range(1, store.read(connection, subscriber_id).revision + 1):
        yield from _decisions(connection, subscriber_id, number)
        yield from _bookings(connection, subscriber_id, number)
        yield from _recourse(connection, subscriber_id, number)
    for place, quantity in sorted(store.over_granted(connection, subscriber_id).items()):
        of = store.read(connection, subscriber_id).benefits[place.benefit]
        fields = {"over_granted": quantity, "outage_id": place.outage_id, "benefit": place.benefit, **_cycle(place.cycle)}
        shown = units.plain(of.kind, quantity, of.currency_code)
        yield Told(fields, f"over-granted: {place.benefit} {shown} for {place.outage_id}{_in(place.cycle)}")
    for row in _of(connection, tables.WAITING, subscriber_id):
        yield Told({"waits": row.outage_id, "why": row.why, "since": _when(row.since)}, f"waits: {row.outage_id}: {row.why}")
    sums: dict[tuple[str, str, str], int] = {}
    for row in _of(connection, tables.BOOKING, subscriber_id):
        key = (row.benefit, row.kind, row.currency_code)
        sums[key] = sums.get(key, 0) + row.quantity
    for (benefit, kind, currency), total in sorted(sums.items()):
        fields = {"benefit": benefit, "kind": kind, "currency_code": currency, "balance": total}
        yield Told(fields, f"{benefit}: {units.plain(kind, total, currency)} in all")


def _decisions(connection: Connection, subscriber_id: str, number: int) -> Iterator[Told]:
    asked = {row.number: row.question for row in _of(connection, tables.PERSON_QUESTION, subscriber_id, number)}
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
            "as_of": _when(row.as_of),
            "decided_at": _when(row.decided_at),
            "said_by": row.said_by,
            "reason": row.reason,
        }
        why = f" ({', '.join(reasons)})" if reasons else ""
        policy = f"{row.policy_id} {row.policy_version}".strip()
        gone = "" if row.number in asked else f"; {GONE}"
        line = f"{_when(row.decided_at)}  {row.outcome}{why} under {policy}, as of {_when(row.as_of)}"
        yield Told(fields, f"{line}, by {row.said_by}: {row.reason}{gone}")


def _bookings(connection: Connection, subscriber_id: str, number: int) -> Iterator[Told]:
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
        did = "booked" if row.quantity > 0 else "reversed"
        shown = units.plain(row.kind, abs(row.quantity), row.currency_code)
        yield Told(fields, f"  {did}: {row.benefit} {shown} for {row.outage_id}{_in(cycle)}")


def _recourse(connection: Connection, subscriber_id: str, number: int) -> Iterator[Told]:
    for row in _of(connection, tables.RECOURSE, subscriber_id, number):
        fields = {
            "account_revision": number,
            "recourse": row.amount_minor,
            "responsible_party": row.party,
            "outage_id": row.outage_id,
            "currency_code": row.currency_code,
            **_said(row),
        }
        shown = units.money(abs(row.amount_minor), row.currency_code)
        did = "claimed from" if row.amount_minor > 0 else "credited to"
        yield Told(fields, f"  {did} {row.party or 'a party without a name'}: {shown} for {row.outage_id}")


def _revision(revision: Revision) -> Told:
    message = facts_pb2.Outage.FromString(revision.message)
    ends = {area: None if end is None else _when(end) for area, end in revision.ends.items()}
    fields = {
        "outage_id": revision.outage_id,
        "revision": revision.revision,
        "state": revision.state,
        "what": revision.what,
        "said_by": revision.said_by,
        "reason": revision.reason,
        "known_at": _when(revision.known_at),
        "outage": json_format.MessageToDict(message, preserving_proto_field_name=True),
        "ends": [{"area": area, "ended_at": end} for area, end in ends.items()],
    }
    shown = "; ".join(f"{'everywhere' if area == EVERYWHERE else area} until {end or 'now'}" for area, end in ends.items())
    cause = enums.code(facts_pb2.Cause.DESCRIPTOR, message.cause)
    what = f"{revision.outage_id} revision {revision.revision}, {revision.state}: {revision.what}"
    who = f"{_when(revision.known_at)} by {revision.said_by}: {revision.reason}"
    return Told(fields, f"{what}; {cause} from {_when(message.started_at.seconds)}, {shown} ({who})")


def _of(connection: Connection, table: Table, subscriber_id: str, number: int | None = None) -> list[Any]:
    query = select(table).where(table.c.subscriber_id == subscriber_id)
    if number is not None:
        query = query.where(table.c.account_revision == number)
    return list(connection.execute(query.order_by(*table.primary_key.columns)))


def _said(row: Any) -> dict[str, Any]:
    instants = {"booked_at": _when(row.booked_at), "effective_at": _when(row.effective_at)}
    return {**instants, "said_by": row.said_by, "reason": row.reason}


def _cycle(cycle: Cycle) -> dict[str, Any]:
    if not cycle.end:
        return {"billing_cycle": None}
    return {"billing_cycle": {"started_at": _when(cycle.start), "ended_at": _when(cycle.end)}}


def _in(cycle: Cycle) -> str:
    return f", cycle from {_when(cycle.start)}" if cycle.end else ""


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
