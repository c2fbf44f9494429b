"""Every ``.pxd`` declares what its module defines: functions, their arguments, attributes and local variables."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from native.recipe import MODULES, source_of

ROOT: Final = Path(__file__).parents[2]
_LOCALS: Final = re.compile(r"@cython\.locals\((.*)\)")
_FUNCTION: Final = re.compile(r"\s*c(?:p)?def\s+(?:inline\s+)?(.*?)(\w+)\((.*)\)")
_ATTRIBUTES: Final = re.compile(
    r"\s*cdef\s+(?:readonly\s+|public\s+)*((?:const\s+)?(?:unsigned\s+)?(?:long\s+long|\w+)(?:\[[^\]]*\])?)\s+(.*)"
)
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_FROM_OUTSIDE: Final = {"libc.string"}
CALLED_FROM_PYTHON: Final = {
    "policy.calculator.sheet": {"Sheet.written"},
    "server.wire.reader": {"Record.hold"},
    "server.wire.rows": {
        "Rows.decision_id", "Rows.item", "Rows.items_bytes", "Rows.open_one", "Rows.permit", "Rows.request_id",
        "Rows.stated_bytes",
    },
    "server.wire.tallies": {"Tallies.stamps"},
    "server.wire.work": {
        "Work.grow", "Work.read_tables",
    },
    "server.wire.writing": {"Writer.grow"},
}  # fmt: skip
"""Or once a call, or with objects of Python: what is no function of C."""


@dataclass(frozen=True, slots=True)
class Function:
    """What is declared of a function, or what it is."""

    arguments: tuple[str, ...]
    locals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Types:
    """What a ``.pxd`` declares; names of methods with that of their class before."""

    functions: dict[str, Function]
    attributes: dict[str, set[str]]
    constants: set[str]
    imports: dict[str, set[str]]


def declared(text: str) -> Types:
    found = Types({}, {}, set(), {})
    inside, local_names = "", frozenset[str]()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#") or line.strip() in {"cimport cython", "@cython.final"}:
            continue
        if line[0] != " ":
            inside = ""
        if match := re.match(r"from (\S+) cimport (.*)", line):
            found.imports.setdefault(match[1], set()).update(each.strip() for each in match[2].split(","))
        elif match := re.match(r"cdef class (\w+)", line):
            inside = match[1]
            found.attributes[inside] = set()
        elif match := _LOCALS.search(line):
            local_names = frozenset(each.split("=")[0].strip() for each in _BRACKETS.sub("", match[1]).split(","))
        elif match := _FUNCTION.match(line):
            arguments = tuple(each.split()[-1] for each in _BRACKETS.sub("", match[3]).split(",") if each.strip())
            found.functions[f"{inside}.{match[2]}" if inside else match[2]] = Function(arguments, local_names)
            local_names = frozenset()
        elif match := _ATTRIBUTES.match(line):
            names = {each.strip() for each in match[2].split(",")}
            (found.attributes[inside] if inside else found.constants).update(names)
        else:
            raise AssertionError(f"what is {line!r}?")
    return found


def defined(tree: ast.Module) -> Types:
    found = Types({}, {}, set(), {})
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            found.functions[statement.name] = _function(statement)
        elif isinstance(statement, ast.ClassDef):
            found.attributes[statement.name] = _attributes(statement)
            for method in statement.body:
                if isinstance(method, ast.FunctionDef):
                    found.functions[f"{statement.name}.{method.name}"] = _function(method)
        elif isinstance(statement, ast.Assign):
            found.constants.update(each.id for each in statement.targets if isinstance(each, ast.Name))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imports.setdefault(node.module, set()).update(each.name for each in node.names)
    return found


def _function(function: ast.FunctionDef) -> Function:
    arguments = tuple(each.arg for each in function.args.args if each.arg != "self")
    comprehended = {
        id(name)
        for each in ast.walk(function)
        if isinstance(each, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
        for generator in each.generators
        for name in ast.walk(generator.target)
    }
    stored = {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and id(each) not in comprehended
    }
    return Function(arguments, frozenset(stored))


def _attributes(cls: ast.ClassDef) -> set[str]:
    return {
        each.attr
        for each in ast.walk(cls)
        if isinstance(each, ast.Attribute)
        and isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
    }


def read(module: str) -> tuple[Types, Types]:
    source = source_of(ROOT, module)
    return declared(source.with_suffix(".pxd").read_text("utf-8")), defined(ast.parse(source.read_text("utf-8")))


@pytest.mark.parametrize("module", MODULES)
def test_what_is_declared_is_what_there_is(module: str) -> None:
    types, source = read(module)
    for name, function in types.functions.items():
        assert name in source.functions, name
        there = source.functions[name]
        # Cython takes arguments by their place, so two that changed places are of each other's type.
        if not (name.rpartition(".")[0] and function.arguments[:1] == ("self",)):
            assert function.arguments == there.arguments, name
        else:
            assert function.arguments[1:] == there.arguments, name
        assert function.locals <= there.locals | set(there.arguments), f"{name}: {function.locals - there.locals}"
    for name, attributes in types.attributes.items():
        assert attributes == source.attributes[name], name
    assert types.constants <= source.constants


@pytest.mark.parametrize("module", MODULES)
def test_every_function_that_needs_no_python_is_declared(module: str) -> None:
    """One that is not is slow and boxes its integers; those are called from Python alone."""
    types, source = read(module)
    left = {name for name in source.functions.keys() - types.functions.keys() if not name.endswith(".__init__")}
    assert left == CALLED_FROM_PYTHON.get(module, set())


@pytest.mark.parametrize("module", MODULES)
def test_what_is_taken_from_others_is_the_same_compiled_and_not(module: str) -> None:
    types, source = read(module)
    for other, names in types.imports.items():
        if names == {"*"}:
            assert source.imports[other] <= read(other)[0].constants | {"*"}, other
        elif other not in _FROM_OUTSIDE:
            assert names <= source.imports[other], other


def test_every_place_is_a_number_of_c() -> None:
    types, source = read("server.wire.places")
    assert types.constants == source.constants - {"RECORD_ZEROS", "OUTAGE_ZEROS"}
