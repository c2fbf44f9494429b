"""Pairs of tellings of which the one must not pay more than the other: small, and placed where a policy turns.

Spans are seconds from a common origin. The families are those in which words of the language are known to break (see
:mod:`policy.language.proofs.growing`): an interruption longer by a little, at its end or at its start; two that are joined;
one that another covers; a part in the middle that is left out; a cut in two.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from policy.tools.proving.lengths import DAY_SECONDS
from policy.tools.proving.scenes import Told

Facts = tuple[tuple[str, Any], ...]

LITTLE: Final = (60, 1)
"""What lies between two interruptions: a minute, which reads better, and a second."""
LONGER: Final = (1, 60, 3600, DAY_SECONDS)


class Pair(NamedTuple):
    """``less`` must not pay more than ``more``. ``left_out``: the one of ``less`` that is there, and must not count."""

    less: tuple[Told, ...]
    more: tuple[Told, ...]
    left_out: Told | None = None


def longer(lengths: Iterable[int], kinds: Iterable[tuple[Facts, Facts]]) -> Iterator[Pair]:
    """More time: at an end, between, and of another kind over all. ``kinds``: those of two outages that differ."""
    lengths = sorted(lengths)
    for length in lengths:
        for by in LONGER:
            kept = Told(0, length)
            yield Pair((kept,), (kept, Told(length, length + by)))
            yield Pair((kept,), (Told(-by, 0), kept))
    for first, gap, second in _around(lengths):
        yield Pair((first, second), (first, gap, second))
    for one, other in kinds:
        for length in lengths:
            kept = Told(0, length, one)
            yield Pair((kept,), (kept, Told(-1, length, other)))


def left_out(lengths: Iterable[int], excluded: Iterable[Facts], kinds: Iterable[tuple[Facts, Facts]]) -> Iterator[Pair]:
    """The same time, of which a part is of a kind that does not count."""
    lengths, kinds = sorted(lengths), list(kinds)
    for facts in excluded:
        for length in lengths:
            for by in LONGER:
                kept = Told(0, length)
                for part in (Told(length, length + by), Told(-by, 0)):
                    yield _without(part, facts, (kept,))
        for first, gap, second in _around(lengths):
            yield _without(gap, facts, (first, second))
        for one, other in kinds:
            for length in lengths:
                yield _without(Told(-1, length, other), facts, (Told(0, length, one),))


def _without(part: Told, facts: Facts, kept: tuple[Told, ...]) -> Pair:
    out = part._replace(facts=tuple({**dict(part.facts), **dict(facts)}.items()))
    return Pair((*kept, out), (*kept, part), out)


def cut(lengths: Iterable[int], announced: Iterable[int], kinds: Iterable[tuple[Facts, Facts]]) -> Iterator[Pair]:
    """One outage, and the same told as two that touch. ``announced``: so many seconds before its start."""
    lengths = sorted(lengths)
    for facts in ((), *((("announced_at", -before),) for before in announced)):
        for length in lengths:
            for at in sorted({1, length // 2, length - 1, *(each for each in lengths if each < length)}):
                if 0 < at < length:
                    yield Pair((Told(0, at, facts), Told(at, length, facts)), (Told(0, length, facts),))
    for one, other in kinds:
        for length in lengths:
            at = length // 2
            if at > 1:
                beside = Told(1, length, other)
                yield Pair((Told(0, at, one), Told(at, length, one), beside), (Told(0, length, one), beside))


def _around(lengths: list[int]) -> Iterator[tuple[Told, Told, Told]]:
    """Two interruptions and what lies between them, the shortest first."""
    for first, second in sorted(((a, b) for a in lengths for b in lengths), key=sum):
        for gap in LITTLE:
            yield Told(0, first), Told(first, first + gap), Told(first + gap, first + gap + second)
