"""What a ledger of before booked, as a settlement works with it. Pure.

Nobody knows any more on which facts it was decided. So it stands as it was booked, unasked, as long as its outages are on
record as they were when it was taken over, and no other outage touches them: facts of today would decide something else of
it, and nothing was corrected. Once one is revised, or touched, all of its occasion is decided anew, with the facts that a
file gives then; where none gives any it goes on to stand. What is withdrawn needs none.

Its cycle follows from when its occasion began, once cycles of the subscriber are known that hold it; it takes its room
under the cap of that one before all else. What begins in no known cycle is no part of any.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from clients.account.periods import Periods
from clients.account.records import NO_CYCLE, UNKNOWN_CYCLE, Account, Cycle, Former, Place, Record, Work


@dataclass(frozen=True, slots=True)
class TakenOver:
    """``account``: with all where it lies. ``out``: outages that are not asked about. ``gone``: those that were none after all.

    ``placed``: by revision, where bookings were found to lie; what is decided anew without a known cycle stays without it.
    """

    account: Account
    standing: Counter[Place] = field(default_factory=Counter)
    out: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    placed: Mapping[int, Cycle] = field(default_factory=dict)


def taken_over(account: Account, records: Mapping[str, Record], work: Work) -> TakenOver:
    """What of former bookings stands, and where."""
    if not account.former:
        return TakenOver(account)
    cycles = tuple(sorted({*account.cycles, *work.cycles} - {NO_CYCLE}))
    at = places(account, records, cycles)
    booked = located(account, at)
    ids = {outage_id for each in account.former for outage_id in each.outages}
    asked = _asked(account, records, work)
    standing: Counter[Place] = Counter()
    for each in account.former:
        for outage_id, quantity in each.parts.items():
            if asked.isdisjoint((outage_id,) if outage_id else each.outages):
                standing[Place(outage_id, each.benefit, at.get(each.revision, UNKNOWN_CYCLE))] += quantity
    placed = dict(at)
    for each in account.former:
        if not asked.isdisjoint(each.outages):
            placed.setdefault(each.revision, UNKNOWN_CYCLE)
    return TakenOver(
        replace(
            account, booked=booked, former=tuple(replace(each, cycle=placed.get(each.revision)) for each in account.former)
        ),
        standing,
        frozenset(ids - asked),
        withdrawn(account, records) - set(account.kept),
        {each.revision: placed[each.revision] for each in account.former if each.cycle is None and each.revision in placed},
    )


def places(account: Account, records: Mapping[str, Record], cycles: Iterable[Cycle]) -> dict[int, Cycle]:
    """The cycle of each former booking, by its revision, where it is known."""
    known = tuple(cycles)
    found: dict[int, Cycle] = {}
    for each in account.former:
        cycle = each.cycle
        if cycle is None and (start := _start(each, records)) is not None:
            cycle = next((one for one in known if one.holds(start)), None) if known else NO_CYCLE
        if cycle is not None:
            found[each.revision] = cycle
    return found


def located(account: Account, at: Mapping[int, Cycle]) -> dict[Place, int]:
    """What is booked, with former bookings where they lie. ``at``: their cycles, by revision."""
    booked = Counter(account.booked)
    for each in account.former:
        for outage_id, quantity in each.parts.items():
            booked[Place(outage_id, each.benefit, UNKNOWN_CYCLE)] -= quantity
            booked[Place(outage_id, each.benefit, at.get(each.revision, UNKNOWN_CYCLE))] += quantity
    return {place: quantity for place, quantity in booked.items() if quantity}


def withdrawn(account: Account, records: Mapping[str, Record]) -> frozenset[str]:
    """Outages of former bookings that are none any more, nor is there one that took their place."""
    replaced = {before for record in records.values() if record.current for before in record.after}
    ids = {outage_id for each in account.former for outage_id in each.outages}
    return frozenset(each for each in ids if each in records and not records[each].current and each not in replaced)


def _asked(account: Account, records: Mapping[str, Record], work: Work) -> set[str]:
    """Outages of former bookings that stand no more by these, with all that was decided together with them or touches them."""
    cycles = tuple(sorted({*account.cycles, *work.cycles} - {NO_CYCLE}))
    present = [each for each in records.values() if each.current]
    together = [
        ids
        for cluster in Periods(work.terms).clusters(present, work.as_of, cycles)
        if (ids := {each.outage_id for each in cluster})
    ]
    ids = {outage_id for each in account.former for outage_id in each.outages}
    asked = set(withdrawn(account, records))
    if work.facts is not None:
        corrected = ids if work.scope is None else ids & work.scope
        asked |= {each for each in corrected if work.corrected and each in records}
        asked |= {each for each in ids if each in records and _is_revised(account, each, records[each])}
        asked |= {each for group in together if not group <= ids for each in group & ids}
    asked |= ids & set(account.kept)
    links = [*(group & ids for group in together), *(set(each.outages) & set(records) for each in account.former)]
    before = -1
    while work.facts is not None and len(asked) != before:
        before = len(asked)
        asked |= {member for link in links if link & asked for member in link}
    return asked


def _is_revised(account: Account, outage_id: str, record: Record) -> bool:
    return any(each.outages.get(outage_id, record.revision) != record.revision for each in account.former)


def _start(each: Former, records: Mapping[str, Record]) -> int | None:
    """When its occasion began. Where the ledger did not say: with the first of its outages, if the register has them all."""
    if each.started_at is not None or not set(each.outages) <= set(records):
        return each.started_at
    return min((records[outage_id].started_at for outage_id in each.outages), default=None)
