"""What a person grants can be used as long as what the policy grants of the same benefit."""

import json

from sqlalchemy import select

from clients.account import tables
from clients.account.database import opened
from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, O1, enter, person, settle, write_people

MONTH = 30 * 86400


def test_a_hand_grant_has_the_time_limit_that_others_of_its_benefit_have(run_real: Run, ledger: str) -> None:
    """Subscriber 2 lacks a fact, and was never booked anything; what 1 was booked says for how long data can be used."""
    enter(run_real, O1)
    write_people(person(1), person(2, left=""))
    settle(run_real)
    (item,) = map(json.loads, run_real("queue", "--json")[1].splitlines())
    run_real("threshold", "by-hand.data=1GiB", "--reason", "the board")
    words = ("--grant", "data=100MiB", "--reason", "a letter", "--by", "ben", *AS_OF)
    assert run_real("decide", item["reference"], *words)[0] == ExitCode.DONE
    with opened(ledger, create=False) as database:
        booked = database.read(lambda c: c.execute(select(tables.BOOKING)).all())
    assert {row.subscriber_id: row.valid_for_seconds for row in booked} == {"1": MONTH, "2": MONTH}
