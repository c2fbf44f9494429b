"""What is imported is declared, what is declared is locked, and the locks hold on any machine."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, BUILD = PYPROJECT["project"], PYPROJECT["build-system"]
ROOMS = ("clients", "native", "policy", "protos/makegood", "server")
RUNTIME_LOCK, LOCK = ROOT / "deploy" / "requirements.txt", ROOT / ".ci" / "requirements.txt"
TRACES_LOCK = ROOT / "deploy" / "requirements-traces.txt"
COMPILER_LOCK, DEPLOY_LOCK = ROOT / ".ci" / "compiler.txt", ROOT / ".ci" / "deploy.txt"

# A source that is compiled runs with or without it.
IMPORTED_WHERE_IT_IS = {"cython"}
# Never imported by name: zoneinfo reads the one, and SQLAlchemy loads the other where a ledger is in PostgreSQL.
USED_WITHOUT_IMPORT = {"tzdata", "psycopg"}


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names_of(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requirements}


def declared() -> set[str]:
    """Names of the runtime dependencies of pyproject.toml."""
    return names_of(PROJECT["dependencies"])


def extra() -> set[str]:
    """Of those that only traces need."""
    return names_of(PROJECT["optional-dependencies"]["traces"])


def imported_modules() -> Iterator[str]:
    """Full names that the rooms import from outside the standard library and the project."""
    ours = {Path(room).name for room in ROOMS} | sys.stdlib_module_names
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                match node:
                    case ast.Import(names=names):
                        found = [alias.name for alias in names]
                    case ast.ImportFrom(module=str(module)):
                        found = [module]
                    case _:
                        continue
                yield from (name for name in found if name.partition(".")[0] not in ours)


def imported() -> set[str]:
    """Names of the distributions that the rooms import."""
    by_package = packages_distributions()
    # Distributions share the packages `google` and `opentelemetry`; which one is meant shows in the next word.
    shared = {
        "google.protobuf": "protobuf",
        "google.rpc": "googleapis-common-protos",
        "opentelemetry.exporter": "opentelemetry-exporter-otlp-proto-grpc",
        "opentelemetry.sdk": "opentelemetry-sdk",
        "opentelemetry.trace": "opentelemetry-api",
    }
    names = set()
    for module in imported_modules():
        head = ".".join(module.split(".")[:2])
        names.add(normal(shared.get(head) or by_package[module.partition(".")[0]][0]))
    return names


def locked(lock: Path) -> dict[str, list[str]]:
    """What a lock pins: lines "name==version", with a marker where there is one, by name."""
    pins: dict[str, list[str]] = {}
    for line in lock.read_text("utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            pins.setdefault(normal(line.partition("==")[0]), []).append(line.rstrip(" \\"))
    return pins


def test_runtime_dependencies_are_what_is_imported() -> None:
    """Every library that a room imports is declared, and every declared one is imported."""
    assert imported() - IMPORTED_WHERE_IT_IS == (declared() | extra()) - USED_WITHOUT_IMPORT


def test_deployment_runs_what_was_tested() -> None:
    """The deployment's lock pins every runtime dependency, each as the lock that tests run with."""
    runtime, tested = locked(RUNTIME_LOCK), locked(LOCK)
    assert declared() <= runtime.keys()
    assert {name: tested[name] for name in runtime} == runtime
    with_traces = locked(TRACES_LOCK)
    assert extra() <= with_traces.keys()
    assert runtime.items() <= with_traces.items()
    assert {name: tested[name] for name in with_traces} == with_traces


def test_builds_use_what_is_locked() -> None:
    """Setup builds without isolation: what a build requires is among what is installed. The compiler stands apart."""
    required = {normal(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in BUILD["requires"]}
    assert required <= locked(LOCK).keys()
    assert locked(COMPILER_LOCK).keys() == {"ziglang"}
    assert "ziglang" not in locked(LOCK)


LOCKS = {"runtime": RUNTIME_LOCK, "traces": TRACES_LOCK, "tested": LOCK, "compiler": COMPILER_LOCK, "deploy": DEPLOY_LOCK}


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_lock_is_hashed_and_names_no_place(lock: Path) -> None:
    """Each pin carries hashes, and no address or path ties the lock to one machine or registry."""
    text = lock.read_text("utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"\S*://\S*|--\w*index\S*|(?<![\w.])/\w\S*", text) == []
