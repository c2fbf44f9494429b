"""Nobody is asked about what stands no more: withdrawn, replaced, or gone from the areas for which it waited."""

import json
from typing import Any

import pytest

from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, GIB, enter, settle, write_people
from tests.account.test_what_went_wrong import held, one, outage, over


def queue(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("queue", "--json")[1].splitlines()]


def lacking(who: int = 1, area: str = "A") -> str:
    return one(who, area=area).replace(f",{GIB},", ",,")


def decide(run: Run, *words: str) -> tuple[int, str, str]:
    (item,) = queue(run)
    return run("decide", item["reference"], *words, "--reason", "as the bill shows", "--by", "ben", *AS_OF)


def test_what_never_could_be_decided_waits_only_where_its_outage_still_hits(run_real: Run) -> None:
    """Two subscribers wait for an outage of A and B; it was in A alone, and then in B as well after all."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="A;B"))
    write_people(lacking(1, "A"), lacking(2, "B"))
    settle(run_real)
    before = queue(run_real)
    assert [each["subscriber_id"] for each in before] == ["1", "2"]
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="A"))
    assert queue(run_real) == before[:1]
    assert "o1" not in run_real("audit", "2")[1]
    code, _, err = run_real("decide", before[1]["reference"], "--reject", "--reason", "none", "--by", "ben", *AS_OF)
    assert (code, "nothing waits under the reference" in err) == (ExitCode.BAD_INPUT, True)
    settle(run_real)
    assert queue(run_real) == before[:1]
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="A;B"))
    assert queue(run_real) == before


def test_where_a_subscriber_moved_it_waits_for_the_new_area(run_real: Run) -> None:
    """A later file knows better where the person was, and still lacks the fact."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="A;B"))
    write_people(lacking(1, "A"))
    settle(run_real)
    write_people(lacking(1, "B"))
    settle(run_real)
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="B"))
    assert [each["outage_id"] for each in queue(run_real)] == ["o1"]


@pytest.mark.parametrize("how", ["withdrawn", "elsewhere"])
def test_what_was_decided_before_waits_no_more_once_its_outage_is_gone(run_real: Run, ledger: str, how: str) -> None:
    """It was decided, then revised after the facts were erased, and waits; no run has come since it was found to be none."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    write_people(one())
    settle(run_real)
    run_real("erase", "--decided-before", "2100-01-01T00:00:00Z", "--reason", "their age")
    enter(run_real, outage("o1", "04 09:00", "04 11:00"))
    run_real("run", "--known", *AS_OF, "--reason", "grew")
    assert [each["outage_id"] for each in queue(run_real)] == ["o1"]
    if how == "withdrawn":
        run_real("outages", "withdraw", "o1", "--reason", "none")
    else:
        enter(run_real, outage("o1", "04 09:00", "04 11:00", area="B"))
    # Retention took the areas as well: of an outage elsewhere it is not known that it never was here.
    assert [each["outage_id"] for each in queue(run_real)] == ([] if how == "withdrawn" else ["o1"])
    assert held(ledger) == {"o1": 600}


@pytest.mark.parametrize("how", ["withdrawn", "elsewhere", "reversed"])
def test_what_a_person_granted_in_place_of_a_decision_falls_with_its_outage(run_real: Run, ledger: str, how: str) -> None:
    """Nothing else is known of the subscriber, and no file is needed for it."""
    run_real("threshold", "by-hand.data=1GiB", "--reason", "the board", on=ledger)
    enter(run_real, outage("o1", "04 09:00", "04 10:00", area="A;B"))
    write_people(lacking())
    settle(run_real)
    assert decide(run_real, "--grant", "data=500MiB")[0] == ExitCode.DONE
    assert (held(ledger), queue(run_real)) == ({"o1": 500}, [])
    if how == "reversed":
        run_real("reverse", "--outage", "o1", *AS_OF, "--reason", "none")
    else:
        if how == "withdrawn":
            run_real("outages", "withdraw", "o1", "--reason", "none")
        else:
            enter(run_real, outage("o1", "04 09:00", "04 10:00", area="B"))
        run_real("run", "--known", *AS_OF, "--reason", "as it is")
    assert (held(ledger), over(run_real)) == ({"o1": 500}, {"o1": 500})
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert (queue(run_real), run_real("verify")[0]) == ([], ExitCode.DONE)


def test_what_a_person_granted_stays_where_its_outage_grew_and_nothing_better_is_known(run_real: Run, ledger: str) -> None:
    """It waits anew; what was granted is not touched until then, by a run without a file either."""
    run_real("threshold", "by-hand.data=1GiB", "--reason", "the board", on=ledger)
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    write_people(lacking())
    settle(run_real)
    decide(run_real, "--grant", "data=500MiB")
    enter(run_real, outage("o1", "04 09:00", "04 11:00"))
    for _ in range(2):
        run_real("run", "--known", *AS_OF, "--reason", "grew")
        settle(run_real)
        assert (held(ledger), over(run_real)) == ({"o1": 500}, {})
    assert [each["outage_id"] for each in queue(run_real)] == ["o1"]
