"""The page of the account shows what happens: its commands, one after another, print what it says."""

import re
import shlex
import shutil
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Final

import pytest

from clients.crm import cli
from tests.account.conftest import Run
from tests.account.test_migrated_ledger import put
from tests.account.test_runs import MIB
from tests.clients.server_process import ROOT

PAGE: Final = (ROOT / "clients" / "account.md").read_text("utf-8")
COMMANDS: Final = {f".venv/bin/python -m clients.{room} ": room for room in ("account", "crm")}
INSTANTS: Final = (
    (re.compile(r"20[0-9-]{8}T[0-9:]{8}Z(?<!2026-07-20T00:00:00Z)"), "TIME"),
    (re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}(?![T)0-9]| [0-9]{2}:)"), "DAY"),
    (re.compile(r"^20[0-9]{2}-[0-9]{2}(?=:)", re.MULTILINE), "MONTH"),
)


def at_the_desk(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit):
        cli.main(words)
    return out.getvalue(), err.getvalue()


def test_the_commands_of_the_page_print_what_it_shows(run_real: Run, ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "://" in ledger:
        pytest.skip("the page is of a file")
    shutil.copytree(ROOT / "examples", "examples")
    put(None, "13800000003", 480 * MIB, "out-2026-0502", path="ledger.sqlite", started_at="2026-05-02T00:00:00Z")
    put(None, "13800000009", 200 * MIB, "out-2026-0099", path="ledger.sqlite", started_at="2026-01-09T00:00:00Z")
    Path("account.sqlite").unlink(missing_ok=True)
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE) if step]
    assert len(steps) > 12
    for step in steps:
        command, _, shown = step.partition("\n")
        (prefix,) = (each for each in COMMANDS if command.startswith(each))
        words = shlex.split(command.removeprefix(prefix))
        if COMMANDS[prefix] == "crm":
            out, err = at_the_desk(*words)
        else:
            at = words.index("--ledger")
            _, out, err = run_real(*words[:at], *words[at + 2 :], on=words[at + 1])
        assert err == ""
        for pattern, name in INSTANTS if "closed until" not in out else ():
            out = pattern.sub(name, out)
        if "…\n" in shown:
            beginning, _, end = shown.partition("…\n")
            assert out.startswith(beginning)
            assert out.endswith(end)
        else:
            assert out == shown
