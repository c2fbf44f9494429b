"""Thread pools that know which calls they hold, and which of those keep a thread waiting.

grpcio hands a call to a pool in the same thread in which the interceptor let it in, and its task ends with the call on every
path: answered, failed, cancelled while it still queued. So the tasks of a pool are the calls in flight, with nothing to leak.

grpcio takes a thread before the message of a call has come. A thread that is kept waiting by its caller is therefore replaced
by another one (:mod:`server.warden` looks), so that ``threads`` of them always take calls that are there to be worked on.

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
quick as two.) One thread alone waits for each message that grpcio has yet to fetch.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread, local
from time import monotonic, perf_counter, sleep
from typing import Final, ParamSpec, TypeVar

from server.fair_queue import FairQueue
from server.in_place import InPlace, Task
from server.seat import Seat

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_EVERY_SECONDS: Final = 0.01
_REPLACED_AFTER_SECONDS: Final = 0.005
"""A message that came with its call is there in a tenth of that."""
_SLOW_SECONDS: Final = 0.05
"""Calls are such that they can be told why they end, which costs each a fifth more, while one waits for so long."""
_LATE_SECONDS: Final = 0.25
"""A message on its way, from a caller who is busy or far away, is there by then."""
_MORE_THREADS: Final = 64
"""So many more threads than usual find out which calls have their message, while there are calls that have not."""
_MAX_WAITING: Final = 128
"""Calls of a pool that may keep a thread waiting at once; over that, the one that does so longest is ended."""
_CROWD: Final = 64
_IN_A_CROWD: Final = 2
"""While so many wait, a client may have so few calls whose message has not come, late or not."""
_NOBODY: Final = "nobody"
"""A client whose call has ended in this moment."""
_GIVES_WAY_SECONDS: Final = (0.02, 1.0)
"""In a full pool a call gives way to a new one when it has kept its thread waiting so long: for its first message, for more."""


class CallPool(ThreadPoolExecutor):
    """``threads`` run calls; ``limit`` says how many may run and queue together. Whoever submits asks ``full`` first.

    ``late_by_client``: how many calls of one client may be late with their message. A ThreadPoolExecutor in name, for grpcio
    takes no other.
    """

    def __init__(self, name: str, threads: int, limit: int, late_by_client: int = _MAX_WAITING) -> None:
        super().__init__(max_workers=threads, thread_name_prefix=name)
        self.name = name
        self.limit = limit
        self._late_by_client = late_by_client
        self._late: Counter[str] = Counter()
        self.has_slow = False
        """Whether a caller has kept a thread waiting for longer than a message takes on its way."""
        self._new: Counter[str] = Counter()
        self._size = self._wanted = threads
        self._queue = FairQueue[Task]()
        self._held: set[Task] = set()
        self._closed = False
        # Guarded by the lock; calls that wait for nobody do not take it.
        self._lock = Lock()
        self._seats: dict[Seat, Thread] = {}
        self._waiting = 0
        self._giving_way: set[Seat] = set()
        self._here = local()

    @property
    def in_flight(self) -> int:
        """Calls that run or queue."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """Calls that keep a thread waiting."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whether one more call would be over the limit."""
        return len(self._held) - len(self._giving_way) >= self.limit

    @property
    def crowded(self) -> bool:
        """Whether callers keep threads waiting."""
        return bool(self._waiting)

    @property
    def pressed(self) -> bool:
        """Whether calls queue while callers keep threads waiting."""
        return bool(self._waiting) and len(self._queue) > self._size

    @property
    def seat(self) -> Seat:
        """That of the thread at hand, which is one of this pool."""
        seat: Seat = self._here.seat
        return seat

    def is_late_with_many(self, client: str) -> bool:
        """Whether ``client`` has so many calls whose message is late that it may have no other."""
        is_late = self._late[client] >= self._late_by_client
        return is_late or (self._waiting >= _CROWD and self._new[client] >= _IN_A_CROWD)

    def lets_wait(self, client: str) -> bool:
        """Whether ``client`` may have another call without a message, which it then has, by the thread at hand."""
        with self._lock:
            if self.is_late_with_many(client):
                return False
            self._new[client] += 1
            self.seat.counted = client
        return True

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs a call in a thread of the pool, and holds it until it ends. Raises RuntimeError when the pool is shut down."""
        task = self._hold(lambda: fn(*args, **kwargs))
        self._queue.put(task)
        self._fill_up()
        return task

    def submit_in_turn(self, client: str, run: Callable[[], object]) -> None:
        """The same for a call of ``client``, behind its own that queue, and not behind all of the others'."""
        self._queue.put_in_turn(client, self._hold(run))
        self._fill_up()

    def _hold(self, run: Callable[[], object]) -> Task:
        if self._closed:
            raise RuntimeError("the pool is shut down")
        task = Task(run)
        self._held.add(task)
        return task

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:
        """Starts nothing more, drops what queues, and does not wait for what runs."""
        assert not wait
        assert cancel_futures
        self._closed = True
        for task in self._queue.rest():
            self._end(task)
        for _ in tuple(self._seats):
            self._queue.put(None)

    # ------------------------------------------------------------------------------------------------------------ threads

    @property
    def _serving(self) -> int:
        """Threads that nobody keeps waiting."""
        return len(self._seats) - self._waiting

    def _fill_up(self) -> None:
        if self._serving < self._wanted:
            with self._lock:
                self._fill()

    def _fill(self) -> None:
        """Under the lock: starts threads for calls that queue."""
        for _ in range(min(self._wanted - self._serving, len(self._queue))):
            if self._closed:
                return
            seat = Seat()
            thread = Thread(target=self._run_calls, args=(seat,), name=f"{self.name}-{len(self._seats)}", daemon=True)
            self._seats[seat] = thread
            thread.start()

    def _run_calls(self, seat: Seat) -> None:
        self._here.seat = seat
        while task := self._queue.get():
            # Nobody asks what a call raised: grpcio has answered it, and a thread must not end with it.
            with suppress(BaseException):
                task.run()
            self._end(task)
            del task  # a call takes memory until the last who knows of it lets go
            if self._serving > self._wanted:
                with self._lock:
                    if self._serving > self._wanted:
                        break
        with self._lock:
            self._seats.pop(seat, None)

    def _end(self, task: Task) -> None:
        self._held.discard(task)
        task.ended()

    # ------------------------------------------------------------------------------------------------------------ waiting

    def no_longer_waits(self, seat: Seat) -> None:
        """The thread of ``seat`` has what it waited for."""
        seat.since = 0.0
        seat.end, seat.caller = None, str  # a call takes memory, and counts at grpcio, until the last who knows of it lets go
        if not seat.client and not seat.counted:
            return
        with self._lock:
            if seat.counted:
                self._new[seat.counted] -= 1
                if not self._new[seat.counted]:
                    del self._new[seat.counted]
                seat.counted = ""
            if seat.client:
                self._forget(seat)

    def _forget(self, seat: Seat) -> None:
        """Under the lock: a seat that counted as waiting does not."""
        self._waiting -= 1
        seat.client = ""
        self._giving_way.discard(seat)
        self._wanted = self._size + min(self._waiting, _MORE_THREADS)

    def makes_room(self) -> bool:
        """For a new call in a full pool: whether one that keeps a thread waiting gives way to it."""
        with self._lock:
            now = perf_counter()
            self._replace(now)
            can = [seat for seat in self._seats if seat.client and seat not in self._giving_way and _gives_way(seat, now)]
            if not can:
                return False
            # Of the client who keeps most of them, the one that has done so longest.
            hosts = Counter(_host(seat.client) for seat in can)
            self._giving_way.add(max(can, key=lambda seat: (hosts[_host(seat.client)], now - seat.since)))
        return True

    def _replace(self, now: float, machine_late_seconds: float = 0.0) -> None:
        """Under the lock: threads that are kept waiting are replaced."""
        # On a machine that is busy with more a wait may be our own.
        after = _REPLACED_AFTER_SECONDS + 2 * machine_late_seconds
        for seat in tuple(self._seats):
            if seat.since and not seat.client and now - seat.since > after:
                seat.client = seat.caller() or _NOBODY
                self._waiting += 1
                # INVARIANT: either the thread sees ``client``, and takes the lock, or it has set ``since`` before that.
                if not seat.since:
                    self._forget(seat)
        self._wanted = self._size + min(self._waiting, _MORE_THREADS)

    def look(self, max_seconds: float, machine_late_seconds: float) -> tuple[list[Seat], list[Seat]]:
        """Replaces threads that are kept waiting; (seats whose call gives way, seats that waited over ``max_seconds``).

        ``machine_late_seconds``: by how much the one who looks woke up too late.
        """
        now = perf_counter()
        with self._lock:
            self._replace(now, machine_late_seconds)
            self._fill()
            waiting = [seat for seat in self._seats if seat.client]
            giving_way = list(self._giving_way)
            if waiting or self._late:
                self._late = Counter(seat.client for seat in waiting if seat.is_new and now - seat.since > _LATE_SECONDS)
        self.has_slow = any(now - seat.since > _SLOW_SECONDS for seat in waiting if seat.since)
        waiting.sort(key=lambda seat: seat.since)
        overdue = [seat for seat in waiting if seat.since and now - seat.since > max_seconds]
        return giving_way + waiting[: max(0, len(waiting) - self._max_waiting)], overdue

    def last_to_wait(self, number: int) -> list[Seat]:
        """Seats that are kept waiting, by what is on its way to them or from them; those that have not been so for long."""
        waiting = [seat for seat in tuple(self._seats) if seat.client and seat.since and not seat.ended_at]
        return sorted(waiting, key=lambda seat: -seat.since)[:number]

    @property
    def _max_waiting(self) -> int:
        # A thread for each is what a pool of so many threads was given.
        return max(_MAX_WAITING, self._size)


def _gives_way(seat: Seat, now: float) -> bool:
    first, more = _GIVES_WAY_SECONDS
    return bool(seat.since) and now - seat.since > (first if seat.is_new else more)


def _host(client: str) -> str:
    """The address of a peer without its port."""
    return client.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Pools:
    """Where calls run: unary ones in ``calls``; batches, which take long, in ``batches``, so that calls do not wait for them.

    Each stream holds a thread of ``streams`` for as long as it lasts. Probes and reflection run in ``control``, so that they do
    not wait behind work, and refusals where they are made.
    """

    calls: CallPool
    batches: CallPool
    streams: CallPool
    control: CallPool
    refusals: InPlace

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits until no call is in flight in any pool; False when there still is one after the timeout."""
        deadline = monotonic() + timeout_seconds
        while self.in_flight and monotonic() < deadline:
            sleep(_LOOK_EVERY_SECONDS)
        return not self.in_flight

    @property
    def in_flight(self) -> int:
        """Calls that run or queue in any pool."""
        return sum(pool.in_flight for pool in self.all)

    def shutdown(self) -> None:
        """Starts nothing more; does not wait for what runs."""
        for pool in self.all:
            pool.shutdown()

    @property
    def all(self) -> tuple[CallPool, ...]:
        """Those that have threads."""
        return self.calls, self.batches, self.streams, self.control
