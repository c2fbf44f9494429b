"""Projects to build."""

import os

import pytest

from native.record import WhyNot
from native.toolchain import find
from tests.native.project import Project, new_project


@pytest.fixture(scope="session")
def compiler() -> None:
    """For claims about what a compiler makes: without one there is nothing to claim them of."""
    found = find(os.environ)
    if isinstance(found, WhyNot):
        pytest.skip(found.reason)


@pytest.fixture(scope="session")
def built(compiler: None, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that is built; for tests that change nothing."""
    project = new_project(tmp_path_factory.mktemp("built"))
    done = project.build(MAKEGOOD_COMPILED="require")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def own(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that is built, to be changed."""
    return built.copy(tmp_path_factory.mktemp("own") / "project")
