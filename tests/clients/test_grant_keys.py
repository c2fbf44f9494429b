"""The key of a grant follows from its row, by the recipe of the contract; a row that was changed is not booked."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clients.errors import ExitCode
from clients.provisioning.grant_keys import grant_key
from policy import Outage, Request, Subscriber
from policy.calculator.facts import row_of
from policy.calculator.keys import Keys
from policy.calculator.policies import PolicySet
from policy.calculator.reads import facts_of
from tests.clients.conftest import Run
from tests.clients.ledgers import BOOKED, grant, held, keys, notice, row, write_result
from tests.clients.server_process import ROOT

PROTO = ROOT / "protos" / "makegood" / "v1" / "decision.proto"
VECTOR = re.compile(r"//   (\S+), (\S+), \[(.+?)\], (\S+), ([0-9]+): ([0-9a-f]{32})$", re.MULTILINE)
Vector = tuple[str, str, list[str], str, int]


def vectors() -> Iterator[tuple[Vector, str]]:
    """The examples that stand at Grant.grant_key."""
    for policy_id, who, ids, benefit, before, key in VECTOR.findall(PROTO.read_text(encoding="utf-8")):
        yield (policy_id, who, ids.split(), benefit, int(before)), key


def test_contract_shows_examples_of_keys() -> None:
    assert len(list(vectors())) >= 3


@pytest.mark.parametrize(("of", "key"), list(vectors()))
def test_recipe_of_clients_and_calculator_give_the_keys_of_the_contract(policies: PolicySet, of: Vector, key: str) -> None:
    """Both are held to the same examples: neither can move alone."""
    policy_id, who, ids, benefit, before = of
    assert grant_key(policy_id, who, ids, benefit, before) == key
    version = replace(policies.versions("cn-standard")[-1], policy_id=policy_id)
    request = Request(Subscriber(who), tuple(Outage(each, 0, 1, "UNKNOWN", "LOSS") for each in ids), mode="AUTOMATIC", as_of=2)
    made = Keys(version, "1", facts_of(version))
    stem = made.grant_stem(row_of(request, 0, 1))
    assert made.grant_key(stem, benefit, before) == key


def test_key_knows_neither_order_nor_repeats_of_outages() -> None:
    assert grant_key("p", "s", ["b", "a", "b"], "data", 0) == grant_key("p", "s", ("a", "b"), "data", 0)


Change = Callable[[dict[str, str]], dict[str, str]]
CHANGES: dict[str, tuple[Change, str]] = {
    "id without its leading 0": (
        lambda cells: cells | {"subscriber_id": "13800000001"},
        "(it follows from subscriber_id '013800000001')",
    ),
    "id in scientific notation": (lambda cells: cells | {"subscriber_id": "1.38E+10"}, ""),
    "id of another": (lambda cells: cells | {"subscriber_id": "013800000002"}, "does not follow from the row"),
    "outage of another": (lambda cells: cells | {"outage_ids": '["out-2"]'}, "does not follow from the row"),
    "outage more": (lambda cells: cells | {"outage_ids": '["out-1","out-2"]'}, "does not follow from the row"),
    "no outage": (lambda cells: cells | {"outage_ids": ""}, "does not follow from the row"),
    "policy of another": (lambda cells: cells | {"policy_id": "goodwill"}, "does not follow from the row"),
    "told something": (
        lambda cells: cells | {"already_granted": '[{"benefit":"data","quantity":1}]'},
        "does not follow from the row",
    ),
    "benefit renamed": (
        lambda cells: cells | {"grants": cells["grants"].replace('"data"', '"date"')},
        "the grant key of date does not follow",
    ),
    "key of another": (
        lambda cells: cells | {"grants": re.sub("[0-9a-f]{32}", "0" * 32, cells["grants"])},
        "does not follow from the row",
    ),
    "status in small letters": (
        lambda cells: cells | {"status": "granted"},
        "status 'granted' is unknown; it is one of GRANTED, PROVISIONAL, NOT_ELIGIBLE",
    ),
    "no status": (lambda cells: cells | {"status": ""}, "status '' is unknown"),
    "status of another program": (lambda cells: cells | {"status": "APPROVED"}, "status 'APPROVED' is unknown"),
    "nested a thousand times": (lambda cells: cells | {"grants": "[" * 50_000}, "the row cannot be understood"),
    "half a character": (
        lambda cells: cells | {"notices": '[{"channel":"SMS","body":"\\ud800"}]'},
        "the row cannot be understood",
    ),
    "ids that are numbers": (lambda cells: cells | {"outage_ids": "[1]"}, "outage_ids holds 1, which is not the id"),
    "id with a character that cannot be seen": (
        lambda cells: cells | {"subscriber_id": "013800000001\u200b"},
        "the row cannot be understood: '013800000001\\u200b' holds U+200B",
    ),
    "two grants of one benefit": (
        lambda cells: cells | {"grants": "[" + ",".join([cells["grants"].strip("[]")] * 2) + "]"},
        "a benefit is granted twice in the row",
    ),
    "ids in an object": (lambda cells: cells | {"outage_ids": '{"a":1}'}, "is not a list"),
}


def rewrite(file: Path, change: Change) -> None:
    """Changes the first row of a result, as a spreadsheet or a script would."""
    with file.open(newline="", encoding="utf-8") as read:
        rows = list(csv.DictReader(read))
    with file.open("w", newline="", encoding="utf-8") as written:
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        writer.writerows([change(rows[0]), *rows[1:]])


@pytest.mark.parametrize("what", list(CHANGES))
def test_row_that_was_changed_is_reported_and_the_others_booked(run: Run, tmp_path: Path, what: str) -> None:
    """Whatever of it was changed: nothing of the row is booked or announced."""
    change, said = CHANGES[what]
    good = row(3, "013800000009", grant())
    write_result(tmp_path / "r.csv", [row(2, "013800000001", grant(), notices=[notice()]), good])
    rewrite(tmp_path / "r.csv", change)
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite", "--report", "p.csv")
    assert done.returncode == ExitCode.ROWS_FAILED
    assert "provisioning: line 2: " in done.stderr
    assert said in done.stderr
    assert [key for key, *_ in held(tmp_path / "l.sqlite", BOOKED)] == keys(good)
    assert held(tmp_path / "l.sqlite", "SELECT * FROM outbox") == []
    assert (tmp_path / "p.csv").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("status", ["NOT_ELIGIBLE", "NEEDS_REVIEW", "CANNOT_DECIDE", "PROVISIONAL", "NO_OUTAGE", "ERROR"])
def test_every_status_of_a_result_is_known(run: Run, tmp_path: Path, status: str) -> None:
    quote: dict[str, Any] = grant() | {"grant_key": ""}
    write_result(tmp_path / "r.csv", [row(2, "s-1", *([quote] if status == "PROVISIONAL" else []), status=status)])
    assert run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite").returncode == ExitCode.DONE
