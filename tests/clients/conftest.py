"""What the tests of the callers share: a fake server, and the commands as processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.fakes import FakeServer, serving

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server of canned decisions."""
    with serving() as server:
        yield server


def command_environment(address: str) -> dict[str, str]:
    """The environment of a command: where the server is, and the rooms on the path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKEGOOD_")}
    return {**inherited, "MAKEGOOD_ADDRESS": address, "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"}


@pytest.fixture
def run(fake: FakeServer, tmp_path: Path) -> Run:
    """Runs `python -m clients.NAME …` against the fake server, in a folder of its own."""

    def run_command(name: str, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        options.setdefault("input", "")
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-m", f"clients.{name}", *map(str, arguments)],
            cwd=tmp_path,
            env=command_environment(fake.address),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    return run_command
