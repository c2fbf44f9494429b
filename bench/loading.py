"""What it takes until a decision can be made: import, read, compile; and how large a worker is."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bench.effort import Effort
from bench.figures import Figure, Section, number
from bench.process import MIB
from bench.rounds import interleaved
from bench.servers import MANY_ROWS
from bench.stats import ratios, spread
from server.settings import Settings

Fresh = dict[str, float]

REST_SECONDS: Final = 2
"""After its last call a worker gives back what is free (server.memory); it is weighed then."""


@dataclass(frozen=True, slots=True)
class WorkerSizes:
    """Resident bytes of workers.

    ``empty``: one with empty methods in makegood's frame, after its calls; ``ready``: makegood's when it was started; ``warm``:
    the same after all calls and batches of a run; ``large``: one whose limits were raised, after batches over the default ones.
    """

    empty: int
    ready: int
    warm: int
    large: int


def in_fresh_processes(effort: Effort) -> Mapping[str, list[Fresh]]:
    """Readings of imports and of loading, by what was done."""
    settings = Settings()
    cases = {module: _fresh("import", module) for module in ("grpc", "policy", "server.app")}
    cases["load"] = _fresh("load", str(settings.catalog), settings.default_policy)
    return interleaved(cases, effort.starts)


def section(readings: Mapping[str, list[Fresh]], workers: WorkerSizes) -> Section:
    """The figures of fresh processes and of ``workers``, which were measured with the calls."""
    load, grpc = readings["load"], readings["grpc"]
    policy = Settings().default_policy
    whole = f"the whole catalog, {load[0]['versions']:.0f} versions"
    figures = [
        _milliseconds("import grpc", grpc),
        _milliseconds("import policy", readings["policy"], "seconds", grpc, "seconds", "import grpc"),
        _milliseconds("import server.app", readings["server.app"], "seconds", grpc, "seconds", "import grpc"),
        _milliseconds(f"libyaml alone on {policy}", load, "yaml_seconds"),
        _milliseconds(f"read {policy}", load, "read_seconds", load, "yaml_seconds", "libyaml alone"),
        _milliseconds(f"compile {policy}", load, "compile_seconds", load, "yaml_seconds", "libyaml alone"),
        _milliseconds(f"read and compile {whole}", load, "catalog_seconds", load, "read_seconds", f"read {policy}"),
        _milliseconds("second decision", load, "second_decision_seconds"),
        _milliseconds("first decision", load, "first_decision_seconds", load, "second_decision_seconds", "second decision"),
        Figure(f"memory of {policy}", _mebibytes(_middle(load, "read_bytes") + _middle(load, "compile_bytes"))),
        Figure(f"memory of {whole}", _mebibytes(_middle(load, "catalog_bytes"))),
        _worker("worker with empty methods", workers.empty, None),
        _worker("worker, ready", workers.ready, workers.empty),
        _worker("worker, warm", workers.warm, workers.empty, "≤ 120 MiB"),
        _worker(f"worker with raised limits, after batches of {MANY_ROWS:,} rows", workers.large, workers.empty),
    ]
    note = (
        "times by the clock, in fresh processes; memory is what is resident, that of a policy with the calendars and libraries "
        "that it needs. Warm is after all unary calls and batches over loopback of this run, and a rest of "
        f"{REST_SECONDS} seconds."
    )
    return Section("loading and size", note, figures)


def _fresh(*arguments: str) -> Callable[[], Fresh]:
    def read() -> Fresh:
        command = [sys.executable, "-m", "bench.fresh", *arguments]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        readings: Fresh = json.loads(output)
        return readings

    return read


def _milliseconds(
    what: str, readings: list[Fresh], key: str = "seconds", floor: list[Fresh] | None = None, floor_key: str = "", to: str = ""
) -> Figure:
    seconds = [each[key] for each in readings]
    ratio = None if floor is None else ratios(seconds, [each[floor_key] for each in floor])
    return Figure(what, number(_middle(readings, key) * 1e3, "ms"), ratio, to=to)


def _middle(readings: list[Fresh], key: str) -> float:
    return spread([each[key] for each in readings]).median


def _worker(what: str, size: int, floor: int | None, target: str = "") -> Figure:
    if floor is None:
        return Figure(what, _mebibytes(size))
    return Figure(what, _mebibytes(size), ratios([size], [floor]), to="worker with empty methods", target=target)


def _mebibytes(size: float) -> str:
    return number(size / MIB, "MiB")
