"""A run of billing: every row once, in order, exactly counted, whatever happens to the client or the server."""

import json
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from google.rpc import code_pb2

from clients.billing import repeats
from clients.errors import ExitCode
from clients.tables import cells
from tests.clients.billing_runs import begin_and_hold, let_go_on, stop_in_the_middle
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer, bad_request, status
from tests.clients.files import OUTAGES, ROWS, billing, result_rows, subscriber, write_inputs


def test_every_row_has_its_result_in_order(run: Run, inputs: Path) -> None:
    """Result row k is about input row k, also for rows that were not sent, not eligible or refused."""
    done = run("billing", *billing("r.csv", "--batch", "7", "--part", "50"))
    assert done.returncode == ExitCode.ROWS_FAILED, done.stderr
    rows = result_rows(inputs / "r.csv")
    assert [row["line"] for row in rows] == list(range(2, ROWS + 2))
    for number, row in enumerate(rows):
        who, area = subscriber(number).split(",")[:2]
        assert row["subscriber_id"] == who
        assert row.get("outage_ids", []) == {"A": ["out-1"], "B": ["out-1", "out-2"], "C": []}[area]
        expected = {"s": "GRANTED", "short": "NOT_ELIGIBLE", "refused": "ERROR"}[who.partition("-")[0]]
        assert row["status"] == ("NO_OUTAGE" if area == "C" else expected)


def test_bad_rows_stand_beside_the_others(run: Run, tmp_path: Path) -> None:
    """A row that cannot be read carries why, under its line number, with every cell that is wrong; the rest is decided."""
    lines = [
        subscriber(1),
        "oops",
        subscriber(2).replace("CONVERGED,5902", "CONVERGE,fifty"),
        "\x00,A,DATA,1,CNY,1,1",
        subscriber(3),
    ]
    write_inputs(tmp_path, lines)
    done = run("billing", *billing("r.csv"))
    assert done.returncode == ExitCode.ROWS_FAILED
    assert "3 BAD_ROW" in done.stdout
    rows = result_rows(tmp_path / "r.csv")
    assert [(row["line"], row["status"], row.get("error_code")) for row in rows] == [
        (2, "GRANTED", None),
        (3, "ERROR", "BAD_ROW"),
        (4, "ERROR", "BAD_ROW"),
        (5, "ERROR", "BAD_ROW"),
        (6, "GRANTED", None),
    ]
    assert rows[1]["error"] == "it has 1 column and the header has 7"
    assert [each["field"] for each in rows[2]["error_fields"]] == ["plan_type", "monthly_fee_minor"]
    assert "did you mean CONVERGED?" in rows[2]["error_fields"][0]["message"]
    assert "control character" in rows[3]["error_fields"][0]["message"]


def test_outage_without_areas_hits_everybody(run: Run, inputs: Path) -> None:
    """No area named is all subscribers; the column area is then not needed either."""
    (inputs / "outages.csv").write_text(OUTAGES.replace("A;B", ""))
    run("billing", *billing("r.csv"))
    assert {row["status"] for row in result_rows(inputs / "r.csv")} == {"GRANTED", "NOT_ELIGIBLE", "ERROR"}


def test_outages_are_stated_once_for_the_rows_that_share_them(run: Run, inputs: Path, fake: FakeServer) -> None:
    """Rows of one outage set travel under one statement of it; only stray rows carry their own."""
    run("billing", *billing("r.csv"))
    shared = [message for message in fake.messages if message.defaults.outages]
    assert sum(len(message.items) for message in shared) == sum(1 for number in range(ROWS) if number // 7 % 3 != 2)
    assert all(not item.outages for message in shared for item in message.items)
    # The areas have done their work; they are not carried along.
    assert all(not outage.areas for message in fake.messages for outage in message.defaults.outages)


def test_streams_are_ended_and_not_cancelled(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A run that goes well leaves no cancelled call in the server's log and metrics."""
    run("billing", *billing("r.csv", "--part", "50", "--batch", "10"))
    assert fake.streams_ended == fake.calls == ROWS // 50


def test_pace_changes_nothing(run: Run, inputs: Path) -> None:
    """Batches, windows, streams: the result is the same to the last byte."""
    run("billing", *billing("one.csv", "--batch", "1", "--window", "1", "--streams", "1"))
    run("billing", *billing("many.csv", "--batch", "97", "--window", "16", "--streams", "4"))
    assert (inputs / "one.csv").read_bytes() == (inputs / "many.csv").read_bytes()


def test_csv_and_parquet_say_the_same(run: Run, inputs: Path) -> None:
    """Reading Parquet instead of CSV, and writing it, changes no answer."""
    text = pa_csv.ConvertOptions(column_types={"subscriber_id": pa.string()})
    table = pa_csv.read_csv(inputs / "subscribers.csv", convert_options=text)
    pq.write_table(table, inputs / "subscribers.parquet", row_group_size=64)
    outages = pa.Table.from_pylist(
        [
            {
                "outage_id": "out-1",
                "started_at": "2026-03-04T08:00+08:00",
                "ended_at": "2026-03-04T11:30+08:00",
                "cause": "EQUIPMENT_FAILURE",
                "areas": ["A", "B"],
                "responsible_party": None,
            },
            {
                "outage_id": "out-2",
                "started_at": "2026-03-05T08:00+08:00",
                "ended_at": "2026-03-05T09:30+08:00",
                "cause": "CONSTRUCTION_DAMAGE",
                "areas": ["B"],
                "responsible_party": "contractor-7",
            },
        ]
    )
    pq.write_table(outages, inputs / "outages.parquet")
    run("billing", *billing("r.csv"))
    done = run("billing", *billing("r.parquet", "--part", "50", subscribers="subscribers.parquet", outages="outages.parquet"))
    assert done.returncode == ExitCode.ROWS_FAILED, done.stderr
    from_csv, from_parquet = result_rows(inputs / "r.csv"), result_rows(inputs / "r.parquet")
    assert [row.pop("line") for row in from_parquet] == list(range(1, ROWS + 1))
    assert [{**row, "line": 0} for row in from_csv] == [{**row, "line": 0} for row in from_parquet]


def test_totals_are_the_sums_of_the_rows(run: Run, inputs: Path) -> None:
    """What the totals say is what adding the rows up gives, to the last byte, second and fen."""
    done = run("billing", *billing("r.csv", "--totals", "totals.json", "--mode", "PROACTIVE_NOTICE"))
    totals = json.loads((inputs / "totals.json").read_text())
    rows = result_rows(inputs / "r.csv")
    grants = [grant for row in rows for grant in row.get("grants", [])]
    assert totals["rows"] == ROWS
    assert totals["outcomes"] == {status: sum(1 for row in rows if row["status"] == status) for status in totals["outcomes"]}
    for each in totals["grants"]:
        quantities = [grant["quantity"] for grant in grants if grant["benefit"] == each["benefit"]]
        assert (each["quantity"], each["count"]) == (sum(quantities), len(quantities))
    assert sum(each["count"] for each in totals["grants"]) == len(grants) > 0
    owed = sum(each["amount_minor"] for row in rows for each in row.get("recourse", []))
    (recourse,) = totals["recourse"]
    assert (recourse["amount_minor"], recourse["amount"]) == (owed, f"{owed // 100}.{owed % 100:02}")
    assert totals["errors"] == {"INVALID_ARGUMENT": sum(1 for row in rows if row["status"] == "ERROR")}
    assert sum(each["messages"] for each in totals["notices"]) == sum(len(row.get("notices", [])) for row in rows) > 0
    assert totals["as_of"] == "2026-04-01T00:00:00Z"
    assert f"{recourse['amount']} CNY" in done.stdout


def test_outage_that_hits_nobody_is_mentioned(run: Run, inputs: Path) -> None:
    """Area codes that do not match are a silent way to pay nobody, so they are not silent."""
    with (inputs / "outages.csv").open("a") as file:
        file.write("out-3,2026-03-04T08:00Z,2026-03-04T09:00Z,UNKNOWN,a;b,\n")
    assert "outage out-3 hit no subscriber of the file" in run("billing", *billing("r.csv")).stdout


def test_subscribers_whom_no_outage_names_are_mentioned_once(run: Run, inputs: Path) -> None:
    """Areas that are written differently in the two files pay nobody there; how many these are is said at the end."""
    done = run("billing", *billing("r.csv"))
    number = sum(1 for row in result_rows(inputs / "r.csv") if row["status"] == "NO_OUTAGE")
    assert f"{number} subscribers are in no area that an outage names (NO_OUTAGE)" in done.stdout
    (inputs / "outages.csv").write_text(OUTAGES.replace("A;B", ""))
    assert "NO_OUTAGE" not in run("billing", *billing("r2.csv")).stdout


def test_repeated_subscriber_is_mentioned(run: Run, inputs: Path, fake: FakeServer) -> None:
    """Wherever the two rows stand, also across a kill: each is decided, and it is said that the totals count both."""
    file = inputs / "subscribers.csv"
    file.write_text(file.read_text() + subscriber(0) + "\n" + subscriber(ROWS - 1) + "\n" + ",A,DATA,1,CNY,1,1\n" * 2)
    stop_in_the_middle(fake, inputs, "r.csv", signal.SIGKILL)
    more = ("--part", "20", "--batch", "10", "--totals", "t.json")
    for _ in range(2):
        done = run("billing", *billing("r.csv", *more))
        said = f"2 rows repeat the subscriber of an earlier row (line {ROWS + 2} that of line 2, line {ROWS + 3} that of line"
        assert said in done.stdout
        assert json.loads((inputs / "t.json").read_text())["repeated_rows"] == 2
    assert len(result_rows(inputs / "r.csv")) == ROWS + 4


@pytest.mark.parametrize("pass_rows", [1, 3, 100])
def test_every_repeat_is_found_in_passes(tmp_path: Path, pass_rows: int) -> None:
    """However few rows are looked at together; rows without an id repeat nobody."""
    ids = ["a", "b", "", "a", "c", "", "a", "b"]
    (tmp_path / "ids").write_bytes(repeats.kept(ids, range(2, 10)))
    assert repeats.find(tmp_path / "ids", pass_rows) == (3, [(5, 2), (8, 2), (9, 3)])


def test_result_says_what_its_questions_were_told(run: Run, tmp_path: Path) -> None:
    """What was granted before stands in the result, for provisioning to hold it against its ledger."""
    told = [f"{line},{told}" for line, told in ((subscriber(1), "7"), (subscriber(2), ""), (subscriber(3), "0"))]
    write_inputs(tmp_path, told)
    file = tmp_path / "subscribers.csv"
    file.write_text(file.read_text().replace("remaining_bytes\n", "remaining_bytes,already_granted.data\n"))
    for name in ("r.csv", "r.parquet"):
        run("billing", *billing(name))
        rows = result_rows(tmp_path / name)
        assert [row.get("granted_before", []) for row in rows] == [
            [{"outage_id": "out-1", "benefit": "data", "quantity": 7}],
            [],
            [{"outage_id": "out-1", "benefit": "data", "quantity": 0}],
        ]


def test_quotes_are_counted_apart(run: Run, inputs: Path) -> None:
    """While an outage goes on, amounts are quotes: no key, and no part of what was granted."""
    (inputs / "outages.csv").write_text(OUTAGES.replace("2026-03-04T11:30:00+08:00", ""))
    run("billing", *billing("r.csv", "--totals", "t.json"))
    totals = json.loads((inputs / "t.json").read_text())
    assert totals["grants"] == []
    assert totals["quotes"]
    row = result_rows(inputs / "r.csv")[1]
    assert "grants" not in row
    assert "grant_key" not in row["quotes"][0]


def test_unknown_policy_is_refused_once(run: Run, inputs: Path) -> None:
    """A policy that does not exist is one message, not an error in each of a million rows."""
    done = run("billing", *billing("r.csv", "--policy", "unknown"))
    assert done.returncode == ExitCode.REFUSED
    assert "there is no policy 'unknown'" in done.stderr
    assert not (inputs / "r.csv").exists()


def test_outage_that_the_server_refuses_is_refused_once(run: Run, inputs: Path, fake: FakeServer) -> None:
    """An error about an outage holds for every subscriber that it hit; the run names the outage and stops."""
    error = status(
        code_pb2.INVALID_ARGUMENT, "1 field is malformed", bad_request(("outages[0].ended_at", "is before its start"))
    )
    fake.row_error = error
    done = run("billing", *billing("r.csv"))
    assert done.returncode == ExitCode.BAD_INPUT
    assert "outages[0].ended_at: is before its start" in done.stderr
    assert "out-1" in done.stderr


def test_strict_run_stops_at_the_first_error(run: Run, inputs: Path) -> None:
    """With --strict an error is not carried along: the line and what is wrong with it end the run."""
    done = run("billing", *billing("r.csv", "--strict"))
    assert done.returncode == ExitCode.BAD_INPUT
    assert "line 2: INVALID_ARGUMENT" in done.stderr
    assert "subscriber.monthly_fee.currency_code: must be CNY" in done.stderr


def test_answers_to_other_rows_are_not_used(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A server, or a proxy, that mixes rows up would pay the wrong customers; the run stops instead."""
    fake.shuffle = True
    done = run("billing", *billing("r.csv"))
    assert done.returncode == ExitCode.SERVER_FAULT
    assert not (inputs / "r.csv").exists()


def test_input_that_is_written_meanwhile_is_noticed(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A file that grows while it is read would be decided in part; the run says so instead of finishing."""
    process = begin_and_hold(fake, inputs, *billing("r.csv"))
    with (inputs / "subscribers.csv").open("a") as file:
        file.write(subscriber(1))
    let_go_on(fake)
    errors = process.communicate(timeout=20)[1]
    assert process.returncode == ExitCode.BAD_INPUT
    assert "subscribers.csv was changed while it was read" in errors
    assert "goes on at line" not in errors


def test_run_of_a_broken_file_says_to_begin_anew(run: Run, inputs: Path) -> None:
    """A Parquet file that is broken inside has to be written anew, and is then another file: the run cannot go on with it."""
    text = pa_csv.ConvertOptions(column_types={"subscriber_id": pa.string()})
    file = inputs / "subscribers.parquet"
    table = pa_csv.read_csv(inputs / "subscribers.csv", convert_options=text)
    pq.write_table(table, file, row_group_size=100, compression="none", use_dictionary=False)
    whole = file.read_bytes()
    start = pq.ParquetFile(file).metadata.row_group(2).column(0).data_page_offset
    file.write_bytes(whole[:start] + b"\xff" * 40 + whole[start + 40 :])
    done = run("billing", *billing("r.csv", "--part", "50", "--streams", "1", subscribers=file.name))
    assert done.returncode == ExitCode.BAD_INPUT
    assert "trying again" not in done.stderr
    assert "subscribers.parquet is broken after row 200; write it anew" in done.stderr
    assert "when that is mended, begin anew with --restart: " in done.stderr
    assert "goes on at line" not in done.stderr
    file.write_bytes(whole)
    again = run("billing", *billing("r.csv", "--part", "50", "--restart", subscribers=file.name))
    assert again.returncode == ExitCode.ROWS_FAILED


def test_damaged_record_is_refused(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A progress file that cannot be read, or a spool shorter than it says, is never guessed at."""
    stop_in_the_middle(fake, inputs, "r.csv", signal.SIGKILL)
    spool, record = inputs / "r.csv.partial", inputs / "r.csv.progress"
    kept = spool.read_bytes()
    spool.write_bytes(kept[:100])
    assert "shorter than" in run("billing", *billing("r.csv", "--part", "20", "--batch", "10")).stderr
    spool.write_bytes(kept)
    record.write_text(record.read_text()[:50])
    done = run("billing", *billing("r.csv", "--part", "20", "--batch", "10"))
    assert (done.returncode, "is damaged" in done.stderr) == (ExitCode.BAD_INPUT, True)


def test_row_that_this_program_stumbles_over_is_an_error_of_its_own(
    run: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one cell must not end the run at every attempt; the others are decided, and it is told."""
    identity = cells.identity

    def stumbles(cell: cells.Cell) -> str:
        if cell == "s-5":
            raise KeyError("x" * 1000)
        return identity(cell)

    monkeypatch.setattr(cells, "identity", stumbles)
    done = run("billing", *billing("r.csv"))
    assert done.returncode == ExitCode.ROWS_FAILED
    bad = [row for row in result_rows(inputs / "r.csv") if row.get("error_code") == "BAD_ROW"]
    assert [row["line"] for row in bad] == [7]
    assert bad[0]["error"].startswith("this program cannot read the row, and did not expect that (KeyError: 'xxx")
    assert "line 7: BAD_ROW: this program cannot read the row" in done.stdout
