"""However standard output, standard error or a file fails, a program says which one it was and keeps what it did."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clients import command
from clients.errors import ExitCode
from clients.provisioning import ledger
from clients.writing import Appended, CannotWrite, writing
from tests.clients.conftest import Run, command_environment
from tests.clients.desk import OUTAGE, WHO
from tests.clients.fakes import FakeServer
from tests.clients.files import ROWS, billing, result_rows
from tests.clients.ledgers import granted, row, write_result

FULL = Path("/dev/full")
"""Takes no byte: No space left on device."""
KEEPS = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


def start(folder: Path, address: str, redirection: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A program whose streams a shell redirects."""
    shell = f'exec "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-m", *words],
        cwd=folder,
        env=command_environment(address) | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PROGRAMS = {
    "billing": ("clients.billing", *billing("r.csv")),
    "crm": ("clients.crm", "quote", *WHO, "--outage", OUTAGE),
    "crm as json": ("clients.crm", "quote", *WHO, "--outage", OUTAGE, "--json"),
    "provisioning": ("clients.provisioning", "balance", "s-1", "--ledger", "l.sqlite"),
    "help": ("clients.billing", "run", "--help"),
}


@pytest.fixture
def folder(inputs: Path) -> Path:
    with ledger.opened(inputs / "l.sqlite", write=True):
        return inputs


@pytest.mark.parametrize("program", list(PROGRAMS))
@pytest.mark.parametrize(
    ("redirection", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed"), (">&- 2>&-", "")]
)
@KEEPS
def test_standard_output_that_takes_nothing_is_named(
    fake: FakeServer, folder: Path, program: str, redirection: str, why: str
) -> None:
    """Full or closed, it is what failed, and no file of the run; the exit code is not that of done, nor of failed rows."""
    done = start(folder, fake.address, redirection, *PROGRAMS[program])
    assert done.returncode == ExitCode.BAD_INPUT
    assert (f"standard output cannot be written: {why}" in done.stderr) == bool(why)
    assert len(done.stderr.splitlines()) == 2 * bool(why), done.stderr
    if program == "billing":
        assert len(result_rows(folder / "r.csv")) == ROWS


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_reader_that_goes_away_ends_a_program_as_it_ends_others(fake: FakeServer, folder: Path, program: str) -> None:
    """`… | head -1`: quietly, with the code that a shell gives to whom SIGPIPE ends, and never that of failed rows."""
    read, write = os.pipe()
    os.close(read)
    environment = command_environment(fake.address)
    words = [sys.executable, "-m", *PROGRAMS[program]]
    done = subprocess.run(words, cwd=folder, env=environment, stdout=write, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (ExitCode.READER_GONE, b"")


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_standard_error_that_takes_nothing_changes_no_exit_code(
    fake: FakeServer, folder: Path, redirection: str, unbuffered: str
) -> None:
    """A note that nobody can be given is no reason to stop; whether Python holds back what it writes there or does not."""
    (folder / "subscribers.csv").write_text("subscriber_id,area,plan_type\ns-1,A,DATA\n")

    def ended(*words: str) -> int:
        return start(folder, fake.address, redirection, "clients.billing", *words, PYTHONUNBUFFERED=unbuffered).returncode

    assert ended(*billing("r.csv", "--restart")) == 0
    assert ended(*billing("r.txt")) == ExitCode.BAD_INPUT


def test_encoding_of_standard_output_that_cannot_say_the_answer_is_named(fake: FakeServer, folder: Path) -> None:
    done = start(folder, fake.address, "", *PROGRAMS["crm"], "--language", "zh", PYTHONIOENCODING="ascii")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "cannot be said in its encoding, ascii; set PYTHONIOENCODING=utf-8" in done.stderr


@pytest.mark.parametrize(
    ("totals", "why"), [("/dev/full", "No space left on device"), (".", "Is a directory"), ("l.sqlite/t", "Not a directory")]
)
@KEEPS
def test_totals_that_cannot_be_written_are_named_and_the_result_stays(run: Run, folder: Path, totals: str, why: str) -> None:
    """Once that is mended, the same command writes them and decides nothing again."""
    done = run("billing", *billing("r.csv", "--totals", totals))
    assert done.returncode == ExitCode.BAD_INPUT
    if why != "Not a directory":
        assert done.stderr.startswith(f"billing: --totals {totals} cannot be written: {why}\n")
        assert len(result_rows(folder / "r.csv")) == ROWS
    assert run("billing", *billing("r.csv", "--totals", "t.json")).returncode == ExitCode.ROWS_FAILED
    assert json.loads((folder / "t.json").read_text())["rows"] == ROWS


@KEEPS
def test_report_that_cannot_be_written_is_named_before_anything_is_booked(run: Run, tmp_path: Path) -> None:
    write_result(tmp_path / "r.csv", [granted(1), row(4, "")])
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite", "--report", "/dev/full")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "provisioning: --report /dev/full cannot be written: No space left on device\n" in done.stderr
    assert not (tmp_path / "l.sqlite").exists()


LIMITED = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
LIMITED += "resource.setrlimit(resource.RLIMIT_FSIZE, (40000, resource.RLIM_INFINITY)); sys.argv = sys.argv[1:]\n"
LIMITED += "import runpy; runpy.run_module('clients.billing', run_name='__main__')"
"""Billing with files of at most 40,000 bytes."""


@pytest.mark.parametrize("out", ["r.csv", "r.parquet"])
def test_result_for_which_there_is_no_space_is_named_and_goes_on_when_there_is(
    fake: FakeServer, folder: Path, run: Run, out: str
) -> None:
    """The file that grew too large is named; with space, the same command completes the result, to the same bytes."""
    more = ("--part", "20", "--batch", "10", "--streams", "1")
    words = [sys.executable, "-c", LIMITED, "billing", *billing(out, *more)]
    environment = command_environment(fake.address)
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        ExitCode.BAD_INPUT,
        f"billing: {out}.partial cannot be written: File too large",
    )
    assert "rows are decided and kept; the same command goes on at line" in done.stderr
    assert run("billing", *billing(out, *more)).returncode == ExitCode.ROWS_FAILED
    assert run("billing", *billing(f"whole-{out}", *more)).returncode == ExitCode.ROWS_FAILED
    assert (folder / out).read_bytes() == (folder / f"whole-{out}").read_bytes()


def test_claim_that_could_not_be_written_can_be_filed_again(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written of the file is taken away, or the claim would find it in its way."""
    span = ("--channel", "APP", "--claimed", OUTAGE.partition(",")[0])
    words = ("claim", *WHO, "--outage", OUTAGE, *span, "--out", "c.csv")
    with monkeypatch.context() as full:
        full.setattr("clients.crm.hand_over.write_all", lambda file, data: os.write(os.open("/dev/full", os.O_WRONLY), data))
        done = run("crm", *words)
    assert (done.returncode, "--out c.csv cannot be written" in done.stderr) == (ExitCode.BAD_INPUT, True)
    assert not (tmp_path / "c.csv").exists()
    assert run("crm", *words).returncode == ExitCode.DONE


def test_file_that_grows_keeps_what_was_appended(tmp_path: Path) -> None:
    """What stands behind the length on record is cut off; a failure names the file and says what to do."""
    (tmp_path / "f").write_bytes(b"kept and lost")
    with Appended.at(tmp_path / "f", 4) as file:
        file.append(b", more")
        assert file.length == 10
    assert (tmp_path / "f").read_bytes() == b"kept, more"
    with pytest.raises(CannotWrite, match="nowhere cannot be written: No such file"), Appended.at(tmp_path / "nowhere", 0):
        pass
    with pytest.raises(CannotWrite, match="--totals t cannot be written: 5"), writing(Path("t"), "--totals"):
        raise OSError(5)


def ended(work: Callable[[], ExitCode], kept: str = "") -> int:
    with pytest.raises(SystemExit) as exit_:
        command.run("billing", work, kept)
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def test_what_nobody_expected_is_one_line_with_a_code_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what happened, where, and that what was decided is kept; the traceback comes only when it is asked for."""

    def fail() -> ExitCode:
        raise KeyError("one\ntwo" + "x" * 10_000)

    monkeypatch.delenv(command.TRACEBACK, raising=False)
    assert ended(fail, "what was decided is kept") == ExitCode.UNEXPECTED
    said = capsys.readouterr().err
    (line,) = said.splitlines()
    assert line.startswith("billing: not expected, a fault of this program (KeyError: 'one")
    assert f"at {Path(__file__).name}:" in line
    assert "; what was decided is kept; MAKEGOOD_TRACEBACK=1 shows all of it" in line
    assert len(line) < 500
    monkeypatch.setenv(command.TRACEBACK, "1")
    assert ended(fail) == ExitCode.UNEXPECTED
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ValueError("x"), MemoryError(), RecursionError(), UnicodeError("x"), OSError(28, "no")])
def test_no_exception_has_the_code_of_done_or_of_failed_rows(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> ExitCode:
        raise error

    assert ended(fail) == ExitCode.UNEXPECTED
    assert len(capsys.readouterr().err.splitlines()) == 1
