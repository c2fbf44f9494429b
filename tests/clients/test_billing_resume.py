"""A run that was stopped loses nothing and goes on where it was, with the question that it was begun with."""

import signal
import time
from pathlib import Path

import pytest
from google.rpc import code_pb2

from clients.errors import ExitCode
from makegood.v1 import decision_pb2
from tests.clients.billing_runs import begin_and_hold, let_go_on, stop_in_the_middle
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer, failing, retry_info
from tests.clients.files import ROWS, billing, rows_on_record


@pytest.mark.parametrize("out", ["r.csv", "r.parquet"])
def test_killed_run_completes_to_the_same_bytes(run: Run, inputs: Path, fake: FakeServer, out: str) -> None:
    """kill -9 in the middle loses nothing: the same command ends with the bytes of a run that went through."""
    whole = f"whole-{out}"
    run("billing", *billing(whole, "--part", "20", "--batch", "10"))
    assert stop_in_the_middle(fake, inputs, out, signal.SIGKILL)[0] == -signal.SIGKILL
    assert not (inputs / out).exists()
    asked_before = sum(len(message.items) for message in fake.messages)
    done = run("billing", *billing(out, "--part", "20", "--batch", "10"))
    assert "going on at line" in done.stderr
    assert (inputs / out).read_bytes() == (inputs / whole).read_bytes()
    asked_again = sum(len(message.items) for message in fake.messages) - asked_before
    assert asked_again < sum(1 for number in range(ROWS) if number // 7 % 3 != 2)
    assert not (inputs / f"{out}.partial").exists()
    assert not (inputs / f"{out}.ids").exists()
    assert not (inputs / f"{out}.whole").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_says_how_to_go_on(fake: FakeServer, inputs: Path, how: signal.Signals) -> None:
    """Ctrl-C and kill end a run at once, and it says what is kept."""
    code, errors = stop_in_the_middle(fake, inputs, "r.csv", how)
    assert code == ExitCode.INTERRUPTED
    assert "rows are decided and kept; the same command goes on at line" in errors
    assert "Traceback" not in errors


def test_a_parquet_result_that_is_begun_is_not_left(run: Run, fake: FakeServer, inputs: Path) -> None:
    """It is written beside the run, under another name; a run that goes on writes it anew, whatever a kill left there."""
    run("billing", *billing("whole.parquet", "--part", "20", "--batch", "10"))
    stop_in_the_middle(fake, inputs, "r.parquet", signal.SIGINT)
    assert not (inputs / "r.parquet.whole").exists()
    (inputs / "r.parquet.whole").write_bytes(b"PAR1 and what a kill left")
    run("billing", *billing("r.parquet", "--part", "20", "--batch", "10"))
    assert (inputs / "r.parquet").read_bytes() == (inputs / "whole.parquet").read_bytes()


def test_half_written_part_is_cut_off(run: Run, inputs: Path, fake: FakeServer) -> None:
    """Bytes that were on their way to disk when the run was killed are not results."""
    run("billing", *billing("whole.csv", "--part", "20", "--batch", "10"))
    stop_in_the_middle(fake, inputs, "r.csv", signal.SIGKILL)
    with (inputs / "r.csv.partial").open("ab") as file:
        file.write(b"23,half of a ro")
    run("billing", *billing("r.csv", "--part", "20", "--batch", "10"))
    assert (inputs / "r.csv").read_bytes() == (inputs / "whole.csv").read_bytes()


def test_as_of_of_the_first_start_holds_for_all_rows(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A run without --as-of looks at all facts at the instant when it was first begun, also the rows that a rerun decides."""
    arguments = [
        each for each in billing("r.csv", "--part", "20", "--batch", "10") if each not in ("--as-of", "2026-04-01T00:00:00Z")
    ]
    fake.failures.extend([None] * 12 + [failing(code_pb2.INTERNAL, "a fault")])
    assert run("billing", *arguments).returncode == ExitCode.SERVER_FAULT
    time.sleep(1.1)
    run("billing", *arguments)
    assert len({message.defaults.as_of.seconds for message in fake.messages}) == 1


def test_finished_run_is_not_run_again(run: Run, inputs: Path, fake: FakeServer) -> None:
    """The same command after the end asks nothing, prints the same totals and leaves the result as it is."""
    first = run("billing", *billing("r.csv"))
    calls, written = fake.calls, (inputs / "r.csv").stat().st_mtime_ns
    again = run("billing", *billing("r.csv"))
    assert (again.stdout, again.returncode) == (first.stdout, first.returncode)
    assert (fake.calls, (inputs / "r.csv").stat().st_mtime_ns) == (calls, written)


def test_vanished_server_is_waited_for(run: Run, inputs: Path, fake: FakeServer) -> None:
    """A server that is drained in the middle of a part costs a repeat of what it had not answered, and nothing else."""
    run("billing", *billing("whole.csv"))
    fake.messages.clear()
    gone = failing(code_pb2.UNAVAILABLE, "draining", retry_info(0.05))
    busy = failing(code_pb2.RESOURCE_EXHAUSTED, "too many streams", retry_info(0.05))
    fake.failures.extend([None] * 5 + [gone, None, busy])
    done = run("billing", *billing("r.csv", "--streams", "1", "--batch", "10"))
    assert (inputs / "r.csv").read_bytes() == (inputs / "whole.csv").read_bytes()
    assert "UNAVAILABLE: draining; trying again for up to" in done.stderr
    first = [message.items[0].request_id for message in fake.messages[:5]]
    assert all(message.items[0].request_id not in first for message in fake.messages[5:])


def test_server_that_stays_away_ends_the_run_and_loses_nothing(run: Run, inputs: Path, fake: FakeServer) -> None:
    """After the deadline the run ends with its own exit code, says what is kept, and the same command completes it."""
    run("billing", *billing("whole.csv", "--part", "20", "--batch", "10"))
    fake.failures.extend([None] * 12 + [failing(code_pb2.UNAVAILABLE, "gone")] * 1000)
    done = run("billing", *billing("r.csv", "--part", "20", "--batch", "10", "--timeout", "1"))
    assert done.returncode == ExitCode.UNREACHABLE
    assert "rows are decided and kept" in done.stderr
    assert 0 < rows_on_record(inputs, "r.csv") < ROWS
    fake.failures.clear()
    run("billing", *billing("r.csv", "--part", "20", "--batch", "10"))
    assert (inputs / "r.csv").read_bytes() == (inputs / "whole.csv").read_bytes()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("subscribers.csv", "138-x,A,DATA,1,CNY,1,1\n"), "subscribers file is another"),
        (("outages.csv", "out-9,2026-03-04T08:00Z,2026-03-04T09:00Z,UNKNOWN,A,\n"), "outages file is another"),
        (("--policy", "other"), "--policy was '' and is 'other'"),
        (("--mode", "PROACTIVE_NOTICE"), "--mode was 'AUTOMATIC'"),
        (("--part", "21"), "--part was 10000 and is 21"),
    ],
)
def test_rerun_with_another_question_is_refused(run: Run, inputs: Path, change: tuple[str, str], named: str) -> None:
    """One result holds the answers to one question: other inputs or flags are named and refused, and --restart begins anew."""
    run("billing", *billing("r.csv"))
    before = (inputs / "r.csv").read_bytes()
    flags: tuple[str, ...] = change
    if not change[0].startswith("--"):
        flags = ()
        with (inputs / change[0]).open("a") as file:
            file.write(change[1])
    done = run("billing", *billing("r.csv", *flags))
    assert done.returncode == ExitCode.BAD_INPUT
    assert named in done.stderr
    assert "--restart" in done.stderr
    assert (inputs / "r.csv").read_bytes() == before
    assert run("billing", *billing("r.csv", *flags, "--restart")).returncode in (ExitCode.DONE, ExitCode.ROWS_FAILED)


def test_touched_or_copied_input_is_the_same_input(run: Run, inputs: Path) -> None:
    """What counts is what a file holds, not when it was written."""
    run("billing", *billing("r.csv"))
    (inputs / "subscribers.csv").touch()
    (inputs / "outages.csv").rename(inputs / "copy.csv")
    done = run("billing", *billing("r.csv", outages="copy.csv"))
    assert done.returncode == ExitCode.ROWS_FAILED
    assert "is whole" in done.stdout


def test_foreign_result_is_not_written_over(run: Run, inputs: Path) -> None:
    """A file that no run on record wrote is left alone unless --restart says otherwise."""
    (inputs / "r.csv").write_text("mine")
    done = run("billing", *billing("r.csv"))
    assert (done.returncode, (inputs / "r.csv").read_text()) == (ExitCode.BAD_INPUT, "mine")


def test_two_runs_do_not_write_one_result(run: Run, inputs: Path, fake: FakeServer) -> None:
    """While a run is under way, a second one of the same result is refused; after a kill, none is in the way."""
    process = begin_and_hold(fake, inputs, *billing("r.csv"))
    second = run("billing", *billing("r.csv"))
    assert second.returncode == ExitCode.BAD_INPUT
    assert "another run is writing r.csv" in second.stderr
    process.kill()
    process.communicate()
    let_go_on(fake)
    assert run("billing", *billing("r.csv")).returncode == ExitCode.ROWS_FAILED


def test_policy_that_changes_under_a_run_stops_it(run: Run, inputs: Path, fake: FakeServer) -> None:
    """One result is decided under one text of a policy; when the server's changes in the middle, the run stops and says so."""
    fake.failures.extend([None] * 12 + [failing(code_pb2.INTERNAL, "a fault")])
    run("billing", *billing("r.csv", "--part", "20", "--batch", "10"))
    assert rows_on_record(inputs, "r.csv")
    old, fake.stamp = (
        fake.stamp,
        decision_pb2.PolicyStamp(policy_id="fake", version="2026-01", sha256="cd" * 32, engine_version="fake-1"),
    )
    done = run("billing", *billing("r.csv", "--part", "20", "--batch", "10"))
    assert done.returncode == ExitCode.REFUSED
    assert "policy fake 2026-01 changed while the run was under way" in done.stderr
    assert "cd" * 32 in done.stderr
    fake.stamp = old
    assert run("billing", *billing("r.csv", "--part", "20", "--batch", "10")).returncode == ExitCode.ROWS_FAILED
