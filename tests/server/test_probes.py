"""Health and reflection, as any standard tool asks for them."""

from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from server.probes import Health
from tests.server.running import Running, code_name, refused

SERVICES = ("makegood.v1.CompensationService", "makegood.v1.PolicyService")


def reflect(server: Running, **asked: str) -> reflection_pb2.ServerReflectionResponse:
    request = reflection_pb2.ServerReflectionRequest(**asked)  # type: ignore[arg-type]
    call = server.streaming("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    (answer,) = call(iter([request.SerializeToString()]))
    return reflection_pb2.ServerReflectionResponse.FromString(answer)


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_the_server_and_each_service_are_serving_once_they_are_up(server: Running, service: str) -> None:
    assert server.health(service) == health_pb2.HealthCheckResponse.SERVING


def test_a_service_that_is_not_here_is_not_found(server: Running) -> None:
    assert code_name(refused(lambda: server.health("nobody.Service"))) == "NOT_FOUND"


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_nothing_is_serving_before_it_is_said(service: str) -> None:
    unasked: Any = None
    answer = Health(SERVICES).check(health_pb2.HealthCheckRequest(service=service), unasked)
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_a_watcher_hears_the_state(server: Running) -> None:
    call: grpc.UnaryStreamMultiCallable[bytes, bytes] = server.channel.unary_stream("/grpc.health.v1.Health/Watch")
    answers = call(health_pb2.HealthCheckRequest().SerializeToString())
    assert health_pb2.HealthCheckResponse.FromString(next(answers)).status == health_pb2.HealthCheckResponse.SERVING
    answers.cancel()


def test_reflection_lists_the_services(server: Running) -> None:
    listed = {service.name for service in reflect(server, list_services="").list_services_response.service}
    reflection = {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}
    assert {*SERVICES, *reflection, "grpc.health.v1.Health"} == listed


def test_reflection_gives_the_contract(server: Running) -> None:
    answer = reflect(server, file_containing_symbol="makegood.v1.CompensationService")
    files = [FileDescriptorProto.FromString(file) for file in answer.file_descriptor_response.file_descriptor_proto]
    methods = [method.name for file in files for service in file.service for method in service.method]
    assert {"ComputeCompensation", "BatchCompute", "StreamCompute"} <= set(methods)


def test_probes_are_in_no_log_and_no_metric(server: Running) -> None:
    server.health()
    assert "grpc.health" not in server.scrape()
    assert not [line for line in server.lines() if "Health" in str(line)]
