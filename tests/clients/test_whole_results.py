"""A result that lost rows, or whose amounts were changed, is not applied as whole: nothing of it is booked."""

import csv
import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients.billing.results import RUN_TOTALS
from clients.errors import BadInput, ExitCode
from clients.provisioning import applying, cli
from clients.tables.opening import open_table
from tests.clients.billing_runs import stop_in_the_middle
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer
from tests.clients.files import ROWS, billing, result_rows
from tests.clients.ledgers import BOOKED, Result, grant, granted, held, notice, row, write_result

LEDGER = ("--ledger", "l.sqlite")
RESULT = [granted(1), row(4, "s-9", status="NO_OUTAGE", outages=()), granted(2)]


def test_result_that_is_cut_at_any_byte_is_told(tmp_path: Path) -> None:
    """Within a row, at a line end, within the totals, before the very last line end: wherever its end was lost."""
    whole = write_result(tmp_path / "r.csv", RESULT).read_bytes()
    arguments = cli.parser().parse_args(["apply", str(tmp_path / "cut.csv"), *LEDGER])
    for length in range(len(whole)):
        (tmp_path / "cut.csv").write_bytes(whole[:length])
        with pytest.raises(BadInput):
            applying.judge(arguments, open_table(tmp_path / "cut.csv"), applying.Problems(None))
    (tmp_path / "cut.csv").write_bytes(whole)
    applying.judge(arguments, open_table(tmp_path / "cut.csv"), applying.Problems(None))


Edit = Callable[[list[Result]], list[Result]]


def with_more(result: Result) -> Result:
    """The row with a byte more in its first grant, and in the part of its one outage."""
    first, *rest = result["grants"]
    (part,) = first["parts"]
    more = {"quantity": first["quantity"] + 1, "parts": [part | {"quantity": part["quantity"] + 1}]}
    return result | {"grants": [first | more, *rest]}


EDITS: dict[str, tuple[Edit, str]] = {
    "last row gone": (lambda rows: rows[:-1], "lost its end: it has 2 rows, and none of them holds the totals of the run"),
    "a row in the middle gone": (
        lambda rows: [rows[0], rows[2]],
        "is not whole: it has 2 rows, and the totals of its run say 3",
    ),
    "a row twice": (lambda rows: [rows[0], *rows], "is not whole: it has 4 rows, and the totals of its run say 3"),
    "all rows gone": (lambda rows: [], "has no row, and so nothing says that its run decided none"),
    "an amount changed": (
        lambda rows: [with_more(rows[0]), *rows[1:]],
        "does not add up: quantity of data is 5242881 B in its rows and 5 MiB in its totals; a row was changed",
    ),
    "a grant gone": (
        lambda rows: [rows[0] | {"grants": rows[0]["grants"][:1]}, *rows[1:]],
        "does not add up: count of voice is 1",
    ),
    "totals edited": (
        lambda rows: [*rows[:-1], rows[-1] | {RUN_TOTALS: '{"rows": "3"}'}],
        "has totals that cannot be read",
    ),
    "totals of another form": (lambda rows: [*rows[:-1], rows[-1] | {RUN_TOTALS: "[" * 9}], "has totals that cannot be read"),
}


def rewrite(file: Path, edit: Edit) -> None:
    """Writes a result anew after an edit, as a script with pyarrow or csv would."""
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        pq.write_table(pa.Table.from_pylist(edit(table.to_pylist()), table.schema), file)
        return
    with file.open(newline="", encoding="utf-8") as read:
        names = next(csv.reader(read))
    rows = edit([{**result, "run_totals": result.get("run_totals", "")} for result in result_rows(file)])
    with file.open("w", newline="", encoding="utf-8") as written:
        writer = csv.DictWriter(written, names, restval="")
        writer.writeheader()
        for result in rows:
            writer.writerow({name: json.dumps(cell) if isinstance(cell, list) else cell for name, cell in result.items()})


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
@pytest.mark.parametrize("what", list(EDITS))
def test_result_that_does_not_agree_with_its_totals_is_refused_and_nothing_booked(
    run: Run, tmp_path: Path, name: str, what: str
) -> None:
    edit, said = EDITS[what]
    write_result(tmp_path / name, RESULT)
    rewrite(tmp_path / name, edit)
    done = run("provisioning", "apply", name, *LEDGER)
    assert (done.returncode, done.stdout) == (ExitCode.BAD_INPUT, "")
    assert f"provisioning: {name} {said}" in done.stderr
    assert "nothing of it was booked" in done.stderr
    assert not (tmp_path / "l.sqlite").exists()


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
@pytest.mark.parametrize("edit", [lambda rows: rows, lambda rows: rows[::-1]])
def test_rows_may_stand_in_any_order(run: Run, tmp_path: Path, name: str, edit: Edit) -> None:
    """What was read and written by another program, and sorted, is as whole as before."""
    write_result(tmp_path / name, RESULT)
    rewrite(tmp_path / name, edit)
    assert run("provisioning", "apply", name, *LEDGER).returncode == ExitCode.DONE


def test_results_that_were_put_together_are_held_against_both_totals(run: Run, tmp_path: Path) -> None:
    first = write_result(tmp_path / "a.csv", RESULT)
    second = write_result(tmp_path / "b.csv", [granted(7)])
    both = first.read_text() + second.read_text().partition("\n")[2]
    (tmp_path / "both.csv").write_text(both)
    assert run("provisioning", "apply", "both.csv", *LEDGER).returncode == ExitCode.DONE
    (tmp_path / "both.csv").write_text("".join(both.splitlines(keepends=True)[:-2] + both.splitlines(keepends=True)[-1:]))
    assert "is not whole: it has 3 rows" in run("provisioning", "apply", "both.csv", *LEDGER).stderr


def test_part_of_a_result_is_applied_where_its_rows_are_said(run: Run, tmp_path: Path) -> None:
    """On purpose, and held against what is said: another number of rows is refused."""
    write_result(tmp_path / "r.csv", RESULT)
    rewrite(tmp_path / "r.csv", lambda rows: rows[:1])
    assert (
        "to apply a part of a result, or one without totals, on purpose: --rows 1"
        in run("provisioning", "apply", "r.csv", *LEDGER).stderr
    )
    assert "r.csv has 1 row, and --rows says 2" in run("provisioning", "apply", "r.csv", *LEDGER, "--rows", "2").stderr
    assert not (tmp_path / "l.sqlite").exists()
    assert run("provisioning", "apply", "r.csv", *LEDGER, "--rows", "1").returncode == ExitCode.DONE
    assert len(held(tmp_path / "l.sqlite", BOOKED)) == 2


def without_totals(rows: Sequence[Result]) -> list[Result]:
    return [{name: cell for name, cell in result.items() if name != RUN_TOTALS} for result in rows]


def test_result_that_was_written_before_results_had_totals_is_told_what_to_do(run: Run, tmp_path: Path) -> None:
    """It is applied once its rows are said, as the totals of its run have them."""
    write_result(tmp_path / "r.csv", RESULT)
    text = (tmp_path / "r.csv").read_text().splitlines()
    lines = [line.rpartition(',"{')[0] if line.endswith('}"') else line.rpartition(",")[0] for line in text]
    (tmp_path / "r.csv").write_text("\n".join(lines) + "\n")
    assert "run_totals" not in (tmp_path / "r.csv").read_text()
    done = run("provisioning", "apply", "r.csv", *LEDGER)
    assert done.returncode == ExitCode.BAD_INPUT
    assert "r.csv does not say its totals: it has 3 rows and no column run_totals" in done.stderr
    assert "--rows 3" in done.stderr
    assert run("provisioning", "apply", "r.csv", *LEDGER, "--rows", "3").returncode == ExitCode.DONE


def test_rows_in_error_are_told_also_where_the_file_is_refused(run: Run, tmp_path: Path) -> None:
    """A distinct error is not hidden by that of the file."""
    write_result(tmp_path / "r.csv", [*RESULT, row(9, "s-3", grant(), status="granted")])
    rewrite(tmp_path / "r.csv", lambda rows: rows[1:])
    said = run("provisioning", "apply", "r.csv", *LEDGER).stderr
    assert "line 4: status 'granted' is unknown" in said
    assert "r.csv is not whole: it has 3 rows" in said


def test_file_that_changes_between_its_check_and_its_booking_is_not_booked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_result(tmp_path / "r.csv", RESULT)
    judge = applying.judge

    def judged_and_then_changed(*arguments: object) -> None:
        judge(*arguments)  # type: ignore[arg-type]
        file.write_text(file.read_text() + "x\n")

    monkeypatch.setattr(applying, "judge", judged_and_then_changed)
    done = run("provisioning", "apply", "r.csv", *LEDGER)
    assert (done.returncode, "r.csv was changed while it was read" in done.stderr) == (ExitCode.BAD_INPUT, True)
    assert held(tmp_path / "l.sqlite", BOOKED) == []


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_result_of_a_run_that_was_killed_carries_the_totals_of_all_its_rows(
    run: Run, inputs: Path, fake: FakeServer, name: str
) -> None:
    """Once, in its last row, and they are what the run's own totals say."""
    stop_in_the_middle(fake, inputs, name, signal.SIGKILL)
    run("billing", *billing(name, "--part", "20", "--batch", "10", "--totals", "t.json"))
    *others, last = [result.get(RUN_TOTALS) for result in result_rows(inputs / name)]
    assert not any(others)
    assert last is not None
    totals = json.loads((inputs / "t.json").read_text())
    assert json.loads(last) == {"rows": ROWS, "grants": totals["grants"]}
    assert run("provisioning", "apply", name, *LEDGER).returncode == ExitCode.DONE


def test_result_that_was_being_finished_when_it_was_killed_is_finished_again(run: Run, inputs: Path) -> None:
    """Killed while the totals were written, or after the rename and before that was noted: the same bytes."""
    run("billing", *billing("r.csv"))
    whole, record = (inputs / "r.csv").read_bytes(), inputs / "r.csv.progress"
    rows = whole[: whole.rindex(b',"{""rows""') + 1] + b"\n"
    # What is on record of a run that has decided all and is not finished.
    run("billing", *billing("other.csv"))
    unfinished = json.loads((inputs / "other.csv.progress").read_text()) | {"finished": False}
    unfinished["counts"] = [each for each in unfinished["counts"] if each[0] not in {"repeats", "repeated_rows"}]
    for spool, left in (("r.csv.partial", whole[: len(rows) + 7]), ("r.csv", whole)):
        (inputs / "r.csv").unlink(missing_ok=True)
        (inputs / spool).write_bytes(left)
        (inputs / "r.csv.ids").write_bytes(b"\0" * 16 * ROWS)
        record.write_text(json.dumps(unfinished))
        assert run("billing", *billing("r.csv")).returncode == ExitCode.ROWS_FAILED
        assert (inputs / "r.csv").read_bytes() == whole


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_customer_of_however_many_outages_is_booked(run: Run, tmp_path: Path, name: str) -> None:
    """What billing writes, provisioning reads: a cell of a megabyte as well."""
    outages = [f"outage-of-a-customer-with-very-many-{number}" for number in range(25_000)]
    write_result(tmp_path / name, [row(2, "s-1", grant(), outages=outages), granted(1)])
    assert run("provisioning", "apply", name, *LEDGER).returncode == ExitCode.DONE
    assert len(held(tmp_path / "l.sqlite", BOOKED)) == 3


def test_result_that_was_saved_in_another_encoding_is_read_as_it_is_said(run: Run, tmp_path: Path) -> None:
    """Refused once, with what to type; then all of it agrees with its totals."""
    write_result(tmp_path / "r.csv", [row(2, "用户-1", grant(), outages=("断-1",), notices=[notice("您好")])])
    (tmp_path / "r.csv").write_bytes((tmp_path / "r.csv").read_text(encoding="utf-8").encode("gb18030"))
    done = run("provisioning", "apply", "r.csv", *LEDGER)
    assert (done.returncode, "--encoding gb18030" in done.stderr) == (ExitCode.BAD_INPUT, True)
    assert run("provisioning", "apply", "r.csv", *LEDGER, "--encoding", "gb18030").returncode == ExitCode.DONE
    assert held(tmp_path / "l.sqlite", BOOKED)[0][1] == "用户-1"


def test_report_holds_the_rows_in_error_also_of_a_file_that_is_refused(run: Run, tmp_path: Path) -> None:
    write_result(tmp_path / "r.csv", [*RESULT, row(9, "s-3", grant(), status="granted")])
    rewrite(tmp_path / "r.csv", lambda rows: rows[1:])
    assert run("provisioning", "apply", "r.csv", *LEDGER, "--report", "p.csv").returncode == ExitCode.BAD_INPUT
    _, problem = (tmp_path / "p.csv").read_text().splitlines()
    assert problem.startswith("4,s-3,")
