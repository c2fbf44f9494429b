"""Calls in great number, from a process that is not the one that is measured.

h2load (Debian's nghttp2-client) if it is there: written in C, it takes little of the machine. Else a grpcio client in Python,
which takes more than the server does; the server's CPU time is then still right, the calls a second are the client's limit.
"""

import math
import re
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.errors import NoFiguresError
from server.metadata import RECEIVES_KEY

INSTALL: Final = "h2load is not installed: apt install nghttp2-client"
_PATIENCE_SECONDS: Final = 300
_FRAME_BYTES: Final = 5
"""What gRPC puts before a message: not compressed, and its length."""


@dataclass(frozen=True, slots=True)
class Target:
    """One call to repeat: a method by its path, a request, and the length of the answer that it must get each time.

    ``scheme`` and ``headers`` (name: value) are for h2load alone, which believes any certificate.
    """

    address: str
    path: str
    request: bytes
    answer_bytes: int
    scheme: str = "http"
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traffic:
    """So many calls at a time, over so many connections. A server of several workers spreads connections, not calls."""

    in_flight: int
    connections: int = 2


def generator() -> str:
    """What makes the calls, for the record."""
    h2load = shutil.which("h2load")
    if h2load is None:
        return f"a grpcio client ({INSTALL})"
    return subprocess.run([h2load, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def run(target: Target, calls: int, traffic: Traffic) -> float:
    """Makes so many calls; the seconds that they took. Raises NoFiguresError where one is not answered."""
    h2load = shutil.which("h2load")
    if h2load is None:
        return _python(target, calls, traffic.in_flight)
    connections = min(traffic.connections, traffic.in_flight, calls)
    streams = -(-traffic.in_flight // connections)
    return read_h2load(_h2load(h2load, target, calls, connections, streams), calls, target.answer_bytes)


def run_steadily(target: Target, seconds: float, per_second: float, connections: int) -> list[int]:
    """Makes so many calls a second, whether or not earlier ones are answered; how long each took, in µs, in ascending order.

    Raises NoFiguresError where one is not answered, or where there is no h2load.
    """
    h2load = shutil.which("h2load")
    if h2load is None:
        raise NoFiguresError(INSTALL)
    each = max(1, math.floor(per_second / connections))  # h2load takes whole numbers, for each connection
    calls = max(connections, round(each * connections * seconds))
    with TemporaryDirectory() as directory:
        log = Path(directory, "log")
        output = _h2load(h2load, target, calls, connections, 100, "--rps", str(each), "--log-file", str(log))
        read_h2load(output, calls, target.answer_bytes)
        return read_log(log.read_text(encoding="ascii"))


def goodput(
    target: Target, seconds: float, *, connections: int, streams: int, per_second: float | None = None
) -> tuple[float, list[int]]:
    """Calls for so long, whatever becomes of them: answers a second, and how long each call took, in µs, in ascending order.

    ``per_second`` None: each connection keeps ``streams`` calls in flight. Raises NoFiguresError where there is no h2load.
    """
    seconds = max(1, round(seconds))  # h2load takes whole ones, and 0 is none
    h2load = shutil.which("h2load")
    if h2load is None:
        raise NoFiguresError(INSTALL)
    rate = () if per_second is None else ("--rps", str(max(1, round(per_second / connections))))
    with TemporaryDirectory() as directory:
        log = Path(directory, "log")
        output = _h2load(h2load, target, None, connections, streams, *rate, f"--duration={seconds}", f"--log-file={log}")
        data = re.search(r"^traffic: .* \((\d+)\) data$", output, re.MULTILINE)
        if data is None:
            raise NoFiguresError(f"h2load said something else than expected:\n{output}")
        # A refusal comes without a message.
        return int(data[1]) / (_FRAME_BYTES + target.answer_bytes) / seconds, read_log(log.read_text(encoding="ascii"))


def _h2load(h2load: str, target: Target, calls: int | None, connections: int, streams: int, *more: str) -> str:
    with TemporaryDirectory() as directory:
        body = Path(directory, "request")
        body.write_bytes(framed(target.request))
        command = [
            *(h2load, "--clients", str(connections)),
            *(() if calls is None else ("--requests", str(calls))),
            *("--max-concurrent-streams", str(streams), "--data", str(body)),
            *("--header", "content-type: application/grpc", "--header", "te: trailers"),
            *("--header", f"{RECEIVES_KEY}: {2**30}"),
            *(part for header in target.headers for part in ("--header", header)),
            *(*more, f"{target.scheme}://{target.address}{target.path}"),
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE_SECONDS).stdout


def framed(message: bytes) -> bytes:
    """A message as gRPC sends it."""
    return struct.pack(">BI", 0, len(message)) + message


def read_h2load(output: str, calls: int, answer_bytes: int) -> float:
    """The seconds that a run took. Raises NoFiguresError unless every call was answered with a message of ``answer_bytes``.

    h2load knows nothing of gRPC, whose errors come with status 200 as well; but they come without a message.
    """
    done = re.search(r"^requests: .* (\d+) succeeded,", output, re.MULTILINE)
    data = re.search(r"^traffic: .* \((\d+)\) data$", output, re.MULTILINE)
    finished = re.search(r"^finished in ([\d.]+)(us|ms|s|m|h),", output, re.MULTILINE)
    if done is None or data is None or finished is None:
        raise NoFiguresError(f"h2load said something else than expected:\n{output}")
    expected = calls * (_FRAME_BYTES + answer_bytes)
    if int(done[1]) != calls or int(data[1]) != expected:
        raise NoFiguresError(f"{done[1]} of {calls} calls were answered, with {data[1]} bytes instead of {expected}")
    return float(finished[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}[finished[2]]


def read_log(text: str) -> list[int]:
    """How long each call took, in µs, in ascending order: the third column of h2load's log."""
    return sorted(int(line.split("\t")[2]) for line in text.splitlines())


def _python(target: Target, calls: int, in_flight: int) -> float:
    command = [
        *(sys.executable, "-m", "bench.client", target.address, target.path),
        *(str(calls), str(in_flight), str(target.answer_bytes)),
    ]
    done = subprocess.run(command, check=False, capture_output=True, input=target.request, timeout=_PATIENCE_SECONDS)
    if done.returncode:
        raise NoFiguresError(done.stderr.decode())
    return float(done.stdout)
