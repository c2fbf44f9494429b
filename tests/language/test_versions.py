"""Versions of one policy in several files: they follow each other without gap or overlap, whatever the files are called."""

from pathlib import Path
from typing import Final

import pytest

from policy.language.catalog import load_policy
from policy.language.problems import CatalogError
from tests.language.small import policy_directory, small

FIRST: Final = '{version: "1", from: 2024-01-01, to: 2025-01-01}'
SECOND: Final = '{version: "2", from: 2025-01-01, to: 2026-01-01}'
THIRD: Final = '{version: "3", from: 2026-01-01, to: open}'


def problems_of(directory: Path) -> list[str]:
    """Every problem, with the name of its file alone."""
    with pytest.raises(CatalogError) as refused:
        load_policy(directory)
    return [str(problem).removeprefix(f"{directory}/") for problem in refused.value.problems]


def test_versions_come_by_date_whatever_the_files_are_called(tmp_path: Path) -> None:
    files = {"a.yaml": small(THIRD), "b.yaml": small(f"{SECOND}\n  - {FIRST}")}
    versions = load_policy(policy_directory(tmp_path, files))
    assert [version.version for version in versions] == ["1", "2", "3"]


def test_a_gap_between_two_files_is_named_in_the_later_one(tmp_path: Path) -> None:
    files = {"a.yaml": small(FIRST), "b.yaml": small(THIRD)}
    (problem,) = problems_of(policy_directory(tmp_path, files))
    assert problem.startswith(
        "b.yaml:6:26: no version holds from 2025-01-01 to 2026-01-01, between 1 and 3 (end 1 with to: 2026"
    )


def test_an_overlap_of_two_files_is_named_in_the_later_one(tmp_path: Path) -> None:
    files = {"a.yaml": small(SECOND), "b.yaml": small(FIRST.replace("to: 2025-01-01", "to: 2025-01-02"))}
    assert problems_of(policy_directory(tmp_path, files)) == [
        "a.yaml:6:26: version 2 overlaps version 1, which holds from 2024-01-01 to 2025-01-02 (end 1 with to: 2025-01-01)"
    ]


def test_a_version_after_an_open_one_is_an_overlap(tmp_path: Path) -> None:
    files = {"a.yaml": small(FIRST.replace("to: 2025-01-01", "to: open")), "b.yaml": small(SECOND)}
    assert problems_of(policy_directory(tmp_path, files)) == [
        "b.yaml:6:26: version 2 overlaps version 1, which holds from 2024-01-01 to open (end 1 with to: 2025-01-01)"
    ]


def test_a_name_that_another_file_has_given_is_refused(tmp_path: Path) -> None:
    files = {"a.yaml": small(FIRST), "b.yaml": small(SECOND.replace('"2"', '"1"'))}
    directory = policy_directory(tmp_path, files)
    assert problems_of(directory) == [
        f"b.yaml:6:15: version 1 is there already, at {directory}/a.yaml:6 (each version has its own name)"
    ]


def test_a_file_that_cannot_be_read_does_not_make_a_gap(tmp_path: Path) -> None:
    """Only what is wrong is named: the dates of a version that has other problems count."""
    files = {
        "a.yaml": small(FIRST),
        "b.yaml": small(SECOND).replace("kind: CREDIT", "kind: CREDITS"),
        "c.yaml": small(THIRD),
    }
    assert problems_of(policy_directory(tmp_path, files)) == [
        "b.yaml:15:11: there is no kind of benefit CREDITS (did you mean CREDIT?)"
    ]


def test_each_file_has_its_own_figures(tmp_path: Path) -> None:
    dated = SECOND.replace("}", ", rate: 2.00 EUR}")
    files = {"a.yaml": small(FIRST), "b.yaml": small(dated).replace("pay: 1/30 of monthly_fee", "pay: rate")}
    files["b.yaml"] = files["b.yaml"].replace("facts:\n  monthly_fee: {at most: 10000.00 EUR}\n", "")
    first, second = load_policy(policy_directory(tmp_path, files))
    assert [figure.name for figure in (*first.figures, *second.figures)] == ["rate"]
