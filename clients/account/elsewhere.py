"""What others granted a subscriber in a billing cycle, as somebody says who knows: it counts under the cycle's caps.

Entries are only added. What is entered later under the same reference, for the same benefit and cycle, takes the place of
what was said before; 0 takes it away. INVARIANT: what such an entry changes is decided again, for each outage of the cycle
that was decided is new.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert, select, update

from clients import quantities
from clients.account import reading, tables
from clients.account.records import NO_CYCLE, Account, Cycle
from clients.account.register import Said
from clients.errors import BadInput
from clients.tables import cells, opening
from clients.tables.rows import Row

NEEDED: Final = ("subscriber_id", "benefit", "quantity")
KNOWN: Final = (*NEEDED, "billing_cycle_started_at", "billing_cycle_ended_at", "reference", "reason")
MOST_SHOWN: Final = 20
PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. ``quantity`` in base units, in all under the reference; ``reason`` "": that of the whole file."""

    line: int
    subscriber_id: str
    benefit: str
    quantity: int
    cycle: Cycle
    reference: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str, Cycle]:
        """What a later entry takes the place of."""
        return (self.subscriber_id, self.reference, self.benefit, self.cycle)


class Entered(NamedTuple):
    """Numbers of rows."""

    new: int
    same: int


def load(path: Path) -> list[Entry]:
    """The rows of a table. Raises BadInput with what has to be mended."""
    table = opening.open_table(path)
    missing = [name for name in NEEDED if name not in table.columns]
    unknown = [name for name in table.columns if name not in KNOWN]
    if missing or unknown:
        what = f"has no column {', '.join(missing)}" if missing else f"has columns that are not known: {', '.join(unknown)}"
        raise BadInput(f"{path} {what}; it has {', '.join(KNOWN)}")
    at = {name: table.columns.index(name) for name in table.columns}
    found: list[Entry] = []
    problems: list[str] = []
    for row in opening.rows_of(table):
        try:
            found.append(_entry(row, at))
        except (ValueError, TypeError) as error:
            problems.append(f"  line {row.line}: {error}")
    _refuse(path, [*problems, *_contradicting(found)])
    return list({each.key: each for each in found}.values())


def _contradicting(entries: Sequence[Entry]) -> Iterator[str]:
    """Where rows of one file do not go together."""
    first: dict[tuple[str, str, str, Cycle], Entry] = {}
    cycles: dict[str, set[Cycle]] = {}
    for each in entries:
        before = first.setdefault(each.key, each)
        if before.quantity != each.quantity:
            yield f"  line {each.line}: says {each.quantity} where line {before.line} says {before.quantity}; give references"
        known = cycles.setdefault(each.subscriber_id, set())
        if any(one != each.cycle and one.start < each.cycle.end and each.cycle.start < one.end for one in known):
            yield f"  line {each.line}: billing_cycle: overlaps another cycle of the subscriber in this file"
        known.add(each.cycle)


def enter(connection: Connection, entries: Sequence[Entry], said: Said, path: Path) -> Entered:
    """Enter some, all or nothing. Raises BadInput where a cycle overlaps another one that the account knows."""
    new = 0
    for start in range(0, len(entries), PIECE):
        piece = entries[start : start + PIECE]
        ids = list(dict.fromkeys(each.subscriber_id for each in piece))
        accounts = reading.accounts(connection, ids)
        _refuse(
            path, [f"  line {each.line}: {why}" for each in piece if (why := _overlaps(accounts[each.subscriber_id], each))]
        )
        last = _last(connection, ids)
        changed = [each for each in piece if last.get(each.key, 0) != each.quantity]
        new += len(changed)
        _write(connection, accounts, changed, said)
    return Entered(new, len(entries) - new)


def _entry(row: Row, at: Mapping[str, int]) -> Entry:
    """Raises ValueError."""
    if row.error:
        raise ValueError(row.error)

    def text(name: str) -> str:
        cell = row.cells[at[name]] if name in at else None
        return "" if cells.is_empty(cell) else cells.text(cell).strip()

    subscriber_id, benefit = cells.identity(row.cells[at["subscriber_id"]]), text("benefit")
    if not subscriber_id or not benefit:
        raise ValueError("names no subscriber or benefit")
    _, quantity, _ = quantities.read(f"{benefit}={text('quantity')}")
    start, end = text("billing_cycle_started_at"), text("billing_cycle_ended_at")
    cycle = Cycle(cells.timestamp(start).seconds, cells.timestamp(end).seconds) if start or end else NO_CYCLE
    if cycle != NO_CYCLE and not 0 <= cycle.start < cycle.end:
        raise ValueError("billing_cycle_ended_at: is not after its start")
    return Entry(row.line, subscriber_id, benefit, quantity, cycle, text("reference"), text("reason"))


def _overlaps(account: Account, entry: Entry) -> str:
    known = {*account.cycles, *(cycle for _, cycle in account.elsewhere)} - {NO_CYCLE}
    cycle = entry.cycle
    if cycle == NO_CYCLE:
        return "billing_cycle_started_at: is needed, for the account knows cycles of the subscriber" if known else ""
    if cycle in known or not any(each.start < cycle.end and cycle.start < each.end for each in known):
        return ""
    return "billing_cycle: overlaps another cycle that the account knows; a cycle is for ever, so mend the file"


def _refuse(path: Path, problems: Sequence[str]) -> None:
    if problems:
        rest = [f"  and {len(problems) - MOST_SHOWN} more"] if len(problems) > MOST_SHOWN else []
        raise BadInput(f"{path} has to be mended; nothing of it was entered", [*problems[:MOST_SHOWN], *rest])


def _last(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, str, str, Cycle], int]:
    at = tables.GRANTED_ELSEWHERE.c
    query = select(tables.GRANTED_ELSEWHERE).where(at.subscriber_id.in_(ids)).order_by(at.account_revision)
    return {
        (row.subscriber_id, row.reference, row.benefit, Cycle(row.cycle_started_at, row.cycle_ended_at)): row.quantity
        for row in connection.execute(query)
    }


def _write(connection: Connection, accounts: Mapping[str, Account], changed: Iterable[Entry], said: Said) -> None:
    rows = [_row(each, accounts[each.subscriber_id].revision + 1, said) for each in changed]
    if not rows:
        return
    connection.execute(insert(tables.GRANTED_ELSEWHERE), rows)
    at = tables.ACCOUNT.c
    for who in dict.fromkeys(row["subscriber_id"] for row in rows):
        if accounts[who].revision:
            connection.execute(update(tables.ACCOUNT).where(at.subscriber_id == who).values(revision=at.revision + 1))
        else:
            row = {"subscriber_id": who, "revision": 1, "policy_id": "", "claws_back": False}
            connection.execute(insert(tables.ACCOUNT), row)
        for outage_id in _decided_in(accounts[who], [row for row in rows if row["subscriber_id"] == who]):
            one = (tables.KEPT.c.subscriber_id == who) & (tables.KEPT.c.outage_id == outage_id)
            connection.execute(update(tables.KEPT).where(one).values(unsettled=True))


def _decided_in(account: Account, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    cycles = {Cycle(row["cycle_started_at"], row["cycle_ended_at"]) for row in rows}
    return (outage_id for outage_id, kept in account.kept.items() if kept.cycles & cycles)


def _row(each: Entry, revision: int, said: Said) -> dict[str, Any]:
    return {
        "subscriber_id": each.subscriber_id,
        "account_revision": revision,
        "reference": each.reference,
        "benefit": each.benefit,
        "cycle_started_at": each.cycle.start,
        "cycle_ended_at": each.cycle.end,
        "quantity": each.quantity,
        "said_by": said.by,
        "reason": each.reason or said.reason,
        "said_at": said.at,
    }
