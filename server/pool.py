"""Thread pools that know which calls they hold, and which of those keep a thread waiting.

grpcio hands a call to a pool in the same thread in which the interceptor let it in, and its task ends with the call on every
path: answered, failed, cancelled while it still queued. So the tasks of a pool are the calls in flight, with nothing to leak.

grpcio takes a thread before the message of a call has come. A thread that is kept waiting by its caller is therefore replaced
by another one (:mod:`server.warden` looks), so that ``threads`` of them always take calls that are there to be worked on. While
there are such callers, and where many calls come at once, a client has few calls at work (:mod:`server.windows`): a thousand
that bring no message would take a thread each, and whoever comes after them would wait for all of these.

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

from _thread import start_new_thread
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, local
from time import perf_counter
from typing import Final, ParamSpec, TypeVar

from server.in_place import Task
from server.seat import Seat, first_to_give_way
from server.windows import AT_WORK, ClientTask, Windows

P = ParamSpec("P")
T = TypeVar("T")

_REPLACED_AFTER_SECONDS: Final = 0.005
"""A message that came with its call is there in a tenth of that."""
_SLOW_SECONDS: Final = 0.05
"""Calls are such that they can be told why they end, which costs each a fifth more, while one waits for so long."""
_LATE_SECONDS: Final = 0.25
"""A message on its way, from a caller who is busy or far away, is there by then."""
_MORE_THREADS: Final = 64
"""So many more threads than usual find out which calls have their message, while there are calls that have not.

Not while answers are not read: each of those threads would begin work, and all would want the interpreter at once.
"""
_MAX_WAITING: Final = 128
"""Calls of a pool that may keep a thread waiting at once; over that, the one that does so longest is ended."""
_LATE_BY_CLIENT: Final = 4
"""Quick calls of a client whose message is late; it may have no other then."""
_CROWD: Final = 64
"""While so many wait, a client may have no more calls whose message has not come than are at work, late or not."""
_MANY_AT_ONCE: Final = 64
"""Where so many calls come before a thread takes one, it is looked who calls."""
_LET_GO_TOGETHER: Final = 16
"""Calls that were held back too long, which end or begin at each look."""
_NOBODY: Final = "nobody"
"""A client whose call has ended in this moment."""


class CallPool(ThreadPoolExecutor):
    """``threads`` run calls; ``limit`` says how many may run and queue together. Whoever submits asks ``full`` first.

    ``is_quick``: its calls take a moment each, and their messages come with them. ``is_long``: its calls go on when their first
    message has come. A ThreadPoolExecutor in name, for grpcio takes no other.
    """

    def __init__(self, name: str, threads: int, limit: int, *, is_quick: bool = False, is_long: bool = False) -> None:
        super().__init__(max_workers=threads, thread_name_prefix=name)
        self.name = name
        self.limit = limit
        self._late_by_client = _LATE_BY_CLIENT if is_quick else limit
        self._many_at_once = _MANY_AT_ONCE if is_quick else limit
        self._is_quick = is_quick
        self._is_long = is_long
        self._late: Counter[str] = Counter()
        self.has_slow = False
        """Whether a caller has kept a thread waiting for longer than a message takes on its way."""
        self._windows = Windows()
        self._untaken = 0
        self._size = self._wanted = threads
        self._queue = SimpleQueue[Task | None]()
        self._held: set[Task] = set()
        self._closed = False
        # Guarded by the lock; calls that wait for nobody do not take it.
        self._lock = Lock()
        self._seats: set[Seat] = set()
        self._waiting = self._bring_more = 0
        self._giving_way: set[Seat] = set()
        self._here = local()

    @property
    def in_flight(self) -> int:
        """Calls that run or queue, or are held back."""
        return len(self._held) + len(self._windows)

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
        """Whether callers keep threads waiting, or seem to, so that it matters who calls."""
        return bool(self._waiting) or self._untaken >= self._many_at_once

    @property
    def seat(self) -> Seat:
        """That of the thread at hand, which is one of this pool."""
        seat: Seat = self._here.seat
        return seat

    def is_late_with_many(self, client: str) -> bool:
        """Whether ``client`` has so many calls whose message is late that it may have no other."""
        return self._late[client] >= self._late_by_client or self._windows.has_no_room(client)

    def holds_back(self, client: str) -> bool:
        """Whether a call of ``client`` in a full pool waits for those of its own whose messages have not come."""
        return bool(self._waiting and self._windows.at_work(client))

    def _is_one_too_many(self, client: str) -> bool:
        """Under the lock: whether a call of ``client`` is not to begin now."""
        in_a_crowd = self._waiting >= _CROWD and self._windows.at_work(client) >= AT_WORK
        return in_a_crowd or self._late[client] >= self._late_by_client

    def lets_wait(self, client: str) -> bool:
        """Whether ``client`` may have another call without a message, which it then has, by the thread at hand."""
        seat = self.seat
        if seat.counted:
            return True
        with self._lock:
            if self._is_one_too_many(client):
                return False
            self._windows.enters(client)
            seat.counted = client
        return True

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs a call in a thread of the pool, and holds it until it ends. Raises RuntimeError when the pool is shut down."""
        task = Task(lambda: fn(*args, **kwargs))
        self._untaken += 1
        self._hold(task)
        self._fill_up()
        return task

    def submit_of(self, task: ClientTask) -> None:
        """The same for a call of a client, which may be held back."""
        self._untaken += 1
        with self._lock:
            if self.full or not self._windows.begins(task.client):
                self._refuse_when_closed()
                self._windows.hold_back(task)
                return
        self._hold(task)
        self._fill_up()
        self.hurry()

    def _hold(self, task: Task) -> None:
        self._refuse_when_closed()
        self._held.add(task)
        self._queue.put(task)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise RuntimeError("the pool is shut down")

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:
        """Starts nothing more, drops what queues, and does not wait for what runs."""
        assert not wait
        assert cancel_futures
        self._closed = True
        with suppress(Empty):
            while True:
                self._end(self._queue.get_nowait())
        with self._lock:
            held_back = [*self._windows.rest()]
        for task in held_back:
            task.ended()
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
        for _ in range(min(self._wanted - self._serving, self._queue.qsize())):
            self._start()

    def hurry(self) -> None:
        """Where calls queue and each thread is kept waiting just now: one more thread."""
        if not self._is_quick or not self._queue.qsize() or len(self._seats) >= self._size + _MAX_WAITING:
            return
        if all([seat.since and seat.is_new for seat in tuple(self._seats)]):
            with self._lock:
                self._start()

    def _start(self) -> None:
        """Under the lock, which the thread takes before it ends."""
        if self._closed:
            return
        seat = Seat()
        # Not by a Thread, whose start waits for the new one to run: the one at hand may be grpcio's own.
        # Where the machine has no room for it, the next call tries again.
        with suppress(RuntimeError):
            start_new_thread(self._run_calls, (seat,))
            self._seats.add(seat)

    def _run_calls(self, seat: Seat) -> None:
        self._here.seat = seat
        while task := self._queue.get():
            self._untaken = 0
            seat.counted = task.client
            # Nobody asks what a call raised: grpcio has answered it, and a thread must not end with it.
            with suppress(BaseException):
                task.run()
            self._end(task)
            if seat.counted:
                with self._lock:
                    self._leave(seat)
            del task  # a call takes memory until the last who knows of it lets go
            if self._serving > self._wanted:
                with self._lock:
                    if self._serving > self._wanted:
                        break
        with self._lock:
            self._seats.discard(seat)

    def _end(self, task: Task | None) -> None:
        if task is not None:
            self._held.discard(task)
            task.ended()

    def _leave(self, seat: Seat) -> None:
        """Under the lock: the call of a seat has its message, or has ended."""
        client, seat.counted = seat.counted, ""
        self._windows.leaves(client)
        if not self.full and (task := self._windows.next_of(client)) is not None:
            self._hold(task)

    # ------------------------------------------------------------------------------------------------------------ waiting

    def no_longer_waits(self, seat: Seat) -> None:
        """The thread of ``seat`` has what it waited for."""
        seat.since = 0.0
        seat.end, seat.caller = None, str  # a call takes memory, and counts at grpcio, until the last who knows of it lets go
        leaves = bool(seat.counted) and self._is_long
        if not seat.client and not leaves:
            return
        with self._lock:
            if leaves:
                self._leave(seat)
            if seat.client:
                self._forget(seat)

    def _forget(self, seat: Seat) -> None:
        """Under the lock: a seat that counted as waiting does not."""
        self._waiting -= 1
        self._bring_more -= seat.brings_more
        seat.client, seat.brings_more = "", False
        self._giving_way.discard(seat)
        self._wanted = self._size + min(self._bring_more, _MORE_THREADS)

    def makes_room(self) -> bool:
        """For a new call in a full pool: whether one that keeps a thread waiting gives way to it."""
        with self._lock:
            now = perf_counter()
            self._replace(now)
            gives_way = first_to_give_way(self._seats - self._giving_way, now)
            if gives_way is not None:
                self._giving_way.add(gives_way)
        return gives_way is not None

    def _replace(self, now: float, machine_late_seconds: float = 0.0) -> None:
        """Under the lock: threads that are kept waiting are replaced."""
        # On a machine that is busy with more a wait may be our own.
        after = _REPLACED_AFTER_SECONDS + 2 * machine_late_seconds
        for seat in tuple(self._seats):
            if seat.since and not seat.client and now - seat.since > after:
                seat.client = seat.caller() or _NOBODY
                self._waiting += 1
                seat.brings_more = seat.is_new
                self._bring_more += seat.is_new
                # INVARIANT: either the thread sees ``client``, and takes the lock, or it has set ``since`` before that.
                if not seat.since:
                    self._forget(seat)
        self._wanted = self._size + min(self._bring_more, _MORE_THREADS)

    def look(self, max_seconds: float, machine_late_seconds: float) -> tuple[list[Seat], list[Seat]]:
        """Replaces threads that are kept waiting; (seats whose call gives way, seats that waited over ``max_seconds``).

        ``machine_late_seconds``: by how much the one who looks woke up too late.
        """
        now = perf_counter()
        self._let_go(now)
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

    def _let_go(self, now: float) -> None:
        """Some calls that were held back too long begin, whatever their clients have, or end."""
        if not len(self._windows):
            return
        ending = []
        with self._lock:
            for task in self._windows.held_since(now - _LATE_SECONDS, _LET_GO_TOGETHER):
                if self.full or self._is_one_too_many(task.client):
                    ending.append(task)
                    continue
                self._windows.enters(task.client)
                self._hold(task)
        for task in ending:
            task.refuse()
            task.ended()

    def last_to_wait(self, number: int) -> list[Seat]:
        """Seats that are kept waiting, by what is on its way to them or from them; those that have not been so for long."""
        waiting = [seat for seat in tuple(self._seats) if seat.client and seat.since and not seat.ended_at]
        return sorted(waiting, key=lambda seat: -seat.since)[:number]

    @property
    def _max_waiting(self) -> int:
        # A thread for each is what a pool of so many threads was given.
        return max(_MAX_WAITING, self._size)
