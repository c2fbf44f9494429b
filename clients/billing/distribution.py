"""How amounts of a column lie: a count for each step of a scale, so that a slip by a factor of 100 or of 2^30 is seen.

The steps are 1, 2, 5, 10, 20, 50 … of the unit, so that few of them hold any file, in memory that does not grow with it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

BAR: Final = 30
"""Widest bar, in characters."""


def decimal_step(amount: int) -> int:
    """The largest of 0, 1, 2, 5, 10, 20, 50 … that is not above ``amount``."""
    if amount < 1:
        return 0
    power: int = 10 ** (len(str(amount)) - 1)
    return next(step * power for step in (5, 2, 1) if step * power <= amount)


def binary_step(amount: int) -> int:
    """The largest of 0, 1, 2, 4, 8 … that is not above ``amount``."""
    return 0 if amount < 1 else 1 << (amount.bit_length() - 1)


@dataclass(slots=True)
class Distribution:
    """Of the amounts of a column."""

    counts: Counter[int] = field(default_factory=Counter)
    """By step."""
    lowest: int | None = None
    highest: int | None = None

    def add(self, amount: int, step: int) -> None:
        """One more amount."""
        self.counts[step] += 1
        self.lowest = amount if self.lowest is None else min(self.lowest, amount)
        self.highest = amount if self.highest is None else max(self.highest, amount)

    def steps(self) -> Iterator[tuple[int, int, str]]:
        """Each step that holds amounts, how many, and a bar; in order of size."""
        most = max(self.counts.values(), default=0)
        for step, number in sorted(self.counts.items()):
            yield step, number, bar(number, most)

    def document(self) -> Mapping[str, object]:
        """For a machine."""
        steps = [{"from": step, "rows": number} for step, number in sorted(self.counts.items())]
        return {"lowest": self.lowest, "highest": self.highest, "steps": steps}


def bar(number: int, most: int) -> str:
    """As long as ``number`` is of ``most``, rounded up: what is there is seen."""
    return "█" * -(-number * BAR // most) if most else ""
