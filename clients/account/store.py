"""Writes settlements, many in one transaction, each against the revision of the account that it was worked out on."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.sql.compiler import SQLCompiler

from clients.account import reading, tables
from clients.account.records import Account, Place, Settlement, Verdict
from clients.account.tables import CANNOT_DECIDE, NEEDS_REVIEW

NO_RUN: Final = 0
_POLICY: Final = ("policy_id", "policy_version", "policy_sha256", "engine_version")
Settled = tuple[Account, Settlement]


class Moved(Exception):
    """The account is at another revision than the one that was asked about; nothing was written. It is to be asked again."""


@dataclass(frozen=True, slots=True)
class Written:
    """Who settles, why, under which policy; the record is looked at ``as_of`` and written ``at``."""

    by: str
    reason: str
    policy_id: str
    as_of: int
    at: int
    texts: Mapping[str, str] = field(default_factory=dict)
    """Of the policy's versions, by SHA-256 of their canonical form."""
    run_id: int = NO_RUN


def write(connection: Connection, account: Account, settlement: Settlement, written: Written) -> None:
    """Book what is missing in one account. Raises Moved."""
    if write_all(connection, [(account, settlement)], written):
        raise Moved


def write_all(connection: Connection, found: Sequence[Settled], written: Written) -> frozenset[str]:
    """Book what is missing; nothing is written where nothing changed. Returns whose account moved: of these nothing is written.

    INVARIANT: what an account was read with still holds. The database serializes, so that one comparison shows it. Each
    subscriber stands once in ``found``.
    """
    ids = [account.subscriber_id for account, _ in found]
    of_ids = tables.ACCOUNT.c.subscriber_id.in_(ids)
    revisions = {row.subscriber_id: row.revision for row in connection.execute(select(*_REVISION).where(of_ids))}
    moved = frozenset(who for (account, _), who in zip(found, ids, strict=True) if revisions.get(who, 0) != account.revision)
    writing = _Writing(connection, written, [each for each in found if each[0].subscriber_id not in moved])
    writing.write()
    return moved


_REVISION: Final = (tables.ACCOUNT.c.subscriber_id, tables.ACCOUNT.c.revision)


class _Writing:
    """The rows of the new revisions of some accounts, gathered by table."""

    def __init__(self, connection: Connection, written: Written, found: Sequence[Settled]) -> None:
        self._connection, self._written, self._found = connection, written, found
        self._rows: dict[Table, list[dict[str, Any]]] = {}
        self._gone: dict[Table, list[tuple[str, str]]] = {}
        # A correction of what was closed is booked in the period that is open, whatever the clock says.
        closed = connection.execute(select(func.max(tables.CLOSED_PERIOD.c.closed_until))).scalar_one()
        self._booked_at = max(written.at, closed or 0)
        self._said = {"said_by": written.by, "reason": written.reason}

    def write(self) -> None:
        """All of them."""
        ids = [account.subscriber_id for account, _ in self._found]
        told = reading.over_granted(self._connection, ids)
        changed: list[Settled] = []
        for account, settlement in self._found:
            over = _over_granted_now(told.get(account.subscriber_id, {}), settlement)
            if _changes(account, settlement, over):
                changed.append((account, settlement))
                self._gather(account, settlement, over)
        self._advance([account for account, _ in changed], [settlement for _, settlement in changed])
        self._gather_waiting(ids)
        for table, pairs in self._gone.items():
            key = (table.c.subscriber_id == bindparam("who")) & (table.c.outage_id == bindparam("which"))
            self._connection.execute(delete(table).where(key), [{"who": who, "which": which} for who, which in pairs])
        for table, rows in self._rows.items():
            _insert(self._connection, table, rows)
        self._texts(settlement for _, settlement in changed)

    def _add(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        if found := list(rows):
            self._rows.setdefault(table, []).extend(found)

    def _advance(self, before: Sequence[Account], after: Sequence[Settlement]) -> None:
        rows: list[dict[str, Any]] = [
            {
                "subscriber_id": account.subscriber_id,
                "revision": account.revision + 1,
                "policy_id": self._written.policy_id,
                "claws_back": settlement.claws_back,
            }
            for account, settlement in zip(before, after, strict=True)
        ]
        self._add(tables.ACCOUNT, [row for row in rows if row["revision"] == 1])
        if old := [{**row, "who": row["subscriber_id"]} for row in rows if row["revision"] > 1]:
            values: dict[str, Any] = {name: bindparam(name) for name in ("revision", "policy_id", "claws_back")}
            one = tables.ACCOUNT.c.subscriber_id == bindparam("who")
            self._connection.execute(update(tables.ACCOUNT).where(one).values(values), old)

    def _gather(self, account: Account, settlement: Settlement, over: Mapping[Place, int]) -> None:
        at = {"subscriber_id": account.subscriber_id, "account_revision": account.revision + 1}
        new = sorted(set(settlement.cycles) - set(account.cycles))
        whose = {"subscriber_id": account.subscriber_id}
        self._add(tables.ACCOUNT_CYCLE, ({**whose, "started_at": each.start, "ended_at": each.end} for each in new))
        if settlement.accepted is not None and settlement.accepted not in account.claims:
            self._add(tables.CLAIM, [{**at, **settlement.accepted._asdict()}])
        self._add(tables.OVER_GRANTED, ({**at, **_place(place), "quantity": quantity} for place, quantity in over.items()))
        placed = (
            {**whose, "account_revision": revision, "cycle_started_at": cycle.start, "cycle_ended_at": cycle.end}
            for revision, cycle in settlement.placed.items()
        )
        self._add(tables.FORMER_PLACE, placed)
        if settlement.verdict is not None:
            self._gather_verdict(at, settlement.verdict)
        self._gather_bookings(at, settlement)
        self._gather_kept(at, account, settlement)
        self._gather_decisions(at, settlement)

    def _gather_bookings(self, at: Mapping[str, Any], settlement: Settlement) -> None:
        """What is given and taken back, what parties owe, and the same for those who deliver it."""
        instants = {"booked_at": self._booked_at, "effective_at": self._written.as_of, "run_id": self._written.run_id}
        for place, quantity in sorted(settlement.bookings.items()):
            row = {**at, **_place(place)}
            of = settlement.benefits[place.benefit]._asdict()
            self._add(tables.BOOKING, [{**row, "quantity": quantity, **of, **instants, **self._said}])
            del row["cycle_ended_at"]
            self._add(tables.OUTBOX, [{**row, "written_at": self._booked_at}])
        for due, amount in settlement.recourse.items():
            self._add(tables.RECOURSE, [{**at, **due._asdict(), "amount_minor": amount, **instants, **self._said}])

    def _gather_verdict(self, at: Mapping[str, Any], verdict: Verdict) -> None:
        """What a person decided."""
        row = {**at, "outage_id": verdict.outage_id}
        outcome = CANNOT_DECIDE if verdict.instead else NEEDS_REVIEW
        seen = {"outage_revision": verdict.revision, "outcome": outcome, "said_at": self._written.at}
        self._add(tables.VERDICT, [{**row, **seen, **self._said}])
        self._add(
            tables.VERDICT_AMOUNT,
            ({**at, **_place(place), "quantity": quantity} for place, quantity in verdict.amounts.items()),
        )

    def _gather_kept(self, at: Mapping[str, Any], account: Account, settlement: Settlement) -> None:
        """What is kept of each outage that was settled."""
        who = account.subscriber_id
        whose = {"subscriber_id": who}
        for each, what in sorted(settlement.kept.items()):
            if each in account.kept:
                for table in (tables.KEPT, tables.KEPT_CYCLE, tables.PERSON_FACT):
                    self._gone.setdefault(table, []).append((who, each))
            flags = {"automatic": what.automatic, "unsettled": what.unsettled, "outage_revision": what.revision}
            self._add(tables.KEPT, [{**at, "outage_id": each, **flags}])
            cycles = ({"started_at": cycle.start, "ended_at": cycle.end} for cycle in sorted(what.cycles))
            self._add(tables.KEPT_CYCLE, ({**whose, "outage_id": each, **cycle} for cycle in cycles))
            facts = {"facts": what.facts, "areas": _list(what.areas), "kept_at": self._written.at}
            self._add(tables.PERSON_FACT, [{**whose, "outage_id": each, **facts}])

    def _gather_decisions(self, at: Mapping[str, Any], settlement: Settlement) -> None:
        """What was asked, apart, and what was answered."""
        for number, each in enumerate(settlement.decisions, 1):
            row = {**at, "number": number}
            self._add(tables.PERSON_QUESTION, [{**row, "question": each.question, "kept_at": self._written.at}])
            decided = {
                "outcome": each.outcome,
                "reasons": _list(each.reasons),
                **dict(zip(_POLICY, each.policy, strict=True)),
                "question_sha256": hashlib.sha256(each.question).hexdigest(),
                "answer": each.answer,
                "as_of": self._written.as_of,
                "decided_at": self._written.at,
            }
            self._add(tables.DECISION, [{**row, **decided, **self._said}])

    def _gather_waiting(self, ids: Collection[str]) -> None:
        """Why outages stay new, or need a person. It is no part of the account's history: what is there is what waits now."""
        waiting = tables.WAITING
        there = {(row.subscriber_id, row.outage_id): (row.outcome, row.why) for row in _rows(self._connection, waiting, ids)}
        for account, settlement in self._found:
            who = account.subscriber_id
            now = {each: (NEEDS_REVIEW, why) for each, why in settlement.reviews.items()}
            now |= {each: (CANNOT_DECIDE, why) for each, why in settlement.waiting.items()}
            for each in sorted({*now, *settlement.kept}):
                before, after = there.get((who, each)), now.get(each)
                if before == after:
                    continue
                if before is not None:
                    self._gone.setdefault(waiting, []).append((who, each))
                if after is not None:
                    row = {"subscriber_id": who, "outage_id": each, "outcome": after[0], "why": after[1]}
                    self._add(waiting, [{**row, "since": self._written.at, "said_by": self._written.by}])

    def _texts(self, settlements: Iterable[Settlement]) -> None:
        """The text of each version that decided, once for all subscribers."""
        known = tables.POLICY_TEXT.c.sha256
        stamps = {each.policy[2]: each.policy for settlement in settlements for each in settlement.decisions}
        wanted = sorted(set(stamps) & set(self._written.texts))
        there = set(self._connection.execute(select(known).where(known.in_(wanted))).scalars())
        for sha256 in wanted:
            if sha256 not in there:
                policy_id, version, _, _ = stamps[sha256]
                row = {"sha256": sha256, "policy_id": policy_id, "policy_version": version}
                self._connection.execute(insert(tables.POLICY_TEXT), {**row, "content": self._written.texts[sha256]})


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Many rows, as the driver takes them: SQLAlchemy looks at every value of each, which costs more than to write them."""
    compiled = insert(table).inline().compile(dialect=connection.dialect, column_keys=list(rows[0]))
    assert isinstance(compiled, SQLCompiler)  # INVARIANT: it is no DDL
    order = compiled.positiontup  # none of a driver whose values have names
    connection.exec_driver_sql(str(compiled), rows if order is None else list(map(itemgetter(*order), rows)))


def _rows(connection: Connection, table: Table, ids: Collection[str]) -> Iterable[Any]:
    """Rows of some subscribers."""
    return connection.execute(select(table).where(table.c.subscriber_id.in_(ids)))


def _changes(account: Account, settlement: Settlement, over: Mapping[Place, int]) -> bool:
    """Whether there is anything to write: running the same again writes nothing, not even a decision."""
    kept = any(account.kept.get(each) != what for each, what in settlement.kept.items())
    new_claim = settlement.accepted is not None and settlement.accepted not in account.claims
    cycles = set(settlement.cycles) - set(account.cycles)
    return bool(settlement.bookings or settlement.recourse or over or kept or new_claim or cycles or settlement.verdict)


def _over_granted_now(told: Mapping[Place, int], settlement: Settlement) -> dict[Place, int]:
    """What is told otherwise than before, in the cycles that were settled; 0 where it is no more."""
    before = {place: quantity for place, quantity in told.items() if place.cycle in settlement.settled}
    places = sorted({*before, *settlement.over_granted})
    now = {place: settlement.over_granted.get(place, 0) for place in places}
    return {place: quantity for place, quantity in now.items() if quantity != before.get(place, 0)}


@lru_cache(1000)
def _list(texts: tuple[str, ...]) -> str:
    """As JSON. There are few of them, and many rows."""
    return json.dumps(texts, ensure_ascii=False)


def _place(place: Place) -> dict[str, Any]:
    return {
        "outage_id": place.outage_id,
        "benefit": place.benefit,
        "cycle_started_at": place.cycle.start,
        "cycle_ended_at": place.cycle.end,
    }
