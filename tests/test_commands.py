"""The commands that an installed makegood brings are those of ``python -m``."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

COMMANDS = {
    "makegood-server": "server",
    "makegood-policy": "policy",
    "makegood-account": "clients.account",
    "makegood-crm": "clients.crm",
    "makegood-billing": "clients.billing",
    "makegood-provisioning": "clients.provisioning",
}


def test_every_command_of_the_project_is_listed_here() -> None:
    installed = {each.name for each in entry_points(group="console_scripts") if each.name.startswith("makegood-")}
    assert installed == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_shows_the_help_of_its_module(command: str) -> None:
    of_command, of_module = (
        subprocess.run([*start, "--help"], check=True, capture_output=True, text=True).stdout
        for start in ([str(Path(sys.executable).with_name(command))], [sys.executable, "-m", COMMANDS[command]])
    )
    assert of_command.split("\n", 1)[1] == of_module.split("\n", 1)[1]
    assert "usage:" in of_command
