"""A server in this process on ports of its own, with everything that a claim is checked on: a channel, metrics, log lines."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar
from urllib.request import urlopen

import grpc
from google.rpc import status_pb2
from grpc_health.v1 import health_pb2
from grpc_status import rpc_status
from prometheus_client.parser import text_string_to_metric_families

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from makegood.v1 import policy_service_pb2_grpc as policy_grpc
from native.choice import from_environment
from policy import Decision, PolicySet, Request
from server.contract import contract
from server.log import Log
from server.settings import Address, Settings
from server.single_process import SingleProcess

T = TypeVar("T")
PATIENCE_SECONDS: Final = 30.0
"""How long a claim about something that happens in its own time may take to come true, on a machine that is busy with more."""
METHODS: Final = {f"{service.full_name}/{method.name}": method for service in contract() for method in service.methods}
"""Every method of the contract, read off the descriptors: what is claimed of all is tried with one that is added too."""
Metadata = tuple[tuple[str, str | bytes], ...]
LOOPBACK: Final = Address("127.0.0.1", 0)


@dataclass
class Running:
    """A server and what can be seen of it from outside."""

    process: SingleProcess
    address: Address
    metrics_address: Address
    log: Log
    output: io.StringIO
    channel: grpc.Channel
    stopped: bool = field(default=False)

    @property
    def compensation(self) -> compensation_grpc.CompensationServiceStub:
        return compensation_grpc.CompensationServiceStub(self.channel)

    @property
    def policies(self) -> policy_grpc.PolicyServiceStub:
        return policy_grpc.PolicyServiceStub(self.channel)

    def unary(self, path: str) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
        """A method called with bytes, to get bytes."""
        return self.channel.unary_unary(path)

    def streaming(self, path: str) -> "grpc.StreamStreamMultiCallable[bytes, bytes]":
        return self.channel.stream_stream(path)

    def health(self, service: str = "") -> int:
        return health_of(self.channel, service)

    def scrape(self) -> str:
        with urlopen(f"http://{self.metrics_address}/metrics", timeout=PATIENCE_SECONDS) as response:
            text: str = response.read().decode()
            return text

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of ``name`` that have these labels."""
        families = text_string_to_metric_families(self.scrape())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def lines(self) -> list[dict[str, Any]]:
        """The log so far, to which the writer has had time to come."""
        seen = len(self.output.getvalue())
        self.log.info("mark", after=seen)
        eventually(lambda: f'"after":{seen}' in self.output.getvalue())
        return [json.loads(line) for line in self.output.getvalue().splitlines() if '"event":"mark"' not in line]

    def stop(self) -> int:
        self.stopped = True
        return self.process.stop()


class Rigged(PolicySet):
    """A set of policies that does not decide but does what a test wants."""

    def __init__(self, decide: Callable[[Request], Decision]) -> None:
        self._decide = decide
        self.engine_version = "rigged"
        self.default_policy_id = "rigged"
        self.zone_names = frozenset()

    @property
    def policy_ids(self) -> tuple[str, ...]:
        return ()

    def decide(self, request: Request, most_violations: int = 0) -> Decision:  # noqa: ARG002
        return self._decide(request)


@contextmanager
def running(policies: PolicySet, clock: Callable[[], int] | None = None, **settings: Any) -> Iterator[Running]:
    """A server that is up until the end of the block."""
    output = io.StringIO()
    log = Log(output, "json", "debug")
    chosen = replace(Settings(), listen=LOOPBACK, metrics_listen=LOOPBACK, **{"threads": 2, "drain_seconds": 2, **settings})
    process = SingleProcess(chosen, policies, from_environment(), log, **({"clock": clock} if clock else {}))
    address, metrics_address = process.start()
    with grpc.insecure_channel(str(address), options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        server = Running(process, address, metrics_address, log, output, channel)
        try:
            yield server
        finally:
            if not server.stopped:
                server.stop()
            log.close()


def health_of(channel: grpc.Channel, service: str = "") -> int:
    """What a server tells a probe."""
    check: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/grpc.health.v1.Health/Check")
    asked = health_pb2.HealthCheckRequest(service=service).SerializeToString()
    return health_pb2.HealthCheckResponse.FromString(check(asked, timeout=PATIENCE_SECONDS)).status


def eventually(holds: Callable[[], T | None]) -> T:
    """Waits for what happens in its own time, and returns it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (seen := holds()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)
    return seen


def refused(call: Callable[[], Any]) -> status_pb2.Status:
    """The status that a call ends with, which is not OK; with its details."""
    answer = refusal_or(call)
    assert isinstance(answer, status_pb2.Status), "the call was answered"
    return answer


def refusal_or(call: Callable[[], T]) -> T | status_pb2.Status:
    """What a call brings: its answer, or the status that it ends with, with its details."""
    try:
        return call()
    except grpc.RpcError as error:
        status: status_pb2.Status | None = rpc_status.from_call(error)  # type: ignore[arg-type]
        return status or status_pb2.Status(code=error.code().value[0], message=error.details() or "")


def ended(server: Running, method: str, message: bytes = b"", metadata: Metadata = ()) -> grpc.Call:
    """A call of any method of the contract with one message, when it has ended."""
    if METHODS[method].server_streaming:
        stream = server.streaming(f"/{method}")(iter([message]), metadata=metadata)
        refusal_or(lambda: list(stream))
        return stream
    call = server.unary(f"/{method}").future(message, metadata=metadata)
    refusal_or(call.result)
    return call


def code_name(status: status_pb2.Status) -> str:
    return next(code.name for code in grpc.StatusCode if code.value[0] == status.code)
