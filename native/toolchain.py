"""The C compiler and the headers of Python that this machine has."""

import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from native.mode import mode_of
from native.record import Cause, WhyNot

SAYS_HOW: Final = ("CC", "CFLAGS", "LDFLAGS")
"""Variables that say how to compile."""
_NAMES: Final = ("cc", "gcc", "clang")
# Built for the kind of processor, not for the one at hand, as cc does; and without checks that want a library of their own.
_ZIG: Final = ("-m", "ziglang", "cc", "-mcpu=baseline", "-fno-sanitize=undefined", "-s")
_LINK: Final = ("-bundle", "-undefined", "dynamic_lookup") if sys.platform == "darwin" else ("-shared",)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """How to make a module that Python can load: ``compiler`` with its first arguments, and flags."""

    compiler: tuple[str, ...]
    flags: tuple[str, ...]

    def command(self, flags: tuple[str, ...], source: str, into: str) -> list[str]:
        """Compiles a file of C."""
        return [*self.compiler, *flags, *_LINK, source, "-o", into, *self.flags]


def find(environment: Mapping[str, str]) -> Toolchain | WhyNot:
    """CC, CFLAGS and LDFLAGS of the environment hold; else the first of the usual compilers, else ``ziglang``."""
    includes = sorted({sysconfig.get_path("include"), sysconfig.get_path("platinclude")})
    if not any(Path(each, "Python.h").is_file() for each in includes):
        return WhyNot(
            Cause.NO_HEADERS,
            f"Python's headers are not installed (no Python.h in {' or '.join(includes)}): "
            "install python3-dev (Debian, Ubuntu) or python3-devel (Fedora), then: make compile",
        )
    compiler = _compiler(environment)
    if compiler is None:
        return WhyNot(Cause.NO_COMPILER, "there is no C compiler: install gcc or clang, then: make compile")
    flags = [f"-I{each}" for each in includes]
    flags += shlex.split(environment.get("CFLAGS", "")) + shlex.split(environment.get("LDFLAGS", ""))
    return Toolchain(compiler, tuple(flags))


def _compiler(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    if given := environment.get("CC"):
        return tuple(shlex.split(given))
    path = environment.get("PATH", os.defpath)
    if found := next((name for name in _NAMES if shutil.which(name, path=path)), None):
        return (found,)
    return (sys.executable, *_ZIG) if find_spec("ziglang") else None


if __name__ == "__main__":
    # For make: success means that a compiler is all that is missing.
    missing = find(os.environ)
    wanted = mode_of(os.environ) != "forbid"
    sys.exit(0 if wanted and isinstance(missing, WhyNot) and missing.cause is Cause.NO_COMPILER else 1)
