"""A small checkout of its own, with the room `native` as it is and two modules to compile; its name has a space.

What is installed for these tests themselves is out of its sight, but for the build, which needs Cython.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]

_SOURCES: Final = {
    "rooms/sums.py": """\
try:
    import cython
except ModuleNotFoundError:
    from policy.calculator import uncompiled as cython

def total(values):
    with cython.nogil:
        found = _total(values, len(values))
    return found

def _total(values, count):
    found = 0
    for place in range(count):
        found += values[place]
    return found

def rounded_up(number, by):
    with cython.nogil:
        found = _rounded_up(number, by)
    return found

def _rounded_up(number, by):
    return -(-number // by)

def at(values, place):
    return values[place]
""",
    "rooms/sums.pxd": """\
cimport cython
@cython.locals(found=cython.longlong)
cpdef long long total(const long long[::1] values) except? -1
@cython.locals(found=cython.longlong, place=cython.Py_ssize_t)
cdef long long _total(const long long[::1] values, Py_ssize_t count) except? -1 nogil
@cython.locals(found=cython.longlong)
cpdef long long rounded_up(long long number, long long by) except? -1
cdef long long _rounded_up(long long number, long long by) except? -1 nogil
cpdef long long at(const long long[::1] values, Py_ssize_t place) except? -1
""",
    "rooms/user.py": """\
from rooms.sums import total

def doubled(values):
    return 2 * total(values)
""",
    "rooms/user.pxd": "",
}
_MODULES: Final = '\nMODULES = {"rooms.sums": CHECKED, "rooms.user": CHECKED}\n'


@dataclass(frozen=True)
class Project:
    """A checkout, and beside it the directory that stands for where packages are installed."""

    checkout: Path
    installed: Path

    def edit(self, file: str, was: str, becomes: str) -> None:
        """Changes a file of the checkout."""
        path = self.checkout / file
        text = path.read_text("utf-8")
        assert was in text
        path.write_text(text.replace(was, becomes), encoding="utf-8")

    def build(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Compiles it, as an installation does."""
        code = "import os, sys, pathlib; from native.build import build; build(*map(pathlib.Path, sys.argv[1:]), os.environ)"
        # Its code is not made quick, for the build is what takes the time.
        return self._python(["-c", code, str(self.checkout), str(self.installed)], {"CFLAGS": "-O0", **environment})

    def taken_over(self, into: Path, **environment: str) -> bool:
        """Whether what is installed is taken over into another directory, as a build does that finds it of the same sources."""
        code = "import os, sys, pathlib; from native.build import taken_over; "
        code += "print(taken_over(*map(pathlib.Path, sys.argv[1:]), os.environ) is not None)"
        done = self._python(["-c", code, str(self.checkout), str(into)], environment)
        assert done.returncode == 0, done.stderr
        return done.stdout == "True\n"

    def run(self, code: str, mode: str = "auto") -> Any:
        """What `code` leaves in `found`. `choice` is what the mode chose, and `q` makes an array of 64-bit integers."""
        head = "import array, json\nfrom native.choice import from_environment\nchoice = from_environment()\n"
        head += "def q(*values): return array.array('q', values)\n"
        done = self._python(["-S", "-c", f"{head}{code}\nprint(json.dumps(found))"], {"MAKEGOOD_COMPILED": mode})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def says(self, mode: str = "auto") -> subprocess.CompletedProcess[str]:
        """What `python -m native` says."""
        return self._python(["-S", "-m", "native"], {"MAKEGOOD_COMPILED": mode})

    def _python(self, arguments: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.checkout), str(self.installed)])
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.checkout.parent, check=False, capture_output=True, encoding="utf-8",
            timeout=300,
            env={**os.environ, "MAKEGOOD_COMPILED": "auto", "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        )  # fmt: skip

    def copy(self, into: Path) -> "Project":
        """The same once more, to be spoilt."""
        shutil.copytree(self.checkout.parent, into)
        return Project(into / self.checkout.name, into / self.installed.name)


def new_project(directory: Path) -> Project:
    """One that is not built."""
    checkout = directory / "check out"
    shutil.copytree(ROOT / "native", checkout / "native", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "policy/calculator").mkdir(parents=True)
    shutil.copy(ROOT / "policy/calculator/uncompiled.py", checkout / "policy/calculator")
    for name, text in _SOURCES.items():
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")
    with (checkout / "native/recipe.py").open("a", encoding="utf-8") as recipe:
        recipe.write(_MODULES)
    installed = directory / "installed"
    installed.mkdir()
    return Project(checkout, installed)
