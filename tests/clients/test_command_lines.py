"""What every command line says of itself, and what it does when it is used wrongly."""

import argparse
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from clients import bar, command
from clients.account import flags as account
from clients.billing import flags as billing
from clients.crm import cli as crm
from clients.crm.flags import Flags
from clients.errors import ClientError, ExitCode
from clients.provisioning import cli as provisioning
from tests.clients.conftest import Run, command_environment
from tests.clients.files import billing as billing_files
from tests.clients.ledgers import granted, write_result
from tests.clients.server_process import ROOT

MODULES = {"account": account, "billing": billing, "crm": crm, "provisioning": provisioning}


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and those of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from commands(sub)


@pytest.fixture(params=list(MODULES))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def module(name: str) -> ModuleType:
    return MODULES[name]


def test_help_says_what_every_flag_and_exit_code_means(module: ModuleType) -> None:
    """Nobody has to read the source to use a command."""
    for parser in commands(module.parser()):
        flags = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
        assert all(action.help for action in flags), parser.prog
        text = parser.format_help()
        assert "exit codes:" in text
        for code in module.EXITS:
            assert f"{code.value:<3} {command.EXIT_CODES[code]}" in text


def test_lines_of_help_fit_a_terminal(module: ModuleType) -> None:
    """What is laid out by hand is at most 130 columns wide; argparse fits the rest to the terminal."""
    for parser in commands(module.parser()):
        assert max(map(len, (parser.epilog or "").splitlines())) <= 130


def examples() -> Iterator[str]:
    """The commands that the helps and examples/README.md show."""
    texts = [parser.epilog or "" for module in MODULES.values() for parser in commands(module.parser())]
    texts.append((ROOT / "examples" / "README.md").read_text())
    for text in texts:
        for line in text.replace("\\\n", " ").splitlines():
            if "python -m clients." in line:
                yield line.strip()


@pytest.mark.parametrize("line", sorted(set(examples())))
def test_shown_command_is_one_that_the_command_line_takes(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example can be copied; the files of examples/ that it names are there."""
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)
    name = words[words.index("-m") + 1].removeprefix("clients.")
    arguments = MODULES[name].parser().parse_args(words[words.index("-m") + 2 :])
    assert all(Path(word).exists() for word in words if word.startswith("examples/"))
    if name == "crm" and arguments.file is None:
        crm.question(arguments, Flags())


def test_help_and_misuse_have_the_usual_exit_codes(run: Run, name: str) -> None:
    """--help is 0 and goes to standard output; no command, or an unknown one, is 2 and goes to standard error."""
    command_line = [sys.executable, "-m", f"clients.{name}", "--help"]
    environment = command_environment("localhost:1")
    helped = subprocess.run(command_line, env=environment, capture_output=True, text=True, timeout=30, check=True)
    assert helped.stderr == ""
    assert helped.stdout.startswith(f"usage: python -m clients.{name} ")
    for wrong in ((), ("nonsense",)):
        done = run(name, *wrong)
        assert (done.returncode, done.stdout) == (ExitCode.BAD_INPUT, "")


def ended(work: Callable[[], ExitCode]) -> ExitCode:
    with pytest.raises(SystemExit) as exit_:
        command.run("billing", work)
    assert isinstance(exit_.value.code, ExitCode)
    return exit_.value.code


def test_error_is_a_line_and_more_lines_and_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the command's name, on standard error, without a traceback."""

    def fail() -> ExitCode:
        raise ClientError("it is broken", ["  here", "  and there"])

    assert ended(fail) is ExitCode.BAD_INPUT
    assert capsys.readouterr() == ("", "billing: it is broken\n  here\n  and there\n")


def test_interruption_has_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> ExitCode:
        raise KeyboardInterrupt

    assert ended(interrupt) is ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "billing: interrupted\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--out", "r.txt"), "its name has to end in .csv or .parquet"),
        (("--out", "s.csv"), "--out s.csv is a file that this run reads"),
        (("--out", "./o.csv", "--restart"), "--out o.csv is a file that this run reads"),
        (("--out", "r.csv", "--totals", "s.csv"), "--totals s.csv is a file that this run reads"),
        (("--out", "r.csv", "--totals", "r.csv"), "--totals r.csv is the file of --out"),
        (("--out", "r.csv", "--totals", "nowhere/t.json"), "there is no folder nowhere"),
        (("--out", "nowhere/r.csv"), "there is no folder nowhere"),
        (("--out", "r.csv", "--as-of", "yesterday"), "--as-of: 'yesterday' is not a time"),
        (("--out", "r.csv", "--notice-channel", "SMS"), "only for --mode PROACTIVE_NOTICE"),
    ],
)
def test_billing_checks_its_flags_before_anything_is_asked(run: Run, tmp_path: Path, more: Sequence[str], said: str) -> None:
    """What can be known to be wrong is said at once, and nothing is written."""
    (tmp_path / "s.csv").write_text("subscriber_id,plan_type\n1,DATA\n")
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    done = run("billing", "run", "--subscribers", "s.csv", "--outages", "o.csv", *more)
    assert (done.returncode, said in done.stderr) == (ExitCode.BAD_INPUT, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "s.csv"]


def test_every_wrong_column_is_named_at_once(run: Run, tmp_path: Path) -> None:
    """With the column that was perhaps meant; a column to leave out is named by a flag."""
    (tmp_path / "s.csv").write_text("subscriber_id,plan,data_remaning_bytes,note,note\n1,DATA,1,x,x\n")
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    arguments = ("run", "--subscribers", "s.csv", "--outages", "o.csv", "--out", "r.csv")
    done = run("billing", *arguments)
    assert done.returncode == ExitCode.BAD_INPUT
    assert [line.strip() for line in done.stderr.splitlines()] == [
        "billing: the columns of s.csv have to be mended (see --help)",
        "'plan': there is no such column (did you mean plan_type?)",
        "'data_remaning_bytes': there is no such column (did you mean data_remaining_bytes?)",
        "'note': there is no such column",
        "note: stands twice",
        "plan_type: is missing",
        "a column named otherwise: --column plan_type=NAME; one that is not to be read: --ignore-column NAME",
    ]


def test_every_wrong_outage_is_named_and_nothing_starts(run: Run, tmp_path: Path) -> None:
    """With an outage left out, too little would be paid; so all of them have to be right."""
    (tmp_path / "s.csv").write_text("subscriber_id,plan_type\n1,DATA\n")
    (tmp_path / "o.csv").write_text(
        "outage_id,started_at,cause\n,2026-03-04T08:00Z,UNKNOWN\no,2026-03-04 08:00,NOISE\no2,2026-03-04T08:00Z,UNKNOWN,x\n"
    )
    done = run("billing", "run", "--subscribers", "s.csv", "--outages", "o.csv", "--out", "r.csv")
    assert done.returncode == ExitCode.BAD_INPUT
    for said in (
        "line 2: outage_id: is empty",
        "line 3: started_at: ",
        "'2026-03-04 08:00' has no offset; write it as 2026-03-04T08:00:00+08:00",
        "line 3: cause: 'NOISE'",
        "line 4: it has 4 columns",
    ):
        assert said in done.stderr
    assert not (tmp_path / "r.csv.progress").exists()


def test_truncated_parquet_file_stops_billing_before_it_begins(run: Run, tmp_path: Path) -> None:
    """Nothing is asked and nothing is written; with the whole file, the same command runs."""
    (tmp_path / "s.parquet").write_bytes(b"PAR1" + b"x" * 100)
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    done = run("billing", "run", "--subscribers", "s.parquet", "--outages", "o.csv", "--out", "r.csv")
    assert done.returncode == ExitCode.BAD_INPUT
    assert re.search(r"s\.parquet is not a whole Parquet file; was it cut off", done.stderr)
    assert not (tmp_path / "r.csv.progress").exists()


def test_bar_says_how_many_rows_are_done_and_only_on_a_terminal() -> None:
    """A log file is spared it."""
    for terminal in (True, False):
        file = io.StringIO()
        with bar.shown(Console(file=file, force_terminal=terminal, width=80), 200) as advance:
            advance(50, 7)
        assert ("7 rows" in file.getvalue()) == terminal
        assert ("25%" in file.getvalue()) == terminal


@pytest.mark.parametrize("file", ["o.csv", "o.json"])
def test_outage_that_cannot_be_is_told_before_any_row_is_decided(run: Run, tmp_path: Path, file: str) -> None:
    """An end that is not after its start, and no cause or impact: with the place, and not as an error in a million rows."""
    (tmp_path / "s.csv").write_text("subscriber_id,plan_type\n1,DATA\n")
    start = "2026-03-04T08:00:00Z"
    said: tuple[str, ...]
    if file == "o.csv":
        text = f"outage_id,started_at,ended_at,cause,impact\no,{start},{start},UNKNOWN,LOSS\no2,{start},,UNKNOWN,\n"
        said = ("line 2: ended_at: ", "line 3: impact: is missing")
    else:
        outages = [
            {"outage_id": "o", "started_at": start, "ended_at": start, "cause": "UNKNOWN", "impact": 99},
            {"outage_id": "o2", "impact": "LOSS"},
        ]
        text = json.dumps(outages)
        said = (
            "outages[0]: ended_at: ",
            "outages[0]: impact: there is no code 99; it is one of LOSS, DEGRADED",
            "outages[1]: cause: is missing",
            "outages[1]: started_at: is missing",
        )
    (tmp_path / file).write_text(text)
    done = run("billing", "run", "--subscribers", "s.csv", "--outages", file, "--out", "r.csv")
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr.startswith(f"billing: {file} has to be mended")
    for each in (*said, f"{start} is not after started_at {start}"):
        assert each in done.stderr
    assert not (tmp_path / "r.csv.progress").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crm", "quote", "--fee", "1", "--fee", "1"), "argument --fee: is given twice; give it once"),
        (("crm", "quote", "--remaining=1", "--fee", "2", "--remaining", "3"), "argument --remaining: is given twice"),
        (("crm", "quote", "--policy", ""), "argument --policy: is empty; give a value, or leave the flag out"),
        (("crm", "quote", "--subscriber", " "), "argument --subscriber: is empty"),
        (("crm", "quote", "--allow", "20GiB"), "'--allow' is no flag or value here (did you mean --allowance?)"),
        (("crm", "quote", "—fee", "5"), "'—fee' begins with the dash of a word processor (did you mean --fee?)"),
        (("billing", *billing_files("r.csv"), "--out", "r2.csv"), "argument --out: is given twice"),
        (("billing", *billing_files("r.csv"), "--policy", "$POLICY", "--policy", "b"), "argument --policy: is given twice"),
        (("billing", *billing_files("r.csv"), "--version="), "argument --version: is empty"),
        (("billing", *billing_files("r.csv"), "--part", "1_000"), "'1_000' is not a whole number from 1 to 1000000"),
        (("billing", *billing_files("r.csv"), "--batch", "１００"), "is not a whole number from 1 to 1000000"),
        (("billing", *billing_files("r.csv"), "--batch", "9" * 5000), "is not a whole number from 1 to 1000000"),
        (("provisioning", "outbox", "--ledger", "l", "--after", str(2**63)), "is not a whole number from 0 to"),
        (("provisioning", "outbox", "--ledger", "l", "--limit", "-1"), "is not a whole number from 1 to"),
        (("provisioning", "apply", "r.csv", "--ledger", "l", "--wait", "nan"), "'nan' is not a number of seconds"),
        (("provisioning", "apply", "r.csv", "--ledger", "l", "--wait", "1e9"), "'1e9' is not a number of seconds"),
    ],
)
def test_flag_that_may_be_a_slip_is_refused(run: Run, tmp_path: Path, words: Sequence[str], said: str) -> None:
    """Given twice, empty (an unset variable of a shell), cut short, with a dash of a word processor: nothing is guessed."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (ExitCode.BAD_INPUT, "")
    error, advice = done.stderr.splitlines()
    assert error.startswith(f"{words[0]}: ")
    assert said in error
    assert advice.endswith("--help")
    assert list(tmp_path.iterdir()) == []


def test_flags_that_may_be_repeated_still_are(run: Run) -> None:
    """Those whose help says so."""
    arguments = billing.parser().parse_args([*billing_files("r.csv"), "--ignore-column", "a", "--ignore-column", "b"])
    assert arguments.ignore_column == ["a", "b"]


LONG = "a" * 300 + ".csv"
PATHS = (
    ".",
    "..",
    "/",
    "//",
    "loop.csv",
    "folder.csv",
    "folder.parquet",
    LONG,
    "nowhere.csv",
    "\udcff.csv",
    "s.csv/x.csv",
    "~",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "flag", ["--subscribers", "--outages", "--out", "--totals", "--already-granted-from", "result", "--ledger", "--report"]
)
def test_path_that_is_no_such_file_is_told(run: Run, tmp_path: Path, flag: str, path: str) -> None:
    """A folder, a loop of links, a name too long or of other bytes, wherever a file is wanted."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "s.csv").write_text("subscriber_id,plan_type\n1,DATA\n")
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    write_result(tmp_path / "r.csv", [granted(1)])
    if flag in {"result", "--ledger", "--report"}:
        words = {"result": "r.csv", "--ledger": "l.sqlite", "--report": "p.csv"} | {flag: path}
        result = words.pop("result")
        done = run("provisioning", "apply", result, *(word for pair in words.items() for word in pair))
    else:
        words = {"--subscribers": "s.csv", "--outages": "o.csv", "--out": "out.csv", "--policy": "fake"} | {flag: path}
        done = run("billing", "run", *(word for pair in words.items() for word in pair))
        if flag in {"--subscribers", "--outages"}:
            both = ("--subscribers", words["--subscribers"], "--outages", words["--outages"])
            checked = run("billing", "check", *both)
            assert checked.returncode == ExitCode.BAD_INPUT, checked.stderr
    refused = {ExitCode.BAD_INPUT, ExitCode.LEDGER_UNUSABLE}
    written = {"--out", "--totals", "--report", "--ledger"}
    assert done.returncode in refused or (flag in written and done.returncode == ExitCode.DONE), done.stderr


@pytest.mark.parametrize("name", ["idna", "undefined", "rot13", "base64", "nonsense", "\x00"])
def test_encoding_that_is_none_of_a_text_is_told(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "s.csv").write_text("subscriber_id,plan_type\n1,DATA\n")
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    done = run("billing", "check", "--subscribers", "s.csv", "--outages", "o.csv", "--encoding", name)
    assert done.returncode == ExitCode.BAD_INPUT
    assert f"--encoding {name}: there is no such encoding" in done.stderr
