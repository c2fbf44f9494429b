"""Cerbos: a policy decision point in Go, asked over gRPC as makegood is."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from bench.errors import NoFiguresError
from bench.handwritten import factor_400ths
from bench.peers.installed import CERBOS
from bench.servers import Server, running
from policy import PolicySet, Request

PATH: Final = "/cerbos.svc.v1.CerbosService/CheckResources"
POLICIES: Final = Path(__file__).parent / "policies"
BENEFITS: Final = ("data", "voice", "value_added")
_PATIENCE_SECONDS: Final = 30
_TOLERANCE: Final = 1e-9


@contextmanager
def serving() -> Iterator[Server]:
    """Cerbos with the default policy as far as it can say it, and its own defaults else. Raises NoFiguresError."""
    address = f"127.0.0.1:{_free_port()}"
    settings = {
        "server.grpcListenAddr": address,
        "server.httpListenAddr": f"127.0.0.1:{_free_port()}",
        "storage.driver": "disk",
        "storage.disk.directory": str(POLICIES),
        "storage.disk.watchForChanges": "false",
        "telemetry.disabled": "true",
    }
    command = [str(CERBOS), "server", "--debug-listen-addr=", *(f"--set={name}={value}" for name, value in settings.items())]
    with running([*command, "--log-level=error"]) as process:
        with grpc.insecure_channel(address) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=_PATIENCE_SECONDS)
            except grpc.FutureTimeoutError:
                raise NoFiguresError("Cerbos did not start; what it said stands above") from None
        yield Server(address, (process.pid,))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Cerbos:
    """Speaks Cerbos's contract, which it learns from the server itself."""

    def __init__(self, server: Server) -> None:
        self._server = server
        with grpc.insecure_channel(server.address) as channel:
            pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
            names = ("cerbos.request.v1.CheckResourcesRequest", "cerbos.response.v1.CheckResourcesResponse")
            self._request, self._response = (GetMessageClass(pool.FindMessageTypeByName(name)) for name in names)

    def question(self, requests: Sequence[Request]) -> bytes:
        """One call about subscribers that one outage hit: the outage stands once, as the defaults of a batch do."""
        message: Any = self._request(request_id="bench")
        message.principal.id = "billing"
        message.principal.roles.append("billing")
        outage = requests[0].outages[0]
        assert outage.started_at is not None and outage.ended_at is not None  # INVARIANT: of this room
        shared = message.principal.attr
        shared["cause"].string_value, shared["impact"].string_value = outage.cause, outage.impact
        shared["started_at"].number_value, shared["ended_at"].number_value = outage.started_at, outage.ended_at
        shared["services"].list_value.SetInParent()  # an empty list is one too
        shared["services"].list_value.extend(outage.services)
        for request in requests:
            subscriber = request.subscriber
            assert subscriber is not None and subscriber.monthly_fee is not None  # INVARIANT: of this room
            entry = message.resources.add(actions=BENEFITS)
            entry.resource.kind, entry.resource.id = "compensation", subscriber.subscriber_id
            attributes = entry.resource.attr
            attributes["plan_type"].string_value = subscriber.plan_type
            attributes["monthly_fee"].number_value = subscriber.monthly_fee.amount_minor
            attributes["data_allowance"].number_value = subscriber.data_allowance_bytes or 0
            attributes["data_remaining"].number_value = subscriber.data_remaining_bytes or 0
            attributes["value_added_services"].number_value = len(subscriber.value_added_services)
        data: bytes = message.SerializeToString()
        return data

    def require_agreement(self, policies: PolicySet, requests: Sequence[Request]) -> None:
        """Raises NoFiguresError unless it grants the benefits that we grant, and multiplies with the same factor."""
        answer: Any = self._response.FromString(self._server.answer(PATH, self.question(requests)))
        for request, result in zip(requests, answer.results, strict=True):
            allow = type(answer.results[0]).DESCRIPTOR.fields_by_name["actions"].message_type.fields_by_name["value"]
            allowed = {
                name
                for name, effect in result.actions.items()
                if allow.enum_type.values_by_number[effect].name == "EFFECT_ALLOW"
            }
            granted = {grant.benefit for grant in policies.decide(request).grants}
            factors = [output.val.number_value for output in result.outputs]
            expected = factor_400ths(request) / 400
            if allowed != granted or len(factors) != 1 or abs(factors[0] - expected) > _TOLERANCE:
                raise NoFiguresError(f"Cerbos says {allowed} by {factors}, makegood {granted} by {expected}")
