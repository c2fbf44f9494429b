"""``calendar`` shows the days that an author would otherwise have to look up."""

import pytest

from policy.tools.cli import main


def test_the_days_that_differ_from_monday_to_friday_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Switzerland's first of August is a Saturday in 2026; China works on Sunday 4 January in lieu of the Friday before."""
    assert main(["calendar", "CH-ZH", "2026"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "2026-12-25 Fri not worked" in lines
    assert not any(line.startswith("2026-08-01") for line in lines)
    assert main(["calendar", "CN", "2026"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"2026-01-02 Fri not worked", "2026-01-04 Sun worked"} <= set(lines)


def test_a_year_that_is_not_published_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "CN", "2060"]) == 0
    assert capsys.readouterr().out == "CN is not published for 2060; Monday to Friday stand in\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("CH-Zurich", "did you mean CH-ZH?"), ("ZH", "did you mean CH-ZH?"), ("GB-Scotland", "did you mean GB-SCT?")],
)
def test_a_calendar_that_is_not_there_is_told_with_the_nearest(
    name: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calendar", name, "2026"]) == 1
    assert capsys.readouterr().err == f"there is no calendar {name} ({hint})\n"
