"""Fixtures: the shipped policies, loaded once; a server on them, started once for each file."""

from collections.abc import Iterator

import pytest

from policy import PolicySet
from tests.server.running import Running, running
from tests.support.library import load_policies


@pytest.fixture(scope="session")
def policies() -> PolicySet:
    return load_policies()


@pytest.fixture(scope="module")
def server(policies: PolicySet) -> Iterator[Running]:
    with running(policies) as up:
        yield up
