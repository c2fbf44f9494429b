"""Each rule of a settlement by itself, where histories drawn at random would seldom show that it is kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from clients.account.records import Claim, Cycle, Work
from makegood.v1 import facts_pb2
from tests.account.kept_in import InMemory
from tests.account.simple_service import HOUR, SimpleService

NOW = 130 * HOUR
FIRST, SECOND = Cycle(0, 40 * HOUR), Cycle(40 * HOUR, 200 * HOUR)


def facts(rate: int | None) -> bytes:
    return facts_pb2.Subscriber(data_remaining_bytes=rate).SerializeToString()


def outage(
    outage_id: str, start: float, hours: float | None, cause: str = "SOFTWARE_FAULT", party: str = ""
) -> facts_pb2.Outage:
    made = facts_pb2.Outage(outage_id=outage_id, responsible_party=party)
    made.cause = facts_pb2.Cause.Value(f"CAUSE_{cause}")
    made.started_at.seconds = int(start * HOUR)
    if hours is not None:
        made.ended_at.seconds = int((start + hours) * HOUR)
    return made


class Subscriber:
    def __init__(self, *, claws_back: bool = True) -> None:
        self.kept_in, self.service = InMemory(), SimpleService(claws_back=claws_back)

    def enter(self, *outages: facts_pb2.Outage) -> "Subscriber":
        for each in outages:
            self.kept_in.enter(each)
        return self

    def run(self, *scope: str, rate: int | None = 1, **more: object) -> "Subscriber":
        work = Work(NOW, facts(rate), cycles=(FIRST, SECOND), scope=frozenset(scope) or None)
        self.found = self.kept_in.settle(replace(work, **more), self.service)  # type: ignore[arg-type]
        return self

    @property
    def data(self) -> Mapping[str, int]:
        sums: Counter[str] = Counter()
        for place, quantity in self.kept_in.account.booked.items():
            sums[place.outage_id] += quantity if place.benefit == "data" else 0
        return {each: quantity for each, quantity in sums.items() if quantity}

    def data_in(self, cycle: Cycle) -> int:
        booked = self.kept_in.account.booked.items()
        return sum(quantity for place, quantity in booked if (place.benefit, place.cycle) == ("data", cycle))


@pytest.fixture
def one() -> Subscriber:
    return Subscriber()


def test_what_does_not_count_joins_nothing(one: Subscriber) -> None:
    """Rule 1: the customer's own equipment fails from hour 5 to 7, between two faults that do not touch each other."""
    one.enter(outage("o1", 2, 3), outage("own", 5, 2, "CUSTOMER_EQUIPMENT"), outage("o2", 7, 3)).run()
    assert one.data == {"o1": 30, "o2": 30}
    assert one.kept_in.account.kept["own"].cycles == frozenset()


def test_what_is_first_in_its_cycle_is_asked_about_once(one: Subscriber) -> None:
    """So is what is later in it and new as well; what is new beside it is asked about once more; and nothing is for nothing."""
    for _ in range(2):
        one.enter(outage("o1", 2, 3), outage("o2", 7, 3), outage("o3", 12, 3)).run()
        assert len(one.service.asked) == 3
    one.enter(outage("o4", 17, 3)).run()
    assert len(one.service.asked) == 3 + 3 + 2
    assert one.data == {"o1": 30, "o2": 30, "o3": 30, "o4": 30}


def test_an_occasion_is_placed_by_what_counts_also_where_its_earliest_record_is_in_another_cycle(one: Subscriber) -> None:
    """Rule 1: the customer's own fault begins in the first cycle, and what counts touches it in the second."""
    one.enter(outage("own", 36, 5, "CUSTOMER_EQUIPMENT"), outage("o1", 41, 3)).run()
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (0, 30)


def test_an_outage_that_nothing_is_booked_for_still_leads_to_its_cycle(one: Subscriber) -> None:
    """Rule 2: all of o1's time counts for o2, but the interruption has o1's facts; without o1 it has those of o2."""
    one.enter(outage("o1", 2, 5, "EXTREME_WEATHER")).run(rate=2)
    one.enter(outage("o2", 2, 5)).run(rate=1)
    assert one.data == {"o2": 100}
    one.kept_in.withdraw("o1")
    one.run("o1")
    assert one.data == {"o2": 50}


def test_a_beginning_that_moves_settles_both_cycles(one: Subscriber) -> None:
    """Rule 2: o1 begins before the edge and holds o2, which begins after it; alone, o2 is of the second cycle."""
    one.enter(outage("o1", 38, 4), outage("o2", 42, 3), outage("o3", 60, 8), outage("o4", 80, 6)).run()
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (70, 140)
    one.kept_in.withdraw("o1")
    one.run("o1")
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (0, 150)
    assert one.data == {"o2": 30, "o3": 80, "o4": 40}


def test_a_missing_fact_holds_all_that_its_occasion_touches(one: Subscriber) -> None:
    """Rule 4: the occasion leaves the second cycle for the first, and is not taken out of the one before it is in the other."""
    one.enter(outage("o1", 42, 5)).run()
    one.enter(outage("o2", 38, 4)).run(rate=None)
    assert set(one.found.waiting) == {"o1", "o2"}
    assert one.data == {"o1": 50}
    assert "o2" not in one.kept_in.account.kept
    one.run()
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (90, 0)


def test_a_missing_fact_holds_the_rest_of_its_cycle_and_no_other(one: Subscriber) -> None:
    """Rule 4: what comes after it in the cycle depends on what it will take of the cap."""
    one.enter(outage("o1", 2, 5)).run("o1", rate=None)
    one.enter(outage("o2", 10, 5), outage("o3", 60, 5)).kept_in.settle(
        Work(NOW, facts(None), cycles=(FIRST, SECOND), scope=frozenset(("o1",))), one.service
    )
    one.run("o3")
    assert one.data == {"o3": 50}
    one.run()
    assert one.data == {"o1": 50, "o2": 50, "o3": 50}


def test_a_missing_fact_holds_what_an_outage_of_its_cycle_was_in_before(one: Subscriber) -> None:
    """Rule 4: o1 moves into the cycle that waits, and is not taken out of the other meanwhile."""
    one.enter(outage("o1", 50, 5)).run()
    one.enter(outage("o1", 20, 5)).enter(outage("o2", 2, 5)).run(rate=None)
    assert set(one.found.waiting) == {"o2"}
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (0, 50)
    one.run()
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (100, 0)


def test_what_a_claim_left_in_another_cycle_is_not_forgotten(one: Subscriber) -> None:
    """Rules 2 and 6: a second claim moves the beginning to the first cycle; withdrawn, both are reversed by any run there."""
    one.enter(outage("o1", 38, 6))
    one.run(claim=Claim("c1", 1, 60 * HOUR, 42 * HOUR, 43 * HOUR))
    one.run(claim=Claim("c2", 1, 60 * HOUR, 39 * HOUR, 42 * HOUR))
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (50, 20)
    one.kept_in.withdraw("o1")
    one.enter(outage("o2", 2, 3)).run("o2")
    assert one.data == {"o2": 30}


def test_what_is_reversed_beside_another_outage_is_credited_to_its_party(one: Subscriber) -> None:
    """Rule 2: all that is in the cycle is settled, whatever the run was over."""
    one.enter(outage("o1", 2, 3, party="grid")).run()
    one.kept_in.withdraw("o1")
    one.enter(outage("o2", 20, 3)).run("o2")
    assert one.data == {"o2": 30}
    assert one.kept_in.account.claimed == {}


def test_what_follows_from_a_split_has_the_facts_of_what_it_follows(one: Subscriber) -> None:
    """Rule 5."""
    one.enter(outage("o1", 2, 8)).run(rate=2)
    one.kept_in.replace(["o1"], [outage("n1", 2, 3), outage("n2", 8, 2)])
    one.run(rate=1)
    assert one.data == {"n1": 60, "n2": 40}


def test_what_was_decided_unasked_counts_as_claimed_whole(one: Subscriber) -> None:
    """Rule 6."""
    one.enter(outage("o1", 2, 8)).run()
    one.run(claim=Claim("c1", 1, 20 * HOUR, 3 * HOUR, 5 * HOUR))
    assert one.data == {"o1": 80}
    assert not one.found.bookings


def test_a_claim_takes_nothing_back_and_leaves_it_to_the_next_run(one: Subscriber) -> None:
    """Rule 6: o1's record shrank meanwhile; the claim for o2 pays o2's hours, and the run after it reverses o1's."""
    one.enter(outage("o1", 2, 8)).run("o1")
    one.enter(outage("o1", 2, 3), outage("o2", 20, 4)).run(claim=Claim("c1", 1, 30 * HOUR, 20 * HOUR, 24 * HOUR))
    assert one.data["o1"] == 80
    assert one.found.accepted is not None
    one.run()
    assert one.data == {"o1": 30, "o2": 40}


def test_what_a_claim_leaves_is_new_to_a_run(one: Subscriber) -> None:
    """Rule 6: the claim saw the shorter record, and all of it was decided unasked; the run reverses it nonetheless."""
    one.enter(outage("o1", 2, 8, party="grid")).run()
    one.enter(outage("o1", 2, 3, party="grid")).run(claim=Claim("c1", 1, 30 * HOUR, 2 * HOUR, 5 * HOUR))
    assert not one.found.bookings
    assert not one.found.recourse
    one.run()
    assert one.data == {"o1": 30}
    assert sum(one.kept_in.account.claimed.values()) == 17  # a third of 30 + 21


def test_a_party_is_asked_once_for_an_outage_with_all_its_parts(one: Subscriber) -> None:
    """Rule 7: two claimed stretches of one outage are 20 + 14 and 20 + 14, a third of 68 is 22.67, and not 11 + 11."""
    one.enter(outage("o1", 2, 12, party="grid"))
    one.run(claim=Claim("c1", 1, 20 * HOUR, int(2.5 * HOUR), int(3.5 * HOUR)))
    one.run(claim=Claim("c2", 1, 20 * HOUR, int(10.5 * HOUR), int(11.5 * HOUR)))
    assert one.data == {"o1": 40}
    assert sum(one.kept_in.account.claimed.values()) == 23


@pytest.mark.parametrize("claws_back", [True, False])
def test_what_left_a_cycle_is_moved_before_anything_is_topped_up(claws_back: bool) -> None:
    """Rule 8: 60 go from the first cycle to the second with the outage; then only what it grew by is added."""
    one = Subscriber(claws_back=claws_back)
    one.enter(outage("o1", 10, 6)).run()
    one.enter(outage("o1", 50, 8)).run()
    assert (one.data_in(FIRST), one.data_in(SECOND)) == (0, 80)
    assert not one.kept_in.over


def test_what_was_booked_stays_while_the_outage_goes_on_and_takes_its_room(one: Subscriber) -> None:
    """Rule 9: o1 goes on again; 100 stay booked, so that of 150 others get 50, and the end settles it."""
    one.enter(outage("o1", 50, 10, party="grid")).run()
    one.enter(outage("o1", 50, None, party="grid"), outage("o2", 41, 8)).run()
    assert one.data == {"o1": 100, "o2": 50}
    assert not any(amount < 0 for amount in one.found.recourse.values())
    one.enter(outage("o1", 50, 4, party="grid")).run()
    assert one.data == {"o1": 40, "o2": 80}


def test_a_run_over_everything_takes_up_another_word_on_corrections() -> None:
    """Rule 10: what was set off before is reversed once the policy claws back."""
    one = Subscriber(claws_back=False)
    one.enter(outage("o1", 2, 8)).run()
    one.enter(outage("o1", 2, 3)).run()
    assert one.data == {"o1": 80}
    one.service.claws_back = True
    one.run(everything=True)
    assert one.data == {"o1": 30}
    assert not one.kept_in.over


def test_what_goes_on_beside_an_ended_outage_of_another_interruption_is_only_quoted(one: Subscriber) -> None:
    one.enter(outage("o1", 2, 5), outage("o2", 60, None)).run()
    assert one.data == {"o1": 50}
