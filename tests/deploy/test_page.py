"""The page is looked at in a real browser: every panel that Grafana would show is there, with data."""

import re
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from deploy.monitoring import page
from deploy.monitoring.boards import BOARDS
from tests.deploy.live import Prometheus

BROWSER = which("chromium")
VIRTUAL_MILLIS = "20000"
"""Of the browser's own time, which stands still while it waits for an answer."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, with the library from npm."""
    directory = tmp_path_factory.mktemp("page")
    npm = ["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(directory), "chart.js@4"]
    if which("npm") is None or subprocess.run(npm, check=False, timeout=300).returncode:
        pytest.skip("npm is not here or gets nothing")
    assert page.main([str(directory / "out"), str(directory / "node_modules")]) == 0
    return directory / "out"


@pytest.mark.installs
@pytest.mark.skipif(BROWSER is None or which("prometheus") is None, reason="Chromium or Prometheus is not installed")
@pytest.mark.parametrize("name", BOARDS)
def test_the_page_shows_every_panel_in_a_browser(live: Prometheus, built: Path, name: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/?prometheus={live.url}&board={name}&since=120"
        options = ("--headless", "--no-sandbox", "--disable-gpu", f"--virtual-time-budget={VIRTUAL_MILLIS}", "--dump-dom")
        shown = subprocess.run([str(BROWSER), *options, url], capture_output=True, text=True, check=True, timeout=120).stdout
        server.shutdown()
    assert not re.search(r'class="panel[^"]* failed"', shown)
    series = [int(found) for found in re.findall(r'data-series="(\d+)"', shown)]
    assert len(series) == sum(len(row.panels) for row in BOARDS[name].rows)
    assert all(series)


def test_the_page_says_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert page.main([str(tmp_path / "out"), str(tmp_path)]) == 2
    assert "npm install chart.js" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
