"""Interruptions: the unbroken runs of counted time that everything is decided for, each by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.reference.facts import Outage
from tests.reference.measure import Piece, Stretch, union_pieces


@dataclass(frozen=True, eq=False)
class Interruption:
    """An unbroken run: its pieces of time in order, and what of each outage lies in it, counted for it or for another."""

    pieces: tuple[Piece, ...]
    stretches: tuple[Stretch, ...]

    @property
    def started_at(self) -> int:
        return self.pieces[0].started_at

    @property
    def ended_at(self) -> int:
        return self.pieces[-1].ended_at

    @cached_property
    def outages(self) -> dict[str, Outage]:
        """5b: all that have time in it, by id in order, also those whose time counts for another."""
        return dict(sorted((each.outage.outage_id, each.outage) for each in self.stretches))

    @property
    def goes_on(self) -> bool:
        """1 line 10: an outage of it has no end, also where the claimed hours are past."""
        return any(outage.ended_at is None for outage in self.outages.values())

    @property
    def clock_seconds(self) -> int:
        """3.5: its length."""
        return self.ended_at - self.started_at

    @property
    def weighted_seconds(self) -> Fraction:
        """3.6: W, the integral of weight × factor × impact over it."""
        return sum((piece.weighted_seconds for piece in self.pieces), Fraction(0))

    def recorded_end_of(self, outage_id: str) -> int:
        """5 (b): when the record of an outage, cut to the interruption, ends."""
        return max(each.ended_at for each in self.stretches if each.outage.outage_id == outage_id)

    def owned(self) -> dict[str, list[Piece]]:
        """3.4: the time that counts for each of its outages."""
        return {each: [piece for piece in self.pieces if piece.outage.outage_id == each] for each in self.outages}


def interruptions(stretches: list[Stretch]) -> list[Interruption]:
    """The unbroken runs of what is left of the outages, in order of time; what overlaps or touches is one."""
    runs: list[list[Piece]] = []
    for piece in union_pieces(stretches):
        if runs and runs[-1][-1].ended_at == piece.started_at:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [Interruption(tuple(run), tuple(_inside(stretches, run[0].started_at, run[-1].ended_at))) for run in runs]


def _inside(stretches: Iterable[Stretch], first: int, last: int) -> Iterable[Stretch]:
    return (each for each in stretches if first <= each.started_at and each.ended_at <= last)
