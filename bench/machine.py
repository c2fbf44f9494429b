"""On what it was measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.load import generator
from bench.peers.installed import described as described_peers

LIBRARIES: Final = (
    "grpcio",
    "protobuf",
    "pyarrow",
    "prometheus-client",
    "structlog",
    "orjson",
    "chinesecalendar",
    "tzdata",
)


def described() -> dict[str, str]:
    """Machine, versions and date, by what they are called."""
    load = ", ".join(f"{load:.2f}" for load in os.getloadavg())
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores to use",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "peers": described_peers(),
        "calls made by": generator(),
        "load average at the start (1, 5, 15 min)": load,
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or "unknown processor"
