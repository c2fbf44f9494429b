"""The callers against a real server: what billing, the desk and provisioning say is what the service decides."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format

from clients.billing import columns
from clients.errors import ExitCode
from clients.provisioning import ledger
from clients.tables.opening import open_table, rows_of
from clients.tables.options import TableOptions
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import (
    EXPLAIN_NONE,
    MODE_AUTOMATIC,
    ComputeCompensationRequest,
    ComputeCompensationResponse,
)
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from tests.clients.conftest import Run, command_environment
from tests.clients.files import result_rows, rows_on_record
from tests.clients.server_process import ROOT, ServerProcess, server_process

SUBSCRIBERS_FILE = ROOT / "examples" / "subscribers.csv"
OUTAGES_FILE = ROOT / "examples" / "outages.csv"
AS_OF = "2026-07-20T00:00:00Z"
MIB = 2**20


def billing(out: str, *more: str, subscribers: Path = SUBSCRIBERS_FILE) -> tuple[str, ...]:
    files = ("--subscribers", str(subscribers), "--outages", str(OUTAGES_FILE), "--out", out)
    return ("run", *files, "--as-of", AS_OF, *more)


def test_billing_of_the_examples_grants_what_was_worked_out_by_hand(run_real: Run, tmp_path: Path) -> None:
    """Row by row, the worked examples of the policy's page among them; the totals are exact."""
    done = run_real("billing", *billing("r.csv", "--totals", "t.json"))
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    rows = {row["subscriber_id"]: row for row in result_rows(tmp_path / "r.csv")}
    granted = {
        who: {grant["benefit"]: grant["quantity"] for grant in row["grants"]} for who, row in rows.items() if "grants" in row
    }
    assert granted == {
        # 4.75 weighted hours x 200 MiB x 2.0, and x 1.1.
        "13800000001": {"data": 1900 * MIB},
        "13800000002": {"data": 1045 * MIB},
        # 8 weighted hours of a voice plan: x 200 x 0.3, x 10 min.
        "13800000003": {"data": 480 * MIB, "voice": 80 * 60, "value_added": 1},
        # 28.4 h x 1/2, and from 16:00 to 18:30 in full for the grid: 2 + 0.5 x 1.2 = 2.6 h; 15.5 h x 200 x 0.6 x 1.5, x 5 min.
        "13800000004": {"data": 2790 * MIB, "voice": 78 * 60, "value_added": 2},
        # 2.6 h x 200 x 1.3.
        "13800000005": {"data": 676 * MIB},
        # 8 h of a converged plan: x 200 x 0.6 x 1.3, x 5 min.
        "13800000008": {"data": 1248 * MIB, "voice": 40 * 60, "value_added": 1},
    }
    assert rows["13800000006"]["status"] == "NO_OUTAGE"
    assert rows["13800000007"]["status"] == "CANNOT_DECIDE"
    totals = json.loads((tmp_path / "t.json").read_text())
    sums = {each["benefit"]: each["quantity"] for each in totals["grants"]}
    assert sums == {"data": 8139 * MIB, "voice": 198 * 60, "value_added": 4}
    # 480 x 0.02 + 80 x 0.10 + 1.00, and 1248 x 0.02 + 40 x 0.10 + 1.00.
    assert [each["amount"] for each in totals["recourse"] if each["responsible_party"] == "contractor-7"] == ["48.56"]


def test_billing_decides_as_a_single_call_does(run_real: Run, server: ServerProcess, tmp_path: Path) -> None:
    """The result row of a subscriber has the decision id and the grants that ComputeCompensation gives for the same facts."""
    run_real("billing", *billing("r.csv"))
    table = open_table(SUBSCRIBERS_FILE)
    chosen = columns.subscribers(TableOptions()).chosen(table, "examples", TableOptions())
    fee = next(each.index for each in chosen if each.name == "monthly_fee_minor")
    outages = {row["outage_id"]: row for row in _outages()}
    results = result_rows(tmp_path / "r.csv")
    with grpc.insecure_channel(server.address) as channel:
        stub = CompensationServiceStub(channel)
        for row, result in zip(rows_of(table), results, strict=True):
            if "decision_id" not in result:
                continue
            request = ComputeCompensationRequest(mode=MODE_AUTOMATIC, explain=EXPLAIN_NONE)
            request.as_of.FromJsonString(AS_OF)
            for each in chosen:
                if row.cells[each.index]:
                    each.column.fill(request, row.cells[each.index])
            request.subscriber.monthly_fee.currency_code = "CNY"
            request.subscriber.monthly_fee.amount_minor = int(row.cells[fee])
            request.outages.extend(_outage(outages[outage_id]) for outage_id in result["outage_ids"])
            single: ComputeCompensationResponse = stub.ComputeCompensation(request, timeout=10)
            assert single.decision.decision_id == result["decision_id"]
            keys = [grant.grant_key for grant in single.decision.grants]
            assert keys == [grant["grant_key"] for grant in result.get("grants", [])]


def _outages() -> list[dict[str, str]]:
    table = open_table(OUTAGES_FILE)
    return [dict(zip(table.columns, row.cells, strict=True)) for row in rows_of(table)]


def _outage(facts: dict[str, str]) -> facts_pb2.Outage:
    """By protobuf's own JSON, so that it is not billing's own reading that is compared with itself."""
    document = {
        **{name: facts[name] for name in ("outage_id", "responsible_party", "started_at", "ended_at")},
        "cause": f"CAUSE_{facts['cause']}",
        "impact": f"IMPACT_{facts['impact']}",
        "services": [f"SERVICE_{word}" for word in facts["services"].split(";") if word],
    }
    return json_format.ParseDict(document, facts_pb2.Outage())


def test_what_billing_grants_is_booked_once(run_real: Run, tmp_path: Path) -> None:
    """From the subscribers' file to the ledger, with the messages to send; a second time changes nothing."""
    run_real("billing", *billing("r.parquet", "--mode", "PROACTIVE_NOTICE", "--notice-channel", "SMS"))
    first = run_real("provisioning", "apply", "r.parquet", "--ledger", "l.sqlite")
    for part in ("grants booked: 12", "notices written: 12", "booked data: 8139 MiB", "booked voice: 198 min"):
        assert part in first.stdout
    balance = run_real("provisioning", "balance", "13800000004", "--ledger", "l.sqlite").stdout
    assert "data: 2790 MiB in 1 booking" in balance
    again = run_real("provisioning", "apply", "r.parquet", "--ledger", "l.sqlite")
    assert (again.returncode, "nothing new" in again.stdout) == (ExitCode.DONE, True)
    assert run_real("provisioning", "balance", "13800000004", "--ledger", "l.sqlite").stdout == balance


CLAIM = (
    *("claim", "--channel", "HOTLINE", "--claimed", "2026-06-10T11:00+08:00/2026-06-10T15:00+08:00"),
    *("--subscriber", "13800000001", "--plan-type", "DATA", "--fee", "59.00", "--allowance", "10GiB", "--remaining", "1GiB"),
    *("--outage", "2026-06-10T12:00+08:00/2026-06-10T14:00+08:00,EQUIPMENT_FAILURE,id=out-17"),
)


def test_claim_is_decided_and_booked(run_real: Run, tmp_path: Path) -> None:
    """The desk files it, the decision is handed over as a file, and provisioning books it once."""
    filed = run_real("crm", *CLAIM, "--claimed-at", "2026-06-20T10:00+08:00", "--out", "claim.csv")
    assert (filed.returncode, filed.stderr) == (ExitCode.DONE, "")
    assert "data: 780 MiB of data" in filed.stdout
    assert "CLAIM_EXCEEDS_RECORD" in filed.stdout
    for counted in ("grants booked: 1\n", "grants booked before: 1\n"):
        assert counted in run_real("provisioning", "apply", "claim.csv", "--ledger", "l.sqlite").stdout
    balance = run_real("provisioning", "balance", "13800000001", "--ledger", "l.sqlite").stdout
    assert balance.startswith("data: 780 MiB in 1 booking")
    again = run_real("crm", *CLAIM, "--out", "claim.csv")
    assert (again.returncode, "there is such a file already" in again.stderr) == (ExitCode.BAD_INPUT, True)


def test_claim_that_comes_too_late_is_told_why(run_real: Run, tmp_path: Path) -> None:
    """A day after the deadline nothing is owed; the reason is printed, and there is nothing to book."""
    late = run_real("crm", *CLAIM, "--claimed-at", "2026-07-11T14:00:01+08:00", "--out", "claim.csv")
    assert late.returncode == ExitCode.DONE
    assert "The claim was made after the deadline. (CLAIM_TOO_LATE, clause 3.2.2)" in late.stdout
    assert "rows without a grant: 1" in run_real("provisioning", "apply", "claim.csv", "--ledger", "l.sqlite").stdout


def test_claim_from_a_file_is_made_when_its_facts_are_looked_at(run_real: Run, tmp_path: Path) -> None:
    """A file that says as of when its facts hold has its claim made then, not at some later now, which would be refused."""
    document = json.loads((ROOT / "examples" / "verizon-2026-01-14.json").read_text())
    (tmp_path / "q.json").write_text(json.dumps(document))
    span = "2026-01-14T13:00-05:00/2026-01-14T22:00-05:00"
    done = run_real("crm", "claim", "q.json", "--channel", "APP", "--claimed", span)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    assert done.stdout.startswith("Granted")


def test_outage_that_no_policy_covers_stops_the_run(run_real: Run, tmp_path: Path) -> None:
    """It would be an error in each of a million rows; it is one message that says what to do, and doing so is the next run."""
    (tmp_path / "old.csv").write_text("outage_id,started_at,ended_at,cause\nold,2022-07-08T00:00Z,2022-07-09T00:00Z,UNKNOWN\n")
    arguments = ("run", "--subscribers", str(SUBSCRIBERS_FILE), "--outages", "old.csv", "--out", "r.csv", "--as-of", AS_OF)
    done = run_real("billing", *arguments)
    assert done.returncode == ExitCode.BAD_INPUT
    assert "is in force on 2022-07-08" in done.stderr
    assert "old; name a version that is to decide them (--version)" in done.stderr
    assert run_real("billing", *arguments, "--version", "2026-01").returncode == ExitCode.DONE


def write_subscribers(file: Path, number: int) -> None:
    header, *lines = SUBSCRIBERS_FILE.read_text().splitlines()
    rows = (lines[index % len(lines)].replace("138", f"1{index:06}", 1) for index in range(number))
    file.write_text("\n".join((header, *rows)) + "\n")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_server_that_is_started_again_costs_a_pause(tmp_path: Path, how: signal.Signals) -> None:
    """Killed or drained in the middle of a run and back a moment later: the run goes on by itself, to the same bytes."""
    write_subscribers(tmp_path / "s.csv", 1000)
    pace = ("--streams", "2", "--window", "1", "--batch", "2", "--part", "100", "--timeout", "60")
    command = [sys.executable, "-m", "clients.billing"]
    (tmp_path / "server").mkdir()
    with server_process(tmp_path / "server") as server:
        environment = command_environment(server.address)
        whole = billing("whole.csv", *pace, subscribers=tmp_path / "s.csv")
        subprocess.run([*command, *whole], cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=True)
        broken = billing("broken.csv", *pace, subscribers=tmp_path / "s.csv")
        run = subprocess.Popen([*command, *broken], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while not rows_on_record(tmp_path, "broken.csv"):
            assert run.poll() is None
            assert time.monotonic() < deadline
        server.stop(how)
        server.start()
        said = run.communicate(timeout=60)[1]
    assert run.returncode == ExitCode.DONE, said
    # A call that reaches a server in the moment at which it goes down is told CANCELLED by grpc itself; see clients.retry.
    assert "UNAVAILABLE" in said or (how is signal.SIGTERM and "CANCELLED" in said)
    assert "trying again" in said
    assert (tmp_path / "broken.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_unit_that_does_not_fit_a_benefit_is_refused(run_real: Run, tmp_path: Path) -> None:
    """The policy that decides says what each benefit is counted in; megabytes of calls are a slip, minutes are not."""
    example = cycle_unknown("verizon-2026-01-14", tmp_path)
    before = "--granted-before"
    wrong = ("--already-granted", "voice=10MiB", "--already-granted", "value_added=1h", before, "verizon-2026-01-14:data=1h")
    done = run_real("crm", "quote", example, *wrong)
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr.splitlines()[1:] == [
        "  voice=10MiB: cn-standard counts voice as VOICE_SECONDS",
        "  value_added=1h: cn-standard counts value_added as VALUE_ADDED_DAYS",
        "  data=1h: cn-standard counts data as DATA_BYTES",
    ]
    right = run_real("crm", "quote", example, "--already-granted", "voice=10min", "--already-granted", "data=485MiB")
    assert "data: 1000 MiB of data" in right.stdout
    assert "voice: 32 min of calls" in right.stdout


GROWING = """\
outage_id,started_at,ended_at,cause,areas
A,2026-03-04T08:00:00+08:00,2026-03-04T11:30:00+08:00,EQUIPMENT_FAILURE,PUDONG
"""
GROWN = GROWING + "B,2026-03-04T11:30:00+08:00,2026-03-04T13:30:00+08:00,EQUIPMENT_FAILURE,PUDONG\n"
APART = GROWING + "B,2026-03-05T11:30:00+08:00,2026-03-05T13:30:00+08:00,EQUIPMENT_FAILURE,PUDONG\n"
TOLD = (
    *("--already-granted-from", "l.sqlite"),
    # What the cycle was granted in all has grown since the file was written.
    *("--ignore-column", "granted_this_cycle.data", "--ignore-column", "granted_this_cycle.voice"),
)


def test_outage_that_was_billed_is_paid_once_beside_one_of_another_day(run_real: Run, tmp_path: Path) -> None:
    """Each interruption has a key of its own: told or not, what is booked of A stays, and B is added."""
    files = ("--subscribers", str(SUBSCRIBERS_FILE), "--as-of", AS_OF)
    for name, outages, more in (("a", GROWING, ()), ("blind", APART, ()), ("told", APART, TOLD)):
        (tmp_path / "o.csv").write_text(outages)
        run_real("billing", "run", *files, "--outages", "o.csv", "--out", f"{name}.csv", *more)
        assert run_real("provisioning", "apply", f"{name}.csv", "--ledger", "l.sqlite").returncode == ExitCode.DONE
    balance = run_real("provisioning", "balance", "13800000001", "--ledger", "l.sqlite").stdout
    assert balance.startswith("data: 3100 MiB in 2 bookings")


def test_outage_that_was_billed_is_not_paid_again_with_a_new_one(run_real: Run, tmp_path: Path) -> None:
    """Billed with A, then with A and B that touches it: blindly decided, the row is left; told by the ledger, what is owed
    besides is granted and booked, so that 3100 MiB are owed and 3100 MiB are booked. Billed again, nothing is left to grant."""
    files = ("--subscribers", str(SUBSCRIBERS_FILE), "--as-of", AS_OF)
    (tmp_path / "a.csv").write_text(GROWING)
    (tmp_path / "ab.csv").write_text(GROWN)
    told = TOLD
    run_real("billing", "run", *files, "--outages", "a.csv", "--out", "a-out.csv")
    run_real("provisioning", "apply", "a-out.csv", "--ledger", "l.sqlite")
    run_real("billing", "run", *files, "--outages", "ab.csv", "--out", "blind.csv")
    blind = run_real("provisioning", "apply", "blind.csv", "--ledger", "l.sqlite")
    assert (blind.returncode, blind.stderr.count("OVERLAPS: of data are booked 1900 MiB for A")) == (ExitCode.ROWS_FAILED, 1)
    run_real("billing", "run", *files, "--outages", "ab.csv", "--out", "told.csv", *told)
    (row,) = [row for row in result_rows(tmp_path / "told.csv") if row["status"] == "GRANTED"]
    assert row["granted_before"] == [{"outage_id": "A", "benefit": "data", "quantity": 1900 * MIB}]
    for _ in range(2):
        assert run_real("provisioning", "apply", "told.csv", "--ledger", "l.sqlite").returncode == ExitCode.DONE
    assert run_real("provisioning", "balance", "13800000001", "--ledger", "l.sqlite").stdout.startswith("data: 3100 MiB in 2")
    run_real("billing", "run", *files, "--outages", "ab.csv", "--out", "again.csv", *told)
    (row,) = [row for row in result_rows(tmp_path / "again.csv") if row["subscriber_id"] == "13800000001"]
    assert [reason["code"] for reason in row["reasons"]] == ["ALREADY_GRANTED"]
    other = run_real("billing", "run", *files, "--outages", "ab.csv", "--out", "told.csv", *told)
    assert "--already-granted-from was 'a ledger of 1 booking' and is 'a ledger of 2 bookings'" in other.stderr


def test_what_was_granted_is_told_in_one_way(run_real: Run, tmp_path: Path) -> None:
    """A column and the ledger may differ; a ledger that is not there, misspelt perhaps, would pay all of it again."""
    header, row = "subscriber_id,plan_type,already_granted.data", "1,DATA,5"
    (tmp_path / "s.csv").write_text(f"{header}\n{row}\n")
    (tmp_path / "o.csv").write_text(GROWING.replace("PUDONG", ""))
    command = ("run", "--subscribers", "s.csv", "--outages", "o.csv", "--out", "r.csv", "--already-granted-from", "l.sqlite")
    missing = run_real("billing", *command)
    assert (missing.returncode, "there is no ledger l.sqlite" in missing.stderr) == (ExitCode.LEDGER_UNUSABLE, True)
    with ledger.opened(tmp_path / "l.sqlite", write=True):
        pass
    both = run_real("billing", *command)
    assert (both.returncode, "already_granted.data, and --already-granted-from" in both.stderr) == (ExitCode.BAD_INPUT, True)


def cycle_unknown(example: str, folder: Path) -> Path:
    """An example that does not say that its cycle was granted nothing, which what was granted before would contradict."""
    document = json.loads((ROOT / "examples" / f"{example}.json").read_text())
    del document["subscriber"]["granted_this_cycle"]
    (folder / f"{example}.json").write_text(json.dumps(document))
    return folder / f"{example}.json"


def test_chinese_derivation_has_no_english_notes(run_real: Run, tmp_path: Path) -> None:
    """What the service says of steps beside a policy's own names is known to the desk's other language."""
    for file in ("o2-2018-12-06", "kddi-2022-07-02", "starhub-2020-04-15"):
        example = cycle_unknown(file, tmp_path)
        outage_id = json.loads(example.read_text())["outages"][0]["outage_id"]
        before = ("--granted-before", f"{outage_id}:data=1MiB")
        told = run_real("crm", "quote", example, "--explain", "full", "--language", "zh", *before).stdout
        notes = re.findall(r"  \((.*)\)$", told, re.MULTILINE)
        assert len(notes) > 5
        assert not [note for note in notes if re.search(r"\b(?!weighted)[a-z]{2,}\b", note.replace(file, ""))], notes
        assert not re.search(r"[0-9] (outages?|units?|s|days?|weighted)\b", told)
