"""A real Prometheus that scrapes a real server with two workers."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import grpc
import yaml

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from tests.deploy.asked import DEPLOY, RULES
from tests.server.processes import ALL_POLICIES, Served
from tests.server.running import PATIENCE_SECONDS, refused
from tests.server.samples import question
from tests.server.two_workers import two_workers

ROWS = 500
SHOWN_SECONDS = 60


class Prometheus:
    """One that runs here, at ``port``."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now. Raises HTTPError where it cannot be parsed."""
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{query}", timeout=PATIENCE_SECONDS) as answer:
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
    stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS, metadata=(("makegood-purpose", "quote"),))
    ongoing = question()
    ongoing.outages[0].ClearField("ended_at")
    stub.ComputeCompensation(ongoing, timeout=PATIENCE_SECONDS)
    refused(lambda: stub.ComputeCompensation(question(subscriber_id=""), timeout=PATIENCE_SECONDS))
    messages = [service_pb.StreamComputeRequest(items=batch.items[:3])]
    assert list(stub.StreamCompute(iter(messages), timeout=PATIENCE_SECONDS))


@contextmanager
def watched(directory: Path) -> Iterator[Prometheus]:
    """Of a server that was scraped once before the first call, as any is, and then used."""
    with two_workers(environment=ALL_POLICIES) as server, scraping(server, directory) as process:
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
