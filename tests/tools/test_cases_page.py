"""``policy/docs/cases.md`` has every word of a file of cases, and its example runs as it stands."""

import re
from pathlib import Path
from typing import Final

import pytest

from policy.tools.cases.case_file import _WORDS
from policy.tools.cases.expectations import _ALONE, _DECIDED, _OCCASION
from policy.tools.cases.facts import CLAIM, NOTICE, OUTAGE, SUBSCRIBER
from policy.tools.cli import main

PAGE: Final = (Path(__file__).parents[2] / "policy" / "docs" / "cases.md").read_text(encoding="utf-8")
FILES: Final = dict(re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_example_of_the_page_is_sound_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = tmp_path / "harbour"
    directory.mkdir()
    for name, text in FILES.items():
        (directory / name).write_text(text, encoding="utf-8")
    assert main(["check", str(directory)]) == 0
    assert main(["test", str(directory)]) == 0
    assert "policies: 1; cases: 8 pass, 0 differ" in capsys.readouterr().out


def test_every_word_of_a_case_is_explained_below_the_example() -> None:
    tables = PAGE[PAGE.index("## A case") :]
    shorts = [slot.short for slot in (*SUBSCRIBER, *OUTAGE, *CLAIM, *NOTICE)]
    words = (*_WORDS, *_DECIDED, *_ALONE, *_OCCASION, *shorts, "like")
    assert [word for word in words if not re.search(rf"`[^`]*\b{word}\b[^`]*`", tables)] == []
