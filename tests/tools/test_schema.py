"""``schema`` writes the schema for editors where it is asked to."""

import json
from pathlib import Path

import pytest

from policy.language.schema import schema_text
from policy.tools.cli import main


def test_it_is_written_to_a_file_or_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "schema.json"
    assert main(["schema", "--output", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == schema_text()
    assert capsys.readouterr().out == f"wrote {target}\n"
    assert main(["schema", "--output", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(schema_text())


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--output", str(tmp_path / "no" / "schema.json")]) == 1
    assert "cannot be written" in capsys.readouterr().err
