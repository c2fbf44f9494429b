"""``test`` decides the cases beside a policy exactly, says where one differs, and lists what no case exercises."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from policy.tools.cli import main
from policy.tools.suite import load_suite
from tests.language.small import SMALL, policy_directory, small
from tests.tools.suites import CASES, suite

# ------------------------------------------------------------------------------------------------------------- deciding


def test_cases_that_agree_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(suite(tmp_path))]) == 0
    assert capsys.readouterr().out == "policies: 1; cases: 4 pass, 0 differ\n"


@pytest.mark.parametrize(
    ("stated", "otherwise", "said"),
    [
        ("outcome: NOT_ELIGIBLE", "outcome: CANNOT_DECIDE", "outcome: expected CANNOT_DECIDE, given NOT_ELIGIBLE"),
        ("outcome: GRANTED", "outcome: PROVISIONAL", "outcome: expected PROVISIONAL, given GRANTED"),
        (", reasons: BELOW_MINIMUM_DURATION", "", "reasons: expected none, given BELOW_MINIMUM_DURATION"),
        ("_DURATION", "_DURATION, warnings: [OUTAGE_ONGOING]", "warnings: expected OUTAGE_ONGOING, given none"),
        ("grants: {credit: 0.67 EUR}, ", "", "grants.credit: expected none, given 0.67 EUR"),
        ("credit: 0.67 EUR", "credit: 0.66 EUR", "grants.credit: expected 0.66 EUR, given 0.67 EUR"),
        ("clock: 24 h 1 s", "clock: 24 h 2 s", "clock: expected 24 h 2 s, given 24 h 1 s"),
        ("clock: 24 h 1 s", "weighted: 24.5 h", "weighted: expected 24 h 30 min, given 24 h 1 s"),
        ("clock: 24 h 1 s", "recourse: {grid: 1.00 EUR}", "recourse.grid: expected 1.00 EUR, given none"),
        ("count: 1}", "count: 2}", "lines.benefits.credit.count: expected 2, given 1 units"),
        ("count: 1}", "count: [1, 1]}", "lines.benefits.credit.count: expected 1, 1, given 1 units"),
        (
            "count: 1}",
            "cuont: 1}",
            "lines.benefits.credit.cuont: expected 1, given no such line; did you mean benefits.credit.c",
        ),
        ("round: 0.33 EUR", "round: not applied", "lines.benefits.credit.round: expected not applied, given 0.33 EUR"),
        ("round: 0.33 EUR", "round: 33", "lines.benefits.credit.round: expected 33, given 0.33 EUR"),
        ("{outcome: NOT_ELIGIBLE", "{outcome: NOT_ELIGIBLE, version: 2026", ""),
        (
            "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}",
            "expect: {malformed: [subscriber]}",
            "answer: expected malformed subscriber, given the decision NOT_ELIGIBLE",
        ),
        (
            "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}",
            "expect: {refused: NOT_IN_FORCE}",
            "answer: expected refused NOT_IN_FORCE, given the decision NOT_ELIGIBLE",
        ),
        (
            "fee: 10.00 EUR",
            "fee: 10.00 USD",
            "answer: expected the decision GRANTED, given malformed subscriber.monthly_fee.currency_code",
        ),
    ],
)
def test_each_field_that_differs_is_said(
    stated: str, otherwise: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stated in CASES
    status = main(["test", str(suite(tmp_path, CASES.replace(stated, otherwise)))])
    told = capsys.readouterr().err
    assert status == (1 if said else 0)
    assert (f"  {said}" in told) if said else (told == "")


def test_a_case_that_differs_is_located_with_its_arithmetic_and_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = suite(tmp_path, CASES.replace("0.67", "0.66"))
    assert main(["test", str(directory)]) == 1
    place, difference, why, following, _ = capsys.readouterr().err.splitlines()
    assert place == f"{directory}/cases.yaml:23:5: a-day-and-a-second differs"
    assert difference == "  grants.credit: expected 0.66 EUR, given 0.67 EUR"
    assert why == "  why: Two parts have begun; 0.666."
    assert f"python -m policy test {directory}/cases.yaml --case a-day-and-a-second --explain" in following


def test_the_next_step_shows_every_step_of_that_case_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = suite(tmp_path)
    assert main(["test", str(directory / "cases.yaml"), "--case", "exactly-a-day", "--explain"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("GRANTED by small 2026")
    assert "benefits.credit.round" in told
    assert told.endswith("policies: 1; cases: 1 pass, 0 differ\n")


def test_a_case_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(suite(tmp_path)), "--case", "exactly-a-year"]) == 1
    assert "there is no case exactly-a-year" in capsys.readouterr().err


def test_no_version_in_force_can_be_expected(tmp_path: Path) -> None:
    cases = CASES.replace("2026-03", "2025-03").replace(
        "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}", "expect: {refused: NOT_IN_FORCE}"
    )
    first, *others = load_suite(suite(tmp_path, cases)).run()
    assert first.differences == ()
    assert all(outcome.differences for outcome in others)


def test_a_policy_without_cases_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy_directory(tmp_path, {"2026.yaml": SMALL})
    assert main(["test", str(tmp_path)]) == 1
    assert f"{tmp_path}/small:1:1: the policy has no cases" in capsys.readouterr().err


def test_a_policy_that_cannot_be_loaded_fails_beside_those_that_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite(tmp_path)
    policy_directory(tmp_path, {"2026.yaml": small("x", "other")}, name="other")
    assert main(["test", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "other/2026.yaml:6:5: a version is a map" in told.err
    assert told.out == "policies: 1; cases: 4 pass, 0 differ\n"


def test_what_is_no_place_of_cases_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(tmp_path / "gone")]) == 1
    assert "gone:1:1: there are no cases here" in capsys.readouterr().err


def test_ci_gets_the_results_as_junit(tmp_path: Path) -> None:
    policy_directory(tmp_path, {"2026.yaml": SMALL}, name="small-without")
    suite(tmp_path, CASES.replace("0.67", "0.66"))
    assert main(["test", str(tmp_path), "--junit", str(tmp_path / "junit.xml")]) == 1
    tests, problems = ET.parse(tmp_path / "junit.xml").getroot()
    assert (tests.get("name"), tests.get("tests"), tests.get("failures")) == ("small", "4", "1")
    assert [case.get("name") for case in tests if len(case)] == ["a-day-and-a-second"]
    (failure,) = tests.findall("testcase/failure")
    assert failure.get("message") == "grants.credit: expected 0.66 EUR, given 0.67 EUR"
    assert problems.get("errors") == "1"
