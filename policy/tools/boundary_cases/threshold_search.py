"""Where something that only ever begins to hold begins to hold."""

from collections.abc import Callable


def threshold(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """The least number in [low, high] for which ``holds``; None where it holds nowhere, or everywhere."""
    if holds(low) or not holds(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
