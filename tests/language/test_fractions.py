"""``liable:`` weighs measured time; where nothing measures the time of its clock, a fraction would change nothing."""

from typing import Final

import pytest

from policy.language.policy_file import read_policy
from policy.language.problems import Problem, Report
from tests.language.small import SMALL

CLOCK: Final = '  outage: {clause: {1: "Outages of more than twelve hours."}, only: {interruption: more than 12 h}}'
MEASURE: Final = 'measures:\n  time: {clause: {3: "Every hour alike."}, by: time_of_day, 00:00 to 24:00: 1}\n'
FIGURES: Final = """\
figures:
  share: {clause: {4: "Who answers."}, by: cause, EXTREME_WEATHER: {by: impact, LOSS: 1/2, DEGRADED: 1}, otherwise: 1}
  all_or_none: {clause: {4: "Who answers."}, by: cause, EXTREME_WEATHER: 0, otherwise: 1}
"""
HALVES: Final = (
    "1/2",
    "share",
    "[1, share]",
    "{by: notice, less than 72 h: 1, otherwise: 50 %}",
    "{larger of: [0, 1/2]}",
    "part",
)


def problems_of(liable: str, more: str = "", count: str = "24 h", only: str = "more than 12 h") -> tuple[Problem, ...]:
    """What is wrong with the small policy whose clock has this ``liable:``."""
    figures = "\n".join(line for line in FIGURES.splitlines() if line[:1] != " " or line.split(":")[0].strip() in liable)
    clock = f'  outage:\n    clause: {{1: "Outages."}}\n    liable: {liable}\n    only: {{interruption: {only}}}'
    text = SMALL.replace(CLOCK, clock).replace("started: 24 h", f"started: {count}") + more + figures + "\n"
    text = text.replace(
        "facts:\n", "facts:\n  part: {of: outage, type: ratio, at most: 1}\n" if liable == "part" else "facts:\n"
    )
    report = Report("small.yaml")
    read_policy("small", text.encode(), report)
    return report.problems


@pytest.mark.parametrize("liable", HALVES)
def test_a_fraction_on_time_that_nothing_measures_is_refused_where_it_stands(liable: str) -> None:
    (problem,) = problems_of(liable)
    assert (problem.line, problem.column) == (13, 5)
    assert problem.message == "nothing measures the time of clock outage, so its fractions have no effect"
    assert "00:00 to 24:00: 1" in problem.suggestion
    assert "{started: 1 time h}" in problem.suggestion


@pytest.mark.parametrize("liable", HALVES)
def test_the_way_out_that_is_told_is_taken(liable: str) -> None:
    assert problems_of(liable, MEASURE, count="24 time h") == ()


def test_time_that_a_condition_measures_is_measured() -> None:
    assert problems_of("1/2", MEASURE, only="more than 12 time h") == ()


@pytest.mark.parametrize("liable", ["all_or_none", "1", "{by: notice, less than 72 h: 1, otherwise: 0}"])
def test_all_or_nothing_needs_no_measure(liable: str) -> None:
    assert problems_of(liable) == ()
