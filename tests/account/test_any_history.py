"""Whatever happened, in whatever order: after a run over all that is new, the account holds what stands by the records."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clients.account.records import Ask, Claim, Cycle, Place, Record, Terms, Work
from makegood.v1 import facts_pb2
from tests.account.kept_in import InMemory
from tests.account.simple_service import HOUR, MOST_IN_CYCLE, SimpleService, liability
from tests.account.slow_account import Fact, Stands, stands

Cause: TypeAlias = facts_pb2.Cause.ValueType
EDGES = [0, 40 * HOUR, 80 * HOUR, 200 * HOUR]
CAUSES = (facts_pb2.CAUSE_SOFTWARE_FAULT, facts_pb2.CAUSE_EXTREME_WEATHER, facts_pb2.CAUSE_CUSTOMER_EQUIPMENT)


STARTS = st.one_of(st.integers(0, 120), st.sampled_from([36, 38, 39, 40, 41, 78, 80, 81]))
LENGTHS = st.sampled_from([1, 2, 3, 5, 8, 12, 30])
HOURS = st.sampled_from([1, 2, 3, 5, 8, 12, 30, 2, 3, 5, 8, 12, 30, None])
RATES = st.sampled_from([1, 1, 2, 3])
Described = tuple[int, int | None, Cause, str, bool]
DESCRIBED = st.tuples(
    STARTS,
    HOURS,
    st.sampled_from((*CAUSES[:1], *CAUSES)),
    st.sampled_from(["", "", "grid"]),
    st.sampled_from([False, False, False, False, True]),
)


class AnyHistory(RuleBasedStateMachine):
    """One subscriber. Times in whole hours from ``base``; the facts of a row may differ each time."""

    kept_in: Any
    base = 0
    most_in_cycle = MOST_IN_CYCLE
    terms = Terms()

    def __init__(self) -> None:
        super().__init__()
        self.now = self.base + 130 * HOUR
        self.cycles = tuple(Cycle(self.base + start, self.base + end) for start, end in pairwise(EDGES))

    def facts(self, rate: int | None) -> bytes:
        return facts_pb2.Subscriber(data_remaining_bytes=rate).SerializeToString(deterministic=True)

    def asked(self, claws_back: bool) -> Ask:
        return SimpleService(claws_back=claws_back)

    def open(self) -> Any:
        return InMemory()

    @initialize(claws_back=st.booleans(), first=st.lists(DESCRIBED, min_size=3, max_size=5))
    def begin(self, claws_back: bool, first: list[Described]) -> None:
        self.set_up(claws_back, first)

    def set_up(self, claws_back: bool, first: list[Described]) -> None:
        self.claws_back = claws_back
        self.terms = replace(self.terms, corrections=((0, claws_back),))
        self.service = self.asked(claws_back)
        self.kept_in = self.open()
        self.outages: dict[str, facts_pb2.Outage] = {}
        self.gone: set[str] = set()
        self.number = 0
        self.kept_facts: dict[str, bytes] = {}
        self.elsewhere: dict[int, int] = {}
        self.by_hand: dict[str, tuple[int, int, int]] = {}
        for each in first:
            self.a_new_outage(each)

    def teardown(self) -> None:
        """However a history went, its end is looked at: once nothing goes on any more and all facts are there."""
        if hasattr(self, "service"):
            self.all_that_goes_on_ends()
            self.a_run(1, everything=False)

    def outage(
        self, start: int, hours: int | None, cause: Cause, party: str, voice: bool, outage_id: str = ""
    ) -> facts_pb2.Outage:
        self.number += not outage_id
        made = facts_pb2.Outage(outage_id=outage_id or f"o{self.number}", cause=cause, responsible_party=party)
        made.impact = facts_pb2.IMPACT_LOSS
        made.started_at.seconds = self.base + start * HOUR
        if hours is not None:
            made.ended_at.seconds = min(self.base + (start + hours) * HOUR, self.now)
        if voice:
            made.services.append(facts_pb2.SERVICE_VOICE)
        return made

    @rule(described=DESCRIBED)
    def a_new_outage(self, described: Described) -> None:
        if len(self.outages) < 8:
            made = self.outage(*described)
            self.outages[made.outage_id] = made
            self.kept_in.enter(made)

    @precondition(lambda self: self.outages)
    @rule(
        data=st.data(),
        start=STARTS,
        hours=HOURS,
        cause=st.sampled_from(CAUSES),
        party=st.sampled_from(["", "grid", "builder"]),
        what=st.sampled_from(["start", "end", "end", "end", "cause", "party", "all"]),
    )
    def a_revision(self, data: st.DataObject, start: int, hours: int | None, cause: Cause, party: str, what: str) -> None:
        outage_id = data.draw(st.sampled_from(sorted(self.outages)))
        old = self.outages[outage_id]
        made = facts_pb2.Outage()
        made.CopyFrom(old)
        if what in ("start", "all"):
            shift = self.base + start * HOUR - old.started_at.seconds
            made.started_at.seconds = self.base + start * HOUR
            if made.HasField("ended_at"):
                made.ended_at.seconds = min(max(old.ended_at.seconds + shift, self.base + (start + 1) * HOUR), self.now)
        if what in ("end", "all"):
            made.ClearField("ended_at")
            if hours is not None:
                made.ended_at.seconds = min(made.started_at.seconds + hours * HOUR, self.now)
        if what in ("cause", "all"):
            made.cause = cause
        if what in ("party", "all"):
            made.responsible_party = party
        self.outages[outage_id] = made
        self.gone.discard(outage_id)
        self.kept_in.enter(made)

    @precondition(lambda self: set(self.outages) - self.gone)
    @rule(data=st.data())
    def a_withdrawal(self, data: st.DataObject) -> None:
        outage_id = data.draw(st.sampled_from(sorted(set(self.outages) - self.gone)))
        self.gone.add(outage_id)
        self.kept_in.withdraw(outage_id)

    @precondition(lambda self: set(self.outages) - self.gone)
    @rule(data=st.data(), start=STARTS, hours=LENGTHS, several=st.booleans(), moved=st.booleans())
    def a_split_merge_or_new_name(self, data: st.DataObject, start: int, hours: int, several: bool, moved: bool) -> None:
        there = sorted(set(self.outages) - self.gone)
        old = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=2, unique=True))
        first = self.outages[old[0]]
        new = []
        for shift in range(2 if several and len(old) == 1 else 1):
            made = facts_pb2.Outage()
            made.CopyFrom(first)
            self.number += 1
            made.outage_id = f"o{self.number}"
            if moved or shift:
                made.started_at.seconds = self.base + (start + shift) * HOUR
                made.ended_at.seconds = min(self.base + (start + shift + hours) * HOUR, self.now)
            new.append(made)
        for each in old:
            del self.outages[each]
        self.outages |= {each.outage_id: each for each in new}
        self.kept_in.replace(old, new)

    @precondition(lambda self: self.outages)
    @rule(data=st.data(), rate=RATES)
    def a_run_over_some(self, data: st.DataObject, rate: int) -> None:
        some = data.draw(st.frozensets(st.sampled_from(sorted(self.outages)), min_size=1))
        self.settled(Work(self.now, self.facts(rate), cycles=self.cycles, scope=some, terms=self.terms))

    @rule()
    def all_that_goes_on_ends(self) -> None:
        for outage in list(self.outages.values()):
            if outage.outage_id not in self.gone and not outage.HasField("ended_at"):
                ended = facts_pb2.Outage()
                ended.CopyFrom(outage)
                ended.ended_at.seconds = min(outage.started_at.seconds + 3 * HOUR, self.now)
                self.outages[outage.outage_id] = ended
                self.kept_in.enter(ended)

    @rule(number=st.sampled_from([0, 1, 2]), tenths=st.sampled_from([0, 0, 1, 3, 8, 11]))
    def a_grant_elsewhere(self, number: int, tenths: int) -> None:
        """Or the correction of one."""
        self.elsewhere[number] = tenths * self.most_in_cycle // 10
        self.kept_in.granted_elsewhere("data", self.cycles[number], self.elsewhere[number])

    @rule(data=st.data(), tenths=st.sampled_from([None, 0, 1, 1]))
    def a_run_that_lacks_a_fact(self, data: st.DataObject, tenths: int | None) -> None:
        """And, unless None, a second person who decides one of what waits, for so much of the cycle's cap; 0: rejected."""
        self.settled(Work(self.now, self.facts(None), cycles=self.cycles, terms=self.terms))
        waiting = sorted(self.kept_in.waiting())
        if tenths is None or not waiting:
            return
        outage_id = data.draw(st.sampled_from(waiting))
        held = any(place.outage_id == outage_id for place in self.kept_in.account.booked)
        quantity = self.most_in_cycle // 10 * (tenths or held)  # what is booked for it in all is said, and is not nothing
        started = (
            min(self.kept_in.account.kept[outage_id].cycles, default=None) if outage_id in self.kept_in.account.kept else None
        )
        number = next(
            number
            for number, cycle in enumerate(self.cycles)
            if cycle == started or (started is None and cycle.holds(self.outages[outage_id].started_at.seconds))
        )
        self.by_hand[outage_id] = (self.records[outage_id].revision, number, quantity)
        self.kept_in.decide(outage_id, self.cycles[number], quantity, self.now, self.terms, self.service)
        assert outage_id not in self.kept_in.waiting()

    @property
    def records(self) -> Mapping[str, Record]:
        found: Mapping[str, Record] = self.kept_in.records
        return found

    def decided_by_hand(self) -> dict[str, tuple[int, int]]:
        """Number of the cycle and quantity, of outages that are on record as they were decided."""
        return {
            each: (number, quantity)
            for each, (revision, number, quantity) in self.by_hand.items()
            if each in self.outages and each not in self.gone and self.records[each].revision == revision
        }

    @rule(rate=RATES, everything=st.booleans())
    def a_run(self, rate: int, everything: bool) -> None:
        work = Work(self.now, self.facts(rate), cycles=self.cycles, everything=everything, terms=self.terms)
        found = self.settled(work)
        if not found.waiting:
            self.holds_what_stands()
            again = self.settled(work)
            assert not again.bookings
            assert not again.recourse

    @rule(start=STARTS, hours=LENGTHS, after=st.sampled_from([0, 5, 150]), rate=RATES)
    def a_claim(self, start: int, hours: int, after: int, rate: int) -> None:
        self.number += 1
        made = min(self.base + (start + hours) * HOUR, self.now - HOUR)
        claim = Claim(
            f"c{self.number}", 1, min(made + after * HOUR, self.now), min(self.base + start * HOUR, made - HOUR), made
        )
        before = Counter(self.kept_in.account.booked)
        found = self.settled(Work(self.now, self.facts(rate), cycles=self.cycles, claim=claim, terms=self.terms))
        after_it = self.kept_in.account.booked
        moved = {place.outage_id for place, quantity in found.bookings.items() if quantity < 0}
        for benefit in ("data", "voice"):
            sums = [sum(n for place, n in held.items() if place.benefit == benefit) for held in (before, after_it)]
            assert sums[0] <= sums[1], "a claim took something back"
        assert not (self.claws_back and moved)

    def settled(self, work: Work) -> Any:
        found = self.kept_in.settle(work, self.service)
        account = self.kept_in.account
        for outage_id, kept in account.kept.items():
            was = self.kept_facts.setdefault(outage_id, kept.facts)
            if was != kept.facts:
                assert not facts_pb2.Subscriber.FromString(was).HasField("data_remaining_bytes"), "kept facts were changed"
                self.kept_facts[outage_id] = kept.facts
        return found

    def slow(self, on_record: list[facts_pb2.Outage], rates: Mapping[str, int]) -> Stands:
        """What stands by the records, worked out without any account. ``rates``: of each outage that of its own facts."""
        return stands(self.on_paper(on_record, rates), EDGES, self.now, elsewhere=self.taken())

    def taken(self) -> Mapping[int, int]:
        """Room of each cycle that others and persons gave away."""
        taken = Counter(self.elsewhere)
        for number, quantity in self.decided_by_hand().values():
            taken[number] += quantity
        return taken

    def on_paper(self, on_record: list[facts_pb2.Outage], rates: Mapping[str, int]) -> list[Fact]:
        """As the slow account reads it."""
        return [
            Fact(
                each.outage_id,
                each.started_at.seconds,
                each.ended_at.seconds if each.HasField("ended_at") else None,
                int(liability(each) * 2),
                each.responsible_party,
                rates[each.outage_id],
            )
            for each in on_record
        ]

    def booked(self) -> Mapping[Place, int]:
        return dict(self.kept_in.account.booked)

    def holds_what_stands(self) -> None:
        account = self.kept_in.account
        by_hand = self.decided_by_hand()
        on_record = [self.outages[each] for each in self.outages if each not in self.gone and each not in by_hand]
        assert all(account.kept[each.outage_id].automatic for each in on_record)
        if any(not each.HasField("ended_at") and liability(each) for each in on_record):
            return  # what was booked for it stays meanwhile, so that the records alone do not say what is booked
        kept = {each.outage_id: facts_pb2.Subscriber.FromString(account.kept[each.outage_id].facts) for each in on_record}
        slow = self.slow(on_record, {outage_id: facts.data_remaining_bytes for outage_id, facts in kept.items()})
        wanted = {Place(o, benefit, self.cycles[cycle]): quantity for (o, benefit, cycle), quantity in slow.grants.items()}
        wanted |= {Place(o, "data", self.cycles[number]): quantity for o, (number, quantity) in by_hand.items() if quantity}
        due = {(each.party, each.outage_id): amount for each, amount in account.claimed.items()}
        held = self.booked()
        assert due == slow.recourse
        if self.claws_back:
            assert held == wanted
            assert not self.kept_in.over
            return
        sums = [Counter[tuple[str, Cycle]]() for _ in range(3)]
        for total, of in zip(sums, (held, wanted, self.kept_in.over), strict=True):
            for place, quantity in of.items():
                total[place.benefit, place.cycle] += quantity
        booked, owed, over = sums
        for key in {*booked, *owed, *over}:
            assert booked[key] - owed[key] == over[key] >= 0

    @invariant()
    def no_cap_is_passed(self) -> None:
        if not hasattr(self, "service"):
            return
        sums: Counter[Cycle] = Counter()
        for place, quantity in self.booked().items():
            if place.benefit == "data":
                sums[place.cycle] += quantity
        assert all(total <= self.room(cycle) for cycle, total in sums.items())

    def room(self, cycle: Cycle) -> int:  # noqa: ARG002 -- where a ledger was taken over it hangs on the cycle
        """What may be booked in a cycle in all."""
        return self.most_in_cycle


TestAnyHistory = AnyHistory.TestCase
EXAMPLES = int(os.environ.get("MAKEGOOD_HISTORIES", "40"))
TestAnyHistory.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
