"""A Prometheus that watches a server, started once for each file."""

from collections.abc import Iterator
from shutil import which

import pytest

from tests.deploy.live import Prometheus, watched


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    if which("prometheus") is None:
        pytest.skip("Prometheus is not installed (Debian: apt-get install prometheus)")
    with watched(tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus
