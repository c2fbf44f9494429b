"""Areas that match nothing: of outages that no subscriber is in, and of subscribers that no outage names.

Two files that write areas differently pay nobody there, without an error anywhere. Both files are counted as they are read;
what is kept is bounded, however many areas the subscribers have.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from clients import units

KEPT_AREAS: Final = 1000
"""Areas of subscribers that no outage names, the most frequent ones."""
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """Of some rows. ``met``: rows by area of an outage; ``missed``: rows by area that no outage names, ``others`` beyond these.

    An area that was dropped for being rare and comes again is counted anew, so a number in ``missed`` may be too low, by at
    most ``others``.
    """

    met: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    others: int = 0

    def plus(self, later: "AreaCounts") -> "AreaCounts":
        """These and those of other rows."""
        met, missed = Counter(self.met) + Counter(later.met), Counter(self.missed) + Counter(later.missed)
        kept = dict(missed.most_common(KEPT_AREAS))
        others = self.others + later.others + missed.total() - sum(kept.values())
        return AreaCounts(dict(met), kept, others)

    def without_subscriber(self, outage_areas: Collection[str]) -> list[str]:
        """Areas of outages that no row is in."""
        return sorted(set(outage_areas) - set(self.met))

    def without_outage(self) -> list[tuple[str, int]]:
        """Areas of rows that no outage names, with their rows, the most frequent first."""
        return sorted(self.missed.items(), key=lambda item: (-item[1], item[0]))

    def told(self, outage_areas: Collection[str]) -> Iterator[str]:
        """For a person; nothing where every area matches."""
        if lonely := self.without_subscriber(outage_areas):
            yield f"{_areas(len(lonely))} of outages that no subscriber of the file is in: {_first(lonely)}"
        if missed := self.without_outage():
            shown = [f"{area} ({units.several(rows, 'row')})" for area, rows in missed]
            more = f", and {units.several(self.others, 'row')} in rarer ones" if self.others else ""
            yield f"{_areas(len(missed))} of subscribers that no outage names: {_first(shown)}{more}"

    def summary(self, outage_areas: Collection[str]) -> dict[str, Any]:
        """For a report that a machine reads."""
        return {
            "of_outages_without_subscriber": self.without_subscriber(outage_areas),
            "of_subscribers_without_outage": dict(self.without_outage()),
            "rows_of_rarer_ones_without_outage": self.others,
        }

    def document(self) -> dict[str, Any]:
        """For a later run; :func:`from_document` reads it."""
        return {"met": dict(self.met), "missed": dict(self.missed), "others": self.others}


def from_document(document: Mapping[str, Any]) -> AreaCounts:
    """What :meth:`AreaCounts.document` wrote. Raises KeyError."""
    return AreaCounts(document["met"], document["missed"], document["others"])


def count(rows: Mapping[tuple[str, ...], int], outage_areas: Collection[str]) -> AreaCounts:
    """The areas of some rows: how many are in which.

    ``outage_areas``: those that outages name; where they name none, there is nothing to match.
    """
    met: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    if outage_areas:
        for areas, number in rows.items():
            for area in areas:
                (met if area in outage_areas else missed)[area] += number
    return AreaCounts().plus(AreaCounts(met, missed))


def _areas(number: int) -> str:
    return units.several(number, "area")


def _first(texts: Sequence[str]) -> str:
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")
