"""A build makes twins that mean what their sources mean, in one place only; where it cannot, it says why and makes none."""

import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from native import toolchain
from native.record import Cause, WhyNot
from native.toolchain import Toolchain, find
from tests.native.project import ROOT, Project, new_project

SUMS = "sums = __import__('importlib').import_module('makegood_compiled.rooms.sums')\n"
RAISED = """
def raised(function, *arguments):
    try:
        return function(*arguments)
    except ArithmeticError as error:
        return type(error).__name__
"""


def files(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def test_twin_means_what_its_source_means(built: Project) -> None:
    called = "sums.total(q(1, -2, 2**62)), sums.rounded_up(-7, 2), sums.rounded_up(7, -2)"
    code = f"sums = choice.module('rooms.sums')\nfound = [{called}]"
    assert built.run(code, "require") == built.run(code, "forbid") == [2**62 - 1, -3, -3]


def test_twin_raises_what_does_not_fit_while_the_lock_is_released(built: Project) -> None:
    code = SUMS + RAISED + "found = [raised(sums.total, q(2**63 - 1, 1)), raised(sums.total, q(-2**63, -1))]"
    assert built.run(code) == ["OverflowError", "OverflowError"]


def test_twin_raises_on_division_by_zero_while_the_lock_is_released(built: Project) -> None:
    assert built.run(SUMS + RAISED + "found = raised(sums.rounded_up, 1, 0)") == "ZeroDivisionError"


def test_a_directive_reaches_the_compiler(built: Project) -> None:
    """Bounds are checked where the recipe says so."""
    code = "try:\n    found = sums.at(q(1), 1)\nexcept IndexError:\n    found = 'IndexError'"
    assert built.run(SUMS + code) == "IndexError"


def test_twin_uses_the_twin_of_what_its_source_uses(built: Project) -> None:
    """A sum beyond 64 bits is one that only the source can make."""
    code = RAISED + "found = raised(choice.module('rooms.user').doubled, q(2**62, 2**62))"
    assert built.run(code, "require") == "OverflowError"
    assert built.run(code, "forbid") == 2**64


def test_source_runs_where_cython_is_not_installed(built: Project) -> None:
    code = "from importlib.util import find_spec\nfound = [find_spec('cython'), choice.module('rooms.sums').total([1, 2])]"
    assert built.run(code, "forbid") == [None, 3]


def test_nothing_is_written_into_the_checkout(built: Project, tmp_path: Path) -> None:
    assert files(built.checkout) == files(new_project(tmp_path).checkout)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    package = built.installed / "makegood_compiled"
    assert files(package) == {"build.json", f"rooms/sums{suffix}", f"rooms/user{suffix}"}


def test_what_is_installed_is_packed_where_it_was_made_of_the_same_sources(built: Project, tmp_path: Path) -> None:
    assert built.taken_over(tmp_path / "packed")
    package = "makegood_compiled"
    packed = {name: (tmp_path / "packed" / package / name).read_bytes() for name in files(tmp_path / "packed" / package)}
    assert packed == {name: (built.installed / package / name).read_bytes() for name in files(built.installed / package)}


def test_what_is_installed_is_not_packed_where_sources_changed_or_it_is_said_how_to_compile(
    built: Project, tmp_path: Path
) -> None:
    for said in ({"CFLAGS": "-O0"}, {"CC": "gcc"}, {"MAKEGOOD_COMPILED": "forbid"}):
        assert not built.taken_over(tmp_path / "packed", **said)
    edited = built.copy(tmp_path / "edited")
    edited.edit("rooms/user.py", "2 * total", "3 * total")
    assert not edited.taken_over(tmp_path / "packed")
    assert not new_project(tmp_path / "new").taken_over(tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_one_checkout_is_built_twice_at_once(compiler: None, tmp_path: Path) -> None:
    project = new_project(tmp_path)
    twins = [Project(project.checkout, tmp_path / name) for name in ("one", "other")]
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda each: each.build(MAKEGOOD_COMPILED="require"), twins))
    assert [each.returncode for each in done] == [0, 0], done
    assert [each.run("found = choice.compiled", "require") for each in twins] == [True, True]


@pytest.mark.parametrize(
    ("file", "spoilt", "tool"),
    [
        ("rooms/user.py", "def doubled(:", "Cython cannot compile rooms.user"),
        ("native/raise_with_lock.h", "#error spoilt", "the C compiler cannot compile rooms."),
    ],
)
def test_what_does_not_compile_leaves_the_source_and_what_the_compiler_said(
    compiler: None, tmp_path: Path, file: str, spoilt: str, tool: str
) -> None:
    project = new_project(tmp_path)
    with (project.checkout / file).open("a", encoding="utf-8") as opened:
        opened.write(f"\n{spoilt}\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert files(project.installed) == {"makegood_compiled/build.json"}
    assert project.run("found = choice.why_not.cause") == "does_not_compile"
    said = project.says().stdout
    assert tool in said
    assert spoilt.removeprefix("#error ") in said


def test_what_does_not_compile_and_is_required_ends_the_build(compiler: None, tmp_path: Path) -> None:
    project = new_project(tmp_path)
    project.edit("rooms/user.py", "return", "retrun")
    done = project.build(MAKEGOOD_COMPILED="require")
    assert done.returncode != 0
    assert "rooms/user.py" in done.stderr
    assert files(project.installed) == set()


def test_compiler_that_is_not_there_is_named_and_everything_runs(compiler: None, tmp_path: Path) -> None:
    missing = str(tmp_path / "no such compiler")
    project = new_project(tmp_path)
    done = project.build(CC=f"'{missing}'")
    assert done.returncode == 0, done.stderr
    assert project.run("found = [choice.why_not.cause, choice.module('rooms.sums').total([1, 2])]") == ["does_not_compile", 3]
    assert "no such compiler" in project.says().stdout


def test_source_that_is_listed_and_not_there_is_named(compiler: None, tmp_path: Path) -> None:
    project = new_project(tmp_path)
    (project.checkout / "rooms/user.py").unlink()
    assert project.build().returncode == 0
    assert files(project.installed) == {"makegood_compiled/build.json"}
    assert "rooms/user.py" in project.says().stdout


def test_forbidden_build_makes_nothing_and_says_so(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    assert project.build(MAKEGOOD_COMPILED="forbid").returncode == 0
    assert files(project.installed) == {"makegood_compiled/build.json"}
    assert project.run("found = choice.why_not.cause") == "forbidden"


def test_unknown_mode_ends_the_build(tmp_path: Path) -> None:
    done = new_project(tmp_path).build(MAKEGOOD_COMPILED="yes")
    assert done.returncode != 0
    assert "MAKEGOOD_COMPILED=yes: give one of auto, require, forbid" in done.stderr


def test_missing_headers_are_named_with_the_package_that_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    found = find({"CC": "cc"})
    assert isinstance(found, WhyNot)
    assert found.cause is Cause.NO_HEADERS
    assert str(tmp_path) in found.reason
    assert "python3-dev" in found.reason


@pytest.fixture
def headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any kind."""
    (tmp_path / "Python.h").touch()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))


def test_usual_compiler_is_found_on_the_path(headers: None, tmp_path: Path) -> None:
    clang = tmp_path / "clang"
    clang.touch(mode=0o755)
    found = find({"PATH": str(tmp_path)})
    assert isinstance(found, Toolchain)
    assert found.compiler == ("clang",)


def test_named_compiler_and_flags_are_taken(headers: None) -> None:
    found = find({"PATH": "", "CC": "ccache 'my cc'", "CFLAGS": "-fsanitize=address -g"})
    assert isinstance(found, Toolchain)
    assert found.compiler == ("ccache", "my cc")
    assert found.flags[-2:] == ("-fsanitize=address", "-g")


@pytest.mark.parametrize("installed", [True, False])
def test_compiler_from_a_package_is_taken_where_there_is_no_other(
    headers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    monkeypatch.setattr(toolchain, "find_spec", lambda name: name if installed else None)
    found = find({"PATH": str(tmp_path)})
    if isinstance(found, Toolchain):
        assert found.compiler[:4] == (sys.executable, "-m", "ziglang", "cc")
    else:
        assert found.cause is Cause.NO_COMPILER
    assert isinstance(found, Toolchain) == installed


@pytest.mark.parametrize(
    ("directory", "mode", "wanted"),
    [("empty", "auto", True), ("empty", "require", True), ("empty", "forbid", False), ("full", "auto", False)],
)
def test_a_compiler_is_installed_only_where_it_is_all_that_is_missing(
    compiler: None, tmp_path: Path, directory: str, mode: str, wanted: bool
) -> None:
    """What make asks before it installs one. It is asked without packages, one of which may be a compiler."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "cc").touch(mode=0o755)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "native.toolchain"], cwd=ROOT, check=False,
        env={"PATH": str(tmp_path / directory), "MAKEGOOD_COMPILED": mode},
    )  # fmt: skip
    assert (done.returncode == 0) == wanted
