"""Section 5: caps, in their order, per benefit and interruption, after rounding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.reference.facts import GrantedBefore
from tests.reference.interruptions import Interruption

MIB = 2**20
GIB = 2**30
MINUTE = 60

PER_INTERRUPTION = {"data": 10 * GIB, "voice": 300 * MINUTE, "value_added": 31}
PER_CYCLE = {"data": 30 * GIB, "voice": 600 * MINUTE}
WHOLE = {"data": MIB, "voice": MINUTE}


@dataclass(frozen=True, slots=True)
class Capped:
    """A benefit of an interruption on its way through the caps. ``granted_before``: what of it was used up here."""

    rounded: int
    after_own_cap: int
    granted_before: int
    after_cycle_cap: int

    @property
    def after_granted_before(self) -> int:
        """5 (b): not below 0."""
        return self.after_own_cap - self.granted_before

    @property
    def lowered_by_a_cap(self) -> bool:
        """1: a cap lowered a benefit, also where (a) bound before (b)."""
        return self.after_own_cap < self.rounded or self.after_cycle_cap < self.after_granted_before


@dataclass(slots=True)
class Account:
    """What was granted before, as far as it is not used up, by outage and benefit; and what the cycle was granted in all."""

    before: dict[tuple[str, str], int]
    this_cycle: dict[str, int] = field(default_factory=dict)

    def capped(self, name: str, rounded: int, interruption: Interruption) -> Capped:
        """5: (a), then (b), then (c). Interruptions take their turn in order of time."""
        first = min(rounded, PER_INTERRUPTION[name])
        used = self._use_up(name, first, interruption)
        capped = Capped(rounded, first, used, min(first - used, self.left_of_cycle(name)))
        if not interruption.goes_on:  # 1 line 10: a quote takes nothing from the cycle
            self.this_cycle[name] = self.this_cycle.get(name, 0) + capped.after_cycle_cap
        return capped

    def _use_up(self, name: str, needed: int, interruption: Interruption) -> int:
        """5 (b): once; first of the outage whose record, cut to the interruption, ends first, then of the smaller id."""
        used = 0
        for outage_id in sorted(interruption.outages, key=lambda each: (interruption.recorded_end_of(each), each)):
            taken = min(needed - used, self.before.get((outage_id, name), 0))
            if taken:
                self.before[outage_id, name] -= taken
                used += taken
        return used

    def left_of_cycle(self, name: str) -> int:
        """5 (c): of 30 GiB and 600 min, taken down to whole MiB and minutes, not below 0; without such a cap, no end."""
        if name not in PER_CYCLE:
            return 2**62
        left = max(PER_CYCLE[name] - self.this_cycle.get(name, 0), 0)
        return left // WHOLE[name] * WHOLE[name]


def account(
    granted_before: Iterable[GrantedBefore],
    already: Mapping[str, int],
    outage_ids: Iterable[str],
    this_cycle: Mapping[str, int],
) -> Account:
    """What the request says was granted; ``already`` is of its only outage."""
    before = {(each.outage_id, each.benefit): each.quantity for each in granted_before}
    before |= {(outage_id, name): quantity for outage_id in set(outage_ids) for name, quantity in already.items()}
    return Account(before, dict(this_cycle))
