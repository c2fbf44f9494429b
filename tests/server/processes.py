"""The server as a process, and what can be seen of it from outside."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.request import urlopen

import grpc
from google.rpc import status_pb2
from grpc_health.v1.health_pb2 import HealthCheckResponse
from prometheus_client.parser import text_string_to_metric_families

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.settings import SHIPPED_CATALOG
from tests.server.running import PATIENCE_SECONDS, health_of, refusal_or
from tests.server.samples import question

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60
STOP_SECONDS: Final = 10
FREE_PORTS: Final = ("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
ONE_POLICY: Final = {"MAKEGOOD_CATALOG": str(Path(__file__).parent / "one_policy")}
"""A catalog that holds the default policy alone, with which a server starts in half of the time."""
ALL_POLICIES: Final = {"MAKEGOOD_CATALOG": str(SHIPPED_CATALOG)}
Process = subprocess.Popen[str]


@dataclass(frozen=True)
class Served:
    """A server process that is ready."""

    process: Process
    address: str
    metrics_url: str
    stderr: Path

    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self.stderr.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["event"] == event]

    def scrape(self) -> str:
        with urlopen(self.metrics_url, timeout=PATIENCE_SECONDS) as response:
            text: str = response.read().decode()
            return text

    def samples(self, name: str, **labels: str) -> list[float]:
        """The samples of ``name`` that have these labels."""
        families = text_string_to_metric_families(self.scrape())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return [sample.value for sample in samples if labels.items() <= sample.labels.items()]

    def metric(self, name: str, **labels: str) -> float:
        return sum(self.samples(name, **labels))

    def channel(self) -> grpc.Channel:
        """A connection of its own."""
        return grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server", *arguments]


@contextmanager
def started(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A server process that is ready, in a group of its own. It has the default policy alone, unless it is told otherwise."""
    with TemporaryDirectory() as directory:
        stderr = Path(directory, "stderr")
        with stderr.open("w") as log:
            process = subprocess.Popen(
                command(*FREE_PORTS, *arguments),
                cwd=ROOT,
                env={**os.environ, **ONE_POLICY, "TMPDIR": directory, **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            match = re.fullmatch(r"makegood is ready: gRPC on (\S+), metrics on (https?://\S+/metrics)\n", ready)
            assert match, ready + stderr.read_text()
            yield Served(process, match[1], match[2], stderr)
        finally:
            process.kill()
            process.communicate()


def ended(*arguments: str, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env={**os.environ, **ONE_POLICY, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def refusal(stub: compensation_grpc.CompensationServiceStub) -> status_pb2.Status | None:
    """The status of a call, if it is not answered."""
    answer = refusal_or(lambda: stub.ComputeCompensation(question()))
    return answer if isinstance(answer, status_pb2.Status) else None


def not_serving(channel: grpc.Channel) -> bool:
    return health_of(channel) == HealthCheckResponse.NOT_SERVING


def lives(pid: int) -> bool:
    """Whether a process has not ended; one that has and is not yet reaped does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def listening(process: "subprocess.Popen[bytes]", host: str) -> str:
    """Where a server, or a worker of it, listens on ``host`` as soon as it does: for one that cannot say so.

    Raises AssertionError where it ends before, or does not within START_SECONDS, with what it is at then.
    """
    deadline = time.monotonic() + START_SECONDS
    while not (found := [port for pid in family(process.pid) for port in _ports(pid, host)]):
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < deadline, f"it does not listen: {[*map(_threads, family(process.pid))]}"
        time.sleep(0.05)
    return f"{host}:{found[0]}"


def family(pid: int) -> list[int]:
    """A process and those that it started, as far as they live."""
    try:
        children = [each for task in Path(f"/proc/{pid}/task").iterdir() for each in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def _ports(pid: int, host: str) -> list[int]:
    """Ports of an address of IPv4 on which a process listens, also by a socket of IPv6."""
    try:
        opened = {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
        tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    except OSError:  # it ended, or closed one meanwhile
        return []
    address = bytes(reversed(ip_address(host).packed)).hex().upper()
    rows = [line.split() for table in tables for line in table]
    return [
        int(local.rpartition(":")[2], 16)
        for _, local, _, state, *_, inode in (row[:10] for row in rows)
        if local.rpartition(":")[0].endswith(address) and state == "0A" and f"socket:[{inode}]" in opened
    ]


def _threads(pid: int) -> dict[str, str]:
    """What each thread of a process waits for in the kernel; 0 where it runs."""
    tasks = sorted(Path(f"/proc/{pid}/task").iterdir()) if lives(pid) else []
    return {f"{task.name} {(task / 'comm').read_text().strip()}": (task / "wchan").read_text() for task in tasks}
