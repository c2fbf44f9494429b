"""A histogram that is told of many observations at once, where the library's own takes 2.4 µs for each of them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import inf
from types import MappingProxyType
from typing import Final

import prometheus_client.values
from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

Labels = tuple[str, ...]
NO_EXEMPLARS: Final[Mapping[Labels, Exemplar]] = MappingProxyType({})


class Buckets(Collector):
    """Kept in the library's values, as its own histograms are, so that the parent of workers adds them up.

    Exemplars are kept beside them, and with several workers are not shown: the library adds up numbers alone.
    """

    def __init__(self, name: str, text: str, labels: Labels, bounds: Sequence[float], registry: CollectorRegistry) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._bounds = (*bounds, inf)
        self._written = [floatToGoString(bound) for bound in self._bounds]  # type: ignore[no-untyped-call]
        self._children: dict[Labels, _Child] = {}
        registry.register(self)

    def add(self, observed: Mapping[Labels, Sequence[float]], exemplars: Mapping[Labels, Exemplar] = NO_EXEMPLARS) -> None:
        """Observations by the values of their labels, which are of closed sets; ``exemplars``: one of them, with its trace."""
        for labels, readings in observed.items():
            child = self._children.get(labels)
            if child is None:
                child = self._children[labels] = _Child(self._name, self._text, self._labels, labels, self._written)
            child.add(self._bounds, readings)
        for labels, exemplar in exemplars.items():
            self._children[labels].exemplars[bisect_left(self._bounds, exemplar.value)] = exemplar

    def collect(self) -> Iterator[Metric]:
        """The whole of it."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, child in tuple(self._children.items()):
            counts = accumulate(child.counts())
            told = zip(self._written, counts, child.exemplars, strict=True)
            buckets = [(le, count) if exemplar is None else (le, count, exemplar) for le, count, exemplar in told]
            family.add_metric(labels, buckets, child.sum.get())
        yield family


class _Child:
    def __init__(self, name: str, text: str, names: Labels, labels: Labels, written: Sequence[str]) -> None:
        # Not at the top: a worker puts another class there before it makes any.
        kept = prometheus_client.values.ValueClass
        self.sum = kept("histogram", name, f"{name}_sum", names, labels, text)
        self.exemplars: list[Exemplar | None] = [None for _ in written]
        self._buckets = [kept("histogram", name, f"{name}_bucket", (*names, "le"), (*labels, le), text) for le in written]

    def add(self, bounds: Sequence[float], readings: Sequence[float]) -> None:
        counts = [0] * len(bounds)
        for reading in readings:
            counts[bisect_left(bounds, reading)] += 1
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self.sum.inc(sum(readings))

    def counts(self) -> list[float]:
        return [bucket.get() for bucket in self._buckets]
