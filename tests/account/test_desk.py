"""The desk and the queue, through the commands against a real server: what is said to be granted is booked, by the register."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from clients.account import desk_claims, settling
from clients.account.records import Settlement
from clients.crm import cli
from clients.errors import ExitCode, LedgerUnusable
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, GIB, MIB, enter, settle, write_people
from tests.account.test_what_went_wrong import held, one, outage, over
from tests.clients.server_process import ROOT, ServerProcess

Desk = Callable[..., tuple[int, str, str]]
MARCH = "2026-03-01T00:00+08:00/2026-04-01T00:00+08:00"
NINE_TO_TEN = ("--claimed", "2026-03-04T09:00+08:00/2026-03-04T10:00+08:00")
IN_TIME = ("--claimed-at", "2026-03-20T00:00+08:00")
PLAN = ("--plan-type", "DATA", "--fee", "129.00", "--allowance", "20GiB", "--billing-cycle", MARCH)
LEFT = ("--remaining", "1GiB")
FILED = ("--channel", "HOTLINE", *IN_TIME, "--by", "anna")
DISCRETION = """
  goodwill:
    clause: 3.1.2
    kind: CREDIT
    count: once
    pay: at discretion
    round: {half up: 0.01 CNY}
    granted: automatically

claims:"""


@pytest.fixture
def desk(run_real: Run, ledger: str) -> Desk:
    """python -m clients.crm on the account: exit code, standard output, standard error."""

    def command(what: str, who: str, *words: str) -> tuple[int, str, str]:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            cli.main([what, "--ledger", ledger, "--subscriber", who, *AS_OF, *words])
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()

    return command


def said(done: tuple[int, str, str]) -> dict[str, Any]:
    assert (done[0], done[2]) == (ExitCode.DONE, "")
    found: dict[str, Any] = json.loads(done[1])
    return found


def listed(done: tuple[int, str, str]) -> list[dict[str, Any]]:
    assert done[2] == ""
    return [json.loads(line) for line in done[1].splitlines()]


@pytest.fixture(scope="module")
def leaves_some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose policy leaves a credit to a person."""
    folder = tmp_path_factory.mktemp("leaves some")
    server = ServerProcess(folder)
    (version,) = folder.glob("catalog/cn-standard/2*.yaml")
    text = version.read_text("utf-8")
    version.write_text(text.replace("\nclaims:", DISCRETION, 1).partition("\nnotice:")[0], "utf-8")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_a_quote_takes_outage_and_facts_from_the_account_and_books_nothing(run_real: Run, desk: Desk, ledger: str) -> None:
    """By area and time, by id, and with what the ledger knows of the person."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + outage("o2", "05 09:00", "05 10:00", area="B"))
    write_people(one())
    settle(run_real)
    enter(run_real, outage("o3", "06 09:00", "06 12:30"))
    during = ("--during", "2026-03-06T00:00+08:00/2026-03-07T00:00+08:00")
    for which in (during, ("--outage", "o3")):
        found = said(desk("quote", "1", *which, *LEFT, "--json"))
        assert (found["outcome"], found["facts_from"]) == ("GRANTED", "o1")
        assert found["would_book"] == [{"outage_id": "o3", "benefit": "data", "quantity": 2100 * MIB}]
        (sentence,) = found["sentences"]["en"]
        assert sentence.startswith("data: 5.25 weighted hours × 200 MiB × 2 = 2100 MiB; 2100 MiB would be booked; ")
        assert sentence.endswith("; 2700 MiB of 30 GiB of this cycle would be used")
    enter(run_real, outage("o4", "20 09:00", ""))
    going = desk("quote", "1", "--outage", "o4", *LEFT, "--json")
    assert said(going)["outcome"] == "PROVISIONAL"
    assert "; so far, and nothing of it can be booked yet; " in said(going)["sentences"]["en"][0]
    lacking = said(desk("quote", "1", *during, "--json"))
    assert (lacking["outcome"], lacking["reasons"]) == (
        "CANNOT_DECIDE",
        ["a fact is missing: subscriber.data_remaining_bytes"],
    )
    assert held(ledger) == {"o1": 600}


def test_a_claim_is_booked_once_with_a_reference_and_a_trail(run_real: Run, desk: Desk, ledger: str) -> None:
    """Half of the outage first; filed again, under the same reference, and late: 0; the run then books the other half."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    half = ("--claimed", "2026-03-04T09:00+08:00/2026-03-04T09:30+08:00")
    first = said(desk("claim", "1", *half, *FILED, *PLAN, *LEFT, "--area", "A", "--json"))
    assert (first["claim"], first["outcome"]) == ("C1", "GRANTED")
    assert first["booked"] == [{"outage_id": "o1", "benefit": "data", "quantity": 450 * MIB}]
    again = said(desk("claim", "1", *half, "--channel", "HOTLINE", "--by", "ben", "--json"))
    assert (again["claim"], again["outcome"], again["reasons"]) == ("C1", "NOT_ELIGIBLE", ["ALREADY_GRANTED"])
    assert again["booked"] == []
    other = said(desk("claim", "1", *NINE_TO_TEN, "--channel", "APP", "--by", "ben", "--json"))
    assert (other["claim"], other["booked"]) == ("C2", [])
    assert held(ledger) == {"o1": 450}
    trail = [each for each in listed(run_real("audit", "1", "--json")) if "claim" in each]
    assert [(each["claim"], each["step"], each["outcome"], each["said_by"]) for each in trail] == [
        ("C1", 1, "GRANTED", "anna"),
        ("C2", 1, "NOT_ELIGIBLE", "ben"),
    ]
    write_people(one())
    settle(run_real)
    assert held(ledger) == {"o1": 600}
    assert run_real("verify")[0] == ExitCode.DONE


def test_a_claim_is_held_against_the_register_before_anything_is_said(run_real: Run, desk: Desk, ledger: str) -> None:
    """Withdrawn, elsewhere, unknown, of another time, too late, erased, or in a cycle that overlaps: nothing is booked."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + outage("o2", "10 09:00", "10 10:00", area="B"))
    enter(run_real, outage("gone", "12 09:00", "12 10:00"))
    run_real("outages", "withdraw", "gone", "--reason", "none")
    rest = (*FILED, *PLAN, *LEFT, "--area", "A")
    for outage_id, why in (
        ("gone", "was withdrawn by"),
        ("o2", "hit B, and no area that is known of 1"),
        ("o9", "is not in the register"),
    ):
        code, out, err = desk("claim", "1", "--outage", outage_id, *rest)
        assert (code, out) == (ExitCode.BAD_INPUT, "")
        assert why in err
    assert (
        "is not on record in that time"
        in desk("claim", "1", "--outage", "o1", "--claimed", MARCH.replace("03-01", "03-20"), *rest)[2]
    )
    nowhere = said(desk("claim", "1", "--claimed", MARCH.replace("03-01", "03-20"), *rest, "--json"))
    assert (nowhere["outcome"], nowhere["reasons"]) == ("NOT_ELIGIBLE", ["NO_MATCHING_OUTAGE"])
    late = said(desk("claim", "2", *NINE_TO_TEN, "--channel", "APP", *PLAN, *LEFT, "--area", "A", "--json"))
    assert (late["outcome"], late["reasons"]) == ("NOT_ELIGIBLE", ["CLAIM_TOO_LATE"])
    assert (held(ledger, "1"), held(ledger, "2")) == ({}, {})
    said(desk("claim", "1", "--outage", "o1", *rest, "--json"))
    assert held(ledger) == {"o1": 600}
    assert (
        "billing-cycle: overlaps"
        in desk("claim", "1", *NINE_TO_TEN, *FILED, "--billing-cycle", MARCH.replace("03-01", "03-02"))[2]
    )
    run_real("erase", "1", "--reason", "asked to")
    assert "the facts of this person were erased" in desk("claim", "1", *NINE_TO_TEN, *rest)[2]


def test_nothing_is_said_to_be_granted_before_it_is_booked(
    run_real: Run, desk: Desk, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger fails in the last moment: nothing is said, nothing is kept, and the claim that is filed again is the first."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    rest = (*NINE_TO_TEN, *FILED, *PLAN, *LEFT, "--area", "A", "--json")

    def fails(*_: object) -> None:
        raise LedgerUnusable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(desk_claims, "note", fails)
        assert desk("claim", "1", *rest)[:2] == (ExitCode.LEDGER_UNUSABLE, "")
    assert held(ledger) == {}
    assert said(desk("claim", "1", *rest))["claim"] == "C1"
    assert held(ledger) == {"o1": 600}


def test_claims_of_one_outage_that_are_filed_at_once_are_booked_once(
    run_real: Run, ledger: str, server: ServerProcess, tmp_path: Path
) -> None:
    """Four desks in processes of their own: two claims by their times, each under one number."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    command = [
        sys.executable,
        "-m",
        "clients.crm",
        "claim",
        "--ledger",
        ledger,
        "--subscriber",
        "1",
        *AS_OF,
        *FILED,
        *PLAN,
        *LEFT,
    ]
    command += ["--area", "A", "--json", "--address", server.address, "--timeout", "300"]
    spans = (NINE_TO_TEN, ("--claimed", "2026-03-04T09:00+08:00/2026-03-04T09:45+08:00"))
    desks = [subprocess.Popen([*command, *spans[n % 2]], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(4)]
    told = [json.loads(each.communicate()[0]) for each in desks]
    assert {each["claim"] for each in told} == {"C1", "C2"}
    assert sum(booking["quantity"] for each in told for booking in each["booked"]) == 600 * MIB
    assert held(ledger) == {"o1": 600}
    assert run_real("verify")[0] == ExitCode.DONE


def test_a_claim_whose_number_another_took_meanwhile_gets_the_next(
    run_real: Run, desk: Desk, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are of one subscriber, and each is found again under its own."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    rest = (*FILED, *PLAN, *LEFT, "--area", "A", "--json")
    half = ("--claimed", "2026-03-04T09:00+08:00/2026-03-04T09:30+08:00")
    settled = settling.run

    def slower(*given: Any) -> Settlement:
        monkeypatch.setattr(settling, "run", settled)
        assert said(desk("claim", "1", *half, *rest))["claim"] == "C1"
        return settled(*given)

    monkeypatch.setattr(settling, "run", slower)
    assert said(desk("claim", "1", *NINE_TO_TEN, *rest))["claim"] == "C2"
    assert held(ledger) == {"o1": 600}
    assert [said(desk("claim", "1", *span, *rest))["claim"] for span in (half, NINE_TO_TEN)] == ["C1", "C2"]


def test_what_the_account_knows_itself_is_refused_beside_it(run_real: Run, desk: Desk) -> None:
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    code, _, err = desk("quote", "1", "--granted-before", "o1:data=5", "--already-granted", "data=5", "--version", "2026-01")
    assert code == ExitCode.BAD_INPUT
    assert [line.split(":")[0].strip() for line in err.splitlines()[1:4]] == [
        "--already-granted",
        "--granted-before",
        "--version",
    ]


def test_what_lacks_a_fact_is_decided_by_a_second_person_within_a_limit(run_real: Run, desk: Desk, ledger: str) -> None:
    """Not by who filed it, not without a limit or above it; then it is booked, and is booked once whatever follows."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    filed = said(desk("claim", "1", *NINE_TO_TEN, *FILED, *PLAN, "--area", "A", "--json"))
    assert filed["outcome"] == "CANNOT_DECIDE"
    (item,) = listed(run_real("queue", "--json"))
    assert (item["claims"], item["entered_by"], item["outcome"]) == (["C1"], ["anna"], "CANNOT_DECIDE")
    grant = ("decide", item["reference"], "--grant", "data=500MiB", "--reason", "as the bill shows", *AS_OF)
    assert "no limit says how much of data" in run_real(*grant, "--by", "ben")[2]
    run_real("threshold", "by-hand.data=400MiB", "--reason", "the board")
    assert "the most that a person may decide" in run_real(*grant, "--by", "ben")[2]
    run_real("threshold", "by-hand.data=1GiB", "--reason", "the board")
    assert "was entered by anna; a second person decides it" in run_real(*grant, "--by", "anna")[2]
    assert held(ledger) == {}
    done = listed(run_real(*grant, "--by", "ben", "--json"))[0]
    assert (done["verdict"], done["bookings"]) == ("granted", [{"outage_id": "o1", "benefit": "data", "quantity": 500 * MIB}])
    assert "nothing waits under the reference" in run_real(*grant, "--by", "carl")[2]
    assert listed(run_real("queue", "--json")) == []
    trail = listed(run_real("audit", "1", "--json"))
    assert [each["verdict"] for each in trail if "verdict" in each] == ["granted"]
    assert [each["outcome"] for each in trail if "claim" in each] == ["CANNOT_DECIDE", "GRANTED"]
    write_people(one())
    for more in ((), ("--everything",)):
        assert settle(run_real, *more)[1][-1] == {"booked": 0}
        run_real("run", "--known", *AS_OF, *more, "--reason", "again")
        assert over(run_real) == {}
    assert said(desk("claim", "1", *NINE_TO_TEN, *FILED, *LEFT, "--json"))["reasons"] == ["ALREADY_GRANTED"]
    assert held(ledger) == {"o1": 500}
    enter(run_real, outage("o1", "04 09:00", "04 11:00"))
    settle(run_real)
    assert held(ledger) == {"o1": 1200}
    assert run_real("verify")[0] == ExitCode.DONE


def test_what_is_rejected_waits_no_more_until_it_is_revised(run_real: Run, ledger: str) -> None:
    """A run that meets it again neither books it nor queues it; what else is in its cycle is booked."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    write_people(one().replace(f",{GIB},", ",,"))
    settle(run_real)
    (item,) = listed(run_real("queue", "--json"))
    assert item["entered_by"] == ["billing"]
    done = run_real("decide", item["reference"], "--reject", "--reason", "no plan", "--by", "ben", *AS_OF)
    assert done[:2] == (ExitCode.DONE, f"{item['reference']}: rejected, for 1 and o1; nothing is booked by it\n")
    settle(run_real)
    assert listed(run_real("queue", "--json")) == []
    enter(run_real, outage("o1", "04 09:00", "04 11:00"))
    assert [each["reference"] for each in listed(run_real("queue", "--json"))] == [item["reference"]]
    settle(run_real)
    assert [each["reference"] for each in listed(run_real("queue", "--json"))] == [item["reference"]]
    write_people(one())
    settle(run_real)
    assert (held(ledger), listed(run_real("queue", "--json"))) == ({"o1": 1200}, [])


def test_an_amount_at_discretion_stands_beside_what_the_policy_grants(
    run_real: Run, desk: Desk, ledger: str, leaves_some: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKEGOOD_ADDRESS", leaves_some.address)
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    filed = said(desk("claim", "1", *NINE_TO_TEN, *FILED, *PLAN, *LEFT, "--area", "A", "--json"))
    assert (filed["outcome"], filed["reviews"]) == ("GRANTED", {"o1": "AMOUNT_AT_DISCRETION"})
    run_real("threshold", "by-hand.goodwill=50.00 CNY", "--reason", "the board")
    grant = ("decide", "C1", "--grant", "goodwill=20.00 CNY", "--reason", "a shop", "--by", "ben", *AS_OF)
    assert "goodwill 20.00 CNY (o1)" in run_real(*grant)[1]
    write_people(one())
    for more in ((), ("--everything",)):
        settle(run_real, *more)
        assert {each["benefit"]: each["balance"] for each in listed(run_real("audit", "1", "--json")) if "balance" in each} == {
            "data": 600 * MIB,
            "goodwill": 2000,
        }
    assert over(run_real) == {}
    run_real("outages", "withdraw", "o1", "--reason", "none")
    run_real("run", "--known", *AS_OF, "--reason", "withdrawn")
    told = [each for each in listed(run_real("audit", "1", "--json")) if "over_granted" in each]
    assert {each["benefit"] for each in told} == {"data", "goodwill"}


def test_the_customer_is_told_in_one_sentence_of_either_language(run_real: Run, desk: Desk) -> None:
    """3 h 30 min of a working morning are 5.25 weighted hours; 29 GiB of the cycle's 30 are used before."""
    rows = [outage("a", "08 00:00", "10 00:00"), outage("b", "14 00:00", "16 00:00"), outage("c", "22 00:00", "24 00:00")]
    enter(run_real, "".join(rows[:2]) + outage("c", "20 06:00", "20 23:24"))
    write_people(one().replace("DATA,12900", "CONVERGED,5800").replace(f",{GIB},", f",{9 * GIB},"))
    settle(run_real)
    enter(run_real, outage("d", "04 09:00", "04 12:30"))
    done = desk("claim", "1", "--outage", "d", *FILED, "--remaining", "9GiB", "--zone", "Asia/Shanghai")
    assert (
        done[1]
        .splitlines()[3]
        .strip()
        .startswith("data: 5.25 weighted hours × 200 MiB × 60 % × 1.2 = 756 MiB; 756 MiB are booked now;")
    )
    chinese = desk("quote", "1", "--outage", "d", "--language", "zh-CN")[1]
    assert "data: 5.25 加权小时 × 200 MiB × 60 % × 1.2 = 756 MiB；此前已入账 756 MiB；本计费周期将用" in chinese
