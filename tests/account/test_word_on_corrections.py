"""The policy's word on corrections holds for every account, also for one of which the service was never asked anything."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from clients.account.records import UNKNOWN_CYCLE, UNKNOWN_OUTAGE, Former, Place, Terms
from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.simple_service import HOUR
from tests.account.test_by_hand import decided
from tests.account.test_migrated_ledger import audit, migrate, put
from tests.account.test_rules import Subscriber, outage
from tests.account.test_runs import MIB, O1, booked, enter, person, settle, write_people
from tests.account.test_what_went_wrong import claws_back as claws_back  # noqa: PLC0414 -- the fixture
from tests.clients.server_process import ServerProcess

BOTH = pytest.mark.parametrize("claws_back", [True, False], ids=["claw back", "set off"])


def of(claws_back: bool) -> Terms:
    return Terms(corrections=((0, claws_back),))


def taken_over(claws_back: bool, parts: Mapping[str, int], *outages: str) -> Subscriber:
    """Of o1 to oN a ledger of before booked ``parts``; nothing was decided since."""
    one = Subscriber(claws_back=claws_back)
    one.enter(*(outage(each, 2 + 5 * number, 3) for number, each in enumerate(outages)))
    former = Former(1, "data", parts, dict.fromkeys(outages, 1), 2 * HOUR)
    held = {Place(each, "data", UNKNOWN_CYCLE): quantity for each, quantity in parts.items()}
    one.kept_in.account = replace(one.kept_in.account, revision=1, booked=held, former=(former,))
    return one


@BOTH
@pytest.mark.parametrize("rate", [1, None], ids=["with facts", "without"])
@pytest.mark.parametrize("parts", [{"o1": 30}, {UNKNOWN_OUTAGE: 60}], ids=["of one outage", "of two together"])
def test_what_was_taken_over_and_is_withdrawn_whole_before_anything_was_asked(
    claws_back: bool, rate: int | None, parts: Mapping[str, int]
) -> None:
    outages = ("o1",) if "o1" in parts else ("o1", "o2")
    one = taken_over(claws_back, parts, *outages)
    for each in outages:
        one.kept_in.withdraw(each)
    one.run(rate=rate, terms=of(claws_back))
    assert one.service.asked == []
    assert sum(one.data.values()) == (0 if claws_back else sum(parts.values()))
    assert sum(one.kept_in.over.values()) == (0 if claws_back else sum(parts.values()))
    one.run(rate=rate, terms=of(claws_back))
    assert not one.found.bookings


@BOTH
def test_what_a_person_decided_where_the_service_refused_and_is_withdrawn(claws_back: bool) -> None:
    """Only refusals came, which say no word."""
    one = Subscriber(claws_back=claws_back)
    one.enter(outage("o1", 2, 3))
    one.service.refuses = True
    one.run(terms=of(claws_back))
    decided(one, "o1", 20, instead=True)
    assert one.data == {"o1": 20}
    one.kept_in.withdraw("o1")
    one.run(terms=of(claws_back))
    assert one.data == ({} if claws_back else {"o1": 20})


@BOTH
def test_another_word_of_the_policy_holds_where_nothing_is_left_to_ask_about(claws_back: bool) -> None:
    """It was decided by the other word last."""
    one = Subscriber(claws_back=not claws_back)
    one.enter(outage("o1", 2, 3)).run(terms=of(not claws_back))
    one.kept_in.withdraw("o1")
    one.run(terms=of(claws_back))
    assert one.data == ({} if claws_back else {"o1": 30})


@BOTH
def test_of_versions_that_differ_the_one_under_which_the_outage_began_says_it(claws_back: bool) -> None:
    """o1 begins in hour 2: the version from hour 3 on, and what was decided last, do not matter; that from hour 2 on does."""
    for words in (((0, claws_back), (3 * HOUR, not claws_back)), ((0, not claws_back), (2 * HOUR, claws_back))):
        one = taken_over(not claws_back, {"o1": 30}, "o1")
        one.kept_in.withdraw("o1")
        one.run(terms=Terms(corrections=words))
        assert one.data == ({} if claws_back else {"o1": 30})


@BOTH
def test_where_the_service_does_not_say_its_word_the_one_that_was_heard_last_holds(claws_back: bool) -> None:
    one = Subscriber(claws_back=claws_back)
    one.enter(outage("o1", 2, 3)).run()
    one.kept_in.withdraw("o1")
    one.run()
    assert one.data == ({} if claws_back else {"o1": 30})


@pytest.mark.parametrize("by_a_run", [True, False], ids=["run", "reverse"])
def test_a_ledger_that_was_taken_over_is_clawed_back_by_the_commands(
    run_real: Run, claws_back: ServerProcess, monkeypatch: pytest.MonkeyPatch, *, by_a_run: bool
) -> None:
    monkeypatch.setenv("MAKEGOOD_ADDRESS", claws_back.address)
    enter(run_real, O1)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    if by_a_run:
        assert run_real("outages", "withdraw", "o1", "--reason", "none", "--by", "noc")[0] == ExitCode.DONE
        write_people(person(1))
        assert booked(settle(run_real)[1], "reversed") == {"data": 330 * MIB}
    else:
        code, _, err = run_real("reverse", "--outage", "o1", "--reason", "none", "--as-of", "2026-07-20T00:00:00Z")
        assert (code, err) == (ExitCode.DONE, "")
    assert [each["balance"] for each in audit(run_real) if "balance" in each] in ([], [0])
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")
