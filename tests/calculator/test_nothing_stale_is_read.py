"""Nothing is read that was not worked out: a memory full of what runs before have left gives the same answers."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

import pytest

from policy import Decision, PolicySet
from policy.calculator import program
from policy.calculator.errors import CalculatorError
from policy.calculator.memory import Memory
from policy.calculator.request import Request
from policy.language import calendars, load
from policy.language.catalog import load_policy
from tests.calculator.small_programs import fill_with_rubbish
from tests.judge.against import generator_of
from tests.support.evaluators import as_it_stands
from tests.support.library import CATALOG

REQUESTS: Final = 50
LANGUAGE: Final = Path(__file__).parents[1] / "language"
POLICIES: Final = (CATALOG / "cn-standard", LANGUAGE / "every-word", LANGUAGE / "further-words")

Decided = Decision | str


class RubbishMemory(Memory):
    """A memory that has been used for something else before each run."""

    def clear(self, outages: int) -> None:
        fill_with_rubbish(self)
        super().clear(outages)


def answers(policies: PolicySet, requests: Sequence[Request]) -> list[Decided]:
    """A decision, or why there is none."""
    found: list[Decided] = []
    for request in requests:
        try:
            found.append(policies.decide(request))
        except CalculatorError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("directory", POLICIES, ids=lambda directory: directory.name)
@pytest.mark.parametrize("stands", [True, False], ids=["as it stands", "as it runs"])
def test_a_memory_full_of_rubbish_gives_the_same_answers(
    directory: Path, stands: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests of all kinds, explained in full: what an explanation reads was worked out too."""
    versions = load_policy(directory)
    random, generator = Random(directory.name), generator_of(versions[-1], versions)
    drawn = [replace(generator.request(random), explain="FULL") for _ in range(REQUESTS)]

    def compiled() -> list[Decided]:
        policies = load.compile_versions(versions, directory.name)
        if stands:
            programs = [as_it_stands(each) for each in policies.programs(directory.name)]
            policies = PolicySet(programs, directory.name, load.engine(), calendars.zone_names())
        return answers(policies, drawn)

    expected = compiled()
    monkeypatch.setattr(program, "Memory", RubbishMemory)
    assert compiled() == expected
