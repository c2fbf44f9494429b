"""A ledger of clients.provisioning as the account reads it: every booking, held against its key before anything is taken over.

A key is made of who, which outages, what was granted before, and where (the recipe stands at Grant.grant_key in the
contract). The ledger does not hold what was granted before; it is tried with what the ledger booked before for the same
outages.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, product
from pathlib import Path
from typing import Any, Final

from clients import parsing
from clients.account.records import UNKNOWN_OUTAGE, Cycle
from clients.errors import BadInput
from clients.provisioning import ledger
from clients.provisioning.grant_keys import grant_key

MOST_RANKS: Final = 8
_IN_ORDER: Final = "FROM booking ORDER BY subscriber_id, booked_at, grant_key"
_EVERYTHING: Final = f"SELECT * {_IN_ORDER}"
_WITHOUT_PARTS: Final = f"SELECT *, '' AS parts, '' AS month, '' AS billing_cycle, '' AS occasion_started_at {_IN_ORDER}"
_HAS_PARTS: Final = "SELECT count(*) FROM pragma_table_info('booking') WHERE name = 'parts'"


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking. ``parts``: by outage, or all under UNKNOWN_OUTAGE. None: not known, or not of a cycle as a whole."""

    grant_key: str
    subscriber_id: str
    benefit: str
    kind: str
    currency_code: str
    valid_for_seconds: int
    window: tuple[str, str]
    outage_ids: tuple[str, ...]
    parts: Mapping[str, int]
    started_at: int | None
    month: str
    cycle: Cycle | None
    decision_id: str
    policy_id: str
    policy_version: str
    booked_at: int
    key_follows: bool = False

    @property
    def quantity(self) -> int:
        """Base units."""
        return sum(self.parts.values())


class FormerLedger:
    """One state of it, whatever is booked meanwhile."""

    def __init__(self, opened: sqlite3.Connection, path: Path) -> None:
        opened.execute("BEGIN")
        self._ledger, self._path = opened, path
        has_parts = opened.execute(_HAS_PARTS).fetchone()[0]
        self._query = _EVERYTHING if has_parts else _WITHOUT_PARTS
        self.bookings: int = opened.execute("SELECT count(*) FROM booking").fetchone()[0]

    def check(self) -> None:
        """Raises BadInput where it is damaged."""
        found = [row[0] for row in self._ledger.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            lines = [f"  {each}" for each in found]
            raise BadInput(f"the ledger {self._path} is damaged; restore it from a backup; nothing of it was taken over", lines)

    def subscribers(self) -> Iterator[list[Booked]]:
        """All bookings of one subscriber after another, in order of time. Raises BadInput where a row cannot be understood."""
        cursor = self._ledger.cursor()
        cursor.row_factory = sqlite3.Row
        rows = (self._booked(row) for row in cursor.execute(self._query))
        for _, some in groupby(rows, key=lambda booked: booked.subscriber_id):
            yield _held_against_keys(list(some))

    def _booked(self, row: sqlite3.Row) -> Booked:
        try:
            ids = tuple(_id(each) for each in json.loads(row["outage_ids"]))
            parts = _parts(json.loads(row["parts"]) if row["parts"] else {})
            start, end = map(int, row["billing_cycle"].split("/")) if row["billing_cycle"] else (0, 0)
            booked = Booked(
                row["grant_key"],
                row["subscriber_id"],
                row["benefit"],
                row["kind"],
                row["currency_code"],
                row["valid_for_seconds"],
                (row["window_started_at"], row["window_ended_at"]),
                ids,
                {each: part for each, part in parts.items() if part}
                or {ids[0] if len(ids) == 1 else UNKNOWN_OUTAGE: row["quantity"]},
                parsing.instant(row["occasion_started_at"]) if row["occasion_started_at"] else None,
                row["month"],
                Cycle(start, end) if end else None,
                row["decision_id"],
                row["policy_id"],
                row["policy_version"],
                row["booked_at"],
            )
            _check(booked, row["quantity"])
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            raise BadInput(
                f"the ledger {self._path} holds a booking that cannot be understood, with the key {row['grant_key']}: {error}",
                ["  nothing of it was taken over; restore the ledger from a backup"],
            ) from error
        return booked


@contextmanager
def opened(path: Path) -> Iterator[FormerLedger]:
    """The ledger, read only. Raises LedgerUnusable where it is none, or of a newer form."""
    with ledger.opened(path, write=False) as connection:
        yield FormerLedger(connection, path)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not the id of an outage")
    return value


def _parts(value: dict[str, Any]) -> dict[str, int]:
    """Those above 0. Empty: not known."""
    if any(not isinstance(part, int) or isinstance(part, bool) or part < 0 for part in value.values()):
        raise TypeError(f"its parts are {value!r}")
    return {outage_id: part for outage_id, part in value.items() if part}


def _check(booked: Booked, quantity: int) -> None:
    """Raises ValueError."""
    if not booked.subscriber_id or not booked.benefit or not booked.outage_ids:
        raise ValueError("it names no subscriber, benefit or outage")
    if booked.quantity != quantity or not set(booked.parts) <= {*booked.outage_ids, UNKNOWN_OUTAGE}:
        raise ValueError("its parts are not those of its outages, or do not sum to it")


def _held_against_keys(of_subscriber: Sequence[Booked]) -> list[Booked]:
    """The same, each with whether its key follows."""
    return [replace(each, key_follows=_follows(each, of_subscriber)) for each in of_subscriber]


def _follows(booked: Booked, of_subscriber: Sequence[Booked]) -> bool:
    of_same = [
        sum(part for outage_id, part in each.parts.items() if outage_id in booked.outage_ids or outage_id == UNKNOWN_OUTAGE)
        for each in of_subscriber
        if each is not booked and each.benefit == booked.benefit and not set(each.outage_ids).isdisjoint(booked.outage_ids)
    ]
    where = booked.month or ("" if booked.cycle is None else f"{booked.cycle.start}/{booked.cycle.end}")
    befores = {0, *accumulate(of_same), *accumulate(reversed(of_same)), *of_same}
    named = (booked.policy_id, booked.subscriber_id, booked.outage_ids, booked.benefit)
    ranks = range(1, MOST_RANKS + 1)
    return any(grant_key(*named, before, where, rank) == booked.grant_key for before, rank in product(sorted(befores), ranks))
