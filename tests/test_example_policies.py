"""The policies of ``examples/policies``: operators' own, which are no law. Their cases hold and check has nothing to say."""

from pathlib import Path

import pytest

from policy.tools.cli import main

POLICIES = sorted(path for path in (Path(__file__).parents[1] / "examples" / "policies").iterdir() if path.is_dir())


@pytest.mark.parametrize("directory", POLICIES, ids=lambda path: path.name)
def test_the_cases_of_an_example_hold(directory: Path) -> None:
    assert main(["test", str(directory)]) == 0


@pytest.mark.parametrize("directory", POLICIES, ids=lambda path: path.name)
def test_check_takes_an_example_as_it_stands(directory: Path) -> None:
    assert main(["check", "--no-proofs", str(directory)]) == 0
