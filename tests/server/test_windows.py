"""While callers keep threads waiting a client has two calls at work; what it sends beyond waits for these alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import sleep

import pytest

from server.pool import CallPool
from server.windows import AT_WORK, ClientTask, Windows
from tests.server.running import PATIENCE_SECONDS, eventually

HELD_BACK_SECONDS = 0.25
LOOK = (30.0, 0.0)


class Unread:
    """A call that nobody ends."""

    def refuse(self, why: Exception) -> None:
        raise AssertionError(why)

    def cut(self) -> None:
        raise AssertionError


def task_of(client: str) -> ClientTask:
    return ClientTask(client, lambda: None, lambda: None)


class Calls:
    """Calls by client that last until they are told to end."""

    def __init__(self, pool: CallPool) -> None:
        self._pool = pool
        self.begun: list[str] = []
        self.refused: list[str] = []
        self._ends: dict[str, Event] = {}

    def submit(self, client: str, name: str) -> None:
        self._ends[name] = Event()
        task = ClientTask(client, lambda: self._run(name), lambda: self.refused.append(name))
        self._pool.submit_of(task)

    def _run(self, name: str) -> None:
        self.begun.append(name)
        self._ends[name].wait(PATIENCE_SECONDS)

    def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()

    def end_all(self) -> None:
        self.end(*self._ends)


@contextmanager
def calls(limit: int = 100) -> Iterator[tuple[CallPool, Calls]]:
    pool = CallPool("test", threads=16, limit=limit)
    submitted = Calls(pool)
    try:
        yield pool, submitted
    finally:
        pool.shutdown()
        submitted.end_all()


def test_a_client_has_few_calls_at_work_and_the_next_begins_when_one_ends() -> None:
    with calls() as (pool, them):
        for name in ("x0", "x1", "x2", "x3"):
            them.submit("x", name)
        eventually(lambda: them.begun == ["x0", "x1"])
        assert pool.in_flight == 4
        them.end("x1")
        eventually(lambda: them.begun == ["x0", "x1", "x2"])
        them.end("x0", "x2")
        eventually(lambda: them.begun[-1] == "x3")


def test_nobody_waits_for_the_calls_of_another_client() -> None:
    with calls() as (_, them):
        for number in range(20):
            them.submit("x", f"x{number}")
        for client in ("y", "z"):
            them.submit(client, client)
        eventually(lambda: set(them.begun) == {"x0", "x1", "y", "z"})


def test_what_was_held_back_for_a_quarter_of_a_second_begins_whatever_its_client_has() -> None:
    with calls() as (pool, them):
        for number in range(AT_WORK + 2):
            them.submit("x", f"x{number}")
        pool.look(*LOOK)
        assert len(them.begun) <= AT_WORK
        sleep(HELD_BACK_SECONDS)
        for begun in (AT_WORK + 1, AT_WORK + 2):
            pool.look(*LOOK)
            eventually(lambda begun=begun: len(them.begun) == begun)  # type: ignore[misc]
        assert not them.refused


def test_what_was_held_back_so_long_is_refused_where_the_pool_is_full() -> None:
    with calls(limit=AT_WORK) as (pool, them):
        for number in range(AT_WORK + 2):
            them.submit("x", f"x{number}")
        sleep(HELD_BACK_SECONDS)
        pool.look(*LOOK)
        pool.look(*LOOK)
        assert them.refused == [f"x{AT_WORK}", f"x{AT_WORK + 1}"]
        assert pool.in_flight == AT_WORK


def test_a_call_begins_in_a_full_pool_when_its_client_s_earlier_one_has_left_it() -> None:
    with calls(limit=1) as (_, them):
        them.submit("x", "x0")
        them.submit("x", "x1")
        them.end("x0")
        eventually(lambda: them.begun == ["x0", "x1"])


def test_a_pool_that_is_shut_down_drops_what_is_held_back_and_takes_no_more() -> None:
    with calls() as (pool, them):
        for number in range(AT_WORK + 1):
            them.submit("x", f"x{number}")
        eventually(lambda: len(them.begun) == AT_WORK)
        pool.shutdown()
        assert pool.in_flight == AT_WORK
        for client in ("x", "y"):
            with pytest.raises(RuntimeError, match="shut down"):
                them.submit(client, "one more")


def test_of_those_held_back_one_of_each_client_is_taken_in_turn() -> None:
    windows = Windows()
    for client in ("x", "x", "x", "y", "z"):
        windows.hold_back(task_of(client))
    taken = [windows.held_since(float("inf"), at_most=2) for _ in range(3)]
    assert [[task.client for task in some] for some in taken] == [["x", "y"], ["z", "x"], ["x"]]
    assert len(windows) == 0
    assert not windows.held_since(float("inf"), at_most=2)


def test_a_client_that_resets_its_calls_has_no_more_than_a_bounded_number_held_back() -> None:
    windows, held = Windows(), 0
    while not windows.has_no_room("x"):
        windows.hold_back(task_of("x"))
        held += 1
    assert held == 32
    assert not windows.has_no_room("y")
    assert len([*windows.rest()]) == held
    assert not windows.has_no_room("x")


@pytest.mark.parametrize(("is_new", "more"), [(True, 8), (False, 0)], ids=["no message", "unread"])
def test_more_threads_look_for_messages_and_none_work_instead_of_those_whose_answer_is_not_read(
    is_new: bool, more: int
) -> None:
    """While 126 batches were unread 66 threads worked on others, and whoever asked a question waited for them all."""
    threads, enough = 2, Event()
    pool, working = CallPool("test", threads=threads, limit=100), [0]

    def kept_waiting() -> None:
        pool.seat.waits(Unread(), lambda: "x", is_new=is_new)
        enough.wait(PATIENCE_SECONDS)
        pool.no_longer_waits(pool.seat)

    def works() -> None:
        working[0] += 1
        enough.wait(PATIENCE_SECONDS)

    def looked_until(number: int) -> bool:
        pool.look(*LOOK)
        return pool.waiting == number

    try:
        for number in range(1, 9):
            pool.submit(kept_waiting)
            eventually(lambda number=number: looked_until(number))  # type: ignore[misc]
        for _ in range(20):
            pool.submit(works)
        pool.look(*LOOK)
        eventually(lambda: working[0] == threads + more)
        sleep(0.05)
        assert working[0] == threads + more
        enough.set()
        eventually(lambda: pool.in_flight == 0 and not pool.waiting)
        pool.look(*LOOK)
        assert pool._wanted == threads
    finally:
        enough.set()
        pool.shutdown()
