"""Several workers on one port: all answer, one that dies is replaced, and what is told and counted is of all together."""

import socket
import subprocess
import sys
from pathlib import Path

from policy.language.catalog import load_versions
from server.settings import SHIPPED_CATALOG, Address
from server.workers.handover import Handover, unpacked
from tests.server.processes import ROOT, START_SECONDS, Served, ended
from tests.server.running import LOOPBACK, eventually
from tests.server.two_workers import LOAD, TWO, WORKER_BYTES, answering, call, calls_until, counted, handed, of, pids


def test_all_answer_and_what_is_counted_is_of_all_together(two: Served) -> None:
    made = calls_until(two, lambda: answering(two) == set(pids(two)))
    assert len(pids(two)) == two.metric("makegood_workers") == two.metric("makegood_workers_configured") == 2
    eventually(lambda: counted(two) == of(made))
    eventually(lambda: two.metric("makegood_grpc_calls_in_flight") == 0)
    assert two.metric("makegood_worker_restarts_total") == 0


def test_what_holds_for_all_is_told_once(two: Served) -> None:
    assert two.samples("makegood_build_info") == [1]
    assert two.samples("makegood_policy_info", policy="cn-standard", version="2026-01") == [1]
    assert len(two.samples("makegood_policies_last_successful_load_timestamp_seconds")) == 1
    assert len(two.events("settings")) == 1


def test_each_worker_is_no_larger_than_one_alone_may_be(two: Served) -> None:
    call(two)
    sizes = two.samples("process_resident_memory_bytes")
    assert len(sizes) == 2
    assert max(sizes) < WORKER_BYTES


def test_the_parent_carries_nothing_that_only_workers_need() -> None:
    assert imported("server.app, server.workers.supervisor").isdisjoint({"grpc", "google.protobuf", "numpy", "pyarrow"})


def test_no_worker_carries_libraries_of_columns() -> None:
    """They take 39 MiB each, and only billing reads Parquet."""
    assert imported("server.single_process, server.workers.worker").isdisjoint({"numpy", "pyarrow", "ptars"})


def imported(modules: str) -> set[str]:
    """All that a process imports with these."""
    code = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, timeout=START_SECONDS, check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_no_two_of_them_share_the_port_with_others(two: Served) -> None:
    done = ended("--listen", two.address, "--metrics-listen", "127.0.0.1:0", *TWO)
    assert done.returncode == 2
    assert f"cannot listen on {two.address}: address already in use" in done.stderr


# -------------------------------------------------------------------------------------------------------------- handover


def test_what_is_handed_over_arrives(tmp_path: Path) -> None:
    data = tmp_path / "handed"
    data.write_bytes(handed(LOOPBACK) + b"more")
    with data.open("rb") as stream:
        handover = unpacked(stream)
        assert stream.read() == b"more"
    assert isinstance(handover, Handover)
    assert handover.versions == load_versions(SHIPPED_CATALOG)
    assert (handover.settings.listen, handover.load) == (LOOPBACK, LOAD)


def test_a_worker_that_cannot_listen_tells_its_parent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        taken = Address("127.0.0.1", there.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "server.workers", "0", str(tmp_path), "2"],
            cwd=ROOT,
            input=handed(taken),
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
        )
    assert done.returncode == 2
    assert f"cannot listen on {taken}".encode() in done.stdout
