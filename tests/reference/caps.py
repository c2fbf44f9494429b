"""Section 5: caps, in their order, per benefit, after rounding."""

from collections.abc import Mapping
from dataclasses import dataclass

MIB = 2**20
GIB = 2**30
MINUTE = 60

PER_DECISION = {"data": 10 * GIB, "voice": 300 * MINUTE, "value_added": 31}
PER_CYCLE = {"data": 30 * GIB, "voice": 600 * MINUTE}
WHOLE = {"data": MIB, "voice": MINUTE}


@dataclass(frozen=True, slots=True)
class Capped:
    """A benefit on its way through the caps."""

    rounded: int
    after_decision_cap: int
    after_already_granted: int
    after_cycle_cap: int

    @property
    def lowered_by_a_cap(self) -> bool:
        """1: a cap lowered a benefit."""
        return self.after_decision_cap < self.rounded or self.after_cycle_cap < self.after_already_granted


def capped(name: str, rounded: int, already_granted: int, granted_this_cycle: int) -> Capped:
    """5: (a), then (b), then (c)."""
    first = per_decision(name, rounded)
    second = less_already_granted(first, already_granted)
    return Capped(rounded, first, second, per_cycle(name, second, granted_this_cycle))


def per_decision(name: str, quantity: int) -> int:
    """5 (a): data 10 GiB, voice 300 min, value-added 31 days."""
    return min(quantity, PER_DECISION[name])


def less_already_granted(quantity: int, already_granted: int) -> int:
    """5 (b): minus what was already granted for these same outages, not below 0."""
    return max(quantity - already_granted, 0)


def per_cycle(name: str, quantity: int, granted_this_cycle: int) -> int:
    """5 (c): what the cycle has left of 30 GiB and 600 min, taken down to whole MiB and minutes, not below 0."""
    if name not in PER_CYCLE:
        return quantity
    left = max(PER_CYCLE[name] - granted_this_cycle, 0)
    return min(quantity, left // WHOLE[name] * WHOLE[name])


def capped_benefits(
    rounded: Mapping[str, int], already_granted: Mapping[str, int], this_cycle: Mapping[str, int]
) -> dict[str, Capped]:
    """5: every benefit by name."""
    return {name: capped(name, each, already_granted.get(name, 0), this_cycle.get(name, 0)) for name, each in rounded.items()}
