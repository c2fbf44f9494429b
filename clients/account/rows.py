"""What settlements write, as rows of the tables: worked out beside them, so that a transaction has only to write. Pure.

A row is in the order of its table's columns, without the last of them, which are the same in all rows of a transaction: who
says so, why and when. :mod:`clients.account.store` adds these.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from clients.account import tables
from clients.account.records import Account, Place, Settlement, Verdict
from clients.account.tables import CANNOT_DECIDE, NEEDS_REVIEW

Row = tuple[Any, ...]
Settled = tuple[Account, Settlement]


@dataclass(frozen=True, slots=True)
class Rows:
    """Of some subscribers, each once.

    ``revisions``: of all, which state of their accounts this was worked out on. ``added``: rows by name of the table. ``gone``:
    by name of the table, subscriber and outage of rows that are taken away before. ``moved``: accounts that were there.
    ``waits``: by subscriber and outage, outcome, why, and for which areas; None: not known. ``kept``: outages that were
    settled. ``policies``: that decided, by SHA-256.
    """

    revisions: dict[str, int] = field(default_factory=dict)
    added: dict[str, list[Row]] = field(default_factory=dict)
    gone: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    moved: list[Row] = field(default_factory=list)
    waits: dict[str, dict[str, tuple[str, str, str | None]]] = field(default_factory=dict)
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    policies: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)


def of(found: Iterable[Settled], policy_id: str) -> Rows:
    """Rows of the new revisions of accounts. Where nothing changes there are none, not even of a decision."""
    rows = Rows()
    for account, settlement in found:
        who = account.subscriber_id
        rows.revisions[who] = account.revision
        rows.kept[who] = tuple(sorted(settlement.kept))
        waits = {each: (NEEDS_REVIEW, why) for each, why in settlement.reviews.items()}
        waits |= {each: (CANNOT_DECIDE, why) for each, why in settlement.waiting.items()}
        if waits:
            rows.waits[who] = {each: (*wait, _areas(account, settlement, each)) for each, wait in waits.items()}
        over = _over_granted_now(account, settlement)
        if _changes(account, settlement, over):
            _Gathered(rows, account, settlement).gather(policy_id, over)
    return rows


class _Gathered:
    """Adds the rows of one account to others."""

    def __init__(self, rows: Rows, account: Account, settlement: Settlement) -> None:
        self._rows, self._account, self._settlement = rows, account, settlement
        self._who, self._revision = account.subscriber_id, account.revision + 1

    def gather(self, policy_id: str, over: Mapping[Place, int]) -> None:
        """All of them."""
        who, revision, settlement, account = self._who, self._revision, self._settlement, self._account
        head = (who, revision, policy_id, settlement.claws_back)
        if account.revision:
            self._rows.moved.append(head)
        else:
            self._add(tables.ACCOUNT, [head])
        new = sorted(set(settlement.cycles) - set(account.cycles))
        self._add(tables.ACCOUNT_CYCLE, [(who, each.start, each.end) for each in new])
        if settlement.accepted is not None and settlement.accepted not in account.claims:
            self._add(tables.CLAIM, [(who, *settlement.accepted, revision)])
        self._add(tables.OVER_GRANTED, [(*self._place(place), quantity) for place, quantity in over.items()])
        self._add(tables.FORMER_PLACE, [(who, of, *cycle) for of, cycle in settlement.placed.items()])
        if settlement.verdict is not None:
            self._gather_verdict(settlement.verdict)
        self._gather_bookings()
        self._gather_kept()
        self._gather_decisions()

    def _add(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._rows.added.setdefault(table.name, []).extend(rows)

    def _place(self, place: Place) -> Row:
        return (self._who, self._revision, place.outage_id, place.benefit, *place.cycle)

    def _gather_bookings(self) -> None:
        """What is given and taken back, what parties owe, and the same for those who deliver it."""
        who, revision, benefits = self._who, self._revision, self._settlement.benefits
        booked = sorted(self._settlement.bookings.items())
        self._add(tables.BOOKING, [(*self._place(place), quantity, *benefits[place.benefit]) for place, quantity in booked])
        self._add(
            tables.OUTBOX,
            [(who, revision, place.outage_id, place.benefit, place.cycle.start) for place, _ in booked],
        )
        self._add(
            tables.RECOURSE,
            [
                (who, revision, due.outage_id, due.party, due.currency_code, amount)
                for due, amount in self._settlement.recourse.items()
            ],
        )

    def _gather_verdict(self, verdict: Verdict) -> None:
        """What a person decided."""
        outcome = CANNOT_DECIDE if verdict.instead else NEEDS_REVIEW
        self._add(tables.VERDICT, [(self._who, verdict.outage_id, self._revision, verdict.revision, outcome)])
        self._add(
            tables.VERDICT_AMOUNT,
            [
                (self._who, place.outage_id, self._revision, place.benefit, *place.cycle, quantity)
                for place, quantity in verdict.amounts.items()
            ],
        )

    def _gather_kept(self) -> None:
        """What is kept of each outage that was settled."""
        who, kept = self._who, sorted(self._settlement.kept.items())
        if there := [(who, each) for each, _ in kept if each in self._account.kept]:
            for table in (tables.KEPT, tables.KEPT_CYCLE, tables.PERSON_FACT):
                self._rows.gone.setdefault(table.name, []).extend(there)
        self._add(
            tables.KEPT,
            [(who, each, what.automatic, what.unsettled, what.revision, self._revision) for each, what in kept],
        )
        self._add(tables.KEPT_CYCLE, [(who, each, *cycle) for each, what in kept for cycle in sorted(what.cycles)])
        self._add(tables.PERSON_FACT, [(who, each, what.facts, _list(what.areas)) for each, what in kept])

    def _gather_decisions(self) -> None:
        """What was asked, apart, and what was answered."""
        who, revision = self._who, self._revision
        decided = list(enumerate(self._settlement.decisions, 1))
        self._add(tables.PERSON_QUESTION, [(who, revision, number, each.question) for number, each in decided])
        self._add(
            tables.DECISION,
            [
                (
                    *(who, revision, number, each.outcome, _list(each.reasons), *each.policy),
                    *(hashlib.sha256(each.question).hexdigest(), each.answer),
                )
                for number, each in decided
            ],
        )
        self._rows.policies.update((each.policy[2], each.policy) for _, each in decided)


def _changes(account: Account, settlement: Settlement, over: Mapping[Place, int]) -> bool:
    """Whether there is anything to write: running the same again writes nothing, not even a decision."""
    kept = any(account.kept.get(each) != what for each, what in settlement.kept.items())
    new_claim = settlement.accepted is not None and settlement.accepted not in account.claims
    cycles = set(settlement.cycles) - set(account.cycles)
    return bool(settlement.bookings or settlement.recourse or over or kept or new_claim or cycles or settlement.verdict)


def _over_granted_now(account: Account, settlement: Settlement) -> dict[Place, int]:
    """What is told otherwise than before, in the cycles that were settled; 0 where it is no more."""
    before = {place: quantity for place, quantity in account.over_granted.items() if place.cycle in settlement.settled}
    places = sorted({*before, *settlement.over_granted})
    now = {place: settlement.over_granted.get(place, 0) for place in places}
    return {place: quantity for place, quantity in now.items() if quantity != before.get(place, 0)}


def _areas(account: Account, settlement: Settlement, outage_id: str) -> str | None:
    """For which an outage concerns a subscriber: as is kept, or else as was said; None: erased, or not said."""
    kept = account.kept.get(outage_id)
    if kept is None:
        return None if settlement.areas is None else _list(settlement.areas)
    return None if kept.facts is None else _list(kept.areas)


@lru_cache(1000)
def _list(texts: tuple[str, ...]) -> str:
    """As JSON. There are few of them, and many rows."""
    return json.dumps(texts, ensure_ascii=False)
