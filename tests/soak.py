"""``python -m tests.soak [--seconds 1800]``: a server with two workers for half an hour, with all that its life has.

Clients ask one call, a batch or a stream after another, slowly, and again what may be repeated, as clients of ours do.
Meanwhile policies are reloaded, every second set of them bad; one worker is killed now and then; and callers open calls and
send nothing, or ask for answers that they do not read. Prints calls, failures by kind, and how memory and descriptors of the
parent and of the worker that is not killed drift: between the second tenth of the time and the last one.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic
from typing import Any, Final

from clients.errors import CallFailed
from clients.retry import within
from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.settings import Address
from tests.server.catalogs import PAID, copied, written
from tests.server.decision_logs import key_file
from tests.server.processes import ROOT, Served, started
from tests.server.raw import Raw
from tests.server.running import PATIENCE_SECONDS
from tests.server.samples import question
from tests.support.telling import tell

RELOAD_SECONDS: Final = 15.0
KILL_SECONDS: Final = 65.0
"""A worker that has lived for a minute is replaced at once."""
SLOW_SECONDS: Final = 4.0
SAMPLE_SECONDS: Final = 5.0
ROWS: Final = 200
COMPUTE, BATCH, STREAM = (
    f"/makegood.v1.CompensationService/{method}" for method in ("ComputeCompensation", "BatchCompute", "StreamCompute")
)


@dataclass
class Seen:
    """What has come of it so far."""

    answered: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    memory: dict[str, list[int]] = field(default_factory=dict)
    descriptors: dict[str, list[int]] = field(default_factory=dict)


def again_and_again(enough: Event, seconds: float, do: Callable[[], None]) -> None:
    """Does it every so often, more or less."""
    random = Random(id(do))
    while not enough.wait(seconds * random.uniform(0.5, 1.5)):
        do()


def ask(server: Served, kind: str, seen: Seen) -> None:
    """One call over a connection of its own, repeated where that is advised."""
    items = [question(f"r-{number}", f"s-{number}") for number in range(ROWS)]
    with server.channel() as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)

        def call(left: float) -> Any:
            if kind == "question":
                return stub.ComputeCompensation(question(), timeout=left)
            if kind == "batch":
                return stub.BatchCompute(service_pb.BatchComputeRequest(items=items), timeout=left)
            return list(stub.StreamCompute(iter([service_pb.StreamComputeRequest(items=items)] * 3), timeout=left))

        try:
            within(PATIENCE_SECONDS, call, address=server.address)
        except CallFailed as error:
            seen.failed[f"{kind}: {error}"] += 1
        else:
            seen.answered[kind] += 1


def reload(server: Served, catalog: Path, seen: Seen) -> None:
    """A good set and a bad one in turn."""
    is_bad = seen.done["good reloads"] > seen.done["bad reloads"]
    written(catalog, None if is_bad else PAID)
    command = [sys.executable, "-m", "server", "reload", "--metrics-listen", server.metrics_url.split("/")[2]]
    status = subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode
    seen.done["bad reloads" if is_bad else "good reloads"] += 1
    if status != int(is_bad):
        seen.failed[f"reload: exit status {status}"] += 1


def workers(server: Served) -> dict[int, int]:
    """The process of each, by its number."""
    return {line["worker"]: line["pid"] for line in server.events("worker ready")}


def kill(server: Served, seen: Seen) -> None:
    """The one that is killed each time."""
    with suppress(ProcessLookupError):
        os.kill(workers(server)[1], signal.SIGKILL)
        seen.done["kills"] += 1


def be_slow(address: str, seen: Seen, open_calls: list[Raw]) -> None:
    """A few more calls that send nothing, or read nothing; the oldest go."""
    host, _, port = address.rpartition(":")
    unread = service_pb.BatchComputeRequest(items=[question()] * 50).SerializeToString()
    for window_bytes, path, message in ((None, COMPUTE, None), (None, STREAM, None), (1, BATCH, unread)):
        with suppress(OSError):
            caller = Raw(Address(host, int(port)), window_bytes)
            open_calls.append(caller)
            for _ in range(8):
                caller.open(path, message, ends=message is not None)
                seen.done["slow calls"] += 1
    while len(open_calls) > 12:
        open_calls.pop(0).__exit__(None, None, None)


def sample(server: Served, seen: Seen) -> None:
    """Of the parent, and of the worker that lives."""
    for name, pid in (("parent", server.process.pid), ("worker", workers(server)[0])):
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        seen.memory.setdefault(name, []).append(pages * os.sysconf("SC_PAGE_SIZE"))
        seen.descriptors.setdefault(name, []).append(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))


def drift(samples: list[int]) -> tuple[float, float]:
    """(before, at the end): medians of the second tenth and of the last."""
    tenth = max(len(samples) // 10, 1)
    return median(samples[tenth : 2 * tenth] or samples), median(samples[-tenth:])


def run(seconds: float) -> Seen:
    """Lives through it."""
    seen, enough, open_calls = Seen(), Event(), list[Raw]()
    with TemporaryDirectory() as directory, ExitStack() as stack:
        path = Path(directory)
        catalog, keys = copied(path), key_file(path)
        log = ("--decision-log", f"{path}/decisions", "--decision-log-key-file", str(keys))
        flags = ("--workers", "2", "--catalog", str(catalog), "--watch-seconds", "0", "--max-wait-seconds", "20", *log)
        server = stack.enter_context(started(*flags, "--log-calls", "none"))
        doing: list[tuple[float, Callable[[], None]]] = [
            *((0.2, lambda: ask(server, "question", seen)) for _ in range(2)),
            (2.0, lambda: ask(server, "batch", seen)),
            (3.0, lambda: ask(server, "stream", seen)),
            (RELOAD_SECONDS, lambda: reload(server, catalog, seen)),
            (KILL_SECONDS, lambda: kill(server, seen)),
            (SLOW_SECONDS, lambda: be_slow(server.address, seen, open_calls)),
            (SAMPLE_SECONDS, lambda: sample(server, seen)),
        ]
        threads = [Thread(target=again_and_again, args=(enough, *each)) for each in doing]
        for thread in threads:
            thread.start()
        began = monotonic()
        while monotonic() - began < seconds and server.process.poll() is None:
            enough.wait(1)
        enough.set()
        for thread in threads:
            thread.join()
        server.process.send_signal(signal.SIGTERM)
        if server.process.wait(PATIENCE_SECONDS) != 0:
            seen.failed["the end"] += 1
        seen.done["faults in the log"] = len(server.events("fault")) + len(server.events("uncaught exception"))
        seen.done["workers that died"] = len(server.events("worker died"))
    return seen


def lines(seen: Seen) -> Iterator[str]:
    """What is told."""
    yield f"answered: {dict(seen.answered)}; failed: {dict(seen.failed) or 'none'}"
    yield ", ".join(f"{name}: {count}" for name, count in seen.done.items())
    for name, samples in seen.memory.items():
        before, after = drift(samples)
        yield f"{name}: {before / 2**20:.1f} MiB, then {after / 2**20:.1f}"
        before, after = drift(seen.descriptors[name])
        yield f"{name}: {before:.0f} descriptors, then {after:.0f}"


def main() -> int:
    """The exit status: 1 where a call failed or the log has a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="A server through half an hour of its life.")
    parser.add_argument("--seconds", type=float, default=1800.0, help="for how long (%(default)s)")
    seen = run(parser.parse_args().seconds)
    for line in lines(seen):
        tell(line)
    return int(bool(seen.failed) or bool(seen.done["faults in the log"]))


if __name__ == "__main__":
    sys.exit(main())
