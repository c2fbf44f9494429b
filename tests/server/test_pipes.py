"""Whoever holds the other end of stdout and stderr, or does not, the server answers and stops; and lines are JSON."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.standard_streams import Output, _pieces
from tests.server.processes import FREE_PORTS, ONE_POLICY, ROOT, START_SECONDS, STOP_SECONDS, command, listening
from tests.server.running import PATIENCE_SECONDS, eventually
from tests.server.samples import question
from tests.server.two_workers import breaking, two_workers

WORKERS = ("1", "2")
PIPE_BYTES = 4096
CALLS, METRICS = "127.0.0.1", "127.0.0.2"
"""Addresses of their own, so that it is seen from outside on which port calls are answered."""


@contextlib.contextmanager
def serving(
    workers: str, stdout: int = subprocess.DEVNULL, stderr: int = subprocess.DEVNULL, closed: tuple[int, ...] = ()
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A server that answers, whether or not it could say so. Descriptors in ``closed`` are closed in it."""
    # By a shell: a function to call before the exec wants a fork, which lacks the threads that grpcio has in this process.
    closing = ["/bin/sh", "-c", " ".join(('exec "$@"', *(f"{descriptor}>&-" for descriptor in closed))), "sh"]
    process = subprocess.Popen(
        [*closing, *command("--listen", f"{CALLS}:0", "--metrics-listen", f"{METRICS}:0", "--workers", workers)],
        cwd=ROOT,
        env={**os.environ, **ONE_POLICY},
        stdout=stdout,
        stderr=stderr,
    )
    try:
        yield process, listening(process, CALLS)
    finally:
        process.kill()
        process.wait()


def ask(address: str, times: int) -> None:
    with grpc.insecure_channel(address) as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        for _ in range(times):
            stub.ComputeCompensation(question(), timeout=PATIENCE_SECONDS)


def stops(process: "subprocess.Popen[bytes]") -> bool:
    process.send_signal(signal.SIGTERM)
    return process.wait(STOP_SECONDS) == 0


@contextlib.contextmanager
def unread(filled: bool) -> Iterator[int]:
    """The end to write to of a small pipe that nobody reads."""
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    if filled:
        os.write(writer, b"x" * size)
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("workers", WORKERS)
def test_lines_that_nobody_reads_hold_up_neither_calls_nor_the_stop(workers: str) -> None:
    with unread(filled=False) as writer, serving(workers, stderr=writer) as (process, address):
        ask(address, 100)
        assert stops(process)


@pytest.mark.parametrize("workers", WORKERS)
def test_streams_that_are_full_hold_up_neither_the_start_nor_the_stop(workers: str) -> None:
    with unread(filled=True) as writer, serving(workers, stdout=writer, stderr=writer) as (process, address):
        ask(address, 10)
        assert stops(process)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)])
def test_a_stream_that_is_closed_is_no_matter(closed: tuple[int, ...], workers: str) -> None:
    """No socket takes its number, and nothing is written to one."""
    with serving(workers, closed=closed) as (process, address):
        ask(address, 10)
        for descriptor in closed:
            assert Path(f"/proc/{process.pid}/fd/{descriptor}").readlink() != Path("socket")
        assert stops(process)


@pytest.mark.parametrize("workers", WORKERS)
def test_a_reader_who_leaves_is_no_matter(workers: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with serving(workers, stdout=writer, stderr=writer) as (process, address):
            ask(address, 10)
            assert stops(process)
    finally:
        os.close(writer)


def test_a_disk_that_is_full_is_no_matter() -> None:
    with Path("/dev/full").open("w") as full, serving("1", full.fileno(), full.fileno()) as (process, address):
        ask(address, 10)
        assert stops(process)


# ---------------------------------------------------------------------------------------------------------------- lines


STRAY = """
import ctypes, logging, os, sys, threading, warnings
from server.log import Log
from server.standard_streams import Output
from server.stray import log_what_native_parts_print, log_what_python_prints, own_stderr

log = Log(Output(own_stderr()), "json", "info")
log_what_python_prints(log)
log_what_native_parts_print(log)
warnings.warn("a warning")
logging.getLogger("grpc._server").error("a message")
try:
    raise LookupError("13800138000")
except LookupError:
    logging.getLogger("grpc._server").exception("13800138000")
class Unraisable:
    def __del__(self):
        raise LookupError("13800138000")
Unraisable()
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
os.write(2, b"thread 'main' panicked at reader.rs:1:\\nand more\\n")
print("printed", file=sys.stderr, flush=True)
threading.Event().wait(1)
sys.excepthook(KeyError, KeyError("13800138000"), None)
log.close()
"""


def test_what_others_print_are_log_lines_without_the_texts_of_errors() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRAY], cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in lines if line["event"] == "native message"] == [
        "thread 'main' panicked at reader.rs:1:",
        "and more",
        "printed",
    ]
    messages = [line for line in lines if line["event"] == "library message"]
    assert "UserWarning: a warning" in messages[0]["message"]
    assert messages[1]["message"] == "a message"
    assert messages[2]["exception"] == ["builtins.LookupError"]
    uncaught = [line["exception"] for line in lines if line["event"] in {"uncaught exception", "unraisable exception"}]
    assert sorted(uncaught) == [["builtins.KeyError"], ["builtins.LookupError"], ["builtins.ZeroDivisionError"]]
    assert "13800138000" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--workers", "1"), {"GRPC_VERBOSITY": "debug", "GRPC_TRACE": "tcp"}),
        (("--workers", "2"), {"GRPC_VERBOSITY": "debug", "GRPC_TRACE": "tcp"}),
        (("--no-such-flag",), {}),
        (("--listen", "192.0.2.1:1"), {}),
        (("--workers", "2", "--listen", "192.0.2.1:1"), {}),
        ((), {"PYTHONPATH": "{broken}"}),
    ],
    ids=["grpcio", "grpcio in workers", "a flag", "a port", "a port of workers", "a broken installation"],
)
def test_every_line_is_json_from_the_first_to_the_last(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    broken = Path(tmp_path, "orjson.py")
    broken.write_text("raise LookupError")
    process = subprocess.Popen(
        command(*FREE_PORTS, *arguments),
        cwd=ROOT,
        env={**os.environ, **ONE_POLICY, **{name: value.format(broken=tmp_path) for name, value in environment.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()  # ready, or at its end
    process.terminate()
    told = process.communicate(timeout=START_SECONDS)[1].splitlines()
    assert told
    assert all(json.loads(line)["event"] for line in told)


def test_the_last_words_of_a_worker_are_log_lines_of_its_parent(tmp_path: Path) -> None:
    with two_workers(environment=breaking(tmp_path, last_words="thread panicked")) as server:
        Path(tmp_path, "broken").touch()
        os.kill(server.events("worker ready")[0]["pid"], signal.SIGKILL)
        line = eventually(lambda: server.events("native message"))[0]
        assert line["message"] == "thread panicked"
        assert line["worker"] in {0, 1}


def test_a_reader_who_stalls_is_left_whole_lines() -> None:
    """Lines go out in pieces that a pipe takes at once or not at all."""
    lines = [b"x" * size + b"\n" for size in (0, 1, 2000, 2000, 2000, select.PIPE_BUF - 1, select.PIPE_BUF, 9000, 1)]
    pieces = list(_pieces(b"".join(lines)))
    assert b"".join(pieces) == b"".join(lines)
    assert all(piece.endswith(b"\n") for piece in pieces)
    assert [len(piece) for piece in pieces if len(piece) > select.PIPE_BUF] == [select.PIPE_BUF + 1, 9001]


def test_a_stream_that_does_not_wait_is_waited_for() -> None:
    """Whoever shares it with us may have set it so; what is more than it takes is not lost."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    text = "".join(f"{number:09d}\n" for number in range(2 * size // 10))
    with subprocess.Popen(["cat"], stdin=reader, stdout=subprocess.PIPE, text=True) as cat:
        os.close(reader)
        Output(writer).write(text)
        os.close(writer)
        assert cat.communicate(timeout=PATIENCE_SECONDS)[0] == text
