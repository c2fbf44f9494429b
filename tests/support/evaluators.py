"""The same program, run by the source of the evaluator as it stands."""

from policy.calculator.program import Program
from policy.language.load import engine


def as_it_stands(program: Program) -> Program:
    """A version that the compiled evaluator has no part in, and that keeps no memory from one request to the next."""
    return Program(program.version, program.local, program.calendars, engine())
