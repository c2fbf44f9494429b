"""A program is printed so that it can be followed beside the file that it was made of."""

import re
from pathlib import Path
from typing import Final

import pytest

from policy.calculator.ops import WIDTH
from policy.language.load import compile_versions
from policy.tools.cli import main
from policy.tools.program import program_lines
from tests.judge.against import Pair, made_up_pair, pairs
from tests.language.small import SMALL, policy_directory

PAIRS: Final = pairs()
PRINTED: Final = Path(__file__).with_name("small_program.txt")
"""What is printed of the smallest policy; to be read before it is taken anew."""
MADE_UP: Final = [f"printed/{number}" for number in range(20)]


def lines_of(pair: Pair) -> list[str]:
    return list(program_lines(pair.policies.named(pair.version.policy_id, pair.version.version).lowered))


def assert_printed_whole(pair: Pair) -> None:
    """Each operation once, by its number; each place that one leads to is there; each rule that writes any has a heading."""
    lowered, lines = pair.policies.named(pair.version.policy_id, pair.version.version).lowered, lines_of(pair)
    operations = [line for line in lines if re.match(r" *\d+  ", line)]
    assert [int(line.split()[0]) for line in operations] == list(range(len(lowered.code) // WIDTH))
    assert all(int(to) < len(operations) for line in operations for to in re.findall(r"go to (\d+)", line))
    assert {line.partition("  (")[0] for line in lines} >= {place.path or "program" for place in lowered.places}
    assert "{" not in "".join(lines)
    assert not [line for line in operations if line.rstrip() == line.split()[0]]


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_every_version_is_printed_whole(pair: Pair) -> None:
    assert_printed_whole(pair)


@pytest.mark.parametrize("seed", MADE_UP)
def test_so_is_a_policy_that_nobody_wrote(seed: str) -> None:
    assert_printed_whole(made_up_pair(seed))


def test_the_smallest_policy_reads_like_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = policy_directory(tmp_path, {"2026.yaml": SMALL})
    assert main(["program", str(directory), "2026"]) == 0
    assert capsys.readouterr().out == PRINTED.read_text(encoding="utf-8")


def test_what_is_said_further_in_depends_on_the_condition_above_it() -> None:
    """The clauses of a claim are asked only where there is one."""
    lines = lines_of(next(pair for pair in PAIRS if pair.version.policy_id == "cn-standard"))
    condition = next(number for number, line in enumerate(lines) if line.endswith("unless request.claim_given is 0:"))
    indent = len(lines[condition]) - len(lines[condition].split("  ", 2)[-1].lstrip())
    assert lines[condition + 1].index(lines[condition + 1].split()[1]) > indent


def test_a_version_that_is_not_there_is_named_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["program", "cn-standard", "1999"]) == 1
    assert "there is no version 1999; there are 2026-01" in capsys.readouterr().err


def test_facts_figures_clauses_and_codes_have_their_names() -> None:
    text = "\n".join(lines_of(next(pair for pair in PAIRS if pair.version.policy_id == "cn-standard")))
    for said in (
        "benefits.data  (clause 3.1.2)",
        "subscriber.plan_type is among CONVERGED or VOICE",
        "have figures.headroom",
        "outage.refused_by = clause 3.1.2",
        "outage.stage = LIABLE",
        "answer.outcome = GRANTED",
        "published years of CN",
        "data.count.time = occasion.outage.spans measured by weighted",
        "data.shares weigh occasion.outage.spans by weighted",
    ):
        assert said in text


def test_the_same_version_is_printed_the_same() -> None:
    version = made_up_pair(MADE_UP[0]).version
    policies = [compile_versions((version,), version.policy_id) for _ in range(2)]
    printed = [list(program_lines(each.named(version.policy_id, version.version).lowered)) for each in policies]
    assert printed[0] == printed[1]
