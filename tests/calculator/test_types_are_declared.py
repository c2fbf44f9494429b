"""Every function that is compiled has its C types: without them it would run on Python's integers, and nobody would see it."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TYPED: Final = sorted(ROOT.glob("policy/calculator/*.pxd")) + sorted(ROOT.glob("server/wire/*.pxd"))
DECLARED: Final = re.compile(r"^\s*cp?def (?:inline )?[^(=\n]*?(\w+)\(", re.MULTILINE)


def functions_of(source: Path, *, methods: bool) -> set[str]:
    """The functions of a module by name, with the methods of its classes or without."""
    tree = ast.parse(source.read_text("utf-8"))
    return {each.name for each in (ast.walk(tree) if methods else tree.body) if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("types", TYPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_of_a_module_is_declared_and_nothing_else_is(types: Path) -> None:
    """A method may be left to Python, as ``__init__`` is."""
    declared = set(DECLARED.findall(types.read_text("utf-8")))
    source = types.with_suffix(".py")
    assert functions_of(source, methods=False) <= declared <= functions_of(source, methods=True)


def test_every_module_of_the_evaluator_and_of_what_tells_its_runs_has_its_types() -> None:
    evaluator = {each.stem for each in (ROOT / "policy" / "calculator").glob("machine*.py")}
    assert evaluator | {"sheet", "teller"} == {each.stem for each in TYPED if each.parent.name == "calculator"}
