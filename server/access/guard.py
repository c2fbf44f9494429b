"""Whether a call, each message of a stream, each row and each scrape is let in. Deny by default once there is a file.

Each denial is counted by reason and has a log line: with the caller's name in the file, or else a hash of what it showed; never
with a token, and with nothing of a request.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from time import time
from typing import Final

from server.access.credentials import Callers, Credentials, hashed
from server.access.denials import Denied, Forbidden, RateExceeded
from server.access.metrics import DenialMetrics
from server.access.rates import Bucket, Rate
from server.access.rules import HEALTH, REFLECTION, Access, Identity
from server.contract import contract, methods_of
from server.log import Log
from server.request_id import printable

_WORD_BY_SERVICE: Final = (("grpc.health.", HEALTH), ("grpc.reflection.", REFLECTION))


def method_words() -> tuple[str, ...]:
    """Methods of the contract as an authorisation file writes them."""
    return tuple(method.rpartition("/")[2] for method in methods_of(contract()))


def word_of(method: str) -> str:
    """``method``, "package.Service/Method", as an authorisation file writes it."""
    return next((word for service, word in _WORD_BY_SERVICE if method.startswith(service)), method.rpartition("/")[2])


class Guard:
    """Asks the file that is in use. ``clock``: seconds since 1970 UTC."""

    def __init__(self, log: Log, clock: Callable[[], int] = lambda: int(time())) -> None:
        self._log = log
        self._clock = clock
        self._callers: Callers | None = None
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._lock = Lock()

    def use(self, access: Access) -> None:
        """From now on. What identities took of their rates stays taken, where the rate is the same."""
        with self._lock:
            kept: dict[tuple[str, str], Bucket] = {}
            for identity in access.identities:
                for what, rate in (("calls", identity.calls), ("rows", identity.rows)):
                    if rate is not None:
                        kept[identity.name, what] = self._bucket(identity.name, what, rate)
            self._callers, self._buckets = Callers(access), kept

    def _bucket(self, name: str, what: str, rate: Rate) -> Bucket:
        before = self._buckets.get((name, what))
        return before if before is not None and before.rate == rate else Bucket(rate)

    def admit(self, method: str, shown: Credentials, metrics: DenialMetrics, request_id: str = "") -> "Caller":
        """Whoever shows that, for a call of ``method``. Raises Denied."""
        return Caller(self, word_of(method), shown, metrics, request_id)

    # ------------------------------------------------------------------------------------------------------ for callers

    def identity(self, word: str, shown: Credentials) -> Identity | None:
        """Who calls; None: whoever it is. Raises Denied."""
        callers = self._callers
        assert callers is not None  # INVARIANT: a file comes into use before the port opens
        return None if word in callers.access.open else callers.identity(shown, self._clock())

    def take(self, identity: Identity, what: str, count: int) -> None:
        """So many ``what`` of its rate. Raises RateExceeded."""
        bucket = self._buckets.get((identity.name, what))
        wait_millis = bucket.take(count) if bucket is not None and count else 0
        if bucket is not None and wait_millis:
            rate = f"{bucket.rate.count} {what} in {bucket.rate.seconds} s"
            raise RateExceeded(f"over the rate of this caller, {rate}; try again after the delay in RetryInfo", wait_millis)

    def tell(self, denied: Denied, word: str, who: str, request_id: str) -> None:
        """The log."""
        self._log.warning("access denied", reason=denied.reason, method=word, caller=who, request_id=printable(request_id))


class Caller:
    """Who makes one call: looked at when it comes, and again for each message of a stream."""

    __slots__ = ("_guard", "_identity", "_metrics", "_request_id", "_shown", "_told", "_word")

    def __init__(self, guard: Guard, word: str, shown: Credentials, metrics: DenialMetrics, request_id: str) -> None:
        self._guard = guard
        self._word = word
        self._shown = shown
        self._metrics = metrics
        self._request_id = request_id
        self._identity: Identity | None = None
        self._told = False
        self.look()

    @property
    def name(self) -> str:
        """In the file; "": whoever it is."""
        return "" if self._identity is None else self._identity.name

    @property
    def policies(self) -> frozenset[str] | None:
        """Which it may have decide: their ids, and versions as "id/version". None: all."""
        return None if self._identity is None else self._identity.policies

    def look(self) -> None:
        """One more call or message. Raises Denied, also where that has changed since the call came."""
        self._told = False
        try:
            identity = self._identity = self._guard.identity(self._word, self._shown)
            if identity is None:
                return
            if self._word not in identity.methods:
                text = f"{self._word} is not among the methods that this caller may call; ask the operator"
                raise Forbidden("METHOD_FORBIDDEN", text)
            self._guard.take(identity, "calls", 1)
        except Denied as denied:
            self._tell(denied)
            raise

    def rows(self, count: int) -> None:
        """So many subscribers are asked about. Raises RateExceeded."""
        if self._identity is None:
            return
        try:
            self._guard.take(self._identity, "rows", count)
        except Denied as denied:
            self._tell(denied)
            raise

    def may_use(self, policy_id: str, version: str = "") -> bool:
        """Whether it may have that decide; ``version`` "": whether any version of the policy may."""
        return self._identity is None or self._identity.may_use(policy_id, version)

    def use(self, policy_id: str, version: str = "") -> None:
        """Raises Forbidden where it may not have that decide."""
        if self.may_use(policy_id, version):
            return
        # What the caller may not use it is not told of either: whether there is such a policy.
        text = "the policy, or the version that would decide, is not one for this caller; name another, or ask the operator"
        denied = Forbidden("POLICY_FORBIDDEN", text)
        self._tell(denied)
        raise denied

    def _tell(self, denied: Denied) -> None:
        """A message with many rows has one line."""
        self._metrics.denied(denied.reason)
        if not self._told:
            self._told = True
            self._guard.tell(denied, self._word, self.name or hashed(self._shown), self._request_id)


def unknown_policies(access: Access, known: Iterable[str]) -> list[str]:
    """Policies and versions of the file that are not loaded: they let nobody do anything. ``known``: ids, and "id/version"."""
    there = frozenset(known)
    return sorted({each for identity in access.identities for each in identity.policies or () if each not in there})
