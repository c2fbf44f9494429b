"""The README shows what happens, and what it points to is there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from policy import PolicySet
from tests.server.running import running

ROOT: Final = Path(__file__).parents[1]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES: Final = sorted(
    page.relative_to(ROOT).as_posix()
    for page in ROOT.glob("**/*.md")
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)  # what is installed has pages of its own
)


def test_the_quote_is_what_the_command_prints(policies: PolicySet) -> None:
    [(command, shown)] = re.findall(r"```console\n\$ .venv/bin/python -m (.*)\n([^`]*)```", README)
    with running(policies) as server:
        output = subprocess.run(
            [sys.executable, "-m", *command.split(), "--address", str(server.address)],
            cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
        ).stdout  # fmt: skip
    assert shown.endswith("\n…\n")
    assert output.startswith(shown.removesuffix("…\n"))


def test_commands_of_make_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) - {"and"} <= targets


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_to_is_there(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []
