"""A proved policy that is made to break a property is found out, at the word, with a counterexample."""

from pathlib import Path
from typing import Final, NamedTuple

import pytest

from policy.language.proofs.names import EXCLUDING, MORE, SPLITTING
from policy.tools.cli import main
from tests.support.library import CATALOG

SOUND: Final = (CATALOG / "cn-standard" / "2026-01.yaml").read_text(encoding="utf-8")


class Mutation(NamedTuple):
    """One place of the default policy changed, and the first word of the line at which each broken property is reported."""

    name: str
    old: str
    new: str
    broken: dict[str, str]


def all_three(line: str, splitting: str = "liable:") -> dict[str, str]:
    """Where less time pays more, a part of planned work that was announced in time for it alone pays more too."""
    return {MORE: line, EXCLUDING: line, SPLITTING: splitting}


MUTATIONS: Final = (
    Mutation(
        "a limit turned round",
        "only: {interruption: at least 30 min}",
        "only: {interruption: at most 30 min}",
        all_three("only:"),
    ),
    Mutation(
        "hours begun of each interruption",
        "count: {exact: 1 weighted h}\n    pay: 200 MiB",
        "for each: all together\n    count: {started: 1 weighted h, of each: interruption}\n    pay: 200 MiB",
        all_three("count:"),
    ),
    Mutation(
        "the first days of each interruption paid better",
        "count: {started: 24 h}\n    pay: 1 day",
        "for each: all together\n    count: {full: 24 h, of each: interruption}\n"
        "    pay: {by: nth, at most 1: 2 days, otherwise: 1 day}",
        all_three("pay:"),
    ),
    Mutation(
        "a bracket that pays less for more",
        "count: {started: 24 h}\n    pay: 1 day",
        "count: {started: 24 h}\n    pay: {by: count, at most 2: 4 days, otherwise: 1 day}",
        all_three("pay:"),
    ),
    Mutation(
        "planned work that counts only if it was announced",
        "{by: notice, less than 72 h: OPERATOR, otherwise: PLANNED}",
        "{by: notice, less than 72 h: PLANNED, otherwise: OPERATOR}",
        {SPLITTING: "liable:"},
    ),
    Mutation(
        "only what lasts is kept, or what weather caused",
        "only: {interruption: at least 30 min}",
        "only: {any of: [{total: at least 30 h}, {cause: EXTREME_WEATHER}]}",
        all_three("only:", "only:"),
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_policy_that_no_longer_keeps_a_property_is_refused_at_the_word(
    mutation: Mutation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SOUND.count(mutation.old) == 1
    path = tmp_path / "cn-standard" / "2026-01.yaml"
    path.parent.mkdir()
    path.write_text(SOUND.replace(mutation.old, mutation.new), encoding="utf-8")
    assert main(["check", str(path)]) == 1
    problems = [line for line in capsys.readouterr().err.splitlines() if "2026-01.yaml:" in line]
    lines = path.read_text(encoding="utf-8").splitlines()
    reported = {
        name: lines[int(problem.split(":")[1]) - 1].split()[0]
        for name in mutation.broken
        for problem in problems
        if f"{name} does not hold: 20" in problem
    }
    assert reported == mutation.broken
    assert len({line.split(":")[1] for line in problems}) == len(set(reported.values()))


def test_the_default_policy_as_it_stands_has_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(CATALOG / "cn-standard")]) == 0
    told = capsys.readouterr().out
    assert told.count("  proved ") == 8
    assert "broken" not in told
