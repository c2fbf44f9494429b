"""Subscribers may be parted over several ledgers by their ids, each with the whole register: together they are the one."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from clients.errors import ExitCode
from tests.account.conftest import NewLedger, Run
from tests.account.test_killed_runs import content
from tests.account.test_runs import AS_OF, HEAD, O1, O2, person, write_people

LEDGERS: Final = 2
PEOPLE: Final = 24
GROWN: Final = O2.replace("10T04", "10T05")


def part(subscriber_id: str) -> int:
    """Which ledger a subscriber's account is in: the same for ever."""
    return int.from_bytes(hashlib.sha256(subscriber_id.encode()).digest()[:8], "big") % LEDGERS


def due(run: Run, on: str) -> Counter[tuple[str, str]]:
    """What is claimed and credited, by outage and kind."""
    told = map(json.loads, run("recourse", "grid", "--time-zone", "Asia/Shanghai", "--json", on=on)[1].splitlines())
    sums: Counter[tuple[str, str]] = Counter()
    for each in told:
        if "what" in each:
            sums[each["outage_id"], each["what"]] += each["amount_minor"]
    return sums


def test_ledgers_by_subscriber_hold_together_what_one_does(run_real: Run, ledger: str, new_ledger: NewLedger) -> None:
    """After a night, after a revision that is settled without a file, and after a withdrawal: accounts and recourse alike."""
    parts = [new_ledger() for _ in range(LEDGERS)]
    rows = {str(number): person(number) for number in range(PEOPLE)}
    write_people(*rows.values())
    for number in range(LEDGERS):
        write_people(*(row for who, row in rows.items() if part(who) == number), name=f"{number}.csv")
    files = {ledger: "s.csv", **{on: f"{number}.csv" for number, on in enumerate(parts)}}

    def everywhere(*words: str) -> None:
        for on in files:
            code, _, err = run_real(*words, "--by", "noc", on=on)
            assert code == ExitCode.DONE, err

    def alike() -> None:
        whole, of_parts = content(ledger), [content(on) for on in parts]
        together: dict[str, Any] = {}
        for number, (accounts, _) in enumerate(of_parts):
            assert {part(who) for who in accounts} <= {number}
            together |= accounts
        assert together == whole[0]
        assert sorted(row for _, out in of_parts for row in out) == whole[1]
        sums: Counter[tuple[str, str]] = Counter()
        for on in parts:
            sums.update(due(run_real, on))
        assert dict(sums) == dict(due(run_real, ledger))

    Path("o.csv").write_text(HEAD + O1 + O2)
    everywhere("outages", "import", "o.csv", "--reason", "reports")
    for on, file in files.items():
        assert run_real("run", "--subscribers", file, *AS_OF, "--reason", "a night", on=on)[0] == ExitCode.DONE
    assert min(len(content(on)[0]) for on in parts) > PEOPLE // 4
    alike()
    Path("o.csv").write_text(HEAD + O1 + GROWN)
    everywhere("outages", "import", "o.csv", "--reason", "it grew")
    everywhere("run", "--known", *AS_OF, "--reason", "it grew")
    alike()
    everywhere("reverse", "--outage", "o2", *AS_OF, "--reason", "none")
    alike()
    assert {run_real("verify", on=on)[:2] for on in files} == {(ExitCode.DONE, "the account holds together\n")}
