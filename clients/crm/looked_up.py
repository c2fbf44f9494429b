"""What the ledger says of a case: which outages of the register it is about, and which facts of the subscriber it has."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from clients.account import erasing, register
from clients.account.records import Account, Record
from clients.account.settling import Outages
from clients.account.touching import ended
from clients.errors import BadInput
from makegood.v1 import facts_pb2

OF_THE_INSTANT: Final = ("subscriber_id", "billing_cycle", "granted_this_cycle", "data_remaining_bytes", "attributes")
"""Facts that were true when an outage began, and may be others at the next; ids and cycles stand elsewhere."""


def records(
    connection: Connection, account: Account, outages: Outages, areas: Sequence[str], wanted: Collection[str]
) -> dict[str, Record]:
    """Outages on record that hit the subscriber. ``wanted``: ids that have to be among them. Raises BadInput."""
    if erasing.erased(connection, [account.subscriber_id]):
        raise BadInput(f"{account.subscriber_id}: {erasing.GONE}")
    found = outages.of(account, areas)
    for each in sorted(wanted):
        revision = outages.revisions.get(each)
        if revision is None:
            raise BadInput(f"outage {each} is not in the register; outages import brings it in")
        if revision.state == register.WITHDRAWN:
            raise BadInput(f"outage {each} was withdrawn by {revision.said_by}: {revision.reason}")
        if revision.state == register.RETIRED:
            after = ", ".join(sorted(new for new, befores in outages.after.items() if each in befores))
            raise BadInput(f"outage {each} was retired ({revision.what}); in its place stands {after}")
        if each not in found or not found[each].current:
            hit = ", ".join(sorted(revision.ends))
            raise BadInput(f"outage {each} hit {hit}, and no area that is known of {account.subscriber_id}; give --area")
    return found


def areas(account: Account, said: Sequence[str]) -> tuple[str, ...]:
    """Those that were said, else those of the outages that the account decided."""
    return tuple(dict.fromkeys(said or (area for kept in account.kept.values() for area in kept.areas)))


def during(found: Mapping[str, Record], span: tuple[int, int], as_of: int) -> list[str]:
    """Ids of outages on record in a time."""
    start, end = span
    return [
        each for each, record in found.items() if record.current and record.started_at < end and ended(record, as_of) > start
    ]


def facts(account: Account, found: Mapping[str, Record]) -> tuple[facts_pb2.Subscriber | None, str]:
    """What the ledger knows of the person, from the latest outage that was decided, and which that is; None: nothing.

    What was true of its instant alone is left out, so that a policy that reads it asks for it.
    """
    known = [(found[each].order, each) for each, kept in account.kept.items() if kept.facts and each in found]
    if not known:
        return None, ""
    _, latest = max(known)
    person = facts_pb2.Subscriber.FromString(account.kept[latest].facts or b"")
    for name in OF_THE_INSTANT:
        person.ClearField(name)
    return person, latest


def merged(person: facts_pb2.Subscriber | None, said: facts_pb2.Subscriber) -> bytes | None:
    """Facts with those that were said over them; None: nothing is known at all."""
    known = facts_pb2.Subscriber()
    known.CopyFrom(person or facts_pb2.Subscriber())
    if said.value_added_services:
        known.ClearField("value_added_services")
    known.MergeFrom(said)
    for name in ("subscriber_id", "billing_cycle", "granted_this_cycle"):
        known.ClearField(name)
    if not known.ListFields():
        return None
    return known.SerializeToString(deterministic=True)
