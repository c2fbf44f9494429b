"""Thread pools that know which calls they hold.

grpcio hands a call to a pool in the same thread in which interceptors let it in, and its task ends with the call on every path:
answered, failed, cancelled while it still queued. So the tasks of a pool are the calls in flight, with nothing to leak.

Why threads and not grpc.aio, and why two: measured in this service on two cores, one decision a call, all in turns in one run;
what a call takes, µs of CPU and µs by the clock, medians:

    calls in flight        4            16            64
    1 thread                         547   548
    2 threads         530   707      492   459      438   461
    3 threads         856   776      544   601      432   438
    8 threads         857   723      766   674      750   668
    grpc.aio          569   514      576   526      542   542

A decision holds the interpreter's lock from beginning to end, so more threads decide nothing sooner; but grpcio's own thread
and the next calls' want the lock meanwhile. As soon as a second core is free, most of eight threads wait for it at any time,
and it passes from core to core: 20 changes of thread for a call, where two threads need 7. (Held to one core, eight are as
quick as two.) One thread alone waits for each message that grpcio has yet to fetch. An empty call takes 180 here, an empty one
behind the interceptors 230. A decision took 110 then in a loop of its own; now it takes 97 there, and more in a server at work:
between two calls, others have had the caches. The rest is the lock itself: a method that only turned a loop for 150 µs, and
needed no caches, made the empty call dearer by 160 to 240.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_EVERY_SECONDS: Final = 0.01


class Task(Future[Any]):
    """A call that a pool holds. It can be told when the call ends, and nothing else, which is all that grpcio asks.

    INVARIANT: what it does is atomic in itself (append and pop of a list), for it has no lock: a Future's lock and condition
    would cost each call 13 µs.
    """

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


class CallPool(ThreadPoolExecutor):
    """``threads`` run calls; ``limit`` says how many may run and queue together. Whoever submits asks ``full`` first.

    A ThreadPoolExecutor in name, for grpcio takes no other.
    """

    def __init__(self, name: str, threads: int, limit: int) -> None:
        super().__init__(max_workers=threads, thread_name_prefix=name)
        self.name = name
        self.limit = limit
        self._size = threads
        self._started: list[Thread] = []
        self._starting = Lock()
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._held: set[Task] = set()
        self._closed = False

    @property
    def in_flight(self) -> int:
        """Calls that run or queue."""
        return len(self._held)

    @property
    def full(self) -> bool:
        """Whether one more call would be over the limit."""
        return len(self._held) >= self.limit

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs a call in a thread of the pool, and holds it until it ends. Raises RuntimeError when the pool is shut down."""
        if self._closed:
            raise RuntimeError("the pool is shut down")
        if len(self._started) < self._size:
            self._start_thread()
        task = Task(lambda: fn(*args, **kwargs))
        self._held.add(task)
        self._queue.put(task)
        return task

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:
        """Starts nothing more, drops what queues, and does not wait for what runs."""
        assert not wait
        assert cancel_futures
        self._closed = True
        with suppress(Empty):
            while task := self._queue.get_nowait():
                self._end(task)
        for _ in self._started:
            self._queue.put(None)

    def _start_thread(self) -> None:
        with self._starting:
            if len(self._started) < self._size:
                thread = Thread(target=self._run_calls, name=f"{self.name}-{len(self._started)}", daemon=True)
                self._started.append(thread)
                thread.start()

    def _run_calls(self) -> None:
        while task := self._queue.get():
            # Nobody asks what a call raised: grpcio has answered it, and a thread must not end with it.
            with suppress(BaseException):
                task.run()
            self._end(task)
            del task  # a call takes memory until the last who knows of it lets go

    def _end(self, task: Task) -> None:
        self._held.discard(task)
        task.ended()


@dataclass(frozen=True, slots=True)
class Pools:
    """Where calls run: unary ones in ``calls``; batches, which take long, in ``batches``, so that calls do not wait for them.

    Each stream holds a thread of ``streams`` for as long as it lasts. Refusals and health probes run in ``control``, so that
    neither waits behind work.
    """

    calls: CallPool
    batches: CallPool
    streams: CallPool
    control: CallPool

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits until no call is in flight in any pool; False when there still is one after the timeout."""
        deadline = monotonic() + timeout_seconds
        while self.in_flight and monotonic() < deadline:
            sleep(_LOOK_EVERY_SECONDS)
        return not self.in_flight

    @property
    def in_flight(self) -> int:
        """Calls that run or queue in any pool."""
        return sum(pool.in_flight for pool in self._all)

    def shutdown(self) -> None:
        """Starts nothing more; does not wait for what runs."""
        for pool in self._all:
            pool.shutdown()

    @property
    def _all(self) -> tuple[CallPool, ...]:
        return self.calls, self.batches, self.streams, self.control
