"""How long a run takes."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """``rounds`` in which every case has its turn; a turn takes about so many seconds; ``starts`` of fresh processes."""

    rounds: int
    seconds_of_calls: float
    seconds_of_calculation: float
    starts: int


THOROUGH: Final = Effort(rounds=7, seconds_of_calls=1.5, seconds_of_calculation=0.4, starts=5)
"""About four minutes."""
QUICK: Final = Effort(rounds=2, seconds_of_calls=0.3, seconds_of_calculation=0.05, starts=2)
"""Under one minute; shows that everything runs."""
