"""A worker as its parent sees it."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Self

from server.cannot_start import CannotStartError
from server.workers.handover import READY


class WorkerProcess:
    """A process of :mod:`server.workers.worker`. It ends when it is let go of, also because this process is no more."""

    def __init__(self, number: int, process: Process) -> None:
        self.number = number
        self._process = process

    @classmethod
    async def started(cls, number: int, directory: Path, handed: bytes) -> Self:
        """Worker ``number``, as it begins to load. Raises CannotStartError where the machine has no room for it."""
        command = (sys.executable, "-m", "server.workers", str(number), str(directory))
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        except OSError as error:
            raise CannotStartError([f"a worker cannot be started: {error}"]) from error
        assert process.stdin is not None
        process.stdin.write(handed)
        return cls(number, process)

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

    async def ended(self) -> str:
        """Waits for its end; how it came, in words: "status 1", "signal SIGKILL"."""
        status = await self._process.wait()
        return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"

    def let_go(self) -> None:
        """Tells it to drain and to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """Ends it at once."""
        if self.alive:
            self._process.kill()
