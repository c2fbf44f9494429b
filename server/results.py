"""The results of a batch, gathered for as long as its caller would take them."""

from typing import Final

from server.errors import AnswerTooLong

BEYOND_BYTES: Final = 4 * 2**20
"""So much more than its caller takes is made of an answer, to say how long it is; one that is longer still is not finished."""


class Results:
    """Each as it stands in the response. ``takes_bytes``: how long an answer the caller takes."""

    def __init__(self, takes_bytes: int) -> None:
        self._takes_bytes = takes_bytes
        self._all: list[bytes] = []
        self._bytes = self._fitting = 0

    def __len__(self) -> int:
        return len(self._all)

    def add(self, result: bytes) -> None:
        """One more. Raises AnswerTooLong once they are far beyond what the caller takes, for nobody will read them."""
        self._all.append(result)
        self._bytes += len(result)
        self._fitting += self._bytes <= self._takes_bytes
        if self._bytes > self._takes_bytes + BEYOND_BYTES:
            raise self._too_long()

    def response(self) -> bytes:
        """The answer. Raises AnswerTooLong where its caller does not take it."""
        if self._bytes > self._takes_bytes:
            raise self._too_long()
        return b"".join(self._all)

    def _too_long(self) -> AnswerTooLong:
        return AnswerTooLong(self._bytes, self._takes_bytes, self._fitting)
