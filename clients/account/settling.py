"""Settles a subscriber: reads account and register, asks outside of any transaction, writes, and asks again if it moved."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from clients.account import erasing, reading, register, store
from clients.account.database import Database
from clients.account.records import Account, Ask, Record, Settlement, Work
from clients.account.register import Revision
from clients.account.settlement import settle
from clients.account.store import Moved, Written
from clients.errors import BadInput, LedgerUnusable

ATTEMPTS: Final = 20
"""How often others may be quicker before it is given up."""


class Outages:
    """The register as it was read: all outages, and of each those that it took the place of."""

    def __init__(self, revisions: Mapping[str, Revision], after: Mapping[str, tuple[str, ...]], version: int) -> None:
        """``version``: how many revisions the register held, by which it is seen to have moved."""
        self.revisions, self.after, self.version = revisions, after, version
        self._by_area: dict[str, list[str]] = {}
        for each in revisions.values():
            if each.state == register.CURRENT:
                for area in each.ends:
                    self._by_area.setdefault(area, []).append(each.outage_id)
        self._followers: dict[str, list[str]] = {}
        for outage_id, befores in after.items():
            for before in befores:
                self._followers.setdefault(before, []).append(outage_id)
        self._records: dict[tuple[str, tuple[str, ...]], Record] = {}

    @staticmethod
    def read(connection: Connection) -> "Outages":
        """The state of now."""
        revisions = {each.outage_id: each for each in register.everything(connection)}
        return Outages(revisions, register.replaced(connection), register.version(connection))

    @property
    def areas(self) -> frozenset[str]:
        """Areas that outages name."""
        return frozenset(self._by_area) - {register.EVERYWHERE}

    def of(self, account: Account, areas: Iterable[str]) -> dict[str, Record]:
        """What concerns a subscriber: outages that hit ``areas`` or the areas they were decided for, and what they replaced."""
        wanted: dict[str, Record] = {}
        areas = tuple(areas)
        hit = {each for area in (register.EVERYWHERE, *areas) for each in self._by_area.get(area, ())}
        former = {each for one in account.former for each in one.outages}
        known = {each for each in (*account.kept, *account.verdicts, *former) if each in self.revisions}
        for outage_id in {*hit, *known, *(each for before in known for each in self._followers.get(before, ()))}:
            decided_for = self._decided_for(account, outage_id)
            if decided_for is None and outage_id in former and outage_id not in hit:
                decided_for = tuple(self.revisions[outage_id].ends)  # as whoever booked it knew, and did not say
            record = self._record(outage_id, areas if decided_for is None else decided_for)
            gone = outage_id in account.verdicts and self.revisions[outage_id].state != register.CURRENT
            if record.current or decided_for is not None or gone or outage_id in former:
                wanted[outage_id] = record
        for each in list(wanted.values()):
            for before in each.after:
                if before not in wanted:
                    wanted[before] = self._record(before, ())
        return dict(sorted(wanted.items()))

    def _decided_for(self, account: Account, outage_id: str) -> tuple[str, ...] | None:
        """Areas for which an outage, or what it took the place of, was decided; None: it was not, or that is not known."""
        kept = account.kept.get(outage_id)
        if kept is None:
            kept = next((account.kept[each] for each in self.after.get(outage_id, ()) if each in account.kept), None)
        if kept is not None:
            return kept.areas
        verdict = account.verdicts.get(outage_id)
        if verdict is not None and verdict.revision == self.revisions[outage_id].revision:
            return tuple(self.revisions[outage_id].ends)  # a person said that it hit the subscriber
        return None if verdict is None else verdict.areas

    def _record(self, outage_id: str, areas: tuple[str, ...]) -> Record:
        revision = self.revisions[outage_id]
        key = (outage_id, tuple(each for each in areas if each in revision.ends))
        found = self._records.get(key)
        if found is None:
            found = self._records[key] = register.hitting(revision, key[1], self.after.get(outage_id, ()))
        return found


def propose(database: Database, outages: Outages, subscriber_id: str, work: Work, ask: Ask) -> tuple[Account, Settlement]:
    """What a settlement would write, and the account that it is for. Writes nothing."""
    account = database.read(lambda connection: reading.account(connection, subscriber_id))
    return account, settle(account, outages.of(account, work.areas), work, ask)


Beside = Callable[[Connection, Account, Settlement], None]
"""Writes in the same transaction, after the settlement; what it raises undoes both."""


Still = Callable[[Connection], None]
"""Looks in the same transaction, before anything is written, whether it is to be; what it raises keeps it from that."""


def run(
    database: Database,
    subscriber_id: str,
    work: Work,
    ask: Ask,
    written: Written,
    beside: Beside | None = None,
    still: Still | None = None,
) -> Settlement:
    """Settle a subscriber. Raises what its callables raise, LedgerUnusable, and BadInput whose facts were erased."""

    def write(connection: Connection, account: Account, settlement: Settlement) -> None:
        if still is not None:
            still(connection)
        store.write(connection, account, settlement, written)
        if beside is not None:
            beside(connection, account, settlement)

    for _ in range(ATTEMPTS):
        if database.read(lambda connection: erasing.erased(connection, [subscriber_id])):
            raise BadInput(f"{subscriber_id}: {erasing.GONE}")
        outages = database.read(Outages.read)
        account, settlement = propose(database, outages, subscriber_id, work, ask)
        try:
            database.write(lambda connection: write(connection, account, settlement))  # noqa: B023 -- run at once
        except Moved:
            continue
        return settlement
    raise LedgerUnusable(f"the account of {subscriber_id} changed {ATTEMPTS} times while it was settled; run the same again")
