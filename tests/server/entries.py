"""The server as an entry point, three times: one call for each request, all of them in a batch, all of them in a stream."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, Request
from tests.server.messages import decision_of, error_of, message_of
from tests.server.running import Running, refusal_or, running
from tests.support.entries import Entry, Result
from tests.support.library import load_policies

ROWS_OF_A_MESSAGE: Final = 7
"""Rows in each message of the stream; no count of cases should divide by it."""

DecideAll = Callable[[Running, Sequence[Request]], list[Result]]


@contextmanager
def open_unary() -> Iterator[Entry]:
    """ComputeCompensation."""
    with running(load_policies()) as server:
        yield Entry("unary", partial(_one_call, server))


@contextmanager
def open_batch() -> Iterator[Entry]:
    """BatchCompute."""
    yield from _of_rows("batch", _one_batch)


@contextmanager
def open_stream() -> Iterator[Entry]:
    """StreamCompute."""
    yield from _of_rows("stream", _one_stream)


def _of_rows(name: str, decide_all: DecideAll) -> Iterator[Entry]:
    with running(load_policies()) as server:

        def decide(request: Request) -> Decision:
            (result,) = decide_all(server, [request])
            if isinstance(result, Decision):
                return result
            raise result

        yield Entry(name, decide, partial(decide_all, server))


def _one_call(server: Running, request: Request) -> Decision:
    answer = refusal_or(lambda: server.compensation.ComputeCompensation(message_of(request)))
    if isinstance(answer, service_pb.ComputeCompensationResponse):
        return decision_of(answer.decision)
    raise error_of(answer)


def _one_batch(server: Running, requests: Sequence[Request]) -> list[Result]:
    answer = server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=_rows(requests)))
    return _results(answer.results, requests)


def _one_stream(server: Running, requests: Sequence[Request]) -> list[Result]:
    rows = _rows(requests)
    pieces = [rows[start : start + ROWS_OF_A_MESSAGE] for start in range(0, len(rows), ROWS_OF_A_MESSAGE)]
    answers = server.compensation.StreamCompute(service_pb.StreamComputeRequest(items=piece) for piece in pieces)
    return _results([result for answer in answers for result in answer.results], requests)


def _rows(requests: Sequence[Request]) -> list[service_pb.ComputeCompensationRequest]:
    return [message_of(request, str(index)) for index, request in enumerate(requests)]


def _results(results: Sequence[service_pb.BatchResult], requests: Sequence[Request]) -> list[Result]:
    assert [result.request_id for result in results] == [str(index) for index in range(len(requests))]
    return [
        decision_of(result.decision) if result.WhichOneof("result") == "decision" else error_of(result.error)
        for result in results
    ]
