"""The boundary sheet: every boundary of a policy, with the decision a unit below, at and above it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from policy.calculator.request import Request
from policy.language.catalog import CASES_FILE, load_policy
from policy.language.load import compile_versions
from policy.tools.boundaries import boundaries
from policy.tools.boundary_cases.finder import Finder
from policy.tools.cases.case_file import read_cases
from policy.tools.cli import main
from policy.tools.proving.verdicts import requests_of
from tests.proofs.small_schemes import scheme, small_file
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"
POLICIES: Final = (*sorted(path for path in CATALOG.iterdir() if path.is_dir()), EVERY_WORD)
OUT_OF_REACH: Final[Mapping[str, set[str]]] = {
    # What lasts more than a day is of another component, so a second day never begins in this one.
    "nj-cable": {"benefits.credit.sum of.one_day.count.started"},
    # This clock keeps a day by more than twelve hours, so six hours are passed at a stroke.
    "every-word": {"benefits.data.granted.total", "benefits.credit.sum of.outage.count.rest"},
}


def cases_of(directory: Path) -> dict[str, Request]:
    path = directory / CASES_FILE
    return requests_of(read_cases(path, load_policy(directory))) if path.is_file() else {}


@pytest.mark.parametrize("directory", POLICIES, ids=lambda path: path.name)
def test_each_boundary_has_requests_on_both_sides_unless_it_is_out_of_reach(directory: Path) -> None:
    version = load_policy(directory)[-1]
    policies = compile_versions([version], version.policy_id)
    stands = list(Finder(version, policies, cases_of(directory)).boundary_cases())
    assert [stand.boundary.path for stand in stands] == [boundary.path for boundary in boundaries(version)]
    missing = {".".join(stand.boundary.path) for stand in stands if stand.rows is None}
    assert missing == OUT_OF_REACH.get(directory.name, set())
    for stand in stands:
        for row, decision in zip(stand.rows or (), stand.decisions, strict=True):
            assert policies.decide(row.request) == decision
            assert decision.policy.version == version.version


def test_a_sheet_shows_the_clause_the_facts_and_three_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: 4.75 h of weighted time; 200 MiB x 4.75 x 3/2 below, x 9/5 at and above."""
    assert main(["sheet", "cn-standard"]) == 0
    told = capsys.readouterr().out
    number = next(line for line in told.splitlines() if line.endswith("less than 10 %.less than 59.00 CNY"))
    section = told.partition(number)[2].partition("\n## ")[0].strip().splitlines()
    assert section[0].startswith("> **3.1.2** By plan: data plans by the allowance left and the fee;")
    assert (
        section[2]
        == "A request whose monthly_fee is 0.01 CNY short of 59.00 CNY, and one whose monthly_fee is exactly 59.00 CNY."
    )
    assert section[4].startswith("Facts (case worked_example_1): ")
    assert "data_allowance 20 GiB, data_remaining 1 GiB" in section[4]
    assert "monthly_fee" not in section[4]
    assert section[6:] == [
        "| | given | decided | right? |",
        "|---|---|---|---|",
        "| below | monthly_fee 58.99 CNY | GRANTED; data 1425 MiB | ☐ |",
        "| at | monthly_fee 59.00 CNY | GRANTED; data 1710 MiB | ☐ |",
        "| above | monthly_fee 59.01 CNY | GRANTED; data 1710 MiB | ☐ |",
    ]
    assert told.rstrip().endswith("Name: ____________________  Date: ____________  Signature: ____________________")


def test_the_clauses_are_shown_in_the_language_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sheet", "cn-standard", "--language", "zh-CN"]) == 0
    assert "> **3.1.2** 结合用户套餐类型" in capsys.readouterr().out


def test_what_a_month_has_left_is_more_than_is_due_just_that_or_less(capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: two days begun are 2 x 46.50 / 30 = 3.10; the month's 46.50 less 43.40 leaves just that."""
    assert main(["sheet", "nl-7.1a"]) == 0
    section = capsys.readouterr().out.partition("benefits.subscription.at most per month")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| ")][1:] == [
        "| below | granted in 2026-03 43.39 EUR | GRANTED; subscription 3.10 EUR | ☐ |",
        "| at | granted in 2026-03 43.40 EUR | GRANTED; subscription 3.10 EUR | ☐ |",
        "| above | granted in 2026-03 43.41 EUR | GRANTED; subscription 3.09 EUR; CAPPED subscription | ☐ |",
    ]


def test_a_policy_without_cases_gets_facts_that_are_made_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_file(tmp_path, scheme("{exact: 1 h}", clock="only: {interruption: more than 12 h}"))
    assert main(["sheet", str(path)]) == 0
    told = capsys.readouterr().out
    assert "1 boundaries." not in told
    assert "Facts (made up): monthly_fee 60.00 EUR" in told
    assert "| at | 2026-01-05 00:00:00 to 2026-01-05 12:00:00 | NOT_ELIGIBLE; BELOW_MINIMUM_DURATION | ☐ |" in told
    assert "| above | 2026-01-05 00:00:00 to 2026-01-05 12:00:01 | GRANTED; credit 24.00 EUR | ☐ |" in told


def test_a_bound_of_nothing_has_no_unit_below(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = "calls: {of: subscriber, type: number, at most: 100}"
    more = "    when: {calls: more than 0}"
    path = small_file(tmp_path, scheme("{exact: 1 h}", facts=facts, more=more))
    assert main(["sheet", str(path)]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if "calls " in line and line.startswith("| ")]
    assert [row.split(" | ")[:2] for row in rows] == [["| at", "calls 0"], ["| above", "calls 1"]]


def test_a_version_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sheet", "uk-ofcom-repair", "--version", "2030"]) == 1
    assert "there is no version 2030; there are 2019, 2021" in capsys.readouterr().err
