"""What went wrong on the second day, case by case, under the default policy as the real calculator decides it."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import pytest

from clients.account.records import Claim, Cycle, Work
from makegood.v1 import facts_pb2
from policy import PolicySet
from tests.account.calculator import real
from tests.account.kept_in import InMemory

MIB = 2**20
GIB = 2**30


def at(text: str) -> int:
    """Local time of Shanghai in 2026."""
    return int(datetime.strptime(f"2026-{text} +0800", "%Y-%m-%d %H:%M %z").timestamp())


MARCH = Cycle(at("03-01 00:00"), at("04-01 00:00"))
JUNE = Cycle(at("06-01 00:00"), at("07-01 00:00"))
NOW = at("07-20 00:00")


def outage(outage_id: str, start: str, end: str | None, cause: str = "EQUIPMENT_FAILURE", party: str = "") -> facts_pb2.Outage:
    made = facts_pb2.Outage(outage_id=outage_id, impact=facts_pb2.IMPACT_LOSS, responsible_party=party)
    made.cause = facts_pb2.Cause.Value(f"CAUSE_{cause}")
    made.started_at.seconds = at(start)
    if end is not None:
        made.ended_at.seconds = at(end)
    return made


def data_plan(fee: int = 9900, left_gib: int | None = 12) -> bytes:
    """20 GiB in the plan; at 99.00 and more than half of it left, the table says 1.1."""
    subscriber = facts_pb2.Subscriber(plan_type=facts_pb2.PLAN_TYPE_DATA, data_allowance_bytes=20 * GIB)
    subscriber.monthly_fee.currency_code = "CNY"
    subscriber.monthly_fee.amount_minor = fee
    if left_gib is not None:
        subscriber.data_remaining_bytes = left_gib * GIB
    return subscriber.SerializeToString(deterministic=True)


class Desk:
    """One account, settled by the calculator."""

    def __init__(self, policies: PolicySet, *, facts: bytes = data_plan()) -> None:
        self.ask = real(policies)
        self.kept_in = InMemory()
        self.work = partial(Work, NOW, facts, cycles=(MARCH, JUNE))

    def run(self, *scope: str, **more: object) -> "Desk":
        some = {"scope": frozenset(scope)} if scope else {}
        self.found = self.kept_in.settle(self.work(**some, **more), self.ask)  # type: ignore[arg-type]
        return self

    @property
    def mib(self) -> dict[str, int]:
        """Data by outage, in MiB."""
        sums: Counter[str] = Counter()
        for place, quantity in self.kept_in.account.booked.items():
            if place.benefit == "data":
                sums[place.outage_id] += quantity
        return {each: quantity // MIB if quantity % MIB == 0 else quantity for each, quantity in sums.items()}

    @property
    def over_mib(self) -> dict[str, int]:
        return {place.outage_id: quantity // MIB for place, quantity in self.kept_in.over.items()}

    @property
    def owed(self) -> Mapping[tuple[str, str], int]:
        return {(due.party, due.outage_id): amount for due, amount in self.kept_in.account.claimed.items()}


@pytest.fixture
def desk(policies: PolicySet) -> Desk:
    return Desk(policies)


def test_running_anything_again_books_nothing(desk: Desk) -> None:
    """Four outages of three days reach a cycle's 30 GiB; in one run or four, the account never passes it."""
    for number, first in enumerate(("01", "08", "15", "22")):
        desk.kept_in.enter(outage(f"o{number}", f"06-{first} 00:00", f"06-{int(first) + 5:02} 00:00"))
        desk.run()
    assert sum(desk.mib.values()) == 30 * 1024
    desk.run(everything=True)
    assert not desk.found.bookings
    assert sum(desk.mib.values()) == 30 * 1024


def test_an_outage_beside_one_that_was_booked_is_paid(desk: Desk) -> None:
    """Nights of 3 h at 0.5: 330 MiB each, whatever file they come in."""
    for number, night in enumerate(("03-04", "03-05", "03-06")):
        desk.kept_in.enter(outage(f"o{number}", f"{night} 01:00", f"{night} 04:00"))
    desk.run("o0", "o1")
    assert desk.mib == {"o0": 330, "o1": 330}
    desk.run("o1", "o2")
    assert desk.mib == {"o0": 330, "o1": 330, "o2": 330}


def test_facts_are_those_of_the_first_decision(desk: Desk) -> None:
    """1 GiB left would be 1.8 and not 1.1: what customers used since then changes nothing that was decided."""
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00"))
    desk.run()
    desk.work = partial(Work, NOW, data_plan(left_gib=1), cycles=(MARCH, JUNE))
    desk.run(everything=True)
    assert desk.mib == {"o1": 330}
    desk.run(corrected=True)
    assert desk.mib == {"o1": 540}  # 300 x 1.8


@pytest.mark.parametrize("order", [("own", "third"), ("third", "own"), ()])
def test_recourse_is_the_same_whatever_the_order(desk: Desk, order: tuple[str, ...]) -> None:
    """02:00 to 04:00 counts for the own fault, which began earlier; the party's is what comes after it."""
    desk.kept_in.enter(outage("own", "03-04 01:00", "03-04 04:00"))
    desk.kept_in.enter(outage("third", "03-04 02:00", "03-04 05:00", "POWER_SUPPLY", "grid"))
    for each in order or ("",):
        desk.run(*filter(None, (each,)))
    # 4 h x 0.5 x 200 x 1.1 = 440; a quarter is the grid's: 110 x 0.02.
    assert desk.mib == {"own": 330, "third": 110}
    assert desk.owed == {("grid", "third"): 220}


def test_a_cause_corrected_later_makes_a_credit_note(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00", "POWER_SUPPLY", "grid"))
    desk.run()
    assert desk.owed == {("grid", "o1"): 660}
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00", "SOFTWARE_FAULT"))
    desk.run()
    assert {(due.party, amount) for due, amount in desk.found.recourse.items()} == {("grid", -660)}
    assert desk.owed == {}
    assert desk.mib == {"o1": 330}


def test_what_is_withdrawn_is_told_as_over_granted_and_set_off(desk: Desk) -> None:
    """330 of an outage that was none stay, are told, and pay what another grew by."""
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00"))
    desk.kept_in.enter(outage("oW", "03-05 01:00", "03-05 04:00"))
    desk.run()
    desk.kept_in.withdraw("oW")
    desk.run()
    assert desk.over_mib == {"oW": 330}
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 06:00"))  # 5 h x 0.5 x 200 x 1.1 = 550
    desk.run()
    assert desk.mib == {"o1": 330, "oW": 330}
    assert desk.over_mib == {"oW": 110}
    desk.kept_in.enter(outage("o2", "03-06 01:00", "03-06 04:00"))
    desk.run()
    assert sum(desk.mib.values()) == 550 + 330
    assert desk.over_mib == {}


def test_a_new_name_pays_nothing_twice(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00"))
    desk.run()
    desk.kept_in.replace(["o1"], [outage("n1", "03-04 01:00", "03-04 05:00")])
    desk.run()
    assert desk.mib == {"o1": 330, "n1": 110}


def test_the_ended_outage_is_paid_while_another_goes_on(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "06-01 01:00", "06-01 04:00"))
    desk.kept_in.enter(outage("o2", "06-04 01:00", None))
    desk.run()
    assert desk.mib == {"o1": 330}


def test_nothing_is_reversed_while_an_outage_goes_on_again(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "06-01 01:00", "06-01 04:00", "POWER_SUPPLY", "grid"))
    desk.run()
    desk.kept_in.enter(outage("o1", "06-01 01:00", None, "POWER_SUPPLY", "grid"))
    desk.run()
    assert (desk.mib, desk.over_mib, desk.owed) == ({"o1": 330}, {}, {("grid", "o1"): 660})
    desk.kept_in.enter(outage("o1", "06-01 01:00", "06-01 05:00", "POWER_SUPPLY", "grid"))
    desk.run()
    assert (desk.mib, desk.owed) == ({"o1": 440}, {("grid", "o1"): 880})


def test_a_missing_fact_books_nothing_and_the_outage_stays_new(desk: Desk) -> None:
    desk.work = partial(Work, NOW, data_plan(left_gib=None), cycles=(MARCH, JUNE))
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00"))
    desk.run()
    assert desk.found.waiting == {"o1": "a fact is missing: subscriber.data_remaining_bytes"}
    assert not desk.kept_in.account.kept
    desk.work = partial(Work, NOW, data_plan(), cycles=(MARCH, JUNE))
    desk.run()
    assert desk.mib == {"o1": 330}


def test_an_occasion_in_no_known_cycle_waits_for_its_cycle(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "05-04 01:00", "05-04 04:00"))
    desk.run()
    assert list(desk.found.waiting) == ["o1"]
    desk.run(cycles=(MARCH, Cycle(at("05-01 00:00"), at("06-01 00:00")), JUNE))
    assert desk.mib == {"o1": 330}


def test_a_beginning_that_moves_to_another_cycle_settles_both(desk: Desk) -> None:
    """What is over-granted in the cycle that it left goes with it: net zero, and then the top-up."""
    may = Cycle(at("05-01 00:00"), at("06-01 00:00"))
    desk.work = partial(Work, NOW, data_plan(), cycles=(may, JUNE))
    desk.kept_in.enter(outage("o1", "06-01 01:00", "06-01 04:00"))
    desk.run()
    desk.kept_in.enter(outage("o1", "05-31 23:00", "06-01 04:00"))  # and an hour at 1.0, one at 0.5: 3 h in all
    desk.run()
    assert desk.mib == {"o1": 660}
    assert {(place.cycle, quantity // MIB) for place, quantity in desk.found.bookings.items()} == {(may, 660), (JUNE, -330)}
    assert desk.over_mib == {}


def claim(claim_id: str, start: str, end: str, claimed: str = "03-20 00:00") -> Claim:
    return Claim(claim_id, facts_pb2.CLAIM_CHANNEL_HOTLINE, at(claimed), at(start), at(end))


def test_a_second_claim_pays_its_hours_and_the_first_not_twice(desk: Desk) -> None:
    """Example 15 of the policy, kept in an account."""
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 06:00"))
    desk.run(claim=claim("c1", "03-04 01:15", "03-04 01:45"))
    assert desk.mib == {"o1": 110}
    desk.run(claim=claim("c2", "03-04 04:15", "03-04 04:45"))
    assert desk.mib == {"o1": 220}
    desk.run()  # decided unasked, it counts whole: 5 h x 0.5 x 220
    assert desk.mib == {"o1": 550}


def test_a_late_claim_is_not_accepted_and_brings_no_hours_in(desk: Desk) -> None:
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 06:00"))
    desk.run(claim=claim("c1", "03-04 01:15", "03-04 01:45"))
    desk.run(claim=claim("c2", "03-04 04:15", "03-04 04:45", "05-01 00:00"))
    assert desk.found.accepted is None
    assert desk.mib == {"o1": 110}


def test_an_accepted_claim_is_not_late_when_it_is_decided_again(desk: Desk) -> None:
    """The end moves back, so that the claim would come 30 days and more after it."""
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-06 01:00"))
    desk.run(claim=claim("c1", "03-04 01:15", "03-04 01:45", "04-04 00:00"))
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 02:00"))
    desk.run(claim=claim("c2", "03-08 00:00", "03-08 01:00", "04-04 00:00"))
    assert desk.mib == {"o1": 110}
    assert desk.over_mib == {}


def test_a_plan_that_changed_between_outages_keeps_each_its_own(desk: Desk) -> None:
    """A VOICE plan counts DATA outages not at all; an outage that it counts takes the facts of the occasion's earliest."""
    voice = facts_pb2.Subscriber(plan_type=facts_pb2.PLAN_TYPE_VOICE).SerializeToString()
    only_data = outage("o1", "03-04 01:00", "03-04 04:00")
    only_data.services.append(facts_pb2.SERVICE_DATA)
    desk.kept_in.enter(only_data)
    desk.work = partial(Work, NOW, voice, cycles=(MARCH, JUNE))
    desk.run()
    desk.kept_in.enter(outage("o2", "03-04 04:00", "03-04 06:00"))
    desk.work = partial(Work, NOW, data_plan(), cycles=(MARCH, JUNE))
    desk.run()
    assert desk.mib == {"o2": 220}


def test_of_no_outage_is_asked_more_than_its_cycle(desk: Desk) -> None:
    """A run over what is new asks nothing about cycles that it does not touch, and writes the same as one over everything."""
    desk.kept_in.enter(outage("o1", "03-04 01:00", "03-04 04:00"))
    desk.run()
    desk.kept_in.enter(outage("o2", "06-04 01:00", "06-04 04:00"))
    asked: list[str] = []
    whole: Callable[..., object] = desk.ask

    def noting(question: object) -> object:
        asked.extend(each.outage_id for each in question.outages)  # type: ignore[attr-defined]
        return whole(question)

    desk.ask = noting  # type: ignore[assignment]
    desk.run()
    assert set(asked) == {"o2"}
