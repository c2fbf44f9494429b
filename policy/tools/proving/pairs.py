"""Pairs of tellings of which the one must not pay more than the other: small, and placed where a policy turns.

Spans are seconds from a common origin. The families are those in which words of the language are known to break (see
:mod:`policy.language.proofs.growing`): an interruption longer by a little, at its end or at its start, alone or after
another in the month before; two that are joined; one that another covers; a part in the middle that is left out; a cut in two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from policy.tools.proving.lengths import DAY_SECONDS
from policy.tools.proving.scenes import OutageSpan

Facts = tuple[tuple[str, Any], ...]

LITTLE: Final = (60, 1)
"""What lies between two interruptions: a minute, which reads better, and a second."""
LONGER: Final = (1, 60, 3600, DAY_SECONDS)


BEFORE: Final = OutageSpan(-28 * DAY_SECONDS, -3600)
"""Most of the month before, where the origin is the first of one."""


class Pair(NamedTuple):
    """``less`` must not pay more than ``more``. ``left_out``: the one of ``less`` that is there, and must not count."""

    less: tuple[OutageSpan, ...]
    more: tuple[OutageSpan, ...]
    left_out: OutageSpan | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The families for one component.

    ``turns``: the lengths at which it turns. ``wait``: how long the first interruption lasts before counting begins. ``kinds``:
    two kinds of outage that differ in a fact under ``only``. ``excluded``: kinds that do not count. ``told``: kinds that count
    by how they are told, as "announced so long before". ``in_months``: whether a month has a cap.
    """

    turns: Sequence[int]
    wait: int
    kinds: Sequence[tuple[Facts, Facts]]
    excluded: Sequence[Facts]
    told: Sequence[Facts]
    in_months: bool = False

    def longer(self) -> Iterator[Pair]:
        """More time: at an end, between two, and of another kind over all."""
        yield from in_turn(
            (Pair((kept,), (kept, added)) for kept, added in self._ends()),
            (Pair((first, second), (first, gap, second)) for first, gap, second in self._joined()),
            (Pair((one,), (one, over)) for one, over in self._covered()),
            (Pair((BEFORE, kept), (BEFORE, kept, added)) for kept, added in self._ends() if self.in_months and added.start < 0),
        )

    def left_out(self) -> Iterator[Pair]:
        """The same time, of which a part is of a kind that does not count."""
        yield from in_turn(*map(self._left_out_by, self.excluded))

    def _left_out_by(self, facts: Facts) -> Iterator[Pair]:
        """One kind that does not count: before, after, between or over what does."""
        return in_turn(
            (_without(part, facts, (kept,)) for kept, part in self._ends()),
            (_without(gap, facts, (first, second)) for first, gap, second in self._joined()),
            (_without(over, facts, (one,)) for one, over in self._covered()),
            (_without(part, facts, (BEFORE, kept)) for kept, part in self._ends() if self.in_months and part.start < 0),
        )

    def cut(self) -> Iterator[Pair]:
        """One outage, and the same told as two that touch: alone, before another, and under one of another kind."""
        yield from in_turn(self._halves(), self._halves_beside())

    def _halves(self) -> Iterator[Pair]:
        for end in self._firsts():
            for facts in ((), *self.told):
                for at in sorted({1, end // 2, end - 1, DAY_SECONDS - 1, DAY_SECONDS}):
                    if 0 < at < end:
                        halves, whole = (OutageSpan(0, at, facts), OutageSpan(at, end, facts)), OutageSpan(0, end, facts)
                        yield Pair(halves, (whole,))
                        for further in (self.turns[0], self.turns[-1]):
                            after = OutageSpan(end, end + further, facts and (("announced_at", 0),))
                            yield Pair((*halves, after), (whole, after))

    def _halves_beside(self) -> Iterator[Pair]:
        for one, over in self._covered():
            beside, at = over._replace(start=1), one.end // 2
            if at > 1:
                halves = (one._replace(end=at), one._replace(start=at))
                yield Pair((*halves, beside), (one, beside))

    def _firsts(self) -> list[int]:
        """The ends of first interruptions, a second around each turn; the shortest first."""
        around = {turn + by for turn in self.turns for by in (-1, 0, 1)}
        return [self.wait + length for length in sorted(around) if length]

    def _ends(self) -> Iterator[tuple[OutageSpan, OutageSpan]]:
        """An interruption, and what comes at its end or before its start."""
        for end in self._firsts():
            for by in LONGER:
                yield OutageSpan(0, end), OutageSpan(end, end + by)
                yield OutageSpan(0, end), OutageSpan(-by, 0)

    def _joined(self) -> Iterator[tuple[OutageSpan, OutageSpan, OutageSpan]]:
        """Two interruptions and what lies between them, the shortest first.

        What joining loses it loses first where both have only just reached, or passed, a turn.
        """
        reached = sorted({turn + by for turn in self.turns for by in (0, 1)})
        for first, second in sorted(((self.wait + a, b) for a in reached for b in reached), key=sum):
            for gap in LITTLE:
                yield OutageSpan(0, first), OutageSpan(first, first + gap), OutageSpan(first + gap, first + gap + second)

    def _covered(self) -> Iterator[tuple[OutageSpan, OutageSpan]]:
        """An outage of one kind, and one of another kind over it that begins a second earlier."""
        for one, other in self.kinds:
            for end in self._firsts():
                yield OutageSpan(0, end, one), OutageSpan(-1, end, other)


def in_turn(*families: Iterator[Pair]) -> Iterator[Pair]:
    """One of each family, then the next of each."""
    return (pair for pairs in zip_longest(*families) for pair in pairs if pair is not None)


def _without(part: OutageSpan, facts: Facts, kept: tuple[OutageSpan, ...]) -> Pair:
    out = part._replace(facts=tuple({**dict(part.facts), **dict(facts)}.items()))
    return Pair((*kept, out), (*kept, part), out)
