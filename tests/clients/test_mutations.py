"""A file that was damaged anywhere is read right or refused, or its rows are errors: never misread, never a crash."""

from pathlib import Path

import pytest

from tests.clients.mutations import tried

KINDS = {"bytes", "cells", "columns", "dialect", "types"}


@pytest.mark.parametrize("seed", range(4))
def test_mutated_file_is_read_right_or_refused(tmp_path: Path, seed: int) -> None:
    """Another value than the row had is read only where its changed cell says that value, by an oracle of its own."""
    outcomes, wrong = tried.run(400, seed, tmp_path)
    assert wrong == []
    assert {how for how, what in outcomes if what == "row read"} == KINDS
    assert {how for how, what in outcomes if what == "refused"} == KINDS
