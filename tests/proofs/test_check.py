"""``check`` tells each property of each policy, and holds a file to what it says of itself."""

from pathlib import Path

import pytest

from policy.language.policy_file import read_policy
from policy.language.problems import Report
from policy.tools.cli import main
from tests.proofs.small_schemes import scheme, small_file

PROVED = scheme("{exact: 1 h}", each="interruption")
STARTED = scheme("{started: 24 h, of each: interruption}", clock="only: {interruption: more than 12 h}")
DECLARED = '\nbreaks:\n  more time never pays less: {credit: "Each interruption begins a day of its own."}\n'


def checked(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str], list[str]]:
    """Exit code, the report, the problems."""
    code = main(["check", str(small_file(tmp_path, text)), *options])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


def test_each_property_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report, problems = checked(tmp_path, PROVED, capsys)
    assert (code, problems) == (0, [])
    assert report[1:3] == ["", "small"]
    assert [line.split(":")[0] for line in report[3:]] == [
        "  proved tables are complete and unambiguous",
        "  proved bands partition the week",
        "  proved no amount overflows 64 bits",
        "  proved caps hold after rounding",
        "  proved more time never pays less",
        "  proved excluding never pays more",
        "  proved splitting never pays more",
        "  proved asking apart pays the same",
    ]


def test_a_break_that_is_not_declared_is_a_problem_at_the_word_with_the_counterexample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, problems = checked(tmp_path, STARTED, capsys)
    assert code == 1
    place = f"2026.yaml:{_line(STARTED, 'count:')}:13: "
    assert problems[0].partition("small/")[2] == (
        f"{place}started, of each interruption: two interruptions that are joined begin one unit less, so more time never pays "
        "less does not hold: 2026-01-05 00:00:00 to 12:00:01 and 2026-01-05 12:01:01 to 2026-01-06 12:01:02 pays credit "
        "6.00 EUR; 2026-01-05 00:00:00 to 2026-01-06 12:01:02 pays credit 4.00 EUR (write it otherwise; if the scheme is so, "
        'say why under breaks: {more time never pays less: {credit: "..."}})'
    )
    assert problems[1] == "1 problem in 1 file"


def test_a_break_that_is_declared_is_confirmed_by_its_counterexample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report, problems = checked(tmp_path, STARTED + DECLARED, capsys)
    assert (code, problems) == (0, [])
    at = report.index("  broken more time never pays less, credit, as declared: Each interruption begins a day of its own.")
    assert [line.strip() for line in report[at + 1 : at + 4]] == [
        "facts (made up): monthly_fee 60.00 EUR",
        "2026-01-05 00:00:00 to 12:00:01 and 2026-01-05 12:01:01 to 2026-01-06 12:01:02: credit 6.00 EUR",
        "2026-01-05 00:00:00 to 2026-01-06 12:01:02: credit 4.00 EUR",
    ]


def test_a_break_that_is_declared_and_does_not_break_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, problems = checked(tmp_path, PROVED + DECLARED, capsys)
    assert code == 1
    line = _line(PROVED + DECLARED, "more time")
    assert f"2026.yaml:{line}:31: breaks: more time never pays less is kept by credit: " in problems[0]
    assert problems[0].endswith("(remove it)")


def test_facts_come_from_the_cases_that_stand_beside_the_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_file(tmp_path, STARTED + DECLARED)
    cases = """\
policy: small
as_of: 2026-06-01 00:00+02:00
cases:
  - id: anna
    why: Two days begun, 2 x 46.50/30 = 3.10.
    subscriber: {fee: 46.50 EUR}
    outages: {from: 2026-03-02 08:00+01:00, to: 2026-03-03 10:00+01:00}
    expect: {outcome: GRANTED, grants: {credit: 3.10 EUR}}
"""
    path.with_name("cases.yaml").write_text(cases, encoding="utf-8")
    assert main(["check", str(path)]) == 0
    told = capsys.readouterr().out
    assert "facts (case anna): monthly_fee 46.50 EUR" in told
    assert "credit 4.65 EUR" in told


def test_without_proofs_nothing_is_searched_for_and_nothing_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report, problems = checked(tmp_path, STARTED, capsys, "--no-proofs")
    assert (code, problems) == (0, [])
    assert any(line.startswith("  open   more time never pays less: started") for line in report)
    assert any(line.startswith("  proved splitting never pays more") for line in report)


def test_versions_that_differ_are_told_apart_and_those_alike_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        '{version: "2026", from: 2026-01-01, to: 2027-01-01, later: 2.00 EUR}\n'
        '  - {version: "2027", from: 2027-01-01, to: 2028-01-01, later: 1.00 EUR}\n'
        '  - {version: "2028", from: 2028-01-01, to: open, later: 9.00 EUR}'
    )
    text = scheme("{full: 24 h, of each: interruption}", "{by: nth, at most 1: 2.00 EUR, otherwise: later}") + DECLARED
    text = text.replace('{version: "2026", from: 2026-01-01, to: open}', rows)
    code, report, problems = checked(tmp_path, text, capsys)
    assert (code, problems) == (0, [])
    proved = next(line for line in report if line.startswith("  proved more time never pays less"))
    broken = next(line for line in report if line.startswith("  broken more time never pays less"))
    assert proved.endswith("[2026, 2028]")
    assert broken.endswith("[2027]")


def test_a_break_is_of_the_benefit_that_it_names_and_excuses_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "\n  other:" + STARTED.partition("\n  credit:")[2]
    code, _, problems = checked(
        tmp_path, STARTED + other.replace('{2: "What it is worth."}', '{3: "More."}') + DECLARED, capsys
    )
    assert code == 1
    assert "pays other 6.00 EUR" in problems[0]
    assert problems[1] == "1 problem in 1 file"


def test_what_for_each_itself_says_is_told_and_is_no_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = scheme("once", "5.00 EUR", each="outage")
    code, report, problems = checked(tmp_path, text, capsys)
    assert (code, problems) == (0, [])
    assert "  varies splitting never pays more: credit is for each outage, and one that is told as two is two" in report
    code, report, problems = checked(tmp_path, text.replace("for each: outage", "for each: all together"), capsys)
    assert (code, problems) == (0, [])
    assert report[-1] == "  varies asking apart pays the same: credit is for all together: what one request asks about is one"


def test_the_digest_covers_what_a_policy_says_against_itself() -> None:
    digests = set()
    for text in (STARTED, STARTED + DECLARED, STARTED + DECLARED.replace("Each", "Every")):
        (held,) = read_policy("small", text.encode(), Report("2026.yaml"))
        assert held.version is not None
        digests.add(held.version.sha256)
    assert len(digests) == 3


def _line(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(word))
