"""What others granted in a cycle counts under its caps, is corrected by what is said later, and is never counted twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import CYCLE, GIB, MARCH, MIB, O1, O2, PEOPLE, booked, enter, person, settle, write_people

HEAD = "subscriber_id,benefit,quantity,billing_cycle_started_at,billing_cycle_ended_at,reference\n"


def elsewhere(run: Run, *rows: str, head: str = HEAD) -> tuple[int, str, str]:
    Path("e.csv").write_text(head + "".join(f"{row}\n" for row in rows))
    return run("elsewhere", "e.csv", "--reason", "goodwill", "--by", "anna")


def over(run: Run) -> list[int]:
    told = map(json.loads, run("audit", "1", "--json")[1].splitlines())
    return [each["over_granted"] for each in told if "over_granted" in each]


def test_it_counts_as_granted_in_its_cycle(run_real: Run) -> None:
    """29.9 GiB of 30 in March: of 330 MiB, what is left of the cap; 330 where it was in another cycle."""
    enter(run_real, O1)
    april = "2026-04-01T00:00:00+08:00,2026-05-01T00:00:00+08:00"
    rows = (f"1,data,30600MiB,{MARCH},", f"2,data,30600MiB,{april},")
    assert elsewhere(run_real, *rows) == (ExitCode.DONE, "e.csv: 2 rows entered, 0 rows as before\n", "")
    assert elsewhere(run_real, *rows)[1] == "e.csv: 0 rows entered, 2 rows as before\n"
    write_people(person(1), person(2))
    assert booked(settle(run_real)[1]) == {"data": (120 + 330) * MIB}
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_what_is_said_later_makes_what_it_touches_new(run_real: Run) -> None:
    """Twice 330 MiB of March, and then others granted 29.9 GiB of it: 540 of them are over-granted, until it was none."""
    enter(run_real, O1 + O2)
    write_people(person(1))
    settle(run_real)
    elsewhere(run_real, f"1,data,30600MiB,{MARCH},a")
    assert "new since it was decided: subscriber 1, outage o1" in run_real("verify")[1]
    told = settle(run_real)[1]
    assert (booked(told), booked(told, "credited")) == ({}, {"grid": 660}), "what o2 was granted is no more due from grid"
    assert sum(over(run_real)) == 540 * MIB
    elsewhere(run_real, f"1,data,0,{MARCH},a")
    settle(run_real)
    assert over(run_real) == []
    lines = [line for line in run_real("audit", "1")[1].splitlines() if "elsewhere" in line]
    assert lines[0].endswith(
        "anna says that data 30600 MiB were granted elsewhere under a, cycle from 2026-02-28T16:00:00Z: goodwill"
    )
    assert "data 0 B were granted elsewhere" in lines[1]


def test_references_add_up_and_each_is_corrected_by_itself(run_real: Run) -> None:
    enter(run_real, O1)
    elsewhere(run_real, f"1,data,15GiB,{MARCH},a", f"1,data,15GiB,{MARCH},b")
    write_people(person(1))
    assert settle(run_real)[1][-1] == {"booked": 0}
    elsewhere(run_real, f"1,data,{15 * GIB - 100 * MIB},{MARCH},b")
    assert booked(settle(run_real)[1]) == {"data": 100 * MIB}


def test_a_figure_of_the_extract_is_not_counted_beside_it(run_real: Run) -> None:
    """With or without what others granted, before or after; a figure that neither ever held stays an error of its row."""
    enter(run_real, O1)
    elsewhere(run_real, f"1,data,1GiB,{MARCH},")
    head = f"{PEOPLE},{CYCLE},granted_this_cycle.data"
    said: list[dict[str, Any]] = []
    for told, code, new in ((GIB, 0, 330), (GIB + 330 * MIB, 0, 0), (330 * MIB, 0, 0), (0, 0, 0), (5, 1, 0)):
        write_people(person(1, more=f"{MARCH},{told}"), head=head)
        found, said = settle(run_real)
        assert (found, booked(said)) == (code, {"data": new * MIB} if new else {})
    (error,) = [each["error"] for each in said if "error" in each]
    assert "record it with elsewhere" in error


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("1,data,much," + MARCH + ",",), "line 2: "),
        (("1,data,5," + MARCH + ",", "1,data,6," + MARCH + ","), "line 3: says 6 where line 2 says 5; give references"),
        ((",data,5," + MARCH + ",",), "line 2: "),
        (("1,data,5," + MARCH.replace("03-01", "03-02") + ",",), "overlaps another cycle that the account knows"),
        (("1,data,5,,,",), "is needed, for the account knows cycles of the subscriber"),
        (("3,data,5," + MARCH + ",", "3,data,5," + MARCH.replace("03-01", "03-02") + ","), "of the subscriber in this file"),
    ],
)
def test_a_bad_row_enters_nothing_of_its_file(run_real: Run, rows: tuple[str, ...], says: str) -> None:
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    code, out, err = elsewhere(run_real, f"2,data,5,{MARCH},", *rows)
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    assert says.replace("line 3", "line 4").replace("line 2", "line 3") in err
    assert run_real("audit", "2")[1] == "nothing was decided for 2\n"


def test_a_file_of_something_else_is_refused(run: Run) -> None:
    code, _, err = elsewhere(run, "1", head="subscriber_id\n")
    assert (code, "has no column benefit, quantity" in err) == (ExitCode.BAD_INPUT, True)
    code, _, err = elsewhere(run, "1,data,5,7", head="subscriber_id,benefit,quantity,month\n")
    assert (code, "has columns that are not known: month" in err) == (ExitCode.BAD_INPUT, True)


def test_another_cycle_that_overlaps_is_an_error_of_its_row(run_real: Run) -> None:
    enter(run_real, O1)
    elsewhere(run_real, f"1,data,5,{MARCH},")
    write_people(person(1, more=MARCH.replace("03-01", "03-02")))
    code, told = settle(run_real)
    errors: list[Any] = [each["error"] for each in told if "error" in each]
    assert (code, len(errors), "overlaps another cycle" in errors[0]) == (ExitCode.ROWS_FAILED, 1, True)
