"""What is compiled, and how: modules, directives, flags. One place, which is itself part of what a build is known by.

To add a module: its name here, its ``.pxd`` beside it. It imports another one of these by its full name
(``from policy.calculator.machine import …``, or ``cimport``); its twin then takes that one's twin.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

PACKAGE: Final = "makegood_compiled"
"""Where the twins are: that of ``policy.calculator.machine`` is ``makegood_compiled.policy.calculator.machine``."""

CHECKED: Final = MappingProxyType({
    "language_level": "3",
    "annotation_typing": "False",  # types of C stand in the .pxd; annotations are for mypy
    "boundscheck": "True",
    "cdivision": "False",  # the division of C rounds towards zero, and -(-a // b) with it is wrong without a word
    "overflowcheck": "True",  # of + - * <<; not of a minus before a number, nor of >>
    "wraparound": "True",
})  # fmt: skip
"""Directives under which a module means what its source means, or raises."""

UNCHECKED: Final = MappingProxyType({**CHECKED, "boundscheck": "False", "wraparound": "False"})
"""For a module that has verified every index before it uses one: a wrong one reads or writes memory that is not its own."""

BOUNDED: Final = MappingProxyType({**CHECKED, "wraparound": "False"})
"""For a module that reads what comes from outside: a place that is not there raises, and there is none below 0."""

MODULES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({
    # Operands are verified when a program is loaded.
    "policy.calculator.machine": UNCHECKED,
    "policy.calculator.machine_answer": UNCHECKED,
    "policy.calculator.machine_lists": UNCHECKED,
    "policy.calculator.machine_occasions": UNCHECKED,
    "policy.calculator.machine_parts": UNCHECKED,
    "policy.calculator.machine_shares": UNCHECKED,
    "policy.calculator.machine_time": UNCHECKED,
    # It writes what it read.
    "policy.calculator.sheet": BOUNDED,
    "policy.calculator.teller": BOUNDED,
    "server.wire.filling": BOUNDED,
    "server.wire.granted": BOUNDED,
    "server.wire.keying": BOUNDED,
    "server.wire.laying": BOUNDED,
    "server.wire.places": BOUNDED,
    "server.wire.reader": BOUNDED,
    "server.wire.rows": BOUNDED,
    "server.wire.tallies": BOUNDED,
    "server.wire.telling": BOUNDED,
    "server.wire.work": BOUNDED,
    "server.wire.writing": BOUNDED,
})  # fmt: skip

FLAGS: Final = ("-O2", "-fwrapv", "-fPIC")
HEADER: Final = "native/raise_with_lock.h"
"""Included ahead of what Cython writes."""


def inputs(root: Path) -> dict[str, str]:
    """SHA-256 of all that decides what is built, by path below ``root``. Raises OSError where a source is missing."""
    paths = {root / "native/recipe.py", root / HEADER}
    for name in MODULES:
        source = source_of(root, name)
        paths |= {source, *source.parent.glob("*.pxd")}
    return {path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def source_of(root: Path, name: str) -> Path:
    """The file of a module."""
    return root.joinpath(*name.split(".")).with_suffix(".py")


def digest(found: Mapping[str, str]) -> str:
    """One name for all :func:`inputs`."""
    return sha256("\n".join(f"{path} {each}" for path, each in sorted(found.items())).encode()).hexdigest()


if __name__ == "__main__":
    # For make: the files on which a build depends.
    for each in inputs(Path(__file__).parents[1]):
        print(each)
