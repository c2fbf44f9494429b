"""A server as a process of its own, as callers meet it: it can be drained, killed, and started again on its port.

It serves the default policy alone, so that it is up sooner and other policies are no concern of these tests.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_POLICY = ROOT / "policy" / "catalog" / "cn-standard"
READY = re.compile(r"makegood is ready: gRPC on (\S+), metrics on http\S+\n")


class ServerProcess:
    """``address`` is the same for every start."""

    def __init__(self, folder: Path) -> None:
        self.address = "127.0.0.1:0"
        self._catalog = shutil.copytree(DEFAULT_POLICY, folder / "catalog" / DEFAULT_POLICY.name).parent
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when the server answers."""
        command = [sys.executable, "-m", "server", "--listen", self.address, "--metrics-listen", "127.0.0.1:0"]
        command += ["--catalog", str(self._catalog), "--log-calls", "none"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._process = process
        assert process.stdout is not None
        said = process.stdout.readline()
        ready = READY.fullmatch(said)
        assert ready, said
        self.address = ready[1]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it, in order or not; does nothing when it is not up."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.communicate(timeout=30)
            self._process = None


@contextmanager
def server_process(folder: Path) -> Iterator[ServerProcess]:
    """A server that answers, ended at the end of the block. ``folder`` is empty and its own."""
    server = ServerProcess(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGKILL)
