"""What a row says of its occasions, and what follows from that for the key of a grant: where, which rank, what was used up."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
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
    """What of a key follows from which occasion a grant is for. ``has_before``: what was granted before can be of it."""

    where: str
    rank: int
    has_before: bool


@dataclass(frozen=True, slots=True)
class Occasions:
    """All of a row, in order of time; ``cycle`` is the one of the question.

    ``owed``: (place of the occasion, benefit) of every grant and quote.
    """

    all: Sequence[Occasion] = ()
    cycle: Cycle | None = None
    before: Sequence[Before] = ()
    owed: Collection[tuple[int, str]] = field(default_factory=frozenset)

    def places(self, number: int, benefit: str) -> Iterator[Place]:
        """What an occasion can be in a key. One that is the time before or after the cycle does not say so of itself."""
        at = self.all[number]
        where = at.month or ("" if at.cycle is None else str(at.cycle))
        earlier = (each for each in self.all[:number] if benefit in each.benefits and each.outage_ids == at.outage_ids)
        rank = 1 + sum(1 for each in earlier if (each.month, each.cycle) == (at.month, at.cycle))
        yield Place(where, rank, has_before=True)
        if not where and self.cycle is not None:
            if at.ended_at <= self.cycle.start:
                yield Place(f"before/{self.cycle.start}", 1, has_before=False)
            if at.started_at >= self.cycle.end:
                yield Place(f"{self.cycle.end}/after", 1, has_before=False)

    def used_up(self, number: int, benefit: str) -> set[int]:
        """What of ``before`` a grant for an occasion used up: all that earlier occasions left.

        One that was granted or quoted left nothing of its outages'. One that was not took what it needed, which the row does
        not say: two results where it could, as if it had needed all of it, and nothing.
        """
        at = self.all[number]
        told = {each.outage_id: each.quantity for each in self.before if (each.benefit, each.month) == (benefit, at.month)}
        if not told:
            return {0}
        found: set[int] = set()
        for took_all in (True, False):
            left = dict(told)
            for earlier, each in enumerate(self.all[:number]):
                if benefit not in each.benefits or (each.month, each.cycle) != (at.month, at.cycle):
                    continue
                if took_all or (earlier, benefit) in self.owed:
                    left |= dict.fromkeys(each.outage_ids, 0)
            found.add(sum(left.get(outage_id, 0) for outage_id in at.outage_ids))
        return found
