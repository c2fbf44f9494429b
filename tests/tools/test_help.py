"""Whoever types ``python -m policy`` learns what there is, and how to ask for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policy.tools.cli import COMMANDS, NOBODY_READS, main
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


@pytest.mark.parametrize("command", ["describe cn-standard", "check --no-proofs", "schema --output -"])
def test_a_reader_that_leaves_early_ends_a_command_without_a_word(command: str) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)  # as head does when it has its lines
    asked = [sys.executable, "-m", "policy", *command.split()]
    told = subprocess.run(asked, cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(write_end)
    assert (told.returncode, told.stderr) == (NOBODY_READS, "")


def test_so_does_a_reader_of_what_is_wrong() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    asked = [sys.executable, "-m", "policy", "check", "nowhere"]
    left = subprocess.run(asked, cwd=ROOT, stdout=write_end, stderr=write_end, timeout=60, check=False)
    os.close(write_end)
    assert left.returncode == NOBODY_READS


def test_one_spelling_of_catalog_is_used() -> None:
    for command in COMMANDS:
        assert "catalogue" not in command.description
    for page in (ROOT / "policy" / "docs").glob("*.md"):
        assert "catalogue" not in page.read_text(encoding="utf-8"), page.name
