"""``new`` writes a policy that is sound from the first minute on."""

from pathlib import Path

import pytest

from policy.language.schema import schema_text
from policy.tools.cli import main
from policy.tools.new import SKELETON


def test_a_new_policy_can_be_checked_and_tested_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "my-scheme", "--catalog", str(tmp_path)]) == 0
    written = [tmp_path / "my-scheme" / name for name in ("2026.yaml", "cases.yaml")]
    assert capsys.readouterr().out.startswith("".join(f"wrote {path}\n" for path in written))
    assert main(["check", str(tmp_path / "my-scheme")]) == 0
    assert capsys.readouterr().out.startswith("my-scheme  2026  2026-01-01 to open  ")
    assert main(["test", str(tmp_path / "my-scheme")]) == 0


def test_the_schema_that_the_policy_names_stands_where_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine", "--catalog", str(tmp_path)]) == 0
    first = (tmp_path / "mine" / "2026.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = tmp_path / "mine" / first.removeprefix("# yaml-language-server: $schema=")
    assert schema.resolve() == tmp_path.resolve() / "schema.json"
    assert schema.read_text(encoding="utf-8") == schema_text()
    schema.write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(["new", "other", "--catalog", str(tmp_path)]) == 0
    assert "schema.json" not in capsys.readouterr().out
    assert schema.read_text(encoding="utf-8") == "{}"


def test_a_policy_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["new", "mine", "--catalog", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'mine'} cannot be made: File exists\n"
    assert list((tmp_path / "mine").iterdir()) == []


def test_an_id_that_is_none_is_refused_with_what_one_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for policy_id in ("My Scheme", "../mine", ""):
        assert main(["new", policy_id, "--catalog", str(tmp_path)]) == 1
        assert "is no id of a policy; an id matches [a-z0-9][a-z0-9._-]*" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_the_skeleton_leaves_as_a_comment_can_be_taken_in(tmp_path: Path) -> None:
    """Each commented line of words is one that check takes, beside what it needs."""
    text = (SKELETON / "2026.yaml").read_text(encoding="utf-8")
    for line in (
        "# calendar: NL",
        "# services: FIXED_VOICE or FIXED_DATA",
        "# when: {customer_type: CONSUMER}",
        "# times: 3/2",
        "# at least: 1.00 EUR",
        "# starts: 2 working days after reported_at",
        '# claims: {clause: "4", channels: HOTLINE or WEB, within: 30 days}',
    ):
        assert text.count(line) == 1
        text = text.replace(line, line.removeprefix("# "))
    text = text.replace("zone:", "pinned by: reported_at\nzone:").replace('  "3": ', '  "4": "Within 30 days."\n  "3": ')
    directory = tmp_path / "new-policy"
    directory.mkdir()
    (directory / "2026.yaml").write_text(text, encoding="utf-8")
    assert main(["check", str(directory)]) == 0
