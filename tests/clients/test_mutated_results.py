"""Whatever happens to a result on its way, what is booked of it is what billing granted, and no program ends unexpectedly."""

import csv
import io
import random
from pathlib import Path

import pytest

from clients.errors import ExitCode
from tests.clients.conftest import Run
from tests.clients.ledgers import BOOKED, grant, granted, held, row, write_result

RESULT = [
    granted(1),
    row(4, "013800000009", status="NO_OUTAGE", outages=()),
    row(5, "用户-3", grant(), grant(500, "credit", "CREDIT", currency_code="CNY"), outages=("断-1", "断-2"), told={"data": 7}),
    granted(2),
]
PIECES = (
    "",
    "0",
    "9",
    '"',
    '""',
    ",",
    ";",
    "\n",
    "\r",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "null",
    "NULL",
    "NaN",
    "1e9",
    "-1",
    "\x00",
    "\u200b",
    "０",
)


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """A result with some bytes, a cell, a column or some lines changed."""
    match chance.randrange(5):
        case 0:
            changed = bytearray(whole)
            for _ in range(chance.randint(1, 3)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)
        case 1:
            start = chance.randrange(len(whole))
            return whole[:start] + chance.choice(PIECES).encode() + whole[start + chance.randrange(30) :]
        case 2:
            lines = whole.splitlines(keepends=True)
            lines[chance.randrange(len(lines))] = chance.choice([b"", *lines])
            return b"".join(lines)
        case _:
            rows = list(csv.reader(io.StringIO(whole.decode())))
            line, column = chance.randrange(1, len(rows)), chance.randrange(len(rows[0]))
            cell = rows[line][column]
            at = chance.randrange(len(cell) + 1)
            other = rows[chance.randrange(len(rows))][column]
            rows[line][column] = chance.choice([other, cell[:at] + chance.choice(PIECES) + cell[at + chance.randrange(3) :]])
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            return text.getvalue().encode()


@pytest.mark.parametrize("seed", range(8))
def test_only_what_was_granted_is_booked_of_a_mutated_result(run: Run, tmp_path: Path, seed: int) -> None:
    """Each key with its subscriber, benefit and quantity, or not at all."""
    whole = write_result(tmp_path / "r.csv", RESULT).read_bytes()
    assert run("provisioning", "apply", "r.csv", "--ledger", "whole.sqlite").returncode == ExitCode.DONE
    right = set(held(tmp_path / "whole.sqlite", BOOKED))
    chance = random.Random(seed)
    for number in range(25):
        (tmp_path / "m.csv").write_bytes(mutated(whole, chance))
        for rows in ((), ("--rows", "4")):
            ledger = tmp_path / f"l{number}{len(rows)}.sqlite"
            done = run("provisioning", "apply", "m.csv", "--ledger", ledger, *rows)
            assert done.returncode in {ExitCode.DONE, ExitCode.ROWS_FAILED, ExitCode.BAD_INPUT}, done.stderr
            if ledger.exists() and not rows:
                assert set(held(ledger, BOOKED)) <= right, (tmp_path / "m.csv").read_bytes()
