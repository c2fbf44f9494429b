"""Asks again where asking again is right, within one deadline.

UNAVAILABLE is repeated, and so is CANCELLED, which is what grpc itself says to a call that reaches a server in the moment at
which it goes down; whoever cancels a call of his own does not wait for its answer here. RESOURCE_EXHAUSTED is repeated only
when the server says when to come back: without RetryInfo it can also mean a message over the size limit, and then no number
of attempts helps. Nothing else is repeated. Repeating is safe at all because the service keeps nothing: the same question has
the same answer.
"""

import time
from collections.abc import Callable
from random import uniform
from typing import TypeVar

import grpc
import tenacity

from clients import status
from clients.errors import CallFailed

Answer = TypeVar("Answer")

GOING_DOWN = frozenset(("UNAVAILABLE", "CANCELLED"))
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
RETRY_INFO_JITTER = 0.25
"""Share of the server's delay that is added at random, so that callers it sent away together do not come back together."""


def within(
    timeout_seconds: float,
    attempt: Callable[[float], Answer],
    *,
    address: str,
    hint: str = "",
    attempts: int | None = None,
    on_wait: Callable[[status.Refusal, float], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Call ``attempt`` with the seconds that are left until it answers, and return the answer.

    ``timeout_seconds`` bounds all attempts and the waits between them; a wait that would pass it is not begun.
    ``attempts`` None: as many as fit. ``on_wait`` is told why and how many seconds it waits. ``sleep`` waits; one that returns
    early brings the next attempt forward. Raises CallFailed.
    """
    deadline = time.monotonic() + timeout_seconds
    stop: tenacity.stop.stop_base = tenacity.stop_before_delay(timeout_seconds)
    if attempts is not None:
        stop = stop | tenacity.stop_after_attempt(attempts)
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(worth_repeating),
        wait=wait_seconds,
        stop=stop,
        before_sleep=lambda state: on_wait(_refusal(state), state.upcoming_sleep) if on_wait else None,
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(lambda: attempt(max(deadline - time.monotonic(), 0.001)))
    except grpc.RpcError as error:
        raise CallFailed(status.of_call(error), address, hint) from error


def worth_repeating(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    if not isinstance(error, grpc.RpcError):
        return False
    refusal = status.of_call(error)
    told_when = refusal.retry_after_seconds is not None
    return refusal.code in GOING_DOWN or (refusal.code == "RESOURCE_EXHAUSTED" and told_when)


def wait_seconds(state: tenacity.RetryCallState) -> float:
    """The server's own delay and a little more; where it named none, a random part of a doubling span."""
    delay = _refusal(state).retry_after_seconds
    if delay is not None:
        return delay * uniform(1, 1 + RETRY_INFO_JITTER)  # noqa: S311 -- jitter, no secret
    return tenacity.wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS)(state)


def _refusal(state: tenacity.RetryCallState) -> status.Refusal:
    """What the attempt that just failed was told."""
    assert state.outcome is not None  # tenacity waits only after an attempt
    error = state.outcome.exception()
    assert isinstance(error, grpc.RpcError)  # nothing else is repeated
    return status.of_call(error)
