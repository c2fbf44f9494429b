"""The same sample as messages, over the wire: alone, in batches and in a stream, each is answered what is kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pytest
from google.rpc import code_pb2, status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from server.limits import QUESTION_STEPS
from tests.kept.answering import NOW
from tests.kept.chunks import chunks
from tests.kept.digests import answers_of, as_message
from tests.kept.dumps import difference, told
from tests.server.messages import details_of
from tests.server.running import Running, refusal_or, running

ROWS: Final = 300
"""Of a batch."""
ALONE: Final = 4
"""One in so many is asked in a call of its own, which takes as long as ten rows."""
LEFT_OUT: Final = 0.05
"""Of the sample, at most: what no message can ask, and what is more work than a server takes on for one."""
CODES: Final = {
    "InvalidRequest": code_pb2.INVALID_ARGUMENT,
    "UnknownPolicy": code_pb2.NOT_FOUND,
    "NotInForce": code_pb2.FAILED_PRECONDITION,
    "SeveralVersions": code_pb2.FAILED_PRECONDITION,
    "TooLarge": code_pb2.OUT_OF_RANGE,
}
OF_CATALOG: Final = [each for each in chunks().values() if each.is_of_the_sample and each.of != "made-up"]
Messages = Sequence[service_pb.ComputeCompensationRequest]
Ask = Callable[[Running, Messages], list[service_pb.BatchResult]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages, and what the library answers to each of them, which other tests hold to what is kept."""

    messages: Messages
    answers: Sequence[bytes]


@pytest.fixture(scope="module")
def sample() -> Sample:
    pairs = [(as_message(asked), answer) for chunk in OF_CATALOG for asked, answer in answers_of(chunk)]
    held = [(message, answer) for message, answer in pairs if message is not None]
    assert len(held) > (1 - LEFT_OUT) * len(pairs)
    return Sample([message for message, _ in held], [answer for _, answer in held])


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    _, answerer = next(OF_CATALOG[0].draw())
    with running(answerer.policies, clock=lambda: NOW) as opened:
        yield opened


def alone(server: Running, messages: Messages) -> list[service_pb.BatchResult]:
    return [one_alone(server, message) for message in messages]


def one_alone(server: Running, message: service_pb.ComputeCompensationRequest) -> service_pb.BatchResult:
    answer = refusal_or(lambda: server.compensation.ComputeCompensation(message))
    if isinstance(answer, status_pb2.Status):
        return service_pb.BatchResult(error=answer)
    return service_pb.BatchResult(decision=answer.decision)


def in_batches(server: Running, messages: Messages) -> list[service_pb.BatchResult]:
    ask = server.compensation.BatchCompute
    batches = [service_pb.BatchComputeRequest(items=messages[first : first + ROWS]) for first in range(0, len(messages), ROWS)]
    return [result for batch in batches for result in ask(batch).results]


def in_a_stream(server: Running, messages: Messages) -> list[service_pb.BatchResult]:
    parts = (service_pb.StreamComputeRequest(items=messages[first : first + ROWS]) for first in range(0, len(messages), ROWS))
    return [result for answer in server.compensation.StreamCompute(parts) for result in answer.results]


@pytest.mark.parametrize(("ask", "every"), [(alone, ALONE), (in_batches, 1), (in_a_stream, 1)], ids=lambda way: "")
def test_every_way_gives_the_answer_that_is_kept(server: Running, sample: Sample, ask: Ask, every: int) -> None:
    """To the byte what is decided; what is refused, for the same cause and the same fields, whose texts may be cut."""
    messages, answers = sample.messages[::every], sample.answers[::every]
    results, too_much = ask(server, messages), 0
    assert len(results) == len(messages)
    for message, expected, result in zip(messages, answers, results, strict=True):
        if result.HasField("decision"):
            found = result.decision.SerializeToString(deterministic=True)
            assert found == expected, f"{told(message)}\n{difference(expected, found)}"
        elif f"at most {QUESTION_STEPS} are taken" in result.error.message:
            too_much += 1
        else:
            assert expected.startswith(b"{"), told(message)
            kept = json.loads(expected)
            assert result.error.code == CODES[kept["error"]], told(message)
            assert fields_of(result.error) <= {field for field, _ in kept.get("violations", [])}, told(message)
    assert too_much < LEFT_OUT * len(messages)


def fields_of(error: status_pb2.Status) -> set[str]:
    """The paths that it tells of in full."""
    bad = details_of(error).get("BadRequest")
    return {each.field for each in bad.field_violations if each.field and "…" not in each.field} if bad else set()
