"""Whatever an author's hand slips on, files are taken or refused with a place; reading them never fails."""

import random
import re
from typing import Final

import pytest

from policy.language.load import compile_versions
from policy.language.policy_file import read_policy
from policy.language.problems import Report
from policy.language.versions import check_coverage
from tests.language.test_mutations import SOUND

TOKEN: Final = re.compile(r"[A-Za-z_]+|\d+|[^\sA-Za-z0-9]")


def slip(text: str, draw: random.Random, taken_from: str | None = None) -> str:
    """The text with one line or one token lost, doubled, moved or taken for another; the other may be of another text."""
    if draw.random() < 0.3:
        lines = text.split("\n")
        moved = lines.pop(draw.randrange(len(lines)))
        if draw.random() < 0.6:
            lines.insert(draw.randrange(len(lines)), moved if taken_from is None else draw.choice(taken_from.split("\n")))
        return "\n".join(lines)
    tokens = list(TOKEN.finditer(text))
    place, other = draw.choice(tokens), draw.choice(tokens if taken_from is None else list(TOKEN.finditer(taken_from)))[0]
    written = draw.choice((other, "", f"{place[0]} {other}"))
    return text[: place.start()] + written + text[place.end() :]


@pytest.mark.parametrize("seed", range(6))
def test_a_spoilt_file_is_taken_or_refused_with_a_place(seed: int) -> None:
    draw = random.Random(seed)
    taken = 0
    for _ in range(30):
        text = SOUND["every-word"]
        for _ in range(draw.choice((1, 1, 2, 3))):
            text = slip(text, draw)
        report = Report("2026.yaml")
        held = read_policy("every-word", text.encode(), report)
        check_coverage([(report, each.row) for each in held])
        if report.problems:
            assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in report.problems)
        else:
            compile_versions([each.version for each in held if each.version is not None], "every-word")
            taken += 1
    assert taken < 30
