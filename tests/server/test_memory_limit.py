"""Large messages, however many come at once, make no worker so large that the system ends it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.memory_limit import LEAST_BYTES, MemoryLimit, cgroup_limit_bytes, limit_bytes
from tests.server.processes import ALL_POLICIES, Served, started
from tests.server.running import PATIENCE_SECONDS, code_name, eventually, refusal_or
from tests.server.samples import question

MIB = 2**20
LONG_BYTES = 15 * MIB
"""Under the limit of a message."""
AT_ONCE = 40
BATCH, STREAM = (f"/makegood.v1.CompensationService/{method}" for method in ("BatchCompute", "StreamCompute"))


def long_message(length_bytes: int = LONG_BYTES) -> bytes:
    """One with a field that nobody knows; it has no rows, and takes no time."""
    return _number(1000 << 3 | 2) + _number(length_bytes) + bytes(length_bytes)


def _number(value: int) -> bytes:
    low, more = value & 127, value >> 7
    return bytes([low | 128]) + _number(more) if more else bytes([low])


def resident_bytes(server: Served, what: str = "VmRSS") -> int:
    lines = Path(f"/proc/{server.process.pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


@contextmanager
def connections(server: Served, number: int) -> Iterator[list[grpc.Channel]]:
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    with ExitStack() as stack:
        yield [stack.enter_context(grpc.insecure_channel(server.address, options=options)) for _ in range(number)]


def all_at_once(server: Served, message: bytes) -> list[bytes | status_pb2.Status]:
    """What each of many callers gets for it."""
    with connections(server, AT_ONCE) as channels, ThreadPoolExecutor(AT_ONCE) as callers:

        def ask(channel: grpc.Channel) -> "bytes | status_pb2.Status":
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(BATCH)
            return refusal_or(lambda: call(message, timeout=PATIENCE_SECONDS))

        asked: list[Future[bytes | status_pb2.Status]] = [callers.submit(ask, channel) for channel in channels]
        return [each.result() for each in asked]


def test_many_large_messages_at_once_are_turned_away_and_the_next_small_one_is_answered() -> None:
    with started("--max-memory-bytes", str(LEAST_BYTES), "--log-calls", "failed", environment=ALL_POLICIES) as server:
        answers = all_at_once(server, long_message())
        refused = [answer for answer in answers if isinstance(answer, status_pb2.Status)]
        assert refused
        assert {code_name(status) for status in refused} == {"RESOURCE_EXHAUSTED"}
        assert all(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for status in refused for detail in status.details[:1])
        assert resident_bytes(server, "VmHWM") < LEAST_BYTES + AT_ONCE * LONG_BYTES // 2
        assert server.metric("makegood_grpc_calls_refused_total", reason="SHORT_OF_MEMORY") == len(refused)
        assert {line["refused"] for line in server.events("call")} == {"SHORT_OF_MEMORY"}
        assert server.metric("makegood_memory_limit_bytes") == LEAST_BYTES
        with server.channel() as channel:
            stub = compensation_grpc.CompensationServiceStub(channel)
            eventually(lambda: not isinstance(refusal_or(lambda: stub.ComputeCompensation(question())), status_pb2.Status))


def test_streams_that_wait_hold_nothing_of_what_they_sent() -> None:
    with started("--log-calls", "none", environment=ALL_POLICIES) as server, connections(server, AT_ONCE) as channels:
        at_rest_bytes, done = resident_bytes(server), Event()

        def messages() -> Iterator[bytes]:
            yield long_message()
            done.wait()

        methods: list[grpc.StreamStreamMultiCallable[bytes, bytes]] = [channel.stream_stream(STREAM) for channel in channels]
        streams = [method(messages(), timeout=2 * PATIENCE_SECONDS) for method in methods]
        try:
            for stream in streams:
                next(stream)
            eventually(lambda: resident_bytes(server) < at_rest_bytes + AT_ONCE * LONG_BYTES * 2 // 3)
            assert all(stream.is_active() for stream in streams)
        finally:
            done.set()


def test_what_is_held_while_no_call_is_in_flight_is_not_held_by_calls() -> None:
    limit = MemoryLimit(1000, lambda: 1001)
    assert not limit.look(is_busy=False)
    assert limit.look(is_busy=True)
    assert limit.is_short
    assert not limit.look(is_busy=False)
    assert not MemoryLimit(0, lambda: 2**50).look(is_busy=True)


@pytest.mark.parametrize(
    ("group", "files", "limit"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "1000\n"}, 1000),
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": "500"}, 500),
        ("0::/of/the/host\n", {"memory.max": "700\n"}, 700),
        ("4:cpu:/a\n3:memory:/a\n", {"memory/a/memory.limit_in_bytes": "800"}, 800),
        ("3:memory:/a\n", {"memory/a/memory.limit_in_bytes": "9223372036854771712"}, 0),
        ("0::/\n", {}, 0),
        ("", {"memory.max": "700"}, 0),
    ],
)
def test_the_limit_of_the_system_is_found(tmp_path: Path, group: str, files: dict[str, str], limit: int) -> None:
    (tmp_path / "cgroup").write_text(group)
    for name, content in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(content)
    assert cgroup_limit_bytes(tmp_path / "cgroup", tmp_path / "fs") == limit
    assert cgroup_limit_bytes(tmp_path / "nothing", tmp_path / "fs") == 0


def test_each_worker_has_its_share_and_what_is_given_wins() -> None:
    assert limit_bytes(0, 1, 2**30) == 640 * MIB
    assert limit_bytes(0, 2, 2**30) == 320 * MIB
    assert limit_bytes(LEAST_BYTES, 4, 2**30) == LEAST_BYTES
    assert limit_bytes(0, 1, 0) == 0
    assert limit_bytes(0, 1, 300 * MIB) == 0
