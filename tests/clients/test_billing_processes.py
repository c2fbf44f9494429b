"""A run whose parts are decided in processes of their own writes the same bytes, and ends as one in none does."""

import multiprocessing
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from google.rpc import code_pb2

from clients.billing import run as run_module
from clients.errors import ExitCode
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer, failing
from tests.clients.files import billing, rows_on_record
from tests.clients.in_processes import counted, killed_in_the_middle

IN_NONE = ("--part", "20", "--batch", "10", "--processes", "1")
IN_TWO = ("--part", "20", "--batch", "10", "--processes", "2")


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A run has processes from its third part on, and waits for them; the last line of each part that they decide."""
    monkeypatch.setattr(run_module, "ROWS_ALONE", 40)
    return counted(monkeypatch, lambda part: part.after.line)


@pytest.mark.parametrize("out", ["r.csv", "r.parquet"])
def test_a_run_in_processes_writes_what_one_in_none_does(run: Run, inputs: Path, decided: list[int], out: str) -> None:
    alone = run("billing", *billing(f"alone-{out}", *IN_NONE))
    assert decided == []
    several = run("billing", *billing(out, *IN_TWO))
    assert decided
    assert (inputs / out).read_bytes() == (inputs / f"alone-{out}").read_bytes()
    assert several.returncode == alone.returncode
    assert several.stdout == alone.stdout.replace(f"alone-{out}", out)
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_ends_the_run_which_goes_on_by_the_same_command(
    run: Run, inputs: Path, decided: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("billing", *billing("whole.csv", *IN_NONE))
    with killed_in_the_middle(monkeypatch, decided):
        done = run("billing", *billing("r.csv", *IN_TWO))
    assert done.returncode == ExitCode.UNEXPECTED
    assert "a process of this run was ended from outside, or was out of memory; what was done until then is kept" in done.stderr
    assert "the same command goes on at line" in done.stderr
    assert multiprocessing.active_children() == []
    assert rows_on_record(inputs, "r.csv") > 0
    run("billing", *billing("r.csv", *IN_TWO))
    assert (inputs / "r.csv").read_bytes() == (inputs / "whole.csv").read_bytes()


def test_what_a_process_waits_for_is_said_by_the_run(run: Run, fake: FakeServer, inputs: Path, decided: list[int]) -> None:
    """And what it gives up for ends the run as it does in none."""
    run("billing", *billing("whole.csv", *IN_NONE))
    fake.failures.extend([None] * 20 + [failing(code_pb2.UNAVAILABLE, "gone")] * 1000)
    done = run("billing", *billing("r.csv", *IN_TWO, "--timeout", "1"))
    assert decided
    assert done.returncode == ExitCode.UNREACHABLE
    assert "UNAVAILABLE: gone; trying again for up to 1 s" in done.stderr
    assert "rows are decided and kept" in done.stderr
    fake.failures.clear()
    run("billing", *billing("r.csv", *IN_TWO))
    assert (inputs / "r.csv").read_bytes() == (inputs / "whole.csv").read_bytes()


def test_a_ledger_is_looked_up_in_one_snapshot_and_so_in_one_process(run: Run, inputs: Path, decided: list[int]) -> None:
    run("billing", *billing("r.csv"))
    run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite")
    decided.clear()
    run("billing", *billing("r2.csv", *IN_TWO, "--already-granted-from", "l.sqlite", "--policy", "cn-standard"))
    assert (inputs / "r2.csv").exists()
    assert decided == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is as pyarrow has it")
@pytest.mark.parametrize(("wanted", "held_by"), [(None, "jemalloc"), ("system", "system")])
def test_a_run_and_its_processes_hold_memory_as_is_best_for_them_or_as_is_wanted(wanted: str | None, held_by: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    environment |= {"ARROW_DEFAULT_MEMORY_POOL": wanted} if wanted else {}
    asks = "import clients.billing.cli, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == held_by


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere it is as the C library has it")
@pytest.mark.parametrize(("wanted", "held_in"), [({}, 2), ({"MALLOC_ARENA_MAX": "3"}, 3)])
def test_many_threads_share_what_they_free_or_as_many_places_as_are_wanted(wanted: dict[str, str], held_in: int) -> None:
    """Else each of some threads has a place of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"} | wanted
    asks = """if True:
        import ctypes, threading
        from clients.processes import hold_less
        hold_less()
        library, all_there = ctypes.CDLL(None), threading.Barrier(16)
        library.malloc.restype, library.fdopen.restype = ctypes.c_void_p, ctypes.c_void_p
        threads = [threading.Thread(target=lambda: (library.malloc(1000), all_there.wait())) for _ in range(16)]
        [each.start() for each in threads]
        out = ctypes.c_void_p(library.fdopen(1, b"w"))
        library.malloc_info(0, out), library.fflush(out)
    """
    told = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True).stdout
    assert told.count("<heap nr=") == held_in
