"""The same histories where a ledger of before had booked something for the first outages: it stands until they are revised.

Until then the records do not say what is booked; nothing is booked beyond a cap meanwhile. Once all of it was decided anew,
since it was revised or since facts are said to be better, the account is what the records say.
"""

import os
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from clients.account.former import located, places
from clients.account.records import UNKNOWN_CYCLE, UNKNOWN_OUTAGE, Account, Cycle, Former, Place, Work
from tests.account.kept_in import SUBSCRIBER
from tests.account.test_any_history import DESCRIBED, AnyHistory, Described


class AfterALedger(AnyHistory):
    """At first, o1 to oN are on record, and some of what they are owed is booked, by outage or for two together."""

    @initialize(
        claws_back=st.booleans(),
        first=st.lists(DESCRIBED, min_size=3, max_size=5),
        share=st.sampled_from([1, 2, 3]),
        together=st.booleans(),
        knows_start=st.booleans(),
    )
    def begin(self, claws_back: bool, first: list[Described], share: int, together: bool, knows_start: bool) -> None:
        self.set_up(claws_back, first)
        rates = dict.fromkeys(self.outages, 1)
        slow = self.slow(list(self.outages.values()), rates)
        owed: dict[str, dict[str, int]] = {}
        for (outage_id, benefit, _), quantity in slow.grants.items():
            owed.setdefault(benefit, {}).setdefault(outage_id, 0)
            owed[benefit][outage_id] += quantity
        former: list[Former] = []
        booked: dict[Place, int] = {}
        for benefit, parts in owed.items():
            some = {each: quantity // share for each, quantity in sorted(parts.items())[:2] if quantity // share}
            one_cycle = len({number for outage_id, of, number in slow.grants if of == benefit and outage_id in some}) == 1
            groups = [some] if together and one_cycle else [{each: quantity} for each, quantity in some.items()]
            for group in filter(None, groups):
                starts = [self.outages[each].started_at.seconds for each in group]
                known = group if len(group) == 1 else {UNKNOWN_OUTAGE: sum(group.values())}
                start = min(starts) if knows_start else None
                former.append(Former(len(former) + 1, benefit, known, dict.fromkeys(group, 1), start))
                for outage_id, quantity in known.items():
                    place = Place(outage_id, benefit, UNKNOWN_CYCLE)
                    booked[place] = booked.get(place, 0) + quantity
        self.kept_in.account = Account(SUBSCRIBER, len(former), booked=booked, former=tuple(former))

    def booked(self) -> Mapping[Place, int]:
        account = self.kept_in.account
        return located(account, places(account, self.kept_in.records, self.cycles))

    def room(self, cycle: Cycle) -> int:
        """What it booked without saying when that began lies where its outages are said to begin now, caps or none."""
        account = self.kept_in.account
        lies = located(replace(account, booked={}), places(account, self.kept_in.records, self.cycles))
        return max(super().room(cycle), sum(n for at, n in lies.items() if (at.benefit, at.cycle) == ("data", cycle)))

    def holds_what_stands(self) -> None:
        """Where nothing of before stands undecided any more."""
        account = self.kept_in.account
        if all(outage_id in account.kept for each in account.former for outage_id in each.outages):
            super().holds_what_stands()

    @precondition(lambda self: self.outages)
    @rule(everything=st.booleans())
    def a_run_that_corrects(self, everything: bool) -> None:
        """All is decided anew with facts that are said to be better: then it is what the records say."""
        work = Work(self.now, self.facts(1), cycles=self.cycles, everything=everything, corrected=True, terms=self.terms)
        self.kept_facts.clear()
        found = self.settled(work)
        if not found.waiting:
            super().holds_what_stands()
            assert not self.settled(work).bookings

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.all_that_goes_on_ends()
            self.a_run_that_corrects(everything=True)


TestAfterALedger = AfterALedger.TestCase
TestAfterALedger.settings = settings(
    max_examples=int(os.environ.get("MAKEGOOD_HISTORIES", "25")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
