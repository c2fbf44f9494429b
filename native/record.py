"""What a build leaves beside what it made: from which files it was made, or why nothing was."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from native.recipe import PACKAGE

_FILE: Final = "build.json"


class Cause(StrEnum):
    """Why a source runs uncompiled; a closed set, for metrics."""

    FORBIDDEN = "forbidden"
    NO_HEADERS = "no_headers"
    NO_COMPILER = "no_compiler"
    DOES_NOT_COMPILE = "does_not_compile"
    NOT_BUILT = "not_built"
    EDITED = "edited"
    DOES_NOT_LOAD = "does_not_load"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a source runs uncompiled: ``reason`` is a line for people, with what to change; ``output``, what a compiler said."""

    cause: Cause
    reason: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """``inputs``: SHA-256 of what was compiled, by path; ``why_not`` is given where nothing was."""

    inputs: Mapping[str, str]
    why_not: WhyNot | None = None


def write(record: Record, package: Path) -> None:
    """Puts it into the directory of the twins."""
    package.mkdir(parents=True, exist_ok=True)
    (package / _FILE).write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")


def read() -> Record | None:
    """That of the build that is installed, by the path of imports; None where nothing is."""
    package = installed()
    return None if package is None else _parsed((package / _FILE).read_text("utf-8"))


def installed() -> Path | None:
    """Where the twins are, with their record; None where nothing is."""
    spec = find_spec(PACKAGE)
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    return next((place for place in places if (place / _FILE).is_file()), None)


def _parsed(text: str) -> Record:
    found = json.loads(text)
    why_not = found["why_not"]
    if why_not is not None:
        why_not = WhyNot(Cause(why_not["cause"]), why_not["reason"], why_not["output"])
    return Record(found["inputs"], why_not)
