"""Counters that are plain numbers in one array: added to where they stand, and read when somebody scrapes.

The library's own take a lock, a look-up and a method each for every addition, of which an answer makes half a dozen. Between
two calls the processor's caches forget all of that: cold, it was a third of what an answer takes.
"""

from array import array
from collections.abc import MutableSequence
from threading import Lock
from typing import Final, Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

Labels = tuple[str, ...]


class Numbers(Protocol):
    """Where the numbers stand.

    INVARIANT: whoever adds to ``values``, or makes a place, holds ``lock``; whoever reads them need not.
    """

    lock: Lock

    @property
    def values(self) -> MutableSequence[float]:
        """Doubles, which compiled code may add to as they lie in memory."""

    def place(self, metric: str, labels: dict[str, str], text: str) -> int:
        """Where the number of one series stands, 0 from the start; ``text`` says what it counts."""


class OwnNumbers:
    """Those of a process by itself."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values: MutableSequence[float] = array("d")

    def place(self, metric: str, labels: dict[str, str], text: str) -> int:  # noqa: ARG002
        """One more."""
        with self.lock:
            self.values.append(0.0)
            return len(self.values) - 1


class Counts(Collector):
    """A counter: the places of its series by the values of their ``labels``, which are of closed sets."""

    def __init__(self, numbers: Numbers, name: str, text: str, labels: Labels, registry: CollectorRegistry) -> None:
        self._numbers = numbers
        self._name: Final = name
        self._text: Final = text
        self._labels: Final = labels
        self._places: dict[Labels, int] = {}
        registry.register(self)

    def place(self, labels: Labels) -> int:
        """That of one series, which there is from now on."""
        found = self._places.get(labels)
        if found is None:
            at = self._numbers.place(self._name, dict(zip(self._labels, labels, strict=True)), self._text)
            # Another thread may have made one meanwhile, and that one counts.
            found = self._places.setdefault(labels, at)
        return found

    def collect(self) -> list[Metric]:
        """As far as it has been counted, without a second series for when that began."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for labels, at in tuple(self._places.items()):
            family.add_metric(labels, self._numbers.values[at])
        return [family]
