"""Who may know whom: the contracts of pyproject.toml, and a calculator that nothing outside the request reaches."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CALCULATOR = sorted((ROOT / "policy" / "calculator").rglob("*.py"))

# For each contract, a room and a line in it that would break it.
BREACHES = {
    "calculator_is_pure": ("policy/calculator/__init__.py", "import socket"),
    "clients_know_only_the_stubs": ("clients/__init__.py", "import policy.calculator.rules"),
    "native_knows_nobody": ("native/__init__.py", "import policy.calculator.rules"),
    "policy_knows_neither_transport_nor_callers": ("policy/language/__init__.py", "import google.protobuf"),
    "server_knows_no_client": ("server/__init__.py", "import clients"),
    "stubs_know_nobody": ("protos/makegood/v1/__init__.py", "import policy.calculator.rules"),
    "tools_use_language_uses_calculator": ("policy/calculator/__init__.py", "import policy.language"),
}

# Built-in functions and methods through which something other than the arguments would reach a decision: a clock, a file,
# a terminal, generated code, and `hash`, which differs from process to process.
IMPURE_FUNCTIONS = {"__import__", "breakpoint", "compile", "eval", "exec", "hash", "input", "open", "print"}
IMPURE_METHODS = {"now", "open", "today", "utcfromtimestamp", "utcnow"}
# Methods that take the machine's own time zone when they are called with fewer arguments than this.
ZONE_IS_ARGUMENT = {"astimezone": 1, "fromtimestamp": 2}


def lint_imports(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Run one contract over the rooms below `root`."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    options = ["--config", str(ROOT / "pyproject.toml"), "--contract", contract, "--no-cache"]
    # Ahead of the editable install, so that the rooms of `root` are read.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "protos")])}
    return subprocess.run([*command, *options], cwd=root, env=environment, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("contract", [each["id"] for each in CONFIG["contracts"]])
def test_arrow_is_kept(contract: str) -> None:
    """No import, direct or through others, runs against an arrow between rooms."""
    done = lint_imports(ROOT, contract)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_arrow_has_a_breach() -> None:
    """A contract that is added is also tried against a line that breaks it."""
    assert sorted(BREACHES) == sorted(each["id"] for each in CONFIG["contracts"])


@pytest.mark.parametrize("contract", BREACHES)
def test_breach_of_an_arrow_is_noticed(contract: str, tmp_path: Path) -> None:
    """One import against an arrow fails its contract, so that a kept arrow means something."""
    for room in ("clients", "native", "policy", "protos", "server"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    file, line = BREACHES[contract]
    with (tmp_path / file).open("a", encoding="utf-8") as room_file:
        room_file.write(f"\n{line}\n")
    done = lint_imports(tmp_path, contract)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout, done.stdout + done.stderr


def impure_calls(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each call in `source` that could read something other than its arguments."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_FUNCTIONS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr=name), args=args, keywords=keywords):
                if len(args) + len(keywords) < ZONE_IS_ARGUMENT.get(name, 0):
                    yield node.lineno, name


@pytest.mark.parametrize("file", CALCULATOR, ids=lambda file: str(file.relative_to(ROOT)))
def test_calculator_calls_nothing_impure(file: Path) -> None:
    """No clock, file, terminal, generated code or seed-dependent hash has a say in a decision."""
    assert list(impure_calls(file.read_text("utf-8"))) == []


@pytest.mark.parametrize("call", ["open('x')", "date.today()", "datetime.now(UTC)", "hash('x')", "date.fromtimestamp(0)"])
def test_impure_call_is_noticed(call: str) -> None:
    """The search finds what it is for, also deep inside an expression."""
    assert len(list(impure_calls(f"def f():\n    return [1 + len({call})]"))) == 1
