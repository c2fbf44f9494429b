"""Writes what the account says of a case: for the desk and the customer in plain sentences, for a program as an object."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, units
from clients.account import desk_claims, former, telling
from clients.account.records import NO_CYCLE, Cycle, Place
from clients.account.tables import CANNOT_DECIDE
from clients.crm import answer, derivation
from clients.crm.explanation import exact
from clients.crm.with_ledger import Case
from clients.crm.words import Words
from makegood.v1 import decision_pb2, facts_pb2

Owed = decision_pb2.Grant | decision_pb2.Quote


def lines(case: Case, words: Words, zone: tzinfo | None) -> Iterator[str]:
    """For a person: what became of it, the outages, and a sentence for each benefit."""
    labels, in_zone = words.labels, zone or UTC
    if case.claim is not None:
        yield labels["claim"].format(
            reference=case.claim.claim_id,
            subscriber=case.account.subscriber_id,
            start=_local(case.claim.started_at, in_zone),
            end=_local(case.claim.ended_at, in_zone),
        )
    yield _outcome(case, words)
    yield from _outages(case, words, in_zone)
    for sentence in sentences(case, words):
        yield f"  {sentence}"
    yield from _reasons(case, words)
    for each in sorted(set(case.became.outages) & set(case.settlement.waiting)):
        if case.became.outcome != CANNOT_DECIDE:
            yield f"  {each}: {case.settlement.waiting[each]}"
    if set(case.became.outages) & {*case.settlement.waiting, *case.settlement.reviews} and case.claim is not None:
        yield labels["waits in queue"]
    if case.facts_from:
        yield labels["facts from"].format(outage=case.facts_from)
    if zone is None:
        yield labels["utc"]


def _outages(case: Case, words: Words, zone: tzinfo) -> Iterator[str]:
    """Which they are, by the register."""
    for outage_id in case.became.outages:
        record = case.records.get(outage_id)
        if record is not None:
            message = facts_pb2.Outage.FromString(record.message)
            end = words.labels["goes on"] if record.ended_at is None else _local(record.ended_at, zone)
            cause = enums.code(facts_pb2.Cause.DESCRIPTOR, message.cause)
            recorded = words.labels["recorded"].format(start=_local(record.started_at, zone), end=end, cause=cause)
            yield f"  {outage_id}: {recorded}"


def _reasons(case: Case, words: Words) -> Iterator[str]:
    """Why, and what can be done; that it was granted before is said already."""
    for reason in case.became.reasons:
        if reason == desk_claims.BY_A_PERSON:
            yield f"  {words.labels['by a person']}"
        elif reason != desk_claims.ALREADY_GRANTED:
            meaning, advice = words.reasons.get(reason, (reason, ""))
            yield f"  {meaning}" + (f" ({reason})" if meaning != reason else "") + (f" {advice}" if advice else "")


def sentences(case: Case, words: Words) -> list[str]:
    """One for each benefit of each occasion: how it came about, what is booked of it, and what its cycle holds."""
    return [_sentence(case, decision, owed, words) for decision in case.decisions for owed in _owed(decision)]


def fields(case: Case, languages: dict[str, Words]) -> dict[str, Any]:
    """For a program."""
    return {
        "claim": None if case.claim is None else case.claim.claim_id,
        "subscriber_id": case.account.subscriber_id,
        "as_of": telling.when(case.as_of),
        "outcome": case.became.outcome,
        "reasons": list(case.became.reasons),
        "outages": [
            {"outage_id": each, "revision": case.records[each].revision} for each in case.became.outages if each in case.records
        ],
        "booked" if case.claim is not None else "would_book": _places(case, case.settlement.bookings),
        "booked_before": _places(case, case.account.booked),
        "waiting": dict(case.settlement.waiting),
        "reviews": dict(case.settlement.reviews),
        "facts_from": case.facts_from or None,
        "sentences": {words.language: sentences(case, words) for words in languages.values()},
        "decisions": [json_format.MessageToDict(each, preserving_proto_field_name=True) for each in case.decisions],
    }


def _outcome(case: Case, words: Words) -> str:
    """What became of it: of a quote, nothing is granted yet."""
    if case.claim is None and case.became.outcome == desk_claims.GRANTED:
        return words.labels["would be granted"]
    if case.became.reasons == (desk_claims.ALREADY_GRANTED,):
        return words.labels["granted before"]
    return words.outcomes.get(case.became.outcome, case.became.outcome)


def _owed(decision: decision_pb2.Decision) -> Iterator[Owed]:
    yield from decision.grants
    yield from decision.quotes


def _sentence(case: Case, decision: decision_pb2.Decision, owed: Owed, words: Words) -> str:
    labels, occasion = words.labels, decision.occasions[owed.occasion]
    found = derivation.of(decision.explanation, owed.occasion, owed.benefit, words) if case.explained else None
    amount = answer.quantity(owed, words) if found is None else found.text
    ids = set(occasion.outage_ids)
    cycle = _cycle(case, occasion)
    parts = [f"{owed.benefit}: {amount}"]
    if isinstance(owed, decision_pb2.Quote):
        parts.append(labels["not bookable"])
    before = sum(n for place, n in _booked(case).items() if _of(place, owed.benefit, cycle) and place.outage_id in ids)
    now = sum(n for place, n in case.settlement.bookings.items() if _of(place, owed.benefit, cycle) and place.outage_id in ids)
    if before:
        parts.append(labels["booked before"].format(amount=_quantity(owed, before, words)))
    if now:
        label = "booked now" if case.claim is not None else "would be booked"
        parts.append(labels[label].format(amount=_quantity(owed, now, words)))
    if found is not None and found.left_before is not None:
        parts.append(_used(case, decision, owed, cycle, found.left_before, words))
    return labels["part"].join(parts)


def _used(case: Case, decision: decision_pb2.Decision, owed: Owed, cycle: Cycle | None, left_before: int, words: Words) -> str:
    """What the cycle holds of the benefit, of its cap: as it is booked, or would be."""
    held: Counter[str] = Counter()
    for bookings in (_booked(case), case.settlement.bookings):
        for place, quantity in bookings.items():
            if _of(place, owed.benefit, cycle):
                held[owed.benefit] += quantity
    held[owed.benefit] += sum(
        quantity
        for (benefit, of), quantity in case.account.elsewhere.items()
        if (benefit, of) == (owed.benefit, cycle or NO_CYCLE)
    )
    cap = left_before + case.told(decision, owed.benefit)
    label = "cycle used" if case.claim is not None else "cycle would be used"
    shown, most = _quantity(owed, held[owed.benefit], words), _quantity(owed, cap, words)
    (number, _, unit), (_, _, of_cap) = shown.partition(" "), most.partition(" ")
    return words.labels[label].format(used=shown, number=number if unit == of_cap else shown, cap=most)


def _quantity(owed: Owed, quantity: int, words: Words) -> str:
    kind = enums.code(decision_pb2.BenefitKind.DESCRIPTOR, owed.kind)
    number, unit = units.measure(kind, quantity, owed.currency_code)
    if unit == "MiB" or (unit in ("KiB", "B") and quantity >= 2**20):
        return exact(str(quantity), "B", words)
    return words.count(number, unit) if unit in words.units else f"{number} {unit}"


def _booked(case: Case) -> dict[Place, int]:
    """Before this settlement, with what a ledger of before booked where it lies."""
    return former.located(case.account, former.places(case.account, {}, case.settlement.cycles))


def _of(place: Place, benefit: str, cycle: Cycle | None) -> bool:
    return place.benefit == benefit and (cycle is None or place.cycle == cycle)


def _cycle(case: Case, occasion: decision_pb2.Occasion) -> Cycle | None:
    """The billing cycle in which an occasion begins; None: none is known of the subscriber."""
    start = occasion.started_at.seconds
    return next((each for each in case.settlement.cycles if each.holds(start)), None)


def _places(case: Case, places: Any) -> list[dict[str, Any]]:
    return [
        {"outage_id": place.outage_id, "benefit": place.benefit, "quantity": quantity}
        for place, quantity in sorted(places.items())
        if place.outage_id in case.became.outages
    ]


def _local(seconds: int, zone: tzinfo) -> str:
    return answer.local(Timestamp(seconds=seconds), zone)
