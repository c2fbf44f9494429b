"""What is fed spoilt input by the million: each target draws one, feeds it, and says whether it was taken; a defect raises."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from server.call import CALL, Call
from server.deciding import Deciding
from server.decision_log.record import Unreadable, record_of
from server.decision_log.sealing import NO_KEYS, Keys, read_keys
from server.decision_metrics import DecisionMetrics
from server.errors import is_foreseen
from server.faults import Faults
from server.loading.state import LoadState
from server.log import Log
from server.metrics import CallMetrics
from server.policies_in_force import InForce, PoliciesInForce
from server.service import wire_of
from server.servicers.compensation import CompensationServicer
from tests.access.fuzz import file_holds, token_holds
from tests.fuzz.lines import damaged
from tests.fuzz.policies import policy_holds
from tests.server.decision_logs import files, recording
from tests.server.messages import message_of
from tests.server.running import refusal_or
from tests.support.cases import load_cases, load_published
from tests.support.library import load_policies
from tests.wire.mutating import mutated

NOW: Final = 1_700_000_000
MOST_ITEMS: Final = 4
INTERNAL: Final = 13


# -------------------------------------------------------------------------------------------------------------------- RPC


class _Waits:
    """A caller who waits for as long as it takes."""

    def invocation_metadata(self) -> Sequence[tuple[str, str]]:
        return ()

    def is_active(self) -> bool:
        return True

    def time_remaining(self) -> None:
        return None


class _Rpc:
    """The methods that decide, without a wire before them."""

    def __init__(self) -> None:
        registry, policies = CollectorRegistry(), load_policies()
        metrics = DecisionMetrics(registry)
        metrics.expect(policies)
        in_force = InForce(policies, Deciding(policies, metrics), wire_of(policies, metrics), LoadState.first(policies, NOW))
        faults = Faults(Log(StringIO(), "json", "error"))
        self._servicer = CompensationServicer(PoliciesInForce(in_force), faults, CallMetrics(registry), None, 100, lambda: NOW)
        cases = (*load_cases("cn_standard"), *load_published())
        self._questions = [message_of(case.request).SerializeToString() for case in cases]

    def holds(self, random: Random) -> bool:
        is_batch = random.random() < 0.5
        items = [random.choice(self._questions) for _ in range(random.randint(1, MOST_ITEMS))]
        data = _batch(items) if is_batch else items[0]
        data = random.randbytes(random.randrange(200)) if random.random() < 0.05 else mutated(data, random)
        CALL.set(Call("fuzz", 0.0, "r"))
        method: Callable[[bytes, Any], bytes | Message] = (
            self._servicer.batch_compute if is_batch else self._servicer.compute_compensation
        )
        try:
            answer = method(data, _Waits())
        except Exception as error:
            if not is_foreseen(error):
                raise
            return False
        said = answer if isinstance(answer, bytes) else answer.SerializeToString()
        if not is_batch:
            return service_pb.ComputeCompensationResponse.FromString(said).HasField("decision")
        results = service_pb.BatchComputeResponse.FromString(said).results
        assert all(result.error.code != INTERNAL for result in results), data
        return any(result.HasField("decision") for result in results)


def _batch(items: Sequence[bytes]) -> bytes:
    read = service_pb.ComputeCompensationRequest.FromString
    return service_pb.BatchComputeRequest(items=map(read, items)).SerializeToString()


@cache
def _rpc() -> _Rpc:
    return _Rpc()


def rpc_holds(random: Random) -> bool:
    """Spoilt bytes of a question or a batch are decided, or refused with a reason that is ours."""
    return _rpc().holds(random)


# ----------------------------------------------------------------------------------------------------------- decision log


@cache
def _lines() -> tuple[Sequence[bytes], Keys]:
    """Of a server that was asked all kinds of things, and their keys."""
    with TemporaryDirectory() as directory:
        path = Path(directory)
        with recording(load_policies(), path) as server:
            questions = [message_of(case.request, case.id) for case in load_cases("cn_standard")]
            for each in (*questions, service_pb.ComputeCompensationRequest()):
                refusal_or(lambda each=each: server.compensation.ComputeCompensation(each))  # type: ignore[misc]
            server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=questions[:50]))
        return [line for file in files(path) for line in file.read_bytes().splitlines()], read_keys(path / "keys")


def record_holds(random: Random) -> bool:
    """A damaged line of a decision log is a record, or it is said what it is instead."""
    lines, keys = _lines()
    try:
        record = record_of(damaged(random.choice(lines), random), random.choice((keys, NO_KEYS)))
    except Unreadable:
        return False
    assert isinstance(record.why_not_replayed, str)
    return True


TARGETS: Final[Mapping[str, Callable[[Random], bool]]] = {
    "rpc": rpc_holds,
    "access": file_holds,
    "tokens": token_holds,
    "policies": policy_holds,
    "decision-log": record_holds,
}
"""By the name that the command takes."""
