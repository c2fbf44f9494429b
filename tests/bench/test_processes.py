"""What is said of processes and of who is at work in them."""

import subprocess
import sys
from types import FrameType

import pytest

from bench.peers import installed
from bench.process import cpu_seconds, resident_bytes, with_descendants
from bench.where import whose

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import sys; print(1, flush=True); sys.stdin.read()'])"


def test_a_process_is_found_with_all_that_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.read(1) == b"1"
        pids = with_descendants(parent.pid)
        assert pids[0] == parent.pid and len(pids) == 2
        assert all(cpu_seconds(pid) > 0 and resident_bytes(pid) > 0 for pid in pids)
        parent.communicate()


def test_time_counts_for_the_innermost_function_of_ours() -> None:
    inner, outer = _frame("policy.calculator.x"), _frame("server.y")
    assert whose(inner) == "policy.calculator.x: _frame"
    assert whose(outer) == "server.y: _frame"
    assert whose(sys._getframe()) == whose(None) == "bench"


def _frame(module: str) -> FrameType:
    """A frame of a library's that a function of ``module`` called."""
    found: list[FrameType] = []
    scope = {"__name__": module, "keep": lambda: found.append(sys._getframe())}
    exec("def _frame():\n    [keep() for _ in (1,)]\n_frame()", scope)
    return found[0]


def test_a_peer_that_is_not_installed_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = installed.PYTHON / "nowhere"
    monkeypatch.setattr(installed, "CERBOS", nowhere)
    monkeypatch.setattr(installed, "_VENV", nowhere)
    assert not installed.cerbos_is_there() and not installed.zen_is_there()
