"""What a row says of its occasions, and what follows from that for a grant: where, which rank, and what was used up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Cycle(NamedTuple):
    """A billing cycle, seconds since 1970 UTC."""

    start: int
    end: int

    def __str__(self) -> str:
        """As it stands in a key."""
        return f"{self.start}/{self.end}"


class Before(NamedTuple):
    """What the question said was granted before for an outage, in base units; ``month`` "" where none is told."""

    outage_id: str
    benefit: str
    quantity: int
    month: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What benefits were worked out for. Instants in seconds since 1970 UTC; ``cycle`` where that is the occasion."""

    started_at: int
    ended_at: int
    outage_ids: tuple[str, ...]
    benefits: tuple[str, ...]
    month: str = ""
    cycle: Cycle | None = None


class Place(NamedTuple):
    """What of a key follows from which occasion a grant is for."""

    where: str
    rank: int


@dataclass(frozen=True, slots=True)
class Occasions:
    """All of a row, in order of time; ``cycle`` is the one of the question, and ``before`` what it said was granted before."""

    all: Sequence[Occasion] = ()
    cycle: Cycle | None = None
    before: Sequence[Before] = ()

    def places(self, number: int, benefit: str) -> Iterator[Place]:
        """What an occasion can be in a key. One that is the time before or after the cycle does not say so of itself."""
        at = self.all[number]
        where = at.month or ("" if at.cycle is None else str(at.cycle))
        earlier = (each for each in self.all[:number] if benefit in each.benefits and each.outage_ids == at.outage_ids)
        rank = 1 + sum(1 for each in earlier if (each.month, each.cycle) == (at.month, at.cycle))
        yield Place(where, rank)
        if not where and self.cycle is not None:
            if at.ended_at <= self.cycle.start:
                yield Place(f"before/{self.cycle.start}", 1)
            if at.started_at >= self.cycle.end:
                yield Place(f"{self.cycle.end}/after", 1)

    def used_up(self, number: int, benefit: str) -> tuple[int, int]:
        """The least and the most of ``before`` that a grant for an occasion used up: all that was left of its outages'.

        A row does not say what earlier occasions took of the same outages, nor whether any of it is for time outside of the
        billing cycle.
        """
        at, least, most = self.all[number], 0, 0
        shared = {each for earlier in self.all[:number] if benefit in earlier.benefits for each in earlier.outage_ids}
        outside = self.cycle is not None and (at.ended_at <= self.cycle.start or at.started_at >= self.cycle.end)
        for each in self.before:
            if (each.benefit, each.month) == (benefit, at.month) and each.outage_id in at.outage_ids:
                most += each.quantity
                least += 0 if outside or each.outage_id in shared else each.quantity
        return least, most
