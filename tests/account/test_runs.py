"""A run over an extract, through the command, against a real server: what it books, what it refuses, how it goes on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from clients.account import asking, running, tables
from clients.account.database import opened
from clients.errors import BadInput, ExitCode
from tests.account.conftest import Run

HEAD = "outage_id,started_at,ended_at,cause,responsible_party,areas\n"
O1 = "o1,2026-03-04T01:00:00+08:00,2026-03-04T04:00:00+08:00,EQUIPMENT_FAILURE,,PUDONG\n"
O2 = "o2,2026-03-10T01:00:00+08:00,2026-03-10T04:00:00+08:00,POWER_SUPPLY,grid,PUDONG;MINHANG\n"
PEOPLE = "subscriber_id,area,plan_type,monthly_fee_minor,currency_code,data_allowance_bytes,data_remaining_bytes"
CYCLE = "billing_cycle_started_at,billing_cycle_ended_at"
MARCH = "2026-03-01T00:00:00+08:00,2026-04-01T00:00:00+08:00"
GIB = 2**30
MIB = 2**20
AS_OF = ("--as-of", "2026-07-20T00:00:00Z")


def person(number: int | str, area: str = "PUDONG", left: int | str = 12 * GIB, more: str = MARCH) -> str:
    """A DATA plan at 99.00 with 20 GiB: more than half of it left, the table says 1.1, so that o1 and o2 are 330 MiB each."""
    return f"{number},{area},DATA,9900,CNY,{20 * GIB},{left}{more and ','}{more}"


def write_people(*rows: str, head: str = f"{PEOPLE},{CYCLE}", name: str = "s.csv") -> str:
    Path(name).write_text("\n".join((head, *rows)) + "\n")
    return name


def enter(run: Run, text: str) -> None:
    Path("o.csv").write_text(HEAD + text)
    assert run("outages", "import", "o.csv", "--reason", "reports", "--by", "noc")[0] == ExitCode.DONE


def settle(run: Run, *more: str, file: str = "s.csv") -> tuple[int, list[dict[str, Any]]]:
    code, out, err = run("run", "--subscribers", file, *AS_OF, "--reason", "a night", "--by", "billing", "--json", *more)
    assert err == "" or err.startswith("account: going on with run ")
    return code, [json.loads(line) for line in out.splitlines()]


def booked(told: list[dict[str, Any]], what: str = "booked") -> dict[str, int]:
    return {each[what]: each["quantity"] for each in told if each.get(what)}


def test_a_run_books_what_stands_and_repeats_nothing(run_real: Run) -> None:
    enter(run_real, O1 + O2)
    write_people(person(1), person(2, "MINHANG"), person(3, "XUHUI"))
    code, told = settle(run_real)
    assert code == ExitCode.DONE
    assert booked(told) == {"data": 3 * 330 * MIB}
    assert booked(told, "claimed") == {"grid": 2 * 660}
    assert told[1] == {"rows": 3, "rows_settled": 2, "rows_untouched": 1}
    code, told = settle(run_real)
    assert (code, told[-1]) == (ExitCode.DONE, {"booked": 0})
    code, told = settle(run_real, "--everything", "--piece", "1")
    assert told[-1] == {"booked": 0}


def test_a_revision_tops_up_those_whom_the_account_knows_without_a_file(run_real: Run) -> None:
    """o1 grew from 3 h to 4 h: 440 MiB."""
    enter(run_real, O1)
    write_people(person(1), person(2))
    settle(run_real)
    enter(run_real, O1.replace("04T04", "04T05"))
    code, out, _ = run_real("run", "--known", *AS_OF, "--reason", "grew", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert (code, booked(told)) == (ExitCode.DONE, {"data": 2 * 110 * MIB})


def test_a_subscriber_who_stands_in_the_file_twice_is_booked_once(run_real: Run) -> None:
    """In one piece and in two; the facts that came first are kept, and the second row's area adds what hit it."""
    enter(run_real, O1 + O2.replace("PUDONG;", ""))
    write_people(person(1), person(1, "MINHANG"), person(1), person(1, left=1))
    for piece in ("1", "2", "100"):
        _, told = settle(run_real, "--piece", piece)
        assert booked(told) == ({"data": 2 * 330 * MIB} if piece == "1" else {})
    write_people(*(person(2, area) for area in ("PUDONG", "MINHANG") * 20))
    _, told = settle(run_real)
    assert booked(told) == {"data": 2 * 330 * MIB}


def test_a_row_in_error_stands_beside_the_others(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1), person("", left=1), person(2, left="many"), person(3))
    code, told = settle(run_real)
    assert (code, booked(told)) == (ExitCode.ROWS_FAILED, {"data": 2 * 330 * MIB})
    assert {line for each in told for line in each.get("lines", ())} == {3, 4}


def test_what_the_cycle_was_granted_elsewhere_contradicts_the_account(run_real: Run) -> None:
    """A figure that the account once held is merely old; one that it never held is an error of its row."""
    enter(run_real, O1)
    head = f"{PEOPLE},{CYCLE},granted_this_cycle.data"
    write_people(*(person(n, more=f"{MARCH},{held}") for n, held in ((1, 0), (2, ""), (3, 5))), head=head)
    code, told = settle(run_real)
    assert (code, booked(told)) == (ExitCode.ROWS_FAILED, {"data": 2 * 330 * MIB})
    (error,) = [each for each in told if "error" in each]
    assert error["lines"] == [4]
    assert "granted_this_cycle.data: says 5, which the account never held of it (now 0)" in error["error"]
    enter(run_real, O2)
    write_people(*(person(n, more=f"{MARCH},{held}") for n, held in ((1, 0), (2, 330 * MIB), (4, 0))), head=head)
    code, told = settle(run_real)
    assert (code, booked(told)) == (ExitCode.DONE, {"data": 4 * 330 * MIB})


def test_a_cycle_that_overlaps_another_is_an_error_of_its_row(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    write_people(person(1, more=MARCH.replace("03-01", "03-02")))
    code, told = settle(run_real)
    assert code == ExitCode.ROWS_FAILED
    assert any("billing_cycle: overlaps another cycle" in each.get("error", "") for each in told)


def test_columns_that_the_account_knows_better_are_refused(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1, more="o1=5"), head=f"{PEOPLE},granted_before.data")
    code, _, err = run_real("run", "--subscribers", "s.csv", "--reason", "x")
    assert code == ExitCode.BAD_INPUT
    assert "which the account knows itself: granted_before.data" in err
    assert "--ignore-column granted_before.data" in err
    assert settle(run_real, "--ignore-column", "granted_before.data")[0] == ExitCode.DONE


def test_a_file_that_is_not_there_is_told_as_such(run_real: Run) -> None:
    enter(run_real, O1)
    code, told = run_real("run", "--subscribers", "lost.csv", *AS_OF, "--reason", "a night")[::2]
    assert (code, told) == (ExitCode.BAD_INPUT, "account: lost.csv cannot be read: No such file or directory\n")


def test_outages_that_differ_from_the_register_are_refused(run_real: Run) -> None:
    """A file with other times needs a revision, with who says so and why."""
    enter(run_real, O1 + O2)
    write_people(person(1))
    Path("other.csv").write_text(HEAD + O1.replace("04T04", "04T05") + O2 + O2.replace("o2", "o3"))
    code, _, err = run_real("run", "--subscribers", "s.csv", "--reason", "x", "--outages", "other.csv")
    assert code == ExitCode.BAD_INPUT
    assert err.splitlines()[1:3] == ["  outage o1: grew", "  outage o3: is not there"]
    assert settle(run_real, "--outages", "o.csv")[0] == ExitCode.DONE


def test_what_lacks_a_fact_waits_in_the_queue_and_is_settled_when_it_comes(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1, left=""))
    code, told = settle(run_real)
    assert (code, told[1]["rows_waiting"], told[-1]) == (ExitCode.DONE, 1, {"booked": 0})
    _, out, _ = run_real("queue", "--json")
    waits = json.loads(out)
    assert (waits["outcome"], waits["outage_id"]) == ("CANNOT_DECIDE", "o1")
    assert "subscriber.data_remaining_bytes" in waits["why"]
    write_people(person(1))
    assert booked(settle(run_real)[1]) == {"data": 330 * MIB}
    assert run_real("queue")[1] == "nothing waits for a person\n"


def test_what_lacked_a_fact_waits_no_more_when_its_outage_was_none(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1, left=""))
    settle(run_real)
    assert "o1" in run_real("queue")[1]
    assert run_real("outages", "withdraw", "o1", "--reason", "a test of the alarm")[0] == ExitCode.DONE
    assert run_real("queue")[1] == "nothing waits for a person\n"


def test_a_run_over_one_outage_settles_all_of_its_cycle_and_no_other(run_real: Run) -> None:
    enter(run_real, O1 + O2)
    write_people(person(1))
    assert booked(settle(run_real, "--outage", "o1")[1]) == {"data": 330 * MIB}
    assert run_real("run", "--known", "--outage", "o9", "--reason", "x")[0] == ExitCode.BAD_INPUT
    assert booked(settle(run_real)[1]) == {"data": 330 * MIB}


def test_a_run_that_stopped_goes_on_where_it_was(run_real: Run, monkeypatch: pytest.MonkeyPatch, ledger: str) -> None:
    """By the same command; its report is of all of it. With other flags, or with --restart, it is another run."""
    enter(run_real, O1)
    write_people(*(person(n) for n in range(20)))
    written = running.Running._written
    pieces = 0

    def broken(*arguments: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            raise BadInput("stopped")
        return written(*arguments)

    monkeypatch.setattr(running.Running, "_written", broken)
    command = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing", "--json", "--piece", "4")
    code, out, err = run_real(*command)
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    assert "8 rows of run 1 are settled and booked; the same command goes on at line 10" in err
    again = (*command[:-1], "7")
    code, out, err = run_real(*again)
    assert re.fullmatch(r"account: going on with run 1, begun \S+, at line 10, as of 2026-07-20T00:00:00Z\n", err)
    told = [json.loads(line) for line in out.splitlines()]
    assert (told[0]["run"], told[1]["rows"], booked(told)) == (1, 20, {"data": 20 * 330 * MIB})
    assert settle(run_real)[1][0]["run"] == 2


def test_a_run_is_held_to_the_policies_that_it_began_with(run_real: Run, monkeypatch: pytest.MonkeyPatch, ledger: str) -> None:
    """Whoever puts the former back goes on; --restart begins anew, and what was booked stays."""
    enter(run_real, O1)
    write_people(person(1))

    def stopped(*_: Any) -> frozenset[str]:
        raise BadInput("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(running.Running, "_written", stopped)
        command = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night")
        assert "stopped" in run_real(*command)[2]
    with opened(ledger, create=False) as database:
        other = update(tables.RUN).values(policies='["of yesterday"]')
        database.write(lambda connection: connection.execute(other))
    code, _, err = run_real(*command)
    assert code == ExitCode.BAD_INPUT
    assert "run 1 began with other policies than the server has now" in err
    with opened(ledger, create=False) as database:
        was = select(tables.RUN.c.policies).where(tables.RUN.c.run_id == 1)
        assert database.read(lambda connection: connection.execute(was).scalar_one()) == '["of yesterday"]'
    assert run_real(*command, "--restart")[0] == ExitCode.DONE


def test_a_run_is_held_to_the_engine_that_it_began_with(run_real: Run, monkeypatch: pytest.MonkeyPatch, ledger: str) -> None:
    """Half of it was decided by an engine of another version."""
    enter(run_real, O1)
    write_people(*(person(n) for n in range(4)))
    book = running.Running._booked
    pieces = 0

    def stopped(*arguments: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 2:
            raise BadInput("stopped")
        return book(*arguments)

    command = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--piece", "2")
    with monkeypatch.context() as patch:
        patch.setattr(running.Running, "_booked", stopped)
        assert "stopped" in run_real(*command)[2]
    with opened(ledger, create=False) as database:
        other = update(tables.RUN).values(engine_version="of yesterday")
        database.write(lambda connection: connection.execute(other))
    code, _, err = run_real(*command)
    assert code == ExitCode.REFUSED
    assert "the policy or the engine changed while it was settled" in err
    assert "2 rows of run 1 are settled" in err


def test_a_policy_that_changes_under_a_run_stops_it(run_real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answers by a version that it did not list when the run began: nothing of that is booked."""
    enter(run_real, O1)
    write_people(person(1))
    monkeypatch.setattr(asking.Asking, "__init__", _of_other_versions)
    code, out, err = run_real("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night")
    assert (code, out) == (ExitCode.REFUSED, "")
    assert "the policy or the engine changed while it was settled" in err
    assert "0 rows of run 1 are settled" in err


def _of_other_versions(self: Any, compute: asking.Compute, policy_id: str, versions: object, engine: str = "") -> None:
    self._compute, self._policy_id, self._versions, self.engine = compute, policy_id, {"another"}, engine


def test_two_programs_do_not_go_on_with_one_run(run_real: Run, monkeypatch: pytest.MonkeyPatch, ledger: str) -> None:
    """The one that comes second books nothing of what the first booked, and says so."""
    enter(run_real, O1)
    write_people(*(person(n) for n in range(8)))
    book = running.Running._booked
    nested: list[int] = []

    def overtaken(*arguments: Any) -> Any:
        if not nested:
            nested.append(0)
            nested[0] = settle(run_real, "--piece", "2")[0]
        return book(*arguments)

    monkeypatch.setattr(running.Running, "_booked", overtaken)
    command = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing", "--piece", "2")
    code, _, err = run_real(*command)
    assert (code, nested) == (ExitCode.BAD_INPUT, [ExitCode.DONE])
    assert "run 1 is gone on with by another program" in err
    assert f"booked data: {8 * 330} MiB for 8 subscribers" in run_real("report", "1")[1].splitlines()


def test_the_words_are_chinese_where_that_is_asked_for(run_real: Run) -> None:
    enter(run_real, O1 + O2)
    write_people(person(1), person(2, left=""))
    code, out, _ = run_real("run", "--subscribers", "s.csv", *AS_OF, "--reason", "夜间", "--by", "账务", "--language", "zh-CN")
    assert code == ExitCode.DONE
    assert out.splitlines()[0] == "批次 1，已完成；截至 2026-07-20T00:00:00Z；经办 账务：夜间"
    assert "入账 data：660 MiB，1 位用户" in out
    assert "  入账：data 330 MiB，中断 o1，账期自 2026-02-28T16:00:00Z" in run_real("audit", "1", "--language", "zh-CN")[1]
