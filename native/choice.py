"""Which of both runs: the sources, or their compiled twins."""

import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from native import recipe, record
from native.mode import VARIABLE, Mode, mode_of
from native.record import Cause, WhyNot

_ROOT: Final = Path(__file__).parents[1]


class NotCompiled(Exception):
    """The compiled part is required and is not there; its text says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs. ``why_not`` is None where that is what was compiled."""

    why_not: WhyNot | None

    @property
    def compiled(self) -> bool:
        """Whether the compiled twins run."""
        return self.why_not is None

    def __str__(self) -> str:
        return "compiled" if self.why_not is None else f"not compiled: {self.why_not.reason}"

    def module(self, name: str) -> ModuleType:
        """The module of the recipe by its name, or its compiled twin. Raises KeyError where the recipe has no such."""
        if name not in recipe.MODULES:
            raise KeyError(name)
        return import_module(name if self.why_not else f"{recipe.PACKAGE}.{name}")


def choose(mode: Mode) -> Choice:
    """All twins, or none: they are loaded, and were made from the very sources that are here. Raises NotCompiled."""
    if mode == "forbid":
        return Choice(WhyNot(Cause.FORBIDDEN, f"it is forbidden ({VARIABLE})"))
    why_not = _why_not()
    if why_not is not None and mode == "require":
        raise NotCompiled(f"what is compiled is required ({VARIABLE}), but {why_not.reason}")
    return Choice(why_not)


@cache
def from_environment() -> Choice:
    """As MAKEGOOD_COMPILED asks for, decided once in a process. Raises NotCompiled, ValueError."""
    return choose(mode_of(os.environ))


def for_process(mode: Mode) -> Choice:
    """As ``mode`` says, in this process and those that it starts; to be called before :func:`from_environment` is.

    Raises NotCompiled.
    """
    os.environ[VARIABLE] = mode
    return from_environment()


def _why_not() -> WhyNot | None:
    built = record.read()
    if built is None:
        return WhyNot(Cause.NOT_BUILT, "nothing was built for this Python; in a checkout: make compile")
    if built.why_not is not None:
        return built.why_not
    try:
        here = recipe.inputs(_ROOT)
    except OSError as error:
        return WhyNot(Cause.EDITED, f"a source is not there: {error}")
    if built.inputs != here:
        edited = sorted(path for path, _ in here.items() ^ built.inputs.items())
        return WhyNot(Cause.EDITED, f"edited since it was compiled: {', '.join(dict.fromkeys(edited))}; then: make setup")
    built_from = recipe.digest(built.inputs)
    for name in recipe.MODULES:
        try:
            twin = import_module(f"{recipe.PACKAGE}.{name}")
        except ImportError as error:
            return WhyNot(Cause.DOES_NOT_LOAD, f"it does not load ({error}); in a checkout: make compile")
        if built_from != twin.BUILT_FROM:
            return WhyNot(Cause.EDITED, f"what is compiled of {name} is of another build; in a checkout: make compile")
    return None
