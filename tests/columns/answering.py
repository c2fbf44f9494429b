"""What columns answer to requests."""

from collections.abc import Sequence

from policy import Request
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.gathering import gathered
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.program import Program


def answers_to(requests: Sequence[Request], program: Program, columns: ColumnProgram) -> Answers:
    """The answers of a version, as it is read over columns."""
    names = [benefit.name for benefit in program.version.benefits]
    return columns.decide(gathered(requests, program.reads, names), requests.__getitem__)
