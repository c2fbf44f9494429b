"""A server on the shipped policies, started once for each file."""

from collections.abc import Iterator

import pytest

from policy import PolicySet
from tests.server.running import Running, running


@pytest.fixture(scope="module")
def server(policies: PolicySet) -> Iterator[Running]:
    with running(policies) as up:
        yield up
