"""Settles a subscriber: reads account and register, asks outside of any transaction, writes, and asks again if it moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from clients.account import register, store
from clients.account.database import Database
from clients.account.records import Account, Ask, Record, Settlement, Work
from clients.account.register import Revision
from clients.account.settlement import settle
from clients.account.store import Moved, Written
from clients.errors import LedgerUnusable

ATTEMPTS: Final = 20
"""How often others may be quicker before it is given up."""


@dataclass(frozen=True, slots=True)
class Outages:
    """The register as it was read: all outages, and of each those that it took the place of."""

    revisions: Mapping[str, Revision]
    after: Mapping[str, tuple[str, ...]]

    @staticmethod
    def read(connection: Connection) -> "Outages":
        """The state of now."""
        return Outages({each.outage_id: each for each in register.everything(connection)}, register.replaced(connection))

    def of(self, account: Account, areas: Iterable[str]) -> dict[str, Record]:
        """What concerns a subscriber: outages that hit ``areas`` or the areas they were decided for, and what they replaced."""
        wanted: dict[str, Record] = {}
        for outage_id, revision in self.revisions.items():
            after = self.after.get(outage_id, ())
            kept = account.kept.get(outage_id)
            if kept is None:
                kept = next((account.kept[each] for each in after if each in account.kept), None)
            record = register.hitting(revision, areas if kept is None else kept.areas, after)
            if record.current or kept is not None:
                wanted[outage_id] = record
        for each in list(wanted.values()):
            for before in each.after:
                wanted.setdefault(before, register.hitting(self.revisions[before], (), self.after.get(before, ())))
        return wanted


def propose(database: Database, outages: Outages, subscriber_id: str, work: Work, ask: Ask) -> tuple[Account, Settlement]:
    """What a settlement would write, and the account that it is for. Writes nothing."""
    account = database.read(lambda connection: store.read(connection, subscriber_id))
    return account, settle(account, outages.of(account, work.areas), work, ask)


def run(database: Database, subscriber_id: str, work: Work, ask: Ask, written: Written) -> Settlement:
    """Settle a subscriber. Raises what ``ask`` raises, and LedgerUnusable."""
    for _ in range(ATTEMPTS):
        outages = database.read(Outages.read)
        account, settlement = propose(database, outages, subscriber_id, work, ask)
        try:
            database.write(lambda connection: store.write(connection, account, settlement, written))  # noqa: B023 -- run at once
        except Moved:
            continue
        return settlement
    raise LedgerUnusable(f"the account of {subscriber_id} changed {ATTEMPTS} times while it was settled; run the same again")
