"""What was compiled runs only where it was made from the very source that is here; which of both runs is always said."""

import ast
import shutil
from pathlib import Path

import pytest

from native import recipe
from native.choice import from_environment
from tests.native.project import ROOT, Project, new_project

WHICH = "found = [choice.compiled, choice.module('rooms.sums').__name__]"
COMPILED, SOURCE = [True, "makegood_compiled.rooms.sums"], [False, "rooms.sums"]


def test_compiled_twin_runs_without_a_word(built: Project) -> None:
    assert built.run(WHICH) == built.run(WHICH, "require") == COMPILED


def test_forbidden_twin_does_not_run(built: Project) -> None:
    assert built.run(WHICH, "forbid") == SOURCE
    assert built.says("forbid").stdout == "makegood runs not compiled: it is forbidden (MAKEGOOD_COMPILED)\n"


def test_forbidden_twin_is_not_even_loaded(built: Project) -> None:
    loaded = "[name for name in sys.modules if name.startswith('makegood_compiled')]"
    code = f"import sys\nchoice.module('rooms.sums')\nfound = {loaded}"
    assert built.run(code, "forbid") == []


def test_both_can_be_loaded_side_by_side(built: Project) -> None:
    """So that numbers beyond 64 bits can go to the source."""
    code = "import rooms.sums as source\nfound = [choice.module('rooms.sums').total(q(1)), source.total([2**64])]"
    assert built.run(code, "require") == [1, 2**64]


def test_a_module_that_the_recipe_lacks_is_refused(built: Project) -> None:
    code = "try:\n    choice.module('json')\nexcept KeyError as error:\n    found = str(error)"
    assert built.run(code) == "'json'"


def test_without_a_build_the_source_runs(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    assert project.run(WHICH + "\nfound.append(choice.why_not.cause)") == [*SOURCE, "not_built"]
    assert (
        project.says().stdout == "makegood runs not compiled: nothing was built for this Python; in a checkout: make compile\n"
    )


@pytest.mark.parametrize(
    "file", ["rooms/sums.py", "rooms/user.py", "rooms/sums.pxd", "native/recipe.py", "native/raise_with_lock.h"]
)
def test_edited_source_never_runs_an_old_build(own: Project, file: str) -> None:
    with (own.checkout / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert own.run(WHICH) == SOURCE
    assert own.says().stdout == f"makegood runs not compiled: edited since it was compiled: {file}; then: make setup\n"


def test_source_that_was_edited_back_runs_compiled_again(own: Project) -> None:
    own.edit("rooms/sums.py", "found = 0", "found = 1")
    assert own.run("found = choice.module('rooms.sums').total([1])") == 2
    own.edit("rooms/sums.py", "found = 1", "found = 0")
    assert own.run(WHICH) == COMPILED


def test_new_build_runs_the_edited_source(own: Project) -> None:
    own.edit("rooms/sums.py", "found = 0", "found = 1")
    assert own.build(MAKEGOOD_COMPILED="require").returncode == 0
    assert own.run("found = choice.module('rooms.sums').total(q(1))", "require") == 2


def test_types_that_came_later_are_an_edit(own: Project) -> None:
    (own.checkout / "rooms/more.pxd").touch()
    assert own.run(WHICH) == SOURCE


def test_missing_source_is_an_edit(own: Project) -> None:
    (own.checkout / "rooms/user.py").unlink()
    assert own.run("found = str(choice.why_not.cause)") == "edited"


def test_twin_of_another_build_does_not_run(own: Project, tmp_path: Path) -> None:
    """As after an installation that was cut short."""
    other = own.copy(tmp_path / "other")
    other.edit("rooms/user.py", "2 *", "3 *")
    assert other.build(MAKEGOOD_COMPILED="require").returncode == 0
    [twin] = other.installed.rglob("user.*")
    shutil.copy(twin, own.installed / twin.relative_to(other.installed))
    assert own.run(WHICH) == SOURCE
    assert "rooms.user is of another build" in own.says().stdout


def test_twin_that_does_not_load_is_told_with_why(own: Project) -> None:
    [twin] = own.installed.rglob("user.*")
    twin.unlink()
    assert own.run(WHICH + "\nfound.append(choice.why_not.cause)") == [*SOURCE, "does_not_load"]
    assert "rooms.user" in own.says().stdout


def test_required_twin_that_was_edited_is_refused(own: Project) -> None:
    own.edit("rooms/sums.py", "found = 0", "found = 1")
    done = own.says("require")
    assert done.returncode == 1
    assert "required (MAKEGOOD_COMPILED), but edited since it was compiled: rooms/sums.py" in done.stderr


def test_unknown_mode_is_refused(built: Project) -> None:
    done = built.says("yes")
    assert (done.returncode, done.stderr) == (1, "MAKEGOOD_COMPILED=yes: give one of auto, require, forbid\n")


@pytest.mark.parametrize("name", recipe.MODULES)
def test_module_that_is_compiled_has_its_types_beside_it(name: str) -> None:
    assert recipe.source_of(ROOT, name).with_suffix(".pxd").is_file()


@pytest.mark.parametrize("name", recipe.MODULES)
def test_module_that_is_compiled_names_others_in_full(name: str) -> None:
    """Imported by half its name, the other's source would run in place of its twin."""
    tree = ast.parse(recipe.source_of(ROOT, name).read_text("utf-8"))
    halved = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" in recipe.MODULES
    ]
    assert halved == []


def test_what_tests_run_is_what_was_asked_for() -> None:
    choice = from_environment()
    for name in recipe.MODULES:
        assert choice.module(name).__name__.startswith("makegood_compiled.") == choice.compiled
