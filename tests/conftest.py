"""Fixtures that every room's tests may ask for."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from native.choice import NotCompiled, from_environment
from policy.calculator.policies import PolicySet
from tests.support.entries import ENTRY_POINTS, Entry, EntryPoint


def pytest_configure() -> None:
    """Lets SIGINT interrupt, which tests in the background of a shell would ignore, and sets Hypothesis no deadline."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # How long one example takes says how busy the machine is, and nothing of what is tested.
    settings.register_profile("makegood", deadline=None)
    settings.load_profile("makegood")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a third of the time tests wait for servers, or for what comes in its time."""
    cores = len(os.sched_getaffinity(0))
    return cores + (cores + 1) // 2


def pytest_report_header() -> str:
    """Which evaluator is tested; nothing is, where MAKEGOOD_COMPILED=require and it is not compiled."""
    try:
        return f"makegood: {from_environment()}"
    except NotCompiled as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def policies() -> PolicySet:
    """The shipped catalog, loaded."""
    from tests.support.library import load_policies  # noqa: PLC0415  a test that needs no catalog runs without one

    return load_policies()


@pytest.fixture(scope="session", params=ENTRY_POINTS, ids=[point.name for point in ENTRY_POINTS])
def entry(request: pytest.FixtureRequest) -> Iterator[Entry]:
    """Every entry point in turn, open."""
    point: EntryPoint = request.param
    with point.open() as opened:
        yield opened
