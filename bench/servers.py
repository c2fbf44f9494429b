"""Servers as they would be started, each on a free port of loopback, in processes of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import grpc

from bench.errors import NoFiguresError
from bench.load import Target
from bench.process import cpu_seconds, resident_bytes, with_descendants
from server.metadata import RECEIVES_KEY
from server.ports import reserve
from server.settings import Address

SERVICE_PATH: Final = "/makegood.v1.CompensationService"
ANY_PORT: Final = "127.0.0.1:0"
RECEIVES: Final = (RECEIVES_KEY, str(2**30))
"""Metadata of a caller that takes an answer of any length."""
MANY_ROWS: Final = 100_000
"""Rows of a batch for which makegood's limits have to be raised."""
_MANY_BYTES: Final = 64 * 2**20
EMPTY_BARE: Final = ("bench.empty", "bare", ANY_PORT)
EMPTY_FRAMED: Final = ("bench.empty", "framed", ANY_PORT)
MAKEGOOD: Final = ("server", "--listen", ANY_PORT, "--metrics-listen", ANY_PORT)
UNCOMPILED: Final = (*MAKEGOOD, "--compiled", "forbid")
RAISED: Final = (*MAKEGOOD, "--max-batch-rows", str(MANY_ROWS), "--max-message-bytes", str(_MANY_BYTES))


@dataclass(frozen=True, slots=True)
class Server:
    """What serves on ``address``, in the processes ``pids``."""

    address: str
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """CPU time that all processes have used so far."""
        return sum(map(cpu_seconds, self.pids))

    def resident_bytes(self) -> int:
        """Memory that all processes hold in RAM; what they share counts for each."""
        return sum(map(resident_bytes, self.pids))

    def target(self, path: str, request: bytes) -> Target:
        """A call to repeat, made once to see that it is answered and how long the answer is. Raises grpc.RpcError."""
        return Target(self.address, path, request, len(self.answer(path, request)))

    def answer(self, path: str, request: bytes) -> bytes:
        """The answer to one call. Raises grpc.RpcError."""
        with grpc.insecure_channel(self.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
            return call(request, timeout=60, metadata=(RECEIVES,))


@contextmanager
def serving(*commands: Sequence[str]) -> Iterator[list[Server]]:
    """A server for each of ``commands`` (module and arguments) until the end of the block. Raises NoFiguresError."""
    with ExitStack() as stack:
        yield [_entered(stack, command) for command in commands]


@contextmanager
def makegood_with(workers: int) -> Iterator[Server]:
    """Makegood with so many workers. Raises NoFiguresError."""
    with serving((*MAKEGOOD, "--workers", str(workers))) as (server,):
        yield server


@contextmanager
def empty_with(workers: int) -> Iterator[Server]:
    """Grpcio alone in so many processes that share a port. Raises NoFiguresError."""
    port, address = reserve(Address("127.0.0.1", 0), "--listen")
    with port, ExitStack() as stack:
        pids = [_entered(stack, ("bench.empty", "bare", str(address))).pids for _ in range(workers)]
        yield Server(str(address), sum(pids, ()))


def _entered(stack: ExitStack, command: Sequence[str]) -> Server:
    process = stack.enter_context(running([sys.executable, "-m", *command], stderr=subprocess.DEVNULL))
    assert process.stdout is not None  # INVARIANT: it is a pipe
    ready = re.search(r"gRPC on ([^,\s]+),", process.stdout.readline())
    if ready is None:
        raise NoFiguresError(f"python -m {' '.join(command)} did not start; start it by hand to see why")
    return Server(ready[1], tuple(with_descendants(process.pid)))


@contextmanager
def running(command: Sequence[str], stderr: int | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A process until the end of the block, with pipes to its stdin and from its stdout."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8")
    with process:
        try:
            yield process
        finally:
            process.terminate()
