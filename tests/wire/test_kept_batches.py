"""Batches that a fuzzer found, or that chance hardly comes upon, are answered from bytes to bytes as the ordinary way does."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest

from native.choice import from_environment
from server.wire import rows
from tests.wire import corpus
from tests.wire.both import Both
from tests.wire.drawing import POLICIES
from tests.wire.items import emptied_items, long_items, rare_items
from tests.wire.narrow import narrow
from tests.wire.planted import BUGS, Bug

SOURCES: Final = Path(rows.__file__).parent
"""As they run here: of the checkout, or of what was installed."""
_CHOICE: Final = from_environment()
MODULES: Final = [rows, *([_CHOICE.module("server.wire.rows")] if _CHOICE.compiled else [])]
BATCHES: Final[Mapping[str, Callable[[], Iterable[bytes]]]] = {
    "of the corpus": corpus.read,
    "with long lists": long_items,
    "that are rare": rare_items,
    "of which one is empty": emptied_items,
}


@pytest.fixture(scope="module", params=MODULES, ids=lambda module: "compiled" if module is not rows else "as it stands")
def both(request: pytest.FixtureRequest) -> Both:
    return Both(POLICIES, request.param)


@pytest.mark.parametrize("which", BATCHES)
def test_batches_are_answered_the_same(both: Both, which: str) -> None:
    before = both.fast
    for batch in BATCHES[which]():
        both.compare(batch)
    assert both.fast > before
    assert both.counts()[0] == both.counts()[1]


def test_so_they_are_where_there_is_hardly_any_room_at_first() -> None:
    narrow(corpus.read(), rows)


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_a_bug_that_is_planted_has_its_place(bug: Bug) -> None:
    """One place, so that ``python -m tests.wire.planted`` goes on planting what it says."""
    assert (SOURCES / bug.file).read_text("utf-8").count(bug.was) == 1
