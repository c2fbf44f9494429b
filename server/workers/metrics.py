"""What the parent tells Prometheus: the workers' own metrics, added up, and how the workers are."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector


class WorkerMetrics:
    """Reads what workers keep in ``directory``; ``configured`` is how many there should be."""

    def __init__(self, registry: CollectorRegistry, directory: Path, configured: int) -> None:
        self._directory = directory
        self._pids: dict[int, int] = {}
        registry.register(_Counted(directory))
        registry.register(_Processes(self._pids))
        workers = Gauge("makegood_workers", "Workers that answer calls.", registry=registry)
        workers.set_function(lambda: self.answering)
        Gauge("makegood_workers_configured", "Workers that should answer calls.", registry=registry).set(configured)
        self._restarts = Counter("makegood_worker_restarts", "Workers that died and had to be replaced.", registry=registry)

    @property
    def answering(self) -> int:
        """How many workers answer calls."""
        return len(self._pids)

    def is_answering(self, number: int) -> bool:
        """Whether worker ``number`` answers calls."""
        return number in self._pids

    def answers(self, number: int, pid: int) -> None:
        """Worker ``number`` answers calls, as process ``pid``."""
        self._pids[number] = pid

    def died(self, number: int) -> None:
        """It no longer does, and has to be replaced. What it counted stays; the calls that it had in flight are none."""
        self._pids.pop(number, None)
        mark_process_dead(number, str(self._directory))  # type: ignore[no-untyped-call]
        self._restarts.inc()


class _Counted(Collector):
    """What workers have counted in the files of ``directory``, added up."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        """Also while a worker begins a file: for a moment it is empty, on which the library's own collector fails."""
        files = [str(path) for path in self._directory.glob("*.db") if _has_begun(path)]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return merged


def _has_begun(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:  # of a worker that has died meanwhile
        return False


class _Processes(Collector):
    """Memory, CPU time and files of each worker; ``pids`` by number, of those that live."""

    def __init__(self, pids: Mapping[int, int]) -> None:
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        """The metrics of one process, each with a sample for every worker."""
        families: dict[str, Metric] = {}
        for number, pid in sorted(self._pids.items()):
            for alone in _of(pid):
                family = families.setdefault(alone.name, Metric(alone.name, alone.documentation, alone.type))
                for sample in alone.samples:
                    family.add_sample(sample.name, {"worker": str(number)}, sample.value)
        yield from families.values()


def _of(pid: int) -> Iterable[Metric]:
    return ProcessCollector(pid=lambda: pid, registry=None).collect()
