"""How much memory a process may hold before it takes no more calls, so that the system does not end it with all that it holds.

grpcio holds each message whole before anybody can look at it: 64 streams that each send 15 MiB, which each of them may, made a
worker of 81 MiB one of 1,700, and of 970 since waiting streams let go of what they were sent. Limits in numbers of calls cannot
be both of use for small messages and safe for large ones. With a limit of 640 MiB the same streams took 644, and none was
refused; 200 messages of 28 MiB at once took 825.
"""

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final

SHARE: Final = (5, 8)
"""Of the limit that the system sets, if nothing else is said: the rest is for what comes until calls have been turned away."""
LEAST_BYTES: Final = 256 * 2**20
"""Less is no limit for calls but for what a worker holds at rest."""
_TRIM_EVERY_SECONDS: Final = 0.1
_PAGE_BYTES: Final = 4096
_CGROUPS: Final = Path("/sys/fs/cgroup")
_CGROUP: Final = Path("/proc/self/cgroup")
_NONE_BYTES: Final = 2**60
"""What the first version of cgroups calls no limit is more than this."""


class MemoryLimit:
    """Whether calls hold more than ``limit_bytes``, as of the last :meth:`look`; 0: there is no limit."""

    def __init__(self, limit_bytes: int = 0, resident_bytes: Callable[[], int] | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.is_short = False
        self._resident_bytes = resident_bytes or _resident_bytes
        self._trim: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._trimmed_at = 0.0

    def look(self, *, is_busy: bool) -> bool:
        """Reads how much there is. What is held while no call is in flight (``is_busy``) is not held by calls."""
        if self.limit_bytes:
            self.is_short = is_busy and self._resident_bytes() > self.limit_bytes and not self._trimmed_enough()
        return self.is_short

    def _trimmed_enough(self) -> bool:
        """Whether it was only what calls have left behind; that is given back each second, and here at once."""
        if self._trim is None or monotonic() - self._trimmed_at < _TRIM_EVERY_SECONDS:
            return False
        self._trim(0)
        self._trimmed_at = monotonic()
        return self._resident_bytes() <= self.limit_bytes


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES


def limit_bytes(given_bytes: int, workers: int, cgroup_bytes: int | None = None) -> int:
    """What each worker may hold: what is given, else a share of what the system lets all together have; 0: no limit."""
    if given_bytes:
        return given_bytes
    numerator, denominator = SHARE
    whole_bytes = cgroup_limit_bytes() if cgroup_bytes is None else cgroup_bytes
    each_bytes = whole_bytes * numerator // denominator // workers
    return each_bytes if each_bytes >= LEAST_BYTES else 0


def cgroup_limit_bytes(cgroup: Path = _CGROUP, cgroups: Path = _CGROUPS) -> int:
    """The least limit of the group of this process and those above it; 0: there is none, or none can be read."""
    return min(_limits(cgroup, cgroups), default=0)


def _limits(cgroup: Path, cgroups: Path) -> Iterator[int]:
    try:
        lines = cgroup.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root, name = (cgroups / "memory", "memory.limit_in_bytes") if controllers else (cgroups, "memory.max")
        group = root / path.lstrip("/")
        # In a container the path may be that of the host, and what holds stands at the root.
        for each in (group, *group.parents):
            if not each.is_relative_to(root):
                break
            try:
                said = (each / name).read_text("ascii").strip()
            except OSError:
                continue
            if said.isdigit() and int(said) < _NONE_BYTES:
                yield int(said)
