"""What the operating system knows about a process: CPU time and memory. Linux."""

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

MIB: Final = 2**20
_CPU_CLOCK: Final = 2
"""The low bits of a process's CPU clock, as in clock_getcpuclockid(3)."""


def cpu_seconds(pid: int) -> float:
    """CPU time that all threads of the process have used so far, to the nanosecond (/proc/PID/stat counts hundredths)."""
    return time.clock_gettime_ns(~pid << 3 | _CPU_CLOCK) / 1e9


def with_descendants(pid: int) -> list[int]:
    """The process and all that it started, and they in turn."""
    children: dict[int, list[int]] = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            stat = Path(directory, "stat").read_text(encoding="utf-8")
        except OSError:  # ended since
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(directory.name))
    found = [pid]
    for each in found:  # grows meanwhile
        found += children.get(each, [])
    return found


def resident_bytes(pid: int | str = "self") -> int:
    """Memory of the process that is in RAM, shared libraries included."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    match = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert match is not None  # INVARIANT: every process with memory of its own has this line
    return int(match[1]) * 1024


def held_bytes(pid: int) -> int:
    """Memory in RAM of a process and of all that it started, what they share counted for each."""
    held = 0
    for each in with_descendants(pid):
        with suppress(OSError, AssertionError):  # it ended meanwhile
            held += resident_bytes(each)
    return held
