"""What is free goes back to the system, so that one large batch does not make a worker large for ever."""

import ctypes
import threading
import time

import pytest

from bench.process import resident_bytes
from server import memory

BLOCK_BYTES = 64 * 1024
BLOCKS = 1000
PATIENCE_SECONDS = 30

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]


@pytest.mark.skipif(not hasattr(libc, "malloc_trim"), reason="only glibc can be told")
def test_memory_that_was_freed_between_memory_in_use_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "TRIM_EVERY_SECONDS", 0.01)
    blocks = [libc.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[::2]:
        libc.free(block)
    full = resident_bytes()
    memory.give_back_what_is_free()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while resident_bytes() > full - BLOCKS * BLOCK_BYTES // 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    given_back = full - resident_bytes()
    for block in blocks[1::2]:
        libc.free(block)
    assert given_back > BLOCKS * BLOCK_BYTES // 4


def test_a_library_of_c_that_cannot_be_told_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    before = threading.active_count()
    memory.give_back_what_is_free()
    assert threading.active_count() == before, "a thread was started that has nothing to do"
