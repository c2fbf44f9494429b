"""How long a run takes."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for a figure.

    ``rounds`` in which every case has its turn; a turn takes about so many seconds; ``starts`` of fresh processes;
    ``stream_rows`` sent through one stream.
    """

    rounds: int
    seconds_of_calls: float
    seconds_of_calculation: float
    starts: int
    stream_rows: int


USUAL: Final = Effort(rounds=7, seconds_of_calls=1.5, seconds_of_calculation=0.4, starts=5, stream_rows=100_000)
THOROUGH: Final = replace(USUAL, rounds=11, stream_rows=10_000_000)
QUICK: Final = Effort(rounds=2, seconds_of_calls=0.3, seconds_of_calculation=0.05, starts=2, stream_rows=20_000)
"""Shows that everything runs."""
