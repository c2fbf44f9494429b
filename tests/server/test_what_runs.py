"""Whether what is compiled runs stands in the log line at the start, in the metrics and in --version; so does why not."""

import subprocess
import sys
from pathlib import Path

import pytest

from native.choice import choose, from_environment
from native.recipe import PACKAGE
from server.app import UNUSABLE
from tests.server.processes import FREE_PORTS, ROOT, START_SECONDS, family, started
from tests.server.running import eventually

FORBIDDEN = "not compiled: it is forbidden (MAKEGOOD_COMPILED)"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A server that ends by itself."""
    command = [sys.executable, "-m", "server", *FREE_PORTS, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=START_SECONDS)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_forbidden_it_does_not_run_and_that_is_told(workers: str) -> None:
    with started("--compiled", "forbid", "--workers", workers) as server:
        assert not [pid for pid in family(server.process.pid) if PACKAGE in Path(f"/proc/{pid}/maps").read_text()]
        build = {"evaluator": "source", "not_compiled": "forbidden"}
        assert server.samples("makegood_build_info", **build) == [1]
        [line] = eventually(lambda: server.events("settings"))
    assert (line["evaluator"], line["compiled"]) == (FORBIDDEN, "forbid")


def test_what_runs_is_told_alike_by_log_and_metrics() -> None:
    choice = from_environment()
    with started() as server:
        cause = choice.why_not.cause if choice.why_not else ""
        build = {"evaluator": "compiled" if choice.compiled else "source", "not_compiled": cause}
        assert server.samples("makegood_build_info", **build) == [1]
        [line] = eventually(lambda: server.events("settings"))
    assert line["evaluator"] == str(choice)


def test_version_says_what_runs_and_serves_nothing() -> None:
    done = run("--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"makegood 0.2.0, {from_environment()}; engine 0.2.0+")
    assert done.stdout.count("\n") == 1


def test_version_says_so_where_it_is_forbidden_by_a_flag() -> None:
    assert f", {FORBIDDEN}; " in run("--version", "--compiled", "forbid").stdout


def test_required_it_runs_or_the_server_does_not_start() -> None:
    if choose("auto").compiled:
        with started("--compiled", "require") as server:
            assert server.samples("makegood_build_info", evaluator="compiled", not_compiled="") == [1]
    else:
        done = run("--compiled", "require")
        assert done.returncode == UNUSABLE
        assert "what is compiled is required (MAKEGOOD_COMPILED), but " in done.stderr
