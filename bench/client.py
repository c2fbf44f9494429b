"""``python -m bench.client ADDRESS METHOD CALLS IN_FLIGHT ANSWER_BYTES``: calls with the request on stdin, prints seconds.

Stands in for h2load where that is not installed.
"""

import sys
import time
from threading import Semaphore

import grpc

from server.metadata import RECEIVES_KEY


def run(address: str, method: str, request: bytes, calls: int, in_flight: int, answer_bytes: int) -> float:
    """The seconds that the calls took. Raises grpc.RpcError, ValueError where one is not answered as it must be."""
    free = Semaphore(in_flight)

    def ended(_: object) -> None:
        free.release()

    takes = ((RECEIVES_KEY, str(2**30)),)
    with grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        call(request, metadata=takes)  # connects
        under_way = []
        began = time.perf_counter()
        for _ in range(calls):
            free.acquire()
            future = call.future(request, metadata=takes)
            future.add_done_callback(ended)
            under_way.append(future)
        answers = [future.result() for future in under_way]
        seconds = time.perf_counter() - began
    if any(len(answer) != answer_bytes for answer in answers):
        raise ValueError(f"an answer does not have {answer_bytes} bytes")
    return seconds


if __name__ == "__main__":
    given_address, given_method, *numbers = sys.argv[1:]
    print(run(given_address, given_method, sys.stdin.buffer.read(), *[int(number) for number in numbers]))
