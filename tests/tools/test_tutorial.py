"""The tutorial is run as it stands: its files are written, its edits made, its commands given, its answers compared."""

import io
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from policy.tools.cli import main

TUTORIAL: Final = Path(__file__).parents[2] / "policy" / "docs" / "tutorial.md"
BLOCK: Final = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A command of the tutorial and what it answers; a line ``...`` stands for any lines, and within a line for any text."""

    line: str
    answer: str


def commands_of(console: str) -> list[Command]:
    pieces = re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]
    return [Command(*piece.split("\n", 1)) for piece in pieces]


def edited(text: str, diff: str) -> str:
    """The text with each run of ``-`` lines replaced by the ``+`` lines that follow it."""
    for removed, added in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", diff, flags=re.MULTILINE):
        old, new = (re.sub(r"^[-+]", "", lines, flags=re.MULTILINE) for lines in (removed, added))
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def matches(answer: str, given: str) -> bool:
    pattern = re.escape(answer).replace(re.escape("...\n"), r"(?:.*\n)*?").replace(re.escape("..."), r".*")
    return re.fullmatch(pattern, given) is not None


def answer_to(command: Command) -> str:
    """Both streams as a terminal shows them."""
    terminal = io.StringIO()
    with redirect_stdout(terminal), redirect_stderr(terminal):
        main(shlex.split(command.line)[3:])
    return terminal.getvalue()


def test_the_tutorial_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    steps = BLOCK.findall(TUTORIAL.read_text(encoding="utf-8"))
    assert {kind for kind, _, _ in steps} == {"yaml", "diff", "console"}
    for kind, name, text in steps:
        path = Path(name)
        if kind == "yaml":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif kind == "diff":
            path.write_text(edited(path.read_text(encoding="utf-8"), text), encoding="utf-8")
        else:
            for command in commands_of(text):
                assert command.line.startswith("python -m policy ")
                given = answer_to(command)
                assert matches(command.answer, given), f"{command.line}\n{given}"
