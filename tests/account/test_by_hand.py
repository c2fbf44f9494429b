"""What a person decided, in a settlement by itself: where it stands, what room it takes, and when it stands no more."""

from dataclasses import replace

import pytest

from clients.account.records import Benefit, Place, Verdict
from tests.account.test_rules import FIRST, Subscriber, outage

CREDIT = Benefit("CREDIT", "CNY", 0)


@pytest.fixture(params=[True, False], ids=["claw back", "set off"])
def one(request: pytest.FixtureRequest) -> Subscriber:
    return Subscriber(claws_back=request.param)


def decided(one: Subscriber, outage_id: str, quantity: int, *, instead: bool, benefit: str = "data") -> None:
    amounts = {Place(outage_id, benefit, FIRST): quantity} if quantity else {}
    revision = one.kept_in.records[outage_id].revision
    kinds = {benefit: CREDIT if benefit == "gift" else Benefit("DATA_BYTES", "", 0)}
    verdict = Verdict(outage_id, revision, instead, amounts, kinds)
    one.run(outage_id, facts=None, everything=True, verdict=verdict)


def of(one: Subscriber, benefit: str) -> dict[str, int]:
    return {place.outage_id: n for place, n in one.kept_in.account.booked.items() if place.benefit == benefit}


def test_it_stands_in_place_of_what_could_not_be_decided_until_the_record_is_revised(one: Subscriber) -> None:
    """Nothing of the cycle is booked while o1 waits; then 20 by hand stay 20 with all facts; grown to 5 h it is 50."""
    one.enter(outage("o2", 20, 4)).run()
    one.enter(outage("o1", 2, 3), outage("o3", 30, 2)).run(rate=None)
    assert (one.data, set(one.found.waiting)) == ({"o2": 40}, {"o1", "o3"})
    decided(one, "o3", 0, instead=True)
    assert one.data == {"o2": 40}
    decided(one, "o1", 20, instead=True)
    assert one.data == {"o1": 20, "o2": 40}
    for more in ({}, {"everything": True}):
        one.run(**more)
        assert one.data == {"o1": 20, "o2": 40}
        assert not one.kept_in.over
    one.enter(outage("o1", 2, 5)).run()
    assert one.data == {"o1": 50, "o2": 40}


def test_it_takes_its_room_under_the_cap_of_its_cycle(one: Subscriber) -> None:
    """Of 150, a person gave 100: o2 is worth 80 and gets 50."""
    one.enter(outage("o1", 2, 3)).run(rate=None)
    decided(one, "o1", 100, instead=True)
    one.enter(outage("o2", 20, 8)).run()
    assert one.data == {"o1": 100, "o2": 50}


def test_it_stands_beside_what_is_decided_under_a_new_name_too_and_falls_with_the_outage(one: Subscriber) -> None:
    one.enter(outage("o1", 2, 3)).run()
    decided(one, "o1", 500, instead=False, benefit="gift")
    one.kept_in.replace(["o1"], [outage("n1", 2, 3)])
    for more in ({}, {"everything": True}):
        one.run(**more)
        assert (sum(one.data.values()), of(one, "gift")) == (30, {"o1": 500})
        assert not one.kept_in.over
    one.kept_in.withdraw("n1")
    one.run()
    left = sum(n for place, n in one.kept_in.over.items() if place.benefit == "gift")
    assert (sum(of(one, "gift").values()), left) == ((0, 0) if one.service.claws_back else (500, 500))


def test_another_word_on_the_same_takes_the_place_of_the_first(one: Subscriber) -> None:
    one.enter(outage("o1", 2, 3)).run()
    decided(one, "o1", 500, instead=False, benefit="gift")
    decided(one, "o1", 800, instead=False, benefit="gift")
    assert of(one, "gift") == {"o1": 800}


def test_it_decides_what_can_never_be_asked_about_again(one: Subscriber) -> None:
    """The facts of o1 were erased, and it grew: a person says what it is to have in all."""
    one.enter(outage("o1", 2, 3)).run()
    kept = {"o1": replace(one.kept_in.account.kept["o1"], facts=None)}
    one.kept_in.account = replace(one.kept_in.account, kept=kept)
    one.enter(outage("o1", 2, 5)).run()
    assert (one.data, set(one.found.waiting)) == ({"o1": 30}, {"o1"})
    decided(one, "o1", 45, instead=True)
    assert one.data == {"o1": 45}
    assert not one.run(everything=True).found.waiting
    assert one.data == {"o1": 45}
