"""Local months and billing cycles: what a policy puts together in them, and has caps of. Pure.

Where a benefit is for each month, all outages of a month are one occasion, and so of a billing cycle: they are asked about
together, and an outage that is in two of them joins both. Where a cap is of a month, those of a month are decided in order
of time, each told what the earlier ones are granted.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from clients.account.records import Cycle, Record, Terms
from clients.account.touching import clusters, ended


class Periods:
    """Of a policy, by its terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def month(self, instant: int) -> str:
        """The local month of an instant, "2026-03"."""
        return _month(instant, self.terms.zone)

    def months(self, start: int, end: int) -> frozenset[str]:
        """All that a span has time in."""
        found, last = {self.month(start)}, self.month(max(start, end - 1))
        instant = start
        while last not in found:
            instant += _A_WEEK
            found.add(self.month(min(instant, end - 1)))
        return frozenset(found)

    def clusters(self, records: Iterable[Record], as_of: int, cycles: Sequence[Cycle]) -> Iterator[tuple[Record, ...]]:
        """What has to be decided together: what touches, and what is in one month or cycle where the policy says so."""
        touching = clusters(records, as_of)
        if not (self.terms.for_each_month or self.terms.for_each_cycle or self.terms.capped_by_month):
            yield from touching
            return
        groups: list[tuple[set[str | Cycle], list[Record]]] = []
        for cluster in touching:
            keys = self._keys(cluster, as_of, cycles)
            joined = list(cluster)
            apart = []
            for group in groups:
                if group[0] & keys:
                    keys |= group[0]
                    joined += group[1]
                else:
                    apart.append(group)
            groups = [*apart, (keys, joined)]
        together = [tuple(sorted(members, key=lambda each: each.order)) for _, members in groups]
        yield from sorted(together, key=lambda members: members[0].order)

    def near(self, cluster: Collection[Record], touched: Collection[Cycle], as_of: int) -> bool:
        """Whether some of it may be in a month of which a touched cycle has time, so that they share a cap."""
        if not self.terms.capped_by_month:
            return False
        months = {
            month for each in cluster for month in self.months(each.started_at, max(ended(each, as_of), each.started_at + 1))
        }
        return any(not cycle.end or months & self.months(*cycle) for cycle in touched if cycle.end >= 0)

    def _keys(self, cluster: Sequence[Record], as_of: int, cycles: Sequence[Cycle]) -> set[str | Cycle]:
        start, end = _span(cluster, as_of)
        keys: set[str | Cycle] = set()
        if self.terms.for_each_month or self.terms.capped_by_month:
            keys |= self.months(start, end)
        if self.terms.for_each_cycle:
            keys |= {each for each in cycles if each.start < end and start < each.end}
        return keys


_A_WEEK: Final = 7 * 86400


def _span(cluster: Collection[Record], as_of: int) -> tuple[int, int]:
    start = min(each.started_at for each in cluster)
    return start, max(start + 1, *(ended(each, as_of) for each in cluster))


@lru_cache(10_000)
def _month(instant: int, zone: str) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")
