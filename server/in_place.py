"""A call as a pool holds it, and a pool that has no threads."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Task(Future[Any]):
    """A call that a pool holds. It can be told when the call ends, and nothing else, which is all that grpcio asks.

    INVARIANT: what it does is atomic in itself (append and pop of a list), for it has no lock: a Future's lock and condition
    would cost each call 13 µs.
    """

    client = ""
    """Whose it is, where that matters."""

    def __init__(self, run: Callable[[], object]) -> None:
        self.run = run
        self._has_ended = False
        self._when_ended: list[Callable[[Future[Any]], object]] = []

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        """Calls ``fn`` when the call ends; at once if it has."""
        self._when_ended.append(fn)
        if self._has_ended:
            self._tell()

    def ended(self) -> None:
        """The call has ended, one way or another."""
        self._has_ended = True
        self._tell()

    def _tell(self) -> None:
        with suppress(IndexError):
            while self._when_ended:
                self._when_ended.pop()(self)


class InPlace(ThreadPoolExecutor):
    """Runs what is submitted in the thread that submits it, which is grpcio's own.

    For refusals only, which wait for nothing: grpcio's thread is the one that would end a wait. A refusal costs half of what it
    cost with a thread of its own, and under overload there are more refusals than answers.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs it now."""
        task = Task(lambda: None)
        with suppress(Exception):
            fn(*args, **kwargs)
        task.ended()
        return task
