"""Whoever types ``python -m policy`` learns what there is, and how to ask for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from policy.tools.cli import COMMANDS, main
from policy.tools.command import Command

ROOT = Path(__file__).parents[2]


def test_the_module_runs_and_lists_every_command() -> None:
    asked = [sys.executable, "-m", "policy", "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    for command in COMMANDS:
        assert f"  {command.name} " in told
        assert command.summary in told


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_command_says_what_it_does_and_what_every_argument_is(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command.name, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert command.description in told
    assert max(map(len, command.description.splitlines())) <= 128


def test_what_is_not_understood_leaves_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["chek"], ["check", "--verbose"]):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
    assert "usage: python -m policy" in capsys.readouterr().err
