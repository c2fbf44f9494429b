"""What persons decided of outages that waited, as a settlement works with it. Pure.

Of an outage that could not be decided, a verdict takes the place of the decision, as long as the record is the one that the
person saw: a revision is asked about anew. Where the policy leaves an amount to a person, the verdict stands beside what the
service decides, as long as the outage, or what took its place, is on record.

INVARIANT: what a person decided takes its room under the cap of its cycle before all else that is asked about.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from clients.account.records import Account, Place, Record, Verdict


def with_verdict(account: Account, verdict: Verdict | None) -> Account:
    """The account as if a verdict stood in it."""
    if verdict is None:
        return account
    verdicts = {**account.verdicts, verdict.outage_id: verdict}
    return replace(account, verdicts=verdicts, benefits={**verdict.benefits, **account.benefits})


def taken_out(account: Account, records: Mapping[str, Record]) -> frozenset[str]:
    """Outages that are not asked about, for a person decided them as they are."""
    return frozenset(
        each
        for each, verdict in account.verdicts.items()
        if verdict.instead and each in records and records[each].current and records[each].revision == verdict.revision
    )


def gone(account: Account, records: Mapping[str, Record]) -> frozenset[str]:
    """Outages of which something is booked in place of a decision, and that are none any more, nor what took their place.

    Nothing is kept of them by which they would be new; they are as long as more is booked than is told as over-granted.
    """
    replaced = {before for record in records.values() if record.current for before in record.after}
    instead = {each for each, verdict in account.verdicts.items() if verdict.instead and each not in account.kept}
    booked = {place.outage_id for place, n in account.booked.items() if n > account.over_granted.get(place, 0)} & instead
    return frozenset(each for each in booked if each in records and not records[each].current and each not in replaced)


def standing(account: Account, records: Mapping[str, Record], out: frozenset[str]) -> Counter[Place]:
    """What stands by verdicts. ``out``: as :func:`taken_out` says."""
    found: Counter[Place] = Counter()
    for each, verdict in account.verdicts.items():
        present = any(record.current and each in (record.outage_id, *record.after) for record in records.values())
        if each in out or (present and not verdict.instead):
            found.update(verdict.amounts)
    return found
