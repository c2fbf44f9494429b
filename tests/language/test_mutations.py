"""A slip in a policy file is named where it stands, with what to write instead; and nothing else is named.

``mutations.yaml`` and ``further.yaml`` say how each slip is written; what is spoilt are the policies that use every word.
"""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from policy.language.policy_file import read_policy
from policy.language.problems import At, Problem, Report
from policy.language.versions import check_coverage

HERE: Final = Path(__file__).parent
SOUND: Final = {name: (HERE / name / "2026.yaml").read_text(encoding="utf-8") for name in ("every-word", "further-words")}
SLIPS_IN: Final = {"every-word": "mutations.yaml", "further-words": "further.yaml"}
SLIPS: Final[list[dict[str, Any]]] = [
    {"in": name, **slip}
    for name, file in SLIPS_IN.items()
    for slip in yaml.safe_load((HERE / file).read_text(encoding="utf-8"))
]
MARK: Final = "«"


def problems_of(name: str, text: str) -> list[Problem]:
    """What is wrong with a file of the policy, in its order."""
    report = Report("2026.yaml")
    check_coverage([(report, held.row) for held in read_policy(name, text.encode(), report)])
    return sorted(report.problems)


def spoilt(slip: dict[str, Any]) -> tuple[str, At]:
    """The spoilt file, and where its problem is to be reported."""
    sound = SOUND[slip["in"]]
    assert sound.count(slip["old"]) == 1, "the slip has one place"
    text = sound.replace(slip["old"], slip["new"])
    if MARK not in text:
        return text, at(text, text.index(slip["at"]))
    place = at(text, text.index(MARK))
    return text.replace(MARK, ""), place


def at(text: str, index: int) -> At:
    """The place of a character."""
    return At(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def place_of(problem: Problem) -> At:
    return At(problem.line, problem.column)


@pytest.mark.parametrize("name", SOUND)
def test_the_policy_that_is_spoilt_is_sound(name: str) -> None:
    assert problems_of(name, SOUND[name]) == []


def test_each_slip_has_a_name_of_its_own() -> None:
    names = [slip["name"] for slip in SLIPS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["name"])
def test_a_slip_is_named_where_it_stands_with_what_to_write_instead(slip: dict[str, Any]) -> None:
    text, place = spoilt(slip)
    problems = problems_of(slip["in"], text)
    found = [problem for problem in problems if place_of(problem) == place and slip["says"] in problem.message]
    assert len(found) == 1, "\n".join(map(str, [f"wanted at {place}: {slip['says']}", *problems]))
    assert str(slip.get("hint", "")) in found[0].suggestion, found[0]
    others = [problem for problem in problems if problem is not found[0]]
    for more in slip.get("also", ()):
        expected = at(text, text.index(more["at"]))
        following = [each for each in others if place_of(each) == expected and more["says"] in each.message]
        assert len(following) == 1, "\n".join(map(str, [f"wanted at {expected}: {more['says']}", *problems]))
        assert more.get("hint", "") in following[0].suggestion
        others.remove(following[0])
    assert slip.get("others") or not others, "\n".join(map(str, others))
