"""The page for who runs the server: its example is a file that is taken, and its lists are whole."""

import json
import re
from pathlib import Path
from typing import Final

import fastjsonschema

from server.access.denials import REASONS
from server.access.schema import schema_text
from tests.access.test_file import read
from tests.language.test_schema import document
from tests.server.processes import ROOT

PAGE: Final = (ROOT / "server/docs/access.md").read_text(encoding="utf-8")


def test_the_example_is_taken_by_the_reader_and_by_the_schema(tmp_path: Path) -> None:
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "identities:" in block)
    access = read(tmp_path, example)
    assert [identity.name for identity in access.identities] == ["billing", "desk", "prometheus"]
    fastjsonschema.compile(json.loads(schema_text()))(document(example))


def test_every_reason_is_listed() -> None:
    assert set(REASONS) <= set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", PAGE))
