"""A server on the shipped policies, started once for each file."""

from collections.abc import Iterator

import pytest

from policy import PolicySet
from tests.server.processes import ALL_POLICIES, Served
from tests.server.running import Running, running
from tests.server.two_workers import two_workers


@pytest.fixture(scope="module")
def server(policies: PolicySet) -> Iterator[Running]:
    with running(policies) as up:
        yield up


@pytest.fixture(scope="module")
def two() -> Iterator[Served]:
    with two_workers(environment=ALL_POLICIES) as server:
        yield server
