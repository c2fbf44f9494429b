"""Two accounts for the same steps: one in memory, which is the settlement alone, and one in a database, register and all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from clients.account import deciding, desk_claims, elsewhere, filing, reading, register, reviewing, run_records, settling
from clients.account.database import Database
from clients.account.records import Account, Ask, Cycle, Place, Record, Settlement, Terms, Verdict, Work
from clients.account.register import Entry, Said
from clients.account.settlement import settle
from clients.account.store import Written
from clients.crm import looked_up
from makegood.v1 import facts_pb2
from tests.account.simple_service import DATA

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
    waits: Mapping[str, str] = field(default_factory=dict)

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

    def decide(self, outage_id: str, cycle: Cycle, quantity: int, now: int, terms: Terms, ask: Ask) -> None:
        """A person decides what waits: in place of the policy, ``quantity`` of data; 0 rejects it."""
        amounts = {Place(outage_id, "data", cycle): quantity} if quantity else {}
        verdict = Verdict(outage_id, self.records[outage_id].revision, instead=True, amounts=amounts, benefits={"data": DATA})
        self.settle(Work(now, scope=frozenset((outage_id,)), everything=True, verdict=verdict, terms=terms), ask)

    def waiting(self) -> set[str]:
        """What waits for a person after the last settlement."""
        return set(self.waits)

    def settle(self, work: Work, ask: Ask) -> Settlement:
        found = settle(self.account, self.records, work, ask)
        self.waits = found.waiting
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

    def decide(self, outage_id: str, cycle: Cycle, quantity: int, now: int, terms: Terms, ask: Ask) -> None:
        """Of each subscriber, from the queue; the cycle is for the account to find."""
        amounts = {"data": quantity} if quantity else {}
        self.database.write(lambda c: run_records.set_threshold(c, f"{reviewing.BY_HAND}data", 2**50, "a test", "", 1))
        for who in self.subscribers:
            (of,) = (each for each in self.database.read(lambda c: reviewing.items(c, who)) if each.outage_id == outage_id)  # noqa: B023 -- run at once
            written = Written("a second person", "its step", "a-policy", now, self._said.at)
            found = deciding.decide(self.database, of, amounts, {"data": DATA}, terms, ask, written)
            assert {place.cycle for place in found.verdict.amounts} <= {cycle} if found.verdict is not None else False

    def waiting(self) -> set[str]:
        """What the queue lists."""
        return {each.outage_id for each in self.database.read(lambda c: reviewing.items(c, SUBSCRIBER))}

    def settle(self, work: Work, ask: Ask) -> Settlement:
        said = self._said
        written = Written(said.by, said.reason, "a-policy", work.as_of, said.at)
        if work.claim is None:
            return settling.run(self.database, SUBSCRIBER, work, ask, written)
        return self.filed(SUBSCRIBER, work, ask, written)

    def filed(self, who: str, work: Work, ask: Ask, written: Written) -> Settlement:
        """As the desk does; filed once more, it has the same number and books nothing."""
        assert work.claim is not None
        wanted = work.claim._replace(claim_id="")
        account = self.database.read(lambda c: reading.account(c, who))
        outages = self.database.read(settling.Outages.read)
        span = (wanted.started_at, wanted.ended_at)
        about = looked_up.during(outages.of(account, work.areas), span, work.as_of)
        claim, _, found = filing.file(self.database, who, wanted, about, work, ask, written)
        same, _, again = filing.file(self.database, who, wanted, about, work, ask, written)
        assert (same, again.bookings, again.recourse) == (claim, {}, {})
        steps = self.database.read(lambda c: desk_claims.of_subscriber(c, who))
        outcomes = [each.outcome for each in steps if desk_claims.reference(each.claim_number) == claim.claim_id]
        assert outcomes, "it has no trail"
        if any(quantity > 0 for quantity in found.bookings.values()):
            assert desk_claims.GRANTED in outcomes
        return found
