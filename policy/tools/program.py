"""``program``: what a policy version is compiled to, operation by operation, to be followed beside its file."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from policy.calculator.lowering.assembler import Label, Operand, Place
from policy.calculator.lowering.version import Lowered
from policy.calculator.ops import BY_NAME, WIDTH
from policy.language.catalog import load_file, load_policy
from policy.language.load import compile_versions
from policy.language.problems import CatalogError
from policy.tools.command import CATALOG, Command, complain, say
from policy.tools.operand_names import OperandNames

_DESCRIPTION: Final = """\
Prints the program of a policy version: the operations that the evaluator runs for every decision, one a line, in the order in
which they stand. A heading names the rule of the file that the operations below it come from, and its clause.

  - A register is named by the rule or fact that it belongs to; one that only carries a value on is t and a number, and
    outage.t, month.t, occasion.t, span.t or part.t where there is one for each of these.
  - A fact that was not given is unknown, and so is what is worked out of it; "if it is 0" holds for no unknown.
  - Operations under a condition, outage, occasion, span or part stand further in. "have x" works x out in its own block, once.
  - Amounts are numerators: what divides them is put off to the rounding.

PATH is the directory of a policy, one file of it, or the id of a policy of the project's catalog:

  python -m policy program cn-standard 2026-01"""

NESTED: Final = 12
"""So many operations at most stand further in under the condition that leaves them out; a longer way is told by its number."""
_SKIPS: Final = {
    "JUMP_IF_FALSE": "unless {b} is 0:",
    "JUMP_IF_TRUE": "where {b} is 0 or unknown:",
    "JUMP_IF_UNKNOWN": "unless {b} is unknown:",
    "JUMP_UNLESS_AMONG": "if {b} is among {c}:",
}
"""How a condition is said that leaves out the operations that follow it."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="the policy")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="which version; the last one, if left out")


def _run(options: argparse.Namespace) -> int:
    path = options.path if options.path.exists() else CATALOG / options.path
    try:
        versions = load_file(path) if path.is_file() else load_policy(path if path.is_dir() else options.path)
    except CatalogError as error:
        complain(str(error))
        return 1
    version = next((each for each in versions if each.version == (options.version or versions[-1].version)), None)
    if version is None:
        complain(f"there is no version {options.version}; there are {', '.join(each.version for each in versions)}")
        return 1
    policies = compile_versions([version], version.policy_id)
    for line in program_lines(policies.named(version.policy_id, version.version).lowered):
        say(line)
    return 0


def program_lines(lowered: Lowered) -> Iterator[str]:
    """The program in words: a line for each operation, with a heading wherever another rule begins."""
    version, code, names = lowered.version, lowered.asm.code, OperandNames(lowered)
    yield f"{version.policy_id}, version {version.version}: {len(code)} operations"
    skips = set(_left_out_in_place(lowered))
    ends: list[int] = []
    before: Place | None = None
    for number, (name, operands, place, depth) in enumerate(code):
        ends = [end for end in ends if end > number]
        if place != before:
            yield ""
            yield _heading(place)
            before = place
        says = _SKIPS[name] if number in skips else BY_NAME[name].says
        words = {
            letter: names.of(name, at, operand, operands)
            for at, (letter, operand) in enumerate(zip("abcdef", operands))  # noqa: B905  an operation has up to six operands
        }
        yield f"{number:5}  {'  ' * (depth + len(ends))}{says.format(**words)}"
        if number in skips:
            ends.append(_target(operands[0]))


def _heading(place: Place) -> str:
    return f"{place.path or 'program'}{f'  (clause {place.clause})' if place.clause else ''}"


def _target(operand: Operand) -> int:
    assert isinstance(operand, Label)  # INVARIANT: a jump goes to a place in the code
    return operand.at // WIDTH


def _left_out_in_place(lowered: Lowered) -> Iterator[int]:
    """The conditions that leave out a few operations that follow them, into which nothing else leads."""
    code = lowered.asm.code
    ways = [
        (number, _target(operands[0])) for number, (name, operands, _, _) in enumerate(code) if "t" in BY_NAME[name].operands
    ]
    for number, end in ways:
        if code[number][0] in _SKIPS and number + 1 < end <= number + 1 + NESTED:
            inside = range(number + 1, end)
            leads_in = any(to in inside and come_from not in inside and come_from != number for come_from, to in ways)
            if not leads_in and all(code[each][3] >= code[number][3] for each in inside):
                yield number


COMMAND: Final = Command("program", "the operations that a version is compiled to", _DESCRIPTION, _add_arguments, _run)
