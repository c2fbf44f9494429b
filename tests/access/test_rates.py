"""Buckets of rates: exact, whatever the clock does, and in whole numbers."""

import pytest

from server.access.rates import NANOS, Bucket, Rate


class Clock:
    def __init__(self) -> None:
        self.nanos = 10**18

    def __call__(self) -> int:
        return self.nanos


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_is_let_in_and_then_one_at_a_time(clock: Clock) -> None:
    bucket = Bucket(Rate(10, 1, 2), clock)
    assert [bucket.take(1) for _ in range(20)] == [0] * 20
    assert bucket.take(1) == 100
    clock.nanos += 100_000_000 - 1
    assert bucket.take(1) == 1
    clock.nanos += 1
    assert bucket.take(1) == 0
    assert bucket.take(1) == 100


def test_one_is_let_in_however_slow_the_rate(clock: Clock) -> None:
    bucket = Bucket(Rate(1, 3600, 1), clock)
    assert bucket.take(1) == 0
    assert bucket.take(1) == 3_600_000
    clock.nanos += 3600 * NANOS
    assert bucket.take(1) == 0


def test_over_a_long_time_no_more_than_the_rate_and_the_burst(clock: Clock) -> None:
    """Thirds of a second add up to no more and no less."""
    bucket, taken = Bucket(Rate(3, 1, 1), clock), 0
    for _ in range(10_000):
        taken += bucket.take(1) == 0
        clock.nanos += 7_000_001
    assert taken == 3 + 9_999 * 7_000_001 * 3 // NANOS


def test_a_batch_is_let_in_whole_and_paid_for_by_waiting(clock: Clock) -> None:
    bucket = Bucket(Rate(100, 1, 1), clock)
    assert bucket.take(1000) == 0
    assert bucket.take(1) == (1000 + 1 - 100) * 10
    clock.nanos += 10 * NANOS
    assert bucket.take(1000) == 0


def test_what_waits_long_saves_up_no_more_than_a_burst(clock: Clock) -> None:
    bucket = Bucket(Rate(5, 1, 1), clock)
    clock.nanos += 10**6 * NANOS
    assert sum(bucket.take(1) == 0 for _ in range(100)) == 5
