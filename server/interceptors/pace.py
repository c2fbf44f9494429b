"""How fast long work has been done, at its fastest: what cannot end in time even so is not begun."""

from collections.abc import MutableMapping
from math import inf

_WORTH_A_LOOK_BYTES = 10_000
"""Shorter messages are answered before it matters."""


class Pace:
    """By method, the fewest seconds that a byte of a request has taken."""

    def __init__(self) -> None:
        self._seconds_per_byte: MutableMapping[str, float] = {}

    def took(self, method: str, length_bytes: int, seconds: float) -> None:
        """A message of so many bytes was answered in so many seconds."""
        if length_bytes >= _WORTH_A_LOOK_BYTES:
            before = self._seconds_per_byte.get(method, inf)
            self._seconds_per_byte[method] = min(before, seconds / length_bytes)

    def is_too_late(self, method: str, length_bytes: int, seconds_left: float) -> bool:
        """Whether nothing of that length has ever been answered in so few seconds."""
        if length_bytes < _WORTH_A_LOOK_BYTES:
            return seconds_left <= 0
        return seconds_left < self._seconds_per_byte.get(method, 0.0) * length_bytes
