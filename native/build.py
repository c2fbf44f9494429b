"""Compiles the modules of the recipe into a directory, and leaves a record beside them. Nothing is written anywhere else."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from native import recipe, record
from native.mode import VARIABLE, mode_of
from native.record import Cause, Record, WhyNot
from native.toolchain import SAYS_HOW, Toolchain, find

_OUTPUT_CHARACTERS: Final = 8000
"""Of what a compiler says; the first errors are those that matter."""


class DoesNotCompile(Exception):
    """The compiled part is required and cannot be had."""


class _Failed(Exception):
    """A compiler ended with an error."""

    def __init__(self, module: str, tool: str, output: str) -> None:
        super().__init__(f"{tool} cannot compile {module}")
        self.output = output[:_OUTPUT_CHARACTERS]


def build(root: Path, into: Path, environment: Mapping[str, str]) -> Record:
    """Compiles the modules of the checkout ``root`` into the package below ``into``; what came of it.

    Raises DoesNotCompile where the environment requires it, and ValueError where it asks for what there is not.
    """
    mode = mode_of(environment)
    made = Record({}, WhyNot(Cause.FORBIDDEN, f"it was built with {VARIABLE}=forbid"))
    if mode != "forbid":
        tools = find(environment)
        made = Record({}, tools) if isinstance(tools, WhyNot) else _tried(root, into, tools, environment)
    if made.why_not is not None and mode == "require":
        raise DoesNotCompile(f"{VARIABLE}=require, but {made.why_not.reason}\n{made.why_not.output}")
    record.write(made, into / recipe.PACKAGE)
    return made


def taken_over(root: Path, into: Path, environment: Mapping[str, str]) -> Record | None:
    """The twins that are installed, where they were made of the same sources: what is packed is then what was tried.

    None where they were not, or where the environment says how to compile.
    """
    package, made = record.installed(), record.read()
    if package is None or made is None or made.why_not is not None or mode_of(environment) == "forbid":
        return None
    if made.inputs != recipe.inputs(root) or not environment.keys().isdisjoint(SAYS_HOW):
        return None
    shutil.copytree(package, into / recipe.PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    return made


def _tried(root: Path, into: Path, tools: Toolchain, environment: Mapping[str, str]) -> Record:
    try:
        found = recipe.inputs(root)
        with TemporaryDirectory(prefix="makegood-") as directory:
            work = _Work(root, Path(directory), tools, environment)
            work.copy(recipe.digest(found))
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                products = list(pool.map(work.compile, recipe.MODULES))
            # Only now, so that there are all or none.
            for product in products:
                place = into / product.relative_to(work.place)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(product, place)
    except _Failed as error:
        return Record({}, WhyNot(Cause.DOES_NOT_COMPILE, f"{error}; `python -m native` shows what it said", error.output))
    except OSError as error:
        return Record({}, WhyNot(Cause.DOES_NOT_COMPILE, f"it could not be compiled: {error}"))
    return Record(found)


class _Work:
    """Copies of the sources under the names of their twins, in a directory ``place`` that compilers run in."""

    def __init__(self, root: Path, place: Path, tools: Toolchain, environment: Mapping[str, str]) -> None:
        self.place = place
        self._root = root
        self._tools = tools
        # Zig keeps what it has compiled, and would keep it in the home directory.
        cache = str(place / "zig")
        self._environment = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, **environment}
        names = "|".join(map(re.escape, recipe.MODULES))
        self._names = re.compile(rf"(?<![\w.])(cython\.cimports\.)?({names})(?!\w)")

    def copy(self, built_from: str) -> None:
        for name in recipe.MODULES:
            source = recipe.source_of(self._root, name)
            copied = self._twin(name, ".py")
            copied.parent.mkdir(parents=True, exist_ok=True)
            for types in source.parent.glob("*.pxd"):
                (copied.parent / types.name).write_text(self._renamed(types), encoding="utf-8")
            copied.write_text(f'{self._renamed(source)}\nBUILT_FROM = "{built_from}"\n', encoding="utf-8")
            for folder in copied.relative_to(self.place).parents[:-1]:
                (self.place / folder / "__init__.py").touch()  # without it Cython finds no .pxd

    def compile(self, name: str) -> Path:
        source, written = self._twin(name, ".py"), self._twin(name, ".c")
        product = self._twin(name, str(sysconfig.get_config_var("EXT_SUFFIX")))
        directives = [word for key, value in recipe.MODULES[name].items() for word in ("--directive", f"{key}={value}")]
        relative = [str(path.relative_to(self.place)) for path in (source, written, product)]
        self._run(name, "Cython", [sys.executable, "-m", "cython", *directives, "-o", relative[1], relative[0]])
        flags = (*recipe.FLAGS, "-include", str(self._root / recipe.HEADER))
        self._run(name, "the C compiler", self._tools.command(flags, relative[1], relative[2]))
        return product

    def _run(self, name: str, tool: str, command: Sequence[str]) -> None:
        done = subprocess.run(
            command, cwd=self.place, env=self._environment, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        if done.returncode:
            raise _Failed(name, tool, done.stdout)

    def _twin(self, name: str, suffix: str) -> Path:
        return self.place.joinpath(recipe.PACKAGE, *name.split(".")).with_suffix(suffix)

    def _renamed(self, file: Path) -> str:
        """The text, with the full name of each module that is compiled made that of its twin."""
        return self._names.sub(rf"\1{recipe.PACKAGE}.\2", file.read_text("utf-8"))
