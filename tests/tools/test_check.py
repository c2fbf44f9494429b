"""``check`` says of every file whether it can be taken, and what is wrong with it."""

from pathlib import Path

import pytest

from policy.tools.cli import main
from tests.language.small import SMALL, policy_directory, small


def test_a_sound_policy_is_listed_with_its_dates_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = policy_directory(tmp_path, {"2026.yaml": SMALL})
    assert main(["check", str(directory)]) == 0
    name, version, start, _, until, sha256 = capsys.readouterr().out.splitlines()[0].split()
    assert (name, version, start, until, len(sha256)) == ("small", "2026", "2026-01-01", "open", 64)


def test_every_problem_is_a_line_with_its_place_and_they_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy_directory(tmp_path, {"2026.yaml": SMALL.replace("kind: CREDIT", "kind: KREDIT")})
    policy_directory(tmp_path, {"2026.yaml": small("x", "other").replace("currency: EUR", "currency: Euro")}, name="other")
    policy_directory(tmp_path, {"2026.yaml": small('{version: "1", from: 2026-01-01, to: open}', "sound")}, name="sound")
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(tmp_path / "other"), str(tmp_path / "small"), str(tmp_path / "sound")]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("sound  1  2026-01-01 to open  ")
    first, second, third, total = told.err.splitlines()
    assert first == "other/2026.yaml:6:5: a version is a map (its words are version, from and to)"
    assert second == "other/2026.yaml:9:11: there is no currency Euro (did you mean EUR?)"
    assert third == "small/2026.yaml:15:11: there is no kind of benefit KREDIT (did you mean CREDIT?)"
    assert total == "3 problems in 2 files"


def test_a_file_alone_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = policy_directory(tmp_path, {"2026.yaml": SMALL, "broken.yaml": "policy: small\n"})
    assert main(["check", str(directory / "2026.yaml")]) == 0
    assert main(["check", str(directory / "broken.yaml")]) == 1
    assert "a policy file lacks title: (what it is called)" in capsys.readouterr().err


def test_a_path_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "gone")]) == 1
    assert "gone:1:1: there is no such directory" in capsys.readouterr().err
