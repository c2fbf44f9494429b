"""Dashboards are what their code writes, and ask for nothing that the server does not tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from deploy.monitoring.boards import BOARDS
from deploy.monitoring.grafana import written
from policy import PolicySet
from tests.access.secure import access_file
from tests.deploy.asked import DEPLOY, everything, recorded
from tests.server.running import running

OF_THE_PARENT_OF_WORKERS = {"makegood_workers", "makegood_workers_configured", "makegood_worker_restarts_total"}
OF_PROMETHEUS = {"up"}


def test_dashboards_are_what_their_code_writes(tmp_path: Path) -> None:
    """`make dashboards` makes it so."""
    subprocess.run([sys.executable, "-m", "deploy.monitoring", str(tmp_path)], check=True, cwd=DEPLOY.parent)
    assert {path.name: path.read_text("utf-8") for path in (DEPLOY / "grafana").iterdir()} == {
        path.name: path.read_text("utf-8") for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize("name", BOARDS)
def test_panels_stand_side_by_side_and_say_their_unit(name: str) -> None:
    panels = json.loads(written(BOARDS[name]))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (column, line)
        for panel in panels
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for line in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert all(0 <= column < 24 for column, _ in cells)
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in panels if panel["type"] != "row")


def test_panels_and_rules_name_only_metrics_that_the_server_has(policies: PolicySet, tmp_path: Path) -> None:
    """One that has all of it: what is not asked for has no metrics."""
    with running(policies, access_file=str(access_file(tmp_path)), decision_log=str(tmp_path / "decisions")) as server:
        scraped = generate_latest(server.process._registry).decode()
    families = list(text_string_to_metric_families(scraped))
    there = OF_THE_PARENT_OF_WORKERS | OF_PROMETHEUS | recorded()
    for family in families:
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        there |= {family.name + ending for ending in endings}
    unknown = {asked.where: asked.metrics - there for asked in everything() if asked.metrics - there}
    assert not unknown
    assert all(asked.metrics for asked in everything())
