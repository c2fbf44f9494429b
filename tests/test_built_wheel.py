"""A wheel holds all that runs, compiled where that is wanted, and none of what only a build or a test uses."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from native import recipe
from native.record import WhyNot
from native.toolchain import find

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"clients": "clients", "native": "native", "policy": "policy", "protos/makegood": "makegood", "server": "server"}
ONLY_FOR_BUILDS = {"native/build.py", "native/toolchain.py"}


def built(directory: Path, mode: str) -> tuple[str, set[str]]:
    """The wheel's name, and what is in it but for its own description."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    environment = os.environ | {"MAKEGOOD_COMPILED": mode}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    [wheel] = directory.glob("*.whl")
    with ZipFile(wheel) as opened:
        return wheel.name, {name for name in opened.namelist() if ".dist-info/" not in name}


def sources() -> set[str]:
    """What is committed of the rooms."""
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, check=False, capture_output=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a checkout of git")
    return {
        in_wheel + name.removeprefix(room)
        for name in listed.stdout.splitlines()
        for room, in_wheel in ROOMS.items()
        if name.startswith(f"{room}/") and (ROOT / name).is_file()
    }


def test_wheel_without_what_is_compiled_holds_the_rooms_and_runs_anywhere(tmp_path: Path) -> None:
    name, held = built(tmp_path, "forbid")
    assert name.endswith("-py3-none-any.whl")
    assert held >= sources() - ONLY_FOR_BUILDS
    assert held & ONLY_FOR_BUILDS == set()
    assert {each for each in held if each.startswith(recipe.PACKAGE)} == {f"{recipe.PACKAGE}/build.json"}


def test_wheel_with_what_is_compiled_has_a_twin_of_each_module_and_is_of_one_python(tmp_path: Path) -> None:
    if isinstance(missing := find(os.environ), WhyNot):
        pytest.skip(missing.reason)
    name, held = built(tmp_path, "require")
    python, _, platform = name.removesuffix(".whl").split("-")[-3:]
    assert python == f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert platform != "any"
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    twins = {f"{recipe.PACKAGE}/{module.replace('.', '/')}{suffix}" for module in recipe.MODULES}
    assert {each for each in held if each.startswith(recipe.PACKAGE)} == {f"{recipe.PACKAGE}/build.json", *twins}
    assert held >= sources() - ONLY_FOR_BUILDS
