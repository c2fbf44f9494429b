"""The key of a grant follows from its row, by the recipe of the contract; a row that was changed is not booked."""

import csv
import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import xor
from pathlib import Path

import pytest

from clients.errors import ExitCode
from clients.provisioning.grant_keys import grant_key
from clients.provisioning.occasions import Before, Cycle, Occasion, Occasions
from policy.calculator.keys import grant_mark
from tests.clients.conftest import Run
from tests.clients.ledgers import BOOKED, grant, held, keys, notice, quote, row, write_result
from tests.clients.server_process import ROOT

PROTO = ROOT / "protos" / "makegood" / "v1" / "decision.proto"
VECTOR = re.compile(r"//   (\S+), (\S+), \[(.+?)\], (\S+), ([0-9]+), (\S+), ([0-9]+): ([0-9a-f]{32})$", re.MULTILINE)
Vector = tuple[str, str, list[str], str, int, str, int]


def vectors() -> Iterator[tuple[Vector, str]]:
    """The examples that stand at Grant.grant_key."""
    for policy_id, who, ids, benefit, before, where, rank, key in VECTOR.findall(PROTO.read_text(encoding="utf-8")):
        yield (policy_id, who, ids.split(), benefit, int(before), "" if where == "-" else where, int(rank)), key


def test_contract_shows_examples_of_keys() -> None:
    assert len(list(vectors())) >= 10


@pytest.mark.parametrize(("of", "key"), list(vectors()))
def test_recipe_of_clients_and_calculator_give_the_keys_of_the_contract(of: Vector, key: str) -> None:
    """Both are held to the same examples: neither can move alone."""
    policy_id, who, ids, benefit, before, where, rank = of
    assert grant_key(*of) == key
    stem = bytes.fromhex(grant_key(policy_id, who, ids, "", 0)), grant_mark("", 0)
    of_calculator = (int.from_bytes(each) for each in (*stem, grant_mark(benefit, before, where, rank)))
    assert reduce(xor, of_calculator).to_bytes(16).hex() == key


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
    "outage of another": (
        lambda cells: {name: cell.replace("out-1", "out-2") for name, cell in cells.items()},
        "does not follow from the row",
    ),
    "outage of another in the occasion": (
        lambda cells: cells | {"occasions": cells["occasions"].replace("out-1", "out-2")},
        "the parts of data are not those of the outages of its occasion",
    ),
    "outage of another in the parts": (
        lambda cells: cells | {"grants": cells["grants"].replace("out-1", "out-2")},
        "the parts of data are not those of the outages of its occasion",
    ),
    "part of another quantity": (
        lambda cells: cells | {"grants": cells["grants"].replace('"quantity":1048576}]', '"quantity":1048577}]')},
        "or do not sum to it",
    ),
    "outage that did not hit": (
        lambda cells: cells | {"outage_ids": '["out-2"]'},
        "its occasions have outages that are not in outage_ids: out-1",
    ),
    "no outage": (lambda cells: cells | {"outage_ids": ""}, "its occasions have outages that are not in outage_ids: out-1"),
    "no occasion": (lambda cells: cells | {"occasions": ""}, "the parts of data are not those"),
    "month": (
        lambda cells: cells | {"occasions": cells["occasions"].replace('"outcome"', '"month":"2026-03","outcome"')},
        "does not follow from the row",
    ),
    "cycle": (
        lambda cells: (
            cells
            | {
                "occasions": cells["occasions"].replace(
                    '"outcome"',
                    '"billing_cycle_started_at":"2026-03-01T00:00:00Z","billing_cycle_ended_at":"2026-04-01T00:00:00Z","outcome"',
                )
            }
        ),
        "does not follow from the row",
    ),
    "occasion of the same outage before it": (
        lambda cells: (
            cells
            | {
                "occasions": f"[{cells['occasions'][1:-1]},{cells['occasions'][1:-1]}]",
                "grants": cells["grants"].replace('"occasion":0', '"occasion":1'),
            }
        ),
        "",
    ),
    "policy of another": (lambda cells: cells | {"policy_id": "goodwill"}, "does not follow from the row"),
    "told something": (
        lambda cells: cells | {"granted_before": '[{"outage_id":"out-1","benefit":"data","quantity":1}]'},
        "data was granted on top of 0, and by granted_before of the row that is 1",
    ),
    "granted on top of something": (
        lambda cells: cells | {"grants": cells["grants"].replace('"granted_before":0', '"granted_before":1')},
        "does not follow from the row",
    ),
    "benefit renamed": (
        lambda cells: cells | {name: cells[name].replace('"data"', '"date"') for name in ("grants", "occasions")},
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
        lambda cells: cells | {"grants": f"[{cells['grants'][1:-1]},{cells['grants'][1:-1]}]"},
        "a benefit is granted twice for one occasion",
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
    write_result(tmp_path / "r.csv", [row(2, "s-1", quotes=[quote()] if status == "PROVISIONAL" else [], status=status)])
    assert run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite").returncode == ExitCode.DONE


OCCASIONS = (
    Occasion(0, 10, ("a",), ("data", "voice")),
    Occasion(20, 30, ("a", "b"), ("data", "voice")),
    Occasion(40, 50, ("a",), ("data",)),
)


def test_grant_used_up_all_that_was_left_of_its_outages() -> None:
    """What the row does not say leaves a span: what an earlier occasion took, and whether it was told for time outside."""
    before = [
        Before("a", "data", 7, ""),
        Before("b", "data", 5, ""),
        Before("a", "voice", 9, ""),
        Before("a", "data", 3, "2026-03"),
    ]
    occasions = Occasions(OCCASIONS, None, before)
    assert [occasions.used_up(number, "data") for number in range(3)] == [(7, 7), (5, 12), (0, 7)]
    assert occasions.used_up(1, "voice") == (0, 9)
    assert Occasions(OCCASIONS, Cycle(10, 40), before).used_up(0, "data") == (0, 7)
    of_month = Occasions((Occasion(0, 10, ("a",), ("data",), "2026-03"),), None, before)
    assert of_month.used_up(0, "data") == (3, 3)


def test_rank_counts_occasions_of_the_same_outages_and_benefit() -> None:
    occasions = Occasions(OCCASIONS)
    assert [next(occasions.places(number, "data")).rank for number in range(3)] == [1, 1, 2]


def test_time_outside_of_the_cycle_may_be_what_a_grant_is_for() -> None:
    """The occasion itself does not say so; the cycle of the question does."""
    occasions = Occasions(OCCASIONS, Cycle(10, 40))
    wheres = [[place.where for place in occasions.places(number, "data")] for number in range(3)]
    assert wheres == [["", "before/10"], [""], ["", "40/after"]]
    of_month = Occasions((Occasion(0, 10, ("a",), ("data",), "2026-03"),), Cycle(10, 40))
    assert [place.where for place in of_month.places(0, "data")] == ["2026-03"]
