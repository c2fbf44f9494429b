"""A worker as its parent sees it."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final, Self

from server.cannot_start import CannotStartError
from server.log import Log
from server.stray import tell_native
from server.workers.handover import READY, TAKEN, Drain, Handover, packed

_BYTES_AT_ONCE: Final = 4096


class WorkerProcess:
    """A process of :mod:`server.workers.worker`. It ends when it is let go of, also because this process is no more.

    ``has``: what it was handed, with the last change that it has taken.
    """

    def __init__(self, number: int, process: Process, log: Log) -> None:
        self.number = number
        self.has: Handover | None = None
        self._changing = asyncio.Lock()
        self._process = process
        self._telling = asyncio.create_task(self._tell_native(log))

    @classmethod
    async def started(cls, number: int, directory: Path, handed: bytes, log: Log, stderr: int) -> Self:
        """Worker ``number``, as it begins to load. Raises CannotStartError where the machine has no room for it.

        It writes its lines to the descriptor ``stderr``; what is printed in it past its log goes to ``log``, to its last word.
        """
        command = (sys.executable, "-m", "server.workers", str(number), str(directory), str(stderr))
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, pass_fds=(stderr,))
        except OSError as error:
            raise CannotStartError([f"a worker cannot be started: {error}"]) from error
        assert process.stdin is not None
        process.stdin.write(handed)
        return cls(number, process, log)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def ready(self) -> None:
        """Returns when it answers calls. Raises CannotStartError where it never will."""
        assert self._process.stdout is not None
        said = await self._process.stdout.readline()
        if said == READY:
            return
        said += await self._process.stdout.read()
        problem = said.decode() or f"a worker did not come up: {await self.ended()}; if it said why, it stands above"
        raise CannotStartError([problem])

    async def take(self, handed: Handover, change: bytes) -> bool:
        """Hands over ``change``, after which it has ``handed``; whether it said that it answers by it, and did not end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._changing:
            try:
                self._process.stdin.write(change)
                await self._process.stdin.drain()
                said = await self._process.stdout.readline()
            except ConnectionError:
                return False
            if said == TAKEN:
                self.has = handed
            return said == TAKEN

    async def ended(self) -> str:
        """Waits for its end; how it came, in words: "status 1", "signal SIGKILL"."""
        status = await self._process.wait()
        await self._telling
        return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"

    def let_go(self) -> None:
        """Tells it to drain and to end."""
        assert self._process.stdin is not None
        self._process.stdin.write(packed(Drain()))
        self._process.stdin.close()

    def kill(self) -> None:
        """Ends it at once."""
        if self.alive:
            self._process.kill()

    async def _tell_native(self, log: Log) -> None:
        assert self._process.stderr is not None
        begun = b""
        while piece := await self._process.stderr.read(_BYTES_AT_ONCE):
            *lines, begun = (begun + piece).split(b"\n")
            if len(begun) > _BYTES_AT_ONCE:
                lines, begun = [*lines, begun], b""
            for line in lines:
                tell_native(log, line.decode(errors="backslashreplace"), worker=self.number)
        tell_native(log, begun.decode(errors="backslashreplace"), worker=self.number)
