"""``python -m bench.stream_client ADDRESS ROWS SERVER_PID``: sends rows through one stream and reads all answers.

Prints, for each tenth of the rows, how many there were by then, the seconds since the first, and what is resident of server and
client, in bytes, as JSON. No two messages are alike, so that whatever is kept by what it was asked for grows.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Final

import grpc

from bench.process import resident_bytes
from bench.rows import shared
from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub

ROWS_OF_A_MESSAGE: Final = 1_000
_MARKS: Final = 10


def messages(count: int) -> Iterator[service_pb.StreamComputeRequest]:
    """So many messages, each with other subscribers and another outage."""
    alike = shared(ROWS_OF_A_MESSAGE).SerializeToString()
    for number in range(count):
        # A message of its own each time: one whose texts are set again and again keeps all that it ever held.
        message = service_pb.StreamComputeRequest.FromString(alike)
        outage = message.defaults.outages[0]
        outage.outage_id = f"outage-{number}"
        outage.started_at.seconds += number
        outage.ended_at.seconds += 2 * number
        for row, item in enumerate(message.items):
            item.subscriber.subscriber_id = f"subscriber-{number * ROWS_OF_A_MESSAGE + row:012}"
        yield message


def run(address: str, rows: int, server_pid: int) -> list[dict[str, float]]:
    """The marks. Raises grpc.RpcError, ValueError where a row is not decided."""
    count = max(_MARKS, rows // ROWS_OF_A_MESSAGE)
    marks: list[dict[str, float]] = []
    with grpc.insecure_channel(address) as channel:
        began = time.perf_counter()
        answers = CompensationServiceStub(channel).StreamCompute(messages(count), timeout=3600)
        for number, answer in enumerate(answers, 1):
            if sum(result.HasField("decision") for result in answer.results) != ROWS_OF_A_MESSAGE:
                raise ValueError("a row was not decided")
            if number * _MARKS // count > len(marks):
                seconds = time.perf_counter() - began
                sizes = {"server": resident_bytes(server_pid), "client": resident_bytes()}
                marks.append({"rows": number * ROWS_OF_A_MESSAGE, "seconds": seconds, **sizes})
    return marks


if __name__ == "__main__":
    given_address, *numbers = sys.argv[1:]
    print(json.dumps(run(given_address, *[int(number) for number in numbers])))
