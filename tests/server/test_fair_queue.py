"""What queues is taken as it came; where connections take turns, each has one taken before any has its next."""

from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from server.fair_queue import FairQueue


def taken(queue: FairQueue[str]) -> list[str | None]:
    return [queue.get() for _ in range(len(queue))]


def test_things_are_taken_as_they_came() -> None:
    queue = FairQueue[str]()
    for thing in ("a", "b", None, "c"):
        queue.put(thing)
    assert taken(queue) == ["a", "b", None, "c"]


def test_whoever_has_one_there_waits_for_one_of_each_other_and_not_for_all_of_them() -> None:
    queue = FairQueue[str]()
    for number in range(3):
        for connection in ("x", "y"):
            queue.put_in_turn(connection, f"{connection}{number}")
    queue.put_in_turn("z", "z0")
    assert taken(queue) == ["x0", "y0", "z0", "x1", "y1", "x2", "y2"]


def test_a_connection_s_own_are_taken_as_they_came_and_it_does_not_stand_first_again() -> None:
    queue = FairQueue[str]()
    queue.put_in_turn("x", "x0")
    queue.put_in_turn("x", "x1")
    assert queue.get() == "x0"
    queue.put_in_turn("y", "y0")
    queue.put_in_turn("x", "x2")
    assert taken(queue) == ["x1", "y0", "x2"]


def test_what_came_before_turns_were_taken_is_taken_before() -> None:
    queue = FairQueue[str]()
    queue.put("a")
    queue.put_in_turn("x", "x0")
    queue.put_in_turn("y", "y0")
    queue.put("b")
    assert taken(queue) == ["a", "x0", "y0", "b"]


def test_the_rest_is_all_that_is_there() -> None:
    queue = FairQueue[str]()
    queue.put("a")
    queue.put_in_turn("x", "x0")
    assert queue.rest() == ["a", "x0"]
    assert len(queue) == 0
    assert queue.rest() == []


def test_threads_that_put_and_take_at_once_lose_nothing_and_take_nothing_twice() -> None:
    queue, connections, each = FairQueue[str](), 8, 500

    def put(connection: str) -> None:
        for number in range(each):
            queue.put_in_turn(connection, f"{connection} {number}")

    with ThreadPoolExecutor(2 * connections) as pool:
        for connection in range(connections):
            pool.submit(put, str(connection))
        got = [pool.submit(lambda: [queue.get() for _ in range(each)]) for _ in range(connections)]
    found = sorted(thing or "" for one in got for thing in one.result())
    assert [len(list(group)) for _, group in groupby(found, lambda thing: thing.split()[0])] == [each] * connections
    assert len(set(found)) == connections * each
