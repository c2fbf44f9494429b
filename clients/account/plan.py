"""What a settlement is about: which outages are new, which facts they have, which cycles they touch, what is asked in each.

Its rules are those of settlement.py, by number.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from clients.account.periods import Periods
from clients.account.records import NO_CYCLE, Account, Answer, Cycle, Kept, Record, Steps, Work
from clients.account.units import Grouping, Unit, cycle_of

CLAIM_REACH_SECONDS: Final = 86400
"""How far around a claimed interval outages are looked for; the policy says how far it is widened."""

ERASED: Final = "its facts were erased, so that nothing of its billing cycle can be decided again; this needs a person"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked. ``new``: outages that are to be decided (again). ``facts``: of each that can be decided.

    ``erased``: of which the facts are gone for ever. ``family``: of each outage its id and those that it took the place of.
    ``automatic``: those that are decided unasked. ``decided_in``: of each outage of a unit, where its occasions begin.
    """

    cycles: tuple[Cycle, ...]
    named: frozenset[str]
    new: frozenset[str]
    erased: frozenset[str]
    facts: Mapping[str, bytes]
    inherited: Mapping[str, Kept]
    automatic: frozenset[str]
    family: Mapping[str, frozenset[str]]
    touched: frozenset[Cycle]
    units: tuple[Unit, ...]
    decided_in: Mapping[str, frozenset[Cycle]]
    remembered: Callable[[str], frozenset[Cycle]]
    nothing: tuple[Answer, ...]
    linked: tuple[frozenset[Cycle], ...] = ()
    """Cycles that share a cap: where something of one cannot be decided, neither can the others."""


class _Known(NamedTuple):
    """What follows from the records and from what is kept. As in :class:`Plan`."""

    family: Mapping[str, frozenset[str]]
    inherited: Mapping[str, Kept]
    named: frozenset[str]
    facts: Mapping[str, bytes]
    erased: frozenset[str]


def nothing_is_new(account: Account, records: Mapping[str, Record], work: Work) -> bool:
    """Whether there is nothing to decide. False where there is, and where that hangs on what is booked, which it cannot see."""
    if work.claim is not None or work.verdict is not None or account.verdicts or account.former:
        return False
    if not account.revision or not set(work.cycles) <= set(account.cycles):
        return False
    return not _new(account, records, work, _known(account, records, work))


def plan(account: Account, records: Mapping[str, Record], work: Work, gone: frozenset[str]) -> Steps[Plan]:
    """All that follows from the records before what stands is asked for. ``gone``: none after all, and booked undecided."""
    known = _known(account, records, work)
    family, inherited, named, facts, erased = known
    cycles = tuple(sorted({*account.cycles, *work.cycles} - {NO_CYCLE}))
    automatic = {each for each, kept in inherited.items() if kept.automatic}
    if work.claim is None:
        automatic |= {each for each in named if records[each].current}
    new = _new(account, records, work, known) | (gone & named)
    who, claims = account.subscriber_id, account.claims
    grouping = Grouping(who, work.as_of, cycles, facts, automatic, claims, work.claim, account.elsewhere, inherited)
    decidable = {*facts, *erased} if new else ()
    periods = Periods(work.terms)
    present = (record for record in records.values() if record.current and record.outage_id in decidable)
    together = list(periods.clusters(present, work.as_of, cycles))
    remembered = _remembering(account, family)

    def grouped(cluster: tuple[Record, ...]) -> "Steps[list[Unit]]":  # as text, or it is worked out for each subscriber
        if erased.isdisjoint(each.outage_id for each in cluster):
            return (yield from grouping.units(cluster))
        begins = {cycle_of(each.started_at, cycles) for each in cluster} - {None}
        return [Unit(cluster, b"", (), (), frozenset(each for each in begins if each is not None), ERASED)]

    def near(cluster: tuple[Record, ...], touched: Collection[Cycle]) -> bool:
        return periods.near(cluster, touched, work.as_of)

    touched, units, linked = yield from _touched(account, new, together, grouped, remembered, near)
    return Plan(
        cycles,
        named,
        new,
        erased,
        facts,
        inherited,
        frozenset(automatic),
        family,
        touched,
        units,
        _decided_in(units),
        remembered,
        tuple(grouping.nothing),
        linked if work.terms.capped_by_month else (),
    )


def _remembering(account: Account, family: Mapping[str, frozenset[str]]) -> Callable[[str], frozenset[Cycle]]:
    """By outage: the cycles that it, or what it took the place of, was last decided in or is booked in (rule 2)."""

    @cache
    def remembered(outage_id: str) -> frozenset[Cycle]:
        if not (account.kept or account.booked or account.verdicts):
            return frozenset()
        ids = family.get(outage_id, frozenset((outage_id,)))
        decided = {cycle for each in ids if each in account.kept for cycle in account.kept[each].cycles}
        by_hand = {place.cycle for each in ids if each in account.verdicts for place in account.verdicts[each].amounts}
        booked = {place.cycle for place in account.booked if place.outage_id in ids}
        in_sum = {each.cycle for each in account.former if each.cycle is not None and not ids.isdisjoint(each.outages)}
        return frozenset(decided | by_hand | booked | in_sum)

    return remembered


def _decided_in(units: tuple[Unit, ...]) -> dict[str, frozenset[Cycle]]:
    found: dict[str, frozenset[Cycle]] = {}
    for unit in units:
        for each in unit.ids:
            found[each] = found.get(each, unit.cycles) | unit.cycles
    return found


def _inherited(account: Account, records: Mapping[str, Record]) -> dict[str, Kept]:
    """What is kept; what took the place of others has the facts of the earliest, and how they were decided (rule 5)."""
    found = dict(account.kept)
    for outage_id, record in records.items():
        before = [each for each in record.after if each in account.kept] if record.after else ()
        if outage_id not in found and before:
            first = account.kept[min(before, key=lambda each: records[each].order)]
            automatic = any(account.kept[each].automatic for each in before)
            found[outage_id] = Kept(first.facts, first.areas, automatic, revision=0)
    return found


def _named(records: Mapping[str, Record], work: Work, family: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Outages that the work is about, with those that they took the place of and those that took theirs."""
    if work.claim is not None:
        low, high = work.claim.started_at - CLAIM_REACH_SECONDS, work.claim.ended_at + CLAIM_REACH_SECONDS
        return frozenset(
            each.outage_id
            for each in records.values()
            if each.current and each.started_at < high and (work.as_of if each.ended_at is None else each.ended_at) > low
        )
    if work.scope is None:
        return frozenset(records)
    named = set(records) & work.scope
    before = -1
    while len(named) != before:
        before = len(named)
        named |= {each for each, members in family.items() if members & named}
        named |= {member for each in named for member in family[each] if member in records}
    return frozenset(named)


def _known(account: Account, records: Mapping[str, Record], work: Work) -> _Known:
    family = {each: frozenset((each, *record.after)) for each, record in records.items()}
    inherited = _inherited(account, records)
    named = _named(records, work, family)
    facts = {each: kept.facts for each, kept in inherited.items() if kept.facts is not None}
    erased = frozenset(inherited) - frozenset(facts)
    if work.facts is not None:
        better = {each for each in records if each not in facts or (work.corrected and each in named)}
        facts |= dict.fromkeys(better - erased, work.facts)
    return _Known(family, inherited, named, facts, erased)


def _new(account: Account, records: Mapping[str, Record], work: Work, known: _Known) -> frozenset[str]:
    """What was never decided, and what the register revised since it was asked about (rule 3)."""

    def is_new(outage_id: str) -> bool:
        kept, record = account.kept.get(outage_id), records[outage_id]
        if work.verdict is not None and work.verdict.outage_id == outage_id:
            return True
        if kept is None:
            return record.current and outage_id in known.facts
        if outage_id in known.erased:
            return kept.revision != record.revision
        again = work.everything or work.corrected or work.claim is not None or kept.unsettled
        return again or kept.revision != record.revision or (record.current and not kept.automatic)

    return frozenset(filter(is_new, known.named))


def _touched(
    account: Account,
    new: frozenset[str],
    together: list[tuple[Record, ...]],
    grouped: Callable[[tuple[Record, ...]], Steps[list[Unit]]],
    remembered: Callable[[str], frozenset[Cycle]],
    near: Callable[[tuple[Record, ...], Collection[Cycle]], bool],
) -> Steps[tuple[frozenset[Cycle], tuple[Unit, ...], tuple[frozenset[Cycle], ...]]]:
    """Cycles that new outages were in or are in now, and so on for all that is in these (rule 2)."""
    if not new:
        return frozenset(), (), ()
    touched = {cycle for each in new for cycle in remembered(each)}
    units: dict[tuple[Record, ...], list[Unit]] = {}
    before = (-1, -1)
    while (len(touched), len(units)) != before:
        before = (len(touched), len(units))
        touched |= {cycle for each in account.kept if remembered(each) & touched for cycle in remembered(each)}
        for cluster in together:
            ids = {each.outage_id for each in cluster}
            meets = ids & new or any(remembered(each) & touched for each in ids) or near(cluster, touched)
            if cluster not in units and meets:
                units[cluster] = yield from grouped(cluster)
                touched |= {cycle for unit in units[cluster] for cycle in unit.cycles}
                touched |= {cycle for each in ids for cycle in remembered(each)}
    linked = tuple(frozenset(cycle for unit in found for cycle in unit.cycles) for found in units.values())
    return frozenset(touched), tuple(unit for found in units.values() for unit in found), linked
