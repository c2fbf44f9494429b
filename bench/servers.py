"""Servers as they would be started, each a process of its own on a free port of loopback."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import grpc

from bench.errors import NoFiguresError
from bench.load import SERVICE_PATH, Target
from bench.process import cpu_seconds, resident_bytes

ANY_PORT: Final = "127.0.0.1:0"
EMPTY_BARE: Final = ("bench.empty", "bare")
EMPTY_FRAMED: Final = ("bench.empty", "framed")
MAKEGOOD: Final = ("server", "--listen", ANY_PORT, "--metrics-listen", ANY_PORT)


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves on ``address``."""

    pid: int
    address: str

    def cpu_seconds(self) -> float:
        """CPU time that it has used so far."""
        return cpu_seconds(self.pid)

    def resident_bytes(self) -> int:
        """Memory that it holds in RAM."""
        return resident_bytes(self.pid)

    def target(self, method: str, request: bytes) -> Target:
        """A call to repeat, made once to see that it is answered and how long the answer is. Raises grpc.RpcError."""
        with grpc.insecure_channel(self.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"{SERVICE_PATH}/{method}")
            return Target(self.address, method, request, len(call(request, timeout=60)))


@contextmanager
def serving(*commands: Sequence[str]) -> Iterator[list[Server]]:
    """A server for each of ``commands`` (module and arguments) until the end of the block. Raises NoFiguresError."""
    with ExitStack() as stack:
        yield [stack.enter_context(_serving(command)) for command in commands]


@contextmanager
def _serving(command: Sequence[str]) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    )
    try:
        assert process.stdout is not None  # INVARIANT: it is a pipe
        ready = re.search(r"gRPC on ([^,\s]+),", process.stdout.readline())
        if ready is None:
            raise NoFiguresError(f"python -m {' '.join(command)} did not start; start it by hand to see why")
        yield Server(process.pid, ready[1])
    finally:
        process.terminate()
        process.wait()
