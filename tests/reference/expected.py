"""What the judge says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


class Because(NamedTuple):
    """A reason: its code, and the request field or the benefit where the text says which."""

    code: str
    field: str = ""
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What is said of one interruption, the same rules applied to it alone.

    ``grants``: by benefit name, the parts of its outages in bytes, seconds and days; ``quotes``: the whole. Grants and quotes are
    above 0. ``granted_before``: by benefit name, what of it was used up here.
    """

    started_at: int
    ended_at: int
    outage_ids: tuple[str, ...]
    outcome: str
    reasons: tuple[Because, ...] = ()
    grants: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    quotes: Mapping[str, int] = field(default_factory=dict)
    granted_before: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """The judge's answer: either the malformed fields, or a decision.

    ``recourse``: fen by party and outage, above 0. ``clock_seconds`` and ``weighted_seconds`` are None on the lines of
    section 1 that come before them.
    """

    malformed: frozenset[str] = frozenset()
    outcome: str = ""
    reasons: tuple[Because, ...] = ()
    warnings: tuple[str, ...] = ()
    interruptions: tuple[Interrupted, ...] = ()
    recourse: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None

    @property
    def grants(self) -> dict[str, int]:
        """What can be booked, by benefit name, of all interruptions together."""
        parts = [(name, sum(each.values())) for one in self.interruptions for name, each in one.grants.items()]
        return _sums(parts)

    @property
    def quotes(self) -> dict[str, int]:
        """What cannot, likewise."""
        return _sums([(name, each) for one in self.interruptions for name, each in one.quotes.items()])


def _sums(amounts: list[tuple[str, int]]) -> dict[str, int]:
    return {name: sum(each for other, each in amounts if other == name) for name, _ in amounts}
