"""Servers with two workers, and what they are asked."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from policy.language.catalog import load_versions
from server.loading.state import LoadState
from server.settings import SHIPPED_CATALOG, Address, Settings
from server.workers.handover import Handover, packed
from tests.server.processes import Served, started
from tests.server.running import PATIENCE_SECONDS, eventually
from tests.server.samples import GRANTED_BYTES, question

TWO = ("--workers", "2")
CALLS_OF_A_CHANNEL = 5
CALLERS = 4
WORKER_BYTES = 180 * 2**20
"""What a worker may take, loaded and warm."""


def call(server: Served, times: int = CALLS_OF_A_CHANNEL) -> int:
    """Calls over a new connection; how many."""
    with server.channel() as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        for _ in range(times):
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
    return times


def pids(server: Served) -> list[int]:
    """Of all workers that ever answered, in the order in which they came up."""
    return [line["pid"] for line in server.events("worker ready")]


def answering(server: Served) -> set[int]:
    """Of the workers that answered a call."""
    return {line["pid"] for line in server.events("call")}


def calls_until(server: Served, holds: Callable[[], bool]) -> int:
    """Calls over one connection after another until ``holds``; how many. The kernel chooses the worker of a connection."""
    made = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        made += call(server)
    return made


def counted(server: Served) -> dict[str, float]:
    return {
        "calls": server.metric("makegood_grpc_call_duration_seconds_count"),
        "decisions": server.metric("makegood_decisions_total"),
        "bytes": server.metric("makegood_granted_data_bytes_total"),
    }


def of(calls: int) -> dict[str, float]:
    return {"calls": calls, "decisions": calls, "bytes": calls * GRANTED_BYTES}


@contextmanager
def two_workers(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Ready, and known by their lines, which come a moment later."""
    with started(*TWO, *arguments, environment=environment) as server:
        eventually(lambda: server.events("settings"))
        yield server


LOAD = LoadState("ab" * 32, 1_772_640_000, 1_772_640_000, 1_772_640_000)


def handed(listen: Address) -> bytes:
    settings = replace(Settings(), listen=listen, reuse_port=True)
    return packed(Handover(settings, load_versions(SHIPPED_CATALOG), LOAD))


BROKEN_WORKER = """\
import os, sys
if "server.workers" in sys.orig_argv and os.path.exists(os.environ["BREAK_WORKERS"]):
    os.write(2, os.environ["LAST_WORDS"].encode())
    os._exit(3)
"""
"""A sitecustomize.py, which python runs before all else."""


def breaking(directory: Path, last_words: str = "") -> dict[str, str]:
    """An environment in which workers die at birth while the file "broken" is there."""
    Path(directory, "sitecustomize.py").write_text(BROKEN_WORKER)
    return {"PYTHONPATH": str(directory), "BREAK_WORKERS": str(directory / "broken"), "LAST_WORDS": last_words}
