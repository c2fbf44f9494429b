"""A real Prometheus scrapes a real server with two workers, and every panel and rule is asked."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import grpc
import pytest
import yaml

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from tests.deploy.asked import DEPLOY, RULES, Asked, everything
from tests.server.processes import Served
from tests.server.running import PATIENCE_SECONDS, refused
from tests.server.samples import GRANTED_BYTES, question
from tests.server.two_workers import two_workers

pytestmark = pytest.mark.skipif(
    which("prometheus") is None, reason="Prometheus is not installed (Debian: apt-get install prometheus)"
)
ROWS = 500
SHOWN_SECONDS = 60
SHOWS_NOTHING_YET = ("offset 1w",)
"""What a server of a minute has no series for."""


class Prometheus:
    """One that runs here, at ``port``."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now. Raises HTTPError where it cannot be parsed."""
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{query}", timeout=PATIENCE_SECONDS) as answer:
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return result

    def ready(self) -> bool:
        try:
            return bool(self.ask("vector(1)"))
        except (OSError, urllib.error.URLError):
            return False

    def shows(self, expression: str) -> bool:
        """Whether it has a series, sooner or later."""
        return soon(lambda: bool(self.ask(expression)))


def soon(holds: Any, seconds: float = SHOWN_SECONDS) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


def scraping(server: Served, directory: Path) -> "subprocess.Popen[bytes]":
    """A Prometheus with the shipped rules that asks every second, at the port of ``directory``/port."""
    address = urllib.parse.urlsplit(server.metrics_url).netloc
    configuration = yaml.safe_load((DEPLOY / "compose" / "prometheus.yaml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(file) for file in RULES]
    configuration["scrape_configs"][0]["static_configs"] = [{"targets": [address]}]
    (directory / "prometheus.yml").write_text(yaml.safe_dump(configuration), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (directory / "port").write_text(str(port))
    return subprocess.Popen(
        [
            str(which("prometheus")),
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def use(channel: grpc.Channel) -> None:
    """Each kind of call and of answer."""
    stub = compensation_grpc.CompensationServiceStub(channel)
    batch = service_pb.BatchComputeRequest(items=[question(f"r-{number}", f"s-{number}") for number in range(ROWS)])
    batch.items[0].subscriber.subscriber_id = ""
    stub.BatchCompute(batch, timeout=PATIENCE_SECONDS)
    stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
    ongoing = question()
    ongoing.outages[0].ClearField("ended_at")
    stub.ComputeCompensation(ongoing, timeout=PATIENCE_SECONDS)
    refused(lambda: stub.ComputeCompensation(question(subscriber_id=""), timeout=PATIENCE_SECONDS))
    messages = [service_pb.StreamComputeRequest(items=batch.items[:3])]
    assert list(stub.StreamCompute(iter(messages), timeout=PATIENCE_SECONDS))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Scraped once before the first call, as any server is, and then used."""
    directory = tmp_path_factory.mktemp("prometheus")
    with two_workers() as server, scraping(server, directory) as process:
        try:
            prometheus = Prometheus(int((directory / "port").read_text()))
            assert soon(prometheus.ready)
            assert prometheus.shows("sum(makegood_decisions_total) == 0")
            with server.channel() as channel:
                for _ in range(3):
                    use(channel)
                    time.sleep(2)
            yield prometheus
        finally:
            process.terminate()


@pytest.mark.parametrize("asked", everything(), ids=lambda asked: asked.where)
def test_every_expression_is_understood_and_every_panel_shows_something(live: Prometheus, asked: Asked) -> None:
    live.ask(asked.expression)
    if asked.is_panel and not asked.expression.endswith(SHOWS_NOTHING_YET):
        assert live.shows(asked.expression)


def test_a_first_mass_grant_shows_in_increase(live: Prometheus) -> None:
    granted = 3 * (ROWS - 1 + 1 + 2) * GRANTED_BYTES
    for expression in (
        "sum(increase(makegood_granted_data_bytes_total[10m]))",
        'sum(increase(makegood_granted_by_cause_total{benefit="DATA_BYTES",cause="EQUIPMENT_FAILURE"}[10m]))',
        'sum(increase(makegood_granted_by_plan_type_total{benefit="DATA_BYTES",plan_type="DATA"}[10m]))',
        'sum(increase(makegood_granted_by_mode_total{benefit="DATA_BYTES",mode="AUTOMATIC"}[10m]))',
    ):
        assert live.shows(f"{expression} > {granted // 2}")


def test_no_alert_fires_on_a_server_that_is_well(live: Prometheus) -> None:
    firing = {series["metric"]["alertname"] for series in live.ask('ALERTS{alertstate="firing"}')}
    assert not firing
