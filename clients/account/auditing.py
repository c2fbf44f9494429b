"""What the account says of one subscriber: every decision and booking, in order, and what follows from them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf import json_format
from sqlalchemy import Connection, Table, select

from clients.account import desk_claims, erasing, reading, reviewing, tables
from clients.account.again import Again
from clients.account.asking import Request
from clients.account.records import UNKNOWN_CYCLE, Account, Cycle
from clients.account.telling import Told, when
from clients.account.words import Words


def audit(connection: Connection, subscriber_id: str, words: Words) -> Iterator[Told]:
    """All of a subscriber: every decision and booking in order, recourse, what is over-granted, what waits, and the sums."""
    account = reading.account(connection, subscriber_id)
    former = {row.account_revision: row for row in _of(connection, tables.FORMER_BOOKING, subscriber_id)}
    found = {each.revision: each.cycle for each in account.former}
    for number in range(1, account.revision + 1):
        decisions = list(_decisions(connection, subscriber_id, number, words))
        booked = [
            *_bookings(connection, subscriber_id, number, found.get(number), words),
            *_recourse(connection, subscriber_id, number, words),
        ]
        verdicts = list(_verdicts(connection, subscriber_id, number, words))
        if number in former:
            yield _taken_over(former[number], booked[0].fields, words)
        elif booked and not decisions and not verdicts:  # nothing was left to be asked about
            said = booked[0].fields
            line = words("settled", when=said["booked_at"], who=said["said_by"], reason=said["reason"])
            yield Told({"account_revision": number, "settled_at": said["booked_at"]}, line)
        yield from (*verdicts, *decisions, *booked)
        yield from _elsewhere(connection, account, number, words)
        for row in _of(connection, tables.DELIVERY, subscriber_id, number):
            fields = {"account_revision": number, "delivery": row.outcome, "why": row.why, "ledger": row.ledger}
            named = {"when": when(row.said_at), "ledger": row.ledger, "who": row.said_by, "why": row.why}
            yield Told({**fields, "said_at": when(row.said_at), "said_by": row.said_by}, words(f"audit {row.outcome}", **named))
    yield from _claims(connection, subscriber_id, words)
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
        named = {"benefit": place.benefit, "outage": place.outage_id or words("no outage"), "cycle": _in(place.cycle, words)}
        yield Told(fields, words("over-granted", quantity=shown, **named))
    for each in reviewing.items(connection, subscriber_id):
        fields = {"waits": each.outage_id, "outcome": each.outcome, "why": each.why, "since": when(each.since)}
        named = {"reference": each.reference, "outage": each.outage_id, "outcome": each.outcome, "why": each.why}
        yield Told({**fields, "reference": each.reference}, words("waits", **named))
    sums: dict[tuple[str, str, str], int] = {}
    for row in _of(connection, tables.BOOKING, subscriber_id):
        key = (row.benefit, row.kind, row.currency_code)
        sums[key] = sums.get(key, 0) + row.quantity
    for (benefit, kind, currency), total in sorted(sums.items()):
        fields = {"benefit": benefit, "kind": kind, "currency_code": currency, "balance": total}
        yield Told(fields, words("balance", benefit=benefit, quantity=words.quantity(kind, total, currency)))


def again(found: Iterable[Again], words: Words) -> Iterator[Told]:
    """What deciding again came to."""
    for each in found:
        kept = each.kept
        policy_id, version, sha256, engine = kept.policy
        shown = [[path, before, after] for path, (before, after) in (each.differences or {}).items()]
        fields = {
            "account_revision": kept.account_revision,
            "decision": kept.number,
            "decided_again": each.found.value,
            "text_is_there": each.text_is_there,
            "policy_sha256": sha256,
            "engine_version": engine,
            "engine_version_now": each.engine,
            "differences": shown,
            "why": each.why,
        }
        named = {"revision": kept.account_revision, "number": kept.number, "outcome": kept.outcome, "why": each.why}
        named |= {"policy": f"{policy_id} {version}".strip(), "engine": engine, "now": each.engine, "sha256": sha256}
        lines = [words("again", what=words(f"again {each.found.value}", **named), **named)]
        lines += [] if each.text_is_there else [words("text is gone", **named)]
        lines += [words("differs", path=path, before=before, after=after) for path, before, after in shown]
        yield Told(fields, "\n".join(lines))


def _taken_over(row: Any, booked: Mapping[str, Any], words: Words) -> Told:
    """What a ledger of before booked."""
    outages = json.loads(row.outage_ids)
    fields = {
        "account_revision": row.account_revision,
        "taken_over_from": row.ledger,
        "taken_over_at": when(row.taken_over_at),
        "grant_key": row.grant_key,
        "key_follows": row.key_follows,
        "outage_ids": outages,
        "facts": "unknown",
        "policy": {"id": row.policy_id, "version": row.policy_version, "sha256": "unknown"},
        "said_by": booked["said_by"],
        "reason": booked["reason"],
    }
    why = words("facts unknown") + ("" if row.key_follows else words("key does not follow"))
    named = {"ledger": row.ledger, "who": booked["said_by"], "reason": booked["reason"], "outages": ", ".join(outages)}
    return Told(fields, words("taken over", when=when(row.taken_over_at), why=why, **named))


def _decisions(connection: Connection, subscriber_id: str, number: int, words: Words) -> Iterator[Told]:
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
            "question": _question(asked[row.number]) if row.number in asked else None,
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


def _question(asked: bytes) -> dict[str, Any]:
    """On which facts it was decided."""
    return json_format.MessageToDict(Request.FromString(asked), preserving_proto_field_name=True)


def _elsewhere(connection: Connection, account: Account, number: int, words: Words) -> Iterator[Told]:
    """What others granted."""
    for row in _of(connection, tables.GRANTED_ELSEWHERE, account.subscriber_id, number):
        cycle = Cycle(row.cycle_started_at, row.cycle_ended_at)
        fields = {
            "account_revision": number,
            "granted_elsewhere": row.quantity,
            "benefit": row.benefit,
            "reference": row.reference,
            **_cycle(cycle),
            "said_at": when(row.said_at),
            "said_by": row.said_by,
            "reason": row.reason,
        }
        of = account.benefits.get(row.benefit)
        line = words(
            "elsewhere",
            when=when(row.said_at),
            who=row.said_by,
            benefit=row.benefit,
            quantity=str(row.quantity) if of is None else words.quantity(of.kind, row.quantity, of.currency_code),
            reference=words("under reference", reference=row.reference) if row.reference else "",
            cycle=_in(cycle, words),
            reason=row.reason,
        )
        yield Told(fields, line)


def _verdicts(connection: Connection, subscriber_id: str, number: int, words: Words) -> Iterator[Told]:
    """What persons decided."""
    amounts = _of(connection, tables.VERDICT_AMOUNT, subscriber_id, number)
    kinds = reading.account(connection, subscriber_id).benefits if amounts else {}
    for row in _of(connection, tables.VERDICT, subscriber_id, number):
        own = [each for each in amounts if each.outage_id == row.outage_id]
        fields = {
            "account_revision": number,
            "verdict": "granted" if own else "rejected",
            "outage_id": row.outage_id,
            "outage_revision": row.outage_revision,
            "of": row.outcome,
            "amounts": {each.benefit: each.quantity for each in own},
            "said_at": when(row.said_at),
            "said_by": row.said_by,
            "reason": row.reason,
        }
        shown = []
        for each in own:
            kind = kinds.get(each.benefit)
            quantity = str(each.quantity) if kind is None else words.quantity(kind.kind, each.quantity, kind.currency_code)
            shown.append(f"{each.benefit} {quantity}")
        line = words(
            "verdict",
            when=when(row.said_at),
            who=row.said_by,
            outage=row.outage_id,
            revision=row.outage_revision,
            outcome=row.outcome,
            verdict=words("verdict grants", amounts=", ".join(shown)) if own else words("verdict rejects"),
            reason=row.reason,
        )
        yield Told(fields, line)


def _claims(connection: Connection, subscriber_id: str, words: Words) -> Iterator[Told]:
    """What the desk filed, step by step."""
    times = desk_claims.times(connection, subscriber_id)
    for row in desk_claims.of_subscriber(connection, subscriber_id):
        reference, reasons, claim = (
            desk_claims.reference(row.claim_number),
            json.loads(row.reasons),
            times.get(row.claim_number),
        )
        claimed = None if claim is None else {"started_at": when(claim.started_at), "ended_at": when(claim.ended_at)}
        fields = {
            "claim": reference,
            "step": row.step,
            "claimed": claimed,
            "outcome": row.outcome,
            "reasons": reasons,
            "outages": json.loads(row.outages),
            "account_revision": row.account_revision,
            "said_at": when(row.said_at),
            "said_by": row.said_by,
            "reason": row.reason,
        }
        line = words(
            "claim filed",
            when=when(row.said_at),
            reference=reference,
            who=row.said_by,
            times=words("claimed times", start=claimed["started_at"], end=claimed["ended_at"]) if claimed else "",
            outcome=row.outcome,
            why=f" ({', '.join(reasons)})" if reasons else "",
            reason=row.reason,
        )
        yield Told(fields, line)


def _bookings(connection: Connection, subscriber_id: str, number: int, found: Cycle | None, words: Words) -> Iterator[Told]:
    """``found``: in which cycle what was taken over was found to lie."""
    for row in _of(connection, tables.BOOKING, subscriber_id, number):
        cycle = found or Cycle(row.cycle_started_at, row.cycle_ended_at)
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
        named = {"benefit": row.benefit, "outage": row.outage_id or words("no outage"), "cycle": _in(cycle, words)}
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
    if cycle == UNKNOWN_CYCLE:
        return {"billing_cycle": "unknown"}
    return {"billing_cycle": {"started_at": when(cycle.start), "ended_at": when(cycle.end)}}


def _in(cycle: Cycle, words: Words) -> str:
    if cycle == UNKNOWN_CYCLE:
        return words("in no known cycle")
    return words("in cycle", start=when(cycle.start)) if cycle.end else ""
