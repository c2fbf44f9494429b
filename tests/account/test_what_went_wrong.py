"""What went wrong on the second day, row by row, through the commands against a real server; in the end what is right.

One subscriber on a DATA plan at 129.00 with 1 of 20 GiB left, unless said: 400 MiB for each weighted hour, 600 for an hour of a
working day.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.account import reading, running, service, settling
from clients.account.database import opened
from clients.account.records import Claim, Cycle, Work
from clients.account.store import Written
from clients.channel import Connection
from clients.errors import BadInput, ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, CYCLE, GIB, HEAD, MARCH, MIB, PEOPLE, booked, enter, settle, write_people
from tests.account.test_second_day import NOW, at, data_plan
from tests.clients.server_process import ServerProcess


def one(who: int = 1, left: int = GIB, area: str = "A", cycle: str = MARCH) -> str:
    return f"{who},{area},DATA,12900,CNY,{20 * GIB},{left},{cycle}"


def outage(outage_id: str, start: str, end: str, cause: str = "EQUIPMENT_FAILURE", party: str = "", area: str = "A") -> str:
    """A row of the register; times of March 2026 as DD HH:MM, an empty end while it goes on."""
    times = [f"2026-03-{text.replace(' ', 'T')}:00+08:00" if text else "" for text in (start, end)]
    return f"{outage_id},{','.join(times)},{cause},{party},{area}\n"


def held(ledger: str, who: str = "1") -> dict[str, int]:
    """Data by outage, in MiB."""
    with opened(ledger, create=False) as database:
        places = database.read(lambda connection: reading.booked(connection, who))
    sums: dict[str, int] = {}
    for place, quantity in places.items():
        if place.benefit == "data":
            sums[place.outage_id] = sums.get(place.outage_id, 0) + quantity // MIB
    return {outage_id: quantity for outage_id, quantity in sums.items() if quantity}


def over(run: Run, who: str = "1") -> dict[str, int]:
    told = map(json.loads, run("audit", who, "--json")[1].splitlines())
    return {each["outage_id"]: each["over_granted"] // MIB for each in told if "over_granted" in each}


def owed(ledger: str, who: str = "1") -> dict[str, int]:
    """Recourse by party, in fen."""
    with opened(ledger, create=False) as database:
        claimed = database.read(lambda connection: reading.claimed(connection, who))
    return {due.party: amount for due, amount in claimed.items()}


@pytest.fixture(scope="module")
def claws_back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose policy claws back."""
    folder = tmp_path_factory.mktemp("claws back")
    server = ServerProcess(folder)
    (version,) = folder.glob("catalog/cn-standard/2*.yaml")
    version.write_text(version.read_text("utf-8") + "\ncorrections: claw back\n", "utf-8")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_1_a_cycle_s_cap_holds_however_often_and_in_whatever_parts_it_is_run(run_real: Run, ledger: str) -> None:
    """29 GiB of 30 are used, 1,800 MiB are owed: 1 GiB is booked, and running again books 0."""
    enter(run_real, outage("a", "02 00:00", "04 00:00") + outage("b", "05 00:00", "07 00:00"))
    write_people(one())
    settle(run_real)
    enter(run_real, outage("c", "10 00:00", "10 20:57"))
    assert booked(settle(run_real)[1]) == {"data": 9 * GIB}
    enter(run_real, outage("d", "18 09:00", "18 12:00"))
    assert booked(settle(run_real)[1]) == {"data": GIB}
    for more in ((), ("--everything",), ("--outage", "d"), ("--outage", "a", "--everything")):
        assert settle(run_real, *more)[1][-1] == {"booked": 0}
    assert sum(held(ledger).values()) == 30 * 1024


def test_1_four_outages_of_one_cycle_are_its_cap_and_no_more(run_real: Run, ledger: str) -> None:
    """Each is worth 10 GiB; run together or one by one."""
    days = ("02 00:00", "04 00:00"), ("05 00:00", "07 00:00"), ("10 00:00", "12 00:00"), ("16 00:00", "18 00:00")
    enter(run_real, "".join(outage(f"o{number}", *span) for number, span in enumerate(days)))
    write_people(one(1), one(2))
    settle(run_real)
    write_people(one(3))
    for number in (2, 0, 3, 1):
        settle(run_real, "--outage", f"o{number}")
    for who in "123":
        assert sum(held(ledger, who).values()) == 30 * 1024


def test_2_an_outage_beside_one_that_was_booked_is_paid(run_real: Run, ledger: str) -> None:
    """{o1, o2} booked 1,200; the next file holds {o2, o3}: o3 gets 600."""
    o2 = outage("o2", "05 09:00", "05 10:00")
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + o2)
    write_people(one())
    assert booked(settle(run_real)[1]) == {"data": 1200 * MIB}
    enter(run_real, o2 + outage("o3", "06 09:00", "06 10:00"))
    assert booked(settle(run_real)[1]) == {"data": 600 * MIB}
    assert held(ledger) == {"o1": 600, "o2": 600, "o3": 600}


def test_3_an_extract_of_another_day_changes_nothing_that_was_decided(run_real: Run, ledger: str) -> None:
    """Half of the data was left when it was decided; the next day's file shows none, and a dearer plan."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    write_people(one(left=12 * GIB))
    settle(run_real)
    before = held(ledger)
    write_people(one(left=0).replace("12900", "19900"))
    for more in ((), ("--everything",)):
        assert settle(run_real, *more)[1][-1] == {"booked": 0}
    assert held(ledger) == before == {"o1": 360}
    assert booked(settle(run_real, "--everything", "--corrected")[1]) == {"data": 240 * MIB}


@pytest.mark.parametrize("order", [("own", "third"), ("third", "own"), ("own+third",)])
def test_4_recourse_is_the_same_whatever_the_order(run_real: Run, ledger: str, order: tuple[str, ...]) -> None:
    """One interruption of two hours, one of them a builder's: 600 MiB are 12.00 of it, and a cause corrected credits them."""
    rows = {
        "own": outage("own", "04 09:00", "04 10:00"),
        "third": outage("third", "04 10:00", "04 11:00", "CONSTRUCTION_DAMAGE", "builder"),
    }
    write_people(one())
    for step in order:
        enter(run_real, "".join(rows[each] for each in step.split("+")))
        settle(run_real)
    assert owed(ledger) == {"builder": 1200}
    enter(run_real, outage("third", "04 10:00", "04 11:00", "SOFTWARE_FAULT"))
    assert booked(settle(run_real)[1], "credited") == {"builder": 1200}
    assert owed(ledger) == {}
    assert "credit note" in run_real("recourse", "builder", "--time-zone", "Asia/Shanghai")[1]


def test_5_what_shrinks_or_is_withdrawn_is_told_as_over_granted_and_set_off(run_real: Run, ledger: str) -> None:
    """{o1, oW} booked 1,200; oW withdrawn, o1 grown to 900: 300 over-granted, against which the next 300 are set off."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + outage("oW", "05 09:00", "05 10:00"))
    write_people(one())
    settle(run_real)
    run_real("outages", "withdraw", "oW", "--reason", "none")
    enter(run_real, outage("o1", "04 09:00", "04 10:30"))
    told = settle(run_real)[1]
    assert told[-1] == {"booked": 0}
    assert (sum(held(ledger).values()), over(run_real)) == (1200, {"oW": 300})
    enter(run_real, outage("o3", "06 09:00", "06 10:00"))
    assert booked(settle(run_real)[1]) == {"data": 300 * MIB}
    assert (sum(held(ledger).values()), over(run_real)) == (1500, {})


def test_5_what_shrinks_or_is_withdrawn_is_reversed_where_the_policy_claws_back(
    run_real: Run, ledger: str, claws_back: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKEGOOD_ADDRESS", claws_back.address)
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + outage("oW", "05 09:00", "05 10:00"))
    write_people(one())
    settle(run_real)
    enter(run_real, outage("o1", "04 09:00", "04 10:30"))
    told = [json.loads(line) for line in run_real("reverse", "--outage", "oW", "--reason", "none", "--json")[1].splitlines()]
    assert (booked(told), booked(told, "reversed")) == ({"data": 300 * MIB}, {"data": 600 * MIB})
    assert (held(ledger), over(run_real)) == ({"o1": 900}, {})


def test_6_a_new_name_a_split_and_a_merge_pay_nothing_twice(run_real: Run, ledger: str) -> None:
    enter(run_real, outage("o1", "04 09:00", "04 11:00"))
    write_people(one())
    settle(run_real)
    steps = [
        (("o1",), outage("n1", "04 09:00", "04 11:00")),
        (("n1",), outage("s1", "04 09:00", "04 10:00") + outage("s2", "04 10:00", "04 11:00")),
        (("s1", "s2"), outage("m1", "04 09:00", "04 11:00")),
    ]
    for old, new in steps:
        Path("new.csv").write_text(HEAD + new)
        assert run_real("outages", "replace", *old, "--with", "new.csv", "--reason", "as it was")[0] == ExitCode.DONE
        settle(run_real)
        assert sum(held(ledger).values()) == 1200
    enter(run_real, outage("m1", "04 09:00", "04 12:00"))
    assert booked(settle(run_real)[1]) == {"data": 600 * MIB}


def test_6_an_outage_that_ends_area_by_area_is_one_outage(run_real: Run, ledger: str) -> None:
    """Restored in A after one hour, in B after two, in C not yet; and then there too."""
    rows = [outage("o1", "04 09:00", end, area=area) for area, end in (("A", "04 10:00"), ("B", "04 11:00"), ("C", ""))]
    enter(run_real, "".join(rows))
    write_people(one(1), one(2, area="B"), one(3, area="C"))
    settle(run_real)
    assert [held(ledger, who) for who in "123"] == [{"o1": 600}, {"o1": 1200}, {}]
    enter(run_real, "".join([*rows[:2], outage("o1", "04 09:00", "04 12:00", area="C")]))
    assert booked(settle(run_real)[1]) == {"data": 1800 * MIB}
    assert held(ledger, "3") == {"o1": 1800}


def test_7_a_run_goes_on_although_a_claim_was_booked_meanwhile(
    run_real: Run, ledger: str, server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim's half hour is part of what the run then decides, whole."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00"))
    write_people(*(one(who) for who in range(1, 7)))

    def stopped(*_: object) -> None:
        raise BadInput("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(running.Running, "_booked", stopped)
        assert "stopped" in run_real("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing")[2]
    facts = data_plan(fee=12900, left_gib=1)
    claim = Claim("c1", 1, at("04-01 00:00"), at("03-04 09:00"), at("03-04 09:30"))
    with opened(ledger, create=False) as database, service.opened(Connection(server.address, 30, 2**26, None)) as asked:
        work = Work(NOW, facts, ("A",), (Cycle(at("03-01 00:00"), at("04-01 00:00")),), claim=claim)
        settling.run(database, "3", work, asked.ask, Written("desk", "a call", asked.policy_id, NOW, NOW, asked.texts))
    assert held(ledger, "3") == {"o1": 450}
    code, told = settle(run_real, "--piece", "2")
    assert (code, told[0]["run"], booked(told)) == (ExitCode.DONE, 1, {"data": (5 * 600 + 150) * MIB})
    assert [held(ledger, str(who)) for who in range(1, 7)] == [{"o1": 600}] * 6


def test_7_what_has_ended_is_paid_while_another_goes_on(run_real: Run, ledger: str) -> None:
    enter(run_real, outage("o1", "04 09:00", "04 10:00") + outage("o2", "20 09:00", ""))
    write_people(one())
    assert booked(settle(run_real)[1]) == {"data": 600 * MIB}
    assert held(ledger) == {"o1": 600}


def test_8_totals_are_of_what_is_booked(run_real: Run, ledger: str) -> None:
    """Of four rows one cannot be read, one contradicts the account and one lacks a fact: the totals are of the other."""
    enter(run_real, outage("o1", "04 09:00", "04 10:00", "POWER_SUPPLY", "grid"))
    head = f"{PEOPLE},{CYCLE},granted_this_cycle.data"
    rows = [f"{one(1)},0", f"{one(2)},5", f"{one(3)},".replace(f",{GIB},", ",,"), f"{one(4)},0".replace("DATA", "DATUM")]
    write_people(*rows, head=head)
    code, told = settle(run_real)
    assert code == ExitCode.ROWS_FAILED
    assert (booked(told), booked(told, "claimed")) == ({"data": 600 * MIB}, {"grid": 1200})
    assert sum(sum(held(ledger, who).values()) for who in "1234") == 600
    assert {**owed(ledger), "others": sum(len(owed(ledger, who)) for who in "234")} == {"grid": 1200, "others": 0}
    *report, waits = map(json.loads, run_real("report", "1", "--json")[1].splitlines())
    assert (report, waits["waiting"], waits["quantity"]) == (told, "data", 600 * MIB)
