"""Two accounts for the same steps: one in memory, which is the settlement alone, and one in a database, register and all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from clients.account import elsewhere, reading, register, settling
from clients.account.database import Database
from clients.account.records import Account, Ask, Cycle, Place, Record, Settlement, Work
from clients.account.register import Entry, Said
from clients.account.settlement import settle
from clients.account.store import Written
from makegood.v1 import facts_pb2

SUBSCRIBER = "13800000001"


def applied(account: Account, found: Settlement) -> Account:
    """The account after a settlement was written."""
    booked, claimed = Counter(account.booked), Counter(account.claimed)
    booked.update(found.bookings)
    claimed.update(found.recourse)
    claims = {*account.claims, *([] if found.accepted is None else [found.accepted])}
    return Account(
        account.subscriber_id,
        account.revision + 1,
        found.cycles,
        {**account.kept, **found.kept},
        tuple(sorted(claims, key=lambda each: (each.started_at, each.claim_id))),
        {place: quantity for place, quantity in booked.items() if quantity},
        {due: amount for due, amount in claimed.items() if amount},
        found.benefits,
        found.claws_back,
        {**account.verdicts, **({} if found.verdict is None else {found.verdict.outage_id: found.verdict})},
        account.over_granted,
        tuple(replace(each, cycle=found.placed.get(each.revision, each.cycle)) for each in account.former),
        account.elsewhere,
    )


@dataclass
class InMemory:
    """Records and an account, without any database."""

    records: dict[str, Record] = field(default_factory=dict)
    account: Account = field(default_factory=lambda: Account(SUBSCRIBER))
    over: dict[Place, int] = field(default_factory=dict)

    def enter(self, outage: facts_pb2.Outage, after: tuple[str, ...] = ()) -> None:
        before = self.records.get(outage.outage_id)
        message = outage.SerializeToString(deterministic=True)
        if before is None or before.message != message or not before.current:
            end = outage.ended_at.seconds if outage.HasField("ended_at") else None
            revision = 1 if before is None else before.revision + 1
            older = after if before is None else before.after
            self.records[outage.outage_id] = Record(
                outage.outage_id, revision, outage.started_at.seconds, end, message, after=older
            )

    def withdraw(self, outage_id: str) -> None:
        before = self.records[outage_id]
        self.records[outage_id] = replace(before, revision=before.revision + 1, current=False)

    def replace(self, old: list[str], new: list[facts_pb2.Outage]) -> None:
        for each in old:
            self.withdraw(each)
        after = {each for one in old for each in (one, *self.records[one].after)}
        for outage in new:
            self.enter(outage, tuple(sorted(after)))

    def granted_elsewhere(self, benefit: str, cycle: Cycle, quantity: int) -> None:
        kept = {each: replace(k, unsettled=True) if cycle in k.cycles else k for each, k in self.account.kept.items()}
        self.account = replace(self.account, kept=kept, elsewhere={**self.account.elsewhere, (benefit, cycle): quantity})

    def settle(self, work: Work, ask: Ask) -> Settlement:
        found = settle(self.account, self.records, work, ask)
        self.account = applied(self.account, found)
        self.over = {place: n for place, n in self.over.items() if place.cycle not in found.settled} | dict(found.over_granted)
        return found


class Stored:
    """The same in a database."""

    subscribers: tuple[str, ...] = (SUBSCRIBER,)

    def __init__(self, database: Database) -> None:
        self.database = database
        self.instant = 1_000_000_000

    @property
    def _said(self) -> Said:
        self.instant += 1
        return Said("a test", "its step", self.instant)

    @property
    def records(self) -> Mapping[str, Record]:
        return self.database.read(settling.Outages.read).of(self.account, ())

    @property
    def account(self) -> Account:
        return self.database.read(lambda connection: reading.account(connection, SUBSCRIBER))

    @property
    def over(self) -> Mapping[Place, int]:
        return self.database.read(lambda connection: reading.over_granted(connection, [SUBSCRIBER]).get(SUBSCRIBER, {}))

    def enter(self, outage: facts_pb2.Outage) -> None:
        said = self._said
        self.database.write(lambda connection: register.enter(connection, [register.entry([outage])], said))

    def withdraw(self, outage_id: str) -> None:
        said = self._said
        self.database.write(lambda connection: register.withdraw(connection, outage_id, said))

    def replace(self, old: list[str], new: list[facts_pb2.Outage]) -> None:
        entries: list[Entry] = [register.entry([each]) for each in new]
        said = self._said
        self.database.write(lambda connection: register.replace(connection, old, entries, said))

    def granted_elsewhere(self, benefit: str, cycle: Cycle, quantity: int) -> None:
        entries = [elsewhere.Entry(1, who, benefit, quantity, cycle, "", "") for who in self.subscribers]
        said = self._said
        self.database.write(lambda connection: elsewhere.enter(connection, entries, said, Path("a file")))

    def settle(self, work: Work, ask: Ask) -> Settlement:
        said = self._said
        written = Written(said.by, said.reason, "a-policy", work.as_of, said.at)
        return settling.run(self.database, SUBSCRIBER, work, ask, written)
