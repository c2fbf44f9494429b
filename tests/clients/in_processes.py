"""Runs that have processes: what they do is counted, and some can be killed in the middle."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from clients.processes import Processes

BEFORE_THE_KILL: Final = 4
PATIENCE_SECONDS: Final = 600


def counted(monkeypatch: pytest.MonkeyPatch, number: Callable[[Any], int]) -> list[int]:
    """Lets a run wait until its processes are ready. Returns the ``number`` of each answer of theirs, as they come."""
    begin, answer, numbers = Processes.begin, Processes.answer, list[int]()

    def begin_and_wait(self: Any) -> bool:
        had_begun = bool(self._begun)
        has_begun = begin(self)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while has_begun and not had_begun and self._free.qsize() < self.at_a_time:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return has_begun

    def counting(self: Any, asked: Any) -> Any:
        found = answer(self, asked)
        if found is not None:
            numbers.append(number(found))
        return found

    monkeypatch.setattr(Processes, "begin", begin_and_wait)
    monkeypatch.setattr(Processes, "answer", counting)
    return numbers


@contextmanager
def killed_in_the_middle(monkeypatch: pytest.MonkeyPatch, numbers: list[int]) -> Iterator[None]:
    """Kills all processes of a run when they have answered some of what it asks."""
    answer = Processes.answer

    def killing(self: Any, asked: Any) -> Any:
        if len(numbers) >= BEFORE_THE_KILL:  # of two that end at once, each sees both
            for each in self._begun:
                os.kill(each.pid or 0, signal.SIGKILL)
        return answer(self, asked)

    with monkeypatch.context() as patched:
        patched.setattr(Processes, "answer", killing)
        yield
